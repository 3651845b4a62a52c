// SPDX-License-Identifier: MIT
// Any bytes as an encoded text; what was encoded comes back.
#include "vis.h"

#include <gila/fuzz.h>
#include <stdlib.h>
#include <string.h>

static int fuzz_vis(const uint8_t *data, size_t size)
{
	char text[300], coded[1100], back[300];
	if (size < 2 || size > 256)
		return 0;
	int flags = data[0] | (data[1] & 0xf0) << 8;
	memcpy(text, data + 2, size - 2);
	text[size - 2] = '\0';
	long decoded = vis_decode(back, sizeof(back), text, flags & ~VIS_END);
	if (decoded > (long)strlen(text))
		__builtin_trap();
	flags &= VIS_OCTAL | VIS_CSTYLE | VIS_SP | VIS_TAB | VIS_NL | VIS_SAFE | VIS_GLOB | VIS_SHELL | VIS_DQ;
	if (vis_encode(coded, sizeof(coded), text, size - 2, flags, NULL, data[1] & 1) < 0)
		__builtin_trap();
	if (vis_decode(back, sizeof(back), coded, 0) != (long)(size - 2) || memcmp(back, text, size - 2) != 0)
		__builtin_trap();
	return 0;
}
FUZZ_TARGET(fuzz_vis)
