// SPDX-License-Identifier: MIT
// The kernel ports of tasks, threads and the host: what their send rights lead to.
//
// A task's port lives as long as the task, a thread's is made when first asked for and ends with the thread, the
// host's lives for ever. The calls that they serve are in *_calls.c. Locks: a task's, over thread.self_port.
#ifndef KERNEL_TASK_TASK_PORT_H
#define KERNEL_TASK_TASK_PORT_H

#include "../ipc/right.h"

struct task;
struct thread;

extern const struct port_object_ops task_port_ops, thread_port_ops, host_port_ops;

void task_port_module_init(void);
// Send rights; DEAD when the object has ended, NONE: no memory.
struct right task_make_send(struct task *task) must_check;
struct right thread_make_send(struct thread *thread) must_check;
struct right host_make_send(void) must_check;
// The object behind a name of the current thread's task, with a reference; NULL: none of that kind.
struct task *task_named(struct thread *self, mach_port_name_t name) must_check;
struct thread *thread_named(struct thread *self, mach_port_name_t name) must_check;
// The thread ends: so does its port.
void thread_end_port(struct thread *thread);

#endif
