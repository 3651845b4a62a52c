# SPDX-License-Identifier: MIT
# Tests. Every test program or script ends with "N passed, N failed"; tools/run-tests.sh runs a list and adds them up.

# ---- the kernel on sim -----------------------------------------------------------------------------------------------
KERNEL_TESTS := $(wildcard kernel/*/*_test.c machine/*_test.c machine/isa/x86_64/*_test.c machine/sim/*_test.c)
SIM_CLIENT   := $(G)/trap_user.c $(KERNEL_FACES:%=$(G)/%_user.c) $(G)/grammar.c lib/gila/lpc.c

$(B)/sim/lib/%.o: lib/%.c | $(GEN_HEADERS)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(INCLUDES) $(SANFLAGS) -D_GNU_SOURCE -Imachine/sim -c $< -o $@

$(B)/kernel-test: $(KERNEL_SIM) $(call machine_objects,sim,$(SIM_SRC) $(KERNEL_TESTS) $(SIM_CLIENT))
	$(CC) $(SANFLAGS) -o $@ $^ -lpthread

# The seam's conformance test inside a booted hosted kernel: md-test-linux [workers].
$(B)/md-test-linux: $(KERNEL_LINUX) $(call machine_objects,linux,$(LINUX_SRC) machine/md_test.c machine/md_test_main.c)
	$(CC) $(SANFLAGS) -Wl,--wrap=md_cpu_start_others -o $@ $^ -lpthread

# The same and the unit tests that need no simulation inside a kernel on the metal: tests/metal/md.sh boots it in QEMU.
MD_TESTS_BARE := machine/md_test.c machine/bare/md_test_main.c machine/bare/x86_64/port_test.c machine/bare/x86_64/line_test.c $(addprefix kernel/,boot/archive_test.c boot/lzma_test.c boot/tar_test.c \
                 core/alloc_test.c core/format_test.c core/timer_test.c core/tree_test.c device/fdt_test.c)
$(B)/bare/md-test.elf: BARE_LD += --wrap=md_cpu_start_others
$(B)/bare/md-test.elf: $(KERNEL_BARE) $(call machine_objects,bare,$(BARE_SRC) $(MD_TESTS_BARE)) $(BARE_LINK_NEEDS)
	$(call bare_link,$(filter %.o,$^))

# Scenarios of machine/sim inside a kernel on the metal (tests/metal/stage/stage.h says how): joined once, linked twice.
SCENARIOS_BARE := $(filter-out %_self.c %_driver.c,$(wildcard machine/sim/scenario_*.c)) kernel/ipc/ports_scenario_test.c \
                  kernel/task/task_scenario_test.c tests/metal/stage/shared.c
STAGE_KERNEL   := $(addprefix tests/metal/stage/,client.c kill.c kernel.c main.c text.c)
STAGE_USER     := $(addprefix tests/metal/,stage/user.c stage/text.c programs/trap.c) $(SIM_CLIENT) machine/sim/runtime_message.c \
                  kernel/core/format.c machine/bare/x86_64/string.c
stage_objects   = $(call machine_objects,bare,$(1))
STAGE_WRAPS    := md_cpu_start_others md_task_launch kern_trap kern_trap_quick kern_message_quick md_user_resume
$(B)/bare/tests/%.o: tests/%.c | $(GEN_HEADERS)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(BAREFLAGS) -c $< -o $@
$(B)/bare/scenarios.o: $(call stage_objects,$(SCENARIOS_BARE)) tests/metal/stage/group.ld
	ld -r -z noexecstack -T tests/metal/stage/group.ld -o $@ $(filter %.o,$^)
# What each link leaves open is the other one's.
$(B)/bare/scenarios-user.elf: $(B)/bare/scenarios.o $(call stage_objects,$(STAGE_USER)) tests/metal/stage/user.ld
	ld -static -nostdlib -z noexecstack --unresolved-symbols=ignore-all -T tests/metal/stage/user.ld -o $@ $(filter %.o,$^)
$(B)/bare/scenarios-image.o: $(B)/bare/scenarios-user.elf tests/metal/stage/image.S
	objcopy -O binary $< $(@:.o=.bin)
	$(CC) -DSTAGE_IMAGE='"$(@:.o=.bin)"' -c tests/metal/stage/image.S -o $@
$(B)/bare/scenarios.elf: BARE_LD += --unresolved-symbols=ignore-all $(STAGE_WRAPS:%=--wrap=%)
$(B)/bare/scenarios.elf: $(B)/bare/scenarios.o $(B)/bare/scenarios-image.o $(KERNEL_BARE) $(call stage_objects,$(BARE_SRC) $(STAGE_KERNEL)) $(BARE_LINK_NEEDS)
	$(call bare_link,$(filter %.o,$^))
STAGE_PROGRAMS := init crowd_server sweep_server
$(B)/bare/scenarios.tar.lzma: tests/metal/stage/manifest tools/mkimage.py
	@mkdir -p $(B)/bare/stage
	@for name in $(STAGE_PROGRAMS); do printf 'sim:%s' $$name >$(B)/bare/stage/$$name; done
	tools/mkimage.py --manifest $< --define PROGRAMS=$(B)/bare/stage --output $@

# Programs in user mode on the metal, without a C library (tests/metal/programs), and an image that has nothing else.
METAL_SRC   := $(wildcard tests/metal/programs/*.c) $(G)/trap_user.c $(G)/task_user.c $(G)/thread_act_user.c lib/gila/lpc.c \
               machine/bare/x86_64/string.c
METALFLAGS  := $(INCLUDES) -Itests/metal/programs -ffreestanding -fno-builtin -fPIE -fno-stack-protector -fvisibility=hidden \
               -fno-asynchronous-unwind-tables -fno-optimize-sibling-calls
metal_objects = $(patsubst %.c,$(B)/metal/%.o,$(patsubst $(G)/%,gen/%,$(1)))
$(B)/metal/gen/%.o: $(G)/%.c | $(GEN_HEADERS)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(METALFLAGS) -c $< -o $@
$(B)/metal/%.o: %.c | $(GEN_HEADERS)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(METALFLAGS) -c $< -o $@
$(B)/metal/suite: $(call metal_objects,$(METAL_SRC))
	$(CC) -static-pie -nostdlib -Wl,-z,noexecstack -o $@ $^
$(B)/metal/suite.tar.lzma: $(B)/metal/suite tests/metal/programs/manifest tools/mkimage.py
	tools/mkimage.py --manifest tests/metal/programs/manifest --define PROGRAMS=$(B)/metal --output $@

# The machine linux: its own tests, with real client processes; a helper thread runs inside a booted kernel.
$(B)/linux-test: $(KERNEL_LINUX) $(call machine_objects,linux,$(LINUX_SRC) $(wildcard machine/linux/*_test.c)) \
                 $(call host_objects,lib/test/test.c) $(B)/host/libgila.a
	$(CC) $(SANFLAGS) -Wl,--wrap=md_cpu_start_others -o $@ $^ -lpthread

# ---- libraries, servers, cli: a test program for each folder that has tests ------------------------------------------------
extra.pciqemu := $(addprefix drivers/nvme/,nvme_controller.c nvme_queue.c nvme_command.c)
TEST_FOLDERS := $(filter-out lib/linux machine/bare/x86_64,$(sort $(patsubst %/,%,$(dir $(wildcard lib/*/*_test.c servers/*/*_test.c drivers/*/*_test.c cli/*_test.c machine/bare/*/*_test.c tests/programs/*/*_test.c)))))
folder_name   = $(subst /,-,$(1))
define folder_test
$(B)/test/$(call folder_name,$(1)): $(call host_objects,$(filter-out %_fuzz.c %/main.c,$(wildcard $(1)/*.c)) $(extra.$(notdir $(1))) lib/test/test.c) $(B)/host/libgila.a
	@mkdir -p $$(@D)
	$$(CC) $$(SANFLAGS) -o $$@ $$^ $(libs.$(notdir $(1))) -lm -lpthread
endef
$(foreach folder,$(TEST_FOLDERS),$(eval $(call folder_test,$(folder))))
FOLDER_TESTS := $(foreach folder,$(TEST_FOLDERS),$(B)/test/$(call folder_name,$(folder))) $(B)/test/lib-linux $(B)/test/darwin

# What of lib/linux does not stand in for the C library or need entry.S; its tests are the kernel (lib/linux/fake_kernel.h).
LINUX_LIB_TESTED := $(filter-out %/strings.c %/trap.c %/clone.c %/call.c %/message.c %/schedule.c,$(wildcard lib/linux/*.c)) kernel/core/tree.c $(G)/trap_user.c
$(B)/test/lib-linux: $(call host_objects,$(LINUX_LIB_TESTED) lib/test/test.c)
	@mkdir -p $(@D)
	$(CC) $(SANFLAGS) -o $@ $^ -lpthread

# Of the Darwin personality what runs no program: the readers of the file's formats, Unicode's normal forms, objects and property lists.
DARWIN_TESTED := $(addprefix darwin/loader/,macho.c opcodes.c chained.c classic.c trie.c compact.c) darwin/corefoundation/unicode.c darwin/oslog/format.c $(G)/darwin_unicode.c
DARWIN_TESTED += $(addprefix darwin/libsystem/,multibyte.c format.c format_spec.c command.c vis.c)
DARWIN_TESTED += $(addprefix darwin/corefoundation/,bytes.c object.c runtime.c allocator.c callbacks.c table.c array.c dictionary.c data.c number.c \
                 date.c url_parts.c zone.c zone_footer.c timezone.c cfstring.c encoding.c change.c find.c format.c plist.c plist_xml.c plist_binary.c plist_old.c \
                 plist_write.c plist_binary_write.c pointset.c collate.c icu.c locale.c) darwin/libsystem/report.c
DARWIN_TESTED += $(addprefix darwin/security/,algorithm.c keychain_format.c)
$(B)/host/darwin/%.o: CFLAGS += -Wno-missing-prototypes -Wno-psabi
$(B)/test/darwin: $(call host_objects,$(DARWIN_TESTED) darwin/dispatch/timers.c $(wildcard darwin/*/*_test.c) lib/test/test.c)
	@mkdir -p $(@D)
	$(CC) $(SANFLAGS) -o $@ $^ -lm

# tests/archive.sh compares the kernel's readers with the host's tar through this program.
$(B)/archive_dump: $(call host_objects,tests/archive_dump.c kernel/boot/lzma.c kernel/boot/tar.c kernel/boot/archive.c)
	$(CC) $(SANFLAGS) -o $@ $^

# tests/partitions.sh compares servers/volumes with sfdisk and blkid through this one.
$(B)/partition_dump: $(call host_objects,tests/partition_dump.c $(addprefix servers/volumes/,gpt.c mbr.c partitions.c probe.c text.c))
	$(CC) $(SANFLAGS) -o $@ $^

# tests/pcie.sh compares machine/bare/pci and machine/bare/acpi with QEMU through these.
$(B)/acpi_power: $(call host_objects,tests/acpi_power.c $(filter-out %_test.c %_fuzz.c,$(wildcard machine/bare/acpi/*.c)))
	$(CC) $(SANFLAGS) -o $@ $^
$(B)/pcie_dump: $(call host_objects,tests/pcie_dump.c $(extra.pci) $(extra.tree))
	$(CC) $(SANFLAGS) -o $@ $^

# ---- fuzz targets: the same objects with libFuzzer (V=fuzz), or replaying the corpus (all other variants) ---------------------
FUZZ_USER   := $(wildcard lib/*/*_fuzz.c servers/*/*_fuzz.c drivers/*/*_fuzz.c cli/*_fuzz.c machine/bare/*/*_fuzz.c kernel/boot/*_fuzz.c kernel/device/*_fuzz.c)
FUZZ_KERNEL := $(wildcard kernel/ipc/*_fuzz.c kernel/trap/*_fuzz.c machine/sim/*_fuzz.c)
FUZZ_LINUX  := $(wildcard machine/linux/*_fuzz.c)
fuzz_name    = $(patsubst %_fuzz.c,%,$(notdir $(1)))
ifeq ($(V),fuzz)
FUZZ_DRIVER :=
FUZZ_LINK   := -fsanitize=fuzzer,address,undefined
else
FUZZ_DRIVER := $(B)/host/lib/test/replay.o
FUZZ_LINK   := $(SANFLAGS)
endif
define fuzz_user
$(B)/fuzz/$(call fuzz_name,$(1)): $(call host_objects,$(filter-out %_test.c %_fuzz.c %/main.c,$(wildcard $(dir $(1))*.c)) $(extra.$(notdir $(patsubst %/,%,$(dir $(1))))) $(1)) $(FUZZ_DRIVER) $(B)/host/libgila.a
	@mkdir -p $$(@D)
	$$(CC) $$(FUZZ_LINK) -o $$@ $$^ $(libs.$(notdir $(patsubst %/,%,$(dir $(1))))) -lm -lpthread
endef
fuzz_with.boot   := kernel/boot/lzma.c kernel/boot/tar.c kernel/boot/archive.c
fuzz_with.device := kernel/device/fdt.c kernel/device/fdt_walk.c
define fuzz_boot
$(B)/fuzz/$(call fuzz_name,$(1)): $(call host_objects,$(fuzz_with.$(notdir $(patsubst %/,%,$(dir $(1))))) $(1)) $(FUZZ_DRIVER)
	@mkdir -p $$(@D)
	$$(CC) $$(FUZZ_LINK) -o $$@ $$^
endef
define fuzz_kernel
$(B)/fuzz/$(call fuzz_name,$(1)): $(KERNEL_SIM) $(call machine_objects,sim,$(filter-out %/test_main.c %/scenario_main.c,$(SIM_SRC)) $(SIM_CLIENT) $(1)) $(FUZZ_DRIVER)
	@mkdir -p $$(@D)
	$$(CC) $$(FUZZ_LINK) -o $$@ $$^ -lpthread
endef
define fuzz_linux
$(B)/fuzz/$(call fuzz_name,$(1)): $(KERNEL_LINUX) $(call machine_objects,linux,$(filter-out %/main.c,$(LINUX_SRC)) $(1)) $(FUZZ_DRIVER)
	@mkdir -p $$(@D)
	$$(CC) $$(FUZZ_LINK) -o $$@ $$^ -lpthread
endef
$(foreach f,$(filter-out kernel/%,$(FUZZ_USER)),$(eval $(call fuzz_user,$(f))))
$(foreach f,$(filter kernel/%,$(FUZZ_USER)),$(eval $(call fuzz_boot,$(f))))
$(foreach f,$(FUZZ_KERNEL),$(eval $(call fuzz_kernel,$(f))))
$(foreach f,$(FUZZ_LINUX),$(eval $(call fuzz_linux,$(f))))
define fuzz_darwin
$(B)/fuzz/$(call fuzz_name,$(1)): $(call host_objects,$(DARWIN_TESTED) $(1)) $(FUZZ_DRIVER)
	@mkdir -p $$(@D)
	$$(CC) $$(FUZZ_LINK) -o $$@ $$^ -lm
endef
FUZZ_DARWIN := $(wildcard darwin/*/*_fuzz.c)
$(foreach f,$(FUZZ_DARWIN),$(eval $(call fuzz_darwin,$(f))))
FUZZ_TARGETS := $(foreach f,$(FUZZ_DARWIN),$(B)/fuzz/$(call fuzz_name,$(f))) $(foreach f,$(FUZZ_USER) $(FUZZ_KERNEL) $(FUZZ_LINUX),$(B)/fuzz/$(call fuzz_name,$(f)))
