// SPDX-License-Identifier: MIT
// Atomic operations. Facts: <libkern/OSAtomicDeprecated.h>, <libkern/OSAtomicQueue.h>.
#ifndef DARWIN_INCLUDE_LIBKERN_OSATOMIC_H
#define DARWIN_INCLUDE_LIBKERN_OSATOMIC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif
typedef volatile struct {
	void *opaque1;
	long opaque2;
} __attribute__((aligned(16))) OSQueueHead;
#define OS_ATOMIC_QUEUE_INIT {NULL, 0}
typedef int32_t OSSpinLock;
int32_t OSAtomicAdd32Barrier(int32_t, volatile int32_t *);
int64_t OSAtomicIncrement64(volatile int64_t *);
int32_t OSAtomicDecrement32(volatile int32_t *);
int32_t OSAtomicOr32(uint32_t, volatile uint32_t *);
int32_t OSAtomicAnd32Orig(uint32_t, volatile uint32_t *);
int32_t OSAtomicXor32(uint32_t, volatile uint32_t *);
bool OSAtomicCompareAndSwap32(int32_t, int32_t, volatile int32_t *);
bool OSAtomicCompareAndSwapPtrBarrier(void *, void *, void *volatile *);
bool OSAtomicTestAndSet(uint32_t, volatile void *);
bool OSAtomicTestAndClear(uint32_t, volatile void *);
void OSAtomicEnqueue(OSQueueHead *, void *, size_t);
void *OSAtomicDequeue(OSQueueHead *, size_t);
void OSMemoryBarrier(void);
void OSSpinLockLock(volatile OSSpinLock *);
bool OSSpinLockTry(volatile OSSpinLock *);
void OSSpinLockUnlock(volatile OSSpinLock *);
#ifdef __cplusplus
}
#endif

#endif
