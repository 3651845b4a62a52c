// SPDX-License-Identifier: MIT
// gila run: runs a macOS program, by the loader gila-darwin that lies beside this program (docs/macos-programs.md).
//
// The loader takes this process' place and understands the same words: options, program and arguments go to it as they are.
#include "../cli.h"
#include "../place.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int command_run_program(struct cli *cli, struct arguments *arguments)
{
	char path[PATH_MAX];
	ssize_t length = readlink("/proc/self/exe", path, sizeof(path) - sizeof("gila-darwin"));
	if (arguments->count < 2)
		return cli_usage(cli, "which program?");
	if (length < 0)
		return cli_fail(cli, "/proc/self/exe", "%s", strerror(errno));
	path[length] = '\0';
	strcpy(strrchr(path, '/') + 1, "gila-darwin");
	cli_flush(cli);
	execv(path, arguments->word);
	return cli_fail(cli, path, "%s", strerror(errno));
}
