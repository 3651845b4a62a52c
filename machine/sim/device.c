// SPDX-License-Identifier: MIT
// The devices of the machine sim: two of "sim,device", whose registers and I/O ports are plain memory, whose interrupts are raised by
// sim_interrupt, and whose host descriptors are tokens.
#include "machine.h"

#include <kernel/core/alloc.h>
#include <kernel/device/fdt_make.h>

#define LINES 1024u
#define REGISTERS_BASE UINT64_C(0x10000000)
#define REGISTERS_SIZE 0x2000u
#define PORTS_BASE 0x300u
#define PORTS 32u // 16 of each device

static uint8_t tree[2048];
static bool line_enabled[LINES], line_masked[LINES];
static unsigned line_acks[LINES];
static bool masters[2];
static uint8_t ports[PORTS]; // plain memory, little-endian

// ---- The device tree -----------------------------------------------------------------------------------------------

static void make_device(struct fdt_make *make, const char *name, uint32_t number)
{
	static const char compatible[] = "sim,device-2\0sim,device";
	uint32_t base = (uint32_t)REGISTERS_BASE + number * REGISTERS_SIZE;
	fdt_make_node(make, name);
	fdt_make_property(make, "compatible", compatible, sizeof(compatible));
	fdt_make_cells(make, "reg", (uint32_t[]){base, REGISTERS_SIZE / 2, base + REGISTERS_SIZE / 2, 16}, 4);
	fdt_make_cells(make, "interrupts", (uint32_t[]){2 * number, 2 * number + 1}, 2);
	fdt_make_cell(make, "gila,backend", number);
	fdt_make_cell(make, "gila,master", number);
	fdt_make_cells(make, "gila,ports", (uint32_t[]){0, PORTS_BASE + number * 16, 8, 0, PORTS_BASE + number * 16 + 8, 3}, 6);
	fdt_make_node_end(make);
}

const void *md_boot_device_tree(unsigned index, size_t *size)
{
	static struct fdt_make make;
	if (index > 0)
		return NULL;
	fdt_make_begin(&make, tree, sizeof(tree));
	fdt_make_node(&make, "");
	fdt_make_cell(&make, "#address-cells", 1);
	fdt_make_cell(&make, "#size-cells", 1);
	make_device(&make, "device@10000000", 0);
	make_device(&make, "device@10002000", 1);
	fdt_make_node_end(&make);
	*size = fdt_make_end(&make);
	return tree;
}

// ---- Interrupts ----------------------------------------------------------------------------------------------------

kern_return_t md_interrupt_enable(uint32_t line)
{
	sim_point();
	if (line >= LINES)
		return KERN_INVALID_ARGUMENT;
	if (client_shortage())
		return KERN_RESOURCE_SHORTAGE;
	if (line_enabled[line])
		sim_misuse("md_interrupt_enable: line %u is enabled already", line);
	line_enabled[line] = true;
	line_masked[line] = false;
	return KERN_SUCCESS;
}

void md_interrupt_disable(uint32_t line)
{
	sim_point();
	if (line >= LINES || !line_enabled[line])
		sim_misuse("md_interrupt_disable: line %u is not enabled", line);
	line_enabled[line] = false;
}

void md_interrupt_ack(uint32_t line)
{
	sim_point();
	if (line < LINES) {
		line_masked[line] = false;
		line_acks[line]++;
	}
}

static void raise(void *argument)
{
	uint32_t line = (uint32_t)(uintptr_t)argument;
	if (line_enabled[line] && !line_masked[line])
		kern_interrupt(line);
}

static void raise_level(void *argument)
{
	uint32_t line = (uint32_t)(uintptr_t)argument;
	if (!line_enabled[line] || line_masked[line])
		return;
	line_masked[line] = true;
	kern_interrupt(line);
}

void sim_interrupt(uint32_t line, bool level)
{
	if (line >= LINES)
		sim_misuse("sim_interrupt: there is no line %u", line);
	event_post((struct event){
		.kind = EVENT_CALL, .call = level ? raise_level : raise, .argument = (void *)(uintptr_t)line}); // NOLINT
}

void md_device_master(uint32_t number, bool on)
{
	sim_point();
	if (number < sizeof(masters) / sizeof(masters[0]))
		masters[number] = on;
}

bool sim_device_masters(uint32_t number) { return masters[number]; }
unsigned sim_dma_freed_early(void) { return sim.dma_freed_early; }
bool sim_interrupt_enabled(uint32_t line) { return line < LINES && line_enabled[line]; }
unsigned sim_interrupt_acks(uint32_t line) { return line < LINES ? line_acks[line] : 0; }

// ---- I/O ports -----------------------------------------------------------------------------------------------------

static uint8_t *port_at(uint64_t port, unsigned width)
{
	bool fine = (width == 1 || width == 2 || width == 4) && port >= PORTS_BASE && port - PORTS_BASE <= PORTS - width;
	return fine ? &ports[port - PORTS_BASE] : NULL;
}

kern_return_t md_port_read(uint64_t port, unsigned width, uint32_t *value)
{
	const uint8_t *at = port_at(port, width);
	sim_point();
	*value = 0;
	for (unsigned i = 0; at && i < width; i++)
		*value |= (uint32_t)at[i] << 8 * i;
	return at ? KERN_SUCCESS : KERN_INVALID_ARGUMENT;
}

kern_return_t md_port_write(uint64_t port, unsigned width, uint32_t value)
{
	uint8_t *at = port_at(port, width);
	sim_point();
	for (unsigned i = 0; at && i < width; i++)
		at[i] = (uint8_t)(value >> 8 * i);
	return at ? KERN_SUCCESS : KERN_INVALID_ARGUMENT;
}

// ---- Memory and descriptors ----------------------------------------------------------------------------------------

kern_return_t md_memory_create_dma(struct md_memory *memory, struct account *payer, uint64_t size, uint64_t *bus_address)
{
	static uint64_t next = MD_PAGE_SIZE;
	kern_return_t error = md_memory_create(memory, payer, size);
	if (error)
		return error;
	memory->fixed = memory->dma = true;
	*bus_address = next;
	next += size;
	return KERN_SUCCESS;
}

kern_return_t md_memory_create_device(struct md_memory *memory, uint64_t address, uint64_t size)
{
	if (address < REGISTERS_BASE || address - REGISTERS_BASE >= 2 * REGISTERS_SIZE || size > REGISTERS_SIZE)
		return KERN_NOT_SUPPORTED;
	kern_return_t error = md_memory_create(memory, &account_kernel, size);
	if (!error)
		memory->fixed = true;
	return error;
}

static kern_return_t make_token(struct md_descriptor *descriptor, uint32_t token)
{
	sim_point();
	if (client_shortage())
		return KERN_RESOURCE_SHORTAGE;
	descriptor->token = token;
	sim.descriptors_in_transit++;
	return KERN_SUCCESS;
}

kern_return_t md_descriptor_backend(struct md_descriptor *descriptor, uint32_t backend)
{
	return backend > 1 ? KERN_NOT_FOUND : make_token(descriptor, SIM_TOKEN_BACKEND + backend);
}

kern_return_t md_descriptor_interrupt(struct md_descriptor *descriptor, uint32_t line)
{
	return line >= LINES ? KERN_INVALID_ARGUMENT : make_token(descriptor, SIM_TOKEN_INTERRUPT + line);
}

kern_return_t md_descriptor_memory(struct md_descriptor *descriptor, struct md_memory *memory)
{
	return memory->pages == 0 ? KERN_INVALID_ARGUMENT : make_token(descriptor, SIM_TOKEN_MEMORY + memory->frames[0]);
}
