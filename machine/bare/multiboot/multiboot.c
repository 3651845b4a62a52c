// SPDX-License-Identifier: MIT
// Reads multiboot2's boot information: see multiboot.h. A list of tags, each of a type and a size, at multiples of 8 bytes
// (Multiboot2 Specification 2.0, 3.6.2 "Basic tags structure").
#include "multiboot.h"

#include <string.h>

// 3.6.3 and the following: offsets are from the beginning of the tag.
enum tag {
	TAG_END = 0,
	TAG_COMMAND_LINE = 1,
	TAG_MODULE = 3,
	TAG_MEMORY_MAP = 6,
	TAG_FRAMEBUFFER = 8,
	TAG_RSDP_OLD = 14,
	TAG_RSDP_NEW = 15,
};
#define INFO_HEADER 8u
#define TAG_HEADER 8u
#define MAP_HEADER 16u
#define MAP_ENTRY 24u // at least
#define MAP_RAM 1u
#define RSDP_OLD_SIZE 20u
#define RSDP_NEW_SIZE 36u

static uint32_t u32(const uint8_t *at)
{
	return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}
static uint64_t u64(const uint8_t *at) { return u32(at) | (uint64_t)u32(at + 4) << 32; }

uint32_t multiboot_size(const uint8_t info[8])
{
	uint32_t size = u32(info);
	return size >= INFO_HEADER + TAG_HEADER && size <= MULTIBOOT_SIZE_MOST ? size : 0;
}

static void read_command_line(const uint8_t *tag, uint32_t size, struct multiboot *found)
{
	for (uint32_t at = TAG_HEADER; at < size && !found->command_line; at++)
		if (tag[at] == 0)
			found->command_line = (const char *)tag + TAG_HEADER;
}

static void read_module(const uint8_t *tag, uint32_t size, struct multiboot *found)
{
	if (size < 16 || found->module_count == MULTIBOOT_MODULES || u32(tag + 12) < u32(tag + 8))
		return;
	found->modules[found->module_count++] = (struct multiboot_module){u32(tag + 8), u32(tag + 12)};
}

static void read_map(const uint8_t *tag, uint32_t size, struct multiboot *found)
{
	if (size < MAP_HEADER || u32(tag + 8) < MAP_ENTRY)
		return;
	found->map = tag + MAP_HEADER;
	found->map_entry_size = u32(tag + 8);
	found->map_entries = (size - MAP_HEADER) / found->map_entry_size;
}

static void read_rsdp(const uint8_t *tag, uint32_t size, uint32_t least, struct multiboot *found)
{
	if (size - TAG_HEADER < least || found->rsdp_size >= least)
		return;
	found->rsdp = tag + TAG_HEADER;
	found->rsdp_size = size - TAG_HEADER;
}

// The colours are at 32: `reserved` has two bytes in the specification's own multiboot2.h, and so it has with GRUB.
static void read_framebuffer(const uint8_t *tag, uint32_t size, struct multiboot *found)
{
	if (size < 32)
		return;
	struct multiboot_framebuffer *f = &found->framebuffer;
	*f = (struct multiboot_framebuffer){.address = u64(tag + 8),
					    .stride = u32(tag + 16),
					    .width = u32(tag + 20),
					    .height = u32(tag + 24),
					    .bits = tag[28],
					    .pixels = tag[29]};
	if (f->pixels != MULTIBOOT_RGB || size < 38)
		return;
	f->red = tag[32], f->red_bits = tag[33];
	f->green = tag[34], f->green_bits = tag[35];
	f->blue = tag[36], f->blue_bits = tag[37];
}

static void read_tag(const uint8_t *tag, uint32_t size, struct multiboot *found)
{
	switch (u32(tag)) {
	case TAG_COMMAND_LINE: read_command_line(tag, size, found); break;
	case TAG_MODULE: read_module(tag, size, found); break;
	case TAG_MEMORY_MAP: read_map(tag, size, found); break;
	case TAG_FRAMEBUFFER: read_framebuffer(tag, size, found); break;
	case TAG_RSDP_OLD: read_rsdp(tag, size, RSDP_OLD_SIZE, found); break;
	case TAG_RSDP_NEW: read_rsdp(tag, size, RSDP_NEW_SIZE, found); break;
	}
}

const char *multiboot_read(const uint8_t *info, uint32_t size, struct multiboot *found)
{
	memset(found, 0, sizeof(*found));
	for (uint32_t at = INFO_HEADER; at <= size && size - at >= TAG_HEADER;) {
		uint32_t length = u32(info + at + 4);
		if (length < TAG_HEADER || length > size - at)
			return "a tag is cut off";
		if (u32(info + at) == TAG_END)
			return NULL;
		read_tag(info + at, length, found);
		at += (length + 7) & ~7u;
	}
	return "the list of tags does not end";
}

bool multiboot_memory(const struct multiboot *found, uint32_t index, uint64_t *address, uint64_t *size, bool *ram)
{
	if (index >= found->map_entries)
		return false;
	const uint8_t *entry = found->map + (size_t)index * found->map_entry_size;
	*address = u64(entry);
	*size = u64(entry + 8);
	*ram = u32(entry + 16) == MAP_RAM;
	return true;
}
