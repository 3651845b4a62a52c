// SPDX-License-Identifier: MIT
// popen and system. Facts: popen(3), system(3) of Darwin: sh -c runs the command.
//
// The shell is Linux', which cannot run a Mach-O file without binfmt_misc: a simple command whose program is one is run from here.
#include <stdbool.h>

#include "command.h"
#include "environment.h"
#include "errno.h"
#include "exec.h"
#include "signals.h"
#include "stdio.h"

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

// Where the shell would find it. False: nowhere.
static bool find_program(const char *name, char to[PATH_MAX])
{
	const char *folders = getenv("PATH"), *end;
	if (strchr(name, '/'))
		return snprintf(to, PATH_MAX, "%s", name) < PATH_MAX;
	for (folders = folders ? folders : "/usr/bin:/bin"; folders; folders = *end ? end + 1 : NULL) {
		end = strchrnul(folders, ':');
		snprintf(to, PATH_MAX, "%.*s/%s", (int)(end - folders), folders, name);
		if (access(to, X_OK) == 0)
			return true;
	}
	return false;
}

struct direct { // a command that is run from here
	struct command command;
	struct exec_plan plan;
	char path[PATH_MAX];
};

// NULL: it is the shell's.
static struct direct *direct_make(const char *text)
{
	struct direct *direct = malloc(sizeof(*direct));
	if (!direct)
		return NULL;
	if (command_parse(&direct->command, text) && find_program(direct->command.words[0], direct->path) &&
	    exec_plan_make(&direct->plan, direct->path, direct->command.words)) {
		if (direct->plan.made)
			return direct;
		exec_plan_free(&direct->plan);
	}
	free(direct);
	return NULL;
}

static void direct_free(struct direct *direct)
{
	exec_plan_free(&direct->plan);
	free(direct);
}

// In the child.
_Noreturn static void direct_run(const struct direct *direct)
{
	if (!command_redirect(&direct->command))
		_exit(1);
	execve(direct->plan.path, direct->plan.words, environment_get());
	_exit(126);
}

// ---- popen ----------------------------------------------------------------------------------------------------------

static struct darwin_file *popen_direct(struct direct *direct, bool reads)
{
	int ends[2];
	if (pipe2(ends, O_CLOEXEC) < 0)
		return errno_result(-1), NULL;
	int own = ends[!reads], other = ends[reads], child = fork();
	if (child == 0) {
		dup2(other, reads ? 1 : 0);
		direct_run(direct);
	}
	close(other);
	FILE *host = child > 0 ? fdopen(own, reads ? "r" : "w") : NULL;
	struct darwin_file *stream = host ? stream_of(host) : NULL;
	if (stream)
		stream->process = child;
	else {
		errno_result(-1);
		close(own);
	}
	return stream;
}

struct darwin_file *darwin_popen(const char *command, const char *mode)
{
	bool reads = mode[0] == 'r', writes = mode[0] == 'w';
	if ((!reads && !writes) || strchr(mode, '+'))
		return errno_set(DARWIN_EINVAL), NULL;
	struct direct *direct = direct_make(command);
	if (!direct)
		return stream_of(popen(command, reads ? "re" : "we"));
	struct darwin_file *stream = popen_direct(direct, reads);
	direct_free(direct);
	return stream;
}

static int wait_for(int process, int *status)
{
	int result;
	while ((result = waitpid(process, status, 0)) < 0 && errno == EINTR) {
	}
	return result;
}

int darwin_pclose(struct darwin_file *stream)
{
	int status = 0, result, process = stream->process;
	if (process > 0) {
		fclose(stream->host);
		result = wait_for(process, &status);
	} else
		result = status = pclose(stream->host);
	free(stream->line);
	free(stream);
	return result < 0 ? (int)errno_result(-1) : signals_status_to_darwin(status);
}

// ---- system ---------------------------------------------------------------------------------------------------------

// SIGINT and SIGQUIT go to the child alone, and SIGCHLD waits: system(3).
static int system_direct(const struct direct *direct)
{
	struct sigaction ignore = {.sa_handler = SIG_IGN}, interrupt, quit;
	sigset_t child_signal, before;
	int status, result;
	sigaction(SIGINT, &ignore, &interrupt);
	sigaction(SIGQUIT, &ignore, &quit);
	sigemptyset(&child_signal);
	sigaddset(&child_signal, SIGCHLD);
	sigprocmask(SIG_BLOCK, &child_signal, &before);
	int child = fork();
	if (child == 0) {
		sigaction(SIGINT, &interrupt, NULL);
		sigaction(SIGQUIT, &quit, NULL);
		sigprocmask(SIG_SETMASK, &before, NULL);
		direct_run(direct);
	}
	result = child < 0 ? -1 : wait_for(child, &status);
	int error = errno;
	sigaction(SIGINT, &interrupt, NULL);
	sigaction(SIGQUIT, &quit, NULL);
	sigprocmask(SIG_SETMASK, &before, NULL);
	errno = error;
	return result < 0 ? (int)errno_result(-1) : signals_status_to_darwin(status);
}

int darwin_system(const char *command)
{
	struct direct *direct = command ? direct_make(command) : NULL;
	if (direct) {
		int status = system_direct(direct);
		direct_free(direct);
		return status;
	}
	int status = system(command);
	return status == -1 ? (int)errno_result(-1) : command ? signals_status_to_darwin(status) : status;
}
