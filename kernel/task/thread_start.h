// SPDX-License-Identifier: MIT
// Threads that the kernel starts in a task. Locks: none. May suspend.
#ifndef KERNEL_TASK_THREAD_START_H
#define KERNEL_TASK_THREAD_START_H

#include "../core/base.h"

struct task;
struct thread;

// Starts a user thread at `entry` with that stack pointer and argument; *thread: with a reference.
// KERN_RESOURCE_SHORTAGE (memory, limit, or the task is dying), KERN_TERMINATED, or the machine's reason.
kern_return_t must_check thread_start(struct task *task, uint64_t entry, uint64_t stack, uint64_t argument,
				      struct thread **thread);
// The second half of that: lets a thread begin that thread_create made. The caller keeps its reference; when this fails
// the thread ends.
kern_return_t must_check thread_begin(struct thread *thread, uint64_t entry, uint64_t stack, uint64_t argument);

#endif
