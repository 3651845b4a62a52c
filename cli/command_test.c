// SPDX-License-Identifier: MIT
// Running commands, their statuses and documents, as far as they need no system: help does not.
#include "cli.h"
#include "place.h"

#include <gila/test.h>
#include <string.h>

static struct cli cli;

static int run(const char *text)
{
	text_free(&cli.out);
	text_free(&cli.errors);
	cli = (struct cli){.closed = true}; // nothing is written
	return command_run_text(&cli, text);
}

TEST(the_first_failure_is_the_status)
{
	CHECK_EQ(run("help"), CLI_OK);
	CHECK_EQ(run(""), CLI_OK);
	CHECK_EQ(run("help nonesuch; ls -z; help"), CLI_FAILED);
	CHECK_EQ(run("ls -z; help nonesuch; help"), CLI_USAGE);
	CHECK_EQ(run("nonesuch"), CLI_USAGE);
	CHECK_EQ(run("help 'ls"), CLI_USAGE);
}

TEST(wrong_arguments_are_refused_before_anything_is_done)
{
	static const char *const wrong[] = {"seats -x",	  "ps x",	 "ports -q",   "log x",	    "trace --for 0",
					    "trace --for", "top -d x",	 "top -n 0",   "start",	    "stop",
					    "restart",	   "kill",	 "cat",	       "cp a",	    "mv a",
					    "rm",	   "mkdir",	 "write",      "stat",	    "mount x", "mount a b c", "volumes -x", "seat", "seat x", "seat add a", "seat update", "seat remove", "seat remove a b",
					    "bus",	   "bus publish", "graph x",   "shutdown 256", "shutdown x",
					    "help a b",
					    "devices x",   "drivers x",	 "driver",     "driver add", "driver add a",
					    "driver remove", "driver change a b", "driver add a b c"};
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		CHECK_EQ(run(wrong[i]), CLI_USAGE);
}

TEST(without_a_system_commands_say_so)
{
	static const char *const commands[] = {"seats", "ps", "ports", "log", "trace", "top", "start a", "kill 1", "ls",
					       "cat /a", "cp /a /b", "mv /a /b", "rm /a", "rm -r /a", "mkdir /a",
					       "write /a b", "stat /a", "mount", "mount /a b", "volumes", "seat add a /b", "seat update a", "seat remove a", "bus watch", "graph", "shutdown",
					       "devices", "drivers", "driver add a /b", "driver remove a"};
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		CHECK_EQ(run(commands[i]), CLI_FAILED);
}
