// SPDX-License-Identifier: MIT
// Names and files for a while. Facts: mkstemp(3), mktemp(3), tmpnam(3) of Darwin: letters and digits in place of the last X.
#include "errno.h"
#include "file.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

uint32_t darwin_arc4random_uniform(uint32_t bound);

enum kind { KIND_NAME, KIND_FILE, KIND_FOLDER };

static void fill(char *at, size_t count)
{
	static const char letters[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
	while (count-- > 0)
		*at++ = letters[darwin_arc4random_uniform(sizeof(letters) - 1)];
}

// 0 or a descriptor; -1 with the host's errno: EEXIST that name is taken.
static int make(int folder, const char *name, enum kind kind, int flags)
{
	struct stat status;
	if (kind == KIND_FOLDER)
		return mkdirat(folder, name, 0700);
	if (kind == KIND_FILE)
		return openat(folder, name, O_RDWR | O_CREAT | O_EXCL | flags, 0600);
	int result = fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW);
	if (result < 0)
		return errno == ENOENT ? 0 : -1;
	errno = EEXIST;
	return -1;
}

static int temporary_make(int folder, char *name, int suffix, enum kind kind, int flags)
{
	size_t end = strlen(name) - (size_t)suffix, first = end;
	if (suffix < 0 || (size_t)suffix > strlen(name))
		return errno_set(DARWIN_EINVAL);
	while (first > 0 && name[first - 1] == 'X')
		first--;
	for (int tries = 0; tries < 1000; tries++) {
		fill(name + first, end - first);
		int result = make(file_at_to_host(folder), name, kind, flags);
		if (result >= 0 || errno != EEXIST || first == end)
			return (int)errno_result(result);
	}
	return errno_set(DARWIN_EEXIST);
}

int darwin_mkstemp(char *name) { return temporary_make(-2, name, 0, KIND_FILE, 0); }
int darwin_mkstemps(char *name, int suffix) { return temporary_make(-2, name, suffix, KIND_FILE, 0); }
int darwin_mkostemp(char *name, int flags) { return temporary_make(-2, name, 0, KIND_FILE, file_flags_to_host(flags)); }
int darwin_mkostemps(char *name, int suffix, int flags)
{
	return temporary_make(-2, name, suffix, KIND_FILE, file_flags_to_host(flags));
}
int darwin_mkstempsat_np(int folder, char *name, int suffix) { return temporary_make(folder, name, suffix, KIND_FILE, 0); }

char *darwin_mkdtemp(char *name)
{
	return temporary_make(-2, name, 0, KIND_FOLDER, 0) < 0 ? NULL : name;
}

char *darwin_mktemp(char *name)
{
	return temporary_make(-2, name, 0, KIND_NAME, 0) < 0 ? NULL : name;
}

char *darwin_tmpnam(char *to)
{
	static char own[1024]; // L_tmpnam
	return darwin_mktemp(strcpy(to ? to : own, "/var/tmp/tmp.0.XXXXXX"));
}

char *darwin_tempnam(const char *folder, const char *prefix)
{
	const char *places[] = {getenv("TMPDIR"), folder, "/var/tmp", "/tmp"};
	char *name = malloc(1024);
	for (size_t i = 0; name && i < sizeof(places) / sizeof(*places); i++) {
		if (!places[i] || !*places[i] || access(places[i], W_OK) < 0)
			continue;
		snprintf(name, 1024, "%s/%sXXXXXX", places[i], prefix ? prefix : "tmp.");
		if (darwin_mktemp(name))
			return name;
	}
	free(name);
	return NULL;
}
