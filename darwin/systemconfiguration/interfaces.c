// SPDX-License-Identifier: MIT
// SCNetworkInterface: the interfaces of Linux but for loopback. Facts: SCNetworkConfiguration.h; packet(7) (sockaddr_ll).
#include "network.h"

#include <ifaddrs.h>
#include <netpacket/packet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

extern const void *const darwin_kSCNetworkInterfaceTypeEthernet, *const darwin_kSCNetworkInterfaceTypeIEEE80211;

struct interface {
	struct object head;
	struct string *name, *display, *hardware; // hardware may be NULL
	bool wireless;
};

static void interface_destroy(struct object *object)
{
	struct interface *interface = (struct interface *)object;
	darwin_CFRelease(interface->name);
	darwin_CFRelease(interface->display);
	darwin_CFRelease(interface->hardware);
}

static bool interface_equal(const struct object *left, const struct object *right)
{
	return darwin_CFEqual(((const struct interface *)left)->name, ((const struct interface *)right)->name);
}

static uint64_t interface_hash(const struct object *object)
{
	return darwin_CFHash(((const struct interface *)object)->name);
}

static const struct object_type interface_type = {
	.name = "SCNetworkInterface", .destroy = interface_destroy, .equal = interface_equal, .hash = interface_hash};

static struct interface *interface_make(const char *name, const struct sockaddr_ll *link)
{
	char path[128];
	struct stat status;
	struct interface *interface = object_make(&interface_type, sizeof(*interface));
	snprintf(path, sizeof(path), "/sys/class/net/%s/wireless", name);
	interface->wireless = stat(path, &status) == 0;
	interface->name = string_format("%s", name);
	interface->display = string_format("%s (%s)", interface->wireless ? "Wi-Fi" : "Ethernet", name);
	if (link->sll_halen == 6)
		interface->hardware =
			string_format("%02x:%02x:%02x:%02x:%02x:%02x", link->sll_addr[0], link->sll_addr[1],
				      link->sll_addr[2], link->sll_addr[3], link->sll_addr[4], link->sll_addr[5]);
	return interface;
}

struct array *darwin_SCNetworkInterfaceCopyAll(void)
{
	struct ifaddrs *all = NULL;
	struct array *list = array_make(true);
	if (getifaddrs(&all))
		return list;
	for (struct ifaddrs *at = all; at; at = at->ifa_next)
		if (at->ifa_addr && at->ifa_addr->sa_family == AF_PACKET && !(at->ifa_flags & IFF_LOOPBACK))
			array_add(list, interface_make(at->ifa_name, (const struct sockaddr_ll *)at->ifa_addr));
	freeifaddrs(all);
	return list;
}

uint64_t darwin_SCNetworkInterfaceGetTypeID(void)
{
	return (uintptr_t)&interface_type;
}

const void *darwin_SCNetworkInterfaceGetBSDName(const struct interface *interface)
{
	return interface->name;
}

const void *darwin_SCNetworkInterfaceGetLocalizedDisplayName(const struct interface *interface)
{
	return interface->display;
}

const void *darwin_SCNetworkInterfaceGetHardwareAddressString(const struct interface *interface)
{
	return interface->hardware;
}

const void *darwin_SCNetworkInterfaceGetInterfaceType(const struct interface *interface)
{
	return interface->wireless ? darwin_kSCNetworkInterfaceTypeIEEE80211 : darwin_kSCNetworkInterfaceTypeEthernet;
}
