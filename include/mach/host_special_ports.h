// SPDX-License-Identifier: MIT
// Ports that host_get_special_port knows and that Gila has. Values of macOS <mach/host_special_ports.h>.
#ifndef MACH_HOST_SPECIAL_PORTS_H
#define MACH_HOST_SPECIAL_PORTS_H

#define HOST_SECURITY_PORT 0
#define HOST_MIN_SPECIAL_PORT HOST_SECURITY_PORT
#define HOST_PORT 1
#define HOST_PRIV_PORT 2
#define HOST_IO_MAIN_PORT 3
#define HOST_MAX_SPECIAL_KERNEL_PORT 7 // those above are set by servers
#define HOST_LAST_SPECIAL_KERNEL_PORT HOST_IO_MAIN_PORT
#define HOST_MAX_SPECIAL_PORT (28 + HOST_MAX_SPECIAL_KERNEL_PORT)

#define HOST_LOCAL_NODE -1

#endif
