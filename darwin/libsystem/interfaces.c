// SPDX-License-Identifier: MIT
// Network interfaces. Facts: xnu's bsd/net/if.h (IFF_*), if_dl.h (struct sockaddr_dl), if_types.h; Libinfo's <ifaddrs.h>.
#include "abi.h"
#include "errno.h"
#include "interface_data.h"
#include "socket.h"

#include <ifaddrs.h>
#include <net/if.h>
#include <netpacket/packet.h>
#include <stdlib.h>
#include <string.h>

enum { AF_LINK = 18, TYPE_ETHER = 6, TYPE_LOOP = 24, MULTICAST = 0x8000 };

struct link_address { // struct sockaddr_dl
	uint8_t length, family;
	uint16_t index;
	uint8_t type, name_length, address_length, selector_length;
	char data[24]; // name, then address
};

struct darwin_ifaddrs {
	struct darwin_ifaddrs *next;
	char *name;
	uint32_t flags;
	struct darwin_sockaddr *address, *mask, *other;
	void *data;
};

// One block for each: what its pointers point to comes with it.
struct entry {
	struct darwin_ifaddrs public;
	char name[IFNAMSIZ];
	union {
		struct darwin_sockaddr address;
		struct link_address link;
	};
	struct darwin_sockaddr mask, other;
	struct interface_data data;
};

static uint32_t flags_of(unsigned host)
{
	return (host & 0x3ff) | (host & IFF_MULTICAST ? MULTICAST : 0); // up to ALLMULTI the bits are the same
}

static struct darwin_sockaddr *address_of(const struct sockaddr *from, struct darwin_sockaddr *to)
{
	struct sockaddr_storage storage = {0};
	uint32_t size = sizeof(*to);
	if (!from || (from->sa_family != AF_INET && from->sa_family != AF_INET6))
		return NULL;
	socklen_t length = from->sa_family == AF_INET ? 16 : 28;
	memcpy(&storage, from, length);
	socket_address_to_darwin(&storage, length, to, &size);
	return to;
}

static struct darwin_sockaddr *link_of(struct entry *to, const struct sockaddr_ll *from, unsigned flags)
{
	struct link_address *link = &to->link;
	size_t name = strlen(to->name), address = from->sll_halen <= 8 ? from->sll_halen : 8;
	if (flags & IFF_LOOPBACK)
		address = 0;
	*link = (struct link_address){20, AF_LINK, (uint16_t)from->sll_ifindex, flags & IFF_LOOPBACK ? TYPE_LOOP : TYPE_ETHER, (uint8_t)name, (uint8_t)address, 0, {0}};
	memcpy(link->data, to->name, name);
	memcpy(link->data + name, from->sll_addr, address);
	if (8 + name + address > link->length)
		link->length = (uint8_t)(8 + name + address);
	struct interface_data64 data;
	interface_data_read(to->name, &data);
	data.type = link->type;
	data.address_length = link->address_length;
	to->data = interface_data_narrow(&data);
	to->public.data = &to->data;
	return (struct darwin_sockaddr *)link;
}

static struct darwin_ifaddrs *entry_of(const struct ifaddrs *from)
{
	struct entry *to = calloc(1, sizeof(*to));
	if (!to)
		return NULL;
	strncpy(to->name, from->ifa_name, sizeof(to->name) - 1);
	to->public.name = to->name;
	to->public.flags = flags_of(from->ifa_flags);
	if (from->ifa_addr && from->ifa_addr->sa_family == AF_PACKET)
		to->public.address = link_of(to, (const struct sockaddr_ll *)(const void *)from->ifa_addr, from->ifa_flags);
	else {
		to->public.address = address_of(from->ifa_addr, &to->address);
		to->public.mask = address_of(from->ifa_netmask, &to->mask);
		to->public.other = address_of(from->ifa_dstaddr, &to->other);
	}
	return &to->public;
}

void darwin_freeifaddrs(struct darwin_ifaddrs *list)
{
	while (list) {
		struct darwin_ifaddrs *next = list->next;
		free(list);
		list = next;
	}
}

int darwin_getifaddrs(struct darwin_ifaddrs **list)
{
	struct ifaddrs *found;
	struct darwin_ifaddrs **end = list;
	if (getifaddrs(&found) < 0)
		return (int)errno_result(-1);
	*list = NULL;
	for (const struct ifaddrs *from = found; from; from = from->ifa_next) {
		if (!(*end = entry_of(from))) {
			darwin_freeifaddrs(*list);
			freeifaddrs(found);
			return errno_set(DARWIN_ENOMEM);
		}
		end = &(*end)->next;
	}
	freeifaddrs(found);
	return 0;
}

unsigned darwin_if_nametoindex(const char *name)
{
	unsigned index = if_nametoindex(name);
	if (index == 0)
		errno_set(errno == ENODEV ? 6 : errno_to_darwin(errno)); // ENXIO
	return index;
}

char *darwin_if_indextoname(unsigned index, char *to)
{
	char *name = if_indextoname(index, to);
	if (!name)
		errno_result(-1);
	return name;
}
