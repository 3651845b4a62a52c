// SPDX-License-Identifier: MIT
// gila shutdown.
#include "command.h"
#include "kernel.h"
#include "place.h"

#include <abi/monitor.h>
#include <mach/mig_errors.h>

// The reply may not come: the caller is ended as well.
static bool is_the_end(kern_return_t error)
{
	return error == KERN_SUCCESS || error == KERN_TERMINATED || error == MIG_SERVER_DIED ||
	       error == MACH_RCV_PORT_DIED || error == MACH_SEND_INVALID_DEST;
}

static int shutdown_ask(struct cli *cli, int status)
{
	mach_port_t monitor;
	if (!kernel_reach(cli, MONITOR_NAME, &monitor))
		return CLI_FAILED;
	cli_flush(cli);
	kern_return_t error = monitor_shutdown(monitor, status);
	if (!is_the_end(error))
		return cli_monitor_error(cli, error);
	cli->ends = true;
	return CLI_OK;
}

int command_shutdown(struct cli *cli, struct arguments *arguments)
{
	uint64_t status = 0;
	int result;
	if (!arguments_end(arguments, 0, 1))
		return cli_usage_word(cli, arguments->what, arguments->why);
	if (arguments->count == 2 && !argument_number(arguments->word[1], 0, 255, &status))
		return cli_usage_word(cli, arguments->word[1], "not a status from 0 to 255");
	if (place_apart(&result))
		return result;
	result = shutdown_ask(cli, (int)status);
	place_apart_end(result);
	return result;
}
