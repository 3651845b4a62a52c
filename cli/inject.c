// SPDX-License-Identifier: MIT
// gila inject: faults in servers of seats, and on the wire between a file system and its driver. The plan is the seed's
// (inject_plan.h); each fault is told of when it is made.
#include "command.h"
#include "inject_plan.h"
#include "interrupt.h"
#include "kernel.h"
#include "place.h"

#include <abi/inject.h>
#include <abi/monitor.h>
#include <gila/gila.h>
#include <gila/inject.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define MS UINT64_C(1000000)
#define SLOW_STOP (3 * MS) // of each SLOW_PERIOD a slow server is stopped
#define SLOW_PERIOD (4 * MS)
#define LATER_MAX 256u
#define FOR_MAX UINT64_C(1000000)

// Something that a fault does later: the next stop of a server that is slow, the end of a shortage.
struct later {
	uint64_t at, until;
	enum plan_kind kind;
	uint32_t task;
};

struct inject {
	struct cli *cli;
	struct plan plan;
	char **seats;         // names, plan.seats of them
	mach_port_t monitor;
	uint64_t seed, begin, length;
	const char *wire;     // the seat of a server `inject`; NULL: none
	mach_port_t wire_port;
	uint32_t rates[INJECT_FAULTS];
	uint64_t made[PLAN_KINDS], missed;
	struct later later[LATER_MAX];
	size_t later_count;
};

// ---- Telling -----------------------------------------------------------------------------------------------------------

static void tell(struct inject *inject, const struct plan_fault *fault, uint32_t task, uint64_t where, kern_return_t error)
{
	const char *name = inject->seats[fault->seat], *kind = plan_kind_name(fault->kind);
	struct json json = cli_json(inject->cli);
	if (inject->cli->json) {
		json_object(&json, NULL);
		json_number(&json, "time", fault->at);
		json_string(&json, "fault", kind);
		json_string(&json, "seat", name);
		json_number(&json, "task", task);
		json_number(&json, "length", fault->length);
		json_number(&json, "amount", fault->amount);
		if (where)
			json_number(&json, "where", where);
		json_bool(&json, "made", task && !error);
		if (error)
			json_string(&json, "error", gila_error_text(error));
		json_end(&json);
		return;
	}
	cli_print(inject->cli, "%10.6f %-8s %s", (double)fault->at / 1e9, kind, name);
	if (task)
		cli_print(inject->cli, " (task %u)", task);
	if (fault->length)
		cli_print(inject->cli, " for %.1f ms", (double)fault->length / 1e6);
	if (fault->kind == PLAN_SHORTAGE)
		cli_print(inject->cli, ", every %" PRIu64 ". charge", fault->amount);
	if (where)
		cli_print(inject->cli, ", bit %u of the byte at 0x%" PRIx64, (unsigned)(where & 7), where >> 3);
	cli_print(inject->cli, "%s%s\n", error ? ": " : "", error ? gila_error_text(error) : "");
}

static void sum_up_wire(struct inject *inject, struct json *json)
{
	uint64_t passed, made[INJECT_COUNTS_MAX] = {0};
	mach_msg_type_number_t count = INJECT_COUNTS_MAX;
	if (!inject->wire)
		return;
	kern_return_t error = inject_counts(inject->wire_port, &passed, made, &count);
	if (error) {
		cli_error(inject->cli, inject->wire, error);
		return;
	}
	if (inject->cli->json) {
		json_object(json, "wire");
		json_number(json, "passed", passed);
	} else {
		cli_print(inject->cli, "%s: %" PRIu64 " messages", inject->wire, passed);
	}
	for (unsigned fault = 0; fault < INJECT_FAULTS; fault++) {
		if (inject->cli->json)
			json_number(json, inject_fault_name(fault), made[fault]);
		else if (made[fault])
			cli_print(inject->cli, ", %s %" PRIu64, inject_fault_name(fault), made[fault]);
	}
	if (inject->cli->json)
		json_end(json);
	else
		cli_print(inject->cli, "\n");
}

static void sum_up(struct inject *inject)
{
	struct json json = cli_json(inject->cli);
	if (inject->cli->json) {
		json_object(&json, NULL);
		json_number(&json, "seed", inject->seed);
		for (unsigned kind = 0; kind < PLAN_KINDS; kind++)
			json_number(&json, plan_kind_name(kind), inject->made[kind]);
		json_number(&json, "nobody_there", inject->missed);
	} else if (inject->plan.seats) {
		cli_print(inject->cli, "seed %" PRIu64 ":", inject->seed);
		for (unsigned kind = 0; kind < PLAN_KINDS; kind++)
			if (inject->made[kind])
				cli_print(inject->cli, " %s %" PRIu64, plan_kind_name(kind), inject->made[kind]);
		cli_print(inject->cli, ", nobody there %" PRIu64 "\n", inject->missed);
	}
	sum_up_wire(inject, &json);
	if (inject->cli->json)
		json_end(&json);
}

// ---- Making ------------------------------------------------------------------------------------------------------------

static uint32_t occupant(struct inject *inject, const char *name)
{
	struct monitor_seat *seats;
	size_t count;
	uint32_t task = 0;
	if (kernel_seats(inject->monitor, &seats, &count))
		return 0;
	for (size_t i = 0; i < count; i++)
		if (strcmp(seats[i].name, name) == 0)
			task = seats[i].task;
	free(seats);
	return task;
}

static kern_return_t stop_for(struct inject *inject, uint32_t task, uint64_t length)
{
	uint64_t where;
	return monitor_inject(inject->monitor, task, MONITOR_FAULT_STOP, length, &where);
}

static void do_later(struct inject *inject, struct later later)
{
	if (inject->later_count < LATER_MAX)
		inject->later[inject->later_count++] = later;
}

static kern_return_t make(struct inject *inject, const struct plan_fault *fault, uint32_t task, uint64_t now, uint64_t *where)
{
	uint64_t until = now + fault->length;
	kern_return_t error;
	switch (fault->kind) {
	case PLAN_KILL:
		return monitor_kill(inject->monitor, task);
	case PLAN_STOP:
		return stop_for(inject, task, fault->length);
	case PLAN_SLOW:
		do_later(inject, (struct later){now + SLOW_PERIOD, until, PLAN_SLOW, task});
		return stop_for(inject, task, SLOW_STOP);
	case PLAN_SHORTAGE:
		error = monitor_inject(inject->monitor, task, MONITOR_FAULT_SHORTAGE, fault->amount, where);
		if (!error)
			do_later(inject, (struct later){until, until, PLAN_SHORTAGE, task});
		return error;
	default:
		return monitor_inject(inject->monitor, task, MONITOR_FAULT_FLIP, fault->amount, where);
	}
}

static void make_and_tell(struct inject *inject, const struct plan_fault *fault)
{
	uint64_t where = 0;
	uint32_t task = occupant(inject, inject->seats[fault->seat]);
	kern_return_t error = task ? make(inject, fault, task, gila_time(), &where) : KERN_SUCCESS;
	if (task && !error)
		inject->made[fault->kind]++;
	else if (!task || error == KERN_NOT_FOUND)
		inject->missed++;
	tell(inject, fault, task, where, error);
	cli_flush(inject->cli);
}

// Does what is due, or (`all`) ends what was begun. Tasks that are gone need nothing any more.
static void catch_up(struct inject *inject, uint64_t now, bool all)
{
	size_t count = inject->later_count;
	uint64_t where;
	inject->later_count = 0;
	for (size_t i = 0; i < count; i++) {
		struct later later = inject->later[i];
		if (later.at > now && !all) {
			do_later(inject, later);
		} else if (later.kind == PLAN_SHORTAGE) {
			(void)monitor_inject(inject->monitor, later.task, MONITOR_FAULT_SHORTAGE, 0, &where);
		} else if (!all && !stop_for(inject, later.task, SLOW_STOP) && now + SLOW_PERIOD < later.until) {
			later.at = now + SLOW_PERIOD;
			do_later(inject, later);
		}
	}
}

static uint64_t next_time(const struct inject *inject, uint64_t fault)
{
	uint64_t next = fault;
	for (size_t i = 0; i < inject->later_count; i++)
		next = inject->later[i].at < next ? inject->later[i].at : next;
	return next;
}

static void run(struct inject *inject)
{
	uint64_t end = inject->begin + inject->length;
	struct plan_fault fault = {.at = UINT64_MAX};
	if (inject->plan.seats)
		fault = plan_next(&inject->plan);
	while (!inject->cli->closed) {
		uint64_t now = gila_time(), due = fault.at == UINT64_MAX ? end : inject->begin + fault.at;
		catch_up(inject, now, false);
		if (now >= end)
			break;
		if (due <= now && fault.at != UINT64_MAX) {
			make_and_tell(inject, &fault);
			fault = plan_next(&inject->plan);
			continue;
		}
		uint64_t next = next_time(inject, due < end ? due : end);
		if (!interrupt_pause(next > now ? (unsigned)((next - now + MS - 1) / MS) : 0))
			break;
	}
	catch_up(inject, 0, true);
}

static void print_plan(struct inject *inject)
{
	for (struct plan_fault fault; inject->plan.seats && (fault = plan_next(&inject->plan)).at < inject->length;)
		tell(inject, &fault, 0, 0, KERN_SUCCESS);
}

// ---- The wire ----------------------------------------------------------------------------------------------------------

// "drop-request=200,reorder=5000"
static bool rates_read(struct inject *inject, const char *text)
{
	while (text && *text) {
		size_t length = strcspn(text, ","), name = strcspn(text, "=");
		unsigned fault = 0;
		char number[16] = "";
		uint64_t rate;
		while (fault < INJECT_FAULTS && (strlen(inject_fault_name(fault)) != name || strncmp(inject_fault_name(fault), text, name) != 0))
			fault++;
		if (fault == INJECT_FAULTS || name >= length || length - name - 1 >= sizeof(number))
			return false;
		memcpy(number, text + name + 1, length - name - 1);
		if (!argument_number(number, 0, INJECT_MILLION, &rate))
			return false;
		inject->rates[fault] = (uint32_t)rate;
		text += length + (text[length] == ',');
	}
	return true;
}

static bool wire_set(struct inject *inject, bool on)
{
	kern_return_t error = on ? inject_seed(inject->wire_port, inject->seed) : KERN_SUCCESS;
	for (unsigned fault = 0; !error && fault < INJECT_FAULTS; fault++)
		error = inject_set(inject->wire_port, fault, on ? inject->rates[fault] : 0);
	if (error)
		cli_error(inject->cli, inject->wire, error);
	return !error;
}

// ---- The command -------------------------------------------------------------------------------------------------------

static int usage(struct inject *inject, const char *word, const char *why)
{
	return cli_usage_word(inject->cli, word, why);
}

// Takes the options. CLI_OK, or a complaint was made.
static int options_take(struct inject *inject, struct arguments *arguments)
{
	const char *seed = argument_value(arguments, "--seed"), *length = argument_value(arguments, "--for");
	const char *rate = argument_value(arguments, "--rate"), *faults = argument_value(arguments, "--faults");
	const char *rates = argument_value(arguments, "--block"), *wrong;
	uint64_t number;
	size_t size;
	inject->wire = argument_value(arguments, "--wire");
	if (!arguments_end(arguments, inject->wire ? 0 : 1, SIZE_MAX))
		return usage(inject, arguments->what, arguments->why);
	if (seed && !argument_number(seed, 0, UINT64_MAX, &inject->seed))
		return usage(inject, seed, "not a number");
	if (length && !argument_number(length, 0, FOR_MAX, &number))
		return usage(inject, length, "not a number of seconds");
	inject->length = length ? number * 1000000000 : inject->length;
	if (rate && !argument_number(rate, 1, 1000, &number))
		return usage(inject, rate, "not a number from 1 to 1000");
	inject->plan.rate = rate ? (double)number : 1;
	if (faults && !plan_kinds_read(faults, &inject->plan.kinds, &wrong, &size))
		return usage(inject, wrong, "not a kind of fault");
	if (rates && (!inject->wire || !rates_read(inject, rates)))
		return usage(inject, rates, inject->wire ? "not FAULT=N,..." : "needs --wire");
	inject->plan.random = inject->seed;
	inject->plan.seats = arguments->count - 1;
	inject->seats = arguments->word + 1;
	return CLI_OK;
}

int command_inject(struct cli *cli, struct arguments *arguments)
{
	bool only_plan = argument_flag(arguments, "--plan");
	struct inject *inject = memory_get(sizeof(*inject));
	memset(inject, 0, sizeof(*inject));
	inject->cli = cli;
	inject->seed = (uint64_t)gila_time_calendar() / 1000 % 1000000000;
	inject->length = UINT64_C(10000000000);
	inject->plan.kinds = 1u << PLAN_KILL | 1u << PLAN_STOP | 1u << PLAN_SLOW | 1u << PLAN_SHORTAGE;
	int status = options_take(inject, arguments);
	if (status == CLI_OK && only_plan) {
		print_plan(inject);
		goto out;
	}
	if (status == CLI_OK && (!kernel_reach(cli, MONITOR_NAME, &inject->monitor) ||
				 (inject->wire && !kernel_reach(cli, inject->wire, &inject->wire_port))))
		status = CLI_FAILED;
	if (status == CLI_OK && inject->wire && !wire_set(inject, true))
		status = CLI_FAILED;
	if (status == CLI_OK) {
		inject->begin = gila_time();
		run(inject);
		if (inject->wire && inject->length > 0 && !wire_set(inject, false))
			status = CLI_FAILED;
		sum_up(inject);
	}
out:
	free(inject);
	return status;
}
