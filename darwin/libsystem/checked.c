// SPDX-License-Identifier: MIT
// String functions that know how large their target is: compilers call them under _FORTIFY_SOURCE. Facts: Libc's <secure/_string.h>.
// What does not fit ends the program, as __chk_fail_overflow does on Darwin.
#include "report.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

size_t darwin_strlcpy(char *to, const char *from, size_t room);
size_t darwin_strlcat(char *to, const char *from, size_t room);

static void check_fits(const char *function, size_t size, size_t room)
{
	if (size > room) {
		report("%s: %zu bytes do not fit into %zu", function, size, room);
		abort();
	}
}

void darwin_chk_fail_overflow(void)
{
	report("a checked function was given too small a buffer");
	abort();
}

size_t darwin_strlcpy_chk(char *to, const char *from, size_t room, size_t size)
{
	check_fits("strlcpy", room, size);
	return darwin_strlcpy(to, from, room);
}

size_t darwin_strlcat_chk(char *to, const char *from, size_t room, size_t size)
{
	check_fits("strlcat", room, size);
	return darwin_strlcat(to, from, room);
}

char *darwin_strncpy_chk(char *to, const char *from, size_t count, size_t size)
{
	check_fits("strncpy", count, size);
	return strncpy(to, from, count);
}

char *darwin_stpncpy_chk(char *to, const char *from, size_t count, size_t size)
{
	check_fits("stpncpy", count, size);
	return stpncpy(to, from, count);
}

char *darwin_stpcpy_chk(char *to, const char *from, size_t size)
{
	check_fits("stpcpy", strlen(from) + 1, size);
	return stpcpy(to, from);
}

char *darwin_strncat_chk(char *to, const char *from, size_t count, size_t size)
{
	check_fits("strncat", strlen(to) + strnlen(from, count) + 1, size);
	return strncat(to, from, count);
}

void *darwin_memccpy_chk(void *to, const void *from, int end, size_t count, size_t size)
{
	check_fits("memccpy", count, size);
	return memccpy(to, from, end, count);
}

// Facts: xnu's bsd/sys/_types/_fd_def.h: 0 when the descriptor does not fit into an fd_set, and FD_SET then does nothing.
int darwin_check_fd_set_overflow(int file, const void *set, int unlimited)
{
	(void)set;
	return file >= 0 && (unlimited || file < 1024);
}
