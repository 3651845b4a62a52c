# SPDX-License-Identifier: MIT
# The kernel, once for each machine (md_types.h differs), joined into one object whose only global names are
# kernel/exports.txt; tools/symbol-gate.sh refuses it when it needs anything that is not in machine/md.h.

USER_FACES   := file console bus block volume loader inject
KERNEL_FACES := $(filter-out $(USER_FACES),$(FACES))

KERNEL_SRC := $(filter-out %_test.c %_fuzz.c,$(wildcard kernel/*/*.c)) \
              $(G)/trap_kernel.c $(KERNEL_FACES:%=$(G)/%_server.c) $(G)/decoder.c
ISA_SRC    := $(filter-out %_test.c,$(wildcard machine/isa/x86_64/*.c)) machine/isa/x86_64/context.S
SIM_SRC    := $(filter-out %_test.c %_fuzz.c,$(wildcard machine/sim/*.c)) $(ISA_SRC)
LINUX_SRC  := $(filter-out %_test.c %_fuzz.c,$(wildcard machine/linux/*.c)) $(ISA_SRC)

INCLUDES    := -Iinclude -I$(G)/include -Ilib -I.
KERNELFLAGS := $(INCLUDES) -ffreestanding -fno-builtin-printf $(SANFLAGS)

# One rule for each (machine, kind of source): build/V/MACHINE/path.o
define machine_rules
$(B)/$(1)/kernel/%.o: kernel/%.c | $(GEN_HEADERS)
	@mkdir -p $$(@D)
	$$(CC) $$(CFLAGS) $$(KERNELFLAGS) -Imachine/$(1) -c $$< -o $$@
$(B)/$(1)/gen/%.o: $(G)/%.c | $(GEN_HEADERS)
	@mkdir -p $$(@D)
	$$(CC) $$(CFLAGS) $$(KERNELFLAGS) -Imachine/$(1) -c $$< -o $$@
$(B)/$(1)/machine/%.o: machine/%.c | $(GEN_HEADERS)
	@mkdir -p $$(@D)
	$$(CC) $$(CFLAGS) $$(INCLUDES) $$(SANFLAGS) -D_GNU_SOURCE -Imachine/$(1) -c $$< -o $$@
$(B)/$(1)/machine/%.S.o: machine/%.S
	@mkdir -p $$(@D)
	$$(CC) $$(INCLUDES) -Imachine/$(1) -g -c $$< -o $$@
endef
$(eval $(call machine_rules,sim))
$(eval $(call machine_rules,linux))

# $(call machine_objects,MACHINE,SOURCES)
machine_objects = $(patsubst %.c,$(B)/$(1)/%.o,$(patsubst %.S,$(B)/$(1)/%.S.o,$(patsubst $(G)/%,gen/%,$(2))))

KERNEL_LINUX := $(call machine_objects,linux,$(KERNEL_SRC))
KERNEL_SIM   := $(call machine_objects,sim,$(KERNEL_SRC))

$(B)/linux/kernel.o: $(KERNEL_LINUX) kernel/exports.txt tools/symbol-gate.sh machine/md.h
	@tools/symbol-gate.sh $@.all $(KERNEL_LINUX)
	objcopy --keep-global-symbols=kernel/exports.txt $@.all $@
	@rm -f $@.all
