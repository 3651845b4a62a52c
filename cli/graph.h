// SPDX-License-Identifier: MIT
// Writes a Graphviz graph (the DOT language, graphviz.org/doc/info/lang.html) of seats, tasks and the rights between them.
//
// Seats are ellipses, tasks boxes. Bold: who occupies a seat. Solid: send rights to a seat's port, with their number if there
// are several. Dashed: to other ports of a task, and to services of the kernel. A task's rights to its own ports are left out.
#ifndef CLI_GRAPH_H
#define CLI_GRAPH_H

#include "text.h"

#include <gila/monitor.h>

struct graph_rights {
	uint32_t task;
	const struct monitor_right *rights;
	size_t count;
};

struct graph_input {
	const struct monitor_task *tasks;
	size_t task_count;
	const struct monitor_seat *seats;
	size_t seat_count;
	const struct graph_rights *rights; // one for each task
	size_t rights_count;
};

void graph_write(const struct graph_input *input, struct text *out);

#endif
