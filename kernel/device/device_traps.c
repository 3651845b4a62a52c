// SPDX-License-Identifier: MIT
// Devices by trap (abi/device_traps.defs).
#include "../task/task.h"
#include "../task/thread.h"

#include <abi/trap_kernel.h>
#include <gila/device.h>

#define NO_DEVICE ((uint64_t)KERN_NOT_FOUND << 32)

kern_return_t trap_device_info(struct thread *self, user_addr_t info) { return KERN_NOT_FOUND; }
uint64_t trap_device_property(struct thread *self, user_addr_t name, uint32_t name_size, user_addr_t value, uint32_t size)
{
	return NO_DEVICE;
}
kern_return_t trap_device_map(struct thread *self, uint32_t region, user_addr_t address, user_addr_t size)
{
	return KERN_NOT_FOUND;
}
kern_return_t trap_device_irq(struct thread *self, uint32_t index, mach_port_name_t port) { return KERN_NOT_FOUND; }
kern_return_t trap_device_irq_ack(struct thread *self, uint32_t index) { return KERN_NOT_FOUND; }
uint64_t trap_dma_alloc(struct thread *self, uint64_t size) { return NO_DEVICE; }
kern_return_t trap_dma_address(struct thread *self, mach_port_name_t memory, user_addr_t address) { return KERN_NOT_FOUND; }
uint64_t trap_device_descriptor(struct thread *self, uint32_t kind, uint32_t index) { return NO_DEVICE; }
uint64_t trap_dma_descriptor(struct thread *self, mach_port_name_t memory) { return NO_DEVICE; }
