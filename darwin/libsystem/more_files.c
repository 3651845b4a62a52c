// SPDX-License-Identifier: MIT
// Less common calls on files and processes. Facts: mknod(2), preadv(2), getpeereid(3), lockf(3) of Darwin.
#include "abi.h"
#include "errno.h"
#include "file.h"
#include "name.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

int darwin_mknodat(int folder, const char *path, uint16_t mode, int32_t device)
{
	return (int)errno_result(mknodat(file_at_to_host(folder), path, mode, makedev((unsigned)device >> 24, device & 0xffffff)));
}

int darwin_mknod(const char *path, uint16_t mode, int32_t device) { return darwin_mknodat(DARWIN_AT_FDCWD, path, mode, device); }
int darwin_mkfifoat(int folder, const char *path, uint16_t mode) { return (int)errno_result(mkfifoat(file_at_to_host(folder), path, mode)); }

int darwin_fchownat(int folder, const char *path, uint32_t user, uint32_t group, int flags)
{
	int host = flags & DARWIN_AT_SYMLINK_NOFOLLOW ? AT_SYMLINK_NOFOLLOW : 0;
	return (int)errno_result(WITH_NAME(path, fchownat(file_at_to_host(folder), name, user, group, host)));
}

int darwin_lchmod(const char *path, uint16_t mode)
{
	return (int)errno_result(WITH_NAME(path, fchmodat(AT_FDCWD, name, mode, AT_SYMLINK_NOFOLLOW)));
}

char *darwin_getwd(char *to)
{
	if (getcwd(to, 1024)) // MAXPATHLEN
		return to;
	errno_result(-1);
	return NULL;
}

int darwin_fdatasync(int file) { return (int)errno_result(fdatasync(file)); }
int darwin_lockf(int file, int what, int64_t size) { return (int)errno_result(lockf(file, what, size)); } // F_ULOCK 0 to F_TEST 3 in both

long darwin_preadv(int file, const struct iovec *vectors, int count, int64_t offset)
{
	return errno_result(preadv(file, vectors, count, offset));
}

long darwin_pwritev(int file, const struct iovec *vectors, int count, int64_t offset)
{
	return errno_result(pwritev(file, vectors, count, offset));
}

int darwin_mincore(const void *at, size_t size, char *to)
{
	return (int)errno_result(mincore((void *)(uintptr_t)at, size, (unsigned char *)to)); // MINCORE_INCORE is 1
}

int darwin_mlockall(int flags) { return (int)errno_result(mlockall(flags & 3)); } // MCL_CURRENT 1, MCL_FUTURE 2
int darwin_munlockall(void) { return (int)errno_result(munlockall()); }

// ---- processes ------------------------------------------------------------------------------------------------------

int darwin_nice(int more)
{
	errno = 0;
	int value = nice(more);
	return value == -1 && errno ? (int)errno_result(-1) : value;
}

int darwin_daemon(int keep_folder, int keep_streams) { return (int)errno_result(daemon(keep_folder, keep_streams)); }
int darwin_sched_get_priority_min(int policy) { return (void)policy, 15; } // <pthread/sched.h>: as Darwin's kernel says
int darwin_sched_get_priority_max(int policy) { return (void)policy, 47; }

int darwin_getpeereid(int file, uint32_t *user, uint32_t *group)
{
	struct ucred peer;
	socklen_t size = sizeof(peer);
	if (getsockopt(file, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0)
		return (int)errno_result(-1);
	*user = peer.uid;
	*group = peer.gid;
	return 0;
}

// The machine's number, as systemd and D-Bus keep it.
int darwin_gethostuuid(uint8_t uuid[16], const void *wait)
{
	FILE *file = fopen("/etc/machine-id", "re");
	unsigned byte;
	(void)wait;
	memset(uuid, 0, 16);
	for (int i = 0; file && i < 16 && fscanf(file, "%2x", &byte) == 1; i++)
		uuid[i] = (uint8_t)byte;
	if (file)
		fclose(file);
	return 0;
}

int darwin_getdomainname(char *to, int size) { return (int)errno_result(getdomainname(to, (size_t)size)); }
int darwin_sethostname(const char *name, int size) { return (int)errno_result(sethostname(name, (size_t)size)); }
long darwin_gethostid(void) { return gethostid(); }

// ---- time -----------------------------------------------------------------------------------------------------------

int darwin_getitimer(int which, struct darwin_timeval to[2])
{
	struct itimerval host;
	if (getitimer((__itimer_which_t)which, &host) < 0)
		return (int)errno_result(-1);
	to[0] = (struct darwin_timeval){host.it_interval.tv_sec, (int32_t)host.it_interval.tv_usec, 0};
	to[1] = (struct darwin_timeval){host.it_value.tv_sec, (int32_t)host.it_value.tv_usec, 0};
	return 0;
}

int darwin_settimeofday(const struct darwin_timeval *now, const void *zone)
{
	struct timeval host;
	(void)zone;
	if (!now)
		return 0;
	host = (struct timeval){now->seconds, now->microseconds};
	return (int)errno_result(settimeofday(&host, NULL));
}

// <time.h>: TIME_UTC is 1.
int darwin_timespec_get(struct timespec *to, int base)
{
	return base == 1 && clock_gettime(CLOCK_REALTIME, to) == 0 ? 1 : 0;
}

struct darwin_tms { // the same; clock_t is unsigned
	uint64_t user, system, child_user, child_system;
};

uint64_t darwin_times(struct darwin_tms *to)
{
	struct rusage own, children;
	struct timespec up;
	getrusage(RUSAGE_SELF, &own);
	getrusage(RUSAGE_CHILDREN, &children);
	clock_gettime(CLOCK_BOOTTIME, &up);
#define TICKS(time) ((uint64_t)(time).tv_sec * 100 + (uint64_t)(time).tv_usec / 10000) // of _SC_CLK_TCK, 100 a second
	*to = (struct darwin_tms){TICKS(own.ru_utime), TICKS(own.ru_stime), TICKS(children.ru_utime), TICKS(children.ru_stime)};
	return (uint64_t)up.tv_sec * 100 + (uint64_t)up.tv_nsec / 10000000;
}
