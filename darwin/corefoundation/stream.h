// SPDX-License-Identifier: MIT
// CFReadStream and CFWriteStream: bytes in order from or to memory, a file, a socket. Facts: CFStream.h.
//
// stream.c is what programs call; what a stream is of is its *kind*: stream_memory.c, stream_file.c, stream_socket.c.
// 1. A stream is used by one thread at a time; only stream_tell is called by others.
// 2. A kind reports an error by stream_fail, which makes the state STREAM_FAILED.
#ifndef DARWIN_STREAM_H
#define DARWIN_STREAM_H

#include "ready.h"
#include "runloop.h"

enum stream_state { // CFStreamStatus
	STREAM_MADE,
	STREAM_OPENING,
	STREAM_OPEN,
	STREAM_READING,
	STREAM_WRITING,
	STREAM_AT_END,
	STREAM_CLOSED,
	STREAM_FAILED
};
enum stream_event { // CFStreamEventType
	STREAM_OPENED = 1,
	STREAM_CAN_READ = 2,
	STREAM_CAN_WRITE = 4,
	STREAM_ERROR = 8,
	STREAM_ENDED = 16
};

struct stream;
struct stream_kind {
	bool (*open)(struct stream *stream); // the state becomes STREAM_OPEN unless it was set to STREAM_OPENING. False: it failed
	int64_t (*move)(struct stream *stream, uint8_t *bytes, int64_t count); // reads or writes; -1: it failed
	bool (*can)(struct stream *stream); // without waiting; of one that is opening, sees how far that is
	void (*ask)(struct stream *stream); // tells STREAM_CAN_* when it can; of one that is opening, ends that
	void (*close)(struct stream *stream);
	const void *(*get)(struct stream *stream, const void *key); // a property, with a reference; or NULL
	bool (*set)(struct stream *stream, const void *key, const void *value);
	void (*destroy)(struct stream *stream);
};

struct stream {
	struct object head;
	const struct stream_kind *kind; // [I]
	bool writes;			// [I]
	_Atomic enum stream_state state;
	_Atomic int32_t code; // the POSIX error of Darwin's
	uint64_t events;      // STREAM_*, those that the program wants
	_Atomic uint32_t happened;
	void (*called)(struct stream *stream, uint64_t event, void *info);
	struct callback_context context;
	struct source *source;	      // once it was scheduled
	struct dispatch_queue *queue; // or where it is told
	// Of the kind:
	uint8_t *bytes; // stream_memory.c
	int64_t count, at, room;
	const void *lender;
	int file; // stream_file.c, stream_socket.c; -1: none
	bool closes, appends;
	char *path;
	struct ready ready;
	struct connection *connection;
};

struct stream *stream_make(const struct stream_kind *kind, bool writes);
// Returns -1.
int64_t stream_fail(struct stream *stream, int darwin_error);
int64_t stream_fail_host(struct stream *stream, int host_error);
void stream_tell(struct stream *stream, enum stream_event event);
bool stream_is_told(const struct stream *stream); // somebody is called when something happens
static inline enum stream_event stream_can(const struct stream *stream)
{
	return stream->writes ? STREAM_CAN_WRITE : STREAM_CAN_READ;
}

// stream_file.c, for sockets too: a descriptor that is open.
int64_t stream_file_move(struct stream *stream, uint8_t *bytes, int64_t count);
bool stream_file_can(struct stream *stream);
void stream_file_ask(struct stream *stream);
void stream_file_close(struct stream *stream);

#endif
