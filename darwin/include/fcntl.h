// SPDX-License-Identifier: MIT
// Opening files. Facts: xnu's bsd/sys/fcntl.h.
#ifndef DARWIN_INCLUDE_FCNTL_H
#define DARWIN_INCLUDE_FCNTL_H

#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif
enum {
	O_RDONLY = 0,
	O_WRONLY = 1,
	O_RDWR = 2,
	O_SYNC = 0x80,
	O_NONBLOCK = 4,
	O_APPEND = 8,
	O_CREAT = 0x200,
	O_TRUNC = 0x400,
	O_EXCL = 0x800,
	O_DIRECTORY = 0x100000,
	O_CLOEXEC = 0x1000000
};
enum { F_DUPFD = 0, F_GETFD = 1, F_SETFD = 2, F_GETFL = 3, F_SETFL = 4, F_GETPATH = 50, F_SETNOSIGPIPE = 73, F_GETNOSIGPIPE = 74 };
int open(const char *, int, ...);
int fcntl(int, int, ...);
#ifdef __cplusplus
}
#endif

#endif
