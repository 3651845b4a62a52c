// SPDX-License-Identifier: MIT
// Fuzz target of the LZMA reader. The input's first two bytes give the room for the output, the rest is the file.
#include "lzma.h"

#include <gila/fuzz.h>
#include <stdlib.h>

static int fuzz_lzma(const uint8_t *data, size_t size)
{
	static struct lzma_state state;
	struct lzma_header header;
	if (size < 2)
		return 0;
	size_t room = (size_t)data[0] << 8 | data[1], written = 1;
	const uint8_t *file = data + 2;
	size -= 2;
	uint8_t *out = malloc(room ? room : 1);
	if (!out)
		return 0;
	enum lzma_status status = lzma_decode(file, size, out, room, &written, &state);
	if (written > room || state.consumed > size)
		__builtin_trap();
	if (status == LZMA_OK && (lzma_header(file, size, &header) != LZMA_OK || state.consumed != size ||
				  (header.size != LZMA_UNKNOWN_SIZE && header.size != written)))
		__builtin_trap();
	// What is good fits exactly, and not one byte less.
	if (status == LZMA_OK) {
		size_t again;
		if (lzma_decode(file, size, out, written, &again, &state) != LZMA_OK || again != written)
			__builtin_trap();
		if (written > 0 && lzma_decode(file, size, out, written - 1, &again, &state) != LZMA_TOO_LARGE)
			__builtin_trap();
		if (lzma_decode(file, size - 1, out, written, &again, &state) == LZMA_OK)
			__builtin_trap();
	}
	if (!lzma_status_name(status)[0])
		__builtin_trap();
	free(out);
	return 0;
}

FUZZ_TARGET(fuzz_lzma)
