// SPDX-License-Identifier: MIT
// Wait queues: how threads sleep until somebody wakes them, a time comes, or they are aborted.
//
// A wait queue belongs to an object and is guarded by that object's lock.
//   to sleep:   lock; wait_begin(&object->waiters, ...); unlock; then one of
//               result = thread_block();                     the stack is kept
//               thread_block_continue(continuation);         the stack is given back; continuation(thread) runs later
//               and after either:  lock; wait_end(queue, thread); unlock   (takes it off the queue if still on it)
//   to wake:    lock; thread = wait_claim(queue); unlock; hand it something; thread_ready(thread)
// 1. Whoever changes a thread's wait word from WAIT_WAITING to a result has *claimed* it, and must make it ready exactly
//    once, soon; the thread does not get past its blocking before that.
// 2. A thread that was woken by time or abort is still on the queue until its own wait_end: the object must be kept
//    alive by a reference of the waiter.
// 3. Between wait_begin and blocking a thread may already be claimed; blocking then returns at once. After wait_begin it
//    must block.
#ifndef KERNEL_CORE_WAIT_H
#define KERNEL_CORE_WAIT_H

#include "base.h"
#include "list.h"

struct thread;

enum wait_result {
	WAIT_NONE,        // not waiting
	WAIT_WAITING,     // not claimed by anybody
	WAIT_AWAKENED,    // by wait_claim: what it waited for is there
	WAIT_TIMED_OUT,
	WAIT_INTERRUPTED, // thread_abort, a signal
	WAIT_GONE,        // the object died
	WAIT_KILLED,      // the thread is to end: unwind and return to user mode, which ends it
};

enum wait_flags {
	WAIT_UNINTERRUPTIBLE = 0,
	WAIT_INTERRUPTIBLE = 0x100, // thread_abort ends the wait
	WAIT_NO_KILL = 0x200,       // not even the task's death does (short waits of kernel code)
	WAIT_QUICK = 0x400,         // ipc/quick.c began it: who claims it writes down what it left out (receive_settle)
};

#define WAIT_FOREVER UINT64_MAX

struct wait_queue {
	struct list waiters;
};

static inline void wait_queue_init(struct wait_queue *queue) { list_init(&queue->waiters); }
static inline bool wait_queue_empty(const struct wait_queue *queue) { return list_empty(&queue->waiters); }

// Puts the current thread on the queue. `deadline`: absolute, or WAIT_FOREVER. `why` is shown to people ("receive").
// A NULL queue only waits for time or abort.
void wait_begin(struct wait_queue *queue, uint64_t deadline, enum wait_flags flags, const char *why);
// The thread's wait is over: off the queue, its timer is cancelled. Lock of the queue held. Returns the result.
enum wait_result wait_end(struct thread *thread);
// Takes the longest waiting thread that nobody else woke and claims it with WAIT_AWAKENED; NULL when there is none. The
// caller must thread_ready() (or hand over to) it.
struct thread *wait_claim(struct wait_queue *queue);
// Claims a certain thread (for time, abort, death); false when somebody else did, or it does not wait, or its wait is
// not ended by that (wait_flags). The caller must thread_ready() it.
bool must_check wait_claim_thread(struct thread *thread, enum wait_result result);
// Claims and readies everybody.
void wait_wake_all(struct wait_queue *queue, enum wait_result result);

#endif
