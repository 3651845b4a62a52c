// SPDX-License-Identifier: MIT
// dns_configuration_copy: name servers and domains as c-ares and others read them. Facts: configd's dnsinfo.h (dns_config_t, dns_resolver_t,
// packed to 4 bytes; DNSINFO_VERSION, flags). Here it is what /etc/resolv.conf says: one resolver.
#include "abi.h"

#include <netinet/in.h>
#include <resolv.h>
#include <stdlib.h>
#include <string.h>

enum { VERSION = 20170629, REQUEST_A = 2, REQUEST_AAAA = 4, REACHABLE = 2 };

#pragma pack(push, 4)
struct resolver { // dns_resolver_t
	char *domain;
	int32_t server_count;
	struct darwin_sockaddr **servers;
	uint16_t port;
	int32_t search_count;
	char **search;
	int32_t sort_count;
	void **sort;
	char *options;
	uint32_t timeout, order, interface, flags, reach, service;
	char *configuration, *interface_name;
};
struct configuration { // dns_config_t
	int32_t count;
	struct resolver **resolvers;
	int32_t scoped_count;
	struct resolver **scoped;
	uint64_t generation;
	int32_t specific_count;
	struct resolver **specific;
	uint32_t version;
};
#pragma pack(pop)
_Static_assert(sizeof(struct configuration) == 48, "dns_config_t");

// All of an answer is one block.
struct whole {
	struct configuration configuration;
	_Alignas(8) struct resolver resolver;
	_Alignas(8) struct resolver *list[1];
	struct darwin_sockaddr addresses[2 * MAXNS], *servers[2 * MAXNS];
	char *search[MAXDNSRCH + 1], texts[1100];
};

static void server_add(struct whole *to, const void *address, uint8_t size, uint8_t family)
{
	struct darwin_sockaddr *server = &to->addresses[to->resolver.server_count];
	memcpy(server, address, size);
	server->length = size;
	server->family = family;
	to->servers[to->resolver.server_count++] = server;
}

static void state_take(const struct __res_state *state, struct whole *to)
{
	size_t used = 0;
	for (int i = 0; i < state->nscount && i < MAXNS; i++)
		server_add(to, &state->nsaddr_list[i], sizeof(struct sockaddr_in), AF_INET);
	for (int i = 0; i < MAXNS; i++)
		if (state->_u._ext.nsaddrs[i] && to->resolver.server_count < 2 * MAXNS)
			server_add(to, state->_u._ext.nsaddrs[i], sizeof(struct sockaddr_in6), DARWIN_AF_INET6);
	for (int i = 0; i < MAXDNSRCH && state->dnsrch[i]; i++) {
		size_t length = strlen(state->dnsrch[i]) + 1;
		if (used + length > sizeof(to->texts))
			break;
		to->search[to->resolver.search_count++] = memcpy(to->texts + used, state->dnsrch[i], length);
		used += length;
	}
	to->resolver.timeout = (uint32_t)state->retrans;
}

void *darwin_dns_configuration_copy(void)
{
	struct whole *to = calloc(1, sizeof(*to));
	struct __res_state state;
	memset(&state, 0, sizeof(state));
	if (!to || res_ninit(&state) < 0) {
		free(to);
		return NULL;
	}
	to->resolver.servers = to->servers;
	to->resolver.search = to->search;
	to->resolver.flags = REQUEST_A | REQUEST_AAAA;
	to->resolver.reach = REACHABLE;
	to->resolver.order = 200000;
	state_take(&state, to);
	res_nclose(&state);
	to->list[0] = &to->resolver;
	to->configuration.count = 1;
	to->configuration.resolvers = to->list;
	to->configuration.generation = 1;
	to->configuration.version = VERSION;
	return to;
}

void darwin_dns_configuration_free(void *configuration) { free(configuration); }

// Nobody posts it: resolv.conf's changes are not told.
const char *darwin_dns_configuration_notify_key(void) { return "com.apple.system.SystemConfiguration.dns_configuration"; }
