// SPDX-License-Identifier: MIT
// gila graph.
#include "command.h"
#include "graph.h"
#include "kernel.h"

#include <stdlib.h>

int command_graph(struct cli *cli, struct arguments *arguments)
{
	struct kernel_lists lists;
	if (!arguments_end(arguments, 0, 0))
		return cli_usage_word(cli, arguments->what, arguments->why);
	if (!kernel_lists_get(cli, &lists))
		return CLI_FAILED;
	struct graph_rights *rights = memory_get(lists.task_count * sizeof(*rights));
	struct monitor_right *list;
	for (size_t i = 0; i < lists.task_count; i++) {
		rights[i] = (struct graph_rights){.task = lists.tasks[i].id};
		// A task that has just ended has none.
		if (!kernel_rights(lists.monitor, rights[i].task, &list, &rights[i].count))
			rights[i].rights = list;
	}
	struct graph_input input = {lists.tasks, lists.task_count, lists.seats, lists.seat_count, rights, lists.task_count};
	struct text graph = {0};
	graph_write(&input, &graph);
	if (cli->json) {
		struct json json = cli_json(cli);
		json_object(&json, NULL);
		json_string(&json, "dot", graph.data);
		json_end(&json);
	} else {
		text_append(&cli->out, graph.data, graph.length);
	}
	text_free(&graph);
	for (size_t i = 0; i < lists.task_count; i++)
		free((void *)(uintptr_t)rights[i].rights);
	free(rights);
	kernel_lists_free(&lists);
	return CLI_OK;
}
