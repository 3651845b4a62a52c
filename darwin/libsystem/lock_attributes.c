// SPDX-License-Identifier: MIT
// Attributes of mutexes, conditions and read-write locks; see lock.h. Protocols, ceilings and policies are kept and answered: they are
// about priorities, which Linux is not told.
#include "lock.h"

#include "errno.h"

enum { MUTEX = 0x4D545841, CONDITION = 0x434E4441, RWLOCK = 0x52574C41 }; // 'MTXA', 'CNDA', 'RWLA'

int darwin_pthread_mutexattr_init(struct mutex_attributes *attributes)
{
	*attributes = (struct mutex_attributes){
	    .signature = MUTEX, .policy = 1 /* PTHREAD_MUTEX_POLICY_FAIRSHARE_NP */, .shared = LOCK_OF_PROCESS};
	return 0;
}

int darwin_pthread_mutexattr_destroy(struct mutex_attributes *attributes)
{
	attributes->signature = 0;
	return 0;
}

int darwin_pthread_mutexattr_settype(struct mutex_attributes *attributes, int kind)
{
	if (kind < MUTEX_NORMAL || kind > MUTEX_RECURSIVE)
		return DARWIN_EINVAL;
	attributes->kind = (uint8_t)kind;
	return 0;
}

int darwin_pthread_mutexattr_gettype(const struct mutex_attributes *attributes, int *kind)
{
	*kind = attributes->kind;
	return 0;
}

static int set_shared(uint32_t *kept, int shared)
{
	if (shared != LOCK_OF_PROCESS && shared != LOCK_OF_ALL)
		return DARWIN_EINVAL;
	*kept = (uint32_t)shared;
	return 0;
}

int darwin_pthread_mutexattr_setpshared(struct mutex_attributes *attributes, int shared)
{
	return set_shared(&attributes->shared, shared);
}

int darwin_pthread_mutexattr_getpshared(const struct mutex_attributes *attributes, int *shared)
{
	*shared = (int)attributes->shared;
	return 0;
}

int darwin_pthread_mutexattr_setprotocol(struct mutex_attributes *attributes, int protocol)
{
	if (protocol < 0 || protocol > 2) // NONE, INHERIT, PROTECT
		return DARWIN_EINVAL;
	attributes->protocol = (uint8_t)protocol;
	return 0;
}

int darwin_pthread_mutexattr_getprotocol(const struct mutex_attributes *attributes, int *protocol)
{
	*protocol = attributes->protocol;
	return 0;
}

int darwin_pthread_mutexattr_setprioceiling(struct mutex_attributes *attributes, int ceiling)
{
	if (ceiling < 0 || ceiling > 127)
		return DARWIN_EINVAL;
	attributes->ceiling = (uint8_t)ceiling;
	return 0;
}

int darwin_pthread_mutexattr_getprioceiling(const struct mutex_attributes *attributes, int *ceiling)
{
	*ceiling = attributes->ceiling;
	return 0;
}

int darwin_pthread_mutexattr_setpolicy_np(struct mutex_attributes *attributes, int policy)
{
	if (policy != 1 && policy != 3) // FAIRSHARE, FIRSTFIT
		return DARWIN_EINVAL;
	attributes->policy = (uint8_t)policy;
	return 0;
}

int darwin_pthread_mutexattr_getpolicy_np(const struct mutex_attributes *attributes, int *policy)
{
	*policy = attributes->policy;
	return 0;
}

// ---- conditions, read-write locks -----------------------------------------------------------------------------------

static int shared_begin(struct shared_attributes *attributes, long signature)
{
	*attributes = (struct shared_attributes){signature, LOCK_OF_PROCESS};
	return 0;
}

int darwin_pthread_condattr_init(struct shared_attributes *attributes)
{
	return shared_begin(attributes, CONDITION);
}

int darwin_pthread_rwlockattr_init(struct shared_attributes *attributes)
{
	return shared_begin(attributes, RWLOCK);
}

int darwin_pthread_sharedattr_destroy(struct shared_attributes *attributes)
{
	attributes->signature = 0;
	return 0;
}

int darwin_pthread_sharedattr_setpshared(struct shared_attributes *attributes, int shared)
{
	return set_shared(&attributes->shared, shared);
}

int darwin_pthread_sharedattr_getpshared(const struct shared_attributes *attributes, int *shared)
{
	*shared = (int)attributes->shared;
	return 0;
}
