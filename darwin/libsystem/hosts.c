// SPDX-License-Identifier: MIT
// gethostbyname and its kin, textual addresses. Facts: Libinfo's <netdb.h> (struct hostent is the same but for AF_INET6), inet(3).
#include "abi.h"
#include "errno.h"
#include "socket.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int darwin_h_errno; // HOST_NOT_FOUND 1, TRY_AGAIN 2, NO_RECOVERY 3, NO_DATA 4 in both

static struct hostent *answer(struct hostent *host)
{
	if (host)
		host->h_addrtype = socket_family_to_darwin(host->h_addrtype);
	else
		darwin_h_errno = h_errno;
	return host;
}

struct hostent *darwin_gethostbyname(const char *name)
{
	return answer(gethostbyname(name));
}

struct hostent *darwin_gethostbyname2(const char *name, int family)
{
	return answer(gethostbyname2(name, socket_family_to_host(family)));
}

struct hostent *darwin_gethostbyaddr(const void *address, uint32_t size, int family)
{
	return answer(gethostbyaddr(address, size, socket_family_to_host(family)));
}

struct hostent *darwin_gethostent(void)
{
	return answer(gethostent());
}

// Facts: getipnodebyname(3): the answer is the caller's, to be freed; here it is one block.
static struct hostent *host_copy(const struct hostent *from, int *error)
{
	size_t count = 0;
	*error = from ? 0 : darwin_h_errno;
	if (!from)
		return NULL;
	while (from->h_addr_list[count])
		count++;
	size_t length = (size_t)from->h_length, pointers = (count + 2) * sizeof(char *);
	struct hostent *to = calloc(1, sizeof(*to) + pointers + count * length + strlen(from->h_name) + 1);
	if (!to) {
		*error = 3;
		return NULL;
	}
	*to = *from;
	to->h_addr_list = (char **)(to + 1);
	to->h_aliases = to->h_addr_list + count + 1;
	char *at = (char *)(to + 1) + pointers;
	for (size_t i = 0; i < count; i++, at += length)
		to->h_addr_list[i] = memcpy(at, from->h_addr_list[i], length);
	to->h_name = strcpy(at, from->h_name);
	return to;
}

struct hostent *darwin_getipnodebyname(const char *name, int family, int flags, int *error)
{
	(void)flags;
	return host_copy(darwin_gethostbyname2(name, family), error);
}

struct hostent *darwin_getipnodebyaddr(const void *address, size_t size, int family, int *error)
{
	return host_copy(darwin_gethostbyaddr(address, (uint32_t)size, family), error);
}

void darwin_freehostent(struct hostent *host)
{
	free(host);
}

const char *darwin_hstrerror(int error)
{
	return hstrerror(error);
}

void darwin_herror(const char *what)
{
	fprintf(stderr, "%s%s%s\n", what ? what : "", what && *what ? ": " : "", hstrerror(darwin_h_errno));
}

const char *darwin_inet_ntop(int family, const void *from, char *to, uint32_t room)
{
	const char *text = inet_ntop(socket_family_to_host(family), from, to, room);
	if (!text)
		errno_result(-1);
	return text;
}

int darwin_inet_pton(int family, const char *from, void *to)
{
	return (int)errno_result(inet_pton(socket_family_to_host(family), from, to));
}

// Groups of all hosts and routers: RFC 4291 2.7.1.
const uint8_t darwin_in6addr_nodelocal_allnodes[16] = {0xff, 1, [15] = 1};
const uint8_t darwin_in6addr_linklocal_allnodes[16] = {0xff, 2, [15] = 1};
const uint8_t darwin_in6addr_linklocal_allrouters[16] = {0xff, 2, [15] = 2};
