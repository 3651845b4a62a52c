// SPDX-License-Identifier: MIT
// Who a process is: users, groups, sessions. Facts: setuid(2), seteuid(2), setreuid(2), getlogin(2), initgroups(3), daemon(3) of Darwin.
#include "errno.h"

#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <termios.h>
#include <unistd.h>

int darwin_setuid(uint32_t user)
{
	return (int)errno_result(setuid(user));
}

int darwin_setgid(uint32_t group)
{
	return (int)errno_result(setgid(group));
}

int darwin_setgroups(int count, const uint32_t *groups)
{
	return (int)errno_result(setgroups((size_t)count, groups));
}

int darwin_getgroups(int count, uint32_t *groups)
{
	return (int)errno_result(getgroups(count, groups));
}

int darwin_setsid(void)
{
	return (int)errno_result(setsid());
}

int darwin_setpgid(int process, int group)
{
	return (int)errno_result(setpgid(process, group));
}

int darwin_getpgid(int process)
{
	return (int)errno_result(getpgid(process));
}

int darwin_getsid(int process)
{
	return (int)errno_result(getsid(process));
}

int darwin_issetugid(void)
{
	return getuid() != geteuid() || getgid() != getegid();
}

int darwin_setpgrp(void) // UNIX 03's
{
	return setpgid(0, 0) < 0 ? (int)errno_result(-1) : getpgrp();
}

int darwin_tcgetsid(int file)
{
	return (int)errno_result(tcgetsid(file));
}

int darwin_seteuid(uint32_t user)
{
	return (int)errno_result(seteuid(user));
}

int darwin_setegid(uint32_t group)
{
	return (int)errno_result(setegid(group));
}

int darwin_setreuid(uint32_t real, uint32_t effective)
{
	return (int)errno_result(setreuid(real, effective));
}

int darwin_setregid(uint32_t real, uint32_t effective)
{
	return (int)errno_result(setregid(real, effective));
}

int darwin_initgroups(const char *name, int group)
{
	return (int)errno_result(initgroups(name, (gid_t)group));
}

// Who logged in: Linux knows it of terminals only; a process without one is asked for its user.
int darwin_getlogin_r(char *to, size_t room)
{
	if (getlogin_r(to, room) == 0)
		return 0;
	const struct passwd *user = getpwuid(getuid());
	if (!user)
		return DARWIN_ENOENT;
	return (size_t)snprintf(to, room, "%s", user->pw_name) < room ? 0 : DARWIN_ERANGE;
}

char *darwin_getlogin(void)
{
	static char name[256];
	int error = darwin_getlogin_r(name, sizeof(name));
	return error ? errno_set(error), NULL : name;
}

int darwin_nice(int add)
{
	errno = 0;
	int now = nice(add);
	return now == -1 && errno ? (int)errno_result(-1) : now;
}

int darwin_daemon(int keep_folder, int keep_streams)
{
	return (int)errno_result(daemon(keep_folder, keep_streams));
}
