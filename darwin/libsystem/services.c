// SPDX-License-Identifier: MIT
// Services that programs name and that are not here: XPC. It answers as the system does when the service is away.
//
// Go names xpc_date_create_from_current only so that the library behind it is started before it forks, and calls it
// once (runtime/sys_darwin.go: libpreinit, "osinit_hack").
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

void *darwin_xpc_date_create_from_current(void)
{
	return calloc(1, 64);
}

void darwin_xpc_release(void *object)
{
	free(object);
}
