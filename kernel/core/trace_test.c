// SPDX-License-Identifier: MIT
// What the rings of the trace keep; quick_test.c has what records become that share a slot.
#include "trace.h"

#include "../task/task.h"

#include <abi/traps.h>
#include <machine/sim/sim.h>
#include <string.h>

#define TRAPS 5000u // more than the ring of traffic has room for
#define LIVES 600u  // more than the other one has

static void busy(void *argument)
{
	for (unsigned i = 0; i < TRAPS; i++)
		gila_clock_get_time(0);
}

// How many of the event with that text (NULL: any) there are.
static unsigned count_records(enum trace_event event, const char *text)
{
	struct trace_record record;
	uint64_t cursor = 0, next = 0;
	unsigned found = 0;
	for (; trace_read(&cursor, &record, 1) == 1; next = record.sequence + 1) {
		if (record.sequence < next) {
			sim_fail();
			return 0;
		}
		found += record.event == event && (!text || strcmp(record.text, text) == 0);
	}
	return found;
}

TEST(trace_keeps_who_lived_whatever_traps_there_were)
{
	unsigned before = count_records(TRACE_TASK_START, "busy");
	struct task *task = sim_client("busy", busy, NULL);
	sim_join(task);
	CHECK_EQ(count_records(TRACE_TASK_START, "busy"), before + 1);
	CHECK_EQ(count_records(TRACE_TASK_END, "busy"), 1);
	unsigned traps = count_records(TRACE_TRAP_ENTER, NULL);
	CHECK(traps > 1000 && traps < TRAPS); // the first ones are gone
}

TEST(trace_of_lives_keeps_the_newest)
{
	char text[24];
	for (unsigned i = 0; i < LIVES; i++) {
		format_text(text, sizeof(text), "life %u", i);
		trace_record_text(TRACE_LIFE, TRACE_SEAT_STATE, i, 2, 3, text);
	}
	CHECK_EQ(count_records(TRACE_SEAT_STATE, "life 0"), 0);
	CHECK_EQ(count_records(TRACE_SEAT_STATE, "life 100"), 1);
	CHECK_EQ(count_records(TRACE_SEAT_STATE, "life 599"), 1);
}

TEST(trace_merges_its_rings_in_order)
{
	struct trace_record record;
	uint64_t cursor = 0;
	while (trace_read(&cursor, &record, 1) == 1)
		continue;
	for (unsigned i = 0; i < 6; i++) {
		if (i % 2)
			trace_record(TRACE_INTERRUPT, 1000 + i, 0, 0, 0);
		else
			trace_record_text(TRACE_LIFE, TRACE_SEAT_LOOKUP, 1000 + i, 0, 7, "one");
	}
	unsigned expected = 1000;
	while (trace_read(&cursor, &record, 1) == 1) {
		if (record.event != TRACE_INTERRUPT && record.event != TRACE_SEAT_LOOKUP)
			continue;
		CHECK_EQ(record.a, expected);
		CHECK_EQ(record.c, record.event == TRACE_SEAT_LOOKUP ? 7 : 0);
		expected++;
	}
	CHECK_EQ(expected, 1006);
}
