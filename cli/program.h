// SPDX-License-Identifier: MIT
// Programs that the kernel is given by command: files of the system, or (host:PATH, on the host) of the host.
#ifndef CLI_PROGRAM_H
#define CLI_PROGRAM_H

#include "cli.h"

#include <mach/port.h>

// A memory object with the program, the caller's, after a look at its headers. On failure the complaint has been made.
bool program_get(struct cli *cli, const char *path, mach_port_t *memory);

#endif
