// SPDX-License-Identifier: MIT
// The monitor's port and calls (abi/monitor.defs). Whoever holds the port may do all of it: it is granted by name.
#include "monitor.h"

#include "../boot/boot.h"
#include "../core/trace.h"
#include "../seat/seat.h"
#include "../task/task.h"
#include "../task/thread.h"

#include <abi/monitor_server.h>

_Static_assert(sizeof(struct monitor_trace) == sizeof(struct trace_record) &&
		       offsetof(struct monitor_trace, text) == offsetof(struct trace_record, text) &&
		       (int)MONITOR_EVENT_INTERRUPT == TRACE_INTERRUPT,
	       "trace records are given out as they are");

#define TRACE_BATCH 16u   // records copied at a time
#define THREADS_BATCH 64u // threads told of in one page

static const struct port_object_ops monitor_ops = {.name = "monitor", .demux = monitor_demux, .reply_size = 8192};

static void monitor_destroy(struct object *object) { panic("the monitor was released"); }
static void monitor_print(struct object *object, char *to, size_t room) { format_text(to, room, "monitor"); }
static const struct object_kind monitor_kind = {"monitor", monitor_destroy, monitor_print};
static struct object monitor;
static struct port *monitor_port;

void monitor_module_init(void)
{
	object_init(&monitor, &monitor_kind);
	monitor_port = port_create_object(&account_kernel, &monitor_ops, &monitor);
	if (!monitor_port)
		panic("no memory for the monitor's port");
}

struct right monitor_make_send(void) { return port_make_send(monitor_port); }

// ---- Lists ---------------------------------------------------------------------------------------------------------

kern_return_t monitor_call_tasks(struct lpc_request *rq, uint32_t after, monitor_task_at4 *tasks,
				 mach_msg_type_number_t *count)
{
	uint32_t room = *count, n = 0;
	for (struct task *task; n < room && (task = task_next(after)); n++) {
		after = task->id;
		monitor_fill_task(task, &tasks[n]);
		task_release(task);
	}
	*count = n;
	return KERN_SUCCESS;
}

static struct task *find_task(uint32_t id)
{
	return id == MONITOR_KERNEL_TASK ? task_reference(task_kernel) : task_find(id);
}

kern_return_t monitor_call_threads(struct lpc_request *rq, uint32_t id, uint32_t after, monitor_thread_at4 *threads,
				   mach_msg_type_number_t *count)
{
	struct task *task = find_task(id);
	if (!task)
		return KERN_NOT_FOUND;
	struct thread *listed[THREADS_BATCH];
	uint32_t n = task_list_threads(task, after, listed, *count < THREADS_BATCH ? *count : THREADS_BATCH);
	for (uint32_t i = 0; i < n; i++) {
		monitor_fill_thread(listed[i], &threads[i]);
		thread_release(listed[i]);
	}
	*count = n;
	task_release(task);
	return KERN_SUCCESS;
}

kern_return_t monitor_call_rights(struct lpc_request *rq, uint32_t id, uint32_t *place, monitor_right_at4 *rights,
				  mach_msg_type_number_t *count)
{
	struct task *task = task_find(id);
	if (!task)
		return KERN_NOT_FOUND;
	*count = monitor_list_rights(task, place, rights, *count);
	task_release(task);
	return KERN_SUCCESS;
}

kern_return_t monitor_call_seats(struct lpc_request *rq, uint32_t after, monitor_seat_at4 *seats,
				 mach_msg_type_number_t *count)
{
	uint32_t room = *count, n = 0;
	for (struct seat *seat; n < room && (seat = seat_next(after)); n++) {
		after = seat->id;
		monitor_fill_seat(seat, &seats[n]);
		seat_release(seat);
	}
	*count = n;
	return KERN_SUCCESS;
}

static uint32_t copy_strings(const char *const *strings, uint32_t count, uint8_t *to, uint32_t room)
{
	uint32_t used = 0;
	for (uint32_t i = 0; i < count; i++) {
		uint32_t size = 0;
		while (strings[i][size++])
			;
		if (size > room - used)
			break;
		memcpy(to + used, strings[i], size);
		used += size;
	}
	return used;
}

// The recipe of the seat with that id, with a reference; NULL: there is no such seat.
static struct recipe *find_recipe(uint32_t id)
{
	struct recipe *recipe = NULL;
	struct seat *seat = id > 0 ? seat_next(id - 1) : NULL;
	if (seat && seat->id == id) {
		lock_acquire(&seat->lock);
		recipe = recipe_reference(seat->recipe);
		lock_release(&seat->lock);
	}
	if (seat)
		seat_release(seat);
	return recipe;
}

kern_return_t monitor_call_seat_strings(struct lpc_request *rq, uint32_t id, uint32_t which, uint8_t *to,
					mach_msg_type_number_t *count)
{
	uint32_t room = *count;
	struct recipe *recipe = find_recipe(id);
	*count = 0;
	if (!recipe)
		return KERN_NOT_FOUND;
	const struct seat_recipe_head *head = &recipe->head;
	kern_return_t result = KERN_SUCCESS;
	if (which == MONITOR_USES)
		*count = copy_strings(recipe->uses, head->uses_count, to, room);
	else if (which == MONITOR_ARGUMENTS)
		*count = copy_strings(recipe->arguments + 1, head->argument_count, to, room);
	else if (which == MONITOR_ENVIRONMENT)
		*count = copy_strings(recipe->environment, head->environment_count, to, room);
	else
		result = KERN_INVALID_ARGUMENT;
	recipe_release(recipe);
	return result;
}

kern_return_t monitor_call_account(struct lpc_request *rq, uint32_t id, monitor_count_at4 *counts,
				   mach_msg_type_number_t *count)
{
	struct task *task = id ? task_find(id) : NULL;
	if (id && !task)
		return KERN_NOT_FOUND;
	uint32_t n = 0;
	for (; n < MONITOR_COUNTS && n < *count; n++)
		monitor_fill_count(task ? task->account : &account_kernel, n, &counts[n]);
	*count = n;
	if (task)
		task_release(task);
	return KERN_SUCCESS;
}

// ---- Trace, log, figures -------------------------------------------------------------------------------------------

kern_return_t monitor_call_trace_read(struct lpc_request *rq, uint64_t *cursor, monitor_trace_at4 *records,
				      mach_msg_type_number_t *count)
{
	struct trace_record batch[TRACE_BATCH]; // the reply is not aligned for them
	uint32_t room = *count, n = 0;
	size_t got = 1;
	while (n < room && got > 0) {
		got = trace_read(cursor, batch, room - n < TRACE_BATCH ? room - n : TRACE_BATCH);
		memcpy(&records[n], batch, got * sizeof(batch[0]));
		n += (uint32_t)got;
	}
	*count = n;
	return KERN_SUCCESS;
}

kern_return_t monitor_call_log_read(struct lpc_request *rq, uint64_t *offset, uint8_t *text,
				    mach_msg_type_number_t *count)
{
	*count = (mach_msg_type_number_t)log_read(offset, (char *)text, *count);
	return KERN_SUCCESS;
}

kern_return_t monitor_call_kernel(struct lpc_request *rq, struct monitor_kernel *kernel)
{
	monitor_fill_kernel(kernel);
	return KERN_SUCCESS;
}

kern_return_t monitor_call_describe(struct lpc_request *rq, uint32_t id, mach_port_name_t name, char line[256])
{
	struct task *task = task_find(id);
	if (!task)
		return KERN_NOT_FOUND;
	kern_return_t error = monitor_print_name(task, name, line, 256);
	task_release(task);
	return error;
}

// ---- Deeds ---------------------------------------------------------------------------------------------------------

kern_return_t monitor_call_kill(struct lpc_request *rq, uint32_t id)
{
	struct task *task = task_find(id);
	if (!task)
		return KERN_NOT_FOUND;
	log_line("monitor", "task %u (%s) is killed on request", task->id, task->name);
	task_terminate(task, KERN_DEATH_SIGNAL, 9);
	task_release(task);
	return KERN_SUCCESS;
}

kern_return_t monitor_call_shutdown(struct lpc_request *rq, int status)
{
	shutdown_begin("request", MD_END_POWER_OFF, status);
	return KERN_SUCCESS;
}
