// SPDX-License-Identifier: MIT
// A driver's calls; see driver.h.
#include <driver/driver.h>

#include <abi/traps.h>
#include <string.h>

static kern_return_t take(uint64_t result, uint32_t *value)
{
	*value = (uint32_t)result;
	return (kern_return_t)(result >> 32);
}

static kern_return_t take_descriptor(uint64_t result, int *descriptor)
{
	uint32_t number;
	kern_return_t error = take(result, &number);
	*descriptor = error ? -1 : (int)number;
	return error;
}

kern_return_t driver_info(struct device_info *info) { return gila_device_info(info); }

kern_return_t driver_property(const char *name, void *value, size_t room, size_t *size)
{
	uint32_t whole;
	uint32_t most = room < UINT32_MAX ? (uint32_t)room : UINT32_MAX;
	kern_return_t error = take(gila_device_property(name, (uint32_t)strlen(name), value, most), &whole);
	*size = whole;
	return error;
}

kern_return_t driver_map(uint32_t region, void **address, uint64_t *size)
{
	mach_vm_address_t where = 0;
	mach_vm_size_t bytes = 0;
	kern_return_t error = gila_device_map(region, &where, &bytes);
	*address = error ? NULL : (void *)(uintptr_t)where;
	*size = bytes;
	return error;
}

kern_return_t driver_port_read(uint32_t range, uint32_t offset, unsigned width, uint32_t *value)
{
	return take(gila_device_port_read(range, offset, width), value);
}

kern_return_t driver_port_write(uint32_t range, uint32_t offset, unsigned width, uint32_t value)
{
	return gila_device_port_write(range, offset, width, value);
}

kern_return_t driver_interrupt(uint32_t index, mach_port_t receive) { return gila_device_irq(index, receive); }
kern_return_t driver_interrupt_ack(uint32_t index) { return gila_device_irq_ack(index); }
kern_return_t driver_dma_address(mach_port_t memory, uint64_t *bus_address) { return gila_dma_address(memory, bus_address); }

kern_return_t driver_dma(uint64_t size, mach_port_t *memory, void **address, uint64_t *bus_address)
{
	kern_return_t error = take(gila_dma_alloc(size), memory);
	if (error)
		return error;
	error = gila_dma_address(*memory, bus_address);
	if (!error && address)
		error = gila_map(*memory, 0, size, VM_PROT_READ | VM_PROT_WRITE, address);
	if (error)
		gila_port_drop(*memory);
	return error;
}

kern_return_t driver_backend(uint32_t index, int *descriptor)
{
	return take_descriptor(gila_device_descriptor(DEVICE_DESCRIPTOR_BACKEND, index), descriptor);
}

kern_return_t driver_interrupt_descriptor(uint32_t index, int *descriptor)
{
	return take_descriptor(gila_device_descriptor(DEVICE_DESCRIPTOR_INTERRUPT, index), descriptor);
}

kern_return_t driver_dma_descriptor(mach_port_t memory, int *descriptor)
{
	return take_descriptor(gila_dma_descriptor(memory), descriptor);
}
