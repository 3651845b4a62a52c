// SPDX-License-Identifier: MIT
// Several messages in one call, and connecting with the first data. Facts: xnu's bsd/sys/socket.h and socket_private.h (struct msghdr_x,
// sa_endpoints_t, CONNECT_*), connectx(2), disconnectx(2). Each message is sent or received as by sendmsg and recvmsg.
#include "abi.h"
#include "errno.h"
#include "file.h"
#include "socket.h"
#include "thread.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/uio.h>

struct darwin_msghdr_x { // struct msghdr, and how many bytes
	struct darwin_msghdr message;
	uint64_t size;
};
_Static_assert(sizeof(struct darwin_msghdr_x) == 56, "struct msghdr_x");

long darwin_sendmsg(int file, const struct darwin_msghdr *message, int flags);
long darwin_recvmsg(int file, struct darwin_msghdr *message, int flags);
long darwin_writev(int file, const struct iovec *vectors, int count);
int darwin_bind(int file, const struct darwin_sockaddr *address, uint32_t size);
int darwin_connect(int file, const struct darwin_sockaddr *address, uint32_t size);

enum { DONTWAIT = 0x80 };

// How many were sent; an error only if it was none.
long darwin_sendmsg_x(int file, const struct darwin_msghdr_x *messages, unsigned count, int flags)
{
	long done = 0;
	for (; done < (long)count; done++)
		if (darwin_sendmsg(file, &messages[done].message, flags) < 0)
			return done > 0 ? done : -1;
	return done;
}

// The first may be waited for, those after it are taken if they are there. The end of a stream is a message without bytes.
long darwin_recvmsg_x(int file, struct darwin_msghdr_x *messages, unsigned count, int flags)
{
	long done = 0;
	for (; done < (long)count; done++) {
		long size = darwin_recvmsg(file, &messages[done].message, done > 0 ? flags | DONTWAIT : flags);
		if (size < 0)
			return done > 0 ? done : -1;
		messages[done].size = (uint64_t)size;
	}
	return done;
}

// ---- connectx -------------------------------------------------------------------------------------------------------

struct endpoints { // sa_endpoints_t
	uint32_t interface, pad;
	const struct darwin_sockaddr *from;
	uint32_t from_size, pad2;
	const struct darwin_sockaddr *to;
	uint32_t to_size, pad3;
};
enum { RESUME_ON_READ_WRITE = 1, DATA_IDEMPOTENT = 2, DATA_AUTHENTICATED = 4 }; // CONNECT_*: they allow more, and ask for nothing

// Data goes out when the connection stands: of a socket that does not wait, the program sends it itself (EINPROGRESS, no bytes).
int darwin_connectx(int file, const struct endpoints *endpoints, uint32_t association, unsigned flags, const struct iovec *vectors,
		    unsigned count, size_t *size, uint32_t *connection)
{
	if (!endpoints || !endpoints->to || association != 0 || (flags & ~7u))
		return errno_set(DARWIN_EINVAL);
	if (endpoints->interface &&
	    setsockopt(file, IPPROTO_IP, 50 /* IP_UNICAST_IF */, &(int){(int)__builtin_bswap32(endpoints->interface)}, sizeof(int)) < 0)
		return (int)errno_result(-1);
	if (endpoints->from && darwin_bind(file, endpoints->from, endpoints->from_size) < 0)
		return -1;
	if (size)
		*size = 0;
	if (darwin_connect(file, endpoints->to, endpoints->to_size) < 0)
		return -1;
	if (connection)
		*connection = 1;
	long sent = vectors && count > 0 ? darwin_writev(file, vectors, (int)count) : 0;
	if (size && sent > 0)
		*size = (size_t)sent;
	return sent < 0 ? -1 : 0;
}

int darwin_disconnectx(int file, uint32_t association, uint32_t connection)
{
	int type = 0;
	socklen_t size = sizeof(type);
	if (association > 0 && association != UINT32_MAX && connection != UINT32_MAX && connection > 1)
		return errno_set(DARWIN_EINVAL);
	if (getsockopt(file, SOL_SOCKET, SO_TYPE, &type, &size) < 0)
		return (int)errno_result(-1);
	if (type == SOCK_STREAM)
		return (int)errno_result(shutdown(file, SHUT_RDWR));
	return (int)errno_result(connect(file, &(struct sockaddr){.sa_family = AF_UNSPEC}, sizeof(struct sockaddr)));
}

int darwin_sockatmark(int file)
{
	return (int)errno_result(sockatmark(file));
}
