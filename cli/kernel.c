// SPDX-License-Identifier: MIT
// Lists from the monitor; see kernel.h.
#include "kernel.h"
#include "place.h"

#include <abi/monitor.h>
#include <gila/gila.h>
#include <stdlib.h>
#include <string.h>

bool kernel_reach(struct cli *cli, const char *name, mach_port_t *port)
{
	const char *why;
	if (!place_reach(&why)) {
		cli_fail(cli, NULL, "%s", why);
		return false;
	}
	kern_return_t error = gila_seat(name, port);
	if (error)
		cli_error(cli, name, error);
	return !error;
}

// A page is fetched behind `*place`, which moves to where the next one begins.
typedef kern_return_t page_function(mach_port_t monitor, uint32_t task, uint32_t *place, void *page, uint32_t *count);

static kern_return_t kernel_list(mach_port_t monitor, uint32_t task, page_function *fetch, size_t size, size_t page,
				 void **list, size_t *count)
{
	char *all = NULL;
	uint32_t place = 0, got;
	kern_return_t error;
	*count = 0;
	do {
		got = (uint32_t)page;
		all = memory_resize(all, (*count + page) * size);
		error = fetch(monitor, task, &place, all + *count * size, &got);
		*count += error || got > page ? 0 : got;
	} while (!error && got > 0);
	if (error) {
		free(all);
		all = NULL;
		*count = 0;
	}
	*list = all;
	return error;
}

#define END(text) (text)[sizeof(text) - 1] = 0

static kern_return_t page_tasks(mach_port_t monitor, uint32_t task, uint32_t *place, void *page, uint32_t *count)
{
	struct monitor_task *tasks = page;
	kern_return_t error = monitor_tasks(monitor, *place, tasks, count);
	for (uint32_t i = 0; !error && i < *count; i++) {
		END(tasks[i].name);
		END(tasks[i].seat);
		*place = tasks[i].id;
	}
	return error;
}

static kern_return_t page_threads(mach_port_t monitor, uint32_t task, uint32_t *place, void *page, uint32_t *count)
{
	struct monitor_thread *threads = page;
	kern_return_t error = monitor_threads(monitor, task, *place, threads, count);
	for (uint32_t i = 0; !error && i < *count; i++) {
		END(threads[i].name);
		END(threads[i].waits_for);
		*place = threads[i].id;
	}
	return error;
}

static kern_return_t page_rights(mach_port_t monitor, uint32_t task, uint32_t *place, void *page, uint32_t *count)
{
	struct monitor_right *rights = page;
	kern_return_t error = monitor_rights(monitor, task, place, rights, count);
	for (uint32_t i = 0; !error && i < *count; i++)
		END(rights[i].kind);
	return error;
}

static kern_return_t page_seats(mach_port_t monitor, uint32_t task, uint32_t *place, void *page, uint32_t *count)
{
	struct monitor_seat *seats = page;
	kern_return_t error = monitor_seats(monitor, *place, seats, count);
	for (uint32_t i = 0; !error && i < *count; i++) {
		END(seats[i].name);
		END(seats[i].program);
		*place = seats[i].id;
	}
	return error;
}

kern_return_t kernel_tasks(mach_port_t monitor, struct monitor_task **tasks, size_t *count)
{
	return kernel_list(monitor, 0, page_tasks, sizeof(**tasks), 32, (void **)tasks, count);
}

kern_return_t kernel_threads(mach_port_t monitor, uint32_t task, struct monitor_thread **threads, size_t *count)
{
	return kernel_list(monitor, task, page_threads, sizeof(**threads), 64, (void **)threads, count);
}

kern_return_t kernel_rights(mach_port_t monitor, uint32_t task, struct monitor_right **rights, size_t *count)
{
	return kernel_list(monitor, task, page_rights, sizeof(**rights), 64, (void **)rights, count);
}

kern_return_t kernel_seats(mach_port_t monitor, struct monitor_seat **seats, size_t *count)
{
	return kernel_list(monitor, 0, page_seats, sizeof(**seats), 24, (void **)seats, count);
}

bool kernel_lists_get(struct cli *cli, struct kernel_lists *lists)
{
	*lists = (struct kernel_lists){0};
	if (!kernel_reach(cli, MONITOR_NAME, &lists->monitor))
		return false;
	kern_return_t error = kernel_tasks(lists->monitor, &lists->tasks, &lists->task_count);
	if (!error)
		error = kernel_seats(lists->monitor, &lists->seats, &lists->seat_count);
	if (!error)
		return true;
	cli_monitor_error(cli, error);
	kernel_lists_free(lists);
	return false;
}

void kernel_lists_free(struct kernel_lists *lists)
{
	free(lists->tasks);
	free(lists->seats);
	*lists = (struct kernel_lists){0};
}

const struct monitor_task *kernel_task_by_id(const struct kernel_lists *lists, uint32_t id)
{
	for (size_t i = 0; i < lists->task_count; i++)
		if (lists->tasks[i].id == id)
			return &lists->tasks[i];
	return NULL;
}

const struct monitor_seat *kernel_seat_by_id(const struct kernel_lists *lists, uint32_t id)
{
	for (size_t i = 0; i < lists->seat_count; i++)
		if (lists->seats[i].id == id)
			return &lists->seats[i];
	return NULL;
}

const struct monitor_task *kernel_task_named(struct cli *cli, const struct kernel_lists *lists, const char *word)
{
	const struct monitor_task *found = NULL;
	size_t many = 0;
	uint64_t id;
	if (argument_number(word, 0, UINT32_MAX, &id))
		found = kernel_task_by_id(lists, (uint32_t)id);
	for (size_t i = 0; !found && i < lists->seat_count; i++)
		if (strcmp(lists->seats[i].name, word) == 0)
			found = kernel_task_by_id(lists, lists->seats[i].task);
	for (size_t i = 0; !found && i < lists->task_count; i++)
		many += strcmp(lists->tasks[i].name, word) == 0;
	for (size_t i = 0; !found && many == 1 && i < lists->task_count; i++)
		if (strcmp(lists->tasks[i].name, word) == 0)
			found = &lists->tasks[i];
	if (!found && many > 1)
		cli_fail(cli, word, "%zu tasks have that name; give an id of ps", many);
	else if (!found)
		cli_fail(cli, word, "no such task");
	return found;
}

const char *task_state_word(uint32_t state)
{
	static const char *const words[] = {"new", "alive", "dying", "clearing", "dead"};
	return state < sizeof(words) / sizeof(words[0]) ? words[state] : "?";
}

const char *thread_state_word(uint32_t state)
{
	static const char *const words[] = {"new",     "ready",  "running", "running", "blocked",
					    "ready", "blocked", "user",    "dead"};
	return state < sizeof(words) / sizeof(words[0]) ? words[state] : "?";
}
