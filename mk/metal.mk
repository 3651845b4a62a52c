# SPDX-License-Identifier: MIT
# The metal by name: a CD, and QEMU.

METAL_NEEDS := build/kernel.elf build/gila.tar.lzma
build/kernel.elf: build/release/bare/kernel.elf
	@ln -sf release/bare/kernel.elf $@
ifneq ($(V),release)
build/release/bare/kernel.elf: FORCE
	@$(MAKE) --no-print-directory V=release $@
endif

# EXEC= as in `make run`: commands instead of the prompt.
.PHONY: iso
iso: $(PACKAGES_STAMP)
	@$(MAKE) --no-print-directory -s $(METAL_NEEDS)
	@tools/mkiso.sh build/kernel.elf build/gila.tar.lzma build/gila.iso $$(tools/metal-words.py $(if $(EXEC),'exec=$(EXEC)'))
	@echo "build/gila.iso boots from BIOS and from UEFI"
