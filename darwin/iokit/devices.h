// SPDX-License-Identifier: MIT
// Devices in IOKit's registry, of /sys.
#ifndef DARWIN_DEVICES_H
#define DARWIN_DEVICES_H

#include "registry.h"

// As registry_walk. False: the function had enough.
bool devices_walk(bool (*visit)(void *context, struct registry_entry *entry), void *context);
// The first line of a file of /sys. False: it cannot be read.
bool sys_read(const char *folder, const char *name, char *text, size_t room);

#endif
