// SPDX-License-Identifier: MIT
// gila boot: this process becomes the kernel (machine/linux). It ends with the status that the system was shut down with.
//
// --exec TEXT and --root DEVICE become the words exec=TEXT and root=DEVICE of the kernel's command line, written as in a URL
// (servers/init/word.h). init then runs the image's gila with TEXT in place of the prompt (docs/gila.md).
#include "../cli.h"
#include "../place.h"
#include "../words.h"
#include "image.h"

#include <ctype.h>
#include <limits.h>
#include <machine/linux/linux.h>
#include <stdlib.h>
#include <string.h>

#define WORKERS_MAX 64  // MD_CPU_LIMIT
#define DEVICES_MAX 65 // of each option: one more than the machine takes
#define EXEC_MAX 4096u // servers/init/main.c
#define IDLE_MAX 86400 // seconds

// Whether the text of --exec can be run at all: said now, not after booting.
static bool exec_check(struct cli *cli, const char *text)
{
	struct words words;
	const char *why;
	int more;
	while ((more = words_next(&text, &words, &why)) == 1)
		words_free(&words);
	if (more < 0)
		cli_fail(cli, "--exec", "%s", why);
	return more == 0;
}

// One word more of the command line, written as in URLs. False: longer than init takes.
static bool add_word(struct cli *cli, struct text *line, const char *option, const char *name, const char *text)
{
	size_t before = line->length;
	text_format(line, "%s%s=", before ? " " : "", name);
	for (; *text; text++)
		if (strchr("-_./,;:=+@*'\"", *text) || isalnum((unsigned char)*text))
			text_add_byte(line, *text);
		else
			text_format(line, "%%%02x", (unsigned char)*text);
	if (line->length < EXEC_MAX)
		return true;
	cli_fail(cli, option, "too long (%zu bytes as they travel, of %u)", line->length - before, EXEC_MAX);
	return false;
}

// The options that may be given more than once, in the order in which they stand.
struct devices {
	struct linux_disk disks[DEVICES_MAX];
	const char *trees[DEVICES_MAX];
	unsigned disk_count, tree_count;
};

static bool is_option(const char *word, const char *name)
{
	size_t length = strlen(name);
	return strncmp(word, name, length) == 0 && (word[length] == 0 || word[length] == '=');
}

// Which of the disk options comes first; NULL: none is left.
static const char *next_disk_option(const struct arguments *arguments)
{
	for (size_t i = 1; i < arguments->count && strcmp(arguments->word[i], "--") != 0; i++) {
		if (is_option(arguments->word[i], "--disk"))
			return "--disk";
		if (is_option(arguments->word[i], "--disk-readonly"))
			return "--disk-readonly";
	}
	return NULL;
}

static void take_devices(struct arguments *arguments, struct devices *devices)
{
	const char *option, *path;
	while (devices->disk_count < DEVICES_MAX && (option = next_disk_option(arguments)) &&
	       (path = argument_value(arguments, option)))
		devices->disks[devices->disk_count++] =
			(struct linux_disk){.path = path, .read_only = strcmp(option, "--disk") != 0};
	while (devices->tree_count < DEVICES_MAX && (path = argument_value(arguments, "--dtb")))
		devices->trees[devices->tree_count++] = path;
}

// --alone: the kernel without a system, as programs start it that want one for themselves and others like them; --idle: it ends by
// itself; --listening: a socket that whoever started it made.
static int boot_alone(struct cli *cli, struct arguments *arguments, struct linux_options *options)
{
	const char *idle = argument_value(arguments, "--idle"), *listening = argument_value(arguments, "--listening");
	uint64_t seconds = 0, file = 0;
	if (!arguments_end(arguments, 0, 0))
		return cli_usage_word(cli, arguments->what, arguments->why);
	if (idle && !argument_number(idle, 1, IDLE_MAX, &seconds))
		return cli_usage_word(cli, idle, "not a number of seconds from 1 to 86400");
	if (listening && !argument_number(listening, 3, INT_MAX, &file))
		return cli_usage_word(cli, listening, "not a descriptor from 3 on");
	options->idle = seconds * 1000000000u;
	options->listening = (int)file;
	unsetenv("GILA_SOCKET");
	unsetenv("GILA_FD");
	return linux_boot(options);
}

int command_boot(struct cli *cli, struct arguments *arguments)
{
	static struct devices devices;
	const char *image = argument_value(arguments, "--image"), *exec = argument_value(arguments, "--exec");
	const char *workers = argument_value(arguments, "--workers"), *root = argument_value(arguments, "--root");
	struct linux_options options = {
		.log = argument_value(arguments, "--log"),
		.socket = argument_value(arguments, "--socket"),
		.verbose = argument_flag(arguments, "-v"),
	};
	uint64_t count = 0;
	if (argument_flag(arguments, "--alone"))
		return boot_alone(cli, arguments, &options);
	if (argument_value(arguments, "--idle"))
		return cli_usage_word(cli, "--idle", "goes with --alone");
	take_devices(arguments, &devices);
	if (!arguments_end(arguments, 0, 0))
		return cli_usage_word(cli, arguments->what, arguments->why);
	if (workers && !argument_number(workers, 1, WORKERS_MAX, &count))
		return cli_usage_word(cli, workers, "not a number of workers from 1 to 64");
	if (exec && !exec_check(cli, exec))
		return CLI_USAGE;
	struct text path = {0}, line = {0};
	image_path(&path, image);
	const char *why = image_check(path.data);
	if (why)
		return cli_fail(cli, path.data, "%s%s", why, image ? "" : "; --image names another");
	if ((root && !add_word(cli, &line, "--root", "root", root)) || (exec && !add_word(cli, &line, "--exec", "exec", exec)))
		return CLI_FAILED;
	options.image = path.data;
	options.workers = (unsigned)count;
	options.disks = devices.disks;
	options.disk_count = devices.disk_count;
	options.trees = devices.trees;
	options.tree_count = devices.tree_count;
	options.command_line = text_string(&line);
	// Programs of this system find it by the socket that the kernel gives them, not by one that was meant for us.
	unsetenv("GILA_SOCKET");
	unsetenv("GILA_FD");
	return linux_boot(&options);
}
