// SPDX-License-Identifier: MIT
// C11's atomic operations as calls: what a compiler does not write in place. Facts: compiler-rt's atomic.c for the names, LLVM's
// "Atomic Instructions and Concurrency Guide" for the arguments; on macOS they are part of libSystem (libcompiler_rt).
//
// 1. Aligned objects of 1, 2, 4, 8 and 16 bytes use the processor's instructions, as a compiler's own code does: both may be used on one
//    object. All others have one of a few locks, by address.
// 2. The order that is asked for is not looked at: all are sequentially consistent, of which x86's locked instructions are.
#include "futex.h"

#include <stddef.h>
#include <string.h>

typedef unsigned __int128 wide;

// ---- sixteen bytes: cmpxchg16b, which every x86_64 for macOS has ---------------------------------------------------

static bool wide_swap(volatile wide *object, wide *expected, wide desired)
{
	uint64_t low = (uint64_t)*expected, high = (uint64_t)(*expected >> 64);
	bool good;
	__asm__ volatile("lock cmpxchg16b %1"
			 : "=@ccz"(good), "+m"(*object), "+a"(low), "+d"(high)
			 : "b"((uint64_t)desired), "c"((uint64_t)(desired >> 64))
			 : "memory");
	if (!good)
		*expected = (wide)high << 64 | low;
	return good;
}

wide darwin_atomic_load_16(volatile wide *object, int order)
{
	wide value = 0;
	(void)order;
	wide_swap(object, &value, 0); // writes only what is there
	return value;
}

#define WIDE_LOOP(name, result)                                                                                        \
	wide darwin_atomic_##name##_16(volatile wide *object, wide value, int order)                                   \
	{                                                                                                              \
		wide before = darwin_atomic_load_16(object, order);                                                    \
		while (!wide_swap(object, &before, result)) { }                                                        \
		return before;                                                                                         \
	}
WIDE_LOOP(exchange, value)
WIDE_LOOP(fetch_add, before + value)
WIDE_LOOP(fetch_sub, before - value)
WIDE_LOOP(fetch_and, before &value)
WIDE_LOOP(fetch_or, before | value)
WIDE_LOOP(fetch_xor, before ^ value)
WIDE_LOOP(fetch_nand, ~(before & value))

void darwin_atomic_store_16(volatile wide *object, wide value, int order)
{
	darwin_atomic_exchange_16(object, value, order);
}

bool darwin_atomic_compare_exchange_16(volatile wide *object, wide *expected, wide desired, int good, int bad)
{
	(void)good, (void)bad;
	return wide_swap(object, expected, desired);
}

// ---- one to eight bytes ---------------------------------------------------------------------------------------------

#define FETCH(size, type, name)                                                                                        \
	type darwin_atomic_##name##_##size(volatile type *object, type value, int order)                               \
	{                                                                                                              \
		(void)order;                                                                                           \
		return __atomic_##name(object, value, __ATOMIC_SEQ_CST);                                               \
	}
#define SIZED(size, type)                                                                                              \
	type darwin_atomic_load_##size(volatile type *object, int order)                                               \
	{                                                                                                              \
		(void)order;                                                                                           \
		return __atomic_load_n(object, __ATOMIC_SEQ_CST);                                                      \
	}                                                                                                              \
	void darwin_atomic_store_##size(volatile type *object, type value, int order)                                  \
	{                                                                                                              \
		(void)order;                                                                                           \
		__atomic_store_n(object, value, __ATOMIC_SEQ_CST);                                                     \
	}                                                                                                              \
	bool darwin_atomic_compare_exchange_##size(volatile type *object, type *expected, type desired, int good, int bad) \
	{                                                                                                              \
		(void)good, (void)bad;                                                                                 \
		return __atomic_compare_exchange_n(object, expected, desired, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST); \
	}                                                                                                              \
	type darwin_atomic_exchange_##size(volatile type *object, type value, int order)                               \
	{                                                                                                              \
		(void)order;                                                                                           \
		return __atomic_exchange_n(object, value, __ATOMIC_SEQ_CST);                                           \
	}                                                                                                              \
	FETCH(size, type, fetch_add)                                                                                   \
	FETCH(size, type, fetch_sub)                                                                                   \
	FETCH(size, type, fetch_and)                                                                                   \
	FETCH(size, type, fetch_or)                                                                                    \
	FETCH(size, type, fetch_xor)                                                                                   \
	FETCH(size, type, fetch_nand)
SIZED(1, uint8_t)
SIZED(2, uint16_t)
SIZED(4, uint32_t)
SIZED(8, uint64_t)

// ---- of any size ----------------------------------------------------------------------------------------------------

#define LOCKS 64
static struct {
	_Alignas(64) _Atomic uint32_t word;
} locks[LOCKS];

static _Atomic uint32_t *lock_of(const volatile void *object)
{
	return &locks[((uintptr_t)object >> 4) % LOCKS].word;
}

// The size of the instruction to use; 0: a lock.
static size_t instruction(size_t size, const volatile void *object)
{
	bool is_power = size == 1 || size == 2 || size == 4 || size == 8 || size == 16;
	return is_power && (uintptr_t)object % size == 0 ? size : 0;
}

bool darwin_atomic_is_lock_free(size_t size, const volatile void *object)
{
	return instruction(size, object) != 0; // NULL: an object with the alignment that its size needs
}

#define READ(type, from) ({ type read_value; memcpy(&read_value, (from), sizeof(read_value)); read_value; })
#define WRITE(type, to, what) do { type written_value = (what); memcpy((to), &written_value, sizeof(written_value)); } while (0)
#define EACH(size, object, does)                                                                                       \
	switch (instruction(size, object)) {                                                                           \
	case 1: does(1, uint8_t); return;                                                                              \
	case 2: does(2, uint16_t); return;                                                                             \
	case 4: does(4, uint32_t); return;                                                                             \
	case 8: does(8, uint64_t); return;                                                                             \
	case 16: does(16, wide); return;                                                                               \
	default: break;                                                                                                \
	}

void darwin_atomic_load(size_t size, volatile void *object, void *to, int order)
{
#define LOAD(n, type) WRITE(type, to, darwin_atomic_load_##n(object, order))
	EACH(size, object, LOAD)
	_Atomic uint32_t *lock = lock_of(object);
	futex_lock(lock);
	memcpy(to, (const void *)object, size);
	futex_unlock(lock);
}

void darwin_atomic_store(size_t size, volatile void *object, const void *from, int order)
{
#define STORE(n, type) darwin_atomic_store_##n(object, READ(type, from), order)
	EACH(size, object, STORE)
	_Atomic uint32_t *lock = lock_of(object);
	futex_lock(lock);
	memcpy((void *)object, from, size);
	futex_unlock(lock);
}

void darwin_atomic_exchange(size_t size, volatile void *object, const void *from, void *before, int order)
{
#define EXCHANGE(n, type) WRITE(type, before, darwin_atomic_exchange_##n(object, READ(type, from), order))
	EACH(size, object, EXCHANGE)
	_Atomic uint32_t *lock = lock_of(object);
	futex_lock(lock);
	memcpy(before, (const void *)object, size);
	memcpy((void *)object, from, size);
	futex_unlock(lock);
}

static bool exchange_locked(size_t size, void *object, void *expected, const void *desired)
{
	bool equal = memcmp(object, expected, size) == 0;
	memcpy(equal ? object : expected, equal ? desired : object, size);
	return equal;
}

bool darwin_atomic_compare_exchange(size_t size, volatile void *object, void *expected, const void *desired, int good, int bad)
{
#define COMPARE(n, type) return darwin_atomic_compare_exchange_##n(object, (type *)expected, READ(type, desired), good, bad)
	switch (instruction(size, object)) {
	case 1: COMPARE(1, uint8_t);
	case 2: COMPARE(2, uint16_t);
	case 4: COMPARE(4, uint32_t);
	case 8: COMPARE(8, uint64_t);
	case 16: COMPARE(16, wide);
	default: break;
	}
	_Atomic uint32_t *lock = lock_of(object);
	futex_lock(lock);
	bool equal = exchange_locked(size, (void *)object, expected, desired);
	futex_unlock(lock);
	return equal;
}
