// SPDX-License-Identifier: MIT
// gila top: the tasks that enter the kernel most often, refreshed until Ctrl-C.
#include "command.h"
#include "interrupt.h"
#include "kernel.h"
#include "place.h"
#include "units.h"

#include <abi/monitor.h>
#include <inttypes.h>
#include <stdlib.h>

struct top_row {
	const struct monitor_task *task;
	uint64_t rate; // traps per second since the frame before
};

static int row_compare(const void *a, const void *b)
{
	const struct top_row *left = a, *right = b;
	if (left->rate != right->rate)
		return left->rate < right->rate ? 1 : -1;
	return left->task->id < right->task->id ? -1 : left->task->id > right->task->id;
}

static uint64_t rate_of(const struct monitor_task *task, const struct kernel_lists *before, uint64_t elapsed)
{
	const struct monitor_task *then = kernel_task_by_id(before, task->id);
	uint64_t traps = then && then->traps <= task->traps ? task->traps - then->traps : task->traps;
	return elapsed ? (uint64_t)((double)traps * 1e9 / (double)elapsed) : 0;
}

static void top_json(struct cli *cli, const struct monitor_kernel *kernel, const struct top_row *rows, size_t count)
{
	struct json json = cli_json(cli);
	json_object(&json, NULL);
	json_number(&json, "time", kernel->now);
	json_number(&json, "tasks", kernel->tasks);
	json_number(&json, "threads", kernel->threads);
	json_number(&json, "ports", kernel->ports);
	json_number(&json, "kernel_bytes", kernel->kernel_bytes);
	json_array(&json, "busiest");
	for (size_t i = 0; i < count; i++) {
		json_object(&json, NULL);
		json_number(&json, "id", rows[i].task->id);
		json_string(&json, "name", rows[i].task->name);
		json_number(&json, "traps_per_second", rows[i].rate);
		json_number(&json, "memory_bytes", rows[i].task->memory_bytes);
		json_end(&json);
	}
	json_end(&json);
	json_end(&json);
}

static void top_table(struct cli *cli, const struct monitor_kernel *kernel, const struct top_row *rows, size_t count)
{
	static const struct table_column columns[] = {
		{"ID", TABLE_RIGHT},	 {"NAME", TABLE_CUT},	  {"SEAT", TABLE_CUT},
		{"TRAPS/S", TABLE_RIGHT}, {"TRAPS", TABLE_RIGHT}, {"MEMORY", TABLE_RIGHT},
		{"RIGHTS", TABLE_RIGHT}, {"MESSAGES", TABLE_RIGHT},
	};
	char up[UNITS_ROOM], memory[UNITS_ROOM];
	struct table table;
	if (place_width() > 0)
		cli_print(cli, "\x1b[H\x1b[2J");
	cli_print(cli, "up %s, %u CPUs, %u tasks, %u threads, %u ports, %u seats, kernel memory %s\n",
		  units_time(up, kernel->now), kernel->cpus, kernel->tasks, kernel->threads, kernel->ports, kernel->seats,
		  units_size(memory, kernel->kernel_bytes));
	table_begin(&table, columns, 8);
	for (size_t i = 0; i < count; i++) {
		const struct monitor_task *task = rows[i].task;
		table_cell(&table, "%u", task->id);
		table_cell(&table, "%s", task->name);
		table_cell(&table, "%s", task->seat[0] ? task->seat : "-");
		table_cell(&table, "%" PRIu64, rows[i].rate);
		table_cell(&table, "%" PRIu64, task->traps);
		table_cell(&table, "%s", units_size(memory, task->memory_bytes));
		table_cell(&table, "%u", task->names);
		table_cell(&table, "%u", task->messages);
	}
	cli_table(cli, &table);
}

// Shows one frame; `before` becomes what it showed.
static bool top_frame(struct cli *cli, struct kernel_lists *before, uint64_t *before_time)
{
	struct kernel_lists now;
	struct monitor_kernel kernel;
	if (!kernel_lists_get(cli, &now))
		return false;
	kern_return_t error = monitor_kernel(now.monitor, &kernel);
	if (error) {
		cli_monitor_error(cli, error);
		kernel_lists_free(&now);
		return false;
	}
	struct top_row *rows = memory_get(now.task_count * sizeof(*rows));
	for (size_t i = 0; i < now.task_count; i++)
		rows[i] = (struct top_row){&now.tasks[i], rate_of(&now.tasks[i], before, kernel.now - *before_time)};
	qsort(rows, now.task_count, sizeof(*rows), row_compare);
	(cli->json ? top_json : top_table)(cli, &kernel, rows, now.task_count);
	cli_flush(cli);
	free(rows);
	kernel_lists_free(before);
	*before = now;
	*before_time = kernel.now;
	return true;
}

int command_top(struct cli *cli, struct arguments *arguments)
{
	const char *delay = argument_value(arguments, "-d"), *frames = argument_value(arguments, "-n");
	uint64_t seconds = 1, count = UINT64_MAX, before_time = 0;
	struct kernel_lists before = {0};
	if (!arguments_end(arguments, 0, 0))
		return cli_usage_word(cli, arguments->what, arguments->why);
	if (delay && !argument_number(delay, 1, 3600, &seconds))
		return cli_usage_word(cli, delay, "not a number of seconds from 1 to 3600");
	if (frames && !argument_number(frames, 1, UINT64_MAX, &count))
		return cli_usage_word(cli, frames, "not a number of frames");
	int status = CLI_OK;
	do {
		if (!top_frame(cli, &before, &before_time))
			status = CLI_FAILED;
	} while (status == CLI_OK && --count > 0 && !cli->closed && interrupt_pause((unsigned)seconds * 1000));
	kernel_lists_free(&before);
	return status;
}
