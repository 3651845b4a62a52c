# SPDX-License-Identifier: MIT
# What the interface compiler makes of abi/*.defs, the same for all variants: headers in build/gen/include/abi, sources
# in build/gen.

DEFS       := $(sort $(wildcard abi/*.defs))
TRAP_DEFS  := $(shell grep -lE '^traps ' $(DEFS) /dev/null)
FACE_DEFS  := $(filter-out $(TRAP_DEFS),$(DEFS))
FACES      := $(FACE_DEFS:abi/%.defs=%)
GDEFS      := python3 tools/gdefs/main.py
GDEFS_SRC  := $(wildcard tools/gdefs/*.py)
GI         := $(G)/include/abi

GEN_HEADERS := $(FACES:%=$(GI)/%.h) $(FACES:%=$(GI)/%_server.h) \
               $(GI)/traps.h $(GI)/trap_numbers.h $(GI)/trap_kernel.h \
               $(G)/include/mach/mach_traps.h $(G)/include/mach/mach_port.h $(G)/include/mach/semaphore.h \
               $(G)/include/screen_font.h

$(GI)/%_server.h: abi/%.defs $(GDEFS_SRC)
	@mkdir -p $(@D)
	$(GDEFS) --emit server-header --output $@ $<
$(GI)/%.h: abi/%.defs $(GDEFS_SRC)
	@mkdir -p $(@D)
	$(GDEFS) --emit user-header --output $@ $<
$(G)/%_user.c: abi/%.defs $(GDEFS_SRC)
	@mkdir -p $(@D)
	$(GDEFS) --emit user-source --header abi/$*.h --output $@ $<
$(G)/%_server.c: abi/%.defs $(GDEFS_SRC)
	@mkdir -p $(@D)
	$(GDEFS) --emit server-source --header abi/$*_server.h --output $@ $<

$(GI)/traps.h: $(TRAP_DEFS) $(GDEFS_SRC)
	@mkdir -p $(@D)
	$(GDEFS) --emit trap-user-header --output $@ $(TRAP_DEFS)
$(GI)/trap_numbers.h: $(TRAP_DEFS) $(GDEFS_SRC)
	@mkdir -p $(@D)
	$(GDEFS) --emit trap-numbers --output $@ $(TRAP_DEFS)
$(GI)/trap_kernel.h: $(TRAP_DEFS) $(GDEFS_SRC)
	@mkdir -p $(@D)
	$(GDEFS) --emit trap-kernel-header --output $@ $(TRAP_DEFS)
$(G)/trap_user.c: $(TRAP_DEFS) $(GDEFS_SRC)
	@mkdir -p $(@D)
	$(GDEFS) --emit trap-user-source --header abi/traps.h --output $@ $(TRAP_DEFS)
$(G)/trap_kernel.c: $(TRAP_DEFS) $(GDEFS_SRC)
	@mkdir -p $(@D)
	$(GDEFS) --emit trap-kernel-source --header abi/trap_kernel.h --output $@ $(TRAP_DEFS)
$(G)/decoder.c: $(DEFS) $(GDEFS_SRC)
	@mkdir -p $(@D)
	$(GDEFS) --emit decoder --output $@ $(DEFS)
$(G)/grammar.c: $(DEFS) $(GDEFS_SRC)
	@mkdir -p $(@D)
	$(GDEFS) --emit fuzz-grammar --output $@ $(DEFS)
build/reference.md: $(DEFS) $(GDEFS_SRC)
	@mkdir -p $(@D)
	$(GDEFS) --emit reference --output $@ $(DEFS)

$(G)/include/mach/mach_traps.h:
	@mkdir -p $(@D)
	printf '#include <abi/traps.h>\n' > $@
$(G)/include/mach/mach_port.h:
	@mkdir -p $(@D)
	printf '#include <abi/traps.h>\n#include <abi/mach_port.h>\n' > $@
$(G)/include/mach/semaphore.h:
	@mkdir -p $(@D)
	printf '#include <abi/traps.h>\n' > $@

# The font of lib/screen, from Debian's grub-common.
$(G)/include/screen_font.h: tools/mkfont.py
	@mkdir -p $(@D)
	tools/mkfont.py /usr/share/grub/unicode.pf2 $@

.PHONY: gen
gen: $(GEN_HEADERS)
