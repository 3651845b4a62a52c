// SPDX-License-Identifier: MIT
// What is in the registry; see registry.h. It is made anew for each question, so that it is what Linux says now.
// Facts: IOPlatformExpert.h (IOPlatformUUID, IOPlatformSerialNumber), IONetworkController's IOMACAddress; machine-id(5).
#include "registry.h"

#include "devices.h"

#include <ctype.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netpacket/packet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

static bool line_read(const char *path, char *line, size_t room)
{
	FILE *file = fopen(path, "re");
	bool read = file && fgets(line, (int)room, file);
	if (file)
		fclose(file);
	if (read)
		line[strcspn(line, "\n")] = '\0';
	return read && *line;
}

static void put_text_data(struct dictionary *to, const char *key, const char *text)
{
	dictionary_put(to, key, darwin_CFDataCreate(NULL, (const uint8_t *)text, (int64_t)strlen(text) + 1));
}

// The machine's id as a UUID; the serial number is the board's if we may read it, else the id's beginning.
static void put_identity(struct dictionary *to)
{
	char id[64] = "", serial[128];
	bool known = line_read("/etc/machine-id", id, sizeof(id)) && strlen(id) == 32;
	for (char *at = id; known && *at; at++) {
		known = isxdigit((unsigned char)*at);
		*at = (char)toupper((unsigned char)*at);
	}
	if (known)
		dictionary_put(to, "IOPlatformUUID",
			       string_format("%.8s-%.4s-%.4s-%.4s-%.12s", id, id + 8, id + 12, id + 16, id + 20));
	if (line_read("/sys/class/dmi/id/product_serial", serial, sizeof(serial)))
		dictionary_put(to, "IOPlatformSerialNumber", string_format("%s", serial));
	else if (known)
		dictionary_put(to, "IOPlatformSerialNumber", string_format("%.12s", id));
}

static struct registry_entry computer_make(void)
{
	struct registry_entry entry = {"IOPlatformExpertDevice", "IOService", "Gila", 0x100000001, dictionary_make()};
	put_identity(entry.properties);
	put_text_data(entry.properties, "model", "Gila");
	put_text_data(entry.properties, "manufacturer", "Gila");
	put_text_data(entry.properties, "compatible", "Gila");
	dictionary_put(entry.properties, "IOClass", string_format("%s", entry.class));
	return entry;
}

static struct registry_entry interface_make(const struct ifaddrs *address, bool first)
{
	const struct sockaddr_ll *link = (const struct sockaddr_ll *)address->ifa_addr;
	struct registry_entry entry = {"IOEthernetInterface", "IONetworkInterface", "",
				       0x200000000u + (uint64_t)link->sll_ifindex, dictionary_make()};
	snprintf(entry.name, sizeof(entry.name), "%s", address->ifa_name);
	dictionary_put(entry.properties, "BSD Name", string_format("%s", address->ifa_name));
	dictionary_put(entry.properties, "IOMACAddress", darwin_CFDataCreate(NULL, link->sll_addr, link->sll_halen));
	dictionary_put(entry.properties, "IOPrimaryInterface", first ? darwin_kCFBooleanTrue : darwin_kCFBooleanFalse);
	dictionary_put(entry.properties, "IOBuiltin", darwin_kCFBooleanTrue);
	return entry;
}

static bool visit_one(bool (*visit)(void *context, struct registry_entry *entry), void *context,
		      struct registry_entry entry)
{
	bool more = visit(context, &entry);
	darwin_CFRelease(entry.properties);
	return more;
}

void registry_walk(bool (*visit)(void *context, struct registry_entry *entry), void *context)
{
	struct ifaddrs *all = NULL;
	bool first = true, more = visit_one(visit, context,
					    (struct registry_entry){"IORegistryEntry", "IORegistryEntry", "Root",
								    0x100000000, dictionary_make()});
	more = more && visit_one(visit, context, computer_make());
	if (!more)
		return;
	if (getifaddrs(&all))
		all = NULL;
	for (struct ifaddrs *at = all; at && more; at = at->ifa_next) {
		if (!at->ifa_addr || at->ifa_addr->sa_family != AF_PACKET || at->ifa_flags & IFF_LOOPBACK ||
		    ((const struct sockaddr_ll *)at->ifa_addr)->sll_halen != 6)
			continue;
		more = visit_one(visit, context, interface_make(at, first));
		first = false;
	}
	if (all)
		freeifaddrs(all);
	if (more)
		devices_walk(visit, context);
}
