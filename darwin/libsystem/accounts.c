// SPDX-License-Identifier: MIT
// Users and groups one after the other, memberships, names that are remembered. Facts: getpwent(3), getgrouplist(3), user_from_uid(3),
// setuid(2) of Darwin; struct group is the same in both systems.
#include "abi.h"
#include "errno.h"
#include "membership.h"
#include "passwd.h"

#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct darwin_passwd *darwin_getpwent(void)
{
	static struct darwin_passwd answer;
	const struct passwd *host = getpwent();
	if (host)
		passwd_to_darwin(host, &answer);
	return host ? &answer : NULL;
}

int darwin_setpassent(int stay_open)
{
	(void)stay_open;
	setpwent();
	return 1;
}

int darwin_setgroupent(int stay_open)
{
	(void)stay_open;
	setgrent();
	return 1;
}

// Facts: getgrouplist(3): -1 if there is too little room, else 0.
int darwin_getgrouplist(const char *name, int base, int *groups, int *count)
{
	return getgrouplist(name, (gid_t)base, (gid_t *)groups, count) < 0 ? -1 : 0;
}

int darwin_initgroups(const char *name, int base)
{
	return (int)errno_result(initgroups(name, (gid_t)base));
}

const char *darwin_user_from_uid(uint32_t user, int none)
{
	static char text[32];
	const struct passwd *host = getpwuid(user);
	if (host)
		return host->pw_name;
	snprintf(text, sizeof(text), "%u", user);
	return none ? NULL : text;
}

const char *darwin_group_from_gid(uint32_t group, int none)
{
	static char text[32];
	const struct group *host = getgrgid(group);
	if (host)
		return host->gr_name;
	snprintf(text, sizeof(text), "%u", group);
	return none ? NULL : text;
}

char *darwin_getlogin(void)
{
	static char name[LOGIN_NAME_MAX];
	char *login = getlogin();
	const struct passwd *host = login ? NULL : getpwuid(getuid()); // without a terminal Darwin still knows the session's
	if (!login && !host)
		return errno_set(DARWIN_ENOENT), NULL;
	snprintf(name, sizeof(name), "%s", login ? login : host->pw_name);
	return name;
}

int darwin_getlogin_r(char *to, size_t room)
{
	const char *name = darwin_getlogin();
	if (!name)
		return DARWIN_ENOENT;
	if (strlen(name) >= room)
		return DARWIN_ERANGE;
	strcpy(to, name);
	return 0;
}

int darwin_seteuid(uint32_t user) { return (int)errno_result(seteuid(user)); }
int darwin_setegid(uint32_t group) { return (int)errno_result(setegid(group)); }
int darwin_setreuid(uint32_t real, uint32_t effective) { return (int)errno_result(setreuid(real, effective)); }
int darwin_setregid(uint32_t real, uint32_t effective) { return (int)errno_result(setregid(real, effective)); }
int darwin_setlogin(const char *name) { return (void)name, errno_set(DARWIN_EPERM); }
int darwin_setpgrp(void) { return (int)errno_result(setpgid(0, 0)); }

int darwin_setruid(uint32_t user) { return (int)errno_result(setreuid(user, (uid_t)-1)); }
int darwin_setrgid(uint32_t group) { return (int)errno_result(setregid(group, (gid_t)-1)); }

// Facts: getgrouplist_2 of Libinfo's <grp.h> and Samba: how many, and a list to free.
int darwin_getgrouplist_2(const char *name, uint32_t base, uint32_t **groups)
{
	int count = 64;
	for (*groups = NULL;;) {
		uint32_t *list = realloc(*groups, (size_t)count * sizeof(*list));
		if (!list) {
			free(*groups);
			return -1;
		}
		*groups = list;
		int room = count;
		if (getgrouplist(name, base, list, &count) >= 0)
			return count;
		count = count > room ? count : room * 2;
	}
}

struct darwin_passwd *darwin_getpwuuid(const uint8_t uuid[16])
{
	static struct darwin_passwd answer;
	uint32_t id;
	bool group;
	const struct passwd *host = membership_id(uuid, &id, &group) && !group ? getpwuid(id) : NULL;
	if (host)
		passwd_to_darwin(host, &answer);
	return host ? &answer : NULL;
}

struct group *darwin_getgruuid(const uint8_t uuid[16])
{
	uint32_t id;
	bool group;
	return membership_id(uuid, &id, &group) && group ? getgrgid(id) : NULL;
}
