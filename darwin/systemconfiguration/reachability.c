// SPDX-License-Identifier: MIT
// SCNetworkReachability: whether packets to a host have a way, as the routes are now. Facts: SCNetworkReachability.h.
//
// A socket that is connected without sending anything tells whether there is a route, and from which address. Names are looked up when
// flags are asked for, which may take as long as that takes.
#include "reachability.h"

#include "network.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { FLAG_REACHABLE = 0x2, FLAG_LOCAL = 0x10000, FLAG_DIRECT = 0x20000 };

static void reachability_destroy(struct object *object)
{
	reachability_forget((struct reachability *)object);
	free(((struct reachability *)object)->name);
}

static const struct object_type reachability_type = {.name = "SCNetworkReachability", .destroy = reachability_destroy};

uint64_t darwin_SCNetworkReachabilityGetTypeID(void)
{
	return (uintptr_t)&reachability_type;
}

struct reachability *darwin_SCNetworkReachabilityCreateWithName(const void *allocator, const char *name)
{
	if (!name || !*name) {
		sc_fail(SC_INVALID_ARGUMENT);
		return NULL;
	}
	struct reachability *target = object_make(&reachability_type, sizeof(*target));
	target->name = strdup(name);
	return target;
}

// Darwin's sockaddr begins with its size; AF_INET6 is 30 there. Facts: xnu's bsd/sys/socket.h.
struct reachability *darwin_SCNetworkReachabilityCreateWithAddress(const void *allocator, const uint8_t *address)
{
	enum { DARWIN_INET = 2, DARWIN_INET6 = 30 };
	uint8_t size = address[0], family = address[1];
	if (family == DARWIN_INET ? size != sizeof(struct sockaddr_in)
				  : family != DARWIN_INET6 || size != sizeof(struct sockaddr_in6)) {
		sc_fail(SC_INVALID_ARGUMENT);
		return NULL;
	}
	struct reachability *target = object_make(&reachability_type, sizeof(*target));
	memcpy(&target->address, address, size);
	target->address.any.sa_family = family == DARWIN_INET ? AF_INET : AF_INET6;
	target->size = size;
	return target;
}

struct reachability *darwin_SCNetworkReachabilityCreateWithAddressPair(const void *allocator, const uint8_t *local,
								       const uint8_t *remote)
{
	return darwin_SCNetworkReachabilityCreateWithAddress(allocator, remote ? remote : local);
}

static bool is_any(const struct sockaddr *address)
{
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)address;
	return address->sa_family == AF_INET ? ((const struct sockaddr_in *)address)->sin_addr.s_addr == 0
					     : IN6_IS_ADDR_UNSPECIFIED(&v6->sin6_addr);
}

// In the net of one of our interfaces.
static bool is_direct(const struct sockaddr_in *address)
{
	struct ifaddrs *all = NULL;
	bool found = false;
	if (getifaddrs(&all))
		return false;
	for (struct ifaddrs *at = all; at && !found; at = at->ifa_next) {
		const struct sockaddr_in *mine = (const struct sockaddr_in *)at->ifa_addr,
					 *mask = (const struct sockaddr_in *)at->ifa_netmask;
		found = mine && mask && mine->sin_family == AF_INET &&
			((mine->sin_addr.s_addr ^ address->sin_addr.s_addr) & mask->sin_addr.s_addr) == 0;
	}
	freeifaddrs(all);
	return found;
}

static uint32_t flags_of(const struct sockaddr *address, socklen_t size)
{
	struct sockaddr_in6 copy = {0}, mine = {0};
	struct route route;
	socklen_t room = sizeof(mine);
	if (address->sa_family == AF_INET && is_any(address)) // "is there a network at all?"
		return network_default_route(&route) ? FLAG_REACHABLE : 0;
	memcpy(&copy, address, size);
	copy.sin6_port = htons(9); // in the same place for both families; nothing is sent
	int file = socket(address->sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool reachable = file >= 0 && connect(file, (struct sockaddr *)&copy, size) == 0 &&
			 getsockname(file, (struct sockaddr *)&mine, &room) == 0;
	if (file >= 0)
		close(file);
	if (!reachable)
		return 0;
	const struct sockaddr_in *to = (const struct sockaddr_in *)address, *from = (const struct sockaddr_in *)&mine;
	bool v4 = address->sa_family == AF_INET;
	bool local = v4 ? to->sin_addr.s_addr == from->sin_addr.s_addr
			: memcmp(&copy.sin6_addr, &mine.sin6_addr, sizeof(mine.sin6_addr)) == 0;
	return FLAG_REACHABLE | (local ? FLAG_LOCAL : 0) | (local || (v4 && is_direct(to)) ? FLAG_DIRECT : 0);
}

uint8_t darwin_SCNetworkReachabilityGetFlags(const struct reachability *target, uint32_t *flags)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *found = NULL;
	*flags = 0;
	if (!target->name) {
		*flags = flags_of(&target->address.any, target->size);
		return 1;
	}
	if (getaddrinfo(target->name, NULL, &hints, &found) != 0)
		return 1; // not reachable
	for (struct addrinfo *at = found; at && !*flags; at = at->ai_next)
		*flags = at->ai_family == AF_INET || at->ai_family == AF_INET6 ? flags_of(at->ai_addr, at->ai_addrlen)
									       : 0;
	freeaddrinfo(found);
	return 1;
}
