# SPDX-License-Identifier: MIT
# Gila. `make help` lists what can be made; docs/build.md says how it hangs together.
#   V=release|debug|clang|asan|tsan|fuzz   the variant (mk/variants.mk)

V ?= release
B := build/$(V)
G := build/gen

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SECONDARY:
MAKEFLAGS += --no-builtin-rules

include mk/variants.mk
include mk/packages.mk
include mk/gen.mk
include mk/kernel.mk
include mk/linux.mk
include mk/user.mk
include mk/darwin.mk
include mk/test.mk
include mk/system.mk
include mk/metal.mk
include mk/goals.mk

-include $(shell find $(B) -name '*.d' 2>/dev/null)
