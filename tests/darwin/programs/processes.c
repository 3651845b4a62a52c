// SPDX-License-Identifier: MIT
// Programs that run programs: this one again, a Linux program, scripts for both; statuses; arguments and environment.
// processes              runs all of it
// processes echo ARGS    prints its name and arguments
// processes die NUMBER   ends by that signal
#include "check.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static char output[4096];
static int status;

// Runs it with its output in a pipe. Returns an error of posix_spawn.
static int run(const char *path, char *const words[])
{
	int ends[2];
	pid_t child;
	posix_spawn_file_actions_t actions;
	size_t used = 0;
	ssize_t size;
	CHECK(pipe(ends) == 0 && posix_spawn_file_actions_init(&actions) == 0 &&
	      posix_spawn_file_actions_adddup2(&actions, ends[1], 1) == 0);
	fcntl(ends[0], F_SETFD, 1);
	int error = posix_spawn(&child, path, &actions, NULL, words, environ);
	posix_spawn_file_actions_destroy(&actions);
	close(ends[1]);
	while (!error && (size = read(ends[0], output + used, sizeof(output) - 1 - used)) > 0)
		used += (size_t)size;
	output[used] = '\0';
	close(ends[0]);
	if (!error)
		CHECK(waitpid(child, &status, 0) == child);
	return error;
}

static void write_script(const char *name, const char *interpreter)
{
	FILE *file = fopen(name, "w");
	fprintf(file, "#! %s echo\nexit 7\n", interpreter);
	fclose(file);
	chmod(name, 0755);
}

static int echo(int count, char **words)
{
	printf("[%s]", words[0]);
	for (int i = 2; i < count; i++)
		printf(" [%s]", words[i]);
	printf(" %s\n", getenv("WORD") ? getenv("WORD") : "-");
	return 5;
}

static void check_exec(const char *self)
{
	pid_t child = fork();
	if (child == 0) {
		char *words[] = {(char *)"x", (char *)"die", (char *)"30", NULL};
		execve(self, words, environ);
		_exit(99);
	}
	CHECK(waitpid(child, &status, 0) == child && WIFSIGNALED(status) && WTERMSIG(status) == SIGUSR1);
	char *words[] = {(char *)"x", NULL};
	CHECK(execve("nowhere", words, environ) == -1 && errno == ENOENT);
	CHECK(execve("/etc/passwd", words, environ) == -1 && errno == EACCES);
}

// Darwin's kernel lays them one behind the other, and programs count on it: words, environment, its own strings.
static void check_vector(int count, char **words, char **variables, char **apple)
{
	CHECK(words[count] == NULL && variables == words + count + 1);
	while (*variables)
		variables++;
	CHECK(apple == variables + 1 && strncmp(apple[0], "executable_path=/", 17) == 0);
}

int main(int count, char **words, char **variables, char **apple)
{
	char self[1024];
	check_vector(count, words, variables, apple);
	if (count > 1 && strcmp(words[1], "echo") == 0)
		return echo(count, words);
	if (count > 2)
		return raise((int)strtol(words[2], NULL, 10));
	CHECK(words[0][0] == '/'); // the tests start it so
	strlcpy(self, words[0], sizeof(self));
	setenv("WORD", "inherited", 1);
	char *again[] = {(char *)"another name", (char *)"echo", (char *)"one", (char *)"two words", NULL};
	CHECK(run(self, again) == 0 && WIFEXITED(status) && WEXITSTATUS(status) == 5);
	CHECK(strcmp(output, "[another name] [one] [two words] inherited\n") == 0);
	char *linux_words[] = {(char *)"sh", (char *)"-c", (char *)"echo $WORD $0; exit 3", (char *)"zero", NULL};
	CHECK(run("/bin/sh", linux_words) == 0 && WEXITSTATUS(status) == 3 && strcmp(output, "inherited zero\n") == 0);
	write_script("script", self);
	char *script_words[] = {(char *)"script", (char *)"extra", NULL};
	CHECK(run("./script", script_words) == 0 && WEXITSTATUS(status) == 5 &&
	      strstr(output, "[./script] [extra] inherited"));
	write_script("other", "/bin/echo");
	CHECK(run("./other", script_words) == 0 && WEXITSTATUS(status) == 0 &&
	      strcmp(output, "echo ./other extra\n") == 0);
	CHECK(run("nowhere", script_words) == ENOENT);
	check_exec(self);
	puts("processes are fine");
	return 0;
}
