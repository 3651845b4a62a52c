// SPDX-License-Identifier: MIT
// What a driver does with its device: thin functions over abi/device_traps.defs, so that tests without a kernel define them
// themselves. The device is the one that this program was launched for.
#ifndef DRIVER_DRIVER_H
#define DRIVER_DRIVER_H

#include <gila/device.h>
#include <gila/gila.h>

kern_return_t driver_info(struct device_info *info) GILA_CHECKED;
// At most `room` bytes; *size is the whole size. KERN_NOT_FOUND.
kern_return_t driver_property(const char *name, void *value, size_t room, size_t *size) GILA_CHECKED;
// Maps a region of registers.
kern_return_t driver_map(uint32_t region, void **address, uint64_t *size) GILA_CHECKED;
// An I/O port of the device (its property gila,ports): of that range, in one access of 1, 2 or 4 bytes.
kern_return_t driver_port_read(uint32_t range, uint32_t offset, unsigned width, uint32_t *value) GILA_CHECKED;
kern_return_t driver_port_write(uint32_t range, uint32_t offset, unsigned width, uint32_t value) GILA_CHECKED;
// Interrupts of that index arrive as struct device_interrupt at the receive right.
kern_return_t driver_interrupt(uint32_t index, mach_port_t receive) GILA_CHECKED;
kern_return_t driver_interrupt_ack(uint32_t index) GILA_CHECKED;
// Memory that the device reaches at *bus_address, mapped at *address (may be NULL: not mapped). The right is the caller's.
kern_return_t driver_dma(uint64_t size, mach_port_t *memory, void **address, uint64_t *bus_address) GILA_CHECKED;
kern_return_t driver_dma_address(mach_port_t memory, uint64_t *bus_address) GILA_CHECKED;
// Hosted only, else KERN_NOT_SUPPORTED: a Linux descriptor, the caller's to close.
kern_return_t driver_backend(uint32_t index, int *descriptor) GILA_CHECKED;
kern_return_t driver_interrupt_descriptor(uint32_t index, int *descriptor) GILA_CHECKED;
kern_return_t driver_dma_descriptor(mach_port_t memory, int *descriptor) GILA_CHECKED;

#endif
