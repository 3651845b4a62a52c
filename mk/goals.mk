# SPDX-License-Identifier: MIT
# What people ask for.

.PHONY: all run test test-unit test-system bench fuzz stats gdb help clean

all: $(PACKAGES_STAMP)
	@$(MAKE) --no-print-directory V=$(V) $(B)/gila $(B)/gila.tar.lzma build/gila build/reference.md

# CONFIG=diskless (the default) or disk.
CONFIG ?= diskless
ifeq ($(filter $(CONFIG),diskless disk),)
$(error CONFIG=$(CONFIG) is no configuration; choose diskless or disk)
endif
RUN_NEEDS.diskless :=
RUN_NEEDS.disk     := build/disk.tar.lzma build/run-disk.img
RUN_WITH.diskless  :=
RUN_WITH.disk      := --image build/disk.tar.lzma --disk build/run-disk.img
# MACHINE=linux (the default), or x86_64: the metal in QEMU (mk/metal.mk).
MACHINE ?= linux
ifeq ($(filter $(MACHINE),linux x86_64),)
$(error MACHINE=$(MACHINE) is no machine to run on; choose linux or x86_64)
endif
run: run-$(MACHINE)
.PHONY: run-linux
run-linux: $(PACKAGES_STAMP)
	@$(MAKE) --no-print-directory -s build/gila $(RUN_NEEDS.$(CONFIG))
	@build/gila boot $(RUN_WITH.$(CONFIG)) $(foreach disk,$(DISK),--disk $(disk)) $(if $(EXEC),--exec '$(EXEC)') $(if $(WORKERS),--workers $(WORKERS)) $(if $(LOG),--log $(LOG))

test: $(PACKAGES_STAMP)
	@tools/test.sh

.PHONY: test-unit-build
test-unit-build: $(B)/kernel-test $(FOLDER_TESTS) $(FUZZ_TARGETS) $(B)/archive_dump $(B)/partition_dump $(B)/pcie_dump $(B)/acpi_power $(B)/md-test-linux $(B)/linux-test

# The unit tests and corpora of one variant.
test-unit: $(B)/kernel-test $(FOLDER_TESTS) $(FUZZ_TARGETS)
	@tools/run-tests.sh $(B)

# Schedule exploration on sim: SEEDS= (10,000) of the crowd, the kill sweeps, the simulator's own checks.
scenarios: $(PACKAGES_STAMP)
	@SEEDS=$(or $(SEEDS),10000) bash tests/scenarios.sh
.PHONY: scenarios

# Everything of tests/metal, the long ones, too: tasks that run wild, a workload under kills, Linux calls.
test-metal: $(PACKAGES_STAMP)
	@for script in md scenarios user system console monitor boot linuxcalls wild torture; do echo "-- $$script"; bash tests/metal/$$script.sh || exit 1; done
.PHONY: test-metal

# Faults of all kinds for SECONDS= (600): docs/recovery.md. SEED= FAULTS= FS= as tests/system/torture.sh says.
torture: $(PACKAGES_STAMP)
	@$(MAKE) --no-print-directory -s V=$(V) system
	@NO_BUILD=1 V=$(V) SECONDS=$(or $(SECONDS),600) SEED=$(SEED) FAULTS=$(FAULTS) FS="$(FS)" bash tests/system/torture.sh
.PHONY: torture

# Hosted, or MACHINE=x86_64: on the metal, where instructions are counted.
ifeq ($(MACHINE),x86_64)
bench: $(PACKAGES_STAMP)
	@$(MAKE) --no-print-directory -s V=release MACHINE=linux bench-metal-programs
	@bench/metal.sh
else
bench: $(PACKAGES_STAMP)
	@$(MAKE) --no-print-directory -s V=release build/gila bench-programs
	@bench/run.sh
endif

# Every fuzz target for SECONDS= in turn (default 60), or TARGET= alone. Corpora in tests/corpus/NAME grow.
fuzz: $(PACKAGES_STAMP)
	@$(MAKE) --no-print-directory V=fuzz fuzz-targets
	@tools/fuzz.sh build/fuzz/fuzz "$(or $(SECONDS),60)" "$(TARGET)"
.PHONY: fuzz-targets
fuzz-targets: $(FUZZ_TARGETS)

stats:
	@python3 tools/stats.py

# The kernel server under gdb; Ctrl-C there stops all of Gila.
gdb: gdb-$(MACHINE)
.PHONY: gdb-linux
gdb-linux: $(PACKAGES_STAMP)
	@$(MAKE) --no-print-directory V=debug build/debug/gila build/debug/gila.tar.lzma
	@gdb -q -iex 'set auto-load safe-path .' -x tools/gdbinit --args build/debug/gila boot --image build/debug/gila.tar.lzma $(if $(EXEC),--exec '$(EXEC)')

help:
	@cat mk/help.txt

clean:
	rm -rf build
