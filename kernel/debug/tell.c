// SPDX-License-Identifier: MIT
// What the kernel tells people at the machine itself (kern_tell): the monitor's records as lines, without a task that would ask
// for them. The machine's other CPUs are held meanwhile, with no lock, so what is told is one moment.
#include "monitor.h"

#include "../seat/seat.h"
#include "../task/task.h"
#include "../task/thread.h"

#define LOG_END 4096u

typedef void tell_put(const char *text, size_t size);

static void say(tell_put *put, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void say(tell_put *put, const char *format, ...)
{
	char text[160];
	va_list list;
	va_start(list, format);
	size_t length = format_text_list(text, sizeof(text), format, list);
	va_end(list);
	put(text, length < sizeof(text) ? length : sizeof(text) - 1);
}

static void tell_threads(tell_put *put, struct task *task)
{
	struct monitor_thread record = {0};
	struct thread *thread;
	while (task_list_threads(task, record.id, &thread, 1)) {
		monitor_fill_thread(thread, &record);
		thread_release(thread);
		say(put, "      thread %u (%s): %s, trap %u, waits for %s\n", record.id, record.name,
		    thread_state_name((enum thread_state)record.state), record.trap,
		    record.waits_for[0] ? record.waits_for : "nothing");
	}
}

static void tell_tasks(tell_put *put)
{
	struct monitor_task record = {0};
	struct task *task;
	say(put, "kernel\n");
	tell_threads(put, task_kernel);
	while ((task = task_next(record.id))) {
		monitor_fill_task(task, &record);
		say(put, "%5u %s: %s, seat %s, %lu bytes of kernel memory\n", record.id, record.name,
		    task_state_name((enum task_state)record.state), record.seat[0] ? record.seat : "none", record.kernel_bytes);
		tell_threads(put, task);
		task_release(task);
	}
}

static void tell_seats(tell_put *put)
{
	struct monitor_seat record = {0};
	struct seat *seat;
	while ((seat = seat_next(record.id))) {
		monitor_fill_seat(seat, &record);
		seat_release(seat);
		say(put, "%s: %s, task %u, launch %u, %u messages, last end: %s %d\n", record.name,
		    seat_state_name((enum seat_state)record.state), record.task, record.generation, record.queued,
		    seat_reason_name((enum seat_reason)record.reason), record.code);
	}
}

static void tell_memory(tell_put *put)
{
	for (unsigned kind = 0; kind < MONITOR_COUNTS; kind++) {
		struct monitor_count record;
		monitor_fill_count(&account_kernel, kind, &record);
		say(put, "%12lu %s\n", record.count, record.kind);
	}
}

static void tell_log(tell_put *put)
{
	uint64_t offset = UINT64_MAX;
	char text[256];
	size_t length = log_read(&offset, text, 0); // now it is where the log ends
	for (offset -= offset < LOG_END ? offset : LOG_END; (length = log_read(&offset, text, sizeof(text))) > 0;)
		put(text, length);
}

bool kern_tell(char what, void (*put)(const char *text, size_t size))
{
	switch (what) {
	case 't':
		tell_tasks(put);
		return true;
	case 's':
		tell_seats(put);
		return true;
	case 'm':
		tell_memory(put);
		return true;
	case 'l':
		tell_log(put);
		return true;
	}
	return false;
}
