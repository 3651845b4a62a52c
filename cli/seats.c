// SPDX-License-Identifier: MIT
// gila seats, start, stop, restart.
#include "command.h"
#include "event.h"
#include "kernel.h"
#include "units.h"

#include <abi/seat.h>
#include <gila/gila.h>
#include <string.h>

static bool seat_wanted(const struct arguments *arguments, const char *name)
{
	for (size_t i = 1; i < arguments->count; i++)
		if (strcmp(arguments->word[i], name) == 0)
			return true;
	return arguments->count == 1;
}

// What the occupant or the wait for one is about: "task 7", "in 1.5s".
static void seat_next(const struct monitor_seat *seat, uint64_t now, char out[UNITS_ROOM])
{
	out[0] = 0;
	if (seat->state == SEAT_BACKING_OFF)
		units_time(out, seat->next_try > now ? seat->next_try - now : 0);
}

static const char *state_word(const struct monitor_seat *seat)
{
	return seat->flags & MONITOR_SEAT_AWAITS_PROGRAM ? "loading" : seat_state_word(seat->state);
}

static void seats_table(struct cli *cli, const struct kernel_lists *lists, const struct arguments *arguments)
{
	static const struct table_column columns[] = {
		{"SEAT", 0},		    {"STATE", 0},	     {"TASK", TABLE_RIGHT},
		{"GEN", TABLE_RIGHT},	    {"RESTARTS", TABLE_RIGHT}, {"QUEUED", TABLE_RIGHT},
		{"NEXT TRY", TABLE_RIGHT}, {"LAST END", TABLE_CUT},
	};
	struct table table;
	uint64_t now = gila_time();
	table_begin(&table, columns, 8);
	for (size_t i = 0; i < lists->seat_count; i++) {
		const struct monitor_seat *seat = &lists->seats[i];
		char reason[EVENT_NAME_ROOM], next[UNITS_ROOM];
		if (!seat_wanted(arguments, seat->name))
			continue;
		seat_next(seat, now, next);
		table_cell(&table, "%s", seat->name);
		table_cell(&table, "%s", state_word(seat));
		if (seat->task)
			table_cell(&table, "%u", seat->task);
		else
			table_cell(&table, "-");
		table_cell(&table, "%u", seat->generation);
		table_cell(&table, "%u", seat->restarts);
		table_cell(&table, "%u", seat->queued);
		table_cell(&table, "%s", next);
		table_cell(&table, "%s", seat_reason_words(reason, seat->reason, seat->code));
	}
	cli_table(cli, &table);
}

static void seats_json(struct cli *cli, const struct kernel_lists *lists, const struct arguments *arguments)
{
	struct json json = cli_json(cli);
	char reason[EVENT_NAME_ROOM];
	json_array(&json, NULL);
	for (size_t i = 0; i < lists->seat_count; i++) {
		const struct monitor_seat *seat = &lists->seats[i];
		if (!seat_wanted(arguments, seat->name))
			continue;
		json_object(&json, NULL);
		json_string(&json, "name", seat->name);
		json_number(&json, "id", seat->id);
		json_string(&json, "state", state_word(seat));
		json_string(&json, "program", seat->program);
		if (seat->task)
			json_number(&json, "task", seat->task);
		else
			json_null(&json, "task");
		json_number(&json, "port", seat->port);
		json_number(&json, "queued", seat->queued);
		json_number(&json, "generation", seat->generation);
		json_number(&json, "restarts", seat->restarts);
		json_number(&json, "failures", seat->failures);
		json_string(&json, "last_end", seat_reason_words(reason, seat->reason, seat->code));
		json_number(&json, "reason", seat->reason);
		json_signed(&json, "code", seat->code);
		json_number(&json, "since", seat->since);
		json_number(&json, "next_try", seat->state == SEAT_BACKING_OFF ? seat->next_try : 0);
		json_number(&json, "lookups", seat->lookups);
		json_bool(&json, "resident", (seat->flags & MONITOR_SEAT_HAS_IMAGE) != 0);
		json_bool(&json, "boot", (seat->flags & SEAT_START_BOOT) != 0);
		json_end(&json);
	}
	json_end(&json);
}

static bool seat_is_listed(const struct kernel_lists *lists, const char *name)
{
	for (size_t i = 0; i < lists->seat_count; i++)
		if (strcmp(lists->seats[i].name, name) == 0)
			return true;
	return false;
}

int command_seats(struct cli *cli, struct arguments *arguments)
{
	struct kernel_lists lists;
	int status = CLI_OK;
	if (!arguments_end(arguments, 0, SIZE_MAX))
		return cli_usage_word(cli, arguments->what, arguments->why);
	if (!kernel_lists_get(cli, &lists))
		return CLI_FAILED;
	for (size_t i = 1; i < arguments->count; i++)
		if (!seat_is_listed(&lists, arguments->word[i]))
			status = cli_fail(cli, arguments->word[i], "no such seat");
	if (cli->json && status == CLI_OK)
		seats_json(cli, &lists, arguments);
	else if (!cli->json)
		seats_table(cli, &lists, arguments);
	kernel_lists_free(&lists);
	return status;
}

// Does the same to each seat that is named.
static int seats_each(struct cli *cli, struct arguments *arguments,
		      kern_return_t (*change)(mach_port_t seats, const char *name))
{
	mach_port_t seats;
	int status = CLI_OK;
	if (!arguments_end(arguments, 1, SIZE_MAX))
		return cli_usage_word(cli, arguments->what, arguments->why);
	if (!kernel_reach(cli, SEAT_GRANT_MANAGE, &seats))
		return CLI_FAILED;
	for (size_t i = 1; i < arguments->count; i++) {
		const char *name = arguments->word[i];
		kern_return_t error = strlen(name) > SEAT_NAME_MAX ? KERN_NOT_FOUND : change(seats, name);
		if (error == KERN_NOT_FOUND)
			status = cli_fail(cli, name, "no such seat");
		else if (error)
			status = cli_error(cli, name, error);
	}
	return status;
}

int command_start(struct cli *cli, struct arguments *arguments) { return seats_each(cli, arguments, gila_seat_start); }
int command_stop(struct cli *cli, struct arguments *arguments) { return seats_each(cli, arguments, gila_seat_stop); }
int command_restart(struct cli *cli, struct arguments *arguments) { return seats_each(cli, arguments, gila_seat_restart); }
