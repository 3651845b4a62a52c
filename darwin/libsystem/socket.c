// SPDX-License-Identifier: MIT
// Sockets. Facts: xnu's bsd/sys/{socket,un}.h, bsd/netinet/in.h: addresses begin with a length byte and a family byte, where Linux
// has a family of two bytes; the rest of Internet addresses is the same.
#include "socket.h"

#include "errno.h"
#include "nosigpipe.h"

#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

int socket_family_to_host(int darwin)
{
	return darwin == DARWIN_AF_INET6 ? AF_INET6 : darwin >= 0 && darwin <= 2 ? darwin : -1; // UNSPEC, UNIX, INET
}

int socket_family_to_darwin(int host)
{
	return host == AF_INET6 ? DARWIN_AF_INET6 : host;
}

bool socket_address_to_host(const struct darwin_sockaddr *from, uint32_t size, struct sockaddr_storage *to,
			    socklen_t *to_size)
{
	int family = size >= 2 ? socket_family_to_host(from->family) : -1;
	if (family < 0 || size > sizeof(*from))
		return errno_set(family < 0 ? 47 : DARWIN_EINVAL) == 0;
	memset(to, 0, sizeof(*to));
	memcpy((char *)to + 2, from->data, size - 2);
	to->ss_family = (sa_family_t)family;
	*to_size = size;
	return true;
}

void socket_address_to_darwin(const struct sockaddr_storage *from, socklen_t size, struct darwin_sockaddr *to,
			      uint32_t *to_size)
{
	struct darwin_sockaddr whole = {0};
	if (!to || !to_size)
		return;
	if (size > sizeof(whole))
		size = sizeof(whole);
	if (size >= 2) {
		memcpy(whole.data, (const char *)from + 2, size - 2);
		whole.family = (uint8_t)socket_family_to_darwin(from->ss_family);
		if (from->ss_family == AF_UNIX && size == 2)
			size = 16; // Darwin gives sockets without a name an empty one
		whole.length = (uint8_t)size;
	}
	memcpy(to, &whole, *to_size < size ? *to_size : size);
	*to_size = size;
}

static const struct {
	int darwin, host;
} message_flags[] = {{0x1, MSG_OOB},	  {0x2, MSG_PEEK},	{0x4, MSG_DONTROUTE},
		     {0x8, MSG_EOR},	  {0x10, MSG_TRUNC},	{0x20, MSG_CTRUNC},
		     {0x40, MSG_WAITALL}, {0x80, MSG_DONTWAIT}, {0x80000, MSG_NOSIGNAL}};

int socket_flags_to_host(int darwin)
{
	int host = 0;
	for (size_t i = 0; i < sizeof(message_flags) / sizeof(*message_flags); i++)
		if (darwin & message_flags[i].darwin)
			host |= message_flags[i].host;
	return host;
}

int socket_flags_to_darwin(int host)
{
	int darwin = 0;
	for (size_t i = 0; i < sizeof(message_flags) / sizeof(*message_flags); i++)
		if (host & message_flags[i].host)
			darwin |= message_flags[i].darwin;
	return darwin;
}

int darwin_socket(int family, int type, int protocol)
{
	int host = socket_family_to_host(family);
	return host < 0 ? errno_set(47) : (int)errno_result(socket(host, type, protocol)); // EAFNOSUPPORT
}

int darwin_socketpair(int family, int type, int protocol, int ends[2])
{
	int host = socket_family_to_host(family);
	return host < 0 ? errno_set(47) : (int)errno_result(socketpair(host, type, protocol, ends));
}

int darwin_bind(int file, const struct darwin_sockaddr *address, uint32_t size)
{
	struct sockaddr_storage host;
	socklen_t host_size;
	return socket_address_to_host(address, size, &host, &host_size)
		       ? (int)errno_result(bind(file, (struct sockaddr *)&host, host_size))
		       : -1;
}

int darwin_connect(int file, const struct darwin_sockaddr *address, uint32_t size)
{
	struct sockaddr_storage host;
	socklen_t host_size;
	return socket_address_to_host(address, size, &host, &host_size)
		       ? (int)errno_result(connect(file, (struct sockaddr *)&host, host_size))
		       : -1;
}

int darwin_listen(int file, int backlog)
{
	return (int)errno_result(listen(file, backlog));
}

int darwin_accept(int file, struct darwin_sockaddr *address, uint32_t *size)
{
	struct sockaddr_storage host;
	socklen_t host_size = sizeof(host);
	int flags = fcntl(file, F_GETFL); // the new socket inherits O_NONBLOCK: accept(2)
	int result = accept4(file, (struct sockaddr *)&host, &host_size,
			     flags >= 0 && (flags & O_NONBLOCK) ? SOCK_NONBLOCK : 0);
	if (result >= 0) {
		nosigpipe_copy(file, result); // inherited: xnu's sonewconn
		socket_address_to_darwin(&host, host_size, address, size);
	}
	return (int)errno_result(result);
}

int darwin_getsockname(int file, struct darwin_sockaddr *address, uint32_t *size)
{
	struct sockaddr_storage host;
	socklen_t host_size = sizeof(host);
	int result = getsockname(file, (struct sockaddr *)&host, &host_size);
	if (result == 0)
		socket_address_to_darwin(&host, host_size, address, size);
	return (int)errno_result(result);
}

int darwin_getpeername(int file, struct darwin_sockaddr *address, uint32_t *size)
{
	struct sockaddr_storage host;
	socklen_t host_size = sizeof(host);
	int result = getpeername(file, (struct sockaddr *)&host, &host_size);
	if (result == 0)
		socket_address_to_darwin(&host, host_size, address, size);
	return (int)errno_result(result);
}

int darwin_shutdown(int file, int how)
{
	return (int)errno_result(shutdown(file, how));
}

static int send_flags(int file, int flags)
{
	return socket_flags_to_host(flags) | (nosigpipe_is(file) ? MSG_NOSIGNAL : 0);
}

long darwin_send(int file, const void *from, size_t size, int flags)
{
	return errno_result(send(file, from, size, send_flags(file, flags)));
}

long darwin_recv(int file, void *to, size_t size, int flags)
{
	return errno_result(recv(file, to, size, socket_flags_to_host(flags)));
}

long darwin_sendto(int file, const void *from, size_t size, int flags, const struct darwin_sockaddr *address,
		   uint32_t address_size)
{
	struct sockaddr_storage host;
	socklen_t host_size = 0;
	if (address && !socket_address_to_host(address, address_size, &host, &host_size))
		return -1;
	return errno_result(sendto(file, from, size, send_flags(file, flags),
				   address ? (struct sockaddr *)&host : NULL, host_size));
}

long darwin_recvfrom(int file, void *to, size_t size, int flags, struct darwin_sockaddr *address,
		     uint32_t *address_size)
{
	struct sockaddr_storage host;
	socklen_t host_size = sizeof(host);
	long result = recvfrom(file, to, size, socket_flags_to_host(flags), (struct sockaddr *)&host, &host_size);
	if (result >= 0)
		socket_address_to_darwin(&host, host_size, address, address_size);
	return errno_result(result);
}

// ---- messages -------------------------------------------------------------------------------------------------------

enum { DARWIN_SCM_RIGHTS = 1 };
#define CONTROL_ROOM 4096u

static uint32_t control_align(uint32_t size)
{
	return (size + 3) & ~3u;
}

// Descriptors travel; other control messages are the host's alone and are refused.
static bool control_to_host(const struct darwin_msghdr *from, struct msghdr *to)
{
	struct darwin_cmsghdr header;
	to->msg_controllen = 0;
	for (uint32_t at = 0; at + sizeof(header) <= from->control_length; at += control_align(header.length)) {
		memcpy(&header, (const char *)from->control + at, sizeof(header));
		if (header.length < sizeof(header) || header.length > from->control_length - at ||
		    header.level != DARWIN_SOL_SOCKET || header.type != DARWIN_SCM_RIGHTS)
			return errno_set(DARWIN_EINVAL) == 0;
		size_t size = header.length - sizeof(header);
		if (to->msg_controllen + CMSG_SPACE(size) > CONTROL_ROOM)
			return errno_set(DARWIN_EINVAL) == 0;
		struct cmsghdr *host = (struct cmsghdr *)((char *)to->msg_control + to->msg_controllen);
		*host = (struct cmsghdr){.cmsg_len = CMSG_LEN(size), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
		memcpy(CMSG_DATA(host), (const char *)from->control + at + sizeof(header), size);
		to->msg_controllen += CMSG_SPACE(size);
	}
	return true;
}

static void control_to_darwin(struct msghdr *from, struct darwin_msghdr *to)
{
	uint32_t at = 0;
	for (struct cmsghdr *host = CMSG_FIRSTHDR(from); host; host = CMSG_NXTHDR(from, host)) {
		size_t size = host->cmsg_len - CMSG_LEN(0);
		struct darwin_cmsghdr header = {(uint32_t)(sizeof(header) + size), DARWIN_SOL_SOCKET,
						DARWIN_SCM_RIGHTS};
		if (host->cmsg_level != SOL_SOCKET || host->cmsg_type != SCM_RIGHTS)
			continue;
		if (at + control_align(header.length) > to->control_length) {
			to->flags |= 0x20; // MSG_CTRUNC
			break;
		}
		memcpy((char *)to->control + at, &header, sizeof(header));
		memcpy((char *)to->control + at + sizeof(header), CMSG_DATA(host), size);
		at += control_align(header.length);
	}
	to->control_length = at;
}

long darwin_sendmsg(int file, const struct darwin_msghdr *message, int flags)
{
	struct sockaddr_storage address;
	_Alignas(struct cmsghdr) char control[CONTROL_ROOM] = {0};
	struct msghdr host = {
		.msg_iov = message->vectors, .msg_iovlen = (size_t)message->vector_count, .msg_control = control};
	if (message->name) {
		if (!socket_address_to_host(message->name, message->name_length, &address, &host.msg_namelen))
			return -1;
		host.msg_name = &address;
	}
	if (!control_to_host(message, &host))
		return -1;
	if (host.msg_controllen == 0)
		host.msg_control = NULL;
	return errno_result(sendmsg(file, &host, send_flags(file, flags)));
}

long darwin_recvmsg(int file, struct darwin_msghdr *message, int flags)
{
	struct sockaddr_storage address;
	_Alignas(struct cmsghdr) char control[CONTROL_ROOM];
	struct msghdr host = {.msg_iov = message->vectors,
			      .msg_iovlen = (size_t)message->vector_count,
			      .msg_control = control,
			      .msg_controllen = message->control ? sizeof(control) : 0,
			      .msg_name = &address,
			      .msg_namelen = sizeof(address)};
	long result = recvmsg(file, &host, socket_flags_to_host(flags));
	if (result < 0)
		return errno_result(result);
	message->flags = socket_flags_to_darwin(host.msg_flags);
	if (message->name)
		socket_address_to_darwin(&address, host.msg_namelen, message->name, &message->name_length);
	control_to_darwin(&host, message);
	return result;
}
