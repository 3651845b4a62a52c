// SPDX-License-Identifier: MIT
// Interrupts of devices as messages (struct device_interrupt) to their drivers' ports.
//
// To have one sent call interrupt_bind. Sending allocates nothing: each binding has a message that is lent to the queue and
// comes back when it was received. While it is away further interrupts are only counted.
// 1. A line is enabled in the machine while it has bindings; several devices may share it.
// 2. A binding is referenced by its interrupt while bound, and by its message while that is away.
// Lock: RANK_INTERRUPT, one for all lines. Nothing is sent or released under it.
#ifndef KERNEL_DEVICE_INTERRUPT_H
#define KERNEL_DEVICE_INTERRUPT_H

#include "../core/alloc.h"
#include "../ipc/right.h"

struct binding;

struct interrupt {
	uint32_t line;           // [I] of the machine
	uint32_t index;          // [I] of the device
	struct binding *binding; // [interrupt lock] a reference; NULL: nobody listens
};

void interrupt_module_init(void);
// From now on interrupts go to `port` (a send right, consumed on success), instead of where they went before; charged to
// `account`. KERN_RESOURCE_SHORTAGE, KERN_INVALID_ARGUMENT (the machine has no such line), KERN_NOT_SUPPORTED.
kern_return_t must_check interrupt_bind(struct interrupt *interrupt, struct account *account, struct right port);
// To nobody any more. One that is under way may still arrive.
void interrupt_unbind(struct interrupt *interrupt);
// False: nobody listens.
bool interrupt_is_bound(struct interrupt *interrupt);

#endif
