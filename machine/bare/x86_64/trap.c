// SPDX-License-Identifier: MIT
// Exceptions and interrupts: the table (Intel SDM volume 3, 6.10), what comes while the kernel runs, and what brought
// a thread out of user mode, in the machine's words.
//
// In the kernel a fault is expected only where user memory is copied (fixups); interrupts come only where the CPU halts or looks
// for them, with no lock held, so what they report goes up at once.
#include "cpu.h"
#include "monitor.h"

#include "../cpu_state.h"
#include "../line.h"
#include "../address_space.h"
#include "../user.h"

enum {
	EXCEPTION_DIVIDE = 0,
	EXCEPTION_DEBUG = 1,
	EXCEPTION_NMI = 2,
	EXCEPTION_BREAKPOINT = 3,
	EXCEPTION_OVERFLOW = 4,
	EXCEPTION_BOUND = 5,
	EXCEPTION_OPCODE = 6,
	EXCEPTION_DEVICE = 7,
	EXCEPTION_DOUBLE = 8,
	EXCEPTION_PROTECTION = 13,
	EXCEPTION_PAGE = 14,
	EXCEPTION_X87 = 16,
	EXCEPTION_ALIGNMENT = 17,
	EXCEPTION_MACHINE = 18,
	EXCEPTION_SIMD = 19,
	EXCEPTIONS = 32,
};
#define FAULT_WRITE 2u // in the error code of a page fault
#define FAULT_USER 4u
#define FAULT_EXECUTE 16u
#define FAULT_RESERVED 8u

struct gate { // Intel SDM volume 3, figure 6-8
	uint16_t offset_low, selector;
	uint8_t ist, type;
	uint16_t offset_middle;
	uint32_t offset_high, reserved;
};

static struct gate gates[256];

void idt_init(void)
{
	for (unsigned i = 0; i < 256; i++) {
		uint64_t at = (uintptr_t)exception_stubs[i];
		gates[i] = (struct gate){.offset_low = (uint16_t)at,
					 .selector = SELECTOR_CODE,
					 .type = 0x8e, // interrupt gate, ring 0
					 .offset_middle = (uint16_t)(at >> 16),
					 .offset_high = (uint32_t)(at >> 32)};
	}
	gates[EXCEPTION_NMI].ist = 1;
	gates[EXCEPTION_DOUBLE].ist = 2;
	gates[EXCEPTION_MACHINE].ist = 3;
	gates[EXCEPTION_BREAKPOINT].type = gates[EXCEPTION_OVERFLOW].type = 0xee; // a program may ask for these
}

void idt_load(void)
{
	struct {
		uint16_t limit;
		uint64_t base;
	} __attribute__((packed)) pointer = {sizeof(gates) - 1, (uintptr_t)gates};
	__asm__ volatile("lidt %0" : : "m"(pointer));
}

static const char *exception_name(uint64_t vector)
{
	static const char *const names[] = {
		"divide error", "debug exception", "NMI", "breakpoint", "overflow", "bound", "invalid opcode",
		"device not available", "double fault", "coprocessor overrun", "invalid TSS", "segment not present",
		"stack fault", "general protection fault", "page fault", "exception 15", "x87 error", "alignment check",
		"machine check", "SIMD error", "virtualization exception", "control protection",
	};
	return vector < array_count(names) ? names[vector] : "exception";
}

// `thread`: whose user mode was interrupted; NULL: the kernel was, where it looks for interrupts.
static void interrupt(unsigned vector, struct thread *thread)
{
	if (vector != VECTOR_SPURIOUS)
		apic_end();
	if (vector == VECTOR_TIMER) {
		timer_interrupt();
	} else if (vector == VECTOR_NUDGE) {
		cpu_flush_serve();
		if (unlikely(monitor_is_open()))
			monitor_hold(thread);
	} else if (vector >= VECTOR_LINES && vector < VECTOR_TIMER) {
		line_raised(vector - VECTOR_LINES);
	}
}

// ---- In the kernel -------------------------------------------------------------------------------------------------

struct fixup {
	uint64_t from, end, to;
};
extern const struct fixup kernel_fixups[], kernel_fixups_end[];

// A fault where user memory is copied: served as the user's own would be, or the copy fails. An address that is none at all is the
// other kind of fault (Intel SDM volume 1, 3.3.7.1).
static bool fault_fixed(struct arch_registers *registers, uint64_t address)
{
	for (const struct fixup *f = kernel_fixups; f < kernel_fixups_end; f++) {
		if (registers->rip < f->from || registers->rip >= f->end)
			continue;
		struct address_space *space = arch_space_here();
		if (registers->vector != EXCEPTION_PAGE || !space || address >= USER_END || registers->error & FAULT_RESERVED ||
		    !address_space_fault(space, address, registers->error & FAULT_WRITE ? VM_PROT_WRITE : VM_PROT_READ))
			registers->rip = f->to;
		return true;
	}
	return false;
}

void exception_in_kernel(struct arch_registers *registers);
void exception_in_kernel(struct arch_registers *registers)
{
	if (registers->vector >= EXCEPTIONS) {
		interrupt((unsigned)registers->vector, NULL);
		return;
	}
	bool copies = registers->vector == EXCEPTION_PAGE || registers->vector == EXCEPTION_PROTECTION;
	if (copies && fault_fixed(registers, cr2_read()))
		return;
	crash(registers, exception_name(registers->vector));
}

// NMI, double fault, machine check: at any point, even between the user's GS and the kernel's.
void exception_anywhere(struct arch_registers *registers);
void exception_anywhere(struct arch_registers *registers)
{
	if (registers->vector == EXCEPTION_NMI) {
		if (machine_is_ending())
			for (;;)
				__asm__ volatile("cli; hlt");
		if (monitor_is_open()) {
			monitor_hold_here(registers);
			return;
		}
		// A button, QEMU's monitor: somebody wants to know where the kernel is. Or the hardware is broken.
		crash(registers, "NMI");
	}
	bool overflow = registers->vector == EXCEPTION_DOUBLE && stack_guards(cr2_read());
	crash(registers, overflow ? "a kernel stack ran over" : exception_name(registers->vector));
}

void arch_cpu_halt(void) { __asm__ volatile("sti; hlt; cli" ::: "memory"); }
void arch_cpu_serve(void) { __asm__ volatile("sti; nop; cli" ::: "memory"); }

// ---- From user mode ------------------------------------------------------------------------------------------------

// Signals as Linux numbers them (signal(7)), which is how hosted deaths are told.
static int exception_signal(uint64_t vector)
{
	switch (vector) {
	case EXCEPTION_DIVIDE:
	case EXCEPTION_X87:
	case EXCEPTION_SIMD:
		return 8; // SIGFPE
	case EXCEPTION_DEBUG:
	case EXCEPTION_BREAKPOINT:
		return 5; // SIGTRAP
	case EXCEPTION_OPCODE:
		return 4; // SIGILL
	case EXCEPTION_ALIGNMENT:
		return 7; // SIGBUS
	default:
		return 11; // SIGSEGV
	}
}

static struct user_exit page_fault(struct thread *thread, const struct arch_registers *registers)
{
	uint64_t address = cr2_read();
	vm_prot_t access = registers->error & FAULT_WRITE     ? VM_PROT_WRITE
			   : registers->error & FAULT_EXECUTE ? VM_PROT_EXECUTE
							      : VM_PROT_READ;
	// Not FAULT_USER, from user mode: what the CPU itself reads for an instruction, of tables that no task has.
	if (address < USER_END && (registers->error & FAULT_USER) && !(registers->error & FAULT_RESERVED) &&
	    address_space_fault(thread->task->md.space, address, access))
		return (struct user_exit){USER_CONTINUES, 0};
	return (struct user_exit){USER_FAULTED, 11};
}

static void fault_log(struct thread *thread, const struct arch_registers *registers)
{
	bool page = registers->vector == EXCEPTION_PAGE;
	log_line("task", "task %u (%s), thread %u: %s at %lx, address %lx, error %lx, stack %lx%s", thread->task->id,
		 thread->task->name, thread->id, exception_name(registers->vector), registers->rip, page ? cr2_read() : 0,
		 registers->error, registers->rsp,
		 page && !account_allows_pages(thread->task->account, 1) ? "; it may have no more memory" : "");
}

// Runs the thread in user mode on this CPU, which has its address space loaded, until it comes back.
struct user_exit arch_user_run(struct thread *thread)
{
	struct arch_registers *registers = &thread->md.arch.registers;
	arch_user_enter(thread);
	arch_user_here(thread);
	user_enter(registers, registers->vector == VECTOR_SYSCALL);
	thread = arch_user_turn();
	registers = &thread->md.arch.registers;
	uint64_t vector = registers->vector;
	if (vector == VECTOR_SYSCALL)
		return (struct user_exit){USER_TRAPPED, 0};
	if (vector >= EXCEPTIONS) {
		interrupt((unsigned)vector, thread);
		return (struct user_exit){USER_INTERRUPTED, 0};
	}
	struct user_exit exit = {USER_FAULTED, exception_signal(vector)};
	if (vector == EXCEPTION_PAGE)
		exit = page_fault(thread, registers);
	if (exit.why == USER_FAULTED)
		fault_log(thread, registers);
	return exit;
}
