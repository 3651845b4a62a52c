// SPDX-License-Identifier: MIT
// Pairs of streams over a socket: one that is there, one that is connected when a stream is opened, or two ends in the program.
// See stream.h. TLS is not there: its properties are refused.
//
// A *connection* is what the two streams of a pair share: the socket, and the thread that looks up the host and connects meanwhile.
#include "constant.h"
#include "stream.h"

#include "../libsystem/errno.h"
#include "../libsystem/futex.h"
#include "../libsystem/socket.h"
#include "../libsystem/thread.h"

#include <errno.h>
#include <limits.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

CONSTANT_NAMED(kCFStreamPropertySocketNativeHandle);
CONSTANT_NAMED(kCFStreamPropertySocketRemoteHostName);
CONSTANT_NAMED(kCFStreamPropertySocketRemotePortNumber);
CONSTANT_NAMED(kCFStreamPropertyShouldCloseNativeSocket);

int darwin_close(int file);

enum connection_state { CONNECTION_MADE, CONNECTION_WORKS, CONNECTION_DONE }; // open, the thread's end
struct connection {
	_Atomic uint32_t references; // the streams', and the thread's
	_Atomic uint32_t state;	     // enum connection_state; a futex word
	_Atomic uint32_t lock;
	struct stream *streams[2];	    // [lock] reading, writing; NULL: gone, or never there
	char *host, port[8];		    // or
	struct sockaddr_storage address;    // of `size`
	socklen_t size;
	int type, protocol;
	int file, error; // once it is done
	bool closes;
};

static void connection_release(struct connection *connection)
{
	if (--connection->references > 0)
		return;
	if (connection->file >= 0 && connection->closes)
		darwin_close(connection->file);
	free(connection->host);
	free(connection);
}

static struct connection *connection_make(void)
{
	struct connection *connection = calloc(1, sizeof(*connection));
	if (!connection)
		abort();
	connection->references = 1;
	connection->file = -1;
	connection->closes = true;
	return connection;
}

// ---- connecting -----------------------------------------------------------------------------------------------------

static int connect_one(struct connection *connection, int family, int type, int protocol,
		       const struct sockaddr *address, socklen_t size)
{
	int file = socket(family, type | SOCK_CLOEXEC, protocol);
	if (file >= 0 && connect(file, address, size) == 0) {
		connection->file = file;
		return 0;
	}
	int error = errno;
	if (file >= 0)
		close(file);
	return error;
}

static int connect_host(struct connection *connection)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *found = NULL;
	int error = getaddrinfo(connection->host, connection->port, &hints, &found) ? EHOSTUNREACH : ECONNREFUSED;
	for (struct addrinfo *at = found; at && connection->file < 0; at = at->ai_next)
		error = connect_one(connection, at->ai_family, at->ai_socktype, at->ai_protocol, at->ai_addr,
				    at->ai_addrlen);
	if (found)
		freeaddrinfo(found);
	return connection->file >= 0 ? 0 : error;
}

static void *connect_main(void *argument)
{
	struct connection *connection = argument;
	connection->error = connection->host ? connect_host(connection)
					     : connect_one(connection, connection->address.ss_family, connection->type,
							   connection->protocol, (struct sockaddr *)&connection->address,
							   connection->size);
	connection->state = CONNECTION_DONE;
	futex_wake(&connection->state, INT_MAX);
	futex_lock(&connection->lock);
	for (int i = 0; i < 2; i++)
		if (connection->streams[i] && connection->streams[i]->state == STREAM_OPENING)
			stream_tell(connection->streams[i], connection->error ? STREAM_ERROR : STREAM_OPENED);
	futex_unlock(&connection->lock);
	connection_release(connection);
	return NULL;
}

// What it came to, for this stream. False: it failed.
static bool connection_finish(struct stream *stream)
{
	struct connection *connection = stream->connection;
	while (connection->state == CONNECTION_WORKS)
		futex_wait(&connection->state, CONNECTION_WORKS, NULL, false);
	stream->file = connection->file;
	if (connection->file >= 0) {
		stream->state = STREAM_OPEN;
		return true;
	}
	stream->code = errno_to_darwin(connection->error);
	stream->state = STREAM_FAILED;
	return false;
}

static bool pair_open(struct stream *stream)
{
	struct connection *connection = stream->connection;
	uint32_t made = CONNECTION_MADE;
	pthread_t thread;
	if (connection->file >= 0) { // it was given, or the other stream's opening is done
		stream->file = connection->file;
		return true;
	}
	stream->state = STREAM_OPENING;
	if (!atomic_compare_exchange_strong(&connection->state, &made, CONNECTION_WORKS)) {
		if (made == CONNECTION_DONE)
			stream_tell(stream, connection->file < 0 ? STREAM_ERROR : STREAM_OPENED);
		return true;
	}
	connection->references++;
	if (thread_start_helper(&thread, connect_main, connection)) {
		connection->references--;
		connection->error = EAGAIN;
		connection->state = CONNECTION_DONE;
		return connection_finish(stream);
	}
	return true;
}

// ---- the kind -------------------------------------------------------------------------------------------------------

static int64_t pair_move(struct stream *stream, uint8_t *bytes, int64_t count)
{
	if (stream->state == STREAM_OPENING && !connection_finish(stream))
		return -1;
	return stream_file_move(stream, bytes, count);
}

static bool pair_can(struct stream *stream)
{
	if (stream->state == STREAM_OPENING && (stream->connection->state == CONNECTION_WORKS || !connection_finish(stream)))
		return false;
	return stream_file_can(stream);
}

static void pair_ask(struct stream *stream)
{
	if (stream->state != STREAM_OPENING || connection_finish(stream))
		stream_file_ask(stream);
}

// The other stream goes on; what was written is all that comes.
static void pair_close(struct stream *stream)
{
	struct connection *connection = stream->connection;
	futex_lock(&connection->lock);
	connection->streams[stream->writes] = NULL;
	futex_unlock(&connection->lock);
	ready_close(&stream->ready);
	if (stream->file >= 0 && stream->writes && connection->closes)
		shutdown(stream->file, SHUT_WR);
	stream->file = -1;
}

static const void *pair_get(struct stream *stream, const void *key)
{
	const struct connection *connection = stream->connection;
	if (darwin_CFEqual(key, darwin_kCFStreamPropertySocketNativeHandle) && connection->file >= 0) {
		int32_t file = connection->file;
		return darwin_CFDataCreate(NULL, (const uint8_t *)&file, sizeof(file));
	}
	if (darwin_CFEqual(key, darwin_kCFStreamPropertySocketRemoteHostName))
		return connection->host ? string_from_text(connection->host) : NULL;
	if (darwin_CFEqual(key, darwin_kCFStreamPropertySocketRemotePortNumber))
		return connection->host ? number_make(atoi(connection->port)) : NULL;
	if (darwin_CFEqual(key, darwin_kCFStreamPropertyShouldCloseNativeSocket))
		return connection->closes ? darwin_kCFBooleanTrue : darwin_kCFBooleanFalse;
	return NULL;
}

static bool pair_set(struct stream *stream, const void *key, const void *value)
{
	if (!darwin_CFEqual(key, darwin_kCFStreamPropertyShouldCloseNativeSocket))
		return false;
	stream->connection->closes = darwin_CFBooleanGetValue(value);
	return true;
}

static void pair_destroy(struct stream *stream)
{
	struct connection *connection = stream->connection;
	futex_lock(&connection->lock); // it was never opened
	connection->streams[stream->writes] = NULL;
	futex_unlock(&connection->lock);
	connection_release(connection);
}

static const struct stream_kind pair_kind = {.open = pair_open,
					     .move = pair_move,
					     .can = pair_can,
					     .ask = pair_ask,
					     .close = pair_close,
					     .get = pair_get,
					     .set = pair_set,
					     .destroy = pair_destroy};

static struct stream *pair_stream(struct connection *connection, bool writes)
{
	struct stream *stream = stream_make(&pair_kind, writes);
	connection->references++;
	stream->connection = connection;
	connection->streams[writes] = stream;
	return stream;
}

static void pair_make(struct connection *connection, struct stream **reads, struct stream **writes)
{
	if (reads)
		*reads = pair_stream(connection, false);
	if (writes)
		*writes = pair_stream(connection, true);
	connection_release(connection);
}

void darwin_CFStreamCreatePairWithSocket(const void *allocator, int file, struct stream **reads, struct stream **writes)
{
	struct connection *connection = connection_make();
	connection->file = file;
	connection->closes = false; // unless the program says so
	pair_make(connection, reads, writes);
}

void darwin_CFStreamCreatePairWithSocketToHost(const void *allocator, const void *host, uint32_t port,
					       struct stream **reads, struct stream **writes)
{
	struct connection *connection = connection_make();
	connection->host = string_to_utf8(host);
	snprintf(connection->port, sizeof(connection->port), "%u", port & 0xffff);
	pair_make(connection, reads, writes);
}

struct signature { // CFSocketSignature
	int32_t family, type, protocol;
	const struct data *address;
};

void darwin_CFStreamCreatePairWithPeerSocketSignature(const void *allocator, const struct signature *signature,
						      struct stream **reads, struct stream **writes)
{
	struct connection *connection = connection_make();
	socket_address_to_host((const struct darwin_sockaddr *)(const void *)darwin_CFDataGetBytePtr(signature->address),
			       (uint32_t)darwin_CFDataGetLength(signature->address), &connection->address,
			       &connection->size);
	connection->type = signature->type;
	connection->protocol = signature->protocol;
	pair_make(connection, reads, writes);
}

// What is written to the one is read from the other: each has an end of a pair of sockets.
void darwin_CFStreamCreateBoundPair(const void *allocator, struct stream **reads, struct stream **writes, int64_t room)
{
	int ends[2] = {-1, -1};
	*reads = *writes = NULL;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
		return;
	struct connection *one = connection_make(), *other = connection_make();
	one->file = ends[0];
	other->file = ends[1];
	pair_make(one, reads, NULL);
	pair_make(other, NULL, writes);
}
