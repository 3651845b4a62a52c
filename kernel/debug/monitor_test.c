// SPDX-License-Identifier: MIT
// Tests of the monitor as a client sees it: every list can be walked to its end and shows what is there.
#include "../seat/seat_test.h"
#include "monitor.h"

#include <abi/monitor.h>
#include <abi/traps.h>
#include <gila/seat_name.h>
#include <gila/test.h>

static const char *failed; // what did not work, NULL: nothing

#define EXPECT(expression)                                                                                             \
	do {                                                                                                           \
		if (!(expression)) {                                                                                   \
			failed = #expression;                                                                          \
			return;                                                                                        \
		}                                                                                                      \
	} while (0)

static mach_port_t look_up(const char *name)
{
	struct seat_name packed;
	if (!seat_name_pack(&packed, name))
		return MACH_PORT_NULL;
	const uint64_t *w = packed.words;
	return seat_result_name(gila_seat_lookup(w[0], w[1], w[2], w[3], w[4], w[5], w[6], w[7]));
}

static mach_port_t monitor;
static mach_msg_type_number_t *count;

static void watch_tasks(uint32_t self)
{
	struct monitor_task *tasks = sim_alloc(32 * sizeof(*tasks));
	uint32_t last = 0;
	bool found = false;
	do {
		*count = 32;
		EXPECT(monitor_tasks(monitor, last, tasks, count) == KERN_SUCCESS);
		for (uint32_t i = 0; i < *count; last = tasks[i++].id)
			found |= tasks[i].id == self && tasks[i].threads == 1 && tasks[i].names > 0;
	} while (*count > 0);
	EXPECT(found);
}

static void watch_threads(uint32_t self)
{
	struct monitor_thread *threads = sim_alloc(64 * sizeof(*threads));
	*count = 64;
	EXPECT(monitor_threads(monitor, self, 0, threads, count) == KERN_SUCCESS && *count == 1);
	EXPECT(threads[0].state == MONITOR_THREAD_RUNNING);
	*count = 64;
	EXPECT(monitor_threads(monitor, MONITOR_KERNEL_TASK, 0, threads, count) == KERN_SUCCESS && *count >= 4);
	*count = 64;
	EXPECT(monitor_threads(monitor, 99999, 0, threads, count) == KERN_NOT_FOUND);
}

static void watch_rights(uint32_t self)
{
	struct monitor_right *rights = sim_alloc(64 * sizeof(*rights));
	uint32_t *place = sim_alloc(sizeof(*place));
	char *line = sim_alloc(256);
	bool found = false;
	do {
		*count = 64;
		EXPECT(monitor_rights(monitor, self, place, rights, count) == KERN_SUCCESS);
		for (uint32_t i = 0; i < *count; i++)
			if (rights[i].name == monitor && rights[i].types == MONITOR_SEND)
				found = rights[i].state == MONITOR_PORT_OBJECT && test_contains(rights[i].kind, "monitor");
	} while (*count > 0);
	EXPECT(found);
	EXPECT(monitor_describe(monitor, self, monitor, line) == KERN_SUCCESS);
	EXPECT(test_contains(line, "monitor"));
	EXPECT(monitor_describe(monitor, self, 0x12345600, line) == KERN_INVALID_NAME);
}

static void watch_seats(void)
{
	struct monitor_seat *seats = sim_alloc(24 * sizeof(*seats));
	uint8_t *uses = sim_alloc(4096);
	*count = 24;
	EXPECT(monitor_seats(monitor, 0, seats, count) == KERN_SUCCESS && *count == 1);
	EXPECT(test_contains(seats[0].name, "t/a") && test_contains(seats[0].program, "seat_sits"));
	EXPECT(seats[0].lookups == 1);
	*count = 4096;
	EXPECT(monitor_seat_strings(monitor, seats[0].id, MONITOR_USES, uses, count) == KERN_SUCCESS && *count == 4);
	EXPECT(test_contains((char *)uses, "t/*"));
	*count = 4096;
	EXPECT(monitor_seat_strings(monitor, seats[0].id, MONITOR_ARGUMENTS, uses, count) == KERN_SUCCESS && *count == 4);
	EXPECT(test_contains((char *)uses, "t/a"));
	*count = 4096;
	EXPECT(monitor_seat_strings(monitor, seats[0].id, MONITOR_ENVIRONMENT, uses, count) == KERN_SUCCESS && *count == 0);
	EXPECT(monitor_seat_strings(monitor, seats[0].id, 3, uses, count) == KERN_INVALID_ARGUMENT);
	EXPECT(monitor_seat_strings(monitor, 999, MONITOR_USES, uses, count) == KERN_NOT_FOUND);
}

static void watch_accounts(uint32_t self)
{
	struct monitor_count *counts = sim_alloc(24 * sizeof(*counts));
	*count = 24;
	EXPECT(monitor_account(monitor, self, counts, count) == KERN_SUCCESS && *count == MONITOR_COUNTS);
	EXPECT(counts[0].count > 0 && counts[0].limit != UINT64_MAX);
	*count = 24;
	EXPECT(monitor_account(monitor, 0, counts, count) == KERN_SUCCESS && counts[0].limit == UINT64_MAX);
	for (unsigned kind = 1; kind <= 3; kind++) // tasks, threads, ports: there are some
		EXPECT(counts[kind].count > 0);
}

static void watch_trace(void)
{
	struct monitor_trace *trace = sim_alloc(80 * sizeof(*trace));
	uint64_t *cursor = sim_alloc(sizeof(*cursor)), records = 0, before = 0;
	for (unsigned i = 0; i < 50; i++) { // reading is traced as well: no end
		*count = 80;
		EXPECT(monitor_trace_read(monitor, cursor, trace, count) == KERN_SUCCESS);
		for (uint32_t k = 0; k < *count; k++, records++) {
			EXPECT(trace[k].sequence > before || records == 0);
			before = trace[k].sequence;
		}
	}
	EXPECT(records > 10);
}

static void watch_kernel(void)
{
	struct monitor_kernel *kernel = sim_alloc(sizeof(*kernel));
	uint64_t *offset = sim_alloc(sizeof(*offset));
	uint8_t *text = sim_alloc(6144);
	*count = 6144;
	EXPECT(monitor_log_read(monitor, offset, text, count) == KERN_SUCCESS && *count > 0 && *count == *offset);
	EXPECT(monitor_kernel(monitor, kernel) == KERN_SUCCESS && kernel->seats == 1 && kernel->page_size == 4096);
	EXPECT(monitor_kill(monitor, 99999) == KERN_NOT_FOUND);
}

static void watches(void *argument)
{
	uint32_t self = gila_task_id();
	monitor = look_up(MONITOR_NAME);
	count = sim_alloc(sizeof(*count));
	EXPECT(MACH_PORT_VALID(monitor));
	EXPECT(look_up("t/a") != MACH_PORT_NULL);
	watch_tasks(self);
	watch_threads(self);
	watch_rights(self);
	watch_seats();
	watch_accounts(self);
	watch_trace();
	watch_kernel();
	(void)monitor_kill(monitor, self);
	failed = "a task that was killed goes on";
}

TEST(monitor_shows_what_is_there)
{
	enum kern_death why;
	int code;
	struct packed_recipe packed = packed_recipe("t/a", "/system/bin/seat_sits", "t/a", "t/*");
	CHECK(test_add(&packed));
	failed = NULL;
	struct task *task = sim_client("watches", watches, NULL);
	CHECK_EQ(task_wait(task, WAIT_FOREVER, &why, &code), KERN_SUCCESS);
	if (failed)
		log_line("test", "%s", failed);
	CHECK(!failed);
	CHECK_EQ(why, KERN_DEATH_SIGNAL);
	task_release(task);
	test_remove("t/a");
}
