// SPDX-License-Identifier: MIT
// Attributes of locks. Facts: libpthread's pthread.h, sys/_pthread/_pthread_types.h: 8 bytes behind the signature of a mutex' and a
// condition's, 16 behind that of a read-write lock's.
#ifndef DARWIN_LOCK_H
#define DARWIN_LOCK_H

#include <stdint.h>

enum { MUTEX_NORMAL, MUTEX_ERRORCHECK, MUTEX_RECURSIVE };
enum { LOCK_OF_ALL = 1, LOCK_OF_PROCESS = 2 }; // PTHREAD_PROCESS_SHARED, PTHREAD_PROCESS_PRIVATE

struct mutex_attributes {
	long signature;
	uint8_t kind, protocol, policy, ceiling;
	uint32_t shared;
};
struct shared_attributes { // of conditions and read-write locks
	long signature;
	uint32_t shared;
};

#endif
