# SPDX-License-Identifier: MIT
# The kernel, once for each machine (md_types.h differs), joined into one object whose only global names are
# kernel/exports.txt; tools/symbol-gate.sh refuses it when it needs anything that is not in machine/md.h.

USER_FACES   := bootstrap file lane console bus block volume loader inject serial
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
# The metal: machine/bare and its folders, never sanitized; no floating-point registers, no red zone (interrupts use the
# stack), frame pointers for backtraces.
BARE_SRC   := $(filter-out %_test.c %_fuzz.c %/md_test_main.c,$(wildcard machine/bare/*.c machine/bare/*/*.c lib/screen/*.c)) \
              $(ISA_SRC) $(wildcard machine/bare/x86_64/*.S)
BAREFLAGS  := $(INCLUDES) -Imachine/bare -Imachine/bare/x86_64 -ffreestanding -fno-builtin-printf -fno-pic -fno-pie -mcmodel=kernel \
              -mno-red-zone -mgeneral-regs-only -fno-omit-frame-pointer -fno-stack-protector -fno-asynchronous-unwind-tables -ffunction-sections
# What no call passes through is compiled for size: the kernel's text stays under 200 KiB. There is nothing on a kernel's stack
# that must lie at 16 bytes.
BARE_SMALL.gcc := -mpreferred-stack-boundary=3 -fno-inline-small-functions -fno-move-loop-invariants
BARE_QUICK.gcc := -mpreferred-stack-boundary=4 -finline-small-functions -fmove-loop-invariants
ifneq ($(filter -O2,$(OPTFLAGS)),)
BAREFLAGS += -Os $(BARE_SMALL.$(CC))
BARE_FAST := $(addprefix kernel/,$(addprefix core/,alloc sched trace) ipc/quick \
             task/thread trap/trap) \
             $(addprefix machine/bare/,copy user) $(addprefix machine/bare/x86_64/,string trap user_arch)
$(BARE_FAST:%=$(B)/bare/%.o): BAREFLAGS += -O2 $(BARE_QUICK.$(CC))
endif
# Who calls it keeps no registers (entry.S), and backtraces end there; other functions that it calls do keep them.
ifeq ($(CC),gcc)
$(B)/bare/kernel/ipc/quick.o: BAREFLAGS += -fomit-frame-pointer -fcall-used-rbx -falign-jumps=1 -falign-labels=1 -falign-loops=1 -fcall-used-r12 -fcall-used-r13 -fcall-used-r14 -fcall-used-r15
endif
# string.c must not become calls of itself.
$(B)/bare/machine/bare/x86_64/string.o: BAREFLAGS += -fno-builtin
$(B)/bare/kernel/%.o: kernel/%.c | $(GEN_HEADERS)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(BAREFLAGS) -c $< -o $@
$(B)/bare/gen/%.o: $(G)/%.c | $(GEN_HEADERS)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(BAREFLAGS) -c $< -o $@
$(B)/bare/machine/%.o: machine/%.c | $(GEN_HEADERS)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(BAREFLAGS) -c $< -o $@
$(B)/bare/lib/%.o: lib/%.c | $(GEN_HEADERS)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(BAREFLAGS) -c $< -o $@
$(B)/bare/machine/%.S.o: machine/%.S
	@mkdir -p $(@D)
	$(CC) $(BAREFLAGS) -MMD -MP -g -c $< -o $@

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

KERNEL_BARE := $(call machine_objects,bare,$(KERNEL_SRC))
$(B)/bare/kernel.o: $(KERNEL_BARE) kernel/exports.txt tools/symbol-gate.sh machine/md.h
	@tools/symbol-gate.sh $@.all $(KERNEL_BARE)
	objcopy --keep-global-symbols=kernel/exports.txt $@.all $@
	@rm -f $@.all

# $(call bare_link,OBJECTS): twice, the second time with the names of functions (machine/bare/symbol.c).
BARE_LD    := ld -static -nostdlib --gc-sections --no-warn-rwx-segments -z max-page-size=4096 -T machine/bare/x86_64/kernel.ld
define bare_link
@mkdir -p $(@D)
$(BARE_LD) -o $@.first $(1)
@tools/kernel-symbols.py $@.first $@.S
@$(CC) -c $@.S -o $@.symbols.o
$(BARE_LD) -o $@ $(1) $@.symbols.o
@rm -f $@.first $@.S $@.symbols.o
endef
BARE_LINK_NEEDS := machine/bare/x86_64/kernel.ld tools/kernel-symbols.py
$(B)/bare/kernel.elf: $(B)/bare/kernel.o $(call machine_objects,bare,$(BARE_SRC)) $(BARE_LINK_NEEDS)
	$(call bare_link,$(filter %.o,$^))
