// SPDX-License-Identifier: MIT
// gila run: runs a macOS program, by the loader gila-darwin that lies beside this program (docs/macos-programs.md).
//
// The loader understands the same words: options, program and arguments go to it as they are. It takes this process' place, or, when
// other commands follow (gila -c, the prompt), that of a child whose end is waited for.
#include "../cli.h"
#include "../place.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/wait.h>
#include <unistd.h>

// As system(3) does: Ctrl-C is the child's.
static int run_child(struct cli *cli, const char *path, char **words)
{
	void (*interrupt)(int) = signal(SIGINT, SIG_IGN), (*quit)(int) = signal(SIGQUIT, SIG_IGN);
	int status = 0;
	pid_t child = fork();
	if (child == 0) {
		signal(SIGINT, SIG_DFL);
		signal(SIGQUIT, SIG_DFL);
		execv(path, words);
		fprintf(stderr, "gila: run: %s: %s\n", path, strerror(errno));
		_exit(126);
	}
	while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	signal(SIGINT, interrupt);
	signal(SIGQUIT, quit);
	if (child < 0)
		return cli_fail(cli, path, "%s", strerror(errno));
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int command_run_program(struct cli *cli, struct arguments *arguments)
{
	char path[PATH_MAX + sizeof("gila-darwin")];
	ssize_t length = readlink("/proc/self/exe", path, PATH_MAX - 1);
	if (arguments->count < 2)
		return cli_usage(cli, "which program?");
	if (length >= 0)
		path[length] = '\0';
	else if (!realpath((const char *)(uintptr_t)getauxval(AT_EXECFN), path)) // /proc is not mounted
		return cli_fail(cli, "/proc/self/exe", "%s", strerror(errno));
	strcpy(strrchr(path, '/') + 1, "gila-darwin");
	cli_flush(cli);
	if (!cli->alone)
		return run_child(cli, path, arguments->word);
	execv(path, arguments->word);
	return cli_fail(cli, path, "%s", strerror(errno));
}
