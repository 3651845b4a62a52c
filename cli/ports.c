// SPDX-License-Identifier: MIT
// gila ports: the names of tasks, and the ports behind them.
#include "command.h"
#include "kernel.h"

#include <inttypes.h>
#include <stdlib.h>

// "receive,send", ... in `out`.
static const char *types_words(uint32_t types, char out[64])
{
	static const struct {
		uint32_t type;
		const char *word;
	} words[] = {{MONITOR_RECEIVE, "receive"},
		     {MONITOR_SEND, "send"},
		     {MONITOR_SEND_ONCE, "once"},
		     {MONITOR_SET, "set"},
		     {MONITOR_DEAD_NAME, "dead"}};
	char *end = out;
	*end = 0;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (types & words[i].type) {
			if (end != out)
				*end++ = ',';
			for (const char *at = words[i].word; *at; at++)
				*end++ = *at;
			*end = 0;
		}
	return out;
}

// Who receives from the port: "fs/tmp", "tmpfs (4)", "kernel: monitor", "in a message".
static void port_receiver(const struct kernel_lists *lists, const struct monitor_right *right, struct text *out)
{
	const struct monitor_seat *seat = right->seat ? kernel_seat_by_id(lists, right->seat) : NULL;
	const struct monitor_task *owner = right->owner ? kernel_task_by_id(lists, right->owner) : NULL;
	const struct monitor_task *object = right->object ? kernel_task_by_id(lists, right->object) : NULL;
	if (right->port == 0)
		text_format(out, "%s", right->types & MONITOR_SET ? "" : "-");
	else if (right->state == MONITOR_PORT_OBJECT && object)
		text_format(out, "kernel: %s %s (%u)", right->kind, object->name, object->id);
	else if (right->state == MONITOR_PORT_OBJECT)
		text_format(out, "kernel: %s", right->kind);
	else if (right->state == MONITOR_PORT_TRANSIT)
		text_add(out, "in a message");
	else if (seat)
		text_format(out, "seat %s", seat->name);
	else if (owner)
		text_format(out, "%s (%u)", owner->name, owner->id);
	else
		text_add(out, "-");
	text_add(out, "");
}

static void right_row(struct table *table, const struct kernel_lists *lists, const struct monitor_task *task,
		      const struct monitor_right *right)
{
	char types[64];
	struct text receiver = {0};
	port_receiver(lists, right, &receiver);
	table_cell(table, "%s (%u)", task->name, task->id);
	table_cell(table, "0x%x", right->name);
	table_cell(table, "%s", types_words(right->types, types));
	right->urefs ? table_cell(table, "%u", right->urefs) : table_cell(table, "-");
	right->port ? table_cell(table, "%u", right->port) : table_cell(table, "-");
	if (right->types & MONITOR_RECEIVE)
		table_cell(table, "%u/%u", right->queued, right->limit);
	else if (right->types & MONITOR_SET)
		table_cell(table, "%u in", right->members);
	else
		table_cell(table, "-");
	if (right->port)
		table_cell(table, "%u+%u", right->send_rights, right->send_once_rights);
	else
		table_cell(table, "-");
	right->badge ? table_cell(table, "0x%" PRIx64, right->badge) : table_cell(table, "-");
	table_cell(table, "%s", receiver.data);
	text_free(&receiver);
}

static void right_json(struct json *json, const struct kernel_lists *lists, const struct monitor_task *task,
		       const struct monitor_right *right)
{
	static const char *const states[] = {"live", "transit", "kept", "object", "dead"};
	char types[64];
	struct text receiver = {0};
	port_receiver(lists, right, &receiver);
	json_object(json, NULL);
	json_number(json, "task", task->id);
	json_number(json, "name", right->name);
	json_string(json, "types", types_words(right->types, types));
	json_number(json, "urefs", right->urefs);
	json_number(json, "members", right->members);
	json_number(json, "port", right->port);
	json_string(json, "state", right->state < 5 ? states[right->state] : "?");
	json_number(json, "owner", right->owner);
	json_number(json, "seat", right->seat);
	json_string(json, "receiver", receiver.data);
	json_string(json, "kind", right->kind);
	json_number(json, "queued", right->queued);
	json_number(json, "limit", right->limit);
	json_number(json, "received", right->sequence);
	json_number(json, "send_rights", right->send_rights);
	json_number(json, "send_once_rights", right->send_once_rights);
	json_number(json, "badge", right->badge);
	json_end(json);
	text_free(&receiver);
}

static void ports_of(const struct kernel_lists *lists, const struct monitor_task *task, struct table *table,
		     struct json *json)
{
	struct monitor_right *rights;
	size_t count;
	if (kernel_rights(lists->monitor, task->id, &rights, &count))
		return; // it has just ended
	for (size_t i = 0; i < count; i++)
		if (json)
			right_json(json, lists, task, &rights[i]);
		else
			right_row(table, lists, task, &rights[i]);
	free(rights);
}

static const struct table_column columns[] = {
	{"TASK", TABLE_CUT},	{"NAME", TABLE_RIGHT},	 {"RIGHTS", 0},		{"REFS", TABLE_RIGHT}, {"PORT", TABLE_RIGHT},
	{"QUEUE", TABLE_RIGHT}, {"SENDERS", TABLE_RIGHT}, {"BADGE", TABLE_RIGHT}, {"RECEIVER", TABLE_CUT},
};

int command_ports(struct cli *cli, struct arguments *arguments)
{
	struct kernel_lists lists;
	int status = CLI_OK;
	if (!arguments_end(arguments, 0, SIZE_MAX))
		return cli_usage_word(cli, arguments->what, arguments->why);
	if (!kernel_lists_get(cli, &lists))
		return CLI_FAILED;
	struct table table;
	struct json json = cli_json(cli), *writer = cli->json ? &json : NULL;
	table_begin(&table, columns, 9);
	for (size_t i = 1; i < arguments->count; i++)
		if (!kernel_task_named(cli, &lists, arguments->word[i]))
			status = CLI_FAILED;
	if (status != CLI_OK) {
		kernel_lists_free(&lists);
		return status;
	}
	if (writer)
		json_array(writer, NULL);
	for (size_t i = 0; arguments->count == 1 && i < lists.task_count; i++)
		ports_of(&lists, &lists.tasks[i], &table, writer);
	for (size_t i = 1; i < arguments->count; i++)
		ports_of(&lists, kernel_task_named(cli, &lists, arguments->word[i]), &table, writer);
	if (writer)
		json_end(writer);
	else
		cli_table(cli, &table);
	kernel_lists_free(&lists);
	return status;
}
