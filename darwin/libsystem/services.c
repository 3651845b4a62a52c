// SPDX-License-Identifier: MIT
// Services that programs name and that are not here: notify and XPC. Each answers as the system does when the service is away.
//
// Go names notify_is_valid_token and xpc_date_create_from_current only so that the libraries behind them are started before
// it forks, and calls them once (runtime/sys_darwin.go: libpreinit, "osinit_hack").
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

int darwin_notify_is_valid_token(int token)
{
	(void)token;
	return 0;
}

void *darwin_xpc_date_create_from_current(void)
{
	return calloc(1, 64);
}

void darwin_xpc_release(void *object)
{
	free(object);
}
