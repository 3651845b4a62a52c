// SPDX-License-Identifier: MIT
// Reader of programs: static position-independent ELF files (System V gABI, chapters 4 and 5). A plain function over
// memory.
#ifndef MACHINE_BARE_ELF_H
#define MACHINE_BARE_ELF_H

#include <mach/mach_types.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ELF_SEGMENTS 16u
#define ELF_PAGE 4096u
#define ELF_SPAN_MOST (UINT64_C(1) << 32) // addresses of a program are below this

struct elf_segment {
	uint64_t address, end;             // whole pages, relative to where it is loaded
	uint64_t data_address;             // where the bytes go
	size_t data_offset, data_size;     // in the file; the rest is zero
	vm_prot_t prot;                    // never writable and executable
};

struct elf_program {
	uint64_t entry, headers;   // relative; headers: of the program headers, 0 if no segment has them
	uint16_t header_count, header_size;
	uint64_t span;             // the end of the last segment
	unsigned count;
	struct elf_segment segments[ELF_SEGMENTS]; // ascending, apart from each other
};

// NULL, or why the `size` bytes at `image` are no program that can be loaded.
const char *elf_read(const void *image, size_t size, uint16_t machine, struct elf_program *program);

#endif
