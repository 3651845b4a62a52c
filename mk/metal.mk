# SPDX-License-Identifier: MIT
# The metal by name: a CD, and QEMU.

METAL_NEEDS := build/kernel.elf build/gila.tar.lzma
build/kernel.elf: build/release/bare/kernel.elf
	@ln -sf release/bare/kernel.elf $@
ifneq ($(V),release)
build/release/bare/kernel.elf: FORCE
	@$(MAKE) --no-print-directory V=release $@
endif

METAL_WORDS = $$(tools/metal-words.py $(if $(EXEC),'exec=$(EXEC)'))
METAL_ARCHIVE.diskless := gila.tar.lzma
METAL_ARCHIVE.disk     := disk.tar.lzma
METAL_DISK.disk        := build/run-disk.img

# DISPLAY=1 hides what the windows of the host are on: make's own environment still has it.
METAL_SCREEN = $(if $(filter 1,$(DISPLAY)),SCREEN=1 DISPLAY="$$(sed -zn 's/^DISPLAY=//p' /proc/$$PPID/environ | tr -d '\0')")
METAL_RUN    = CPUS='$(CPUS)' MEMORY='$(MEMORY)' LOG='$(LOG)' DISKS='$(METAL_DISK.$(CONFIG)) $(DISK)'

.PHONY: run-x86_64 gdb-x86_64
run-x86_64: $(PACKAGES_STAMP)
	@$(MAKE) --no-print-directory -s build/kernel.elf build/gila.tar.lzma $(RUN_NEEDS.$(CONFIG))
	@$(METAL_RUN) $(METAL_SCREEN) tools/run-metal.sh build/kernel.elf build/$(METAL_ARCHIVE.$(CONFIG)) $(METAL_WORDS)

# The kernel is of the variant debug; the programs are those that people run.
gdb-x86_64: $(PACKAGES_STAMP)
	@$(MAKE) --no-print-directory -s V=debug build/debug/bare/kernel.elf
	@$(MAKE) --no-print-directory -s build/gila.tar.lzma $(RUN_NEEDS.$(CONFIG))
	@$(METAL_RUN) GDB=1 tools/run-metal.sh build/debug/bare/kernel.elf build/$(METAL_ARCHIVE.$(CONFIG)) $(METAL_WORDS)

# EXEC= as in `make run`: commands instead of the prompt.
.PHONY: iso
iso: $(PACKAGES_STAMP)
	@$(MAKE) --no-print-directory -s $(METAL_NEEDS)
	@tools/mkiso.sh build/kernel.elf build/gila.tar.lzma build/gila.iso $(METAL_WORDS)
	@echo "build/gila.iso boots from BIOS and from UEFI"
