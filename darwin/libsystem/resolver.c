// SPDX-License-Identifier: MIT
// Names of hosts: getaddrinfo and getnameinfo. Facts: Libinfo's <netdb.h> (AI_*, NI_*, EAI_*, struct addrinfo).
#include "abi.h"
#include "errno.h"
#include "socket.h"

#include <netdb.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	int darwin, host;
} hints_flags[] = {{0x1, AI_PASSIVE},	   {0x2, AI_CANONNAME},	 {0x4, AI_NUMERICHOST},	  {0x100, AI_ALL},
		   {0x400, AI_ADDRCONFIG}, {0x800, AI_V4MAPPED}, {0x1000, AI_NUMERICSERV}};

// By the host's number, negated; the texts are Darwin's gai_strerror(3).
static const uint8_t errors[] = {[-EAI_BADFLAGS] = 3,	[-EAI_NONAME] = 8, [-EAI_AGAIN] = 2,	 [-EAI_FAIL] = 4,
				 [-EAI_NODATA] = 7,	[-EAI_FAMILY] = 5, [-EAI_SOCKTYPE] = 10, [-EAI_SERVICE] = 9,
				 [-EAI_ADDRFAMILY] = 1, [-EAI_MEMORY] = 6, [-EAI_SYSTEM] = 11,	 [-EAI_OVERFLOW] = 14};
static const char *const error_texts[] = {"Undefined error: 0",
					  "Address family for hostname not supported",
					  "Temporary failure in name resolution",
					  "Invalid value for ai_flags",
					  "Non-recoverable failure in name resolution",
					  "ai_family not supported",
					  "Memory allocation failure",
					  "No address associated with nodename",
					  "nodename nor servname provided, or not known",
					  "servname not supported for ai_socktype",
					  "ai_socktype not supported",
					  "System error returned in errno",
					  "Bad hints",
					  "Resolved protocol is unknown",
					  "Argument buffer overflow"};

static int error_to_darwin(int host)
{
	if (host == EAI_SYSTEM)
		errno_result(-1);
	return host >= 0 ? 0 : -host < (int)sizeof(errors) && errors[-host] ? errors[-host] : 4;
}

const char *darwin_gai_strerror(int error)
{
	return error >= 0 && error < (int)(sizeof(error_texts) / sizeof(*error_texts)) ? error_texts[error]
										       : "Unknown error";
}

void darwin_freeaddrinfo(struct darwin_addrinfo *list)
{
	while (list) {
		struct darwin_addrinfo *next = list->next;
		free(list->name);
		free(list);
		list = next;
	}
}

static struct darwin_addrinfo *entry_of(const struct addrinfo *from)
{
	struct darwin_addrinfo *to = calloc(1, sizeof(*to) + sizeof(struct darwin_sockaddr));
	if (!to)
		return NULL;
	struct sockaddr_storage address = {0};
	uint32_t size = sizeof(struct darwin_sockaddr);
	memcpy(&address, from->ai_addr, from->ai_addrlen);
	to->family = socket_family_to_darwin(from->ai_family);
	to->type = from->ai_socktype;
	to->protocol = from->ai_protocol;
	to->address = (struct darwin_sockaddr *)(to + 1);
	socket_address_to_darwin(&address, from->ai_addrlen, to->address, &size);
	to->length = size;
	to->name = from->ai_canonname ? strdup(from->ai_canonname) : NULL;
	return to;
}

int darwin_getaddrinfo(const char *node, const char *service, const struct darwin_addrinfo *hints,
		       struct darwin_addrinfo **list)
{
	struct addrinfo host = {0}, *found;
	if (hints) {
		for (size_t i = 0; i < sizeof(hints_flags) / sizeof(*hints_flags); i++)
			if (hints->flags & hints_flags[i].darwin)
				host.ai_flags |= hints_flags[i].host;
		host.ai_family = socket_family_to_host(hints->family);
		host.ai_socktype = hints->type;
		host.ai_protocol = hints->protocol;
	}
	int error = getaddrinfo(node, service, hints ? &host : NULL, &found);
	if (error)
		return error_to_darwin(error);
	struct darwin_addrinfo **end = list;
	*list = NULL;
	for (const struct addrinfo *from = found; from; from = from->ai_next) {
		if (!(*end = entry_of(from)))
			break;
		end = &(*end)->next;
	}
	freeaddrinfo(found);
	return *list ? 0 : 6;
}

int darwin_getnameinfo(const struct darwin_sockaddr *address, uint32_t size, char *node, uint32_t node_size,
		       char *service, uint32_t service_size, int flags)
{
	static const int hosts[] = {NI_NOFQDN, NI_NUMERICHOST, NI_NAMEREQD, NI_NUMERICSERV,
				    NI_DGRAM}; // Darwin's bits in order: 1, 2, 4, 8, 0x10
	struct sockaddr_storage host;
	socklen_t host_size;
	int host_flags = 0;
	if (!socket_address_to_host(address, size, &host, &host_size))
		return 5;
	for (int i = 0; i < 5; i++)
		host_flags |= flags >> i & 1 ? hosts[i] : 0;
	return error_to_darwin(
		getnameinfo((struct sockaddr *)&host, host_size, node, node_size, service, service_size, host_flags));
}
