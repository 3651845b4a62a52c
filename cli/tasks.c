// SPDX-License-Identifier: MIT
// gila ps and kill.
#include "command.h"
#include "kernel.h"
#include "units.h"

#include <abi/monitor.h>
#include <stdlib.h>

// What a task waits for: that of its first thread that does, and how many more do.
static void task_waits(const struct monitor_thread *threads, size_t count, struct text *out)
{
	size_t more = 0;
	for (size_t i = 0; i < count; i++) {
		if (!threads[i].waits_for[0])
			continue;
		if (out->length == 0) {
			text_add(out, threads[i].waits_for);
			if (threads[i].port)
				text_format(out, " (port %u)", threads[i].port);
		} else {
			more++;
		}
	}
	if (more)
		text_format(out, " +%zu", more);
	text_add(out, "");
}

static void threads_json(struct json *json, const struct monitor_thread *threads, size_t count)
{
	json_array(json, "thread_list");
	for (size_t i = 0; i < count; i++) {
		json_object(json, NULL);
		json_number(json, "id", threads[i].id);
		json_string(json, "name", threads[i].name);
		json_string(json, "state", thread_state_word(threads[i].state));
		json_string(json, "waits_for", threads[i].waits_for);
		json_number(json, "port", threads[i].port);
		json_number(json, "trap", threads[i].trap);
		json_number(json, "traps", threads[i].traps);
		json_number(json, "suspended", threads[i].suspended);
		json_end(json);
	}
	json_end(json);
}

static void task_json(struct json *json, const struct monitor_task *task, const struct monitor_thread *threads,
		      size_t count)
{
	json_object(json, NULL);
	json_number(json, "id", task->id);
	json_string(json, "name", task->name);
	json_string(json, "state", task_state_word(task->state));
	json_number(json, "parent", task->parent);
	json_string(json, "seat", task->seat);
	json_number(json, "threads", task->threads);
	json_number(json, "suspended", task->suspended);
	json_number(json, "rights", task->names);
	json_number(json, "ports", task->ports);
	json_number(json, "messages", task->messages);
	json_number(json, "memory_bytes", task->memory_bytes);
	json_number(json, "kernel_bytes", task->kernel_bytes);
	json_number(json, "traps", task->traps);
	json_number(json, "started", task->started);
	threads_json(json, threads, count);
	json_end(json);
}

static void task_row(struct table *table, const struct monitor_task *task, const struct monitor_thread *threads,
		     size_t count)
{
	char memory[UNITS_ROOM], kernel[UNITS_ROOM];
	struct text waits = {0};
	task_waits(threads, count, &waits);
	table_cell(table, "%u", task->id);
	table_cell(table, "%s", task->name);
	table_cell(table, "%s", task->suspended ? "suspended" : task_state_word(task->state));
	table_cell(table, "%u", task->threads);
	table_cell(table, "%s", task->seat[0] ? task->seat : "-");
	table_cell(table, "%s", units_size(memory, task->memory_bytes));
	table_cell(table, "%s", units_size(kernel, task->kernel_bytes));
	table_cell(table, "%u", task->names);
	table_cell(table, "%u", task->messages);
	table_cell(table, "%s", waits.data);
	text_free(&waits);
}

static void kernel_threads_table(struct cli *cli, const struct monitor_thread *threads, size_t count)
{
	static const struct table_column columns[] = {
		{"THREAD", TABLE_RIGHT}, {"NAME", TABLE_CUT}, {"STATE", 0}, {"WAITING FOR", TABLE_CUT}};
	struct table table;
	table_begin(&table, columns, 4);
	for (size_t i = 0; i < count; i++) {
		table_cell(&table, "%u", threads[i].id);
		table_cell(&table, "%s", threads[i].name);
		table_cell(&table, "%s", thread_state_word(threads[i].state));
		table_cell(&table, "%s", threads[i].waits_for);
	}
	cli_table(cli, &table);
}

static const struct table_column ps_columns[] = {
	{"ID", TABLE_RIGHT},	 {"NAME", TABLE_CUT},	   {"STATE", 0},	   {"THREADS", TABLE_RIGHT},
	{"SEAT", TABLE_CUT},	 {"MEMORY", TABLE_RIGHT}, {"KERNEL", TABLE_RIGHT}, {"RIGHTS", TABLE_RIGHT},
	{"MESSAGES", TABLE_RIGHT}, {"WAITING FOR", TABLE_CUT},
};

// One task with its threads, as a row or an object.
static void ps_one(const struct kernel_lists *lists, size_t i, struct table *table, struct json *json)
{
	struct monitor_thread *threads;
	size_t count;
	// A task that has ended meanwhile has no threads: it is shown as it was.
	if (kernel_threads(lists->monitor, lists->tasks[i].id, &threads, &count))
		count = 0;
	if (json)
		task_json(json, &lists->tasks[i], threads, count);
	else
		task_row(table, &lists->tasks[i], threads, count);
	free(threads);
}

int command_ps(struct cli *cli, struct arguments *arguments)
{
	struct kernel_lists lists;
	struct monitor_thread *threads = NULL;
	size_t count = 0;
	bool kernel = argument_flag(arguments, "-k");
	if (!arguments_end(arguments, 0, 0))
		return cli_usage_word(cli, arguments->what, arguments->why);
	if (!kernel_lists_get(cli, &lists))
		return CLI_FAILED;
	if (kernel && kernel_threads(lists.monitor, MONITOR_KERNEL_TASK, &threads, &count))
		count = 0;
	struct table table;
	struct json json = cli_json(cli);
	table_begin(&table, ps_columns, 10);
	if (cli->json)
		json_object(&json, NULL), json_array(&json, "tasks");
	for (size_t i = 0; i < lists.task_count; i++)
		ps_one(&lists, i, &table, cli->json ? &json : NULL);
	if (cli->json) {
		json_end(&json);
		if (kernel)
			threads_json(&json, threads, count);
		json_end(&json);
	} else {
		cli_table(cli, &table);
		if (kernel)
			kernel_threads_table(cli, threads, count);
	}
	free(threads);
	kernel_lists_free(&lists);
	return CLI_OK;
}

int command_kill(struct cli *cli, struct arguments *arguments)
{
	struct kernel_lists lists;
	int status = CLI_OK;
	if (!arguments_end(arguments, 1, SIZE_MAX))
		return cli_usage_word(cli, arguments->what, arguments->why);
	if (!kernel_lists_get(cli, &lists))
		return CLI_FAILED;
	for (size_t i = 1; i < arguments->count; i++) {
		const struct monitor_task *task = kernel_task_named(cli, &lists, arguments->word[i]);
		kern_return_t error = task ? monitor_kill(lists.monitor, task->id) : KERN_SUCCESS;
		if (error)
			cli_error(cli, arguments->word[i], error);
		if (!task || error)
			status = CLI_FAILED;
	}
	kernel_lists_free(&lists);
	return status;
}
