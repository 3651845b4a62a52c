// SPDX-License-Identifier: MIT
// Output and complaints of commands; see cli.h.
#include "cli.h"
#include "place.h"

#include <gila/error.h>
#include <gila/monitor.h>
#include <string.h>

void cli_print(struct cli *cli, const char *format, ...)
{
	va_list list;
	va_start(list, format);
	text_format_list(&cli->out, format, list);
	va_end(list);
}

void cli_table(struct cli *cli, struct table *table) { table_print(table, place_width(), &cli->out); }

struct json cli_json(struct cli *cli) { return (struct json){.out = &cli->out}; }

void cli_flush(struct cli *cli)
{
	if (cli->out.length > 0 && !cli->closed) {
		cli->lost = !place_write(cli->out.data, cli->out.length);
		cli->closed |= cli->lost;
		cli->last = cli->out.data[cli->out.length - 1];
	}
	cli->written += cli->out.length;
	text_clear(&cli->out);
}

// With --json the console gets documents only; the host has a stream of its own for complaints.
static void complain_line(struct cli *cli, const char *line)
{
	if (!cli->json)
		cli_flush(cli);
	if (!cli->closed && (!cli->json || place_is_host)) {
		place_complain(line);
		cli->last = '\n';
	}
}

// Complains with the line "gila: ..." and remembers it for --json.
static void complain(struct cli *cli, const char *line)
{
	struct text full = {0};
	text_add(&full, "gila: ");
	text_add_clean(&full, line);
	text_add_byte(&full, '\n');
	complain_line(cli, full.data);
	text_append(&cli->errors, full.data + 6, full.length - 7);
	text_append(&cli->errors, "", 1);
	text_free(&full);
}

int cli_fail(struct cli *cli, const char *thing, const char *format, ...)
{
	struct text line = {0};
	va_list list;
	if (cli->command)
		text_format(&line, "%s: ", cli->command->name);
	if (thing)
		text_format(&line, "%s: ", thing);
	va_start(list, format);
	text_format_list(&line, format, list);
	va_end(list);
	complain(cli, text_string(&line));
	text_free(&line);
	return CLI_FAILED;
}

int cli_error(struct cli *cli, const char *thing, kern_return_t error)
{
	return cli_fail(cli, thing, "%s", gila_error_text(error));
}

int cli_error_entry(struct cli *cli, struct json *json, const char *path)
{
	const char *last = cli->errors.data;
	for (size_t at = 0; at < cli->errors.length; at += strlen(cli->errors.data + at) + 1)
		last = cli->errors.data + at;
	if (!cli->json)
		return CLI_FAILED;
	json_object(json, NULL);
	json_string(json, "path", path);
	json_string(json, "error", last ? last : "");
	json_end(json);
	cli->told = true;
	return CLI_FAILED;
}

int cli_monitor_error(struct cli *cli, kern_return_t error) { return cli_error(cli, MONITOR_NAME, error); }

int cli_usage_word(struct cli *cli, const char *word, const char *why)
{
	struct text line = {0};
	const struct command *command = cli->command;
	if (why)
		cli_fail(cli, word, "%s", why);
	text_format(&line, "usage: gila %s%s%s\n", command->name, *command->usage ? " " : "", command->usage);
	complain_line(cli, line.data);
	text_free(&line);
	return CLI_USAGE;
}

int cli_usage(struct cli *cli, const char *why) { return cli_usage_word(cli, NULL, why); }
