// SPDX-License-Identifier: MIT
// Fault injection; see inject.c. monitor_inject (abi/monitor.defs) is how it is asked for.
#ifndef KERNEL_DEBUG_INJECT_H
#define KERNEL_DEBUG_INJECT_H

struct task;

// The task is ending: what was begun for it and would end later is dropped. No lock held.
void inject_task_ended(struct task *task);

#endif
