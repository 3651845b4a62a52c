// SPDX-License-Identifier: MIT
// Tests of the machine's device tree: it is read back by the kernel's own reader.
#include "device_tree.h"

#include "../pci/pci_fake.h"

#include <gila/test.h>
#include <kernel/device/fdt_walk.h>

#define LOW 0xc0000000u

static struct fake fake;
static struct acpi acpi;
static struct pci_function found[16];
static struct pci pci;
static struct pci_line lines[16];
static struct device_tree tree;
static uint8_t blob[16384];
static struct fdt fdt;
static struct fdt_walk walk;

// An NVMe controller, a network card behind a bridge in segment 3, and something that has no room.
static void begin(void)
{
	fake_begin(&fake);
	struct fake_function *disk = fake_add(&fake, PCI_NO_PARENT, 4 << 3, 0x010802);
	fake_bar(disk, 0, 16384, 4);
	fake_msix(disk, 0x40, 0, 5, 0x2000, 0x3000);
	fake_bridge(&fake, PCI_NO_PARENT, 5 << 3, 1);
	struct fake_function *card = fake_add(&fake, 1, 31 << 3, 0x020000);
	fake_bar(card, 2, 65536, 8);
	fake_capability(card, 0x50, 5);
	fake_bar(fake_add(&fake, PCI_NO_PARENT, 6 << 3, 0x030000), 0, 1u << 31, 0);
	pci = (struct pci){
		.access = &fake.access,
		.segments = &fake.segment,
		.segment_count = 1,
		.low = {LOW, 0x30000000},
		.functions = found,
		.room = 16,
	};
	pci_enumerate(&pci);
	fake.table = LOW + 0x100000 + 0x2000; // behind the bridge's window
	tree = (struct device_tree){.acpi = &acpi, .pci = &pci, .first_line = 100, .lines_each = 8, .lines = lines, .line_room = 16};
	acpi = (struct acpi){.override_count = 1, .overrides = {{.irq = 4, .gsi = 20}}};
}

static bool make(void)
{
	uint32_t at;
	size_t size = device_tree_make(&tree, blob, sizeof(blob));
	return size > 0 && fdt_open(&fdt, blob, size, &at) == FDT_OK;
}

static bool walk_to(const char *name)
{
	fdt_walk_begin(&walk, &fdt);
	while (fdt_walk_next(&walk))
		if (strcmp(fdt_name(&fdt, walk.node), name) == 0)
			return true;
	return false;
}

static const char *compatible(uint32_t index)
{
	struct fdt_property property;
	const char *text = fdt_find(&fdt, walk.node, "compatible", &property) ? fdt_string(&property, index) : NULL;
	return text ? text : "";
}

static bool region(uint32_t index, uint64_t address, uint64_t size)
{
	uint64_t is_address, is_size;
	bool reachable;
	return fdt_walk_region(&walk, index, &is_address, &is_size, &reachable) && reachable && is_address == address &&
	       is_size == size;
}

static uint32_t line(uint32_t index)
{
	uint32_t number;
	bool reachable;
	return fdt_walk_interrupt(&walk, index, &number, &reachable) && reachable ? number : 0;
}

TEST(device_tree_has_pci_functions)
{
	struct fdt_property property;
	begin();
	CHECK(make());
	CHECK(walk_to("pci:00:04.0"));
	CHECK(strcmp(compatible(0), "pci:1234:1001") == 0 && strcmp(compatible(1), "pci-class:010802") == 0 &&
	      strcmp(compatible(2), "pci-class:0108") == 0 && compatible(3)[0] == 0);
	CHECK(region(0, LOW + 0x100000, 0x2000) && !region(1, 0, 0));
	CHECK(fdt_find(&fdt, walk.node, "pci,regions", &property) && property.size == 12);
	CHECK(fdt_u32(property.value) == 0 && fdt_u32(property.value + 8) == 0);
	CHECK(fdt_find(&fdt, walk.node, "pci,config", &property) && property.size == 256);
	CHECK(property.value[0] == 0x34 && property.value[1] == 0x12);
	CHECK_EQ(property.value[4], COMMAND_MEMORY); // as it is now
	CHECK(property.value[0x12] == 0x10 && property.value[0x13] == 0xc0);
	CHECK(fdt_find(&fdt, walk.node, "gila,master", &property) && property.size == 4 && fdt_u32(property.value) == 0);
	CHECK(walk_to("pci:01:1f.0") && strcmp(compatible(2), "pci-class:0200") == 0 && region(0, LOW, 65536));
	CHECK(!walk_to("pci:00:05.0")); // the bridge
	CHECK(walk_to("pci:00:06.0") && !region(0, 0, 0) && !fdt_find(&fdt, walk.node, "reg", &property));
}

TEST(device_tree_numbers_lines)
{
	begin();
	CHECK(make());
	CHECK_EQ(tree.line_count, 6);
	CHECK(walk_to("pci:00:04.0") && line(0) == 100 && line(4) == 104 && line(5) == 0);
	CHECK(lines[3].function == 0 && lines[3].entry == 3);
	CHECK(walk_to("pci:01:1f.0"));
	uint32_t number = line(0);
	CHECK(number == 105 && found[lines[number - 100].function].bus == 1 && lines[number - 100].entry == 0);
	tree.lines_each = 2;
	CHECK(make() && tree.line_count == 3);
	CHECK(walk_to("pci:00:04.0") && line(1) == 101 && line(2) == 0);
	CHECK(walk_to("pci:01:1f.0") && line(0) == 102);
	tree.lines_each = 0;
	CHECK(make() && tree.line_count == 6);
	tree.line_room = 3;
	CHECK(make() && tree.line_count == 3);
	CHECK(walk_to("pci:00:04.0") && line(2) == 102 && line(3) == 0);
	CHECK(walk_to("pci:01:1f.0") && line(0) == 0);
}

TEST(device_tree_names_segments)
{
	begin();
	for (uint32_t i = 0; i < pci.count; i++)
		found[i].segment = 0x1a;
	CHECK(make() && walk_to("pci:001a:00:04.0"));
}

TEST(device_tree_has_ports_and_framebuffer)
{
	static const struct device_tree_ports ports[] = {
		{"serial@3f8", "ns16550a\0pnp:PNP0501\0", {{0x3f8, 8}}, 4},
		{"keyboard@60", "pnp:PNP0303\0", {{0x60, 1}, {0x64, 1}}, 1},
		{"post@80", "post\0", {{0x80, 1}}, -1},
	};
	static const struct device_tree_framebuffer framebuffer = {0xfd000000, 1280, 800, 5120, "x8r8g8b8"};
	struct fdt_property property;
	uint32_t stride;
	begin();
	tree.ports = ports;
	tree.port_count = 3;
	tree.framebuffer = &framebuffer;
	CHECK(make());
	CHECK(walk_to("serial@3f8") && strcmp(compatible(1), "pnp:PNP0501") == 0 && line(0) == 20);
	CHECK(fdt_find(&fdt, walk.node, "gila,ports", &property) && property.size == 12);
	CHECK(fdt_u32(property.value) == 0 && fdt_u32(property.value + 4) == 0x3f8 && fdt_u32(property.value + 8) == 8);
	CHECK(walk_to("keyboard@60") && line(0) == 1);
	CHECK(fdt_find(&fdt, walk.node, "gila,ports", &property) && property.size == 24);
	CHECK(fdt_u32(property.value + 16) == 0x64 && fdt_u32(property.value + 20) == 1);
	CHECK(walk_to("post@80") && line(0) == 0);
	CHECK(walk_to("framebuffer@00000000fd000000") && region(0, 0xfd000000, 5120 * 800));
	CHECK(fdt_cell(&fdt, walk.node, "stride", &stride) && stride == 5120);
	CHECK(fdt_find(&fdt, walk.node, "format", &property) && strcmp(fdt_string(&property, 0), "x8r8g8b8") == 0);
}

TEST(device_tree_refuses_when_full)
{
	begin();
	size_t whole = device_tree_make(&tree, blob, sizeof(blob));
	CHECK(whole > 1000);
	uint8_t canary[8];
	for (size_t room = 0; room < whole; room++) {
		memset(blob, 0xa5, sizeof(blob));
		CHECK_EQ(device_tree_make(&tree, blob, room), 0);
		memset(canary, 0xa5, sizeof(canary));
		CHECK(memcmp(blob + room, canary, sizeof(canary)) == 0);
	}
	CHECK_EQ(device_tree_make(&tree, blob, whole), whole);
}
