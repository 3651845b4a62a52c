// SPDX-License-Identifier: MIT
// The generated stubs are the instruction here, always: lib/linux exists on the metal only.
#include <gila/trap.h>
#include <gila/trap_entry.h>

unsigned char gila_trap_bare = 1;

// Where stubs would go when hosted.
uint64_t gila_trap(unsigned number, uint64_t a0, uint64_t a1, uint64_t a2, uint64_t a3, uint64_t a4, uint64_t a5,
		   uint64_t a6, uint64_t a7, uint64_t a8)
{
	__builtin_trap();
}
