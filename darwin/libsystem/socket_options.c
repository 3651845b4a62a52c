// SPDX-License-Identifier: MIT
// Options of sockets. Facts: xnu's bsd/sys/socket.h, bsd/netinet/{in,tcp}.h, bsd/netinet6/in6.h; socket(7), ip(7), ipv6(7), tcp(7).
#include "abi.h"
#include "errno.h"
#include "nosigpipe.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

enum kind { NUMBER, LINGER, TIME, ERRNO, NOSIGPIPE };

static const struct option {
	int level, darwin, host;
	enum kind kind;
} options[] = {
	{SOL_SOCKET, 0x0001, SO_DEBUG, NUMBER},
	{SOL_SOCKET, 0x0002, SO_ACCEPTCONN, NUMBER},
	{SOL_SOCKET, 0x0004, SO_REUSEADDR, NUMBER},
	{SOL_SOCKET, 0x0008, SO_KEEPALIVE, NUMBER},
	{SOL_SOCKET, 0x0010, SO_DONTROUTE, NUMBER},
	{SOL_SOCKET, 0x0020, SO_BROADCAST, NUMBER},
	{SOL_SOCKET, 0x0080, SO_LINGER, LINGER},
	{SOL_SOCKET, 0x1080, SO_LINGER, LINGER},
	{SOL_SOCKET, 0x0100, SO_OOBINLINE, NUMBER},
	{SOL_SOCKET, 0x0200, SO_REUSEPORT, NUMBER},
	{SOL_SOCKET, 0x1001, SO_SNDBUF, NUMBER},
	{SOL_SOCKET, 0x1002, SO_RCVBUF, NUMBER},
	{SOL_SOCKET, 0x1003, SO_SNDLOWAT, NUMBER},
	{SOL_SOCKET, 0x1004, SO_RCVLOWAT, NUMBER},
	{SOL_SOCKET, 0x1005, SO_SNDTIMEO, TIME},
	{SOL_SOCKET, 0x1006, SO_RCVTIMEO, TIME},
	{SOL_SOCKET, 0x1007, SO_ERROR, ERRNO},
	{SOL_SOCKET, 0x1008, SO_TYPE, NUMBER},
	{SOL_SOCKET, 0x1022, 0, NOSIGPIPE}, // SO_NOSIGPIPE
	{IPPROTO_IP, 2, IP_HDRINCL, NUMBER},
	{IPPROTO_IP, 3, IP_TOS, NUMBER},
	{IPPROTO_IP, 4, IP_TTL, NUMBER},
	{IPPROTO_IP, 9, IP_MULTICAST_IF, NUMBER},
	{IPPROTO_IP, 10, IP_MULTICAST_TTL, NUMBER},
	{IPPROTO_IP, 11, IP_MULTICAST_LOOP, NUMBER},
	{IPPROTO_IP, 12, IP_ADD_MEMBERSHIP, NUMBER},
	{IPPROTO_IP, 13, IP_DROP_MEMBERSHIP, NUMBER},
	{IPPROTO_IP, 26, IP_PKTINFO, NUMBER},
	{IPPROTO_IP, 27, IP_RECVTOS, NUMBER},
	{IPPROTO_IPV6, 4, IPV6_UNICAST_HOPS, NUMBER},
	{IPPROTO_IPV6, 9, IPV6_MULTICAST_IF, NUMBER},
	{IPPROTO_IPV6, 10, IPV6_MULTICAST_HOPS, NUMBER},
	{IPPROTO_IPV6, 11, IPV6_MULTICAST_LOOP, NUMBER},
	{IPPROTO_IPV6, 12, IPV6_JOIN_GROUP, NUMBER},
	{IPPROTO_IPV6, 13, IPV6_LEAVE_GROUP, NUMBER},
	{IPPROTO_IPV6, 27, IPV6_V6ONLY, NUMBER},
	{IPPROTO_IPV6, 35, IPV6_RECVTCLASS, NUMBER},
	{IPPROTO_IPV6, 36, IPV6_TCLASS, NUMBER},
	{IPPROTO_IPV6, 61, IPV6_RECVPKTINFO, NUMBER},
	{IPPROTO_TCP, 1, TCP_NODELAY, NUMBER},
	{IPPROTO_TCP, 2, TCP_MAXSEG, NUMBER},
	{IPPROTO_TCP, 4, TCP_CORK, NUMBER},
	{IPPROTO_TCP, 0x10, TCP_KEEPIDLE, NUMBER},
	{IPPROTO_TCP, 0x101, TCP_KEEPINTVL, NUMBER},
	{IPPROTO_TCP, 0x102, TCP_KEEPCNT, NUMBER},
};

static const struct option *option_find(int level, int name)
{
	if (level == DARWIN_SOL_SOCKET)
		level = SOL_SOCKET;
	for (size_t i = 0; i < sizeof(options) / sizeof(*options); i++)
		if (options[i].level == level && options[i].darwin == name)
			return &options[i];
	return NULL;
}

int darwin_setsockopt(int file, int level, int name, const void *value, uint32_t size)
{
	const struct option *option = option_find(level, name);
	if (!option)
		return errno_set(42); // ENOPROTOOPT
	if (option->kind == NOSIGPIPE) {
		int error = size < sizeof(int) ? DARWIN_EINVAL : nosigpipe_set(file, *(const int *)value != 0);
		return error ? errno_set(error) : 0;
	}
	if (option->kind == TIME) {
		struct darwin_timeval from;
		if (size < sizeof(from))
			return errno_set(DARWIN_EINVAL);
		memcpy(&from, value, sizeof(from));
		struct timeval host = {from.seconds, from.microseconds};
		return (int)errno_result(setsockopt(file, option->level, option->host, &host, sizeof(host)));
	}
	return (int)errno_result(setsockopt(file, option->level, option->host, value, size));
}

int darwin_getsockopt(int file, int level, int name, void *value, uint32_t *size)
{
	const struct option *option = option_find(level, name);
	if (!option)
		return errno_set(42);
	if (*size < sizeof(int) || (option->kind == TIME && *size < sizeof(struct darwin_timeval)))
		return errno_set(DARWIN_EINVAL);
	if (option->kind == NOSIGPIPE) {
		*(int *)value = nosigpipe_is(file);
		*size = sizeof(int);
		return 0;
	}
	if (option->kind == TIME) {
		struct timeval host;
		socklen_t host_size = sizeof(host);
		int result = getsockopt(file, option->level, option->host, &host, &host_size);
		if (result == 0) {
			*(struct darwin_timeval *)value =
				(struct darwin_timeval){host.tv_sec, (int32_t)host.tv_usec, 0};
			*size = sizeof(struct darwin_timeval);
		}
		return (int)errno_result(result);
	}
	int result = getsockopt(file, option->level, option->host, value, size);
	if (result == 0 && option->kind == ERRNO && *size >= sizeof(int))
		*(int *)value = errno_to_darwin(*(int *)value);
	return (int)errno_result(result);
}
