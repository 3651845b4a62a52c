// SPDX-License-Identifier: MIT
// Streams from and to files, and what descriptors share; see stream.h.
#include "constant.h"
#include "stream.h"
#include "url.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

CONSTANT_NAMED(kCFStreamPropertyAppendToFile);
CONSTANT_NAMED(kCFStreamPropertyFileCurrentOffset);

int darwin_close(int file);

// ---- descriptors ----------------------------------------------------------------------------------------------------

static bool wait_for(const struct stream *stream, int milliseconds)
{
	struct pollfd wait = {stream->file, stream->writes ? POLLOUT : POLLIN, 0};
	int count;
	do
		count = poll(&wait, 1, milliseconds);
	while (count < 0 && errno == EINTR);
	return count > 0;
}

// As much as goes without waiting, but at least something. A reader that is gone raises no signal.
int64_t stream_file_move(struct stream *stream, uint8_t *bytes, int64_t count)
{
	for (;;) {
		wait_for(stream, -1);
		ssize_t moved = stream->writes ? send(stream->file, bytes, (size_t)count, MSG_DONTWAIT | MSG_NOSIGNAL)
					       : recv(stream->file, bytes, (size_t)count, MSG_DONTWAIT);
		if (moved < 0 && errno == ENOTSOCK)
			moved = stream->writes ? write(stream->file, bytes, (size_t)count)
					       : read(stream->file, bytes, (size_t)count);
		if (moved >= 0)
			return moved;
		if (errno != EAGAIN && errno != EINTR)
			return stream_fail_host(stream, errno);
	}
}

bool stream_file_can(struct stream *stream)
{
	return stream->file >= 0 && wait_for(stream, 0);
}

static void tell(struct ready *ready)
{
	struct stream *stream = (struct stream *)((char *)ready - offsetof(struct stream, ready));
	ready_take(ready);
	stream_tell(stream, stream_can(stream));
}

void stream_file_ask(struct stream *stream)
{
	if (stream->file < 0 || !stream->called || !(stream->events & stream_can(stream)))
		return;
	if (stream->ready.file < 0)
		ready_open(&stream->ready, stream->file, tell);
	ready_ask(&stream->ready, stream->writes ? READY_WRITE : READY_READ);
}

void stream_file_close(struct stream *stream)
{
	ready_close(&stream->ready);
	if (stream->file >= 0 && stream->closes)
		darwin_close(stream->file);
	stream->file = -1;
}

// ---- files ----------------------------------------------------------------------------------------------------------

static bool file_open(struct stream *stream)
{
	int how = !stream->writes ? O_RDONLY : O_WRONLY | O_CREAT | (stream->appends ? O_APPEND : O_TRUNC);
	stream->file = stream->path ? open(stream->path, how | O_CLOEXEC, 0666) : -1;
	stream->closes = true;
	if (stream->file < 0)
		stream_fail_host(stream, stream->path ? errno : ENOENT);
	return stream->file >= 0;
}

static const void *file_get(struct stream *stream, const void *key)
{
	if (darwin_CFEqual(key, darwin_kCFStreamPropertyFileCurrentOffset)) {
		off_t at = stream->file >= 0 ? lseek(stream->file, 0, SEEK_CUR) : -1;
		return at >= 0 ? number_make(at) : NULL;
	}
	if (darwin_CFEqual(key, darwin_kCFStreamPropertyAppendToFile))
		return stream->appends ? darwin_kCFBooleanTrue : darwin_kCFBooleanFalse;
	return NULL;
}

static bool file_set(struct stream *stream, const void *key, const void *value)
{
	if (darwin_CFEqual(key, darwin_kCFStreamPropertyAppendToFile) && stream->state == STREAM_MADE) {
		stream->appends = darwin_CFBooleanGetValue(value);
		return true;
	}
	return darwin_CFEqual(key, darwin_kCFStreamPropertyFileCurrentOffset) && stream->file >= 0 &&
	       object_type(value) == &number_type && lseek(stream->file, number_whole(value), SEEK_SET) >= 0;
}

static const struct stream_kind file_kind = {.open = file_open,
					     .move = stream_file_move,
					     .can = stream_file_can,
					     .ask = stream_file_ask,
					     .close = stream_file_close,
					     .get = file_get,
					     .set = file_set};

static struct stream *file_stream(const struct url *url, bool writes)
{
	struct stream *stream = stream_make(&file_kind, writes);
	stream->path = url_file_path(url, true);
	return stream;
}

struct stream *darwin_CFReadStreamCreateWithFile(const void *allocator, const struct url *url)
{
	return file_stream(url, false);
}

struct stream *darwin_CFWriteStreamCreateWithFile(const void *allocator, const struct url *url)
{
	return file_stream(url, true);
}
