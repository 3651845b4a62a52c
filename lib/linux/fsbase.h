// SPDX-License-Identifier: MIT
// A thread's FS base, which C libraries use for thread-local storage (Intel 64 SDM volume 2, RDFSBASE and WRFSBASE).
#ifndef LINUX_FSBASE_H
#define LINUX_FSBASE_H

#include <stdint.h>

static inline uint64_t fs_base_read(void)
{
	uint64_t base;
	__asm__ volatile("rdfsbase %0" : "=r"(base));
	return base;
}

static inline void fs_base_write(uint64_t base) { __asm__ volatile("wrfsbase %0" : : "r"(base) : "memory"); }

#endif
