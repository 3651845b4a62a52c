// SPDX-License-Identifier: MIT
// Accesses to registers; see mmio.h. The fences keep them in order with memory that the device reads and writes itself.
#include "mmio.h"

#include <stdatomic.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "registers are accessed as they are");

#define ACCESS(type, bits)                                                                                             \
	type mmio_read##bits(const void *address)                                                                      \
	{                                                                                                              \
		type value = *(const volatile type *)address;                                                          \
		atomic_thread_fence(memory_order_acquire);                                                             \
		return value;                                                                                          \
	}                                                                                                              \
	void mmio_write##bits(void *address, type value)                                                               \
	{                                                                                                              \
		atomic_thread_fence(memory_order_seq_cst);                                                             \
		*(volatile type *)address = value;                                                                     \
	}

ACCESS(uint8_t, 8)
ACCESS(uint16_t, 16)
ACCESS(uint32_t, 32)
