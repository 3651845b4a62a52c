// SPDX-License-Identifier: MIT
// sandbox.h: this process is in no sandbox, and none can be made: a profile that is not enforced must not look as if it were. Facts:
// <sandbox.h>, sandbox_init(3). sandbox_check(...) answers 0: what it asks about is allowed.
#include "errno.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static int refuse(char **error)
{
	if (error)
		*error = strdup("sandbox profiles are not supported");
	return errno_set(DARWIN_ENOTSUP);
}

int darwin_sandbox_init(const char *profile, uint64_t flags, char **error) { return (void)profile, (void)flags, refuse(error); }

int darwin_sandbox_init_with_parameters(const char *profile, uint64_t flags, const char *const parameters[], char **error)
{
	return (void)profile, (void)flags, (void)parameters, refuse(error);
}

void darwin_sandbox_free_error(char *error) { free(error); }
int darwin_sandbox_check(int process, const char *operation, int type, ...) { return (void)process, (void)operation, (void)type, 0; }
