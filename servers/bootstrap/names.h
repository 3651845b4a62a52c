// SPDX-License-Identifier: MIT
// Names and the ports that have them: a table of bounded size. It knows ports as numbers; rights are its user's.
#ifndef BOOTSTRAP_NAMES_H
#define BOOTSTRAP_NAMES_H

#include <gila/bootstrap.h>
#include <mach/port.h>
#include <stdbool.h>

#define NAMES_MOST 4096u

// The port that has the name; MACH_PORT_NULL: nobody.
mach_port_t names_find(const char *name);
// BOOTSTRAP_ACTIVE: somebody has it. BOOTSTRAP_NO_MEMORY: NAMES_MOST are in use, or no memory.
int names_add(const char *name, mach_port_t port);
// All names of the port. Returns how many it had.
unsigned names_drop(mach_port_t port);

#endif
