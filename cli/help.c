// SPDX-License-Identifier: MIT
// gila help: the table of commands in words.
#include "command.h"

static void help_json(struct cli *cli, struct json *json, const struct command *command)
{
	json_object(json, NULL);
	json_string(json, "name", command->name);
	json_string(json, "usage", command->usage);
	json_string(json, "help", command->line);
	if (command->more)
		json_string(json, "more", command->more);
	json_end(json);
}

static void help_one(struct cli *cli, const struct command *command)
{
	if (cli->json) {
		struct json json = cli_json(cli);
		help_json(cli, &json, command);
		return;
	}
	cli_print(cli, "gila %s%s%s\n%s\n", command->name, *command->usage ? " " : "", command->usage, command->line);
	if (command->more)
		cli_print(cli, "%s\n", command->more);
}

static void help_all(struct cli *cli)
{
	static const struct table_column columns[] = {{"COMMAND", 0}, {"", 0}};
	struct table table;
	if (cli->json) {
		struct json json = cli_json(cli);
		json_array(&json, NULL);
		for (const struct command *command = command_table; command->name; command++)
			help_json(cli, &json, command);
		json_end(&json);
		return;
	}
	table_begin(&table, columns, 2);
	for (const struct command *command = command_table; command->name; command++) {
		table_cell(&table, "%s", command->name);
		table_cell(&table, "%s", command->line);
	}
	cli_table(cli, &table);
	cli_print(cli, "help COMMAND says more of one. --json makes any of them print JSON.\n");
}

int command_help(struct cli *cli, struct arguments *arguments)
{
	if (!arguments_end(arguments, 0, 1))
		return cli_usage_word(cli, arguments->what, arguments->why);
	if (arguments->count == 1) {
		help_all(cli);
		return CLI_OK;
	}
	const struct command *command = command_find(arguments->word[1]);
	if (!command)
		return cli_fail(cli, arguments->word[1], "no such command");
	help_one(cli, command);
	return CLI_OK;
}
