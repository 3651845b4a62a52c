// SPDX-License-Identifier: MIT
// The commands that only the host's gila has, as the image's answers them.
#include "../cli.h"
#include "../place.h"

int command_boot(struct cli *cli, struct arguments *arguments)
{
	return cli_fail(cli, NULL, "a system runs already: boot is a command of gila on the host");
}

int command_doctor(struct cli *cli, struct arguments *arguments)
{
	return cli_fail(cli, NULL, "examines a Linux host: run gila doctor there");
}

int command_run_program(struct cli *cli, struct arguments *arguments)
{
	return cli_fail(cli, NULL, "runs macOS programs on a Linux host: run gila run there");
}
