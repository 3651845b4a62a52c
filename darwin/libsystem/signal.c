// SPDX-License-Identifier: MIT
// Signals: handlers get Darwin's siginfo and ucontext, and what they change there is what the thread goes on with.
//
// One host handler stands for all; it translates on the stack that the signal came in on (Darwin's stacks for signals are large
// enough: Go's have 32 KiB). Facts: xnu's bsd/sys/{signal,ucontext}.h, bsd/dev/i386/unix_signal.c; sigaction(2).
#include "abi.h"
#include "crash.h"
#include "errno.h"
#include "process_notes.h"
#include "raw.h"
#include "raw_call.h"
#include "raw_threads.h"
#include "signal_context.h"
#include "signals.h"
#include "thread.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <sys/syscall.h>
#include <sys/ucontext.h>
#include <unistd.h>

typedef void handler(int, struct darwin_siginfo *, struct darwin_ucontext *);
#define HANDLER_DEFAULT ((void *)0)
#define HANDLER_IGNORE ((void *)1)

static struct darwin_sigaction actions[32]; // what the program asked for; written before the host's is set

int darwin_sigaction(int number, const struct darwin_sigaction *new, struct darwin_sigaction *old);

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
	return darwin_sigaction(number, NULL, &action) < 0 || darwin_sigaction(number, &action, NULL) < 0
		   ? DARWIN_EINVAL
		   : 0;
}

void signals_unwatch(int number, int file)
{
	for (int i = 0; i < WATCHERS; i++)
		if (watchers[i].number == number && watchers[i].file == file)
			watchers[i].number = 0;
}

// ---- arrival --------------------------------------------------------------------------------------------------------

// What macOS ends a program for with a report. SEGV and BUS always have the host's handler, which tells one from the other.
static bool is_crash(int number)
{
	return number >= 4 && number <= 12 && number != 9; // ILL TRAP ABRT EMT FPE BUS SEGV SYS
}

static bool (*_Atomic exception_deliver)(int signal, const siginfo_t *info, ucontext_t *context);

static bool is_fault(int number)
{
	return number == 10 || number == 11; // BUS, SEGV
}

// The program does not handle it: it ends by the signal's own default, as its parent has to see it.
static void signal_crash(int number, siginfo_t *info, ucontext_t *context)
{
	int host = signals_to_host(number);
	struct sigaction action = {.sa_handler = SIG_DFL};
	crash_report(number, info, context);
	sigaction(host, &action, NULL);
	sigdelset(&context->uc_sigmask, host);
	syscall(SYS_tgkill, getpid(), (int)syscall(SYS_gettid),
		host); // it ends at the latest when this handler returns
}

// The host blocked what it delivered; the program is to find blocked what it is told.
static void block_instead(int signal, const struct darwin_sigaction *action, const ucontext_t *context)
{
	sigset_t mask, more;
	signals_set_to_host(action->mask, &more);
	if (!(action->flags & DARWIN_SA_NODEFER))
		sigaddset(&more, signal);
	sigorset(&mask, &context->uc_sigmask, &more);
	pthread_sigmask(SIG_SETMASK, &mask, NULL);
}

static void signal_call(int signal, int number, siginfo_t *info, ucontext_t *context)
{
	struct darwin_siginfo darwin_info;
	struct darwin_ucontext darwin_context;
	struct darwin_mcontext machine;
	struct darwin_sigaction action = actions[number];
	if (action.flags & DARWIN_SA_RESETHAND)
		darwin_sigaction(number, &(struct darwin_sigaction){HANDLER_DEFAULT, 0, 0}, NULL);
	if (signals_to_host(number) != signal)
		block_instead(signals_to_host(number), &action, context);
	signal_context_info(signal, number, info, context, &darwin_info);
	signal_context_to_darwin(context, &darwin_context, &machine);
	((handler *)action.handler)(number, &darwin_info, &darwin_context);
	signal_context_from_darwin(&darwin_context, context);
}

static void arrived(int signal, siginfo_t *info, void *context)
{
	int saved = errno, number = signal_context_number(signal, info);
	void *function = actions[number].handler;
	if (signal == SIGILL && raw_call_answer(context))
		return;
	tell_watchers(number);
	if (exception_deliver && signal_context_is_fault(signal, info) && exception_deliver(signal, info, context)) {
		errno = saved; // an exception comes before the signal
		return;
	}
	if (function != HANDLER_DEFAULT && function != HANDLER_IGNORE)
		signal_call(signal, number, info, context);
	else if (is_crash(number) && (function == HANDLER_DEFAULT || signal_context_is_fault(signal, info)))
		signal_crash(number, info, context);
	errno = saved; // else it is only counted, or was changed just now
}

void signals_arrived(int signal, siginfo_t *info, void *context)
{
	uintptr_t gs = raw_enter();
	arrived(signal, info, context);
	raw_leave(gs);
}

// ---- sigaction ------------------------------------------------------------------------------------------------------

// SA_RESETHAND is done here: what it resets to may need the host's handler.
static int flags_to_host(int flags)
{
	return (flags & DARWIN_SA_ONSTACK ? SA_ONSTACK : 0) | (flags & DARWIN_SA_RESTART ? SA_RESTART : 0) |
	       (flags & DARWIN_SA_NOCLDSTOP ? SA_NOCLDSTOP : 0) | (flags & DARWIN_SA_NODEFER ? SA_NODEFER : 0) |
	       (flags & DARWIN_SA_NOCLDWAIT ? SA_NOCLDWAIT : 0);
}

static bool is_handled(int number)
{
	return actions[number].handler != HANDLER_DEFAULT && actions[number].handler != HANDLER_IGNORE;
}

// Tells the host what actions[number] asks for.
static int action_set(int number)
{
	const struct darwin_sigaction *want = &actions[number];
	struct sigaction host = {.sa_flags = flags_to_host(want->flags)};
	int other = number == 10 ? 11 : 10;
	bool ignored = want->handler == HANDLER_IGNORE || (want->handler == HANDLER_DEFAULT && is_harmless(number));
	bool here = is_handled(number) || (ignored && is_watched(number));
	signals_set_to_host(want->mask, &host.sa_mask);
	if (number == 12 && raw_is_on())
		return 0;	// SYS is how raw calls arrive: their handler hands others on
	if (is_fault(number)) { // the other one's handler may be what this arrives for
		here = want->handler != HANDLER_IGNORE || is_handled(other);
		if (!is_handled(number) || (is_handled(other) && (actions[other].flags & DARWIN_SA_ONSTACK)))
			host.sa_flags |= SA_ONSTACK;
	} else if (is_crash(number) && want->handler == HANDLER_DEFAULT && (crash_wanted() || exception_deliver))
		here = true;
	if (!here)
		host.sa_handler = want->handler == HANDLER_DEFAULT ? SIG_DFL : SIG_IGN;
	else {
		host.sa_sigaction = signals_arrived;
		host.sa_flags |= SA_SIGINFO | (is_handled(number) ? 0 : SA_RESTART);
	}
	return sigaction(signals_to_host(number), &host, NULL);
}

// What the program last asked for, or, where the host has no handler of ours, what the process began with.
static struct darwin_sigaction action_now(int number)
{
	struct sigaction host;
	if (sigaction(signals_to_host(number), NULL, &host) == 0 &&
	    (host.sa_handler == SIG_DFL || host.sa_handler == SIG_IGN))
		return (struct darwin_sigaction){host.sa_handler == SIG_DFL ? HANDLER_DEFAULT : HANDLER_IGNORE,
						 actions[number].mask, actions[number].flags};
	return actions[number];
}

int darwin_sigaction(int number, const struct darwin_sigaction *new, struct darwin_sigaction *old)
{
	if (!signals_to_host(number) || (new && (number == 9 || number == 17))) // KILL and STOP
		return errno_set(DARWIN_EINVAL);
	struct darwin_sigaction was = action_now(number), want = new ? *new : was;
	if (new) {
		actions[number] = want; // before the host has it: it may arrive at once
		if (action_set(number) < 0) {
			actions[number] = was;
			return (int)errno_result(-1);
		}
		if (is_fault(number))
			action_set(number == 10 ? 11 : 10);
	}
	if (old)
		*old = was;
	return 0;
}

void signals_begin(void)
{
	crash_begin();
	for (int number = 4; number <= 12; number++)
		if (is_fault(number) || ((crash_wanted() || exception_deliver) && is_crash(number))) {
			actions[number] = action_now(number);
			action_set(number);
		}
}

void signals_exceptions(bool (*deliver)(int signal, const siginfo_t *info, ucontext_t *context))
{
	exception_deliver = deliver;
	signals_begin(); // those without a handler get ours
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
	thread_cancel_point();
	return (int)errno_result(sigsuspend(&host));
}

int darwin_sigwait(const uint32_t *set, int *number)
{
	sigset_t host;
	int signal, error;
	signals_set_to_host(*set, &host);
	thread_cancel_point();
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
	if (number && !signal)
		return errno_set(DARWIN_EINVAL);
	int result = (int)errno_result(kill(process, signal));
	if (result == 0 && number && process > 0 && process != getpid())
		process_note(process, NOTE_SIGNAL, number);
	return result;
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
	if (!thread_is_known(thread))
		return DARWIN_ESRCH;
	while (!atomic_load(&thread->started))
		__builtin_ia32_pause(); // it was created just now
	return syscall(SYS_tgkill, getpid(), thread->id, signal) < 0 ? errno_to_darwin(errno) : 0;
}
