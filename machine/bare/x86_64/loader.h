// SPDX-License-Identifier: MIT
// What a loader leaves for the kernel, read once at boot, while memory up to 4 GiB is mapped and nobody takes any: each file
// loader_*.c reads its own kind, adds memory (ram.c), reserves what must stay, and fills this.
#ifndef MACHINE_BARE_X86_64_LOADER_H
#define MACHINE_BARE_X86_64_LOADER_H

#include "../multiboot/multiboot.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LOADER_LIMIT UINT64_C(0x100000000) // what the boot tables map

struct loader {
	const char *name;
	uint64_t rsdp;                            // physical; 0: it does not say
	struct multiboot_framebuffer framebuffer; // width 0: none
};
extern struct loader loader;

// Both panic when there is nothing that could be booted with. `info` is physical.
void loader_read_pvh(uint32_t info);
void loader_read_multiboot(uint32_t info);

// For them, in start.c. The command line is copied, as much as there is room for.
void loader_take_command_line(const char *text);
// Module `index`; the first one is the archive.
void loader_take_module(uint32_t index, uint64_t address, uint64_t size);

#endif
