// SPDX-License-Identifier: MIT
// Files of either world; see stream.h.
#include "stream.h"

#include "place.h"
#include "text.h"

#include <errno.h>
#include <fcntl.h>
#include <gila/file.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

const char *stream_host_path(const char *path)
{
	size_t prefix = sizeof(STREAM_HOST) - 1;
	return strncmp(path, STREAM_HOST, prefix) == 0 ? path + prefix : NULL;
}

static bool failed(struct stream *stream, const char *why)
{
	stream->why = why;
	return false;
}

static bool failed_code(struct stream *stream, kern_return_t error)
{
	return error == KERN_SUCCESS || failed(stream, gila_error_text(error));
}

static bool failed_errno(struct stream *stream) { return failed(stream, strerror(errno)); }

static bool open_host(struct stream *stream, const char *path, int flags)
{
	struct stat info;
	if (!place_is_host)
		return failed(stream, "only gila on the host reaches files of the host");
	stream->is_host = true;
	stream->descriptor = open(path, flags | O_CLOEXEC, 0666);
	if (stream->descriptor < 0)
		return failed_errno(stream);
	stream->is_open = true;
	if (fstat(stream->descriptor, &info) == 0 && S_ISDIR(info.st_mode))
		return failed(stream, strerror(EISDIR));
	return true;
}

static bool open_gila(struct stream *stream, const char *path, uint32_t flags)
{
	struct file_info info;
	const char *why;
	if (!place_reach(&why))
		return failed(stream, why);
	kern_return_t error = gila_file_open(path, flags, &stream->file, &info);
	stream->is_open = !error;
	stream->size = error ? 0 : info.size;
	if (!error && info.type == FILE_TYPE_DIRECTORY)
		error = FILE_IS_DIRECTORY;
	return failed_code(stream, error);
}

bool stream_open(struct stream *stream, const char *path)
{
	const char *host = stream_host_path(path);
	*stream = (struct stream){0};
	return host ? open_host(stream, host, O_RDONLY) : open_gila(stream, path, FILE_OPEN_READ);
}

bool stream_create(struct stream *stream, const char *path)
{
	const char *host = stream_host_path(path);
	*stream = (struct stream){0};
	if (host)
		return open_host(stream, host, O_WRONLY | O_CREAT | O_TRUNC);
	return open_gila(stream, path, FILE_OPEN_WRITE | FILE_OPEN_CREATE | FILE_OPEN_TRUNCATE);
}

bool stream_read(struct stream *stream, void *to, size_t room, size_t *got)
{
	*got = 0;
	if (stream->is_host) {
		ssize_t size;
		do
			size = read(stream->descriptor, to, room);
		while (size < 0 && errno == EINTR);
		*got = size > 0 ? (size_t)size : 0;
		return size >= 0 || failed_errno(stream);
	}
	kern_return_t error = gila_file_read(stream->file, stream->offset, to, room, got);
	stream->offset += *got;
	return failed_code(stream, error);
}

bool stream_write(struct stream *stream, const void *from, size_t size)
{
	if (!stream->is_host) {
		kern_return_t error = gila_file_write(stream->file, stream->offset, from, size);
		stream->offset += size;
		return failed_code(stream, error);
	}
	for (size_t done = 0; done < size;) {
		ssize_t count = write(stream->descriptor, (const char *)from + done, size - done);
		if (count < 0 && errno != EINTR)
			return failed_errno(stream);
		done += count > 0 ? (size_t)count : 0;
	}
	return true;
}

// ---- Pieces --------------------------------------------------------------------------------------------------------

void stream_piece_make(struct stream_piece *piece) { *piece = (struct stream_piece){.bytes = memory_get(STREAM_PIECE)}; }

void stream_piece_free(struct stream_piece *piece)
{
	if (piece->shared.data)
		gila_file_buffer_drop(&piece->shared);
	else
		free(piece->bytes);
}

// If there is none to be had, the piece stays as it is.
static void piece_share(struct stream_piece *piece, mach_port_t file)
{
	struct gila_file_buffer shared;
	if (piece->shared.data || gila_file_buffer_make(file, STREAM_PIECE, &shared))
		return;
	free(piece->bytes);
	piece->shared = shared;
	piece->bytes = (char *)shared.data;
}

bool stream_read_piece(struct stream *stream, struct stream_piece *piece, size_t *got)
{
	if (!stream->is_host && stream->size >= 2 * STREAM_PIECE)
		piece_share(piece, stream->file);
	if (stream->is_host || !piece->shared.data)
		return stream_read(stream, piece->bytes, STREAM_PIECE, got);
	kern_return_t error = gila_file_read_in_place(stream->file, stream->offset, &piece->shared, 0, STREAM_PIECE, got);
	stream->offset += *got;
	return failed_code(stream, error);
}

bool stream_write_piece(struct stream *stream, const struct stream_piece *piece, size_t size)
{
	if (stream->is_host || !piece->shared.data)
		return stream_write(stream, piece->bytes, size);
	kern_return_t error = gila_file_write_in_place(stream->file, stream->offset, &piece->shared, 0, size);
	stream->offset += size;
	return failed_code(stream, error);
}

bool stream_close(struct stream *stream)
{
	bool fine = true;
	if (stream->is_open && stream->is_host)
		fine = close(stream->descriptor) == 0 || failed_errno(stream);
	else if (stream->is_open)
		gila_file_close(stream->file);
	stream->is_open = false;
	return fine;
}

bool stream_is_directory(const char *path)
{
	const char *host = stream_host_path(path), *why;
	struct file_info info;
	struct stat host_info;
	if (host)
		return place_is_host && stat(host, &host_info) == 0 && S_ISDIR(host_info.st_mode);
	return place_reach(&why) && gila_path_info(path, &info) == KERN_SUCCESS && info.type == FILE_TYPE_DIRECTORY;
}
