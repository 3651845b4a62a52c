// SPDX-License-Identifier: MIT
// A thread's user mode on x86_64: its registers, what its traps say, its state for others.
//
// Traps: SYSCALL with rax = 0x1000000 | number (the class of Mach's traps on x86_64 macOS, <mach/i386/syscall_sw.h>),
// arguments in rdi, rsi, rdx, r10, r8, r9, then on the stack from 8(%rsp) on, as at a call of the stub. Any other rax
// is Linux's.
#include "../user.h"

#include "cpu.h"

#include <abi/trap_kernel.h>
#include <mach/thread_status.h>

#define TRAP_NUMBER UINT64_C(0xffffff)
#define FLAGS_USER UINT64_C(0x202)       // IF and the bit that is always 1
#define FLAGS_CHANGEABLE UINT64_C(0x240dd5) // ID, AC, OF, DF, TF, SF, ZF, AF, PF, CF
#define VECTOR_NONE 257u                 // registers are restored whole: no SYSRET
#define ARGUMENTS_IN_REGISTERS 6u

bool arch_user_make(struct thread *thread) { return floating_make(thread); }
void arch_user_free(struct thread *thread) { floating_free(thread); }

void arch_user_begin(struct thread *thread, uint64_t entry, uint64_t stack, uint64_t argument)
{
	thread->md.arch.registers = (struct arch_registers){
		.rip = entry,
		.rsp = stack,
		.rdi = argument,
		.cs = SELECTOR_USER_CODE,
		.ss = SELECTOR_USER_DATA,
		.rflags = FLAGS_USER,
		.vector = VECTOR_NONE,
	};
}

void arch_user_copy_registers(struct thread *to, struct thread *from)
{
	to->md.arch.registers = from->md.arch.registers;
	to->md.arch.registers.vector = VECTOR_NONE;
	to->md.arch.fs_base = from->md.arch.fs_base;
	to->md.arch.gs_base = from->md.arch.gs_base;
	memcpy(to->md.arch.floating, from->md.arch.floating, floating_size());
}

// A thread that the CPU cannot go back to: only reachable through thread_set_state.
static bool is_sane(const struct arch_registers *r) { return r->rip < USER_END; }

void arch_user_leave(struct thread *thread)
{
	struct arch_thread *arch = &thread->md.arch;
	if (!floating_is_here(thread))
		return; // its turn was over before it was in user mode: the registers are another's
	floating_save(thread);
	if (!cpu_features.fsgsbase)
		return; // then user mode cannot change them
	__asm__ volatile("rdfsbase %0" : "=r"(arch->fs_base));
	__asm__ volatile("swapgs; rdgsbase %0; swapgs" : "=r"(arch->gs_base));
}

void arch_user_enter(struct thread *thread)
{
	struct arch_thread *arch = &thread->md.arch;
	if (floating_is_here(thread))
		return;
	floating_load(thread);
	msr_write(MSR_FS_BASE, arch->fs_base);
	msr_write(MSR_KERNEL_GS_BASE, arch->gs_base);
}

bool arch_user_in_trap(const struct thread *thread) { return thread->md.arch.registers.vector == VECTOR_SYSCALL; }

struct thread *arch_user_turn(void)
{
	_Static_assert(offsetof(struct thread, md.arch.registers) == 0, "entry.S knows it, too");
	struct arch_registers *end = (void *)(uintptr_t)cpu_block_here()->tss.stack[0];
	return (struct thread *)(void *)(end - 1);
}

void arch_user_here(struct thread *thread)
{
	cpu_block_here()->tss.stack[0] = (uintptr_t)(&thread->md.arch.registers + 1);
}

// Arguments that do not fit into registers. Where the stack cannot be read they are 0: the trap refuses what it must.
static void arguments_take(struct thread *thread, struct kern_trap_frame *frame, uint64_t stack)
{
	if (frame->number >= TRAP_ENTRIES || trap_table[frame->number].argc <= ARGUMENTS_IN_REGISTERS)
		return;
	size_t size = (trap_table[frame->number].argc - ARGUMENTS_IN_REGISTERS) * sizeof(uint64_t);
	if (md_copy_in(thread, &frame->arguments[ARGUMENTS_IN_REGISTERS], stack + 8, size) != KERN_SUCCESS)
		memset(&frame->arguments[ARGUMENTS_IN_REGISTERS], 0, size);
}

bool arch_user_is_trap(const struct thread *thread)
{
	return (thread->md.arch.registers.rax & ~TRAP_NUMBER) == TRAP_CLASS;
}

void arch_user_frame(struct thread *thread, struct kern_trap_frame *frame)
{
	const struct arch_registers *r = &thread->md.arch.registers;
	frame->number = r->rax & TRAP_NUMBER;
	memcpy(frame->arguments, &r->rdi, ARGUMENTS_IN_REGISTERS * sizeof(uint64_t));
	arguments_take(thread, frame, r->rsp);
}

// rcx says where to go on, everything but r11 is as it was.
void arch_user_divert(struct thread *thread, uint64_t entry)
{
	struct arch_registers *r = &thread->md.arch.registers;
	r->rcx = r->rip;
	r->rip = entry;
	r->vector = VECTOR_NONE;
}

void arch_user_result(struct thread *thread, uint64_t result) { thread->md.arch.registers.rax = result; }

// As Linux fills them (asm/hwcap2.h): the feature bits of CPUID 1, and that user mode may use FS and GS base.
void arch_capabilities(uint64_t capabilities[2])
{
	capabilities[0] = cpuid_read(1, 0).d;
	capabilities[1] = cpu_features.fsgsbase ? 2 : 0;
}

// ---- State for others ----------------------------------------------------------------------------------------------

static bool is_stopped(struct thread *thread) { return atomic_load(&thread->md_word.state) == MD_THREAD_KERNEL; }

kern_return_t md_thread_get_state(struct thread *thread, int flavor, uint32_t *state, uint32_t *count)
{
	const struct arch_registers *r = &thread->md.arch.registers;
	if (flavor != x86_THREAD_STATE64 || *count < x86_THREAD_STATE64_COUNT)
		return KERN_INVALID_ARGUMENT;
	if (!is_stopped(thread))
		return KERN_FAILURE;
	x86_thread_state64_t s = {
		.__rax = r->rax, .__rbx = r->rbx, .__rcx = r->rcx, .__rdx = r->rdx, .__rdi = r->rdi,
		.__rsi = r->rsi, .__rbp = r->rbp, .__rsp = r->rsp, .__r8 = r->r8, .__r9 = r->r9,
		.__r10 = r->r10, .__r11 = r->r11, .__r12 = r->r12, .__r13 = r->r13, .__r14 = r->r14,
		.__r15 = r->r15, .__rip = r->rip, .__rflags = r->rflags, .__cs = r->cs,
	};
	memcpy(state, &s, sizeof(s));
	*count = x86_THREAD_STATE64_COUNT;
	return KERN_SUCCESS;
}

kern_return_t md_thread_set_state(struct thread *thread, int flavor, const uint32_t *state, uint32_t count)
{
	x86_thread_state64_t s;
	if (flavor != x86_THREAD_STATE64 || count != x86_THREAD_STATE64_COUNT)
		return KERN_INVALID_ARGUMENT;
	if (!is_stopped(thread))
		return KERN_FAILURE;
	memcpy(&s, state, sizeof(s));
	struct arch_registers r = {
		.rax = s.__rax, .rbx = s.__rbx, .rcx = s.__rcx, .rdx = s.__rdx, .rdi = s.__rdi,
		.rsi = s.__rsi, .rbp = s.__rbp, .rsp = s.__rsp, .r8 = s.__r8, .r9 = s.__r9,
		.r10 = s.__r10, .r11 = s.__r11, .r12 = s.__r12, .r13 = s.__r13, .r14 = s.__r14,
		.r15 = s.__r15, .rip = s.__rip, .cs = SELECTOR_USER_CODE, .ss = SELECTOR_USER_DATA,
		.rflags = (s.__rflags & FLAGS_CHANGEABLE) | FLAGS_USER,
		.vector = VECTOR_NONE,
	};
	if (!is_sane(&r))
		return KERN_INVALID_ARGUMENT;
	thread->md.arch.registers = r;
	atomic_fetch_or(&thread->md_word.asked, USER_ASKED_WHOLE);
	return KERN_SUCCESS;
}
