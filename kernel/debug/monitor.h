// SPDX-License-Identifier: MIT
// The monitor: the kernel's state as records for people's tools (abi/monitor.defs, include/gila/monitor.h).
//
// Records are filled one at a time under the lock of their object only, so that watching never stops the system.
#ifndef KERNEL_DEBUG_MONITOR_H
#define KERNEL_DEBUG_MONITOR_H

#include "../ipc/right.h"

#include <gila/monitor.h>

struct seat;
struct task;
struct thread;

void monitor_module_init(void);
// A send right to the monitor's port.
struct right monitor_make_send(void) must_check;

// monitor_records.c: each fills one record.
void monitor_fill_task(struct task *task, struct monitor_task *record);
void monitor_fill_thread(struct thread *thread, struct monitor_thread *record);
void monitor_fill_seat(struct seat *seat, struct monitor_seat *record);
void monitor_fill_count(const struct account *account, unsigned kind, struct monitor_count *record);
void monitor_fill_kernel(struct monitor_kernel *record);
// monitor_rights.c: up to `room` records of the task's names from *place on; moves *place. Returns how many.
uint32_t monitor_list_rights(struct task *task, uint32_t *place, struct monitor_right *records, uint32_t room);
// The object behind a name, as it prints itself. KERN_INVALID_NAME.
kern_return_t must_check monitor_print_name(struct task *task, mach_port_name_t name, char *line, size_t room);

// What an account counts, the bytes of kernel memory first.
#define MONITOR_COUNTS (ACCOUNT_KINDS + 1u)

#endif
