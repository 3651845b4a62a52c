// SPDX-License-Identifier: MIT
// Error numbers. Facts: xnu's bsd/sys/errno.h.
#ifndef DARWIN_INCLUDE_ERRNO_H
#define DARWIN_INCLUDE_ERRNO_H

#ifdef __cplusplus
extern "C" {
#endif
int *__error(void);
#define errno (*__error())
enum {
	EPERM = 1,
	ENOENT = 2,
	ESRCH = 3,
	EINTR = 4,
	EBADF = 9,
	ENOMEM = 12,
	EACCES = 13,
	EEXIST = 17,
	ENOTDIR = 20,
	EINVAL = 22,
	EDEADLK = 11,
	EBUSY = 16,
	ENOTTY = 25,
	EPIPE = 32,
	ERANGE = 34,
	EAGAIN = 35,
	EINPROGRESS = 36,
	ETIMEDOUT = 60,
	ECONNREFUSED = 61,
	ELOOP = 62,
	ENAMETOOLONG = 63,
	ENOTEMPTY = 66,
	ENXIO = 6,
	ENOSPC = 28,
	ENOTSUP = 45,
	ENOSYS = 78,
	EAFNOSUPPORT = 47,
	EOVERFLOW = 84,
	EILSEQ = 92,
	ECANCELED = 89
};
#ifdef __cplusplus
}
#endif

#endif
