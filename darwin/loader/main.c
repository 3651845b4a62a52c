// SPDX-License-Identifier: MIT
// gila-darwin: runs a macOS program.  gila-darwin [OPTION...] [--as NAME] [--] PROGRAM [ARGUMENT...]
//
// `gila run` executes it, and so does libSystem's execve (../libsystem/exec.c), which knows the name that the program is to be
// called by (--as), and hands over simple commands of a shell (--command TEXT). --missing lists imports that are not there and runs nothing; --trace prints calls; --backtrace: libsystem/crash.h.
// Exit status when the program does not run: 127 it is not there, 126 it cannot be run, 1 with --missing: something is missing.
#include <stdbool.h>

#include "bind.h"
#include "image.h"
#include "register.h"
#include "start.h"

#include "../libsystem/command.h"
#include "../libsystem/exec.h"
#include "../libsystem/report.h"
#include "../libsystem/thread.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#define MISSING_MOST 4096u // beyond it a symbol may be listed twice
static unsigned missing_count;

// Each once for an image, though an image may bind many pointers to it.
static void list_missing(const struct image *image, const char *symbol, const char *library)
{
	static struct {
		const struct image *image;
		const char *symbol;
	} listed[MISSING_MOST];
	for (unsigned i = 0; i < missing_count; i++)
		if (listed[i].image == image && strcmp(listed[i].symbol, symbol) == 0)
			return;
	if (missing_count < MISSING_MOST) {
		listed[missing_count].image = image;
		listed[missing_count++].symbol = symbol;
	}
	printf("%s\t%s\t%s\n", symbol, library, image->path);
}

static int usage(void)
{
	report("run: usage: gila run [--missing] [--trace] [--backtrace] [--raw] [--env K=V]... PROGRAM [ARGUMENT...] "
	       "| --register [FOLDER] | --unregister [FOLDER]");
	return 2;
}

// Where the program is: as a shell would find it. False: not there.
static bool find_program(const char *name, char *path)
{
	const char *folders, *end;
	if (strchr(name, '/')) { // the usual: without printf, whose code would have to be read
		size_t length = strlen(name);
		if (length >= PATH_MAX) {
			errno = ENAMETOOLONG;
			return false;
		}
		memcpy(path, name, length + 1);
		return access(path, F_OK) == 0;
	}
	folders = getenv("PATH");
	for (; folders; folders = *end ? end + 1 : NULL) {
		end = strchrnul(folders, ':');
		snprintf(path, PATH_MAX, "%.*s%s%s", (int)(end - folders), folders, end > folders ? "/" : "", name);
		if (access(path, X_OK) == 0)
			return true;
	}
	errno = ENOENT;
	return false;
}

// A script or a Linux program: what a shell would do with it. Returns if it cannot be.
static void run_other(const char *path, char **words)
{
	struct exec_plan plan;
	if (exec_plan_make(&plan, path, words))
		execv(plan.path, plan.words);
	report("run: %s: %s", path, strerror(errno));
	_exit(126);
}

static bool is_macho_file(const char *path)
{
	unsigned char head[16];
	int file = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t size = file >= 0 ? read(file, head, sizeof(head)) : 0;
	if (file >= 0)
		close(file);
	return size > 0 && macho_is(head, (size_t)size);
}

static struct image *load(const char *path)
{
	struct image_error error;
	struct image *image = image_load(path, NULL, &error);
	if (!image) {
		report("run: %s", error.text);
		_exit(126);
	}
	return image;
}

static const char *program_name; // that the program is to be called by, or NULL
static const char *shell_text;	 // in the place of a program, or NULL

// Options of the command. Returns how many words they are; -1: wrong.
static int take_options(int count, char **words)
{
	int at = 1;
	for (; at < count && words[at][0] == '-'; at++) {
		if (strcmp(words[at], "--") == 0)
			return at + 1;
		if (strcmp(words[at], "--missing") == 0)
			bind_options.missing = list_missing;
		else if (strcmp(words[at], "--trace") == 0)
			bind_options.trace = true, exec_option = "--trace";
		else if (strcmp(words[at], "--backtrace") == 0)
			setenv("GILA_BACKTRACE", "1", 1); // programs that are run inherit it
		else if (strcmp(words[at], "--raw") == 0)
			start_raw = true;
		else if (strcmp(words[at], "--env") == 0 && at + 1 < count && strchr(words[at + 1], '='))
			putenv(words[++at]);
		else if (strcmp(words[at], "--as") == 0 && at + 1 < count)
			program_name = words[++at];
		else if (strcmp(words[at], "--command") == 0 && at + 1 < count) {
			shell_text = words[at + 1];
			return at + 1;
		} else {
			report("run: %s: %s", words[at], strcmp(words[at], "--env") ? "unknown option" : "needs NAME=VALUE");
			return -1;
		}
	}
	if (at >= count)
		report("run: which program?");
	return at;
}

// The words of a simple command, as a shell would run it. Its redirections are done.
static char **take_command(const char *text)
{
	static struct command command;
	if (!command_parse(&command, text)) {
		report("run: --command: %s: it is more than a simple command", text);
		_exit(126);
	}
	if (!command_redirect(&command)) {
		report("run: %s: a redirection: %s", text, strerror(errno));
		_exit(1);
	}
	return command.words;
}

// The file is words[at].
_Noreturn static void run(int count, char **words, int at)
{
	char path[PATH_MAX];
	if (!find_program(words[at], path)) {
		report("run: %s: %s", words[at], strerror(errno));
		_exit(127);
	}
	if (!bind_options.missing && !is_macho_file(path))
		run_other(path, words + at);
	thread_adopt();
	find_begin();
	struct image *image = load(path);
	if (bind_options.missing)
		exit(missing_count > 0);
	if (program_name)
		words[at] = (char *)(uintptr_t)program_name;
	const char *slash = strrchr(words[at], '/');
	prctl(PR_SET_NAME, slash ? slash + 1 : words[at]);
	start_program(image, count - at, words + at);
}

int main(int count, char **words)
{
	if (register_started() && count > 2) { // by Linux' kernel: PROGRAM NAME [ARGUMENT...]
		program_name = words[2];
		words[2] = words[1];
		run(count, words, 2);
	}
	if (count > 1 && count < 4 && strcmp(words[1], "--register") == 0)
		return register_add(words[2]);
	if (count > 1 && count < 4 && strcmp(words[1], "--unregister") == 0)
		return register_remove(words[2]);
	int at = take_options(count, words);
	if (at < 0 || at >= count)
		return usage();
	if (!shell_text)
		run(count, words, at);
	words = take_command(shell_text);
	for (count = 0; words[count]; count++) {
	}
	run(count, words, 0);
}
