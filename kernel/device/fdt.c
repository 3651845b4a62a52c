// SPDX-License-Identifier: MIT
// Flattened device trees: see fdt.h. Section numbers are those of the Devicetree Specification v0.4.
#include "fdt.h"

enum { // 5.4.1
	FDT_BEGIN_NODE = 1,
	FDT_END_NODE = 2,
	FDT_PROP = 3,
	FDT_NOP = 4,
	FDT_END = 9,
};

#define HEADER_SIZE 40u
#define MAGIC 0xd00dfeedu
#define VERSION 17u
#define NODE_NAME_MAX 31u + 1u + 16u // 2.2.1: 31 characters; a unit address is not limited, 16 hold 64 bits
#define PROPERTY_NAME_MAX 63u        // 2.2.4 says 31; real trees have longer ones

static uint32_t align4(uint32_t offset) { return (offset + 3) & ~3u; }

const char *fdt_error_reason(enum fdt_error error)
{
	static const char *const reasons[] = {
		"fine",
		"it is cut short",
		"it is larger than 2 MiB",
		"it does not begin with the magic number",
		"it is not of version 17",
		"a block lies outside of it",
		"a token is unknown or out of place",
		"a name is damaged, too long or has strange characters",
		"a property reaches beyond its end",
		"nodes are nested more than 16 deep",
		"its root node does not end",
	};
	return (unsigned)error < array_count(reasons) ? reasons[error] : "?";
}

// ---- Opening -------------------------------------------------------------------------------------------------------

static bool block_inside(uint32_t offset, uint32_t block, uint32_t size)
{
	return offset >= HEADER_SIZE && offset <= size && block <= size - offset;
}

static enum fdt_error open_header(struct fdt *fdt, size_t size)
{
	const uint8_t *h = fdt->blob;
	if (size < HEADER_SIZE)
		return FDT_SHORT;
	if (fdt_u32(h) != MAGIC)
		return FDT_MAGIC;
	uint32_t total = fdt_u32(h + 4);
	if (total > FDT_SIZE_LIMIT)
		return FDT_LARGE;
	if (total > size || total < HEADER_SIZE)
		return FDT_SHORT;
	// 5.2: last_comp_version is the lowest one that a reader of `version` can be content with.
	if (fdt_u32(h + 20) < VERSION || fdt_u32(h + 24) > VERSION)
		return FDT_VERSION;
	fdt->structure = fdt_u32(h + 8);
	fdt->strings = fdt_u32(h + 12);
	fdt->strings_size = fdt_u32(h + 32);
	fdt->structure_size = fdt_u32(h + 36);
	bool fine = block_inside(fdt->structure, fdt->structure_size, total) && fdt->structure % 4 == 0 &&
		    block_inside(fdt->strings, fdt->strings_size, total);
	return fine ? FDT_OK : FDT_LAYOUT;
}

// 2.2.1, 2.2.4; and ':', for addresses of buses that are written with it ("pci:00:04.0").
static bool is_name_byte(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == ',' || c == '.' ||
	       c == '_' || c == '+' || c == '-' || c == '?' || c == '#' || c == '@' || c == '/' ||
	       c == ':';
}

// The length of the name at `offset`, which ends before `end`; UINT32_MAX: it is none.
static uint32_t name_length(const struct fdt *fdt, uint32_t offset, uint32_t end, uint32_t most)
{
	for (uint32_t length = 0; length <= most && offset + length < end; length++) {
		char c = (char)fdt->blob[offset + length];
		if (!c)
			return length;
		if (!is_name_byte(c))
			break;
	}
	return UINT32_MAX;
}

// What fdt_open knows while it walks.
struct opening {
	uint32_t at, end;
	uint32_t depth;
	bool properties; // of the innermost node may still come: they precede its nodes (5.4.2)
};

static enum fdt_error open_node(const struct fdt *fdt, struct opening *walk)
{
	uint32_t length = name_length(fdt, walk->at + 4, walk->end, NODE_NAME_MAX);
	if (length == UINT32_MAX || (length == 0) != (walk->depth == 0))
		return FDT_NAME;
	if (walk->depth == FDT_DEPTH_MAX)
		return FDT_DEPTH;
	walk->depth++;
	walk->properties = true;
	walk->at = align4(walk->at + 4 + length + 1);
	return FDT_OK;
}

static enum fdt_error open_property(const struct fdt *fdt, struct opening *walk)
{
	if (walk->end - walk->at < 12)
		return FDT_PROPERTY;
	uint32_t size = fdt_u32(fdt->blob + walk->at + 4), name = fdt_u32(fdt->blob + walk->at + 8);
	if (size > walk->end - walk->at - 12)
		return FDT_PROPERTY;
	if (name >= fdt->strings_size)
		return FDT_NAME;
	uint32_t length = name_length(fdt, fdt->strings + name, fdt->strings + fdt->strings_size, PROPERTY_NAME_MAX);
	if (length == UINT32_MAX || length == 0)
		return FDT_NAME;
	if (walk->depth == 0 || !walk->properties)
		return FDT_TOKEN;
	walk->at = align4(walk->at + 12 + size);
	return FDT_OK;
}

static enum fdt_error open_token(const struct fdt *fdt, struct opening *walk)
{
	switch (fdt_u32(fdt->blob + walk->at)) {
	case FDT_BEGIN_NODE:
		return open_node(fdt, walk);
	case FDT_PROP:
		return open_property(fdt, walk);
	case FDT_END_NODE:
		if (walk->depth == 0)
			return FDT_TOKEN;
		walk->depth--;
		walk->properties = false;
		walk->at += 4;
		return FDT_OK;
	case FDT_NOP:
		walk->at += 4;
		return FDT_OK;
	default:
		return FDT_TOKEN;
	}
}

enum fdt_error fdt_open(struct fdt *fdt, const void *blob, size_t size, uint32_t *at)
{
	*fdt = (struct fdt){.blob = blob};
	*at = 0;
	enum fdt_error error = open_header(fdt, size);
	if (error)
		return error;
	struct opening walk = {.at = fdt->structure, .end = fdt->structure + fdt->structure_size};
	bool begun = false;
	do {
		*at = walk.at;
		if (walk.at > walk.end || walk.end - walk.at < 4)
			return FDT_UNFINISHED;
		error = open_token(fdt, &walk);
		if (error)
			return error;
		begun = begun || walk.depth > 0;
	} while (!begun || walk.depth > 0);
	// The root node has ended; what comes behind it is of no interest.
	fdt->structure_size = walk.at - fdt->structure;
	return FDT_OK;
}

// ---- Walking: everything was checked ---------------------------------------------------------------------------------

static uint32_t structure_end(const struct fdt *fdt) { return fdt->structure + fdt->structure_size; }

// The token behind the one at `at`.
static uint32_t skip_token(const struct fdt *fdt, uint32_t at)
{
	uint32_t token = fdt_u32(fdt->blob + at), length = 0;
	if (token == FDT_PROP)
		return align4(at + 12 + fdt_u32(fdt->blob + at + 4));
	if (token != FDT_BEGIN_NODE)
		return at + 4;
	while (fdt->blob[at + 4 + length])
		length++;
	return align4(at + 4 + length + 1);
}

uint32_t fdt_root(const struct fdt *fdt)
{
	uint32_t at = fdt->structure;
	while (fdt_u32(fdt->blob + at) != FDT_BEGIN_NODE)
		at += 4;
	return at;
}

uint32_t fdt_next(const struct fdt *fdt, uint32_t node, uint32_t *depth)
{
	for (uint32_t at = skip_token(fdt, node); at < structure_end(fdt); at = skip_token(fdt, at)) {
		uint32_t token = fdt_u32(fdt->blob + at);
		if (token == FDT_BEGIN_NODE) {
			++*depth;
			return at;
		}
		if (token == FDT_END_NODE)
			--*depth;
	}
	return 0;
}

const char *fdt_name(const struct fdt *fdt, uint32_t node) { return (const char *)fdt->blob + node + 4; }

bool fdt_each(const struct fdt *fdt, uint32_t node, uint32_t *cursor, struct fdt_property *property)
{
	uint32_t at = *cursor ? skip_token(fdt, *cursor) : skip_token(fdt, node);
	while (at < structure_end(fdt) && fdt_u32(fdt->blob + at) == FDT_NOP)
		at += 4;
	if (at >= structure_end(fdt) || fdt_u32(fdt->blob + at) != FDT_PROP)
		return false;
	*cursor = at;
	property->size = fdt_u32(fdt->blob + at + 4);
	property->name = (const char *)fdt->blob + fdt->strings + fdt_u32(fdt->blob + at + 8);
	property->value = fdt->blob + at + 12;
	return true;
}

static bool names_equal(const char *a, const char *b)
{
	while (*a && *a == *b) {
		a++;
		b++;
	}
	return *a == *b;
}

bool fdt_find(const struct fdt *fdt, uint32_t node, const char *name, struct fdt_property *property)
{
	uint32_t cursor = 0;
	while (fdt_each(fdt, node, &cursor, property))
		if (names_equal(property->name, name))
			return true;
	return false;
}

bool fdt_cell(const struct fdt *fdt, uint32_t node, const char *name, uint32_t *value)
{
	struct fdt_property property;
	if (!fdt_find(fdt, node, name, &property) || property.size != 4)
		return false;
	*value = fdt_u32(property.value);
	return true;
}

uint32_t fdt_by_phandle(const struct fdt *fdt, uint32_t phandle)
{
	uint32_t depth = 0, value;
	for (uint32_t node = fdt_root(fdt); node; node = fdt_next(fdt, node, &depth))
		if (fdt_cell(fdt, node, "phandle", &value) && value == phandle)
			return node;
	return 0;
}

const char *fdt_string(const struct fdt_property *property, uint32_t index)
{
	const char *text = (const char *)property->value;
	if (property->size == 0 || text[property->size - 1])
		return NULL;
	for (uint32_t at = 0; at < property->size; at++) {
		if (index == 0)
			return text + at;
		while (text[at])
			at++;
		index--;
	}
	return NULL;
}
