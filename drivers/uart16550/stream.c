// SPDX-License-Identifier: MIT
// Streams in kept memory; see stream.h.
#include "stream.h"

#include <string.h>

static bool stream_is_right(struct stream *stream)
{
	uint64_t begin = stream->begin, end = stream->end;
	return begin <= end && end - begin <= STREAM_SIZE && end < UINT64_MAX / 2;
}

bool line_memory_open(struct line_memory *memory)
{
	bool right = memory->magic == LINE_MAGIC && memory->phase <= LINE_SET_UP && stream_is_right(&memory->in) &&
		     stream_is_right(&memory->out) && memory->fifo <= 256;
	if (right)
		return true;
	memset(memory, 0, sizeof(*memory));
	memory->magic = LINE_MAGIC;
	return false;
}

void stream_put(struct stream *stream, const uint8_t *bytes, uint32_t count)
{
	uint64_t end = stream->end;
	for (uint32_t i = 0; i < count; i++)
		stream->bytes[(end + i) % STREAM_SIZE] = bytes[i];
	atomic_store(&stream->end, end + count);
}

void stream_look(struct stream *stream, uint64_t position, uint8_t *bytes, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		bytes[i] = stream->bytes[(position + i) % STREAM_SIZE];
}
