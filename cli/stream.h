// SPDX-License-Identifier: MIT
// A file that is read or written from its start on: one of Gila's, or (with the prefix "host:", on the host) one of the host's.
//
// Functions return 0 or an error: a kern_return_t of the file interface, or for host files an errno, as a text from
// stream_reason. A stream that was not opened may be closed.
#ifndef CLI_STREAM_H
#define CLI_STREAM_H

#include <gila/file.h>
#include <mach/port.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define STREAM_HOST "host:"

struct stream {
	bool is_open, is_host;
	int descriptor;	     // is_host
	mach_port_t file;    // else
	uint64_t offset;
	uint64_t size;	     // else, as it was opened
	bool ended;
	const char *why;     // the reason of the last failure
};

// All of these return false on failure, with `why` set.
bool stream_open(struct stream *stream, const char *path);
// Makes or empties the file.
bool stream_create(struct stream *stream, const char *path);
// *got is 0 at the end.
bool stream_read(struct stream *stream, void *to, size_t room, size_t *got);
bool stream_write(struct stream *stream, const void *from, size_t size);
// Where what is read goes, and what is written comes from. Once a large file of Gila's is read with it, it is memory that file servers
// share, so that what is read and written again is not copied here.
#define STREAM_PIECE ((size_t)1 << 20)
struct stream_piece {
	char *bytes;
	struct gila_file_buffer shared; // data NULL: the bytes are this program's alone
};
void stream_piece_make(struct stream_piece *piece);
void stream_piece_free(struct stream_piece *piece);
// As above; at most STREAM_PIECE bytes.
bool stream_read_piece(struct stream *stream, struct stream_piece *piece, size_t *got);
bool stream_write_piece(struct stream *stream, const struct stream_piece *piece, size_t size);
// Host files may fail only here.
bool stream_close(struct stream *stream);

// Whether the path is one of the host's, which is then behind the prefix.
const char *stream_host_path(const char *path);
// Whether there is a directory at the path, in either world.
bool stream_is_directory(const char *path);

#endif
