// SPDX-License-Identifier: MIT
// sysctl of PF_ROUTE: interfaces, addresses and routes as Go's net package, netstat and others read them. Facts: xnu's bsd/net/route.h
// (struct rt_msghdr, RTM_*, RTA_*, RTF_*), bsd/net/if.h (struct if_msghdr, ifa_msghdr, if_msghdr2), route(4): a message is a head and
// addresses in the order of their bits, each on 4 bytes; proc(5): /proc/net/route and ipv6_route.
#include "abi.h"
#include "errno.h"
#include "interface_data.h"
#include "sysctl.h"

#include <net/if.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { NET_DUMP = 1, NET_FLAGS, NET_INTERFACES, NET_INTERFACES2 = 6, NET_DUMP2 };			 // NET_RT_*
enum { MESSAGE_GET = 4, MESSAGE_ADDRESS = 0xc, MESSAGE_INTERFACE = 0xe, MESSAGE_INTERFACE2 = 0x12, MESSAGE_GET2 = 0x14 }; // RTM_*
enum { HAS_DESTINATION = 1, HAS_GATEWAY = 2, HAS_MASK = 4, HAS_INTERFACE = 0x10, HAS_ADDRESS = 0x20, HAS_BROADCAST = 0x80 }; // RTA_*
enum { ROUTE_UP = 1, ROUTE_GATEWAY = 2, ROUTE_HOST = 4, ROUTE_STATIC = 0x800, ROUTE_SCOPED = 0x1000000, LINK_FAMILY = 18, VERSION = 5 };

struct darwin_ifaddrs {
	struct darwin_ifaddrs *next;
	char *name;
	uint32_t flags;
	struct darwin_sockaddr *address, *mask, *other;
	void *data;
};
int darwin_getifaddrs(struct darwin_ifaddrs **list);
void darwin_freeifaddrs(struct darwin_ifaddrs *list);

struct head { // what all messages begin with
	uint16_t size;
	uint8_t version, type;
};
struct interface_head { // struct if_msghdr
	struct head head;
	int32_t addresses, flags;
	uint16_t index, pad;
	struct interface_data data;
};
struct interface_head2 { // struct if_msghdr2
	struct head head;
	int32_t addresses, flags;
	uint16_t index, pad;
	int32_t queued, queue_most, drops, timer;
	struct interface_data64 data;
};
struct address_head { // struct ifa_msghdr
	struct head head;
	int32_t addresses, flags;
	uint16_t index, pad;
	int32_t metric;
};
struct route_head { // struct rt_msghdr; of rt_msghdr2 process, number and error have other names
	struct head head;
	uint16_t index, pad;
	int32_t flags, addresses, process, number, error, uses;
	uint32_t inits, metrics[14];
};
_Static_assert(sizeof(struct interface_head) == 112 && sizeof(struct interface_head2) == 160 && sizeof(struct address_head) == 20 &&
		       sizeof(struct route_head) == 92,
	       "<net/if.h>, <net/route.h>");

struct answer {
	char *at;
	size_t used, room;
	bool failed;
};

static void put(struct answer *to, const void *from, size_t size)
{
	size_t whole = (size + 3) & ~(size_t)3;
	if (to->used + whole > to->room) {
		char *more = realloc(to->at, to->room * 2 + whole + 4096);
		to->failed |= !more;
		if (!more)
			return;
		to->at = more;
		to->room = to->room * 2 + whole + 4096;
	}
	memset(to->at + to->used, 0, whole);
	memcpy(to->at + to->used, from, size);
	to->used += whole;
}

static void put_address(struct answer *to, const struct darwin_sockaddr *address)
{
	if (address)
		put(to, address, address->length < 4 ? 4 : address->length);
}

// The head was written at `start`: now it is known how long the message is.
static void message_end(struct answer *to, size_t start)
{
	uint16_t size = (uint16_t)(to->used - start);
	if (!to->failed)
		memcpy(to->at + start, &size, sizeof(size));
}

// ---- interfaces -----------------------------------------------------------------------------------------------------

static void put_interface(struct answer *to, const struct darwin_ifaddrs *interface, bool second)
{
	size_t start = to->used;
	struct interface_data64 data;
	const struct interface_data *known = interface->data;
	uint16_t index = (uint16_t)if_nametoindex(interface->name);
	interface_data_read(interface->name, &data);
	data.type = known->type;
	data.address_length = known->address_length;
	if (second) {
		struct interface_head2 head = {{0, VERSION, MESSAGE_INTERFACE2}, HAS_INTERFACE, (int32_t)interface->flags, index, 0, 0, 50, 0, 0, data};
		put(to, &head, sizeof(head));
	} else {
		struct interface_head head = {{0, VERSION, MESSAGE_INTERFACE}, HAS_INTERFACE, (int32_t)interface->flags, index, 0, interface_data_narrow(&data)};
		put(to, &head, sizeof(head));
	}
	put_address(to, interface->address);
	message_end(to, start);
}

static void put_interface_address(struct answer *to, const struct darwin_ifaddrs *of)
{
	size_t start = to->used;
	bool broadcast = of->other && (of->flags & 2); // IFF_BROADCAST
	struct address_head head = {{0, VERSION, MESSAGE_ADDRESS},
				    HAS_ADDRESS | (of->mask ? HAS_MASK : 0) | (broadcast ? HAS_BROADCAST : 0),
				    0,
				    (uint16_t)if_nametoindex(of->name),
				    0,
				    0};
	put(to, &head, sizeof(head));
	put_address(to, of->mask);
	put_address(to, of->address);
	put_address(to, broadcast ? of->other : NULL);
	message_end(to, start);
}

static int interfaces_put(struct answer *to, int family, int index, bool second)
{
	struct darwin_ifaddrs *list;
	if (darwin_getifaddrs(&list) < 0)
		return -1;
	for (const struct darwin_ifaddrs *at = list; at; at = at->next) {
		if (!at->address || at->address->family != LINK_FAMILY || (index && (int)if_nametoindex(at->name) != index))
			continue;
		put_interface(to, at, second);
		for (const struct darwin_ifaddrs *other = list; other; other = other->next)
			if (other->address && other->address->family != LINK_FAMILY && strcmp(other->name, at->name) == 0 && (!family || other->address->family == family))
				put_interface_address(to, other);
	}
	darwin_freeifaddrs(list);
	return 0;
}

// ---- routes ---------------------------------------------------------------------------------------------------------

struct route {
	char interface[IFNAMSIZ];
	uint8_t family, size; // of an address: 4 or 16 bytes
	uint8_t destination[16], gateway[16], mask[16];
	uint32_t flags; // Linux': RTF_UP 1, RTF_GATEWAY 2, RTF_HOST 4 are Darwin's, too
};

static void put_internet(struct answer *to, const struct route *route, const uint8_t *bytes)
{
	struct darwin_sockaddr address = {.length = route->size == 4 ? 16 : 28, .family = route->family};
	memcpy(address.data + (route->size == 4 ? 2 : 6), bytes, route->size); // behind the port, and of IPv6 the flow
	put(to, &address, address.length);
}

static void put_mask(struct answer *to, const struct route *route)
{
	static const uint8_t nothing[16];
	if (memcmp(route->mask, nothing, route->size) == 0)
		put(to, nothing, 4); // of the default route: an address without bytes
	else
		put_internet(to, route, route->mask);
}

static void put_route(struct answer *to, const struct route *route, bool second)
{
	size_t start = to->used;
	uint16_t index = (uint16_t)if_nametoindex(route->interface);
	bool host = route->flags & ROUTE_HOST;
	int32_t flags = (int32_t)(route->flags & 7) | (route->flags & ROUTE_GATEWAY ? ROUTE_STATIC : 0);
	struct route_head head = {.head = {0, VERSION, second ? MESSAGE_GET2 : MESSAGE_GET},
				  .index = index,
				  .flags = flags,
				  .addresses = HAS_DESTINATION | HAS_GATEWAY | (host ? 0 : HAS_MASK)};
	put(to, &head, sizeof(head));
	put_internet(to, route, route->destination);
	if (route->flags & ROUTE_GATEWAY)
		put_internet(to, route, route->gateway);
	else {
		uint8_t link[20] = {20, LINK_FAMILY};
		memcpy(link + 2, &index, 2);
		put(to, link, sizeof(link));
	}
	if (!host)
		put_mask(to, route);
	message_end(to, start);
}

static bool route_read(const char *line, struct route *to)
{
	uint32_t destination, gateway, mask;
	*to = (struct route){.family = AF_INET, .size = 4};
	if (sscanf(line, "%15s %x %x %x %*d %*u %*d %x", to->interface, &destination, &gateway, &to->flags, &mask) != 5)
		return false;
	memcpy(to->destination, &destination, 4); // words of the network's order, read as the machine's
	memcpy(to->gateway, &gateway, 4);
	memcpy(to->mask, &mask, 4);
	if (mask == UINT32_MAX)
		to->flags |= ROUTE_HOST;
	return to->flags & ROUTE_UP;
}

static bool hexadecimal_read(const char *text, uint8_t to[16])
{
	unsigned byte;
	for (int i = 0; i < 16; i++)
		if (sscanf(text + 2 * i, "%2x", &byte) != 1)
			return false;
		else
			to[i] = (uint8_t)byte;
	return true;
}

static bool route6_read(const char *line, struct route *to)
{
	char destination[33], gateway[33];
	unsigned length;
	*to = (struct route){.family = DARWIN_AF_INET6, .size = 16};
	if (sscanf(line, "%32s %x %*s %*x %32s %*x %*x %*x %x %15s", destination, &length, gateway, &to->flags, to->interface) != 5 || length > 128 ||
	    !hexadecimal_read(destination, to->destination) || !hexadecimal_read(gateway, to->gateway))
		return false;
	for (unsigned i = 0; i < length; i++)
		to->mask[i / 8] |= (uint8_t)(0x80 >> i % 8);
	if (length == 128)
		to->flags |= ROUTE_HOST;
	return (to->flags & ROUTE_UP) && !(to->flags & 0x200); // RTF_REJECT
}

static void routes_put(struct answer *to, const char *path, bool (*read)(const char *, struct route *), uint32_t flags, bool second)
{
	FILE *table = fopen(path, "re");
	char line[256];
	struct route route;
	while (table && fgets(line, sizeof(line), table))
		if (read(line, &route) && (!flags || (route.flags & flags)))
			put_route(to, &route, second);
	if (table)
		fclose(table);
}

// numbers: CTL_NET, PF_ROUTE, 0, the family, what, the interface or flags.
int sysctl_route(const int numbers[6], void *to, size_t *room)
{
	struct answer answer = {0};
	int result = 0, family = numbers[3];
	bool second = numbers[4] == NET_INTERFACES2 || numbers[4] == NET_DUMP2;
	switch (numbers[4]) {
	case NET_INTERFACES:
	case NET_INTERFACES2: result = interfaces_put(&answer, family, numbers[5], second); break;
	case NET_DUMP:
	case NET_DUMP2:
	case NET_FLAGS: {
		uint32_t flags = numbers[4] == NET_FLAGS ? (uint32_t)numbers[5] : 0;
		if (family == 0 || family == AF_INET)
			routes_put(&answer, "/proc/net/route", route_read, flags, second);
		if (family == 0 || family == DARWIN_AF_INET6)
			routes_put(&answer, "/proc/net/ipv6_route", route6_read, flags, second);
		break;
	}
	default: return errno_set(DARWIN_EINVAL);
	}
	if (result == 0 && answer.failed)
		result = errno_set(DARWIN_ENOMEM);
	if (result == 0)
		result = sysctl_answer(answer.at ? answer.at : "", answer.used, to, room);
	free(answer.at);
	return result;
}
