// SPDX-License-Identifier: MIT
// Names of ports in a macOS program. The kernel's names are used as they are: their two low bits are set (docs/ipc.md).
//
// The task's and the host's names are known before there is a kernel: a task's first two names are always the same, and
// these two are the first that are asked for (mach_ready). What Linux answers has names of our own, in which the two
// low bits are not both set: they count no references, mean nothing in messages, and need no kernel.
#ifndef DARWIN_MACH_NAMES_H
#define DARWIN_MACH_NAMES_H

#include <mach/port.h>
#include <stdbool.h>
#include <stdint.h>

enum {
	MACH_TASK_SELF = 0x103,
	MACH_HOST_SELF = 0x203,
	// Our own:
	MACH_SYSTEM_CLOCK = 0x101,
	MACH_CALENDAR_CLOCK = 0x201,
	MACH_BOOTSTRAP = 0x301,
	MACH_PROCESSORS = 0x401, // the default processor set
};

// The name of a thread, by its number on Linux.
static inline uint32_t mach_thread_name(int id)
{
	return (uint32_t)id << 8 | 2;
}
// The number on Linux of a thread of this process; 0: it is no such name.
int mach_thread_id(mach_port_t name);

static inline bool mach_name_is_kernels(mach_port_t name)
{
	return (name & 3) == 3;
}
// Names that are always there: nothing is counted.
static inline bool mach_name_is_fixed(mach_port_t name)
{
	return name != MACH_PORT_NULL &&
	       (!mach_name_is_kernels(name) || name == MACH_TASK_SELF || name == MACH_HOST_SELF);
}

// To be called before every trap: joins the session's kernel, which is started if there is none, at the first call in
// this process. False: it is not to be had; traps say so, too.
bool mach_ready(void);
// A descriptor by which this process talks to the kernel: the program has not opened it, and so cannot close it.
bool mach_owns_file(int file);

#endif
