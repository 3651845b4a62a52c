// SPDX-License-Identifier: MIT
// Threads of oneself as Mach knows them: suspending, registers, information.
//
// A thread is held by a signal of Linux that Darwin does not have: its handler leaves the registers where others find
// them and waits.
// 1. Who changes a held thread has `lock`; the thread itself only looks at its state, which is a futex word:
//    FREE -> ASKED by who suspends, ASKED -> HELD by the thread, HELD -> RELEASED by the last resume, RELEASED -> FREE
//    by the thread.
// 2. A thread that blocks all signals (one of the system's own) cannot be held: it is given up after a second.
// Facts: xnu's osfmk/mach/{thread_act.defs,thread_info.h,i386/thread_status.h}; tgkill(2).
#include "mach_thread.h"

#include "abi.h"
#include "futex.h"
#include "mach_names.h"
#include "mach_proc.h"
#include "signals.h"
#include "thread.h"

#include <abi/thread_act.h>
#include <abi/traps.h>
#include <errno.h>
#include <mach/kern_return.h>
#include <mach/thread_info.h>
#include <mach/thread_status.h>
#include <mach/thread_switch.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define HOLD_SIGNAL (SIGRTMIN + 6) // the kernel's own is SIGRTMIN + 5 (docs/hosted.md)
#define MOST 512u

enum held_state { HELD_FREE, HELD_ASKED, HELD_HELD, HELD_RELEASED };
struct held {
	_Atomic uint32_t state; // enum held_state; a futex word
	_Atomic int id;
	unsigned count;	     // [lock] of suspensions; 0: an exception
	mach_port_t name;    // [lock] the kernel's, of an exception
	ucontext_t *context; // valid while HELD
};
static struct held table[MOST];
static _Atomic uint32_t lock;

// ---- holding --------------------------------------------------------------------------------------------------------

static void hold_arrived(int signal, siginfo_t *info, void *context)
{
	int self = (int)syscall(SYS_gettid), error = errno;
	(void)signal, (void)info;
	for (struct held *held = table; held < table + MOST; held++) {
		uint32_t asked = HELD_ASKED;
		if (held->id != self || held->state != HELD_ASKED)
			continue;
		held->context = context;
		if (!atomic_compare_exchange_strong(&held->state, &asked, HELD_HELD))
			continue;
		futex_wake(&held->state, INT32_MAX);
		while (held->state == HELD_HELD)
			futex_wait(&held->state, HELD_HELD, NULL, false);
		held->id = 0;
		held->state = HELD_FREE;
	}
	errno = error;
}

static struct held *held_find_locked(mach_port_t name)
{
	int id = mach_thread_id(name);
	for (struct held *held = table; held < table + MOST; held++)
		if (held->state != HELD_FREE && held->state != HELD_RELEASED &&
		    (id ? held->id == id : held->name == name))
			return held;
	return NULL;
}

static struct held *held_new_locked(int id, enum held_state state)
{
	for (struct held *held = table; held < table + MOST; held++)
		if (held->state == HELD_FREE) {
			held->id = id;
			held->count = 0;
			held->name = MACH_PORT_NULL;
			held->state = state;
			return held;
		}
	return NULL;
}

// Waits until the thread is where it is held. Not for oneself: the handler has run by then.
static kern_return_t hold_locked(struct held *held, int id)
{
	struct timespec until = futex_deadline(1, 0, CLOCK_MONOTONIC);
	uint32_t asked = HELD_ASKED;
	if (syscall(SYS_tgkill, getpid(), id, HOLD_SIGNAL) == 0)
		while (held->state == HELD_ASKED && futex_wait(&held->state, HELD_ASKED, &until, false) != ETIMEDOUT)
			continue;
	if (held->state == HELD_HELD)
		return KERN_SUCCESS;
	return atomic_compare_exchange_strong(&held->state, &asked, HELD_FREE) ? KERN_FAILURE : KERN_SUCCESS;
}

static void hold_prepare(void)
{
	static _Atomic bool prepared;
	struct sigaction action = {.sa_sigaction = hold_arrived, .sa_flags = SA_SIGINFO | SA_RESTART | SA_ONSTACK};
	if (prepared)
		return;
	sigfillset(&action.sa_mask);
	sigaction(HOLD_SIGNAL, &action, NULL);
	prepared = true;
}

// Suspends oneself: somebody else resumes.
static kern_return_t suspend_self(int id)
{
	futex_lock(&lock);
	struct held *held = held_new_locked(id, HELD_ASKED);
	if (held)
		held->count = 1;
	futex_unlock(&lock);
	if (held)
		syscall(SYS_tgkill, getpid(), id, HOLD_SIGNAL);
	return held ? KERN_SUCCESS : KERN_RESOURCE_SHORTAGE;
}

kern_return_t darwin_thread_suspend(mach_port_t thread)
{
	int id = mach_thread_id(thread);
	kern_return_t error = KERN_SUCCESS;
	if (!id)
		return mach_name_is_kernels(thread) && mach_ready() ? gila_thread_suspend(thread)
								    : KERN_INVALID_ARGUMENT;
	hold_prepare();
	if (id == thread_self()->id)
		return suspend_self(id);
	futex_lock(&lock);
	struct held *held = held_find_locked(thread);
	if (!held) {
		held = held_new_locked(id, HELD_ASKED);
		error = held ? hold_locked(held, id) : KERN_RESOURCE_SHORTAGE;
	}
	if (!error)
		held->count++;
	futex_unlock(&lock);
	return error;
}

static void release_locked(struct held *held)
{
	held->state = HELD_RELEASED;
	futex_wake(&held->state, INT32_MAX);
}

kern_return_t darwin_thread_resume(mach_port_t thread)
{
	if (!mach_thread_id(thread))
		return mach_name_is_kernels(thread) && mach_ready() ? gila_thread_resume(thread)
								    : KERN_INVALID_ARGUMENT;
	futex_lock(&lock);
	struct held *held = held_find_locked(thread);
	bool suspended = held && held->count > 0;
	if (suspended && --held->count == 0)
		release_locked(held);
	futex_unlock(&lock);
	return suspended ? KERN_SUCCESS : KERN_FAILURE;
}

struct held *held_begin(mach_port_t name, ucontext_t *context)
{
	futex_lock(&lock);
	struct held *held = held_new_locked((int)syscall(SYS_gettid), HELD_HELD);
	if (held) {
		held->name = name;
		held->context = context;
	}
	futex_unlock(&lock);
	return held;
}

void held_end(struct held *held)
{
	if (!held)
		return;
	futex_lock(&lock); // nobody reads the registers any more
	held->id = 0;
	held->name = MACH_PORT_NULL;
	held->state = HELD_FREE;
	futex_unlock(&lock);
}

// ---- registers ------------------------------------------------------------------------------------------------------

// The part of the machine's state that a flavor is; `header`: the flavor has one before it.
static bool part_find(int flavor, struct darwin_mcontext *machine, void **part, uint32_t *words, bool *header)
{
	*header = flavor >= x86_THREAD_STATE && flavor <= x86_EXCEPTION_STATE;
	switch (*header ? flavor - x86_THREAD_STATE + x86_THREAD_STATE64 : flavor) {
	case x86_THREAD_STATE64: *part = &machine->thread, *words = sizeof(machine->thread) / 4; return true;
	case x86_FLOAT_STATE64: *part = &machine->floats, *words = sizeof(machine->floats) / 4; return true;
	case x86_EXCEPTION_STATE64: *part = &machine->exception, *words = sizeof(machine->exception) / 4; return true;
	default: return false;
	}
}

uint32_t mach_state_read(int flavor, const ucontext_t *context, struct darwin_mcontext *machine, natural_t *state)
{
	void *part;
	uint32_t words;
	bool header;
	if (!part_find(flavor, machine, &part, &words, &header))
		return 0;
	signals_machine_to_darwin(context, machine);
	if (header) {
		*state++ = (natural_t)(flavor - x86_THREAD_STATE + x86_THREAD_STATE64);
		*state++ = words;
	}
	memcpy(state, part, words * 4);
	return words + (header ? 2 : 0);
}

bool mach_state_write(int flavor, const natural_t *state, uint32_t count, ucontext_t *context)
{
	struct darwin_mcontext machine;
	void *part;
	uint32_t words;
	bool header;
	if (!part_find(flavor, &machine, &part, &words, &header) || count < words + (header ? 2 : 0))
		return false;
	signals_machine_to_darwin(context, &machine);
	memcpy(part, state + (header ? 2 : 0), words * 4);
	signals_machine_from_darwin(&machine, context);
	return true;
}

// With the lock held: the thread is held, for which it is suspended if it was not (*ours).
static kern_return_t held_get_locked(mach_port_t thread, struct held **held, bool *ours)
{
	int id = mach_thread_id(thread);
	*held = held_find_locked(thread);
	*ours = !*held;
	if (*held)
		return KERN_SUCCESS;
	if (!id || id == thread_self()->id)
		return KERN_INVALID_ARGUMENT; // no thread, or the caller, whose registers change as it asks
	*held = held_new_locked(id, HELD_ASKED);
	return *held ? hold_locked(*held, id) : KERN_RESOURCE_SHORTAGE;
}

kern_return_t darwin_thread_get_state(mach_port_t thread, int flavor, natural_t *state, mach_msg_type_number_t *count)
{
	struct darwin_mcontext machine;
	natural_t copy[sizeof(machine.floats) / 4 + 2];
	struct held *held;
	uint32_t words = 0;
	bool ours;
	hold_prepare();
	futex_lock(&lock);
	kern_return_t error = held_get_locked(thread, &held, &ours);
	if (!error) {
		words = mach_state_read(flavor, held->context, &machine, copy);
		if (ours)
			release_locked(held);
	}
	futex_unlock(&lock);
	if (error == KERN_INVALID_ARGUMENT && mach_name_is_kernels(thread) && mach_ready())
		return gila_thread_get_state(thread, flavor, state, count);
	if (!error && (words == 0 || *count < words))
		error = KERN_INVALID_ARGUMENT;
	if (error)
		return error;
	memcpy(state, copy, words * 4);
	*count = words;
	return KERN_SUCCESS;
}

kern_return_t darwin_thread_set_state(mach_port_t thread, int flavor, const natural_t *state,
				      mach_msg_type_number_t count)
{
	struct held *held;
	bool ours;
	hold_prepare();
	futex_lock(&lock);
	kern_return_t error = held_get_locked(thread, &held, &ours);
	if (!error && !mach_state_write(flavor, state, count, held->context))
		error = KERN_INVALID_ARGUMENT;
	if (held && ours && held->state == HELD_HELD)
		release_locked(held);
	futex_unlock(&lock);
	return error;
}

// ---- information ----------------------------------------------------------------------------------------------------

static integer_t run_state(char state)
{
	switch (state) {
	case 'R': return TH_STATE_RUNNING;
	case 'D': return TH_STATE_UNINTERRUPTIBLE;
	case 'T':
	case 't': return TH_STATE_STOPPED;
	case 'Z':
	case 'X': return TH_STATE_HALTED;
	default: return TH_STATE_WAITING;
	}
}

static integer_t suspensions(mach_port_t thread)
{
	futex_lock(&lock);
	struct held *held = held_find_locked(thread);
	integer_t count = held ? (integer_t)held->count : 0;
	futex_unlock(&lock);
	return count;
}

static kern_return_t give_extended(int id, const struct proc_thread *thread, integer_t *out,
				   mach_msg_type_number_t *count)
{
	char path[64], name[MAXTHREADNAMESIZE] = "";
	struct thread_extended_info info = {.pth_user_time = thread->user,
					    .pth_system_time = thread->system,
					    .pth_policy = POLICY_TIMESHARE,
					    .pth_run_state = run_state(thread->state),
					    .pth_curpri = 31,
					    .pth_priority = 31,
					    .pth_maxpriority = 63};
	snprintf(path, sizeof(path), "/proc/self/task/%d/comm", id);
	if (proc_read(path, name, sizeof(name)))
		name[strcspn(name, "\n")] = '\0';
	memcpy(info.pth_name, name, sizeof(name));
	return mach_info_give(&info, THREAD_EXTENDED_INFO_COUNT, THREAD_EXTENDED_INFO_COUNT, out, count);
}

kern_return_t darwin_thread_info(mach_port_t name, thread_flavor_t flavor, integer_t *out,
				 mach_msg_type_number_t *count)
{
	struct proc_thread thread;
	int id = mach_thread_id(name);
	if (!id || !proc_read_thread(id, &thread))
		return mach_name_is_kernels(name) && mach_ready() ? gila_thread_info(name, flavor, out, count)
								  : KERN_INVALID_ARGUMENT;
	integer_t count_held = suspensions(name);
	struct thread_basic_info basic = {.user_time = proc_time(thread.user),
					  .system_time = proc_time(thread.system),
					  .policy = POLICY_TIMESHARE,
					  .run_state = count_held ? TH_STATE_STOPPED : run_state(thread.state),
					  .suspend_count = count_held};
	struct thread_identifier_info identifier = {
		.thread_id = (uint64_t)id,
		.thread_handle = id == thread_self()->id ? (uintptr_t)thread_self()->slots : 0};
	switch (flavor) {
	case THREAD_BASIC_INFO:
		return mach_info_give(&basic, THREAD_BASIC_INFO_COUNT, THREAD_BASIC_INFO_COUNT, out, count);
	case THREAD_IDENTIFIER_INFO:
		return mach_info_give(&identifier, THREAD_IDENTIFIER_INFO_COUNT, THREAD_IDENTIFIER_INFO_COUNT, out,
				      count);
	case THREAD_EXTENDED_INFO: return give_extended(id, &thread, out, count);
	default: return KERN_INVALID_ARGUMENT;
	}
}

// Advice about scheduling, which Linux does not take from who has no privilege.
kern_return_t darwin_thread_policy_set(mach_port_t thread, thread_flavor_t flavor, integer_t *policy,
				       mach_msg_type_number_t count)
{
	(void)flavor, (void)policy, (void)count;
	return mach_thread_id(thread) ? KERN_SUCCESS : KERN_INVALID_ARGUMENT;
}

boolean_t darwin_swtch_pri(int priority)
{
	(void)priority;
	sched_yield();
	return true;
}

// SWITCH_OPTION_NONE 0, _DEPRESS 1, _WAIT 2; the thread is a hint.
kern_return_t darwin_thread_switch(mach_port_t thread, int option, uint32_t milliseconds)
{
	struct timespec span = {milliseconds / 1000, (long)(milliseconds % 1000) * 1000000};
	(void)thread;
	if (option < 0 || option > 2)
		return KERN_INVALID_ARGUMENT;
	if (option == 2)
		nanosleep(&span, NULL);
	else
		sched_yield();
	return KERN_SUCCESS;
}
