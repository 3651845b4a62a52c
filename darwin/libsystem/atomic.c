// SPDX-License-Identifier: MIT
// OSAtomic: atomic operations as functions, of before C11. All are barriers: on x86 every locked instruction is one.
// Facts: <libkern/OSAtomicDeprecated.h>, <libkern/OSAtomicQueue.h>. Those with "Orig" return the old value, the others the new one.
#include "futex.h"

#include <stddef.h>

void darwin_OSMemoryBarrier(void)
{
	atomic_thread_fence(memory_order_seq_cst);
}

int32_t darwin_OSAtomicAdd32(int32_t amount, _Atomic int32_t *value)
{
	return (int32_t)((uint32_t)atomic_fetch_add(value, amount) + (uint32_t)amount);
}

int64_t darwin_OSAtomicAdd64(int64_t amount, _Atomic int64_t *value)
{
	return (int64_t)((uint64_t)atomic_fetch_add(value, amount) + (uint64_t)amount);
}

int32_t darwin_OSAtomicIncrement32(_Atomic int32_t *value)
{
	return darwin_OSAtomicAdd32(1, value);
}

int32_t darwin_OSAtomicDecrement32(_Atomic int32_t *value)
{
	return darwin_OSAtomicAdd32(-1, value);
}

int64_t darwin_OSAtomicIncrement64(_Atomic int64_t *value)
{
	return darwin_OSAtomicAdd64(1, value);
}

int64_t darwin_OSAtomicDecrement64(_Atomic int64_t *value)
{
	return darwin_OSAtomicAdd64(-1, value);
}

uint32_t darwin_OSAtomicOr32(uint32_t mask, _Atomic uint32_t *value)
{
	return atomic_fetch_or(value, mask) | mask;
}

uint32_t darwin_OSAtomicOr32Orig(uint32_t mask, _Atomic uint32_t *value)
{
	return atomic_fetch_or(value, mask);
}

uint32_t darwin_OSAtomicAnd32(uint32_t mask, _Atomic uint32_t *value)
{
	return atomic_fetch_and(value, mask) & mask;
}

uint32_t darwin_OSAtomicAnd32Orig(uint32_t mask, _Atomic uint32_t *value)
{
	return atomic_fetch_and(value, mask);
}

uint32_t darwin_OSAtomicXor32(uint32_t mask, _Atomic uint32_t *value)
{
	return atomic_fetch_xor(value, mask) ^ mask;
}

uint32_t darwin_OSAtomicXor32Orig(uint32_t mask, _Atomic uint32_t *value)
{
	return atomic_fetch_xor(value, mask);
}

bool darwin_OSAtomicCompareAndSwap32(int32_t old, int32_t new, _Atomic int32_t *value)
{
	return atomic_compare_exchange_strong(value, &old, new);
}

bool darwin_OSAtomicCompareAndSwap64(int64_t old, int64_t new, _Atomic int64_t *value) // long and pointers, too
{
	return atomic_compare_exchange_strong(value, &old, new);
}

// Bits are counted from the topmost of each byte.
static uint8_t bit_of(uint32_t number)
{
	return (uint8_t)(0x80u >> (number & 7));
}

bool darwin_OSAtomicTestAndSet(uint32_t number, _Atomic uint8_t *bytes)
{
	return atomic_fetch_or(&bytes[number / 8], bit_of(number)) & bit_of(number);
}

bool darwin_OSAtomicTestAndClear(uint32_t number, _Atomic uint8_t *bytes)
{
	return atomic_fetch_and(&bytes[number / 8], (uint8_t)~bit_of(number)) & bit_of(number);
}

// ---- a stack of things that have room for a link ---------------------------------------------------------------------

struct atomic_queue {
	void *first;
	_Atomic uint32_t lock;
	uint32_t unused;
};

static void **link_of(void *item, size_t offset)
{
	return (void **)(void *)((char *)item + offset);
}

void darwin_OSAtomicEnqueue(struct atomic_queue *queue, void *item, size_t offset)
{
	futex_lock(&queue->lock);
	*link_of(item, offset) = queue->first;
	queue->first = item;
	futex_unlock(&queue->lock);
}

void *darwin_OSAtomicDequeue(struct atomic_queue *queue, size_t offset)
{
	futex_lock(&queue->lock);
	void *item = queue->first;
	if (item)
		queue->first = *link_of(item, offset);
	futex_unlock(&queue->lock);
	return item;
}
