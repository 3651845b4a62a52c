// SPDX-License-Identifier: MIT
// Flattened device trees (Devicetree Specification v0.4, chapter 5), read where they lie.
//
// fdt_open checks all of a blob once: header, tokens, nesting, names, bounds of every property. What it accepts can be
// walked with the other functions, which never leave the blob and always end. The blob must not change meanwhile.
// Machines use this, too, to look at their own trees. Locks: none. May suspend: never.
#ifndef KERNEL_DEVICE_FDT_H
#define KERNEL_DEVICE_FDT_H

#include "../core/base.h"

#define FDT_SIZE_LIMIT (2u << 20) // as Linux has it (Documentation/arch/arm64/booting.rst)
#define FDT_DEPTH_MAX 16u       // nested nodes, the root included

enum fdt_error {
	FDT_OK,
	FDT_SHORT,      // smaller than it says, or than a header
	FDT_LARGE,      // more than FDT_SIZE_LIMIT
	FDT_MAGIC,      // not a device tree
	FDT_VERSION,    // not compatible with version 17
	FDT_LAYOUT,     // a block outside the blob, or not aligned
	FDT_TOKEN,      // an unknown token, or one out of place
	FDT_NAME,       // a name outside its block, too long, or with strange characters
	FDT_PROPERTY,   // a property outside the structure block
	FDT_DEPTH,      // more than FDT_DEPTH_MAX levels
	FDT_UNFINISHED, // the structure block ends before the root node does
};

struct fdt {
	const uint8_t *blob; // [I]
	uint32_t structure, structure_size, strings, strings_size; // [I] blocks
};

// Nodes are offsets of their FDT_BEGIN_NODE in the blob; 0: none.
struct fdt_property {
	const char *name;
	const uint8_t *value;
	uint32_t size;
};

// *at: the byte of the blob that is wrong.
enum fdt_error must_check fdt_open(struct fdt *fdt, const void *blob, size_t size, uint32_t *at);
const char *fdt_error_reason(enum fdt_error error);

uint32_t fdt_root(const struct fdt *fdt);
// The node behind this one in the order of the blob; *depth (of the root: 0) in and out. 0: no more.
uint32_t fdt_next(const struct fdt *fdt, uint32_t node, uint32_t *depth);
// With its unit address: "uart@1000"; the root's is "".
const char *fdt_name(const struct fdt *fdt, uint32_t node);
// False: the node has no such property.
bool fdt_find(const struct fdt *fdt, uint32_t node, const char *name, struct fdt_property *property);
// The node's properties one by one: *cursor is 0 to begin. False: no more.
bool fdt_each(const struct fdt *fdt, uint32_t node, uint32_t *cursor, struct fdt_property *property);
// The node with that property "phandle"; 0: none.
uint32_t fdt_by_phandle(const struct fdt *fdt, uint32_t phandle);

// The value is exactly one cell (u32).
bool fdt_cell(const struct fdt *fdt, uint32_t node, const char *name, uint32_t *value);
// String `index` of a list of strings; NULL: there are not so many, or the value is no list of strings.
const char *fdt_string(const struct fdt_property *property, uint32_t index);
static inline uint32_t fdt_u32(const uint8_t *at)
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

#endif
