// SPDX-License-Identifier: MIT
// Users and groups. Facts: Libc's <pwd.h> and <grp.h>; struct group is the same in both systems.
#include "abi.h"
#include "errno.h"
#include "passwd.h"

#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>

static char empty[] = "";

void passwd_to_darwin(const struct passwd *from, struct darwin_passwd *to)
{
	*to = (struct darwin_passwd){from->pw_name, from->pw_passwd, from->pw_uid, from->pw_gid,   0,
				     empty,	    from->pw_gecos,  from->pw_dir, from->pw_shell, 0};
}

int darwin_getpwuid_r(uint32_t user, struct darwin_passwd *to, char *buffer, size_t size, struct darwin_passwd **found)
{
	struct passwd host, *result;
	int error = getpwuid_r(user, &host, buffer, size, &result);
	*found = NULL;
	if (!error && result) {
		passwd_to_darwin(&host, to);
		*found = to;
	}
	return errno_to_darwin(error);
}

int darwin_getpwnam_r(const char *name, struct darwin_passwd *to, char *buffer, size_t size,
		      struct darwin_passwd **found)
{
	struct passwd host, *result;
	int error = getpwnam_r(name, &host, buffer, size, &result);
	*found = NULL;
	if (!error && result) {
		passwd_to_darwin(&host, to);
		*found = to;
	}
	return errno_to_darwin(error);
}

struct darwin_passwd *darwin_getpwuid(uint32_t user)
{
	static struct darwin_passwd answer;
	const struct passwd *host = getpwuid(user);
	if (host)
		passwd_to_darwin(host, &answer);
	return host ? &answer : NULL;
}

struct darwin_passwd *darwin_getpwnam(const char *name)
{
	static struct darwin_passwd answer;
	const struct passwd *host = getpwnam(name);
	if (host)
		passwd_to_darwin(host, &answer);
	return host ? &answer : NULL;
}

int darwin_getgrgid_r(uint32_t group, struct group *to, char *buffer, size_t size, struct group **found)
{
	return errno_to_darwin(getgrgid_r(group, to, buffer, size, found));
}

int darwin_getgrnam_r(const char *name, struct group *to, char *buffer, size_t size, struct group **found)
{
	return errno_to_darwin(getgrnam_r(name, to, buffer, size, found));
}
