// SPDX-License-Identifier: MIT
// What is known of each thread: a table by id. Ids are the kernel's; the first thread's is the process's id as well.
#ifndef LINUX_THREAD_H
#define LINUX_THREAD_H

#include <stdbool.h>
#include <stdint.h>

struct linux_thread {
	struct linux_thread *next; // [lock of the table; the pool's while it is free]
	uint32_t id;               // [I]
	uint32_t *clear;           // [o] set to 0, and woken, when the thread ends (set_tid_address(2)); NULL: nothing
};

// The table has the calling thread.
void threads_begin(void);
// A record for a thread that is about to be started; NULL: no memory. It counts from now on.
struct linux_thread *thread_expect(void);
// It was not started after all.
void thread_forget(struct linux_thread *thread);
// Under its id, by the thread itself.
void thread_add(struct linux_thread *thread, uint32_t id);
// The calling thread's; NULL: it was not started by a Linux call.
struct linux_thread *thread_self(void);
// Takes the calling thread out of the table. True: there is no other.
bool thread_remove(struct linux_thread *thread);

#endif
