// SPDX-License-Identifier: MIT
// Programs as the system runs them: static-PIE ELF files of this machine's kind. gila_program_load reads one from the file systems
// and looks at it before the kernel is given it (seat.set_image, device.add_driver), so that a wrong file is refused with its reason,
// not found out by a launch.
#ifndef GILA_PROGRAM_H
#define GILA_PROGRAM_H

#include <gila/gila.h>

#define GILA_PROGRAM_MAX (UINT64_C(256) << 20) // bytes; what the kernel takes
#define GILA_REASON_MAX 160u

// A memory object with the program at `path`, the caller's. Errors of files, KERN_INVALID_ARGUMENT (no such program),
// KERN_RESOURCE_SHORTAGE; each with a reason for people.
kern_return_t gila_program_load(const char *path, mach_port_t *memory, char reason[GILA_REASON_MAX]) GILA_CHECKED;
// NULL: the bytes can be launched, as far as its headers tell; else why not.
const char *gila_program_check(const void *data, size_t size);

#endif
