// SPDX-License-Identifier: MIT
// execve and its kin; see exec.h. The loader is /proc/self/exe: it needs not be found again.
#include <stdbool.h>

#include "exec.h"

#include "../loader/macho.h"
#include "environment.h"
#include "errno.h"

#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LOADER "/proc/self/exe"

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

// LOADER [option] --as NAME -- PROGRAM [extra...] rest...
static bool plan_loader(struct exec_plan *plan, const char *name, const char *program, const char *extra1,
			const char *extra2, char *const rest[])
{
	size_t count = 0, at = 0;
	while (rest[count])
		count++;
	char **words = calloc(count + 10, sizeof(*words));
	if (!words)
		return false;
	words[at++] = (char *)(uintptr_t) "gila-darwin";
	if (exec_option)
		words[at++] = (char *)(uintptr_t)exec_option;
	words[at++] = (char *)(uintptr_t) "--as";
	words[at++] = (char *)(uintptr_t)name;
	words[at++] = (char *)(uintptr_t) "--";
	words[at++] = (char *)(uintptr_t)program;
	if (extra1 && *extra1)
		words[at++] = (char *)(uintptr_t)extra1;
	if (extra2)
		words[at++] = (char *)(uintptr_t)extra2;
	memcpy(words + at, rest, count * sizeof(*words));
	plan->path = LOADER;
	plan->words = plan->made = words;
	return true;
}

bool exec_plan_make(struct exec_plan *plan, const char *path, char *const words[])
{
	char head[1024];
	ssize_t size = read_head(path, head, sizeof(head) - 1);
	*plan = (struct exec_plan){.path = path, .words = (char **)(uintptr_t)words};
	char *const *rest = words[0] ? words + 1 : words;
	if (size > 0 && macho_is(head, (size_t)size) && access(path, X_OK) == 0)
		return plan_loader(plan, words[0] ? words[0] : path, path, NULL, NULL, rest);
	if (size < 2 || head[0] != '#' || head[1] != '!')
		return true;
	head[size] = '\0';
	if (access(path, X_OK) == 0 && parse_script(plan, head + 2) && is_macho(plan->interpreter))
		return plan_loader(plan, plan->interpreter, plan->interpreter, plan->argument, path, rest);
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
	execve(plan.path, plan.words, environment);
	int result = (int)errno_result(-1);
	exec_plan_free(&plan);
	return result;
}

int darwin_execv(const char *path, char *const words[])
{
	return darwin_execve(path, words, environment_get());
}

int darwin_execvp(const char *name, char *const words[])
{
	char path[PATH_MAX];
	const char *folders = getenv("PATH"), *end;
	bool denied = false;
	if (strchr(name, '/'))
		return darwin_execv(name, words);
	for (folders = folders ? folders : "/usr/bin:/bin"; folders; folders = *end ? end + 1 : NULL) {
		end = strchrnul(folders, ':');
		snprintf(path, sizeof(path), "%.*s%s%s", (int)(end - folders), folders, end > folders ? "/" : "", name);
		darwin_execv(path, words);
		if (errno == EACCES)
			denied = true;
		else if (errno != ENOENT && errno != ENOTDIR)
			return -1;
	}
	return errno_set(denied ? 13 : DARWIN_ENOENT);
}

static int exec_list(const char *path, const char *first, va_list arguments, bool search)
{
	const char *words[256] = {first};
	size_t count = 1;
	while (count < 255 && words[count - 1])
		words[count++] = va_arg(arguments, const char *);
	return search ? darwin_execvp(path, (char *const *)(uintptr_t)words)
		      : darwin_execv(path, (char *const *)(uintptr_t)words);
}

int darwin_execl(const char *path, const char *first, ...)
{
	va_list arguments;
	va_start(arguments, first);
	int result = exec_list(path, first, arguments, false);
	va_end(arguments);
	return result;
}

int darwin_execlp(const char *path, const char *first, ...)
{
	va_list arguments;
	va_start(arguments, first);
	int result = exec_list(path, first, arguments, true);
	va_end(arguments);
	return result;
}
