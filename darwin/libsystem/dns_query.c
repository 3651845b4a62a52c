// SPDX-License-Identifier: MIT
// dns_open, dns_query, dns_search of libresolv's <dns.h>: questions to the name servers. Facts: Libresolv's dns.h; a handle's fields are its
// own. Errors are negative, as of res_query.
#include "abi.h"
#include "errno.h"

#include <netinet/in.h>
#include <resolv.h>
#include <stdlib.h>
#include <string.h>

struct handle { // dns_handle_t
	char *domain;
};

void *darwin_dns_open(const char *name)
{
	struct handle *handle = calloc(1, sizeof(*handle)); // names of single servers ("mdns", a file of /etc/resolver) are those of all here
	if (handle && name)
		handle->domain = strdup(name);
	return handle;
}

void darwin_dns_free(struct handle *handle)
{
	if (handle)
		free(handle->domain);
	free(handle);
}

static int answered(int size, struct darwin_sockaddr *from, uint32_t *from_size)
{
	if (size < 0)
		return -1;
	if (from && from_size && *from_size >= 16) { // which server it was is not told: the first
		struct __res_state state;
		memset(&state, 0, sizeof(state));
		memset(from, 0, 16);
		if (res_ninit(&state) == 0 && state.nscount > 0)
			memcpy(from, &state.nsaddr_list[0], 16);
		res_nclose(&state);
		from->length = 16;
		from->family = 2;
		*from_size = 16;
	}
	return size;
}

int darwin_dns_query(struct handle *handle, const char *name, uint32_t class, uint32_t type, unsigned char *to, uint32_t room,
		     struct darwin_sockaddr *from, uint32_t *from_size)
{
	return handle ? answered(res_query(name, (int)class, (int)type, to, (int)room), from, from_size) : -1;
}

int darwin_dns_search(struct handle *handle, const char *name, uint32_t class, uint32_t type, unsigned char *to, uint32_t room,
		      struct darwin_sockaddr *from, uint32_t *from_size)
{
	return handle ? answered(res_search(name, (int)class, (int)type, to, (int)room), from, from_size) : -1;
}

// Domains that are searched: NULL behind the last one.
char *darwin_dns_search_list_domain(struct handle *handle, uint32_t index)
{
	struct __res_state state;
	memset(&state, 0, sizeof(state));
	char *domain = NULL;
	if (!handle || res_ninit(&state) < 0)
		return NULL;
	uint32_t count = 0;
	while (count < MAXDNSRCH && state.dnsrch[count])
		count++;
	if (index < count)
		domain = strdup(state.dnsrch[index]);
	res_nclose(&state);
	return domain;
}

uint32_t darwin_dns_search_list_count(struct handle *handle)
{
	uint32_t count = 0;
	for (char *domain; (domain = darwin_dns_search_list_domain(handle, count)); count++)
		free(domain);
	return count;
}
