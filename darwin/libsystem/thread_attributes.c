// SPDX-License-Identifier: MIT
// Attributes of threads, and what threads have of them; see thread_attributes.h. Priorities and policies are kept and answered, and
// Linux is told nothing: they are hints on Darwin, too. Facts: pthread_attr_*(3), sched.h of Darwin.
#include "thread_attributes.h"

#include "errno.h"
#include "thread.h"

enum { SIGNATURE = 0x54484441 }; // 'THDA'
enum { INHERIT = 1, EXPLICIT = 2, SCOPE_SYSTEM = 1, SCOPE_PROCESS = 2 };
enum { POLICY_OTHER = 1, POLICY_RR = 2, POLICY_FIFO = 4 };

struct schedule { // struct sched_param
	int32_t priority;
	char opaque[4];
};

int darwin_pthread_attr_init(struct attributes *attributes)
{
	*attributes = (struct attributes){.signature = SIGNATURE,
					  .stack_size = THREAD_STACK_USUAL,
					  .guard_size = 4096,
					  .detached = THREAD_JOINABLE,
					  .inherit = INHERIT,
					  .scope = SCOPE_SYSTEM,
					  .policy = THREAD_POLICY_USUAL,
					  .priority = THREAD_PRIORITY_USUAL};
	return 0;
}

int darwin_pthread_attr_destroy(struct attributes *attributes)
{
	attributes->signature = 0;
	return 0;
}

// ---- stacks ---------------------------------------------------------------------------------------------------------

int darwin_pthread_attr_getstacksize(const struct attributes *attributes, size_t *size)
{
	*size = attributes->stack_size;
	return 0;
}

int darwin_pthread_attr_setstacksize(struct attributes *attributes, size_t size)
{
	if (size < THREAD_STACK_LEAST || size % 4096)
		return DARWIN_EINVAL;
	attributes->stack_size = size;
	return 0;
}

// getstackaddr and setstackaddr have the upper end, getstack and setstack the lower one.
int darwin_pthread_attr_getstackaddr(const struct attributes *attributes, void **top)
{
	*top = attributes->stack;
	return 0;
}

int darwin_pthread_attr_setstackaddr(struct attributes *attributes, void *top)
{
	if ((uintptr_t)top % 4096)
		return DARWIN_EINVAL;
	attributes->stack = top;
	return 0;
}

int darwin_pthread_attr_getstack(const struct attributes *attributes, void **low, size_t *size)
{
	*low = attributes->stack ? (uint8_t *)attributes->stack - attributes->stack_size : NULL;
	*size = attributes->stack_size;
	return 0;
}

int darwin_pthread_attr_setstack(struct attributes *attributes, void *low, size_t size)
{
	if ((uintptr_t)low % 4096 || size < THREAD_STACK_LEAST || size % 4096)
		return DARWIN_EINVAL;
	attributes->stack = (uint8_t *)low + size;
	attributes->stack_size = size;
	return 0;
}

int darwin_pthread_attr_setguardsize(struct attributes *attributes, size_t size)
{
	if (size % 4096)
		return DARWIN_EINVAL;
	attributes->guard_size = size;
	return 0;
}

int darwin_pthread_attr_getguardsize(const struct attributes *attributes, size_t *size)
{
	*size = attributes->guard_size;
	return 0;
}

// ---- the rest -------------------------------------------------------------------------------------------------------

int darwin_pthread_attr_setdetachstate(struct attributes *attributes, int state)
{
	if (state != THREAD_JOINABLE && state != THREAD_DETACHED)
		return DARWIN_EINVAL;
	attributes->detached = (uint8_t)state;
	return 0;
}

int darwin_pthread_attr_getdetachstate(const struct attributes *attributes, int *state)
{
	*state = attributes->detached;
	return 0;
}

int darwin_pthread_attr_setinheritsched(struct attributes *attributes, int inherit)
{
	if (inherit != INHERIT && inherit != EXPLICIT)
		return DARWIN_EINVAL;
	attributes->inherit = (uint8_t)inherit;
	return 0;
}

int darwin_pthread_attr_getinheritsched(const struct attributes *attributes, int *inherit)
{
	*inherit = attributes->inherit;
	return 0;
}

int darwin_pthread_attr_setscope(struct attributes *attributes, int scope)
{
	if (scope == SCOPE_PROCESS)
		return DARWIN_ENOTSUP;
	return scope == SCOPE_SYSTEM ? 0 : DARWIN_EINVAL;
}

int darwin_pthread_attr_getscope(const struct attributes *attributes, int *scope)
{
	*scope = attributes->scope;
	return 0;
}

static int check_policy(int policy)
{
	return policy == POLICY_OTHER || policy == POLICY_RR || policy == POLICY_FIFO ? 0 : DARWIN_EINVAL;
}

int darwin_pthread_attr_setschedpolicy(struct attributes *attributes, int policy)
{
	if (check_policy(policy))
		return DARWIN_EINVAL;
	attributes->policy = (uint8_t)policy;
	return 0;
}

int darwin_pthread_attr_getschedpolicy(const struct attributes *attributes, int *policy)
{
	*policy = attributes->policy;
	return 0;
}

int darwin_pthread_attr_setschedparam(struct attributes *attributes, const struct schedule *schedule)
{
	attributes->priority = schedule->priority;
	return 0;
}

int darwin_pthread_attr_getschedparam(const struct attributes *attributes, struct schedule *schedule)
{
	*schedule = (struct schedule){.priority = attributes->priority};
	return 0;
}

// ---- of threads that run --------------------------------------------------------------------------------------------

int darwin_pthread_getschedparam(const struct thread *thread, int *policy, struct schedule *schedule)
{
	if (!thread_is_known(thread))
		return DARWIN_ESRCH;
	*policy = thread->policy ? thread->policy : THREAD_POLICY_USUAL;
	*schedule = (struct schedule){.priority = thread->policy ? thread->priority : THREAD_PRIORITY_USUAL};
	return 0;
}

int darwin_pthread_setschedparam(struct thread *thread, int policy, const struct schedule *schedule)
{
	if (!thread_is_known(thread))
		return DARWIN_ESRCH;
	if (check_policy(policy))
		return DARWIN_EINVAL;
	thread->policy = policy;
	thread->priority = schedule->priority;
	return 0;
}

uint64_t *thread_attributes_qos(struct attributes *attributes)
{
	return &attributes->qos;
}
