// SPDX-License-Identifier: MIT
// OSAtomic* and their kin, from before C11: older programs call them. Facts: <libkern/OSAtomicDeprecated.h>,
// <libkern/OSCacheControl.h>, atomic(3). On x86-64 each is a full barrier, so that the forms with and
// without one are the same function.
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

int32_t darwin_OSAtomicAdd32(int32_t amount, int32_t *at) { return __atomic_add_fetch(at, amount, __ATOMIC_SEQ_CST); }
int64_t darwin_OSAtomicAdd64(int64_t amount, int64_t *at) { return __atomic_add_fetch(at, amount, __ATOMIC_SEQ_CST); }
int32_t darwin_OSAtomicIncrement32(int32_t *at) { return darwin_OSAtomicAdd32(1, at); }
int32_t darwin_OSAtomicDecrement32(int32_t *at) { return darwin_OSAtomicAdd32(-1, at); }
int64_t darwin_OSAtomicIncrement64(int64_t *at) { return darwin_OSAtomicAdd64(1, at); }
int64_t darwin_OSAtomicDecrement64(int64_t *at) { return darwin_OSAtomicAdd64(-1, at); }
uint32_t darwin_OSAtomicOr32(uint32_t mask, uint32_t *at) { return __atomic_or_fetch(at, mask, __ATOMIC_SEQ_CST); }
uint32_t darwin_OSAtomicAnd32(uint32_t mask, uint32_t *at) { return __atomic_and_fetch(at, mask, __ATOMIC_SEQ_CST); }
uint32_t darwin_OSAtomicXor32(uint32_t mask, uint32_t *at) { return __atomic_xor_fetch(at, mask, __ATOMIC_SEQ_CST); }
uint32_t darwin_OSAtomicOr32Orig(uint32_t mask, uint32_t *at) { return __atomic_fetch_or(at, mask, __ATOMIC_SEQ_CST); }
uint32_t darwin_OSAtomicAnd32Orig(uint32_t mask, uint32_t *at) { return __atomic_fetch_and(at, mask, __ATOMIC_SEQ_CST); }
uint32_t darwin_OSAtomicXor32Orig(uint32_t mask, uint32_t *at) { return __atomic_fetch_xor(at, mask, __ATOMIC_SEQ_CST); }

bool darwin_OSAtomicCompareAndSwap32(int32_t old, int32_t new, int32_t *at)
{
	return __atomic_compare_exchange_n(at, &old, new, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}

bool darwin_OSAtomicCompareAndSwap64(int64_t old, int64_t new, int64_t *at)
{
	return __atomic_compare_exchange_n(at, &old, new, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}

// Bit n is bit 7 - n % 8 of byte n / 8. The bit as it was.
bool darwin_OSAtomicTestAndSet(uint32_t bit, void *at)
{
	uint8_t mask = (uint8_t)(0x80 >> (bit & 7));
	return __atomic_fetch_or((uint8_t *)at + bit / 8, mask, __ATOMIC_SEQ_CST) & mask;
}

bool darwin_OSAtomicTestAndClear(uint32_t bit, void *at)
{
	uint8_t mask = (uint8_t)(0x80 >> (bit & 7));
	return __atomic_fetch_and((uint8_t *)at + bit / 8, (uint8_t)~mask, __ATOMIC_SEQ_CST) & mask;
}

void darwin_OSMemoryBarrier(void)
{
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}

// ---- a stack of elements whose link is at an offset --------------------------------------------------------------------

void darwin_OSSpinLockLock(int32_t *lock);
void darwin_OSSpinLockUnlock(int32_t *lock);

struct queue { // OSQueueHead: a pointer and a long, of which the low half is the lock here
	void *first;
	int32_t lock, pad;
};

void darwin_OSAtomicEnqueue(struct queue *queue, void *element, size_t offset)
{
	darwin_OSSpinLockLock(&queue->lock);
	*(void **)((char *)element + offset) = queue->first;
	queue->first = element;
	darwin_OSSpinLockUnlock(&queue->lock);
}

void *darwin_OSAtomicDequeue(struct queue *queue, size_t offset)
{
	darwin_OSSpinLockLock(&queue->lock);
	void *element = queue->first;
	if (element)
		queue->first = *(void **)((char *)element + offset);
	darwin_OSSpinLockUnlock(&queue->lock);
	return element;
}

// ---- caches: of code and data they are one on x86 -----------------------------------------------------------------------

void darwin_sys_icache_invalidate(void *at, size_t size)
{
	(void)at, (void)size;
	darwin_OSMemoryBarrier();
}
