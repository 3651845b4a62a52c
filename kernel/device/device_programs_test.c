// SPDX-License-Identifier: MIT
// Drivers and short forms for tests of devices; see device_test.h.
#include "device_test.h"

#include <abi/traps.h>
#include <gila/seat_name.h>

struct driver_seen driver_seen;

#define EXPECT(is, wanted) expect((uint64_t)(is) == (uint64_t)(wanted), __LINE__)
static void expect(bool fine, int line)
{
	if (!fine && driver_seen.wrong++ == 0)
		driver_seen.first_wrong = line;
}

static kern_return_t code_of(uint64_t result) { return (kern_return_t)(result >> 32); }

static struct device_info *started(void)
{
	struct device_info *info = sim_alloc(sizeof(*info));
	driver_seen.started++;
	if (gila_device_info(info) != KERN_SUCCESS)
		sim_exit(3);
	memcpy(driver_seen.address, info->address, sizeof(info->address));
	return info;
}

static mach_port_t take_seat(const struct device_info *info)
{
	struct seat_name packed;
	if (!seat_name_pack(&packed, info->seat))
		sim_exit(4);
	const uint64_t *w = packed.words;
	uint64_t result = gila_seat_take(w[0], w[1], w[2], w[3], w[4], w[5], w[6], w[7]);
	if (seat_result_code(result))
		sim_exit(5);
	return seat_result_name(result);
}

static mach_port_t port_make(void)
{
	mach_port_name_t name = MACH_PORT_NULL;
	if (kernelrpc_mach_port_allocate_trap(sim_task_self(), MACH_PORT_RIGHT_RECEIVE, &name))
		sim_exit(6);
	return name;
}

static _Noreturn void count_interrupts(mach_port_t port)
{
	struct {
		struct device_interrupt interrupt;
		mach_msg_max_trailer_t trailer;
	} *buffer = sim_alloc(sizeof(*buffer));
	for (;;) {
		mach_msg_return_t error = mach_msg_trap(&buffer->interrupt.head, MACH_RCV_MSG, 0, sizeof(*buffer), port, 0, 0);
		if (error != MACH_MSG_SUCCESS || buffer->interrupt.head.msgh_id != DEVICE_INTERRUPT_ID)
			sim_exit(7);
		EXPECT(buffer->interrupt.index, 0);
		EXPECT(buffer->interrupt.count >= 1, true);
		EXPECT(buffer->interrupt.head.msgh_size, sizeof(struct device_interrupt));
		driver_seen.interrupts += buffer->interrupt.count;
		driver_seen.messages++;
		EXPECT(gila_device_irq_ack(0), KERN_SUCCESS);
	}
}

static void sits(void *argument)
{
	struct device_info *info = started();
	mach_port_t port = port_make();
	EXPECT(gila_device_irq(0, port), KERN_SUCCESS);
	take_seat(info);
	count_interrupts(port);
}

static void leaves(void *argument)
{
	mach_port_t seat = take_seat(started());
	EXPECT(gila_device_irq(0, port_make()), KERN_SUCCESS);
	if (kernelrpc_mach_port_mod_refs_trap(sim_task_self(), seat, MACH_PORT_RIGHT_RECEIVE, -1))
		sim_exit(8);
	sim_pause();
}

// ---- A driver that tries everything --------------------------------------------------------------------------------

static void try_regions(void)
{
	mach_vm_address_t *address = sim_alloc(sizeof(*address));
	mach_vm_size_t *size = sim_alloc(sizeof(*size));
	EXPECT(gila_device_map(0, address, size), KERN_SUCCESS);
	EXPECT(*size, 0x1000);
	EXPECT(*address % MD_PAGE_SIZE, 0);
	*(volatile uint32_t *)*address = 77; // NOLINT
	uint64_t first = *address;
	EXPECT(gila_device_map(0, address, size), KERN_SUCCESS);
	EXPECT(*address != first && *(volatile uint32_t *)*address == 77, true); // NOLINT
	EXPECT(gila_device_map(1, address, size), KERN_SUCCESS);
	EXPECT(*size, 16);
	EXPECT(gila_device_map(2, address, size), KERN_INVALID_ARGUMENT);
	EXPECT(gila_device_map(UINT32_MAX, address, size), KERN_INVALID_ARGUMENT);
	EXPECT(gila_device_map(0, NULL, size), KERN_INVALID_ADDRESS);
	EXPECT(gila_device_map(0, address, NULL), KERN_INVALID_ADDRESS);
}

// Other devices' ports begin 16 behind these or before (machine/sim/device.c).
static void try_ports(void)
{
	static const uint32_t widths[] = {0, 3, 5, 8, UINT32_MAX};
	EXPECT(gila_device_port_write(0, 0, 4, 0x44332211), KERN_SUCCESS);
	EXPECT(gila_device_port_read(0, 0, 4), 0x44332211);
	EXPECT(gila_device_port_read(0, 1, 2), 0x3322);
	EXPECT(gila_device_port_write(0, 3, 1, 0xffffff55), KERN_SUCCESS);
	EXPECT(gila_device_port_read(0, 0, 4), 0x55332211);
	EXPECT(gila_device_port_write(1, 2, 1, 9), KERN_SUCCESS);
	EXPECT(gila_device_port_read(1, 2, 1), 9);
	EXPECT(gila_device_port_write(0, 7, 1, 7), KERN_SUCCESS);
	EXPECT(code_of(gila_device_port_read(0, 8, 1)), KERN_INVALID_ARGUMENT);
	EXPECT(code_of(gila_device_port_read(0, 7, 2)), KERN_INVALID_ARGUMENT);
	EXPECT(code_of(gila_device_port_read(0, 5, 4)), KERN_INVALID_ARGUMENT);
	EXPECT(code_of(gila_device_port_read(0, UINT32_MAX, 4)), KERN_INVALID_ARGUMENT);
	EXPECT(code_of(gila_device_port_read(1, 0, 4)), KERN_INVALID_ARGUMENT);
	EXPECT(code_of(gila_device_port_read(2, 0, 1)), KERN_INVALID_ARGUMENT);
	EXPECT(code_of(gila_device_port_read(UINT32_MAX, 0, 1)), KERN_INVALID_ARGUMENT);
	EXPECT(gila_device_port_write(0, 8, 1, 0), KERN_INVALID_ARGUMENT);
	EXPECT(gila_device_port_write(2, 0, 1, 0), KERN_INVALID_ARGUMENT);
	for (size_t i = 0; i < array_count(widths); i++) {
		EXPECT(code_of(gila_device_port_read(0, 0, widths[i])), KERN_INVALID_ARGUMENT);
		EXPECT(gila_device_port_write(0, 0, widths[i], 1), KERN_INVALID_ARGUMENT);
	}
	EXPECT(gila_device_port_read(0, 0, 4), 0x55332211);
}

static void try_properties(void)
{
	char *value = sim_alloc(64), *name = sim_alloc(128);
	memcpy(name, "compatible", 10);
	uint64_t result = gila_device_property(name, 10, value, 64);
	EXPECT(result, sizeof("sim,device-2\0sim,device"));
	EXPECT(value[12] == 0 && value[13] == 's', true);
	value[3] = 'x';
	EXPECT(gila_device_property(name, 10, value, 3), sizeof("sim,device-2\0sim,device"));
	EXPECT(value[3], 'x');
	EXPECT(code_of(gila_device_property(name, 9, value, 64)), KERN_NOT_FOUND);
	EXPECT(code_of(gila_device_property(name, 64, value, 64)), KERN_INVALID_ARGUMENT);
	EXPECT(code_of(gila_device_property(name, 0, value, 64)), KERN_INVALID_ARGUMENT);
	EXPECT(code_of(gila_device_property(NULL, 10, value, 64)), KERN_INVALID_ADDRESS);
	EXPECT(code_of(gila_device_property(name, 10, NULL, 64)), KERN_INVALID_ADDRESS);
	EXPECT(gila_device_info(NULL), KERN_INVALID_ADDRESS);
}

static void try_interrupts(void)
{
	mach_port_t port = port_make();
	EXPECT(gila_device_irq(2, port), KERN_INVALID_ARGUMENT);
	EXPECT(gila_device_irq(1, 0x7777700), KERN_INVALID_NAME);
	EXPECT(gila_device_irq(1, sim_task_self()), KERN_INVALID_RIGHT);
	EXPECT(gila_device_irq(1, port), KERN_SUCCESS);
	EXPECT(gila_device_irq(1, port), KERN_SUCCESS);
	EXPECT(gila_device_irq_ack(1), KERN_SUCCESS);
	EXPECT(gila_device_irq_ack(2), KERN_INVALID_ARGUMENT);
	EXPECT(gila_device_irq(1, MACH_PORT_NULL), KERN_SUCCESS);
	EXPECT(gila_device_irq(1, MACH_PORT_NULL), KERN_SUCCESS);
}

static void try_memory(void)
{
	uint64_t *bus = sim_alloc(sizeof(*bus));
	uint64_t result = gila_dma_alloc(5000);
	mach_port_t memory = (mach_port_t)result;
	EXPECT(code_of(result), KERN_SUCCESS);
	EXPECT(gila_memory_size(memory), 8192);
	EXPECT(gila_dma_address(memory, bus), KERN_SUCCESS);
	EXPECT(*bus != 0 && *bus % MD_PAGE_SIZE == 0, true);
	EXPECT(gila_memory_resize(memory, 4096), KERN_PROTECTION_FAILURE);
	EXPECT(gila_memory_resize(memory, 1 << 20), KERN_PROTECTION_FAILURE);
	EXPECT(gila_dma_address(memory, NULL), KERN_INVALID_ADDRESS);
	result = gila_dma_descriptor(memory);
	EXPECT(code_of(result), KERN_SUCCESS);
	EXPECT(sim_descriptor_token((int)(uint32_t)result) >= SIM_TOKEN_MEMORY, true);
	result = gila_memory_create(4096); // not the device's
	EXPECT(gila_dma_address((mach_port_t)result, bus), KERN_INVALID_CAPABILITY);
	EXPECT(code_of(gila_dma_descriptor((mach_port_t)result)), KERN_INVALID_CAPABILITY);
	EXPECT(gila_dma_address(sim_task_self(), bus), KERN_INVALID_CAPABILITY);
	EXPECT(code_of(gila_dma_alloc(0)), KERN_INVALID_ARGUMENT);
	EXPECT(code_of(gila_dma_alloc(UINT64_MAX)), KERN_INVALID_ARGUMENT);
}

static void try_descriptors(uint32_t number)
{
	uint64_t result = gila_device_descriptor(DEVICE_DESCRIPTOR_BACKEND, 0);
	EXPECT(code_of(result), KERN_SUCCESS);
	EXPECT(sim_descriptor_token((int)(uint32_t)result), SIM_TOKEN_BACKEND + number);
	result = gila_device_descriptor(DEVICE_DESCRIPTOR_INTERRUPT, 1);
	EXPECT(sim_descriptor_token((int)(uint32_t)result), SIM_TOKEN_INTERRUPT + 2 * number + 1);
	EXPECT(code_of(gila_device_descriptor(DEVICE_DESCRIPTOR_BACKEND, 1)), KERN_INVALID_ARGUMENT);
	EXPECT(code_of(gila_device_descriptor(DEVICE_DESCRIPTOR_INTERRUPT, 2)), KERN_INVALID_ARGUMENT);
	EXPECT(code_of(gila_device_descriptor(0, 0)), KERN_INVALID_ARGUMENT);
	EXPECT(code_of(gila_device_descriptor(3, 0)), KERN_INVALID_ARGUMENT);
}

static void tries(void *argument)
{
	struct device_info *info = started();
	uint32_t number = info->id - 1;
	EXPECT(info->region_count, 2);
	EXPECT(info->interrupt_count, 2);
	EXPECT(info->backend_count, 1);
	EXPECT(info->compatible[10] == 0 && info->compatible[9] == 'e', true); // sim,device, the one of the list
	try_regions();
	try_ports();
	try_properties();
	try_interrupts();
	try_memory();
	try_descriptors(number);
	mach_port_t port = port_make();
	EXPECT(gila_device_irq(0, port), KERN_SUCCESS);
	take_seat(info);
	try_interrupts(); // as well after
	count_interrupts(port);
}

// ---- Memory that outlives a driver ---------------------------------------------------------------------------------

static void reads(void *argument)
{
	struct device_info *info = started();
	uint64_t *bus = sim_alloc(sizeof(*bus)), result = gila_seat_kept();
	char *text = sim_alloc(8);
	if (seat_result_code(result) == KERN_NOT_FOUND) {
		result = gila_dma_alloc(4096);
		memcpy(text, "first", 6);
		EXPECT(gila_memory_write((mach_port_t)result, 100, text, 6), KERN_SUCCESS);
		EXPECT(gila_seat_keep((mach_port_t)result), KERN_SUCCESS);
	} else {
		EXPECT(gila_memory_read(seat_result_name(result), 100, text, 6), KERN_SUCCESS);
		EXPECT(text[4] == 't' && text[5] == 0, true);
		// It is this device's, whoever asked for it.
		EXPECT(gila_dma_address(seat_result_name(result), bus), KERN_SUCCESS);
		EXPECT(*bus != 0, true);
	}
	take_seat(info);
	sim_pause();
}

SIM_PROGRAM(drv_sits, sits);
SIM_PROGRAM(drv_leaves, leaves);
SIM_PROGRAM(drv_tries, tries);
SIM_PROGRAM(drv_reads, reads);

// ---- Short forms ---------------------------------------------------------------------------------------------------

kern_return_t test_driver(const char *compatible, const char *kind, const char *program, uint32_t flags, bool replace,
			  uint32_t *bound, char *complaint)
{
	struct packed_recipe packed = packed_recipe(kind, program, NULL, NULL);
	struct driver_wish wish = {.compatible = compatible, .replace = replace};
	struct task *task = task_create(NULL, "test", &grants_all);
	packed.head.flags = flags;
	if (!task)
		return KERN_RESOURCE_SHORTAGE;
	kern_return_t error = recipe_parse(&packed, packed_size(&packed), &wish.recipe, complaint);
	if (!error)
		error = driver_add(task, &wish, bound, complaint);
	recipe_release(wish.recipe);
	task_terminate(task, KERN_DEATH_EXIT, 0);
	task_release(task);
	return error;
}

bool test_driver_add(const char *compatible, const char *kind, const char *program)
{
	char complaint[RECIPE_COMPLAINT_MAX];
	uint32_t bound;
	return test_driver(compatible, kind, program, SEAT_RESTART_DEMAND, false, &bound, complaint) == KERN_SUCCESS;
}
