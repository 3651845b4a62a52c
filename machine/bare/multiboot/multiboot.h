// SPDX-License-Identifier: MIT
// What a multiboot2 loader leaves in memory (Multiboot2 Specification 2.0, 3.6 "Boot information format"): read from bytes that
// are given, which nobody is trusted with. What is found points into them.
//
// To read it call multiboot_read, then multiboot_memory for each piece of the memory map. Locks: none. May suspend: never.
#ifndef MACHINE_BARE_MULTIBOOT_H
#define MACHINE_BARE_MULTIBOOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MULTIBOOT_MAGIC 0x36d76289u // in eax at the entry (3.3 "I386 machine state")
#define MULTIBOOT_MODULES 8u        // those behind them are left out
#define MULTIBOOT_SIZE_MOST (1u << 20)

struct multiboot_module {
	uint32_t start, end; // physical
};

// 3.6.12 "Framebuffer info".
enum multiboot_pixels {
	MULTIBOOT_PALETTE = 0,
	MULTIBOOT_RGB = 1,
	MULTIBOOT_TEXT = 2,
};
struct multiboot_framebuffer {
	uint64_t address;
	uint32_t stride, width, height; // bytes, pixels, pixels
	uint8_t bits, pixels;           // of a pixel; enum multiboot_pixels, or what is not known
	// Of MULTIBOOT_RGB: the lowest bit and the number of bits.
	uint8_t red, red_bits, green, green_bits, blue, blue_bits;
};

struct multiboot {
	const char *command_line; // ends with a zero inside the information; NULL: none
	struct multiboot_module modules[MULTIBOOT_MODULES];
	uint32_t module_count;
	const uint8_t *map; // NULL: none
	uint32_t map_entries, map_entry_size;
	const uint8_t *rsdp; // a copy of ACPI's root pointer: the newer one if there are two; NULL: none
	uint32_t rsdp_size;
	struct multiboot_framebuffer framebuffer; // width 0: none
};

// The size that the information says it has: `info` are its first 8 bytes. 0: it cannot be right.
uint32_t multiboot_size(const uint8_t info[8]);
// NULL, or why it cannot be used: tags that are cut off or do not end. Tags that are too short for what they should be are
// as if they were not there.
const char *multiboot_read(const uint8_t *info, uint32_t size, struct multiboot *found);
// Piece `index` of the memory map. *ram: memory that is free for the kernel (type 1). False: no more.
bool multiboot_memory(const struct multiboot *found, uint32_t index, uint64_t *address, uint64_t *size, bool *ram);

#endif
