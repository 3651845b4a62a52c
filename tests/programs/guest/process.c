// SPDX-License-Identifier: MIT
// Clocks, chance, who one is, the three open files, what is not there, signals.
#include "guest.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

static long long ns(clockid_t clock)
{
	struct timespec now;
	return clock_gettime(clock, &now) == 0 ? now.tv_sec * 1000000000ll + now.tv_nsec : -1;
}

bool test_clocks(void)
{
	long long start = ns(CLOCK_MONOTONIC), day = ns(CLOCK_REALTIME);
	struct timespec nap = {0, 15000000}, until, resolution;
	struct timeval value;
	MUST(start > 0 && day > 1500000000000000000ll);
	MUST(nanosleep(&nap, NULL) == 0);
	long long middle = ns(CLOCK_MONOTONIC);
	MUST(middle - start >= 15000000 && middle - start < 20000000000ll);
	until.tv_sec = (middle + 10000000) / 1000000000;
	until.tv_nsec = (middle + 10000000) % 1000000000;
	MUST(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) == 0);
	MUST(ns(CLOCK_MONOTONIC) >= middle + 10000000);
	MUST(gettimeofday(&value, NULL) == 0 && time(NULL) >= day / 1000000000 && value.tv_sec >= day / 1000000000);
	MUST(clock_getres(CLOCK_REALTIME, &resolution) == 0 && resolution.tv_sec == 0 && resolution.tv_nsec > 0);
	nap.tv_nsec = 1000000000;
	MUST(nanosleep(&nap, NULL) != 0 && errno == EINVAL);
	MUST(clock_gettime(77, &until) != 0 && errno == EINVAL);
	return true;
}

bool test_random(void)
{
	unsigned char bytes[1000] = {0}, more[1000] = {0};
	unsigned counts[4] = {0};
	MUST(getrandom(bytes, sizeof(bytes), 0) == sizeof(bytes) && getrandom(more, sizeof(more), 0) == sizeof(more));
	MUST(memcmp(bytes, more, sizeof(bytes)) != 0);
	for (size_t i = 0; i < sizeof(bytes); i++)
		counts[bytes[i] & 3]++;
	for (int i = 0; i < 4; i++)
		MUST(counts[i] > 150 && counts[i] < 350); // 250, and 7 times the deviation of 13.7
	return true;
}

bool test_identity(void)
{
	struct utsname name;
	struct rlimit limit;
	cpu_set_t cpus;
	char path[256];
	MUST(getpid() > 0 && syscall(SYS_gettid) == getpid() && getuid() == 0 && getegid() == 0);
	MUST(uname(&name) == 0 && strcmp(name.sysname, "Linux") == 0 && strcmp(name.machine, "x86_64") == 0);
	MUST(getrlimit(RLIMIT_STACK, &limit) == 0 && limit.rlim_cur >= 65536);
	MUST(setrlimit(RLIMIT_STACK, &limit) != 0 && errno == EPERM);
	MUST(sched_getaffinity(0, sizeof(cpus), &cpus) == 0 && CPU_COUNT(&cpus) >= 1);
	MUST(CPU_COUNT(&cpus) == sysconf(_SC_NPROCESSORS_ONLN) || CPU_COUNT(&cpus) >= 1);
	ssize_t length = readlink("/proc/self/exe", path, sizeof(path));
	MUST(length > 6 && memcmp(path + length - 6, "/guest", 6) == 0);
	MUST(readlink("/proc/self/exe", path, 3) == 3);
	MUST(readlink("/elsewhere", path, sizeof(path)) < 0 && errno == ENOENT);
	return true;
}

bool test_files(void)
{
	struct stat stat;
	char byte;
	struct iovec pieces[] = {{"pieces ", 7}, {"of a line, ", 11}, {"", 0}};
	struct pollfd files[] = {{.fd = 1, .events = POLLOUT}, {.fd = 9, .events = POLLIN}, {.fd = -1}};
	MUST(fflush(stdout) == 0);
	MUST(writev(1, pieces, 3) == 18 && write(1, "one line\n", 9) == 9);
	MUST(read(0, &byte, 1) == 0);
	MUST(fstat(1, &stat) == 0 && S_ISFIFO(stat.st_mode) && fstat(0, &stat) == 0 && S_ISCHR(stat.st_mode));
	MUST(!isatty(1) && errno == ENOTTY);
	MUST(write(7, "x", 1) < 0 && errno == EBADF);
	MUST(fcntl(2, F_GETFL) == O_WRONLY && fcntl(5, F_GETFL) < 0 && errno == EBADF);
	MUST(poll(files, 3, 1000) == 2 && files[0].revents == POLLOUT && files[1].revents == POLLNVAL);
	MUST(poll(NULL, 0, 10) == 0);
	return true;
}

bool test_missing(void)
{
	for (int i = 0; i < 3; i++) {
		errno = 0;
		MUST(socket(AF_UNIX, SOCK_STREAM, 0) < 0 && errno == ENOSYS);
	}
	MUST(syscall(9999) < 0 && errno == ENOSYS);
	MUST(open("/etc/passwd", O_RDONLY) < 0 && errno == ENOSYS);
	return true;
}

static void handler(int number) {}

bool test_signals(void)
{
	struct sigaction action = {.sa_handler = handler}, old;
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	MUST(sigaction(SIGUSR1, &action, NULL) == 0);
	MUST(sigaction(SIGUSR1, NULL, &old) == 0 && old.sa_handler == handler);
	MUST(sigaction(SIGKILL, &action, NULL) < 0 && errno == EINVAL);
	MUST(sigprocmask(SIG_BLOCK, &set, NULL) == 0);
	MUST(signal(SIGPIPE, SIG_IGN) != SIG_ERR && raise(SIGPIPE) == 0);
	MUST(kill(getpid(), 0) == 0 && kill(getpid() + 100000, 0) < 0 && errno == ESRCH);
	return true;
}
