// SPDX-License-Identifier: MIT
// Semaphores: counts that threads wait for. A semaphore is named by a send right to its kernel port; it ends when the task
// that made it destroys it, or when nobody has a right to it any more.
#ifndef KERNEL_IPC_SEMAPHORE_H
#define KERNEL_IPC_SEMAPHORE_H

#include "port.h"

struct task;
struct thread;

struct semaphore {
	struct object object;
	struct lock lock;          // RANK_SEMAPHORE
	bool ended;                // [l]
	bool last_first;           // [I] SYNC_POLICY_LIFO: the one that came last is woken first
	int count;                 // [l] > 0 only while nobody waits
	struct wait_queue waiters; // [l]
	struct port *port;         // [I] its kernel port; a reference
	uint32_t owner;            // [I] the task's id
	struct account *account;   // [I] a reference
};

extern const struct port_object_ops semaphore_port_ops;

// A semaphore of the task, as a send right (one of the caller's). KERN_INVALID_ARGUMENT (value below 0, policy),
// KERN_RESOURCE_SHORTAGE.
kern_return_t must_check semaphore_create(struct task *owner, int policy, int value, struct right *right);
// Ends it; waiters get KERN_TERMINATED. Idempotent.
void semaphore_end(struct semaphore *semaphore);
// Wakes one waiter or counts up; the thread that was claimed is returned for the caller to make ready. KERN_TERMINATED.
kern_return_t semaphore_signal(struct semaphore *semaphore, struct thread **claimed);

#endif
