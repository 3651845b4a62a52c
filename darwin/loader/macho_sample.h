// SPDX-License-Identifier: MIT
// A small Mach-O program for tests: __PAGEZERO, __TEXT (page 1), __DATA (page 2), __LINKEDIT (page 3), a library, an entry point.
// Tests change bytes of it and see what the parser says.
#ifndef DARWIN_MACHO_SAMPLE_H
#define DARWIN_MACHO_SAMPLE_H

#include "macho.h"

#include <string.h>

#define SAMPLE_SIZE (3u * 4096 + 512)
#define SAMPLE_BASE 0x100000000ull
#define SAMPLE_LINKEDIT (3u * 4096)

struct sample {
	_Alignas(8) uint8_t bytes[SAMPLE_SIZE];
	size_t used;	   // of the commands
	size_t info;	   // offset of struct macho_info_command
	size_t text, data; // of the segments' commands
	size_t main;
};

static inline size_t sample_add(struct sample *sample, const void *command, size_t size)
{
	size_t at = sizeof(struct macho_header) + sample->used;
	memcpy(sample->bytes + at, command, size);
	((struct macho_command *)(void *)(sample->bytes + at))->size = (uint32_t)size;
	sample->used += size;
	struct macho_header *header = (void *)sample->bytes;
	header->commands++;
	header->commands_size = (uint32_t)sample->used;
	return at;
}

static inline size_t sample_segment(struct sample *sample, const char *name, uint64_t address, uint64_t memory,
				    uint64_t offset, uint64_t size, uint32_t protection)
{
	struct macho_segment_command segment = {.command = LC_SEGMENT_64,
						.address = address,
						.memory_size = memory,
						.file_offset = offset,
						.file_size = size,
						.most_protection = protection,
						.protection = protection};
	memcpy(segment.name, name, strlen(name));
	return sample_add(sample, &segment, sizeof(segment));
}

static inline void sample_make(struct sample *sample)
{
	memset(sample, 0, sizeof(*sample));
	*(struct macho_header *)(void *)sample->bytes =
		(struct macho_header){MACHO_MAGIC_64, MACHO_CPU_X86_64, 3, MACHO_EXECUTE, 0, 0, MACHO_PIE, 0};
	sample_segment(sample, "__PAGEZERO", 0, SAMPLE_BASE, 0, 0, 0);
	sample->text = sample_segment(sample, "__TEXT", SAMPLE_BASE, 4096, 0, 4096, 5);
	sample->data = sample_segment(sample, "__DATA", SAMPLE_BASE + 4096, 8192, 4096, 4096, 3);
	sample_segment(sample, "__LINKEDIT", SAMPLE_BASE + 3 * 4096, 4096, SAMPLE_LINKEDIT, 512, 1);
	struct {
		struct macho_dylib_command command;
		char name[32];
	} dylib = {{.command = LC_LOAD_DYLIB, .name = sizeof(struct macho_dylib_command)},
		   "/usr/lib/libSystem.B.dylib"};
	sample_add(sample, &dylib, sizeof(dylib));
	struct macho_info_command info = {.command = (uint32_t)LC_DYLD_INFO_ONLY,
					  .rebase = SAMPLE_LINKEDIT,
					  .rebase_size = 64,
					  .bind = SAMPLE_LINKEDIT + 64,
					  .bind_size = 64,
					  .exports = SAMPLE_LINKEDIT + 128,
					  .exports_size = 128};
	sample->info = sample_add(sample, &info, sizeof(info));
	struct macho_main_command entry = {.command = (uint32_t)LC_MAIN, .entry = 2048};
	sample->main = sample_add(sample, &entry, sizeof(entry));
}

#endif
