// SPDX-License-Identifier: MIT
// The inside of CFSocket, for its files: cfsocket.c makes them, cfsocket_events.c tells what happens to them. Facts: CFSocket.h.
#ifndef DARWIN_CF_SOCKET_H
#define DARWIN_CF_SOCKET_H

#include "ready.h"
#include "runloop.h"

#include "../libsystem/abi.h"

#include <stddef.h>

enum socket_event { // CFSocketCallBackType; the first four exclude each other but for SOCKET_CONNECT
	SOCKET_READ = 1,
	SOCKET_ACCEPT = 2,
	SOCKET_DATA = 3,
	SOCKET_CONNECT = 4,
	SOCKET_WRITE = 8
};
enum { SOCKET_READS = 3, SOCKET_LEAVES_ERRORS = 64, SOCKET_CLOSES = 128 }; // of flags, beside events that come again by themselves
enum { SOCKET_SUCCESS = 0, SOCKET_ERROR = -1, SOCKET_TIMEOUT = -2 };

struct cfsocket;
typedef void cfsocket_callback(struct cfsocket *socket, uint64_t event, const void *address, const void *data,
			       void *info);

struct cfsocket {
	struct object head;
	struct ready ready;
	int file;
	_Atomic bool invalid;
	_Atomic bool connecting;
	bool dormant; // neither connected nor listening: Linux calls it hung up, and would say so again and again
	uint64_t events, flags;
	uint64_t disabled; // SOCKET_READ: whichever of the reading events; SOCKET_CONNECT, SOCKET_WRITE
	struct source *source; // [sockets]
	cfsocket_callback *called;
	struct callback_context context;
	struct cfsocket *next; // [sockets] of all
};

// The source's function.
void cfsocket_perform(void *socket);
// Has what is wanted told again.
void cfsocket_ask(struct cfsocket *socket);
// Told in the manager's thread.
void cfsocket_tell(struct ready *ready);
// Waits at most so long; negative: for ever. POLL* of poll(2). False: the time is over.
bool cfsocket_wait(const struct cfsocket *socket, short what, double seconds);
// The address of Darwin's, as data.
struct data *cfsocket_address(const struct darwin_sockaddr *address, uint32_t size);
extern _Atomic uint32_t cfsocket_lock;

#endif
