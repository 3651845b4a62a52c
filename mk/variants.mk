# SPDX-License-Identifier: MIT
# The variants, one line each:  compiler, flags of everything, extra flags of what runs under sanitizers.
# `make V=asan test-unit` builds into build/asan. Userland programs are static-PIE and never sanitized.
variant.debug   = gcc   | -Og -g -DKERNEL_CHECKS |
variant.release = gcc   | -O2 -g |
variant.clang   = clang | -O2 -g -DKERNEL_CHECKS |
variant.asan    = clang | -O1 -g -DKERNEL_CHECKS -fno-omit-frame-pointer | -fsanitize=address,undefined -fno-sanitize-recover=all
variant.tsan    = clang | -O1 -g -DKERNEL_CHECKS -fno-omit-frame-pointer | -fsanitize=thread
variant.fuzz    = clang | -O1 -g -DKERNEL_CHECKS -fno-omit-frame-pointer | -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all

VARIANTS := debug release clang asan tsan fuzz
ifeq ($(filter $(V),$(VARIANTS)),)
$(error V=$(V) is not a variant; choose one of: $(VARIANTS))
endif

CC       := $(strip $(word 1,$(subst |, ,$(variant.$(V)))))
OPTFLAGS := $(strip $(shell echo '$(variant.$(V))' | cut -d'|' -f2))
SANFLAGS := $(strip $(shell echo '$(variant.$(V))' | cut -d'|' -f3))

WARNINGS := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wno-unused-parameter -Werror
CFLAGS   := -std=gnu17 $(WARNINGS) -fno-strict-aliasing -fno-common -MMD -MP $(OPTFLAGS)
