// SPDX-License-Identifier: MIT
// Types of Darwin, x86_64. Facts: xnu's bsd/sys/_types/*.h, bsd/i386/types.h.
#ifndef DARWIN_INCLUDE_SYS_TYPES_H
#define DARWIN_INCLUDE_SYS_TYPES_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif
typedef long ssize_t;
typedef long long off_t;
typedef int pid_t, dev_t;
typedef unsigned uid_t, gid_t, socklen_t;
typedef unsigned short mode_t, nlink_t;
typedef unsigned long long ino_t;
typedef unsigned sigset_t;
typedef long time_t;
typedef int suseconds_t;
struct timespec {
	time_t tv_sec;
	long tv_nsec;
};
struct timeval {
	time_t tv_sec;
	suseconds_t tv_usec;
};
#ifdef __cplusplus
}
#endif

#endif
