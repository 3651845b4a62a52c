// SPDX-License-Identifier: MIT
// The reader of device trees: what it finds in good ones, and that it refuses bad ones where they are bad.
#include "fdt.h"
#include "fdt_make.h"
#include "fdt_walk.h"

#include <gila/test.h>

static uint8_t blob[8192];
static struct fdt_make make;
static struct fdt fdt;
static uint32_t at;

static void begin(void)
{
	fdt_make_begin(&make, blob, sizeof(blob));
	fdt_make_node(&make, "");
}

static bool finish(void)
{
	fdt_make_node_end(&make);
	size_t size = fdt_make_end(&make);
	return size > 0 && fdt_open(&fdt, blob, size, &at) == FDT_OK;
}

TEST(fdt_finds_nodes_and_properties)
{
	struct fdt_property property;
	uint32_t depth = 0, value, cursor = 0, node;
	begin();
	fdt_make_text(&make, "model", "test");
	fdt_make_node(&make, "bus");
	fdt_make_cell(&make, "phandle", 3);
	fdt_make_node(&make, "uart@1000");
	fdt_make_property(&make, "compatible", "a,b\0c", 6);
	fdt_make_property(&make, "empty", "", 0);
	fdt_make_node_end(&make);
	fdt_make_node_end(&make);
	fdt_make_node(&make, "last");
	fdt_make_node_end(&make);
	CHECK(finish());
	node = fdt_root(&fdt);
	CHECK(text_equal(fdt_name(&fdt, node), ""));
	CHECK(fdt_find(&fdt, node, "model", &property) && property.size == 5);
	CHECK(!fdt_find(&fdt, node, "compatible", &property)); // a child's
	node = fdt_next(&fdt, node, &depth);
	CHECK(text_equal(fdt_name(&fdt, node), "bus") && depth == 1);
	CHECK(fdt_cell(&fdt, node, "phandle", &value) && value == 3);
	CHECK_EQ(fdt_by_phandle(&fdt, 3), node);
	CHECK_EQ(fdt_by_phandle(&fdt, 4), 0);
	node = fdt_next(&fdt, node, &depth);
	CHECK(text_equal(fdt_name(&fdt, node), "uart@1000") && depth == 2);
	CHECK(fdt_each(&fdt, node, &cursor, &property) && text_equal(fdt_string(&property, 1), "c"));
	CHECK(text_equal(fdt_string(&property, 0), "a,b") && !fdt_string(&property, 2));
	CHECK(fdt_each(&fdt, node, &cursor, &property) && property.size == 0 && !fdt_string(&property, 0));
	CHECK(!fdt_each(&fdt, node, &cursor, &property));
	CHECK(!fdt_cell(&fdt, node, "compatible", &value)); // not four bytes
	node = fdt_next(&fdt, node, &depth);
	CHECK(text_equal(fdt_name(&fdt, node), "last") && depth == 1);
	CHECK_EQ(fdt_next(&fdt, node, &depth), 0);
}

TEST(fdt_strings_must_end)
{
	struct fdt_property property;
	begin();
	fdt_make_property(&make, "compatible", "abc", 3);
	CHECK(finish());
	CHECK(fdt_find(&fdt, fdt_root(&fdt), "compatible", &property));
	CHECK(!fdt_string(&property, 0));
}

TEST(fdt_refuses_bad_headers)
{
	struct fdt other;
	begin();
	CHECK(finish());
	size_t size = make.size;
	static const struct {
		unsigned offset;
		uint32_t value;
		enum fdt_error error;
	} cases[] = {
		{0, 0xd00dfeee, FDT_MAGIC},   {4, 8192, FDT_SHORT},	  {4, 39, FDT_SHORT},
		{4, 3u << 20, FDT_LARGE},     {8, 57, FDT_LAYOUT},	  {8, 0xfffffffc, FDT_LAYOUT},
		{8, 0, FDT_LAYOUT},	      {12, 0x7fffffff, FDT_LAYOUT}, {20, 16, FDT_VERSION},
		{24, 18, FDT_VERSION},	      {32, 0xffffffff, FDT_LAYOUT}, {36, 0xffffffff, FDT_LAYOUT},
		{36, 8, FDT_UNFINISHED},      {36, 0, FDT_UNFINISHED},
	};
	for (size_t i = 0; i < array_count(cases); i++) {
		uint32_t before = fdt_u32(blob + cases[i].offset);
		fdt_make_number(blob + cases[i].offset, cases[i].value);
		CHECK_EQ(fdt_open(&other, blob, size, &at), cases[i].error);
		fdt_make_number(blob + cases[i].offset, before);
	}
	for (size_t cut = 0; cut < size; cut++)
		CHECK(fdt_open(&other, blob, cut, &at) != FDT_OK);
	CHECK_EQ(fdt_open(&other, blob, size, &at), FDT_OK);
	for (int error = FDT_OK; error <= FDT_UNFINISHED + 1; error++)
		CHECK(fdt_error_reason((enum fdt_error)error)[0]);
}

// Replaces cell `index` of the structure block, opens, and puts it back.
static enum fdt_error with_cell(unsigned index, uint32_t value)
{
	struct fdt other;
	uint8_t *cell = blob + FDT_MAKE_HEAD + 4 * index;
	uint32_t before = fdt_u32(cell);
	fdt_make_number(cell, value);
	enum fdt_error error = fdt_open(&other, blob, sizeof(blob), &at);
	fdt_make_number(cell, before);
	return error;
}

TEST(fdt_refuses_bad_structures)
{
	begin();				  // cells 0, 1: BEGIN_NODE, ""
	fdt_make_cell(&make, "p", 1);		  // 2..5: PROP, size, name, value
	fdt_make_node(&make, "a");		  // 6, 7
	fdt_make_node_end(&make);		  // 8
	CHECK(finish());			  // 9, 10: END_NODE, END
	CHECK_EQ(with_cell(0, 7), FDT_TOKEN);
	CHECK_EQ(with_cell(0, 2), FDT_TOKEN);	  // ends what has not begun
	CHECK_EQ(with_cell(0, 3), FDT_NAME);	  // a property before the root, whose size is 3 and name no name
	CHECK_EQ(with_cell(1, 0x61000000), FDT_NAME); // the root has a name
	CHECK_EQ(with_cell(3, 1000), FDT_PROPERTY);
	CHECK_EQ(with_cell(3, 0xffffffff), FDT_PROPERTY);
	CHECK_EQ(with_cell(4, 2), FDT_NAME);	  // behind the strings
	CHECK_EQ(with_cell(4, 1), FDT_NAME);	  // an empty name
	CHECK_EQ(with_cell(7, 0x01000000), FDT_NAME);
	CHECK_EQ(with_cell(7, 0), FDT_NAME);	  // a node without a name
	CHECK_EQ(with_cell(7, 0x3a000000), FDT_OK);   // ":", as in a PCI address
	CHECK_EQ(with_cell(7, 0x3b000000), FDT_NAME); // ";"
	CHECK_EQ(with_cell(8, 3), FDT_PROPERTY);
	CHECK_EQ(with_cell(8, 9), FDT_TOKEN);
	CHECK_EQ(with_cell(8, 4), FDT_TOKEN);	  // END comes too early
	CHECK_EQ(with_cell(10, 77), FDT_OK);	  // nobody looks behind the root
}

TEST(fdt_refuses_properties_behind_nodes_and_depth)
{
	begin();
	fdt_make_node(&make, "a");
	fdt_make_node_end(&make);
	fdt_make_cell(&make, "late", 1);
	CHECK(!finish());
	for (unsigned depth = FDT_DEPTH_MAX - 2; depth < FDT_DEPTH_MAX + 2; depth++) {
		begin();
		for (unsigned i = 0; i < depth; i++)
			fdt_make_node(&make, "n");
		for (unsigned i = 0; i < depth; i++)
			fdt_make_node_end(&make);
		CHECK_EQ(finish(), depth < FDT_DEPTH_MAX);
	}
}

// ---- The walk ------------------------------------------------------------------------------------------------------

static struct fdt_walk walk;

// Walks on to the node of that name.
static bool walk_to(const char *name)
{
	fdt_walk_begin(&walk, &fdt);
	while (fdt_walk_next(&walk))
		if (text_equal(fdt_name(&fdt, walk.node), name))
			return true;
	return false;
}

static uint64_t region(uint32_t index, uint64_t *size)
{
	uint64_t address;
	bool reachable;
	*size = 0;
	return fdt_walk_region(&walk, index, &address, size, &reachable) && reachable ? address : UINT64_MAX;
}

TEST(fdt_walk_translates_addresses)
{
	uint64_t size, address;
	bool reachable;
	begin();
	fdt_make_cell(&make, "#address-cells", 2);
	fdt_make_cell(&make, "#size-cells", 1);
	fdt_make_node(&make, "bus");
	fdt_make_cell(&make, "#address-cells", 1);
	fdt_make_cell(&make, "#size-cells", 1);
	// Two windows: 0x1000 (0x100 bytes) at 0x1_0000_2000, 0x8000 (0x1000 bytes) at 0x4000.
	fdt_make_cells(&make, "ranges", (uint32_t[]){0x1000, 1, 0x2000, 0x100, 0x8000, 0, 0x4000, 0x1000}, 8);
	fdt_make_node(&make, "dev");
	fdt_make_cells(&make, "reg", (uint32_t[]){0x1010, 0x20, 0x8000, 0x1000, 0x10f0, 0x20, 0x9000, 4, 0x8000, 0}, 10);
	fdt_make_node_end(&make);
	fdt_make_node(&make, "inner"); // addresses as they are
	fdt_make_cell(&make, "#address-cells", 1);
	fdt_make_cell(&make, "#size-cells", 1);
	fdt_make_property(&make, "ranges", "", 0);
	fdt_make_node(&make, "deep");
	fdt_make_cells(&make, "reg", (uint32_t[]){0x8010, 4}, 2);
	fdt_make_node_end(&make);
	fdt_make_node_end(&make);
	fdt_make_node_end(&make);
	fdt_make_node(&make, "i2c");
	fdt_make_cell(&make, "#address-cells", 1);
	fdt_make_cell(&make, "#size-cells", 0);
	fdt_make_node(&make, "chip");
	fdt_make_cell(&make, "reg", 0x50);
	fdt_make_node_end(&make);
	fdt_make_node_end(&make);
	fdt_make_node(&make, "top"); // cells of the root
	fdt_make_cells(&make, "reg", (uint32_t[]){0xffffffff, 0xfffff000, 0x1000, 0xffffffff, 0xfffff000, 0x1001}, 6);
	fdt_make_node_end(&make);
	CHECK(finish());
	CHECK(walk_to("dev"));
	CHECK_EQ(region(0, &size), 0x100002010);
	CHECK_EQ(size, 0x20);
	CHECK_EQ(region(1, &size), 0x4000);
	CHECK_EQ(region(2, &size), UINT64_MAX); // reaches out of its window
	CHECK_EQ(region(3, &size), UINT64_MAX); // behind the other
	CHECK_EQ(region(4, &size), UINT64_MAX); // nothing
	CHECK(fdt_walk_region(&walk, 4, &address, &size, &reachable));
	CHECK(!fdt_walk_region(&walk, 5, &address, &size, &reachable));
	CHECK(walk_to("deep"));
	CHECK_EQ(region(0, &size), 0x4010);
	CHECK(walk_to("chip") && !fdt_walk_region(&walk, 0, &address, &size, &reachable));
	CHECK(walk_to("top"));
	CHECK_EQ(region(0, &size), 0xfffffffffffff000); // up to the last byte
	CHECK_EQ(region(1, &size), UINT64_MAX);	       // beyond
}

static uint32_t line_of(uint32_t index)
{
	uint32_t line;
	bool reachable;
	return fdt_walk_interrupt(&walk, index, &line, &reachable) ? reachable ? line : 10000 : 20000;
}

TEST(fdt_walk_finds_interrupt_lines)
{
	begin();
	fdt_make_cell(&make, "interrupt-parent", 1);
	fdt_make_node(&make, "gic");
	fdt_make_cell(&make, "phandle", 1);
	fdt_make_cell(&make, "#interrupt-cells", 3);
	fdt_make_node_end(&make);
	fdt_make_node(&make, "gpio"); // interrupts the GIC itself
	fdt_make_cell(&make, "phandle", 2);
	fdt_make_cell(&make, "#interrupt-cells", 2);
	fdt_make_cells(&make, "interrupts", (uint32_t[]){0, 5, 4}, 3);
	fdt_make_node_end(&make);
	fdt_make_node(&make, "odd");
	fdt_make_cell(&make, "phandle", 3);
	fdt_make_cell(&make, "#interrupt-cells", 9);
	fdt_make_node_end(&make);
	fdt_make_node(&make, "plain");
	fdt_make_cells(&make, "interrupts", (uint32_t[]){0, 7, 4, 1, 14, 4, 0}, 7);
	fdt_make_node_end(&make);
	fdt_make_node(&make, "button");
	fdt_make_cell(&make, "interrupt-parent", 2);
	fdt_make_cells(&make, "interrupts", (uint32_t[]){3, 1}, 2);
	fdt_make_node_end(&make);
	fdt_make_node(&make, "mixed");
	fdt_make_cells(&make, "interrupts", (uint32_t[]){0, 99, 4}, 3);
	fdt_make_cells(&make, "interrupts-extended", (uint32_t[]){1, 0, 8, 4, 2, 3, 1, 1, 1, 2, 4, 77, 1}, 13);
	fdt_make_node_end(&make);
	fdt_make_node(&make, "lost");
	fdt_make_cell(&make, "interrupt-parent", 3);
	fdt_make_cells(&make, "interrupts", (uint32_t[]){1, 2, 3}, 3);
	fdt_make_node_end(&make);
	CHECK(finish());
	CHECK(walk_to("plain"));
	CHECK_EQ(line_of(0), 39);
	CHECK_EQ(line_of(1), 30);
	CHECK_EQ(line_of(2), 20000);
	CHECK(walk_to("button"));
	CHECK_EQ(line_of(0), 10000);
	CHECK(walk_to("mixed"));
	CHECK_EQ(line_of(0), 40);
	CHECK_EQ(line_of(1), 10000);
	CHECK_EQ(line_of(2), 18);
	CHECK_EQ(line_of(3), 20000); // phandle 77 is nobody's
	CHECK(walk_to("lost"));
	CHECK_EQ(line_of(0), 20000);
}

TEST(fdt_walk_leaves_out_what_is_disabled)
{
	begin();
	fdt_make_node(&make, "off");
	fdt_make_text(&make, "status", "disabled");
	fdt_make_node(&make, "child");
	fdt_make_node_end(&make);
	fdt_make_node_end(&make);
	fdt_make_node(&make, "on");
	fdt_make_text(&make, "status", "okay");
	fdt_make_node_end(&make);
	fdt_make_node(&make, "also");
	fdt_make_text(&make, "status", "ok");
	fdt_make_node_end(&make);
	fdt_make_node(&make, "strange");
	fdt_make_property(&make, "status", "okay", 4); // without its end
	fdt_make_node_end(&make);
	CHECK(finish());
	CHECK(!walk_to("off"));
	CHECK(!walk_to("child"));
	CHECK(walk_to("on"));
	CHECK(walk_to("also"));
	CHECK(!walk_to("strange"));
}
