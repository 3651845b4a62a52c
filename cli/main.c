// SPDX-License-Identifier: MIT
// gila: one command in both worlds.  gila [--json] [COMMAND [ARGUMENT...] | -c TEXT]
//
// build/gila (the host's, linked with cli/host and the kernel server) and /system/bin/gila (the image's, linked with cli/image)
// are made of the same files. A command is a line in command.c and a function in the file of its group; what differs
// between the worlds is behind place.h. docs/gila.md and docs/gila.1 say how it is used.
// init runs it as the shell, without arguments or with -c; when it ends, the system ends with its status.
#include "command.h"
#include "interrupt.h"
#include "place.h"
#include "prompt.h"

#include <gila/version.h>
#include <stdio.h>
#include <string.h>

static int main_usage(struct cli *cli)
{
	cli_fail(cli, NULL, "usage: gila [--json] [COMMAND [ARGUMENT...] | -c TEXT]; gila help lists the commands");
	return CLI_USAGE;
}

static int main_text(struct cli *cli, const char *text)
{
	const char *why;
	// `gila -c boot` is fine without a system, so that reaching it is left to the commands.
	if (!place_is_host && !place_reach(&why))
		return cli_fail(cli, NULL, "%s", why);
	if (place_is_host) // where Ctrl-C ends this program
		return command_run_text(cli, text);
	place_listen();
	return interrupt_run(cli, text);
}

int main(int count, char **words)
{
	struct cli cli = {.json = false};
	const char *text = NULL;
	int at = 1, status;
	for (; at < count && words[at][0] == '-' && !text; at++) {
		if (strcmp(words[at], "--json") == 0)
			cli.json = true;
		else if (strcmp(words[at], "-c") == 0 && at + 1 < count)
			text = words[++at];
		else if (strcmp(words[at], "--version") == 0)
			return puts(GILA_VERSION) == EOF ? CLI_FAILED : CLI_OK;
		else if (strcmp(words[at], "--help") == 0)
			text = "help";
		else
			return main_usage(&cli);
	}
	if (text && at < count)
		return main_usage(&cli);
	if (text)
		status = main_text(&cli, text);
	else if ((cli.alone = at < count))
		status = command_run(&cli, (size_t)(count - at), words + at);
	else
		status = prompt_run(&cli);
	text_free(&cli.out);
	text_free(&cli.errors);
	return status;
}
