// SPDX-License-Identifier: MIT
// Devices by trap (abi/device_traps.defs): each begins with the device whose driver the calling task is. That stays so until
// the task has ended, so nothing here can outlast it.
#include "device.h"
#include "interrupt.h"

#include "../memory/memory.h"
#include "../memory/memory_port.h"
#include "../seat/seat.h"
#include "../task/task.h"
#include "../task/thread.h"

#include <abi/trap_kernel.h>

#define PROPERTY_NAME_MAX 63u

static uint64_t result(kern_return_t error, uint32_t value) { return error ? (uint64_t)error << 32 : value; }

kern_return_t trap_device_info(struct thread *self, user_addr_t address)
{
	struct device *device = device_of_task(self->task);
	if (!device)
		return KERN_NOT_FOUND;
	struct device_info info = {
		.id = device->id,
		.region_count = device->region_count,
		.interrupt_count = device->interrupt_count,
		.backend_count = device->backend_count,
	};
	const char *match;
	struct seat *seat = device_get_seat(device, &match);
	if (!seat)
		return KERN_NOT_FOUND;
	format_text(info.seat, sizeof(info.seat), "%s", seat->name);
	format_text(info.address, sizeof(info.address), "%s", device->address);
	format_text(info.compatible, sizeof(info.compatible), "%s", match);
	seat_release(seat);
	return md_copy_out(self, address, &info, sizeof(info));
}

uint64_t trap_device_property(struct thread *self, user_addr_t name, uint32_t name_size, user_addr_t value, uint32_t room)
{
	char text[PROPERTY_NAME_MAX + 1] = "";
	struct fdt_property property;
	struct device *device = device_of_task(self->task);
	if (!device)
		return result(KERN_NOT_FOUND, 0);
	if (name_size == 0 || name_size > PROPERTY_NAME_MAX)
		return result(KERN_INVALID_ARGUMENT, 0);
	kern_return_t error = md_copy_in(self, text, name, name_size);
	if (error)
		return result(error, 0);
	if (!fdt_find(&device->fdt, device->node, text, &property))
		return result(KERN_NOT_FOUND, 0);
	uint32_t size = property.size < room ? property.size : room;
	if (size > 0)
		error = md_copy_out(self, value, property.value, size);
	return result(error, property.size);
}

kern_return_t trap_device_map(struct thread *self, uint32_t region, user_addr_t address, user_addr_t size)
{
	struct memory *memory;
	uint64_t offset, where = 0;
	struct device *device = device_of_task(self->task);
	if (!device)
		return KERN_NOT_FOUND;
	if (region >= device->region_count)
		return KERN_INVALID_ARGUMENT;
	kern_return_t error = device_get_region(device, region, &memory, &offset);
	if (error)
		return error;
	uint64_t whole = memory_size(memory);
	error = memory_map(self->task, &where, whole, memory, 0, VM_PROT_READ | VM_PROT_WRITE, 0);
	memory_release(memory);
	if (error)
		return error;
	uint64_t first = where + offset;
	error = md_copy_out(self, address, &first, sizeof(first));
	if (!error)
		error = md_copy_out(self, size, &device->regions[region].size, sizeof(uint64_t));
	// The task's own mistake, or its end: what is mapped by then is its own loss.
	if (error && memory_unmap(self->task, where, whole))
		log_line("device", "%s: a region stays mapped at task %u", device->address, self->task->id);
	return error;
}

// ---- I/O ports -----------------------------------------------------------------------------------------------------

// The number of the first of `width` ports of the task's device. KERN_NOT_FOUND, KERN_INVALID_ARGUMENT.
static kern_return_t find_port(struct thread *self, uint32_t index, uint32_t offset, uint32_t width, uint64_t *port)
{
	struct device *device = device_of_task(self->task);
	if (!device)
		return KERN_NOT_FOUND;
	if (index >= device->port_count || (width != 1 && width != 2 && width != 4))
		return KERN_INVALID_ARGUMENT;
	const struct device_ports *ports = &device->ports[index];
	if (offset >= ports->count || width > ports->count - offset)
		return KERN_INVALID_ARGUMENT;
	*port = ports->first + offset;
	return KERN_SUCCESS;
}

uint64_t trap_device_port_read(struct thread *self, uint32_t index, uint32_t offset, uint32_t width)
{
	uint64_t port;
	uint32_t value = 0;
	kern_return_t error = find_port(self, index, offset, width, &port);
	if (!error)
		error = md_port_read(port, width, &value);
	return result(error, value);
}

kern_return_t trap_device_port_write(struct thread *self, uint32_t index, uint32_t offset, uint32_t width, uint32_t value)
{
	uint64_t port;
	kern_return_t error = find_port(self, index, offset, width, &port);
	return error ? error : md_port_write(port, width, value);
}

// ---- Interrupts ----------------------------------------------------------------------------------------------------

// Interrupt `index` of the task's device. KERN_NOT_FOUND, KERN_INVALID_ARGUMENT.
static kern_return_t find_interrupt(struct thread *self, uint32_t index, struct interrupt **interrupt)
{
	struct device *device = device_of_task(self->task);
	if (!device)
		return KERN_NOT_FOUND;
	if (index >= device->interrupt_count)
		return KERN_INVALID_ARGUMENT;
	*interrupt = &device->interrupts[index];
	return KERN_SUCCESS;
}

kern_return_t trap_device_irq(struct thread *self, uint32_t index, mach_port_name_t name)
{
	struct interrupt *interrupt;
	struct port *port;
	kern_return_t error = find_interrupt(self, index, &interrupt);
	if (error)
		return error;
	if (name == MACH_PORT_NULL) {
		interrupt_unbind(interrupt);
		return KERN_SUCCESS;
	}
	error = space_find_receive(&self->task->space, name, &port);
	if (error)
		return error;
	struct right right = port_make_send(port);
	port_release(port);
	error = right.kind == RIGHT_SEND ? interrupt_bind(interrupt, self->task->account, right) : KERN_INVALID_RIGHT;
	if (error)
		right_release(right);
	else
		device_set_master(device_of_task(self->task), true);
	return error;
}

kern_return_t trap_device_irq_ack(struct thread *self, uint32_t index)
{
	struct interrupt *interrupt;
	kern_return_t error = find_interrupt(self, index, &interrupt);
	if (!error && interrupt_is_bound(interrupt))
		md_interrupt_ack(interrupt->line);
	return error;
}

// ---- Memory that the device reaches --------------------------------------------------------------------------------

uint64_t trap_dma_alloc(struct thread *self, uint64_t size)
{
	struct memory *memory;
	mach_port_name_t name = MACH_PORT_NULL;
	struct device *device = device_of_task(self->task);
	if (!device)
		return result(KERN_NOT_FOUND, 0);
	kern_return_t error = memory_create_dma(self->task->account, size, device->id, &memory);
	if (error)
		return result(error, 0);
	struct right right = memory_make_send(memory);
	memory_release(memory);
	error = right.kind == RIGHT_NONE ? KERN_RESOURCE_SHORTAGE
					 : space_insert_right(&self->task->space, right, &name);
	if (error)
		right_release(right);
	return result(error, name);
}

// The memory that the name stands for, with a reference, if it is for the task's device.
static kern_return_t find_dma(struct thread *self, mach_port_name_t name, struct memory **memory)
{
	struct device *device = device_of_task(self->task);
	if (!device)
		return KERN_NOT_FOUND;
	struct object *object = space_port_object(&self->task->space, name, &memory_port_ops);
	if (!object)
		return KERN_INVALID_CAPABILITY;
	*memory = container_of(object, struct memory, object);
	if ((*memory)->device == device->id)
		return KERN_SUCCESS;
	memory_release(*memory);
	return KERN_INVALID_CAPABILITY;
}

kern_return_t trap_dma_address(struct thread *self, mach_port_name_t name, user_addr_t address)
{
	struct memory *memory;
	kern_return_t error = find_dma(self, name, &memory);
	if (error)
		return error;
	error = md_copy_out(self, address, &memory->bus_address, sizeof(memory->bus_address));
	memory_release(memory);
	return error;
}

// ---- Host descriptors ----------------------------------------------------------------------------------------------

// The descriptor, if there was no error, goes to the task; charged while it is the kernel's.
static uint64_t give(struct thread *self, struct md_descriptor *descriptor, kern_return_t error)
{
	int number = 0;
	if (error)
		return result(error, 0);
	if (!account_charge(self->task->account, ACCOUNT_DESCRIPTOR, 1)) {
		md_descriptor_close(descriptor);
		return result(KERN_RESOURCE_SHORTAGE, 0);
	}
	error = md_descriptor_give(descriptor, self->task, &number);
	md_descriptor_close(descriptor);
	account_refund(self->task->account, ACCOUNT_DESCRIPTOR, 1);
	return result(error, (uint32_t)number);
}

// Backend `index` of the device, as its bus numbers it.
static kern_return_t find_backend(const struct device *device, uint32_t index, uint32_t *backend)
{
	struct fdt_property list;
	if (index >= device->backend_count || !fdt_find(&device->fdt, device->node, "gila,backend", &list))
		return KERN_INVALID_ARGUMENT;
	*backend = fdt_u32(list.value + 4 * (size_t)index);
	return KERN_SUCCESS;
}

uint64_t trap_device_descriptor(struct thread *self, uint32_t kind, uint32_t index)
{
	struct md_descriptor descriptor = {0};
	struct interrupt *interrupt;
	uint32_t backend;
	struct device *device = device_of_task(self->task);
	kern_return_t error = device ? KERN_INVALID_ARGUMENT : KERN_NOT_FOUND;
	if (device && kind == DEVICE_DESCRIPTOR_BACKEND) {
		error = find_backend(device, index, &backend);
		if (!error)
			error = md_descriptor_backend(&descriptor, backend);
	} else if (device && kind == DEVICE_DESCRIPTOR_INTERRUPT) {
		error = find_interrupt(self, index, &interrupt);
		if (!error)
			error = md_descriptor_interrupt(&descriptor, interrupt->line);
	}
	return give(self, &descriptor, error);
}

uint64_t trap_dma_descriptor(struct thread *self, mach_port_name_t name)
{
	struct md_descriptor descriptor = {0};
	struct memory *memory;
	kern_return_t error = find_dma(self, name, &memory);
	if (error)
		return result(error, 0);
	error = md_descriptor_memory(&descriptor, &memory->md);
	memory_release(memory);
	return give(self, &descriptor, error);
}
