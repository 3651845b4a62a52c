// SPDX-License-Identifier: MIT
// Counts all rights again and looks at the invariants of queues, sets and spaces: for tests, at rest (no other CPU in
// kernel/ipc, no thread between two of its steps).
//
// ipc_check_begin(); ipc_check_hold(right) for each right that a part of the kernel outside kernel/ipc and struct task
// holds; faults = ipc_check_end(). Every fault is a log line. With parts that hold rights unannounced use ipc_check_loose
// instead of the last: rights may then be more than were found, but not fewer.
#ifndef KERNEL_IPC_CHECK_H
#define KERNEL_IPC_CHECK_H

#include "right.h"

void ipc_check_begin(void);
void ipc_check_hold(struct right right);
unsigned ipc_check_end(void) must_check;
unsigned ipc_check_loose(void) must_check;

#endif
