// SPDX-License-Identifier: MIT
// execve and its kin; see exec.h. The loader is /proc/self/exe, or, without /proc, the path it was started by.
#include <stdbool.h>

#include "exec.h"

#include "../loader/macho.h"
#include "../loader/register.h"
#include "command.h"
#include "environment.h"
#include "errno.h"
#include "process_notes.h"

#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

const char *exec_option;

static ssize_t read_head(const char *path, char *head, size_t room)
{
	int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	ssize_t size = file < 0 ? -1 : read(file, head, room);
	if (file >= 0)
		close(file);
	return size;
}

static bool is_macho(const char *path)
{
	char head[16];
	ssize_t size = read_head(path, head, sizeof(head));
	return size > 0 && macho_is(head, (size_t)size);
}

// "#! INTERPRETER [ARGUMENT]": the rest of the line is one argument. Facts: execve(2).
static bool parse_script(struct exec_plan *plan, char *line)
{
	char *end = strchr(line, '\n');
	if (!end)
		return false;
	while (end > line && (end[-1] == ' ' || end[-1] == '\t'))
		end--;
	*end = '\0';
	char *start = line + strspn(line, " \t");
	size_t length = strcspn(start, " \t");
	if (length == 0 || length >= sizeof(plan->interpreter))
		return false;
	memcpy(plan->interpreter, start, length);
	plan->interpreter[length] = '\0';
	start += length;
	snprintf(plan->argument, sizeof(plan->argument), "%s", start + strspn(start, " \t"));
	return true;
}

// "#!/usr/bin/env NAME" with a Mach-O file of that name in PATH: env is Linux' and could not run it.
static void resolve_env(struct exec_plan *plan)
{
	char path[PATH_MAX];
	if (strcmp(plan->interpreter, "/usr/bin/env") != 0 || !*plan->argument || plan->argument[0] == '-' ||
	    strpbrk(plan->argument, " \t=/"))
		return;
	if (exec_search(plan->argument, path) == 0 && is_macho(path) && strlen(path) < sizeof(plan->interpreter)) {
		strcpy(plan->interpreter, path);
		plan->argument[0] = '\0';
	}
}

// LOADER [option] first... rest...
static bool plan_loader(struct exec_plan *plan, const char *const first[], char *const rest[])
{
	size_t count = 0, at = 0, first_count = 0;
	while (rest[count])
		count++;
	while (first[first_count])
		first_count++;
	char **words = calloc(count + first_count + 3, sizeof(*words));
	if (!words)
		return false;
	words[at++] = (char *)(uintptr_t) "gila-darwin";
	if (exec_option)
		words[at++] = (char *)(uintptr_t)exec_option;
	memcpy(words + at, first, first_count * sizeof(*words));
	memcpy(words + at + first_count, rest, count * sizeof(*words));
	plan->path = access("/proc/self/exe", F_OK) == 0 ? "/proc/self/exe" : register_loader();
	if (!plan->path)
		plan->path = "gila-darwin"; // execve will say that it is not there
	plan->words = plan->made = words;
	return true;
}

// "sh -c TEXT" with a simple command whose program is a Mach-O file, which a shell of Linux could not run: the loader does what the shell would.
// False: it is not that.
static bool plan_command(struct exec_plan *plan, const char *path, char *const words[])
{
	const char *name = strrchr(path, '/');
	char program[PATH_MAX];
	if (!name || (strcmp(name, "/sh") != 0 && strcmp(name, "/bash") != 0 && strcmp(name, "/zsh") != 0) || !words[0] ||
	    !words[1] || strcmp(words[1], "-c") != 0 || !words[2] || words[3])
		return false;
	struct command *command = malloc(sizeof(*command));
	bool simple = command && command_parse(command, words[2]) && exec_search(command->words[0], program) == 0 &&
		      is_macho(program);
	free(command);
	return simple && plan_loader(plan, (const char *[]){"--command", words[2], NULL}, words + 3);
}

bool exec_plan_make(struct exec_plan *plan, const char *path, char *const words[])
{
	char head[1024];
	ssize_t size = read_head(path, head, sizeof(head) - 1);
	*plan = (struct exec_plan){.path = path, .words = (char **)(uintptr_t)words};
	char *const *rest = words[0] ? words + 1 : words;
	if (size > 0 && macho_is(head, (size_t)size) && access(path, X_OK) == 0)
		return plan_loader(plan, (const char *[]){"--as", words[0] ? words[0] : path, "--", path, NULL}, rest);
	if (plan_command(plan, path, words))
		return true;
	if (size < 2 || head[0] != '#' || head[1] != '!')
		return true;
	head[size] = '\0';
	bool script = access(path, X_OK) == 0 && parse_script(plan, head + 2);
	if (script)
		resolve_env(plan);
	if (script && is_macho(plan->interpreter)) {
		const char *name = plan->interpreter, *argument = plan->argument;
		return plan_loader(plan, *argument ? (const char *[]){"--as", name, "--", name, argument, path, NULL}
						   : (const char *[]){"--as", name, "--", name, path, NULL}, rest);
	}
	return true;
}

void exec_plan_free(struct exec_plan *plan)
{
	free(plan->made);
}

int darwin_execve(const char *path, char *const words[], char *const environment[])
{
	struct exec_plan plan;
	if (!exec_plan_make(&plan, path, words))
		return errno_set(DARWIN_ENOMEM);
	process_note(0, NOTE_EXEC, 0); // if it comes to that: there is no later
	execve(plan.path, plan.words, environment);
	int result = (int)errno_result(-1);
	exec_plan_free(&plan);
	return result;
}

int darwin_execv(const char *path, char *const words[])
{
	return darwin_execve(path, words, environment_get());
}

// In each folder of the list; a name with a slash is taken as it is.
static int search_folders(const char *name, const char *folders, char *path)
{
	const char *end;
	int error = DARWIN_ENOENT;
	if (strchr(name, '/') || !*name)
		return snprintf(path, PATH_MAX, "%s", name) < PATH_MAX && *name ? 0
		       : *name							? 63
										: DARWIN_ENOENT; // ENAMETOOLONG
	for (; folders; folders = *end ? end + 1 : NULL) {
		struct stat status;
		end = strchrnul(folders, ':');
		snprintf(path, PATH_MAX, "%.*s%s%s", (int)(end - folders), folders, end > folders ? "/" : "", name);
		if (access(path, X_OK) == 0 && stat(path, &status) == 0 && S_ISREG(status.st_mode))
			return 0;
		if (errno == EACCES)
			error = 13;
	}
	return error;
}

int exec_search(const char *name, char *path)
{
	const char *folders = getenv("PATH");
	return search_folders(name, folders ? folders : "/usr/bin:/bin", path);
}

char **exec_shell_words(const char *path, char *const words[])
{
	size_t count = 0;
	while (words[count])
		count++;
	char **shell = calloc(count + 3, sizeof(*shell));
	if (!shell)
		return NULL;
	shell[0] = (char *)(uintptr_t) "sh";
	shell[1] = (char *)(uintptr_t)path;
	for (size_t i = 1; i < count; i++)
		shell[i + 1] = words[i];
	return shell;
}

static int exec_found(const char *name, const char *folders, char *const words[])
{
	char path[PATH_MAX];
	int error = search_folders(name, folders, path);
	if (error)
		return errno_set(error);
	if (darwin_execv(path, words) == -1 && errno == ENOEXEC) {
		char **shell = exec_shell_words(path, words);
		if (shell)
			darwin_execv("/bin/sh", shell);
		free(shell);
	}
	return -1;
}

int darwin_execvp(const char *name, char *const words[])
{
	const char *folders = getenv("PATH");
	return exec_found(name, folders ? folders : "/usr/bin:/bin", words);
}

// The list of folders is the caller's: execvP.
int darwin_execvP(const char *name, const char *folders, char *const words[])
{
	return exec_found(name, folders, words);
}

// The words up to NULL; behind it may be the environment.
enum list_kind { LIST_PATH, LIST_SEARCH, LIST_ENVIRONMENT };

static int exec_list(const char *path, const char *first, va_list arguments, enum list_kind kind)
{
	va_list again;
	size_t count = 1;
	va_copy(again, arguments);
	while (first && va_arg(again, const char *))
		count++;
	va_end(again);
	char **words = calloc(count + 1, sizeof(*words));
	if (!words)
		return errno_set(DARWIN_ENOMEM);
	words[0] = (char *)(uintptr_t)first;
	for (size_t i = 1; first && i <= count; i++)
		words[i] = va_arg(arguments, char *);
	int result = kind == LIST_SEARCH ? darwin_execvp(path, words)
		     : kind == LIST_PATH ? darwin_execv(path, words)
					 : darwin_execve(path, words, va_arg(arguments, char **));
	free(words);
	return result;
}

#define EXEC_LIST(name, kind)                                                                                          \
	int name(const char *path, const char *first, ...)                                                             \
	{                                                                                                              \
		va_list arguments;                                                                                     \
		va_start(arguments, first);                                                                            \
		int result = exec_list(path, first, arguments, kind);                                                  \
		va_end(arguments);                                                                                     \
		return result;                                                                                         \
	}
EXEC_LIST(darwin_execl, LIST_PATH)
EXEC_LIST(darwin_execlp, LIST_SEARCH)
EXEC_LIST(darwin_execle, LIST_ENVIRONMENT)
