// SPDX-License-Identifier: MIT
// Ports that thread_get_special_port knows. Values of macOS <mach/thread_special_ports.h>.
#ifndef MACH_THREAD_SPECIAL_PORTS_H
#define MACH_THREAD_SPECIAL_PORTS_H

#define THREAD_KERNEL_PORT 1 // the thread's control port
#define THREAD_INSPECT_PORT 2
#define THREAD_READ_PORT 3
#define THREAD_MAX_SPECIAL_PORT THREAD_READ_PORT

#endif
