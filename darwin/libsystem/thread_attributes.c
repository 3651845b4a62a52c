// SPDX-License-Identifier: MIT
// Attributes of threads, and what threads have of them; see thread_attributes.h. Priorities, policies and classes of service are kept and
// answered, and Linux is told nothing: they are hints on Darwin, too. Facts: pthread_attr_*(3), pthread/qos.h, sched.h of Darwin.
#include "thread_attributes.h"

#include "errno.h"
#include "thread.h"

enum { SIGNATURE = 0x54484441 }; // 'THDA'
enum { INHERIT = 1, EXPLICIT = 2, SCOPE_SYSTEM = 1, SCOPE_PROCESS = 2 };
enum { POLICY_OTHER = 1, POLICY_RR = 2, POLICY_FIFO = 4, PRIORITY_LEAST = 15, PRIORITY_MOST = 47 };
enum { QOS_DEFAULT = 0x15 };

struct schedule { // struct sched_param
	int32_t priority;
	char opaque[4];
};

int darwin_pthread_attr_init(struct thread_attributes *attributes)
{
	*attributes = (struct thread_attributes){.signature = SIGNATURE,
						 .stack_size = THREAD_STACK_USUAL,
						 .guard_size = 4096,
						 .detached = THREAD_JOINABLE,
						 .inherit = INHERIT,
						 .scope = SCOPE_SYSTEM,
						 .policy = THREAD_POLICY_USUAL,
						 .priority = THREAD_PRIORITY_USUAL};
	return 0;
}

int darwin_pthread_attr_destroy(struct thread_attributes *attributes)
{
	attributes->signature = 0;
	return 0;
}

// ---- stacks ---------------------------------------------------------------------------------------------------------

int darwin_pthread_attr_getstacksize(const struct thread_attributes *attributes, size_t *size)
{
	*size = attributes->stack_size;
	return 0;
}

int darwin_pthread_attr_setstacksize(struct thread_attributes *attributes, size_t size)
{
	if (size < THREAD_STACK_LEAST || size % 4096)
		return DARWIN_EINVAL;
	attributes->stack_size = size;
	return 0;
}

// getstackaddr and setstackaddr have the upper end, getstack and setstack the lower one.
int darwin_pthread_attr_getstackaddr(const struct thread_attributes *attributes, void **top)
{
	*top = attributes->stack;
	return 0;
}

int darwin_pthread_attr_setstackaddr(struct thread_attributes *attributes, void *top)
{
	if ((uintptr_t)top % 4096)
		return DARWIN_EINVAL;
	attributes->stack = top;
	return 0;
}

int darwin_pthread_attr_getstack(const struct thread_attributes *attributes, void **low, size_t *size)
{
	*low = attributes->stack ? (uint8_t *)attributes->stack - attributes->stack_size : NULL;
	*size = attributes->stack_size;
	return 0;
}

int darwin_pthread_attr_setstack(struct thread_attributes *attributes, void *low, size_t size)
{
	if ((uintptr_t)low % 4096 || size < THREAD_STACK_LEAST || size % 4096)
		return DARWIN_EINVAL;
	attributes->stack = (uint8_t *)low + size;
	attributes->stack_size = size;
	return 0;
}

int darwin_pthread_attr_setguardsize(struct thread_attributes *attributes, size_t size)
{
	if (size % 4096)
		return DARWIN_EINVAL;
	attributes->guard_size = size;
	return 0;
}

int darwin_pthread_attr_getguardsize(const struct thread_attributes *attributes, size_t *size)
{
	*size = attributes->guard_size;
	return 0;
}

// ---- the rest -------------------------------------------------------------------------------------------------------

int darwin_pthread_attr_setdetachstate(struct thread_attributes *attributes, int state)
{
	if (state != THREAD_JOINABLE && state != THREAD_DETACHED)
		return DARWIN_EINVAL;
	attributes->detached = (uint8_t)state;
	return 0;
}

int darwin_pthread_attr_getdetachstate(const struct thread_attributes *attributes, int *state)
{
	*state = attributes->detached;
	return 0;
}

int darwin_pthread_attr_setinheritsched(struct thread_attributes *attributes, int inherit)
{
	if (inherit != INHERIT && inherit != EXPLICIT)
		return DARWIN_EINVAL;
	attributes->inherit = (uint8_t)inherit;
	return 0;
}

int darwin_pthread_attr_getinheritsched(const struct thread_attributes *attributes, int *inherit)
{
	*inherit = attributes->inherit;
	return 0;
}

int darwin_pthread_attr_setscope(struct thread_attributes *attributes, int scope)
{
	if (scope == SCOPE_PROCESS)
		return DARWIN_ENOTSUP;
	return scope == SCOPE_SYSTEM ? 0 : DARWIN_EINVAL;
}

int darwin_pthread_attr_getscope(const struct thread_attributes *attributes, int *scope)
{
	*scope = attributes->scope;
	return 0;
}

static int check_policy(int policy)
{
	return policy == POLICY_OTHER || policy == POLICY_RR || policy == POLICY_FIFO ? 0 : DARWIN_EINVAL;
}

int darwin_pthread_attr_setschedpolicy(struct thread_attributes *attributes, int policy)
{
	if (check_policy(policy))
		return DARWIN_EINVAL;
	attributes->policy = (uint8_t)policy;
	return 0;
}

int darwin_pthread_attr_getschedpolicy(const struct thread_attributes *attributes, int *policy)
{
	*policy = attributes->policy;
	return 0;
}

int darwin_pthread_attr_setschedparam(struct thread_attributes *attributes, const struct schedule *schedule)
{
	attributes->priority = schedule->priority;
	return 0;
}

int darwin_pthread_attr_getschedparam(const struct thread_attributes *attributes, struct schedule *schedule)
{
	*schedule = (struct schedule){.priority = attributes->priority};
	return 0;
}

int darwin_sched_get_priority_min(int policy)
{
	return check_policy(policy) ? errno_set(DARWIN_EINVAL) : PRIORITY_LEAST;
}

int darwin_sched_get_priority_max(int policy)
{
	return check_policy(policy) ? errno_set(DARWIN_EINVAL) : PRIORITY_MOST;
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

// Classes from background (9) to interactive (0x21).
static bool is_qos(uint32_t qos)
{
	return qos == 0x21 || qos == 0x19 || qos == QOS_DEFAULT || qos == 0x11 || qos == 0x09 || qos == 0;
}

int darwin_pthread_attr_set_qos_class_np(struct thread_attributes *attributes, uint32_t qos, int priority)
{
	if (!is_qos(qos) || priority > 0 || priority < -15)
		return DARWIN_EINVAL;
	attributes->qos = qos;
	attributes->qos_priority = priority;
	return 0;
}

int darwin_pthread_attr_get_qos_class_np(const struct thread_attributes *attributes, uint32_t *qos, int *priority)
{
	*qos = attributes->qos;
	if (priority)
		*priority = attributes->qos_priority;
	return 0;
}

int darwin_pthread_set_qos_class_self_np(uint32_t qos, int priority)
{
	if (!is_qos(qos) || qos == 0 || priority > 0 || priority < -15)
		return DARWIN_EINVAL;
	thread_self()->qos = qos;
	return 0;
}

int darwin_pthread_get_qos_class_np(const struct thread *thread, uint32_t *qos, int *priority)
{
	if (!thread_is_known(thread))
		return DARWIN_ESRCH;
	*qos = thread->qos ? thread->qos : QOS_DEFAULT;
	if (priority)
		*priority = 0;
	return 0;
}

uint32_t darwin_qos_class_self(void)
{
	uint32_t qos = thread_self()->qos;
	return qos ? qos : QOS_DEFAULT;
}

uint32_t darwin_qos_class_main(void)
{
	return QOS_DEFAULT;
}
