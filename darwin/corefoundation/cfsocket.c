// SPDX-License-Identifier: MIT
// CFSocket: a socket and a run loop; see cfsocket.h. Addresses are Darwin's structures in CFData.
#include "cfsocket.h"

#include "../libsystem/errno.h"
#include "../libsystem/futex.h"
#include "../libsystem/thread.h"

#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

int darwin_socket(int family, int type, int protocol);
int darwin_bind(int file, const struct darwin_sockaddr *address, uint32_t size);
int darwin_connect(int file, const struct darwin_sockaddr *address, uint32_t size);
int darwin_listen(int file, int backlog);
int darwin_close(int file);
int darwin_getsockname(int file, struct darwin_sockaddr *address, uint32_t *size);
int darwin_getpeername(int file, struct darwin_sockaddr *address, uint32_t *size);
long darwin_sendto(int file, const void *from, size_t size, int flags, const struct darwin_sockaddr *address,
		   uint32_t address_size);
void darwin_CFSocketInvalidate(struct cfsocket *socket);

struct signature { // CFSocketSignature
	int32_t family, type, protocol;
	const struct data *address;
};

static struct cfsocket *sockets; // [cfsocket_lock] valid ones

static void socket_unlink(struct cfsocket *socket)
{
	futex_lock(&cfsocket_lock);
	for (struct cfsocket **at = &sockets; *at; at = &(*at)->next)
		if (*at == socket) {
			*at = socket->next;
			break;
		}
	futex_unlock(&cfsocket_lock);
}

static void invalidate(struct cfsocket *socket)
{
	if (atomic_exchange(&socket->invalid, true))
		return;
	socket_unlink(socket);
	ready_close(&socket->ready);
	if (socket->flags & SOCKET_CLOSES)
		darwin_close(socket->file);
	context_drop(&socket->context);
}

static void socket_destroy(struct object *object)
{
	invalidate((struct cfsocket *)object);
}

static const struct object_type socket_type = {.name = "CFSocket", .destroy = socket_destroy};

uint64_t darwin_CFSocketGetTypeID(void)
{
	return (uintptr_t)&socket_type;
}

// The one that is there for the descriptor, or a new one.
struct cfsocket *darwin_CFSocketCreateWithNative(const void *allocator, int file, uint64_t events,
						 cfsocket_callback *called, const struct callback_context *context)
{
	if (file < 0 || fcntl(file, F_GETFD) < 0)
		return NULL;
	futex_lock(&cfsocket_lock);
	for (struct cfsocket *at = sockets; at; at = at->next)
		if (at->file == file) {
			darwin_CFRetain(at);
			futex_unlock(&cfsocket_lock);
			return at;
		}
	futex_unlock(&cfsocket_lock);
	struct cfsocket *socket = object_make(&socket_type, sizeof(*socket));
	ready_open(&socket->ready, file, cfsocket_tell);
	socket->file = file;
	socket->events = called ? events : 0;
	socket->flags = SOCKET_READS | SOCKET_CLOSES; // as CFSocket.h says of a new one
	socket->called = called;
	context_take(&socket->context, context);
	futex_lock(&cfsocket_lock);
	socket->next = sockets;
	sockets = socket;
	futex_unlock(&cfsocket_lock);
	return socket;
}

// TCP by IPv4 unless it is said otherwise.
struct cfsocket *darwin_CFSocketCreate(const void *allocator, int32_t family, int32_t type, int32_t protocol,
				       uint64_t events, cfsocket_callback *called,
				       const struct callback_context *context)
{
	enum { INET = 2, STREAM = 1 };
	family = family > 0 ? family : INET;
	type = type > 0 ? type : family == INET ? STREAM : 0;
	int file = darwin_socket(family, type, protocol > 0 ? protocol : 0);
	if (file < 0)
		return NULL;
	fcntl(file, F_SETFD, FD_CLOEXEC);
	struct cfsocket *socket = darwin_CFSocketCreateWithNative(allocator, file, events, called, context);
	if (!socket)
		darwin_close(file);
	return socket;
}

static const struct darwin_sockaddr *address_of(const struct data *data, uint32_t *size)
{
	*size = data ? (uint32_t)darwin_CFDataGetLength(data) : 0;
	return data ? (const struct darwin_sockaddr *)(const void *)darwin_CFDataGetBytePtr(data) : NULL;
}

// Binds it; what has connections listens for them.
int64_t darwin_CFSocketSetAddress(struct cfsocket *socket, const struct data *address)
{
	uint32_t size;
	const struct darwin_sockaddr *name = address_of(address, &size);
	if (socket->invalid || !name || size < 2 || darwin_bind(socket->file, name, size) < 0)
		return SOCKET_ERROR;
	darwin_listen(socket->file, 256);
	socket->dormant = false;
	if (socket->source)
		cfsocket_ask(socket);
	return SOCKET_SUCCESS;
}

static int64_t connect_and_wait(struct cfsocket *socket, double seconds)
{
	int error = 0;
	socklen_t size = sizeof(error);
	if (!cfsocket_wait(socket, POLLOUT, seconds))
		return SOCKET_TIMEOUT;
	getsockopt(socket->file, SOL_SOCKET, SO_ERROR, &error, &size);
	if (error)
		errno_set(errno_to_darwin(error));
	return error ? SOCKET_ERROR : SOCKET_SUCCESS;
}

// A time below 0: it connects meanwhile, and the function is told.
int64_t darwin_CFSocketConnectToAddress(struct cfsocket *socket, const struct data *address, double seconds)
{
	enum { DARWIN_EINPROGRESS = 36 };
	uint32_t size;
	const struct darwin_sockaddr *name = address_of(address, &size);
	if (socket->invalid || !name || size < 2)
		return SOCKET_ERROR;
	int flags = fcntl(socket->file, F_GETFL);
	fcntl(socket->file, F_SETFL, flags | O_NONBLOCK);
	int result = darwin_connect(socket->file, name, size);
	bool waits = result < 0 && thread_self()->error == DARWIN_EINPROGRESS;
	int64_t done = result == 0 || waits ? SOCKET_SUCCESS : SOCKET_ERROR;
	if (waits && seconds >= 0)
		done = connect_and_wait(socket, seconds);
	socket->dormant = false;
	socket->connecting = done == SOCKET_SUCCESS && (seconds < 0 || socket->events & SOCKET_CONNECT);
	if (done == SOCKET_SUCCESS)
		cfsocket_ask(socket);
	if (!(waits && seconds < 0))
		fcntl(socket->file, F_SETFL, flags);
	return done;
}

static struct cfsocket *signature_use(const struct signature *signature, uint64_t events, cfsocket_callback *called,
				      const struct callback_context *context, bool connects, double seconds)
{
	struct cfsocket *socket = darwin_CFSocketCreate(NULL, signature->family, signature->type, signature->protocol,
							events, called, context);
	if (!socket)
		return NULL;
	int64_t done = connects ? darwin_CFSocketConnectToAddress(socket, signature->address, seconds)
				: darwin_CFSocketSetAddress(socket, signature->address);
	if (done == SOCKET_SUCCESS)
		return socket;
	darwin_CFSocketInvalidate(socket);
	darwin_CFRelease(socket);
	return NULL;
}

struct cfsocket *darwin_CFSocketCreateWithSocketSignature(const void *allocator, const struct signature *signature,
							  uint64_t events, cfsocket_callback *called,
							  const struct callback_context *context)
{
	return signature_use(signature, events, called, context, false, 0);
}

struct cfsocket *darwin_CFSocketCreateConnectedToSocketSignature(const void *allocator,
								 const struct signature *signature, uint64_t events,
								 cfsocket_callback *called,
								 const struct callback_context *context, double seconds)
{
	return signature_use(signature, events, called, context, true, seconds);
}

// ---- what it is -----------------------------------------------------------------------------------------------------

void darwin_CFSocketInvalidate(struct cfsocket *socket)
{
	darwin_CFRetain(socket);
	invalidate(socket);
	futex_lock(&cfsocket_lock);
	struct source *source = socket->source;
	socket->source = NULL;
	futex_unlock(&cfsocket_lock);
	if (source)
		darwin_CFRunLoopSourceInvalidate(source);
	darwin_CFRelease(source);
	darwin_CFRelease(socket);
}

uint8_t darwin_CFSocketIsValid(const struct cfsocket *socket)
{
	return !socket->invalid;
}

int darwin_CFSocketGetNative(const struct cfsocket *socket)
{
	return socket->invalid ? -1 : socket->file;
}

void darwin_CFSocketGetContext(const struct cfsocket *socket, struct callback_context *context)
{
	*context = socket->context;
}

struct data *darwin_CFSocketCopyAddress(const struct cfsocket *socket)
{
	struct darwin_sockaddr address;
	uint32_t size = sizeof(address);
	return darwin_getsockname(socket->file, &address, &size) == 0 ? cfsocket_address(&address, size) : NULL;
}

struct data *darwin_CFSocketCopyPeerAddress(const struct cfsocket *socket)
{
	struct darwin_sockaddr address;
	uint32_t size = sizeof(address);
	return darwin_getpeername(socket->file, &address, &size) == 0 ? cfsocket_address(&address, size) : NULL;
}

uint64_t darwin_CFSocketGetSocketFlags(const struct cfsocket *socket)
{
	return socket->flags;
}

void darwin_CFSocketSetSocketFlags(struct cfsocket *socket, uint64_t flags)
{
	socket->flags = flags;
}

void darwin_CFSocketEnableCallBacks(struct cfsocket *socket, uint64_t events)
{
	uint64_t bits = (events & SOCKET_READS ? SOCKET_READ : 0u) | (events & (SOCKET_CONNECT | SOCKET_WRITE));
	socket->disabled &= ~bits;
	socket->dormant = false;
	cfsocket_ask(socket);
}

void darwin_CFSocketDisableCallBacks(struct cfsocket *socket, uint64_t events)
{
	uint64_t bits = (events & SOCKET_READS ? SOCKET_READ : 0u) | (events & (SOCKET_CONNECT | SOCKET_WRITE));
	socket->disabled |= bits;
	ready_forget(&socket->ready, (bits & SOCKET_READ ? READY_READ : 0) |
					     (bits & SOCKET_WRITE && !socket->connecting ? READY_WRITE : 0));
}

// One for all that ask.
struct source *darwin_CFSocketCreateRunLoopSource(const void *allocator, struct cfsocket *socket, int64_t order)
{
	if (socket->invalid)
		return NULL;
	if (!socket->source) {
		struct source *source = source_of_object(socket, order, cfsocket_perform);
		futex_lock(&cfsocket_lock);
		socket->source = source;
		futex_unlock(&cfsocket_lock);
		cfsocket_ask(socket);
	}
	return (struct source *)(uintptr_t)darwin_CFRetain(socket->source);
}

// All of it, or an error; the time is for each time that there is no room.
int64_t darwin_CFSocketSendData(struct cfsocket *socket, const struct data *address, const struct data *data,
				double seconds)
{
	uint32_t size;
	const struct darwin_sockaddr *name = address_of(address, &size);
	const uint8_t *bytes = darwin_CFDataGetBytePtr(data);
	int64_t left = darwin_CFDataGetLength(data);
	do {
		if (socket->invalid)
			return SOCKET_ERROR;
		if (!cfsocket_wait(socket, POLLOUT, seconds))
			return SOCKET_TIMEOUT;
		long sent = darwin_sendto(socket->file, bytes, (size_t)left, 0, name, size);
		if (sent < 0 && thread_self()->error != DARWIN_EAGAIN && thread_self()->error != DARWIN_EINTR)
			return SOCKET_ERROR;
		bytes += sent > 0 ? sent : 0;
		left -= sent > 0 ? sent : 0;
	} while (left > 0);
	return SOCKET_SUCCESS;
}
