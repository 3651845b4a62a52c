// SPDX-License-Identifier: MIT
// Signals: handlers get Darwin's siginfo and ucontext, and what they change there is what the thread goes on with.
//
// One host handler stands for all; it translates on the stack that the signal came in on (Darwin's stacks for signals are large
// enough: Go's have 32 KiB). Facts: xnu's bsd/sys/{signal,ucontext}.h, bsd/dev/i386/unix_signal.c; sigaction(2).
#include "abi.h"
#include "errno.h"
#include "raw_call.h"
#include "signals.h"
#include "thread.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/ucontext.h>
#include <unistd.h>

typedef void handler(int, struct darwin_siginfo *, struct darwin_ucontext *);
#define HANDLER_DEFAULT ((void *)0)
#define HANDLER_IGNORE ((void *)1)

static struct darwin_sigaction actions[32]; // what the program asked for; written before the host's is set

int darwin_sigaction(int number, const struct darwin_sigaction *new, struct darwin_sigaction *old);

static int code_to_darwin(int signal, int code)
{
	static const uint8_t fpe[] = {0, 7, 8, 1, 2, 3, 4, 5, 6};
	if (code <= 0 || code == SI_KERNEL) // Go knows that what a process sent has the code 0 (os_darwin.go, _SI_USER)
		return 0;
	return signal == SIGFPE && code <= 8 ? fpe[code] : code;
}

static void info_to_darwin(int signal, const siginfo_t *from, struct darwin_siginfo *to)
{
	memset(to, 0, sizeof(*to));
	to->signal = signals_to_darwin(signal);
	to->error = errno_to_darwin(from->si_errno);
	to->code = code_to_darwin(signal, from->si_code);
	if (signal == SIGSEGV || signal == SIGBUS || signal == SIGFPE || signal == SIGILL || signal == SIGTRAP) {
		to->address = from->si_addr;
		return;
	}
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
	machine->exception = (struct darwin_exception_state){(uint16_t)from->uc_mcontext.gregs[REG_TRAPNO], 0,
							     (uint32_t)from->uc_mcontext.gregs[REG_ERR],
							     (uint64_t)from->uc_mcontext.gregs[REG_CR2]};
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

static void context_to_darwin(const ucontext_t *from, struct darwin_ucontext *to, struct darwin_mcontext *machine)
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

static void context_from_darwin(const struct darwin_ucontext *from, ucontext_t *to)
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

// ---- those that a kqueue counts -------------------------------------------------------------------------------------

#define WATCHERS 32
static struct {
	_Atomic int number, file; // number 0: free
} watchers[WATCHERS];

static bool is_watched(int number)
{
	for (int i = 0; i < WATCHERS; i++)
		if (watchers[i].number == number)
			return true;
	return false;
}

// What does nothing by itself: CHLD, URG, IO, WINCH, INFO, CONT.
static bool is_harmless(int number)
{
	return number == 20 || number == 16 || number == 23 || number == 28 || number == 29 || number == 19;
}

static void tell_watchers(int number)
{
	uint64_t one = 1;
	for (int i = 0; i < WATCHERS; i++)
		if (watchers[i].number == number && write(watchers[i].file, &one, sizeof(one)) < 0)
			continue; // it is full, or closed just now
}

int signals_watch(int number, int file)
{
	struct darwin_sigaction action;
	int none = 0, place = 0;
	while (place < WATCHERS && !atomic_compare_exchange_strong(&watchers[place].number, &none, -1))
		place++, none = 0;
	if (place == WATCHERS || !signals_to_host(number))
		return DARWIN_EINVAL;
	watchers[place].file = file;
	watchers[place].number = number;
	// Once more, so that a signal that is ignored gets the handler that counts it.
	return darwin_sigaction(number, NULL, &action) < 0 || darwin_sigaction(number, &action, NULL) < 0 ? DARWIN_EINVAL : 0;
}

void signals_unwatch(int number, int file)
{
	for (int i = 0; i < WATCHERS; i++)
		if (watchers[i].number == number && watchers[i].file == file)
			watchers[i].number = 0;
}

// ---- exceptions of Mach ---------------------------------------------------------------------------------------------

static bool (*_Atomic exception_deliver)(int signal, const siginfo_t *info, ucontext_t *context);

// ILL, TRAP, FPE, BUS, SEGV.
static bool is_exception(int number)
{
	return number == 4 || number == 5 || number == 8 || number == 10 || number == 11;
}

void signals_exceptions(bool (*deliver)(int signal, const siginfo_t *info, ucontext_t *context))
{
	static const int numbers[] = {4, 5, 8, 10, 11};
	struct darwin_sigaction action;
	exception_deliver = deliver;
	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++) // so that those without a handler get ours
		if (darwin_sigaction(numbers[i], NULL, &action) == 0)
			darwin_sigaction(numbers[i], &action, NULL);
}

// What would have been without anybody who takes exceptions.
static void die_by(int signal)
{
	sigset_t set;
	struct sigaction action = {.sa_handler = SIG_DFL};
	sigaction(signal, &action, NULL);
	sigemptyset(&set);
	sigaddset(&set, signal);
	pthread_sigmask(SIG_UNBLOCK, &set, NULL);
	syscall(SYS_tgkill, getpid(), syscall(SYS_gettid), signal);
}

static void signal_arrived(int signal, siginfo_t *info, void *context)
{
	int saved = errno, number = signals_to_darwin(signal);
	struct darwin_siginfo darwin_info;
	struct darwin_ucontext darwin_context;
	struct darwin_mcontext machine;
	handler *function = (handler *)actions[number].handler;
	if (signal == SIGILL && raw_call_answer(context))
		return;
	tell_watchers(number);
	if (exception_deliver && is_exception(number) && info->si_code > 0) { // an exception comes before the signal
		if (exception_deliver(signal, info, context)) {
			errno = saved;
			return;
		}
		if ((void *)function == HANDLER_DEFAULT)
			die_by(signal);
	}
	if ((void *)function == HANDLER_DEFAULT || (void *)function == HANDLER_IGNORE) {
		errno = saved;
		return; // it is only counted, or was changed just now
	}
	info_to_darwin(signal, info, &darwin_info);
	context_to_darwin(context, &darwin_context, &machine);
	function(number, &darwin_info, &darwin_context);
	context_from_darwin(&darwin_context, context);
	errno = saved;
}

static int flags_to_host(int flags)
{
	return (flags & DARWIN_SA_ONSTACK ? SA_ONSTACK : 0) | (flags & DARWIN_SA_RESTART ? SA_RESTART : 0) |
	       (flags & DARWIN_SA_RESETHAND ? (int)SA_RESETHAND : 0) |
	       (flags & DARWIN_SA_NOCLDSTOP ? SA_NOCLDSTOP : 0) | (flags & DARWIN_SA_NODEFER ? SA_NODEFER : 0) |
	       (flags & DARWIN_SA_NOCLDWAIT ? SA_NOCLDWAIT : 0);
}

// What the program last asked for, if the host still has a handler there.
static struct darwin_sigaction action_before(const struct darwin_sigaction *was, const struct sigaction *host)
{
	if (host->sa_handler == SIG_DFL || host->sa_handler == SIG_IGN)
		return (struct darwin_sigaction){host->sa_handler == SIG_DFL ? HANDLER_DEFAULT : HANDLER_IGNORE, 0, 0};
	return *was;
}

int darwin_sigaction(int number, const struct darwin_sigaction *new, struct darwin_sigaction *old)
{
	int signal = signals_to_host(number);
	struct sigaction host, before;
	if (!signal)
		return errno_set(DARWIN_EINVAL);
	struct darwin_sigaction was = actions[number];
	if (new) {
		memset(&host, 0, sizeof(host));
		signals_set_to_host(new->mask, &host.sa_mask);
		host.sa_flags = flags_to_host(new->flags);
		bool ignored = new->handler == HANDLER_IGNORE || (new->handler == HANDLER_DEFAULT && is_harmless(number));
		bool counted = (ignored && is_watched(number)) ||
			       (new->handler == HANDLER_DEFAULT && exception_deliver && is_exception(number));
		actions[number] = *new; // before the host has it: it may arrive at once
		if ((new->handler == HANDLER_DEFAULT || new->handler == HANDLER_IGNORE) && !counted)
			host.sa_handler = new->handler == HANDLER_DEFAULT ? SIG_DFL : SIG_IGN;
		else {
			host.sa_sigaction = signal_arrived;
			host.sa_flags |= SA_SIGINFO | (counted ? SA_RESTART | SA_ONSTACK : 0);
		}
	}
	if (sigaction(signal, new ? &host : NULL, &before) < 0) {
		actions[number] = was;
		return (int)errno_result(-1);
	}
	if (old)
		*old = action_before(&was, &before);
	return 0;
}

// BSD's: the handler stays, and calls that it interrupts go on.
void *darwin_signal(int number, void *function)
{
	struct darwin_sigaction new = {function, 0, DARWIN_SA_RESTART}, old;
	return darwin_sigaction(number, &new, &old) < 0 ? (void *)-1 : old.handler;
}

static int how_to_host(int how)
{
	return how == 1 ? SIG_BLOCK : how == 2 ? SIG_UNBLOCK : how == 3 ? SIG_SETMASK : -1;
}

int darwin_pthread_sigmask(int how, const uint32_t *new, uint32_t *old)
{
	sigset_t wanted, before;
	if (new)
		signals_set_to_host(*new, &wanted);
	int error = pthread_sigmask(new ? how_to_host(how) : SIG_BLOCK, new ? &wanted : NULL, &before);
	if (!error && old)
		*old = signals_set_to_darwin(&before);
	return errno_to_darwin(error);
}

int darwin_sigprocmask(int how, const uint32_t *new, uint32_t *old)
{
	int error = darwin_pthread_sigmask(how, new, old);
	return error ? errno_set(error) : 0;
}

int darwin_sigpending(uint32_t *set)
{
	sigset_t host;
	if (sigpending(&host) < 0)
		return (int)errno_result(-1);
	*set = signals_set_to_darwin(&host);
	return 0;
}

int darwin_sigsuspend(const uint32_t *set)
{
	sigset_t host;
	signals_set_to_host(*set, &host);
	return (int)errno_result(sigsuspend(&host));
}

int darwin_sigwait(const uint32_t *set, int *number)
{
	sigset_t host;
	int signal, error;
	signals_set_to_host(*set, &host);
	error = sigwait(&host, &signal);
	*number = signals_to_darwin(signal);
	return errno_to_darwin(error);
}

int darwin_sigaltstack(const struct darwin_stack *new, struct darwin_stack *old)
{
	stack_t wanted = {0}, before;
	if (new) {
		wanted.ss_sp = new->address;
		wanted.ss_size = new->size;
		wanted.ss_flags = new->flags &DARWIN_SS_DISABLE ? SS_DISABLE : 0;
	}
	if (sigaltstack(new ? &wanted : NULL, &before) < 0)
		return (int)errno_result(-1);
	if (old)
		*old = (struct darwin_stack){before.ss_sp, before.ss_size,
					     before.ss_flags == SS_DISABLE   ? DARWIN_SS_DISABLE
					     : before.ss_flags == SS_ONSTACK ? DARWIN_SS_ONSTACK
									     : 0,
					     0};
	return 0;
}

int darwin_kill(int process, int number)
{
	int signal = signals_to_host(number);
	return number && !signal ? errno_set(DARWIN_EINVAL) : (int)errno_result(kill(process, signal));
}

int darwin_killpg(int group, int number)
{
	return darwin_kill(-group, number);
}

int darwin_raise(int number)
{
	int signal = signals_to_host(number);
	return number && !signal ? errno_set(DARWIN_EINVAL) : (int)errno_result(raise(signal));
}

int darwin_pthread_kill(struct thread *thread, int number)
{
	int signal = signals_to_host(number);
	if (number && !signal)
		return DARWIN_EINVAL;
	while (!atomic_load(&thread->started))
		__builtin_ia32_pause(); // it was created just now
	return syscall(SYS_tgkill, getpid(), thread->id, signal) < 0 ? errno_to_darwin(errno) : 0;
}

// sigset functions: the set is a word.
int darwin_sigemptyset(uint32_t *set)
{
	*set = 0;
	return 0;
}

int darwin_sigfillset(uint32_t *set)
{
	*set = ~0u;
	return 0;
}

int darwin_sigaddset(uint32_t *set, int number)
{
	if (number < 1 || number > 32)
		return errno_set(DARWIN_EINVAL);
	*set |= 1u << (number - 1);
	return 0;
}

int darwin_sigdelset(uint32_t *set, int number)
{
	if (number < 1 || number > 32)
		return errno_set(DARWIN_EINVAL);
	*set &= ~(1u << (number - 1));
	return 0;
}

int darwin_sigismember(const uint32_t *set, int number)
{
	return number < 1 || number > 32 ? errno_set(DARWIN_EINVAL) : (int)(*set >> (number - 1) & 1);
}
