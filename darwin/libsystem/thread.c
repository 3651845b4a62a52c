// SPDX-License-Identifier: MIT
// Threads; see thread.h.
#include "thread.h"

#include "errno.h"
#include "futex.h"
#include "mach_names.h"
#include "report.h"

#include <asm/prctl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/prctl.h>

#define STACK_USUAL (512u * 1024) // of a thread that asks for nothing: pthread_attr_getstacksize(3) on Darwin
#define STACK_EXTRA                                                                                                    \
	(128u * 1024) // for the host's thread data, its handlers and libSystem, which Darwin's stack does not hold
#define STACK_LEAST 16384u

struct attributes { // of 64 bytes, Darwin's pthread_attr_t
	long signature;
	uint64_t stack_size, guard_size;
	void *stack;
	int32_t detached, inherit, scope, policy, priority;
	uint64_t qos; // as in slot 4 of a thread's data; 0: none
};
enum { ATTRIBUTES_SIGNATURE = 0x54484441 }; // 'THDA'
enum { CREATE_JOINABLE = 1, CREATE_DETACHED = 2 };
_Static_assert(sizeof(struct attributes) <= 64, "pthread_attr_t");

static void set_gs(void *base)
{
	if (getauxval(AT_HWCAP2) & 2) // HWCAP2_FSGSBASE
		__asm__ volatile("wrgsbase %0" : : "r"(base) : "memory");
	else if (syscall(SYS_arch_prctl, ARCH_SET_GS, base) < 0)
		report_fatal("threads: arch_prctl cannot set %%gs");
}

static void thread_enter(struct thread *thread)
{
	thread->slots[0] = thread;
	thread->host = pthread_self();
	thread->id = (int)syscall(SYS_gettid);
	thread->slots[1] = &thread->error;
	thread->slots[3] = (void *)(uintptr_t)mach_thread_name(thread->id);
	set_gs(thread->slots);
}

void thread_adopt(void)
{
	struct thread *thread = calloc(1, sizeof(*thread));
	if (!thread)
		report_fatal("threads: no memory");
	thread_enter(thread);
	atomic_store(&thread->started, 1);
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
	sigemptyset(&mask);
	memcpy(&mask, &thread->old_mask, sizeof(thread->old_mask));
	atomic_store(&thread->started, 1);
	futex_wake(&thread->started, 1);
	pthread_sigmask(SIG_SETMASK, &mask, NULL);
	if (_setjmp(thread->end) == 0)
		thread->result = thread->start(thread->argument);
	thread_run_destructors(thread);
	sigfillset(&mask); // a handler would need the thread's data
	pthread_sigmask(SIG_SETMASK, &mask, NULL);
	void *result = thread->result;
	if (atomic_exchange(&thread->detached, 2))
		free(thread);
	return result;
}

int darwin_pthread_create(struct thread **created, const struct attributes *attributes, void *(*start)(void *),
			  void *argument)
{
	struct thread *thread = calloc(1, sizeof(*thread));
	pthread_attr_t host;
	sigset_t all, old;
	if (!thread)
		return DARWIN_EAGAIN;
	thread->start = start;
	thread->argument = argument;
	thread->slots[4] = attributes ? (void *)(uintptr_t)attributes->qos : NULL;
	bool detached = attributes && attributes->detached == CREATE_DETACHED;
	thread->detached = detached;
	thread->stack_size = attributes && attributes->stack_size ? attributes->stack_size : STACK_USUAL;
	pthread_attr_init(&host);
	pthread_attr_setstacksize(&host, thread->stack_size + STACK_EXTRA);
	if (detached)
		pthread_attr_setdetachstate(&host, PTHREAD_CREATE_DETACHED);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old); // no handler may run before %gs is set
	memcpy(&thread->old_mask, &old, sizeof(thread->old_mask));
	*created = thread;
	pthread_t id;
	int error = pthread_create(&id, &host, thread_main, thread);
	// What a joinable thread is known by is valid at once; a detached one may be gone already.
	if (!error && !detached)
		thread->host = id;
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	pthread_attr_destroy(&host);
	if (error)
		free(thread);
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
	if (!thread->start) { // the first thread: the others go on
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
	int error = pthread_join(thread->host, result);
	if (!error)
		free(thread);
	return errno_to_darwin(error);
}

int darwin_pthread_detach(struct thread *thread)
{
	pthread_t host = thread->host;
	uint32_t state = 0;
	if (atomic_compare_exchange_strong(&thread->detached, &state, 1))
		return errno_to_darwin(pthread_detach(host));
	if (state == 1)
		return DARWIN_EINVAL;
	pthread_detach(host); // it has ended, and nobody will join it
	free(thread);
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

// ---- attributes -----------------------------------------------------------------------------------------------------

int darwin_pthread_attr_init(struct attributes *attributes)
{
	*attributes = (struct attributes){.signature = ATTRIBUTES_SIGNATURE,
					  .stack_size = STACK_USUAL,
					  .guard_size = 4096,
					  .detached = CREATE_JOINABLE};
	return 0;
}

uint64_t *thread_attributes_qos(struct attributes *attributes)
{
	return &attributes->qos;
}

int darwin_pthread_attr_destroy(struct attributes *attributes)
{
	attributes->signature = 0;
	return 0;
}

int darwin_pthread_attr_getstacksize(const struct attributes *attributes, size_t *size)
{
	*size = attributes->stack_size;
	return 0;
}

int darwin_pthread_attr_setstacksize(struct attributes *attributes, size_t size)
{
	if (size < STACK_LEAST || size % 4096)
		return DARWIN_EINVAL;
	attributes->stack_size = size;
	return 0;
}

int darwin_pthread_attr_setdetachstate(struct attributes *attributes, int state)
{
	if (state != CREATE_JOINABLE && state != CREATE_DETACHED)
		return DARWIN_EINVAL;
	attributes->detached = state;
	return 0;
}

int darwin_pthread_attr_getdetachstate(const struct attributes *attributes, int *state)
{
	*state = attributes->detached;
	return 0;
}

int darwin_pthread_attr_setguardsize(struct attributes *attributes, size_t size)
{
	attributes->guard_size = size;
	return 0;
}

int darwin_pthread_attr_getguardsize(const struct attributes *attributes, size_t *size)
{
	*size = attributes->guard_size;
	return 0;
}
