// SPDX-License-Identifier: MIT
// Canned records in, the trace file out. `number` stands for file.stat, whose reply is 100 more.
#include "chrome.h"

#include <gila/test.h>
#include <mach/notify.h>
#include <string.h>

#define STAT 73008u
#define OTHER 999000u

static struct text out;
static struct chrome chrome;

static void event_at(uint64_t time, uint32_t task, uint32_t thread, uint16_t kind, uint64_t a, uint64_t b)
{
	struct monitor_trace record = {.time = time, .task = task, .thread = thread, .event = kind, .a = a, .b = b};
	chrome_event(&chrome, &record);
}

static bool has(const char *part) { return strstr(text_string(&out), part) != NULL; }

static unsigned count(const char *part)
{
	unsigned found = 0;
	for (const char *at = text_string(&out); (at = strstr(at, part)); at++)
		found++;
	return found;
}

// A client (task 2, thread 20) calls a server (task 3, thread 30) that waits in mach_msg.
static void one_call(uint64_t port, uint64_t reply_port)
{
	chrome_begin(&chrome, &out);
	chrome_name(&chrome, 2, "client");
	event_at(1000, 3, 30, MONITOR_EVENT_TRAP_ENTER, 31, 0);
	event_at(2000, 2, 20, MONITOR_EVENT_TRAP_ENTER, 31, 0);
	event_at(2500, 2, 20, MONITOR_EVENT_SEND, STAT, port);
	event_at(3000, 3, 30, MONITOR_EVENT_RECEIVE, STAT, port);
	event_at(3500, 3, 30, MONITOR_EVENT_TRAP_EXIT, 31, 0);
	event_at(5000, 3, 30, MONITOR_EVENT_TRAP_ENTER, 31, 0);
	event_at(5500, 3, 30, MONITOR_EVENT_SEND, STAT + 100, reply_port);
	event_at(6000, 2, 20, MONITOR_EVENT_RECEIVE, STAT + 100, reply_port);
	event_at(6500, 2, 20, MONITOR_EVENT_TRAP_EXIT, 31, 0);
	chrome_end(&chrome);
}

static bool one_call_is_shown(void)
{
	return has("{\"ph\":\"M\",\"name\":\"process_name\",\"pid\":2,\"tid\":0,\"args\":{\"name\":\"client\"}}") &&
	       has("\"pid\":2,\"tid\":20,\"ts\":2.500,\"cat\":\"call\",\"dur\":3.500") &&
	       has("\"pid\":3,\"tid\":30,\"ts\":3.500,\"cat\":\"serve\",\"dur\":1.500") &&
	       has("\"pid\":2,\"tid\":20,\"ts\":2.000,\"cat\":\"trap\",\"dur\":4.500") &&
	       has("\"pid\":3,\"tid\":30,\"ts\":1.000,\"cat\":\"trap\",\"dur\":2.500") && count("\"ph\":\"s\"") == 2 &&
	       count("\"ph\":\"f\"") == 2 && count("\"cat\":\"call\"") == 1 && count("\"cat\":\"serve\"") == 1 &&
	       count("\"unfinished\":true") == 1;
}

TEST(chrome_shows_a_call)
{
	one_call(7, 8);
	CHECK(one_call_is_shown());
	text_free(&out);
}

TEST(chrome_draws_arrows_from_send_to_receipt)
{
	one_call(7, 8);
	CHECK(has("{\"ph\":\"s\",\"name\":\"file.stat\",\"pid\":2,\"tid\":20,\"ts\":2.500,\"cat\":\"message\",\"id\":\"0x1\"}"));
	CHECK(has("{\"ph\":\"f\",\"name\":\"file.stat\",\"pid\":3,\"tid\":30,\"ts\":3.000,\"cat\":\"message\",\"id\":\"0x1\","
		  "\"bp\":\"e\"}"));
	CHECK(has("{\"ph\":\"s\",\"name\":\"file.stat reply\",\"pid\":3,\"tid\":30,\"ts\":5.500,\"cat\":\"message\",\"id\":\"0x2\"}"));
	CHECK(has("{\"ph\":\"f\",\"name\":\"file.stat reply\",\"pid\":2,\"tid\":20,\"ts\":6.000,\"cat\":\"message\",\"id\":\"0x2\""));
	text_free(&out);
}

TEST(chrome_messages_of_a_port_arrive_in_order)
{
	chrome_begin(&chrome, &out);
	event_at(1000, 2, 20, MONITOR_EVENT_SEND, OTHER, 7);
	event_at(2000, 2, 21, MONITOR_EVENT_SEND, OTHER, 9);
	event_at(3000, 2, 22, MONITOR_EVENT_SEND, OTHER, 7);
	event_at(4000, 3, 30, MONITOR_EVENT_RECEIVE, OTHER, 7);
	event_at(5000, 3, 30, MONITOR_EVENT_RECEIVE, OTHER, 7);
	event_at(6000, 3, 30, MONITOR_EVENT_RECEIVE, OTHER, 7); // its sending was overwritten
	chrome_end(&chrome);
	CHECK(has("\"ph\":\"f\",\"name\":\"message 999000\",\"pid\":3,\"tid\":30,\"ts\":4.000,\"cat\":\"message\",\"id\":\"0x1\""));
	CHECK(has("\"ph\":\"f\",\"name\":\"message 999000\",\"pid\":3,\"tid\":30,\"ts\":5.000,\"cat\":\"message\",\"id\":\"0x3\""));
	CHECK_EQ(count("\"ph\":\"f\""), 2);
	text_free(&out);
}

TEST(chrome_ends_the_traps_of_tasks_that_ended)
{
	chrome_begin(&chrome, &out);
	event_at(1000, 2, 20, MONITOR_EVENT_TRAP_ENTER, 31, 0);
	event_at(3000, 0, 1, MONITOR_EVENT_TASK_END, 2, 0);
	event_at(9000, 3, 30, MONITOR_EVENT_TRAP_ENTER, 31, 0);
	chrome_end(&chrome);
	CHECK(has("\"pid\":2,\"tid\":20,\"ts\":1.000,\"cat\":\"trap\",\"dur\":2.000"));
	text_free(&out);
}

TEST(chrome_shows_calls_over_several_traps_beside_the_thread)
{
	chrome_begin(&chrome, &out);
	event_at(1000, 2, 20, MONITOR_EVENT_TRAP_ENTER, 31, 0);
	event_at(1500, 2, 20, MONITOR_EVENT_SEND, OTHER, 1);
	event_at(2000, 2, 20, MONITOR_EVENT_TRAP_EXIT, 31, 0);
	event_at(3000, 2, 20, MONITOR_EVENT_TRAP_ENTER, 31, 0);
	event_at(3500, 2, 20, MONITOR_EVENT_RECEIVE, OTHER + 100, 8);
	event_at(4000, 2, 20, MONITOR_EVENT_TRAP_EXIT, 31, 0);
	chrome_end(&chrome);
	CHECK(has("{\"ph\":\"b\",\"name\":\"message 999000\",\"pid\":2,\"tid\":20,\"ts\":1.500,\"cat\":\"call\",\"id\":\"0x1\"}"));
	CHECK(has("{\"ph\":\"e\",\"name\":\"message 999000\",\"pid\":2,\"tid\":20,\"ts\":3.500,\"cat\":\"call\",\"id\":\"0x1\"}"));
	CHECK(!has("\"ph\":\"X\",\"name\":\"message 999000\""));
	text_free(&out);
}

TEST(chrome_ends_calls_of_servers_that_died)
{
	chrome_begin(&chrome, &out);
	event_at(1000, 2, 20, MONITOR_EVENT_TRAP_ENTER, 31, 0);
	event_at(1500, 2, 20, MONITOR_EVENT_SEND, OTHER, 1);
	event_at(2500, 2, 20, MONITOR_EVENT_RECEIVE, MACH_NOTIFY_SEND_ONCE, 8);
	event_at(4000, 2, 20, MONITOR_EVENT_TRAP_EXIT, 31, 0);
	chrome_end(&chrome);
	CHECK(has("\"ts\":1.500,\"cat\":\"call\",\"dur\":1.000,\"args\":{\"message\":1,\"server_died\":true}"));
	text_free(&out);
}

TEST(chrome_survives_halves_and_floods)
{
	chrome_begin(&chrome, &out);
	event_at(1000, 2, 20, MONITOR_EVENT_TRAP_EXIT, 31, 0); // its beginning was overwritten
	event_at(1100, 2, 20, MONITOR_EVENT_RECEIVE, STAT + 100, 1);
	for (uint32_t i = 0; i < 1000; i++) {
		event_at(2000 + i, 2, 1000 + i, MONITOR_EVENT_TRAP_ENTER, 31, 0);
		event_at(2000 + i, 2, 20, MONITOR_EVENT_SEND, STAT, i);
		event_at(2000 + i, 2, 20, 77, 0, 0); // an event of a newer kernel
	}
	chrome_lost(&chrome, 12);
	chrome_end(&chrome);
	CHECK_EQ(count("\"unfinished\":true"), 1000);
	CHECK(has("\"12 records lost\""));
	text_free(&out);
}

TEST(chrome_marks_seat_states)
{
	struct monitor_trace record = {.time = 5, .event = MONITOR_EVENT_SEAT_STATE, .a = 1, .b = 3, .text = "fs/\"tmp"};
	chrome_begin(&chrome, &out);
	chrome_event(&chrome, &record);
	chrome_end(&chrome);
	CHECK(has("{\"ph\":\"i\",\"name\":\"seat fs/\\\"tmp occupied\",\"pid\":0,\"tid\":0,\"ts\":0.005,\"s\":\"g\"}"));
	text_free(&out);
}
