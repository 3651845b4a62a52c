// SPDX-License-Identifier: MIT
// gila bus watch: events until Ctrl-C.
#include "command.h"
#include "interrupt.h"
#include "kernel.h"

#include <gila/bus.h>
#include <gila/topic.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static void event_text(const struct gila_bus_event *event, struct text *out)
{
	if (event->lost)
		text_format(out, "%" PRIu64 " events lost\n", event->lost);
	if (event->restarted)
		text_add(out, "the bus was restarted\n");
	text_format(out, "%5" PRIu64 ".%06" PRIu64 " ", event->time / 1000000000, event->time / 1000 % 1000000);
	text_add_clean(out, event->topic);
	text_add_byte(out, ' ');
	text_add_clean(out, (const char *)event->data);
	text_add_byte(out, '\n');
}

static void event_object(const struct gila_bus_event *event, struct text *out)
{
	struct json json = {.out = out};
	json_object(&json, NULL);
	json_number(&json, "sequence", event->sequence);
	json_number(&json, "time", event->time);
	json_number(&json, "lost", event->lost);
	json_bool(&json, "restarted", event->restarted);
	json_string(&json, "topic", event->topic);
	json_number(&json, "size", event->size);
	json_string(&json, "data", (const char *)event->data);
	json_end(&json);
}

int command_bus(struct cli *cli, struct arguments *arguments)
{
	mach_port_t bus;
	if (!arguments_end(arguments, 1, 2))
		return cli_usage_word(cli, arguments->what, arguments->why);
	if (strcmp(arguments->word[1], "watch") != 0)
		return cli_usage_word(cli, arguments->word[1], "not something to do with the bus");
	const char *pattern = arguments->count > 2 ? arguments->word[2] : "*";
	if (!topic_valid(pattern, true))
		return cli_error(cli, pattern, BUS_BAD_TOPIC);
	if (!kernel_reach(cli, "bus", &bus))
		return CLI_FAILED;
	struct gila_bus *watch = memory_get(sizeof(*watch));
	struct gila_bus_event *event = memory_get(sizeof(*event));
	kern_return_t error = gila_bus_open(watch, pattern);
	cli->listens = true; // Ctrl-C leaves the wait for an event behind, and then `closed` is set
	while (!error && !cli->closed && !interrupt_raised() && !(error = gila_bus_next(watch, event))) {
		(cli->json ? event_object : event_text)(event, &cli->out);
		cli_flush(cli);
	}
	cli->listens = false;
	gila_bus_close(watch);
	free(watch);
	free(event);
	return error ? cli_error(cli, "bus", error) : CLI_OK;
}
