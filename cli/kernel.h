// SPDX-License-Identifier: MIT
// What the kernel's monitor tells, as lists in memory.
//
// Each kernel_* list is an array that the caller frees. They fail with the monitor's error, or KERN_FAILURE after a
// complaint when no system can be reached (kernel_reach).
#ifndef CLI_KERNEL_H
#define CLI_KERNEL_H

#include "cli.h"

#include <gila/monitor.h>
#include <mach/port.h>

// The port of the kernel's service of that name ("kernel/monitor", "kernel/seats"), or of a seat. On failure the complaint
// has been made.
bool kernel_reach(struct cli *cli, const char *name, mach_port_t *port);

kern_return_t kernel_tasks(mach_port_t monitor, struct monitor_task **tasks, size_t *count);
kern_return_t kernel_threads(mach_port_t monitor, uint32_t task, struct monitor_thread **threads, size_t *count);
kern_return_t kernel_rights(mach_port_t monitor, uint32_t task, struct monitor_right **rights, size_t *count);
kern_return_t kernel_seats(mach_port_t monitor, struct monitor_seat **seats, size_t *count);
// Tasks and seats at once; on failure the complaint has been made and both are NULL.
struct kernel_lists {
	mach_port_t monitor;
	struct monitor_task *tasks;
	size_t task_count;
	struct monitor_seat *seats;
	size_t seat_count;
};
bool kernel_lists_get(struct cli *cli, struct kernel_lists *lists);
void kernel_lists_free(struct kernel_lists *lists);
const struct monitor_task *kernel_task_by_id(const struct kernel_lists *lists, uint32_t id);
const struct monitor_seat *kernel_seat_by_id(const struct kernel_lists *lists, uint32_t id);
// The task that a word means: an id, a seat that is occupied, or a name that only one task has. NULL: the complaint has
// been made.
const struct monitor_task *kernel_task_named(struct cli *cli, const struct kernel_lists *lists, const char *word);

const char *task_state_word(uint32_t state);
const char *thread_state_word(uint32_t state);

#endif
