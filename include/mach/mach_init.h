// SPDX-License-Identifier: MIT
// The caller's own ports, and what the message library does besides mach_msg (lib/gila/mach.c). Names of macOS.
#ifndef MACH_MACH_INIT_H
#define MACH_MACH_INIT_H

#include <mach/message.h>
#include <mach/port.h>

// The calling task's port, kept after the first call.
mach_port_t mach_task_self(void);
// Fresh send rights, which the caller drops.
mach_port_t mach_thread_self(void);
mach_port_t mach_host_self(void);

// Drops the rights and memory in a message that was received, or could not be sent. msgh_local_port is not a right.
void mach_msg_destroy(mach_msg_header_t *message);
mach_msg_return_t mach_msg_send(mach_msg_header_t *message);

#endif
