# SPDX-License-Identifier: MIT
# Userland: libgila.a, the programs of the image (static-PIE, never sanitized), the image, and the host's `gila`.

# Sources that a program needs besides its own folder, one line each.
extra.bootfs := kernel/boot/tar.c kernel/boot/archive.c
extra.init   := kernel/boot/tar.c kernel/boot/archive.c
extra.ps2    := drivers/uart16550/stream.c
extra.cli    := cli/image/place.c cli/image/absent.c
extra.pci    := machine/bare/tree/device_tree.c kernel/device/fdt.c kernel/device/fdt_walk.c
extra.tree   := $(addprefix machine/bare/pci/,pci.c pci_bus.c pci_size.c pci_capability.c pci_place.c pci_interrupt.c) kernel/device/fdt.c kernel/device/fdt_walk.c

# Debian's libraries that a program is linked with, one line each.
libs.ext2    := -lext2fs -lcom_err

PROGRAM_DIRS := $(patsubst %/main.c,%,$(wildcard servers/*/main.c drivers/*/main.c))
PROGRAMS     := $(notdir $(PROGRAM_DIRS))
LIB_SRC      := $(filter-out %_test.c %_fuzz.c,$(wildcard lib/gila/*.c lib/serve/*.c lib/toml/*.c lib/block/*.c lib/driver/*.c lib/virtio/*.c lib/screen/*.c)) \
                $(FACES:%=$(G)/%_user.c) $(G)/trap_user.c $(G)/decoder.c $(USER_FACES:%=$(G)/%_server.c)
plain_sources = $(filter-out %_test.c %_fuzz.c,$(wildcard $(1)))
CLI_SRC      := $(call plain_sources,cli/*.c)
CLI_IMAGE    := $(call plain_sources,cli/image/*.c)
CLI_HOST     := $(call plain_sources,cli/host/*.c) # with the kernel server

# build/V/user: for the image.  build/V/host: for programs and tests of the host.
USERFLAGS    := $(INCLUDES) -D_GNU_SOURCE -fPIE -ffunction-sections
user_objects  = $(patsubst %,$(B)/user/%.o,$(basename $(patsubst $(G)/%,gen/%,$(1))))
host_objects  = $(patsubst %,$(B)/host/%.o,$(basename $(patsubst $(G)/%,gen/%,$(1))))

$(B)/user/gen/%.o: $(G)/%.c | $(GEN_HEADERS)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(USERFLAGS) -c $< -o $@
$(B)/user/%.o: %.c | $(GEN_HEADERS)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(USERFLAGS) -c $< -o $@
$(B)/host/gen/%.o: $(G)/%.c | $(GEN_HEADERS)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(USERFLAGS) $(SANFLAGS) -DGILA_HOST -c $< -o $@
$(B)/host/%.o: %.c | $(GEN_HEADERS)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(USERFLAGS) $(SANFLAGS) -DGILA_HOST -c $< -o $@

$(B)/user/libgila.a: $(call user_objects,$(LIB_SRC))
	@rm -f $@
	$(AR) rcs $@ $^
$(B)/host/libgila.a: $(call host_objects,$(LIB_SRC))
	@rm -f $@
	$(AR) rcs $@ $^

# The C library that all programs have, as one object, and how a program is linked around it (mk/program.ld). The image has it without
# symbols; build/V/symbols has the same for debuggers.
$(B)/user/libc.o: $(B)/user/libgila.a mk/libc.ld tools/libc-object.sh
	tools/libc-object.sh $(CC) $< $@
PROGRAM_NEEDS := $(B)/user/libc.o $(B)/user/libgila.a mk/program.ld
# $(call program_link,NAME,OBJECTS AND LIBRARIES)
define program_link
@mkdir -p $(B)/symbols $(B)/image
$(CC) -static-pie -Wl,--gc-sections,-z,pack-relative-relocs,-T,mk/program.ld -o $(B)/symbols/$(1) $(B)/user/libc.o $(2)
strip --strip-all -o $(B)/image/$(1) $(B)/symbols/$(1)
endef

define program_rule
$(B)/image/$(notdir $(1)): $(call user_objects,$(filter-out %_test.c %_fuzz.c,$(wildcard $(1)/*.c)) $(extra.$(notdir $(1)))) $(PROGRAM_NEEDS)
	$$(call program_link,$(notdir $(1)),$$(filter-out $(B)/user/libc.o %.ld,$$^) $(libs.$(notdir $(1))))
endef
$(foreach folder,$(PROGRAM_DIRS),$(eval $(call program_rule,$(folder))))

$(B)/image/gila: $(call user_objects,$(CLI_SRC) $(CLI_IMAGE)) $(PROGRAM_NEEDS)
	$(call program_link,gila,$(filter-out $(B)/user/libc.o %.ld,$^))

IMAGE_FILES := $(PROGRAMS:%=$(B)/image/%) $(B)/image/gila $(B)/image/linux
$(B)/gila.tar.lzma: $(IMAGE_FILES) system/diskless/manifest $(wildcard system/diskless/*) tools/mkimage.py
	python3 tools/mkimage.py --manifest system/diskless/manifest --define PROGRAMS=$(B)/image --output $@

# The disk system: an archive that reaches the disk, and the disk with all else.
$(B)/disk.tar.lzma: $(IMAGE_FILES) $(wildcard system/disk/*) system/diskless/drivers.toml tools/mkimage.py
	python3 tools/mkimage.py --manifest system/disk/manifest --define PROGRAMS=$(B)/image --output $@
DISK_SIZE := 256M
$(B)/disk.img: $(IMAGE_FILES) $(wildcard system/disk/* docs/*) README.md LICENSE system/diskless/drivers.toml tools/mkimage.py tools/mkdisk.sh
	python3 tools/mkimage.py --manifest system/disk/root.manifest --define PROGRAMS=$(B)/image --tree $(B)/root
	tools/mkdisk.sh $(B)/root $@ $(DISK_SIZE) gila-root

# Static: it starts in a fraction of the time, in any container. Its entry point is cli/host/quick_run.c. Sanitizers allow neither.
GILA_LINK := $(if $(SANFLAGS),$(SANFLAGS),-static-pie -Wl,-e,quick_entry)
$(B)/gila: $(call host_objects,$(CLI_SRC) $(CLI_HOST)) $(call machine_objects,linux,$(LINUX_SRC)) $(B)/linux/kernel.o $(B)/host/libgila.a
	$(CC) $(GILA_LINK) -o $@ $^ -lpthread

# What people run: the release variant under short names.
build/gila: build/release/gila build/release/gila-darwin build/release/gila-bootstrap build/gila.tar.lzma
	@ln -sf release/gila $@
build/gila.tar.lzma: build/release/gila.tar.lzma
	@ln -sf release/gila.tar.lzma $@
build/disk.tar.lzma: build/release/disk.tar.lzma
	@ln -sf release/disk.tar.lzma $@
# What a system changes on its disk stays: run-disk.img is made once, and replaced only when somebody asks for it (FRESH=1).
build/run-disk.img: build/release/disk.img FORCE
	@tools/run-disk.sh $< $@ $(FRESH)
ifneq ($(V),release)
build/release/gila build/release/gila-darwin build/release/gila-bootstrap build/release/gila.tar.lzma build/release/disk.tar.lzma build/release/disk.img: FORCE
	@$(MAKE) --no-print-directory V=release $@
endif
.PHONY: FORCE
FORCE:
