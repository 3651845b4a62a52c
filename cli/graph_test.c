// SPDX-License-Identifier: MIT
#include "graph.h"

#include <gila/seat.h>
#include <gila/test.h>
#include <string.h>

static const struct monitor_task tasks[] = {{.id = 1, .name = "init"}, {.id = 4, .name = "tmp\"fs"}};
static const struct monitor_seat seats[] = {
	{.id = 2, .name = "fs/tmp", .state = SEAT_OCCUPIED, .task = 4},
	{.id = 3, .name = "bus", .state = SEAT_BACKING_OFF},
};
static const struct monitor_right of_init[] = {
	{.types = MONITOR_SEND, .port = 10, .seat = 2, .owner = 4},
	{.types = MONITOR_SEND, .port = 10, .seat = 2, .owner = 4, .badge = 7},
	{.types = MONITOR_SEND, .port = 11, .seat = 3, .state = MONITOR_PORT_KEPT},
	{.types = MONITOR_SEND, .port = 12, .state = MONITOR_PORT_OBJECT, .kind = "monitor"},
	{.types = MONITOR_SEND, .port = 13, .state = MONITOR_PORT_OBJECT, .object = 1, .kind = "task"}, // itself
	{.types = MONITOR_SEND | MONITOR_RECEIVE, .port = 14, .owner = 1},				// its own
	{.types = MONITOR_DEAD_NAME},
	{.types = MONITOR_SET, .members = 2},
	{.types = MONITOR_SEND, .port = 15, .owner = 99}, // has ended meanwhile
};
static const struct monitor_right of_tmpfs[] = {
	{.types = MONITOR_RECEIVE, .port = 10, .seat = 2, .owner = 4},
	{.types = MONITOR_SEND_ONCE, .port = 14, .owner = 1},
};

TEST(the_graph_shows_who_can_reach_whom)
{
	const struct graph_rights rights[] = {{1, of_init, sizeof(of_init) / sizeof(of_init[0])},
					      {4, of_tmpfs, sizeof(of_tmpfs) / sizeof(of_tmpfs[0])}};
	const struct graph_input input = {tasks, 2, seats, 2, rights, 2};
	struct text out = {0};
	graph_write(&input, &out);
	CHECK(strcmp(text_string(&out), "digraph gila {\n"
					"  rankdir=LR;\n"
					"  node [fontname=\"sans-serif\"];\n"
					"  t1 [shape=box, label=\"init (1)\"];\n"
					"  t4 [shape=box, label=\"tmp\\\"fs (4)\"];\n"
					"  s2 [shape=ellipse, label=\"fs/tmp\"];\n"
					"  s2 -> t4 [style=bold, arrowhead=none];\n"
					"  s3 [shape=ellipse, color=gray, label=\"bus: backing off\"];\n"
					"  t1 -> s2 [style=solid, label=\"2\"];\n"
					"  t1 -> s3 [style=solid];\n"
					"  t1 -> \"kernel: monitor\" [style=dashed];\n"
					"  t4 -> t1 [style=dashed];\n"
					"}\n") == 0);
	text_free(&out);
}

TEST(an_empty_graph_is_a_graph)
{
	struct text out = {0};
	graph_write(&(struct graph_input){0}, &out);
	CHECK(strstr(text_string(&out), "digraph gila {") && strstr(text_string(&out), "}\n"));
	text_free(&out);
}
