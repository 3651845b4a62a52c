// SPDX-License-Identifier: MIT
// vis(3) and unvis(3): the functions of <vis.h>, which differ in how room, length and further characters are told.
#include "errno.h"
#include "locales.h"
#include "vis.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define ENDLESS ((size_t)1 << 40) // of functions that are told no room

static long encode(char *to, size_t room, const char *from, size_t size, int flags, const char *extra)
{
	long used = vis_encode(to, room, from, size, flags, extra, !(flags & VIS_NOLOCALE) && locale_is_utf8(locale_current()));
	return used < 0 ? errno_set(28) : used; // ENOSPC
}

static char *encode_byte(char *to, size_t room, int byte, int flags, int next, const char *extra)
{
	long used = vis_encode_byte(to, room, byte, next, flags, extra);
	if (used < 0)
		return errno_set(28), NULL;
	return to + used;
}

char *darwin_vis(char *to, int byte, int flags, int next) { return encode_byte(to, ENDLESS, byte, flags, next, NULL); }
char *darwin_nvis(char *to, size_t room, int byte, int flags, int next) { return encode_byte(to, room, byte, flags, next, NULL); }
char *darwin_svis(char *to, int byte, int flags, int next, const char *extra) { return encode_byte(to, ENDLESS, byte, flags, next, extra); }

char *darwin_snvis(char *to, size_t room, int byte, int flags, int next, const char *extra)
{
	return encode_byte(to, room, byte, flags, next, extra);
}

int darwin_strvis(char *to, const char *from, int flags) { return (int)encode(to, ENDLESS, from, strlen(from), flags, NULL); }
int darwin_strnvis(char *to, size_t room, const char *from, int flags) { return (int)encode(to, room, from, strlen(from), flags, NULL); }
int darwin_strvisx(char *to, const char *from, size_t size, int flags) { return (int)encode(to, ENDLESS, from, size, flags, NULL); }

int darwin_strnvisx(char *to, size_t room, const char *from, size_t size, int flags)
{
	return (int)encode(to, room, from, size, flags, NULL);
}

int darwin_strsvis(char *to, const char *from, int flags, const char *extra)
{
	return (int)encode(to, ENDLESS, from, strlen(from), flags, extra);
}

int darwin_strsnvis(char *to, size_t room, const char *from, int flags, const char *extra)
{
	return (int)encode(to, room, from, strlen(from), flags, extra);
}

int darwin_strsvisx(char *to, const char *from, size_t size, int flags, const char *extra)
{
	return (int)encode(to, ENDLESS, from, size, flags, extra);
}

int darwin_strsnvisx(char *to, size_t room, const char *from, size_t size, int flags, const char *extra)
{
	return (int)encode(to, room, from, size, flags, extra);
}

// *failed: whether characters were wrong in the locale and so taken as bytes; they never stop it here.
int darwin_strsenvisx(char *to, size_t room, const char *from, size_t size, int flags, const char *extra, int *failed)
{
	(void)failed;
	return (int)encode(to, room, from, size, flags, extra);
}

int darwin_strenvisx(char *to, size_t room, const char *from, size_t size, int flags, int *failed)
{
	return darwin_strsenvisx(to, room, from, size, flags, NULL, failed);
}

int darwin_stravis(char **to, const char *from, int flags)
{
	size_t room = strlen(from) * VIS_MOST + 1;
	*to = malloc(room);
	return *to ? (int)encode(*to, room, from, strlen(from), flags, NULL) : errno_set(DARWIN_ENOMEM);
}

// ---- and back -------------------------------------------------------------------------------------------------------

static int decode(char *to, size_t room, const char *from, int flags)
{
	long used = vis_decode(to, room, from, flags);
	return used < 0 ? errno_set(used == -2 ? 28 : DARWIN_EINVAL) : (int)used;
}

int darwin_unvis(char *to, int byte, int *state, int flags) { return vis_decode_byte(to, byte, state, flags); }
int darwin_strunvis(char *to, const char *from) { return decode(to, ENDLESS, from, 0); }
int darwin_strnunvis(char *to, size_t room, const char *from) { return decode(to, room, from, 0); }
int darwin_strunvisx(char *to, const char *from, int flags) { return decode(to, ENDLESS, from, flags); }
int darwin_strnunvisx(char *to, size_t room, const char *from, int flags) { return decode(to, room, from, flags); }
