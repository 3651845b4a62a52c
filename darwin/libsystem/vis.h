// SPDX-License-Identifier: MIT
// Characters made visible and back: vis and unvis over bytes, for vis_calls.c.
#ifndef DARWIN_VIS_H
#define DARWIN_VIS_H

#include <stdbool.h>
#include <stddef.h>

enum {
	VIS_OCTAL = 0x1,
	VIS_CSTYLE = 0x2,
	VIS_SP = 0x4,
	VIS_TAB = 0x8,
	VIS_NL = 0x10,
	VIS_SAFE = 0x20,
	VIS_NOSLASH = 0x40,
	VIS_HTTPSTYLE = 0x80,
	VIS_MIMESTYLE = 0x100,
	VIS_NOESCAPE = 0x400,
	VIS_END = 0x800,
	VIS_GLOB = 0x1000,
	VIS_SHELL = 0x2000,
	VIS_NOLOCALE = 0x4000,
	VIS_DQ = 0x8000,
};
enum { UNVIS_VALID = 1, UNVIS_VALIDPUSH = 2, UNVIS_NOCHAR = 3, UNVIS_SYNBAD = -1, UNVIS_ERROR = -2 };
#define VIS_MOST 4u // bytes for one

// Writes `size` bytes encoded, and a 0. `extra`: more characters to encode; utf8: characters of UTF-8 that can be seen stay.
// Returns how many bytes without the 0, or -1: there is not room for all.
long vis_encode(char *to, size_t room, const char *from, size_t size, int flags, const char *extra, bool utf8);
// One byte, with the one that follows it.
long vis_encode_byte(char *to, size_t room, int byte, int next, int flags, const char *extra);

// The next byte goes in; *state is 0 at first. With VIS_END: there is no more. UNVIS_*.
int vis_decode_byte(char *to, int byte, int *state, int flags);
// Returns how many bytes without the 0, -1: a wrong sequence, -2: there is not room for all.
long vis_decode(char *to, size_t room, const char *from, int flags);

#endif
