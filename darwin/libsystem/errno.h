// SPDX-License-Identifier: MIT
// Error numbers: each thread has Darwin's, which functions set from Linux' when they failed.
#ifndef DARWIN_ERRNO_H
#define DARWIN_ERRNO_H

#include <errno.h>
#include <stdint.h>

// Darwin's numbers that have no counterpart in this program's own <errno.h> or are used by value.
enum {
	DARWIN_EINVAL = 22,
	DARWIN_EAGAIN = 35,
	DARWIN_ENOTSUP = 45,
	DARWIN_ETIMEDOUT = 60,
	DARWIN_EBUSY = 16,
	DARWIN_EDEADLK = 11,
	DARWIN_ENOSYS = 78,
	DARWIN_EPERM = 1,
	DARWIN_ENOMEM = 12,
	DARWIN_ESRCH = 3,
	DARWIN_ERANGE = 34,
	DARWIN_ENOENT = 2,
	DARWIN_EBADF = 9,
	DARWIN_ECANCELED = 89,
	DARWIN_EEXIST = 17,
	DARWIN_EINTR = 4
};

int errno_to_darwin(int host);
int errno_from_darwin(int darwin);
// Sets the thread's Darwin errno. Returns -1.
int errno_set(int darwin);
// Sets it from the host's errno if the result is -1. Returns the result.
long errno_result(long result);

#endif
