// SPDX-License-Identifier: MIT
// Writes the machine's device tree: see device_tree.h. Addresses and sizes have two cells each; interrupts have one, and
// name no controller, so that they are the numbers of lines as they stand.
#include "device_tree.h"

#include <kernel/device/fdt_make.h>

#define TEXT_MAX 32u

// ---- Texts ---------------------------------------------------------------------------------------------------------

struct text {
	char bytes[TEXT_MAX];
	uint32_t size;
};

static void put(struct text *text, const char *string)
{
	for (; *string && text->size < TEXT_MAX - 1; string++)
		text->bytes[text->size++] = *string;
	text->bytes[text->size] = 0;
}

static void put_hex(struct text *text, uint64_t value, uint32_t digits)
{
	while (digits-- > 0) {
		const char digit[2] = {"0123456789abcdef"[value >> 4 * digits & 15], 0};
		put(text, digit);
	}
}

// "pci:00:04.0", in another segment than 0 "pci:0001:00:04.0".
static struct text function_name(const struct pci_function *function)
{
	struct text name = {0};
	put(&name, "pci:");
	if (function->segment) {
		put_hex(&name, function->segment, 4);
		put(&name, ":");
	}
	put_hex(&name, function->bus, 2);
	put(&name, ":");
	put_hex(&name, function->device, 2);
	put(&name, ".");
	put_hex(&name, function->function, 1);
	return name;
}

// ---- PCI functions -------------------------------------------------------------------------------------------------

// The most specific string first.
static void write_compatible(struct fdt_make *make, const struct pci_function *function)
{
	struct text list[3] = {{.size = 0}};
	char value[sizeof(list)];
	size_t size = 0;
	put(&list[0], "pci:");
	put_hex(&list[0], function->vendor, 4);
	put(&list[0], ":");
	put_hex(&list[0], function->device_id, 4);
	for (uint32_t i = 1; i < 3; i++) {
		put(&list[i], "pci-class:");
		put_hex(&list[i], function->class, 2);
		put_hex(&list[i], function->subclass, 2);
	}
	put_hex(&list[1], function->interface, 2);
	for (uint32_t i = 0; i < 3; i++) {
		memcpy(value + size, list[i].bytes, list[i].size + 1);
		size += list[i].size + 1;
	}
	fdt_make_property(make, "compatible", value, size);
}

static void number64(uint8_t *to, uint64_t value)
{
	fdt_make_number(to, (uint32_t)(value >> 32));
	fdt_make_number(to + 4, (uint32_t)value);
}

static void write_regions(struct fdt_make *make, const struct pci_function *function)
{
	struct pci_region regions[PCI_REGIONS_MAX];
	uint8_t reg[16 * PCI_REGIONS_MAX], where[12 * PCI_REGIONS_MAX];
	uint32_t count = pci_regions(function, regions);
	if (count == 0)
		return;
	for (uint32_t i = 0; i < count; i++) {
		number64(reg + 16 * i, regions[i].address);
		number64(reg + 16 * i + 8, regions[i].size);
		fdt_make_number(where + 12 * i, regions[i].bar);
		number64(where + 12 * i + 4, regions[i].offset);
	}
	fdt_make_property(make, "reg", reg, 16 * count);
	fdt_make_property(make, "pci,regions", where, 12 * count);
}

// The bytes as they lie in configuration space.
static void write_config(struct fdt_make *make, const struct pci *pci, const struct pci_function *function)
{
	uint8_t bytes[PCI_CONFIG_SIZE];
	for (uint32_t at = 0; at < PCI_CONFIG_SIZE; at += 4) {
		uint32_t value = pci_config_read(pci, function, at);
		for (uint32_t i = 0; i < 4; i++)
			bytes[at + i] = (uint8_t)(value >> 8 * i);
	}
	fdt_make_property(make, "pci,config", bytes, sizeof(bytes));
}

static void write_lines(struct fdt_make *make, struct device_tree *tree, uint32_t index)
{
	uint8_t cells[4 * DEVICE_TREE_LINES_MAX];
	uint32_t count = pci_interrupt_count(&tree->pci->functions[index]), room = tree->line_room - tree->line_count;
	uint32_t most = tree->lines_each && tree->lines_each < DEVICE_TREE_LINES_MAX ? tree->lines_each : DEVICE_TREE_LINES_MAX;
	count = count < most ? count : most;
	count = count < room ? count : room;
	for (uint32_t i = 0; i < count; i++) {
		fdt_make_number(cells + 4 * i, tree->first_line + tree->line_count);
		tree->lines[tree->line_count++] = (struct pci_line){.function = (uint16_t)index, .entry = (uint16_t)i};
	}
	if (count > 0)
		fdt_make_property(make, "interrupts", cells, 4 * count);
}

static void write_function(struct fdt_make *make, struct device_tree *tree, uint32_t index)
{
	const struct pci_function *function = &tree->pci->functions[index];
	pci_enable(tree->pci, function);
	fdt_make_node(make, function_name(function).bytes);
	write_compatible(make, function);
	write_regions(make, function);
	write_lines(make, tree, index);
	write_config(make, tree->pci, function);
	fdt_make_cell(make, "gila,master", index);
	fdt_make_node_end(make);
}

// ---- The rest ------------------------------------------------------------------------------------------------------

static void write_strings(struct fdt_make *make, const char *property, const char *strings)
{
	size_t size = 0;
	while (strings[size])
		size += fdt_make_length(strings + size) + 1;
	fdt_make_property(make, property, strings, size);
}

static void write_ports(struct fdt_make *make, const struct device_tree *tree, const struct device_tree_ports *ports)
{
	fdt_make_node(make, ports->name);
	write_strings(make, "compatible", ports->compatible);
	uint32_t cells[3 * DEVICE_TREE_RANGES], count = 0;
	for (uint32_t i = 0; i < DEVICE_TREE_RANGES; i++) {
		if (ports->ranges[i].count == 0)
			continue;
		cells[count++] = 0; // the first port has 64 bits
		cells[count++] = ports->ranges[i].base;
		cells[count++] = ports->ranges[i].count;
	}
	fdt_make_cells(make, "gila,ports", cells, count);
	if (ports->irq >= 0)
		fdt_make_cell(make, "interrupts", acpi_isa_interrupt(tree->acpi, (uint8_t)ports->irq).gsi);
	fdt_make_node_end(make);
}

static void write_framebuffer(struct fdt_make *make, const struct device_tree_framebuffer *framebuffer)
{
	struct text name = {0};
	uint8_t reg[16];
	put(&name, "framebuffer@");
	put_hex(&name, framebuffer->address, 16);
	number64(reg, framebuffer->address);
	number64(reg + 8, (uint64_t)framebuffer->stride * framebuffer->height);
	fdt_make_node(make, name.bytes);
	fdt_make_text(make, "compatible", "simple-framebuffer");
	fdt_make_property(make, "reg", reg, sizeof(reg));
	fdt_make_cell(make, "width", framebuffer->width);
	fdt_make_cell(make, "height", framebuffer->height);
	fdt_make_cell(make, "stride", framebuffer->stride);
	fdt_make_text(make, "format", framebuffer->format);
	fdt_make_node_end(make);
}

size_t device_tree_make(struct device_tree *tree, void *to, size_t room)
{
	struct fdt_make make;
	tree->line_count = 0;
	fdt_make_begin(&make, to, room);
	fdt_make_node(&make, "");
	fdt_make_cell(&make, "#address-cells", 2);
	fdt_make_cell(&make, "#size-cells", 2);
	fdt_make_text(&make, "compatible", "gila,acpi");
	for (uint32_t i = 0; i < tree->port_count; i++)
		write_ports(&make, tree, &tree->ports[i]);
	if (tree->framebuffer)
		write_framebuffer(&make, tree->framebuffer);
	for (uint32_t i = 0; i < tree->pci->count; i++)
		if (!tree->pci->functions[i].bridge)
			write_function(&make, tree, i);
	fdt_make_node_end(&make);
	return fdt_make_end(&make);
}
