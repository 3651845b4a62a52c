// SPDX-License-Identifier: MIT
// The table of commands, and how one is run. The manual docs/gila.1 has the same usage lines (manual_test.c).
#include "command.h"
#include "interrupt.h"
#include "place.h"
#include "words.h"

#include <stdlib.h>
#include <string.h>

const struct command command_table[] = {
	{"boot", "[--image F] [--exec TEXT] [--disk F] [--disk-readonly F] [--root DEVICE] [--dtb F] [--log F] [--workers N] [--socket PATH] [--alone [--idle N]] [-v]",
	 "start a system in this process",
	 "Commands of TEXT, separated by ';', run instead of the prompt; their exit status is that of boot.\n"
	 "--disk, --disk-readonly (disk images) and --dtb (a device tree) may be given several times. The root file system is on DEVICE.\n"
	 "--alone starts the kernel without a system; with --idle it ends after N seconds without clients.",
	 command_boot, COMPLETE_NOTHING},
	{"run", "[--missing] [--trace] [--backtrace] [--raw] [--env K=V]... PROGRAM [ARGUMENT...] | --register [FOLDER] | --unregister [FOLDER]",
	 "run a macOS program",
	 "Its exit status is that of run. --trace prints the calls that it makes of the system's libraries, --missing what they lack "
	 "of what it imports; then nothing runs. --backtrace prints registers and frames when a signal ends it. --raw catches its own system calls.\n"
	 "--register has Linux run macOS programs by themselves (binfmt_misc, mounted at FOLDER); root's.", command_run_program, COMPLETE_PROGRAM},
	{"seats", "[SEAT...]", "list seats and who sits there", NULL, command_seats, COMPLETE_SEATS},
	{"ps", "[-k]", "list tasks", "With -k the kernel's own threads too.", command_ps, COMPLETE_NOTHING},
	{"ports", "[TASK...]", "list the rights of tasks and the ports behind them", NULL, command_ports, COMPLETE_TASKS},
	{"log", "[-f]", "show the kernel's log", "With -f go on until Ctrl-C.", command_log, COMPLETE_NOTHING},
	{"trace", "[-f] [-l] [--for SECONDS] [--chrome F]", "show what the kernel has recorded",
	 "With -f go on until Ctrl-C, with --for as long; with -l only starts and ends of tasks, states of seats, look-ups.\n"
	 "F is for Chrome's tracing view and Perfetto.", command_trace,
	 COMPLETE_PATHS},
	{"top", "[-d SECONDS] [-n COUNT]", "show the busiest tasks, again and again", NULL, command_top, COMPLETE_NOTHING},
	{"start", "SEAT...", "launch the servers of seats", NULL, command_start, COMPLETE_SEATS},
	{"stop", "SEAT...", "end servers and launch no others until start", NULL, command_stop, COMPLETE_SEATS},
	{"restart", "SEAT...", "end servers and launch them anew", NULL, command_restart, COMPLETE_SEATS},
	{"devices", "", "list devices and their drivers", NULL, command_devices, COMPLETE_NOTHING},
	{"drivers", "", "list which programs drive which devices", NULL, command_drivers, COMPLETE_NOTHING},
	{"driver", "add COMPATIBLE PROGRAM [--kind K] [--boot] [--replace] | remove COMPATIBLE",
	 "add or remove a driver",
	 "PROGRAM is a file of the system, on any file system. Its devices get the seats K/0, K/1 and so on.", command_driver,
	 COMPLETE_PATHS},
	{"seat", "add [--start] [--replace] [--uses PATTERN]... NAME PROGRAM [ARGUMENT...] | update NAME [PATH] | remove NAME",
	 "add a seat, give one a changed program, or remove it",
	 "PROGRAM is a path in the image or in the file systems. update takes the program anew from PATH (host:PATH on the host), "
	 "else from the path that the seat has, and restarts the server.",
	 command_seat, COMPLETE_SEATS},
	{"kill", "TASK...", "end tasks at once, as a crash would", NULL, command_kill, COMPLETE_TASKS},
	{"inject",
	 "[--seed N] [--for SECONDS] [--rate N] [--faults KIND,...] [--plan] [--wire SEAT] [--block FAULT=N,...] [SEAT...]",
	 "make servers fail, for tests of recovery",
	 "Kinds are kill, stop, slow, shortage and flip (all but flip, unless --faults says which), N a second (1) for so many seconds "
	 "(10). The seed decides all; --plan only prints it. At --wire is a server inject: FAULT meets N of a million messages meanwhile.",
	 command_inject, COMPLETE_SEATS},
	{"ls", "[-l] [PATH...]", "list directories", NULL, command_ls, COMPLETE_PATHS},
	{"cat", "PATH...", "print files", NULL, command_cat, COMPLETE_PATHS},
	{"cp", "[-r] FROM... TO", "copy files", "On the host, host:PATH is a file of the host.", command_cp, COMPLETE_PATHS},
	{"mv", "FROM... TO", "rename files and directories", NULL, command_mv, COMPLETE_PATHS},
	{"rm", "[-r] PATH...", "remove files and empty directories", "With -r directories with all they contain.",
	 command_rm, COMPLETE_PATHS},
	{"mkdir", "[-p] PATH...", "make directories", "With -p also those above; existing ones are fine.", command_mkdir,
	 COMPLETE_PATHS},
	{"write", "[-a] [-n] PATH [WORD...]", "write words and a line feed to a file",
	 "With -a at its end, with -n without the line feed.", command_write, COMPLETE_PATHS},
	{"stat", "PATH...", "tell about files", NULL, command_stat, COMPLETE_PATHS},
	{"mount", "[PATH SEAT]", "list which seat serves which paths, or add one here",
	 "What is added is known to this gila and what it runs; init.toml is for the whole system.", command_mount, COMPLETE_PATHS},
	{"volumes", "[NAME...]", "list disks, partitions and what is on them",
	 "NAME is a seat, LABEL=..., UUID=..., PARTLABEL=... or PARTUUID=.... Disks are read, for which their drivers are launched.",
	 command_volumes, COMPLETE_NOTHING},
	{"bus", "watch [PATTERN]", "show events of the bus", "Until Ctrl-C. * in PATTERN stands for any text.", command_bus,
	 COMPLETE_NOTHING},
	{"graph", "", "write seats, tasks and the rights between them for Graphviz", NULL, command_graph, COMPLETE_NOTHING},
	{"doctor", "[--image F] [--socket PATH]", "say what the host lacks", NULL, command_doctor, COMPLETE_NOTHING},
	{"shutdown", "[STATUS]", "end the system", "STATUS (0 to 255) becomes the exit status of gila boot.",
	 command_shutdown, COMPLETE_NOTHING},
	{"help", "[COMMAND]", "list commands, or explain one", NULL, command_help, COMPLETE_COMMANDS},
	{NULL, NULL, NULL, NULL, NULL, COMPLETE_NOTHING},
};

const struct command *command_find(const char *name)
{
	for (const struct command *command = command_table; command->name; command++)
		if (strcmp(command->name, name) == 0)
			return command;
	return NULL;
}

// The document of a command that printed none, or that does not tell how it failed.
static void command_conclude(struct cli *cli, int status)
{
	struct json json = cli_json(cli);
	json_object(&json, NULL);
	json_bool(&json, "ok", status == CLI_OK);
	if (status != CLI_OK) {
		json_array(&json, "errors");
		for (size_t at = 0; at < cli->errors.length; at += strlen(cli->errors.data + at) + 1)
			json_string(&json, NULL, cli->errors.data + at);
		json_end(&json);
	}
	json_end(&json);
}

int command_run(struct cli *cli, size_t count, char **words)
{
	struct arguments arguments = {.count = count, .word = memory_get((count + 1) * sizeof(*words))};
	memcpy(arguments.word, words, count * sizeof(*words)); // options are taken out of the copy
	arguments.word[count] = NULL;
	bool json = cli->json;
	cli->command = command_find(words[0]);
	cli->written = 0;
	cli->told = cli->lost = false;
	text_clear(&cli->errors);
	if (!cli->command || cli->command->complete != COMPLETE_PROGRAM)
		cli->json |= argument_flag(&arguments, "--json");
	int status;
	if (cli->command) {
		status = cli->command->run(cli, &arguments);
	} else {
		cli_fail(cli, words[0], "no such command; help lists them");
		status = CLI_USAGE;
	}
	bool silent = cli->written + cli->out.length == 0;
	if (cli->json && (silent || (cli->errors.length > 0 && !cli->told)))
		command_conclude(cli, status);
	cli_flush(cli);
	free(arguments.word);
	if (cli->lost && status == CLI_OK)
		status = CLI_FAILED;
	cli->json = json;
	cli->command = NULL;
	return status;
}

int command_run_text(struct cli *cli, const char *text)
{
	struct words words;
	const char *why;
	int first = CLI_OK, more;
	while (!cli->ends && (more = words_next(&text, &words, &why)) != 0) {
		int status = CLI_USAGE;
		if (more < 0)
			cli_fail(cli, NULL, "%s", why);
		else
			status = command_run(cli, words.count, words.word);
		words_free(&words);
		if (first == CLI_OK)
			first = status;
		if (more < 0 || interrupt_raised())
			break;
	}
	return first;
}
