// SPDX-License-Identifier: MIT
// What happens to a CFSocket: connections, data, room to write; see cfsocket.h.
#include "cfsocket.h"

#include "../libsystem/errno.h"
#include "../libsystem/futex.h"

#include <poll.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

int darwin_accept(int file, struct darwin_sockaddr *address, uint32_t *size);
int darwin_getpeername(int file, struct darwin_sockaddr *address, uint32_t *size);
long darwin_recvfrom(int file, void *to, size_t size, int flags, struct darwin_sockaddr *address,
		     uint32_t *address_size);

_Atomic uint32_t cfsocket_lock;

void cfsocket_tell(struct ready *ready)
{
	struct cfsocket *socket = (struct cfsocket *)((char *)ready - offsetof(struct cfsocket, ready));
	futex_lock(&cfsocket_lock);
	if (socket->source)
		source_tell(socket->source);
	futex_unlock(&cfsocket_lock);
}

bool cfsocket_wait(const struct cfsocket *socket, short what, double seconds)
{
	struct pollfd wait = {socket->file, what, 0};
	int milliseconds = seconds < 0 || seconds > 1e6 ? -1 : (int)(seconds * 1000);
	int count;
	do
		count = poll(&wait, 1, milliseconds);
	while (count < 0 && errno == EINTR);
	return count > 0 && wait.revents & what;
}

struct data *cfsocket_address(const struct darwin_sockaddr *address, uint32_t size)
{
	return size ? darwin_CFDataCreate(NULL, (const uint8_t *)address, size) : NULL;
}

void cfsocket_ask(struct cfsocket *socket)
{
	uint32_t what = 0;
	if (socket->invalid || socket->dormant)
		return;
	if (socket->events & SOCKET_READS && !(socket->disabled & SOCKET_READ) && !socket->connecting)
		what |= READY_READ;
	if (socket->connecting || (socket->events & SOCKET_WRITE && !(socket->disabled & SOCKET_WRITE)))
		what |= READY_WRITE;
	ready_ask(&socket->ready, what);
}

static void call(struct cfsocket *socket, enum socket_event event, const void *address, const void *data)
{
	if (!socket->invalid)
		socket->called(socket, event, address, data, socket->context.info);
}

static void connected(struct cfsocket *socket)
{
	int error = 0;
	socklen_t size = sizeof(error);
	socket->connecting = false;
	if (!(socket->flags & SOCKET_LEAVES_ERRORS))
		getsockopt(socket->file, SOL_SOCKET, SO_ERROR, &error, &size);
	int32_t darwin = error ? errno_to_darwin(error) : 0;
	if (socket->events & SOCKET_CONNECT && !(socket->disabled & SOCKET_CONNECT))
		call(socket, SOCKET_CONNECT, NULL, error ? &darwin : NULL);
	socket->disabled |= SOCKET_CONNECT; // it comes once
}

static void accepted(struct cfsocket *socket)
{
	struct darwin_sockaddr from;
	uint32_t size = sizeof(from);
	int32_t file = darwin_accept(socket->file, &from, &size);
	if (file < 0)
		return;
	struct data *address = cfsocket_address(&from, size);
	call(socket, SOCKET_ACCEPT, address, &file);
	darwin_CFRelease(address);
}

// No bytes: the other side has closed, or it is an empty datagram.
static void received(struct cfsocket *socket)
{
	struct darwin_sockaddr from;
	uint32_t size = sizeof(from);
	int there = 0;
	if (ioctl(socket->file, FIONREAD, &there) < 0 || there < 2048)
		there = 2048;
	uint8_t *bytes = malloc((size_t)there);
	if (!bytes)
		abort();
	long count = darwin_recvfrom(socket->file, bytes, (size_t)there, 0, &from, &size);
	struct data *data = darwin_CFDataCreate(NULL, bytes, count < 0 ? 0 : count);
	struct data *address = count > 0 && size > 0 ? cfsocket_address(&from, size) : NULL;
	if (!address) {
		size = sizeof(from);
		address = darwin_getpeername(socket->file, &from, &size) == 0 ? cfsocket_address(&from, size) : NULL;
	}
	call(socket, SOCKET_DATA, address, data);
	if (count <= 0)
		socket->disabled |= SOCKET_READ; // there is nothing more to tell
	darwin_CFRelease(address);
	darwin_CFRelease(data);
	free(bytes);
}

static bool is_dormant(const struct cfsocket *socket)
{
	struct sockaddr_storage peer;
	socklen_t size = sizeof(peer);
	struct pollfd look = {socket->file, POLLIN, 0};
	return poll(&look, 1, 0) > 0 && look.revents & POLLHUP && !(look.revents & POLLIN) &&
	       getpeername(socket->file, (struct sockaddr *)&peer, &size) < 0;
}

// Events that do not come again by themselves are disabled before they are told: the function may enable them.
static bool begin(struct cfsocket *socket, uint64_t event, uint64_t bit)
{
	if (socket->disabled & bit)
		return false;
	if ((socket->flags & event) != event)
		socket->disabled |= bit;
	return true;
}

void cfsocket_perform(void *object)
{
	struct cfsocket *socket = object;
	uint32_t what = ready_take(&socket->ready);
	uint64_t reads = socket->events & SOCKET_READS;
	if (what & READY_WRITE && socket->connecting)
		connected(socket);
	socket->dormant = what && is_dormant(socket);
	if (socket->dormant)
		return;
	// It was readable; another may have read it since.
	if (what & READY_READ && reads && cfsocket_wait(socket, POLLIN, 0) && begin(socket, reads, SOCKET_READ)) {
		if (reads == SOCKET_READ)
			call(socket, SOCKET_READ, NULL, NULL);
		else if (reads == SOCKET_ACCEPT)
			accepted(socket);
		else if (reads == SOCKET_DATA)
			received(socket);
	}
	if (what & READY_WRITE && socket->events & SOCKET_WRITE && begin(socket, SOCKET_WRITE, SOCKET_WRITE))
		call(socket, SOCKET_WRITE, NULL, NULL);
	cfsocket_ask(socket);
}
