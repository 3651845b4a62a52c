// SPDX-License-Identifier: MIT
// Programs; see program.h.
#include "program.h"

#include "place.h"
#include "stream.h"

#include <gila/program.h>
#include <stdlib.h>

#define PIECE ((size_t)1 << 20)

static bool program_read(const char *path, struct text *bytes, const char **why)
{
	struct stream stream;
	char *piece = memory_get(PIECE);
	size_t got = 0;
	bool fine = stream_open(&stream, path);
	while (fine && (fine = stream_read(&stream, piece, PIECE, &got)) && got > 0 && bytes->length <= GILA_PROGRAM_MAX)
		text_append(bytes, piece, got);
	*why = fine ? NULL : stream.why;
	stream_close(&stream);
	free(piece);
	if (fine && bytes->length > GILA_PROGRAM_MAX)
		*why = "it is larger than a program may be";
	return !*why;
}

bool program_get(struct cli *cli, const char *path, mach_port_t *memory)
{
	struct text bytes = {0};
	const char *why;
	if (!place_reach(&why) || !program_read(path, &bytes, &why) || (why = gila_program_check(bytes.data, bytes.length))) {
		cli_fail(cli, path, "%s", why);
		text_free(&bytes);
		return false;
	}
	kern_return_t error = gila_memory_make(bytes.length, memory);
	if (!error) {
		error = gila_memory_put(*memory, 0, bytes.data, bytes.length);
		if (error)
			gila_port_drop(*memory);
	}
	if (error)
		cli_error(cli, path, error);
	text_free(&bytes);
	return !error;
}
