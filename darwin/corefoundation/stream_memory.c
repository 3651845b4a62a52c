// SPDX-License-Identifier: MIT
// Streams from and to memory: bytes, a buffer, a buffer that grows. See stream.h.
#include "constant.h"
#include "stream.h"

#include "../libsystem/errno.h"

#include <stdlib.h>
#include <string.h>

CONSTANT_NAMED(kCFStreamPropertyDataWritten);

static bool memory_open(struct stream *stream)
{
	return true;
}

static void memory_close(struct stream *stream)
{
}

static bool memory_can(struct stream *stream)
{
	return stream->at < stream->count;
}

static void memory_ask(struct stream *stream)
{
	if (memory_can(stream))
		stream_tell(stream, stream_can(stream));
}

// The end is known with the last byte.
static int64_t bytes_read(struct stream *stream, uint8_t *to, int64_t room)
{
	int64_t count = stream->count - stream->at < room ? stream->count - stream->at : room;
	if (count)
		memcpy(to, stream->bytes + stream->at, (size_t)count);
	stream->at += count;
	if (stream->at == stream->count) {
		stream->state = STREAM_AT_END;
		stream_tell(stream, STREAM_ENDED);
	}
	return count;
}

static void bytes_destroy(struct stream *stream)
{
	allocator_free(stream->lender, stream->bytes);
	darwin_CFRelease(stream->lender);
}

static const struct stream_kind bytes_kind = {.open = memory_open,
					      .move = bytes_read,
					      .can = memory_can,
					      .ask = memory_ask,
					      .close = memory_close,
					      .destroy = bytes_destroy};

struct stream *darwin_CFReadStreamCreateWithBytesNoCopy(const void *allocator, uint8_t *bytes, int64_t count,
							const void *deallocator)
{
	struct stream *stream = stream_make(&bytes_kind, false);
	stream->bytes = bytes;
	stream->count = count;
	stream->lender = darwin_CFRetain(deallocator);
	return stream;
}

// The bytes that are left, without a copy; they count as read.
const uint8_t *darwin_CFReadStreamGetBuffer(struct stream *stream, int64_t most, int64_t *count)
{
	*count = 0;
	if (stream->kind != &bytes_kind || stream->state != STREAM_OPEN)
		return NULL;
	const uint8_t *bytes = stream->bytes + stream->at;
	*count = stream->count - stream->at;
	if (most > 0 && *count > most)
		*count = most;
	stream->at += *count;
	if (stream->at == stream->count) {
		stream->state = STREAM_AT_END;
		stream_tell(stream, STREAM_ENDED);
	}
	return bytes;
}

// ---- to write -------------------------------------------------------------------------------------------------------

static int64_t buffer_write(struct stream *stream, uint8_t *from, int64_t count)
{
	if (stream->at == stream->count)
		return stream_fail(stream, DARWIN_ENOMEM); // as CFStream.h says of a buffer that is full
	count = stream->count - stream->at < count ? stream->count - stream->at : count;
	memcpy(stream->bytes + stream->at, from, (size_t)count);
	stream->at += count;
	return count;
}

static const struct stream_kind buffer_kind = {
	.open = memory_open, .move = buffer_write, .can = memory_can, .ask = memory_ask, .close = memory_close};

struct stream *darwin_CFWriteStreamCreateWithBuffer(const void *allocator, uint8_t *buffer, int64_t room)
{
	struct stream *stream = stream_make(&buffer_kind, true);
	stream->bytes = buffer;
	stream->count = room;
	return stream;
}

static int64_t growing_write(struct stream *stream, uint8_t *from, int64_t count)
{
	if (stream->at + count > stream->room) {
		stream->room = (stream->at + count) * 2;
		stream->bytes = realloc(stream->bytes, (size_t)stream->room);
		if (!stream->bytes)
			abort();
	}
	memcpy(stream->bytes + stream->at, from, (size_t)count);
	stream->at += count;
	return count;
}

static bool growing_can(struct stream *stream)
{
	return true;
}

static void growing_ask(struct stream *stream)
{
	stream_tell(stream, STREAM_CAN_WRITE);
}

static const void *growing_get(struct stream *stream, const void *key)
{
	return darwin_CFEqual(key, darwin_kCFStreamPropertyDataWritten)
		       ? darwin_CFDataCreate(NULL, stream->bytes, stream->at)
		       : NULL;
}

static void growing_destroy(struct stream *stream)
{
	free(stream->bytes);
}

static const struct stream_kind growing_kind = {.open = memory_open,
						.move = growing_write,
						.can = growing_can,
						.ask = growing_ask,
						.close = memory_close,
						.get = growing_get,
						.destroy = growing_destroy};

struct stream *darwin_CFWriteStreamCreateWithAllocatedBuffers(const void *allocator, const void *buffers)
{
	return stream_make(&growing_kind, true);
}
