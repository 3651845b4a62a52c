// SPDX-License-Identifier: MIT
// A spin lock for a few instructions. Who finds it held looks a while and then gives way, since its holder may have lost its CPU.
#ifndef LINUX_SPIN_H
#define LINUX_SPIN_H

#include <abi/traps.h>
#include <stdatomic.h>

#define SPIN_LOOKS 64

struct spin {
	_Atomic uint32_t held;
};

static inline void spin_acquire(struct spin *spin)
{
	while (atomic_exchange_explicit(&spin->held, 1, memory_order_acquire)) {
		for (int i = 0; i < SPIN_LOOKS && atomic_load_explicit(&spin->held, memory_order_relaxed); i++)
			__builtin_ia32_pause();
		if (atomic_load_explicit(&spin->held, memory_order_relaxed))
			swtch_pri(0);
	}
}

static inline void spin_release(struct spin *spin) { atomic_store_explicit(&spin->held, 0, memory_order_release); }

#endif
