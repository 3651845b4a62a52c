// SPDX-License-Identifier: MIT
// Cancellation, and some questions about threads. Facts: pthread_cancel(3), pthread_setcancelstate(3) of Darwin; libpthread's pthread.h.
//
// Whoever cancels sets a bit and, as the thread may wait in a call, sends a signal of Linux' that programs for Darwin do not know; the
// call fails with EINTR, and errno_result looks at the bit (so do calls before they wait). A thread that does nothing of that is not
// cancelled until it does, unless it asked for it at any time (PTHREAD_CANCEL_ASYNCHRONOUS).
#include "errno.h"
#include "futex.h"
#include "mach_names.h"
#include "signals.h"
#include "thread.h"

#include <sched.h>
#include <signal.h>

enum { STATE_ENABLE = 1, STATE_DISABLE = 0, TYPE_DEFERRED = 2, TYPE_ASYNCHRONOUS = 0 };
#define CANCELED ((void *)1)

_Noreturn void darwin_pthread_exit(void *result);

static bool may_end(uint32_t cancel)
{
	return (cancel & (THREAD_CANCEL_PENDING | THREAD_CANCEL_DISABLED | THREAD_ENDS)) == THREAD_CANCEL_PENDING;
}

void thread_cancel_now(struct thread *thread)
{
	if (may_end(thread->cancel))
		darwin_pthread_exit(CANCELED);
}

static void cancel_arrived(int signal)
{
	struct thread *self = thread_self();
	(void)signal;
	if ((self->cancel & THREAD_CANCEL_ASYNCHRONOUS) && may_end(self->cancel))
		darwin_pthread_exit(CANCELED);
}

int darwin_pthread_cancel(struct thread *thread)
{
	static _Atomic bool prepared;
	if (!thread_is_known(thread))
		return DARWIN_ESRCH;
	if (!prepared) {
		struct sigaction action = {.sa_handler = cancel_arrived}; // calls that wait are not begun again
		sigaction(SIGRTMIN, &action, NULL);
		prepared = true;
	}
	while (!atomic_load(&thread->started))
		sched_yield(); // it was created just now
	atomic_fetch_or(&thread->cancel, THREAD_CANCEL_PENDING);
	if (thread == thread_self())
		cancel_arrived(0);
	else
		syscall(SYS_tgkill, getpid(), thread->id, SIGRTMIN);
	return 0;
}

void darwin_pthread_testcancel(void)
{
	thread_cancel_point();
}

int darwin_pthread_setcancelstate(int state, int *old)
{
	struct thread *self = thread_self();
	if (state != STATE_ENABLE && state != STATE_DISABLE)
		return DARWIN_EINVAL;
	if (old)
		*old = self->cancel & THREAD_CANCEL_DISABLED ? STATE_DISABLE : STATE_ENABLE;
	if (state == STATE_DISABLE)
		atomic_fetch_or(&self->cancel, THREAD_CANCEL_DISABLED);
	else
		atomic_fetch_and(&self->cancel, ~(uint32_t)THREAD_CANCEL_DISABLED);
	return 0;
}

int darwin_pthread_setcanceltype(int type, int *old)
{
	struct thread *self = thread_self();
	if (type != TYPE_DEFERRED && type != TYPE_ASYNCHRONOUS)
		return DARWIN_EINVAL;
	if (old)
		*old = self->cancel & THREAD_CANCEL_ASYNCHRONOUS ? TYPE_ASYNCHRONOUS : TYPE_DEFERRED;
	if (type == TYPE_ASYNCHRONOUS)
		atomic_fetch_or(&self->cancel, THREAD_CANCEL_ASYNCHRONOUS);
	else
		atomic_fetch_and(&self->cancel, ~(uint32_t)THREAD_CANCEL_ASYNCHRONOUS);
	return 0;
}

// ---- questions ------------------------------------------------------------------------------------------------------

struct thread *darwin_pthread_from_mach_thread_np(uint32_t name)
{
	return thread_find(mach_thread_id(name));
}

int darwin_pthread_cpu_number_np(size_t *number)
{
	int cpu = sched_getcpu();
	*number = cpu < 0 ? 0 : (size_t)cpu;
	return 0;
}

static _Atomic int level;

int darwin_pthread_getconcurrency(void)
{
	return level;
}

int darwin_pthread_setconcurrency(int new)
{
	if (new < 0)
		return DARWIN_EINVAL;
	level = new;
	return 0;
}

int darwin_pthread_is_threaded_np(void)
{
	return thread_many;
}

void darwin_pthread_yield_np(void)
{
	sched_yield();
}

// Memory that is written and executed at once needs no switching on x86_64: pthread_jit_write_protect_np(3).
void darwin_pthread_jit_write_protect_np(int enabled)
{
	(void)enabled;
}

int darwin_pthread_jit_write_protect_supported_np(void)
{
	return 0;
}
