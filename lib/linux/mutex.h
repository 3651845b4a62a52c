// SPDX-License-Identifier: MIT
// A lock that may be held during traps: 0 free, 1 held, 2 held and perhaps waited for.
#ifndef LINUX_MUTEX_H
#define LINUX_MUTEX_H

#include "futex_table.h"

#include <stdatomic.h>

struct mutex {
	_Atomic uint32_t state;
};

static inline void mutex_acquire(struct mutex *mutex)
{
	uint32_t state = 0;
	if (atomic_compare_exchange_strong(&mutex->state, &state, 1))
		return;
	while (atomic_exchange(&mutex->state, 2) != 0)
		(void)futex_wait((const uint32_t *)&mutex->state, 2, FUTEX_ANY, UINT64_MAX);
}

static inline void mutex_release(struct mutex *mutex)
{
	if (atomic_exchange(&mutex->state, 0) == 2)
		(void)futex_wake((const uint32_t *)&mutex->state, 1, FUTEX_ANY);
}

#endif
