// SPDX-License-Identifier: MIT
// Threads; see thread.h.
#include "thread.h"

#include "errno.h"
#include "futex.h"
#include "mach_exception.h"
#include "mach_names.h"
#include "raw.h"
#include "report.h"
#include "thread_attributes.h"

#include <asm/prctl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/prctl.h>

#define STACK_EXTRA                                                                                                    \
	(128u * 1024) // for the host's thread data, its handlers and libSystem, which Darwin's stack does not hold

static _Atomic uint32_t threads_lock;
static struct thread *threads; // [threads_lock]
_Atomic bool thread_many;

static void set_gs(void *base)
{
	if (getauxval(AT_HWCAP2) & 2) // HWCAP2_FSGSBASE
		__asm__ volatile("wrgsbase %0" : : "r"(base) : "memory");
	else if (syscall(SYS_arch_prctl, ARCH_SET_GS, base) < 0)
		report_fatal("threads: arch_prctl cannot set %%gs");
}

static void list_add(struct thread *thread)
{
	futex_lock(&threads_lock);
	thread->next = threads;
	thread->at = &threads;
	if (threads)
		threads->at = &thread->next;
	threads = thread;
	futex_unlock(&threads_lock);
}

static void list_remove(struct thread *thread)
{
	futex_lock(&threads_lock);
	*thread->at = thread->next;
	if (thread->next)
		thread->next->at = thread->at;
	futex_unlock(&threads_lock);
}

static void thread_free(struct thread *thread)
{
	list_remove(thread);
	free(thread);
}

bool thread_is_known(const struct thread *thread)
{
	futex_lock(&threads_lock);
	const struct thread *known = threads;
	while (known && known != thread)
		known = known->next;
	futex_unlock(&threads_lock);
	return known;
}

struct thread *thread_find(int id)
{
	futex_lock(&threads_lock);
	struct thread *known = threads;
	while (known && known->id != id)
		known = known->next;
	futex_unlock(&threads_lock);
	return known;
}

void thread_lock_all(void)
{
	futex_lock(&threads_lock);
	thread_keys_lock();
}

void thread_unlock_all(void)
{
	thread_keys_unlock();
	futex_unlock(&threads_lock);
}

void thread_forked(void)
{
	struct thread *thread = thread_self();
	threads = thread;
	thread_many = false;
	thread->next = NULL;
	thread->at = &threads;
	thread->id = getpid();
	thread->slots[3] = (void *)(uintptr_t)mach_thread_name(thread->id);
}

static void thread_enter(struct thread *thread)
{
	thread->signature = 0x54485244; // 'THRD'
	thread->slots[0] = thread;
	thread->host = pthread_self();
	thread->id = (int)syscall(SYS_gettid);
	thread->slots[1] = &thread->error;
	thread->slots[3] = (void *)(uintptr_t)mach_thread_name(thread->id);
	set_gs(thread->slots);
}

static pthread_key_t adopted_key;

static void adopted_free(void *thread)
{
	thread_free(thread);
}

static void adopted_prepare(void)
{
	pthread_key_create(&adopted_key, adopted_free);
}

void thread_adopt(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	struct thread *thread = calloc(1, sizeof(*thread));
	if (!thread)
		report_fatal("threads: no memory");
	thread_enter(thread);
	list_add(thread);
	atomic_store(&thread->started, 1);
	if (thread->id == getpid())
		return;
	thread_many = true;
	pthread_once(&once, adopted_prepare);
	pthread_setspecific(adopted_key, thread); // it goes with the host's thread
}

int thread_start_helper(pthread_t *thread, void *(*start)(void *), void *argument)
{
	pthread_attr_t attributes;
	sigset_t all, old;
	pthread_attr_init(&attributes);
	pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	int error = pthread_create(thread, &attributes, start, argument);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	pthread_attr_destroy(&attributes);
	return error;
}

static void *thread_main(void *argument)
{
	struct thread *thread = argument;
	sigset_t mask;
	thread_enter(thread);
	raw_begin_thread();
	sigemptyset(&mask);
	memcpy(&mask, &thread->old_mask, sizeof(thread->old_mask));
	atomic_store(&thread->started, 1);
	futex_wake(&thread->started, 1);
	pthread_sigmask(SIG_SETMASK, &mask, NULL);
	thread->has_end = true;
	if (_setjmp(thread->end) == 0)
		thread->result = thread->start(thread->argument);
	atomic_fetch_or(&thread->cancel, THREAD_ENDS);
	thread_run_destructors(thread);
	exception_thread_ended(thread->id);
	sigfillset(&mask); // a handler would need the thread's data
	pthread_sigmask(SIG_SETMASK, &mask, NULL);
	void *result = thread->result;
	if (atomic_exchange(&thread->detached, 2))
		thread_free(thread);
	return result;
}

static int host_create(struct thread *thread, const struct attributes *attributes, bool detached)
{
	pthread_attr_t host;
	pthread_t id;
	pthread_attr_init(&host);
	if (attributes && attributes->stack)
		pthread_attr_setstack(&host, (uint8_t *)attributes->stack - thread->stack_size, thread->stack_size);
	else
		pthread_attr_setstacksize(&host, thread->stack_size + STACK_EXTRA);
	if (attributes && !attributes->stack)
		pthread_attr_setguardsize(&host, attributes->guard_size);
	if (detached)
		pthread_attr_setdetachstate(&host, PTHREAD_CREATE_DETACHED);
	int error = pthread_create(&id, &host, thread_main, thread);
	// What a joinable thread is known by is valid at once; a detached one may be gone already.
	if (!error && !detached)
		thread->host = id;
	pthread_attr_destroy(&host);
	return error;
}

int darwin_pthread_create(struct thread **created, const struct attributes *attributes, void *(*start)(void *),
			  void *argument)
{
	struct thread *thread = calloc(1, sizeof(*thread));
	sigset_t all, old;
	if (!thread)
		return DARWIN_EAGAIN;
	thread->start = start;
	thread->argument = argument;
	bool detached = attributes && attributes->detached == THREAD_DETACHED;
	thread->detached = detached;
	thread->stack_size = attributes && attributes->stack_size ? attributes->stack_size : THREAD_STACK_USUAL;
	thread->slots[4] = attributes ? (void *)(uintptr_t)attributes->qos : NULL;
	thread->policy = attributes ? attributes->policy : THREAD_POLICY_USUAL;
	thread->priority = attributes ? attributes->priority : THREAD_PRIORITY_USUAL;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old); // no handler may run before %gs is set
	memcpy(&thread->old_mask, &old, sizeof(thread->old_mask));
	list_add(thread);
	thread_many = true;
	*created = thread;
	int error = host_create(thread, attributes, detached);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (error)
		thread_free(thread);
	return error ? DARWIN_EAGAIN : 0;
}

struct thread *darwin_pthread_self(void)
{
	return thread_self();
}

int darwin_pthread_equal(const struct thread *left, const struct thread *right)
{
	return left == right;
}

_Noreturn void darwin_pthread_exit(void *result)
{
	struct thread *thread = thread_self();
	struct thread_cleanup *cleanup;
	atomic_fetch_or(&thread->cancel, THREAD_ENDS);
	while ((cleanup = thread->cleanups)) {
		thread->cleanups = cleanup->next;
		cleanup->function(cleanup->argument);
	}
	if (!thread->has_end) { // a helper's
		thread_run_destructors(thread);
		syscall(SYS_exit, 0);
	}
	thread->result = result;
	_longjmp(thread->end, 1);
}

int darwin_pthread_join(struct thread *thread, void **result)
{
	if (thread == thread_self())
		return DARWIN_EDEADLK;
	if (!thread_is_known(thread))
		return DARWIN_ESRCH;
	if (thread->detached == 1)
		return DARWIN_EINVAL;
	thread_cancel_point();
	int error = pthread_join(thread->host, result);
	if (!error)
		thread_free(thread);
	return errno_to_darwin(error);
}

int darwin_pthread_detach(struct thread *thread)
{
	if (!thread_is_known(thread))
		return DARWIN_ESRCH;
	pthread_t host = thread->host;
	uint32_t state = 0;
	if (atomic_compare_exchange_strong(&thread->detached, &state, 1))
		return errno_to_darwin(pthread_detach(host));
	if (state == 1)
		return DARWIN_EINVAL;
	pthread_detach(host); // it has ended, and nobody will join it
	thread_free(thread);
	return 0;
}

int darwin_pthread_threadid_np(struct thread *thread, uint64_t *id)
{
	*id = (uint64_t)(thread ? thread : thread_self())->id;
	return 0;
}

int darwin_pthread_main_np(void)
{
	return thread_self()->id == getpid();
}

int darwin_pthread_setname_np(const char *name)
{
	struct thread *thread = thread_self();
	if (strlen(name) >= sizeof(thread->name))
		return 63; // ENAMETOOLONG
	strcpy(thread->name, name);
	prctl(PR_SET_NAME, name); // Linux keeps the first 15 bytes
	return 0;
}

int darwin_pthread_getname_np(const struct thread *thread, char *to, size_t room)
{
	if (!thread_is_known(thread))
		return DARWIN_ESRCH;
	snprintf(to, room, "%s", thread->name);
	return 0;
}

// ---- stacks ---------------------------------------------------------------------------------------------------------

static void thread_measure(struct thread *thread)
{
	pthread_attr_t host;
	void *low;
	size_t size;
	if (thread->stack_top || pthread_getattr_np(thread->host, &host))
		return;
	pthread_attr_getstack(&host, &low, &size);
	pthread_attr_destroy(&host);
	thread->stack_top = (uint8_t *)low + size;
	thread->stack_size = size;
}

void *darwin_pthread_get_stackaddr_np(struct thread *thread)
{
	thread_measure(thread);
	return thread->stack_top;
}

size_t darwin_pthread_get_stacksize_np(struct thread *thread)
{
	thread_measure(thread);
	return thread->stack_size;
}
