// SPDX-License-Identifier: MIT
// The registry of IOKit, as far as Linux can fill it: the computer itself, its network interfaces (registry.c), its
// serial ports, disks and USB devices (devices.c). Facts: IOKitLib.h, IOReturn.h.
#ifndef DARWIN_REGISTRY_H
#define DARWIN_REGISTRY_H

#include "../corefoundation/object.h"

struct registry_entry {
	const char *class; // "IOPlatformExpertDevice"
	const char *super; // what it also is
	char name[128];
	uint64_t id;
	struct dictionary *properties;
};

// Calls the function with each entry in turn, parents first, as long as it returns true.
void registry_walk(bool (*visit)(void *context, struct registry_entry *entry), void *context);

#endif
