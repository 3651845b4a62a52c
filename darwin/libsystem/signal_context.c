// SPDX-License-Identifier: MIT
// What a handler is told: Darwin's siginfo and ucontext, made of Linux', and what it changed put back.
// Facts: xnu's bsd/sys/{signal,ucontext}.h, bsd/dev/i386/unix_signal.c and bsd/uxkern/ux_exception.c (which signal and code an
// exception becomes); sigaction(2), Linux' asm-generic/siginfo.h.
#include "signal_context.h"

#include "errno.h"
#include "signals.h"

#include <sched.h>
#include <string.h>
#include <sys/ucontext.h>

// EXC_BAD_ACCESS: what is not mapped (KERN_INVALID_ADDRESS) is SIGSEGV, what is mapped without the right SIGBUS, and so is a page that
// its file does not have; the processor's general protection fault, too, is SIGSEGV.
int signal_context_number(int signal, const siginfo_t *info)
{
	if (signal == SIGSEGV && (info->si_code == SEGV_ACCERR || info->si_code == SEGV_PKUERR))
		return signals_to_darwin(SIGBUS);
	return signals_to_darwin(signal);
}

bool signal_context_is_fault(int signal, const siginfo_t *info)
{
	return info->si_code > 0 &&
	       (signal == SIGSEGV || signal == SIGBUS || signal == SIGFPE || signal == SIGILL || signal == SIGTRAP);
}

static int fault_code(int number, int code)
{
	static const uint8_t fpe[] = {0, 7, 8, 1, 2,
				      3, 4, 5, 6}; // Linux: INTDIV, INTOVF, FLTDIV...; Darwin begins with FLTDIV
	switch (number) {
	case 4: return code == ILL_PRVOPC ? 3 : 1; // ILL_PRVOPC, ILL_ILLOPC
	case 5: return code == TRAP_TRACE ? 2 : 1; // TRAP_TRACE, TRAP_BRKPT
	case 8: return code > 0 && code <= 8 ? fpe[code] : 0;
	case 10: return code == BUS_ADRALN ? 1 : 2;  // BUS_ADRALN, BUS_ADRERR
	case 11: return code == SEGV_MAPERR ? 1 : 0; // SEGV_MAPERR; nothing is known of a general protection fault
	default: return code;
	}
}

void signal_context_info(int signal, int number, const siginfo_t *from, const ucontext_t *context,
			 struct darwin_siginfo *to)
{
	memset(to, 0, sizeof(*to));
	to->signal = number;
	to->error = errno_to_darwin(from->si_errno);
	if (signal_context_is_fault(signal, from)) {
		to->code = fault_code(number, from->si_code == SEGV_ACCERR && number == 10 && signal == SIGSEGV
						  ? BUS_ADRERR
						  : from->si_code);
		// int3 comes without an address.
		to->address =
		    signal == SIGTRAP ? (void *)(uintptr_t)context->uc_mcontext.gregs[REG_RIP] : from->si_addr;
		return;
	}
	// Go knows that what a process sent has the code 0 (os_darwin.go, _SI_USER).
	to->code = from->si_code <= 0 || from->si_code == SI_KERNEL ? 0 : from->si_code;
	to->process = from->si_pid;
	to->user = from->si_uid;
	if (signal == SIGCHLD)
		to->status = from->si_code == CLD_EXITED ? from->si_status : signals_to_darwin(from->si_status);
	else
		to->value = (uintptr_t)from->si_value.sival_ptr;
}

// Registers in the order of struct darwin_thread_state, as the host's context counts them.
static const uint8_t registers[] = {REG_RAX, REG_RBX, REG_RCX, REG_RDX, REG_RDI, REG_RSI, REG_RBP, REG_RSP, REG_R8,
				    REG_R9,  REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15, REG_RIP, REG_EFL};
#define REGISTERS (sizeof(registers) / sizeof(*registers))

void signals_machine_to_darwin(const ucontext_t *from, struct darwin_mcontext *machine)
{
	uint64_t *thread = (uint64_t *)&machine->thread;
	machine->exception = (struct darwin_exception_state){
	    (uint16_t)from->uc_mcontext.gregs[REG_TRAPNO], (uint16_t)sched_getcpu(),
	    (uint32_t)from->uc_mcontext.gregs[REG_ERR], (uint64_t)from->uc_mcontext.gregs[REG_CR2]};
	for (size_t i = 0; i < REGISTERS; i++)
		thread[i] = (uint64_t)from->uc_mcontext.gregs[registers[i]];
	machine->thread.cs = (uint64_t)from->uc_mcontext.gregs[REG_CSGSFS] & 0xffff;
	machine->thread.fs = machine->thread.gs = 0;
	memset(&machine->floats, 0, sizeof(machine->floats));
	if (from->uc_mcontext.fpregs)
		memcpy(machine->floats.fxsave, from->uc_mcontext.fpregs, sizeof(machine->floats.fxsave));
}

void signals_machine_from_darwin(const struct darwin_mcontext *machine, ucontext_t *to)
{
	const uint64_t *thread = (const uint64_t *)&machine->thread;
	for (size_t i = 0; i < REGISTERS; i++)
		to->uc_mcontext.gregs[registers[i]] = (greg_t)thread[i];
	if (to->uc_mcontext.fpregs)
		memcpy(to->uc_mcontext.fpregs, machine->floats.fxsave, sizeof(machine->floats.fxsave));
}

void signal_context_to_darwin(const ucontext_t *from, struct darwin_ucontext *to, struct darwin_mcontext *machine)
{
	memset(to, 0, sizeof(*to));
	to->mask = signals_set_to_darwin(&from->uc_sigmask);
	to->on_stack = from->uc_stack.ss_flags & SS_ONSTACK ? 1 : 0;
	to->stack = (struct darwin_stack){from->uc_stack.ss_sp, from->uc_stack.ss_size,
					  to->on_stack ? DARWIN_SS_ONSTACK : 0, 0};
	to->mcontext_size = sizeof(*machine);
	to->mcontext = machine;
	signals_machine_to_darwin(from, machine);
}

void signal_context_from_darwin(const struct darwin_ucontext *from, ucontext_t *to)
{
	signals_machine_from_darwin(from->mcontext, to);
	// Signals that only Linux has stay as they were.
	for (int i = 1; i < 32; i++) {
		int host = signals_to_host(i);
		if (from->mask >> (i - 1) & 1)
			sigaddset(&to->uc_sigmask, host);
		else
			sigdelset(&to->uc_sigmask, host);
	}
}
