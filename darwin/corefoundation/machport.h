// SPDX-License-Identifier: MIT
// CFMachPort for the rest of the system. Facts: CFMachPort.h.
#ifndef DARWIN_CF_MACH_PORT_H
#define DARWIN_CF_MACH_PORT_H

#include "runloop.h"

#include <mach/message.h>

struct cfmachport;
typedef void machport_callback(struct cfmachport *port, void *message, int64_t size, void *info);

// The kernel's: a receive right with a send right.
uint32_t machport_allocate(void);
void machport_drop(uint32_t port);
int darwin_mach_port_allocate(uint32_t task, uint32_t right, uint32_t *name);
int darwin_mach_port_mod_refs(uint32_t task, uint32_t name, uint32_t right, int delta);
int darwin_mach_port_insert_right(uint32_t task, uint32_t name, uint32_t right, uint32_t type);
int darwin_mach_port_deallocate(uint32_t task, uint32_t name);
int darwin_mach_port_type(uint32_t task, uint32_t name, uint32_t *type);
void darwin_mach_msg_destroy(mach_msg_header_t *message);
mach_msg_return_t darwin_mach_msg(mach_msg_header_t *message, mach_msg_option_t option, mach_msg_size_t send_size,
				  mach_msg_size_t receive_size, mach_port_name_t name, mach_msg_timeout_t timeout,
				  mach_port_name_t notify);

struct cfmachport *darwin_CFMachPortCreate(const void *allocator, machport_callback *called,
					   const struct callback_context *context, uint8_t *free_info);
struct source *darwin_CFMachPortCreateRunLoopSource(const void *allocator, struct cfmachport *port, int64_t order);
void darwin_CFMachPortInvalidate(struct cfmachport *port);
uint32_t darwin_CFMachPortGetPort(const struct cfmachport *port);

#endif
