# SPDX-License-Identifier: MIT
# lib/linux, which answers Linux calls on the metal (docs/linux-calls.md): one static-PIE image without a C library, and without
# relocations, so that it runs wherever a machine maps it. Made by the same compiler as the other programs of the image.

LINUX_LIB_SRC   := $(filter-out %_test.c %_fuzz.c,$(wildcard lib/linux/*.c)) kernel/core/tree.c $(G)/trap_user.c $(G)/mach_host_user.c
LINUX_LIB_FLAGS := $(INCLUDES) -ffreestanding -fPIE -fvisibility=hidden -ffunction-sections -fno-stack-protector \
                   -mgeneral-regs-only -fno-asynchronous-unwind-tables
linux_lib_objects = $(patsubst %,$(B)/linux-lib/%.o,$(basename $(patsubst $(G)/%,gen/%,$(1))))

$(B)/linux-lib/gen/%.o: $(G)/%.c | $(GEN_HEADERS)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LINUX_LIB_FLAGS) -c $< -o $@
$(B)/linux-lib/%.o: %.c | $(GEN_HEADERS)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LINUX_LIB_FLAGS) -c $< -o $@
$(B)/linux-lib/%.o: %.S
	@mkdir -p $(@D)
	$(CC) -g -c $< -o $@

$(B)/image/linux: $(call linux_lib_objects,$(LINUX_LIB_SRC) lib/linux/entry.S) tools/no-relocations.sh
	@mkdir -p $(@D)
	$(CC) -static-pie -nostdlib -Wl,-e,linux_entry,-z,noexecstack,-z,separate-code,-z,max-page-size=4096,-z,norelro,--no-dynamic-linker,--gc-sections,--build-id=none -o $@ $(filter %.o,$^)
	@tools/no-relocations.sh $@
	strip --strip-debug $@
