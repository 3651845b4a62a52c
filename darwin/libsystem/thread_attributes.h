// SPDX-License-Identifier: MIT
// Attributes of threads: Darwin's pthread_attr_t of 64 bytes. Facts: libpthread's pthread.h, sys/_pthread/_pthread_types.h.
#ifndef DARWIN_THREAD_ATTRIBUTES_H
#define DARWIN_THREAD_ATTRIBUTES_H

#include <stddef.h>
#include <stdint.h>

enum { THREAD_JOINABLE = 1, THREAD_DETACHED = 2 };
enum { THREAD_POLICY_USUAL = 1, THREAD_PRIORITY_USUAL = 31 }; // SCHED_OTHER
#define THREAD_STACK_USUAL (512u * 1024) // of a thread that asks for nothing: pthread_attr_getstacksize(3) on Darwin
#define THREAD_STACK_LEAST 16384u

struct attributes {
	long signature;
	uint64_t stack_size, guard_size;
	void *stack; // its upper end, or NULL
	uint8_t detached, inherit, scope, policy;
	int32_t priority;
	uint64_t qos; // as in slot 4 of a thread's data; 0: none
};
_Static_assert(sizeof(struct attributes) <= 64, "pthread_attr_t");

#endif
