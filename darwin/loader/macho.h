// SPDX-License-Identifier: MIT
// Reads a Mach-O file: from bytes to a checked description. A plain function over a byte range; it maps and runs nothing.
//
// macho_parse finds the x86_64 slice, walks the load commands and checks every offset and size that they give against the
// slice, so that whoever uses the result needs to check only what lies inside the ranges.
// 1. Ranges of struct macho are within `bytes`. 2. Mapped segments do not overlap in memory, lie in ascending order, and their file
// parts are within the slice; their addresses are whole pages. 3. Strings are ended by a NUL within their command.
#ifndef DARWIN_MACHO_H
#define DARWIN_MACHO_H

#include "format.h"

#include <stdbool.h>
#include <stddef.h>

#define MACHO_SEGMENTS 64u
#define MACHO_DYLIBS 512u
#define MACHO_RPATHS 64u
#define MACHO_SECTIONS 64u // of those kinds that the loader has to do with
#define MACHO_PAGE 4096u

struct macho_error {
	char text[160]; // place and reason
};

struct macho_range {
	const uint8_t *at;
	size_t size;
};

struct macho_segment {
	char name[17];
	uint64_t address, memory_size, file_offset, file_size; // the offset is in the slice
	uint32_t protection, flags;
};

// __PAGEZERO and what debuggers alone read have no protection and no place in memory.
static inline bool macho_segment_mapped(const struct macho_segment *segment)
{
	return segment->protection != 0 && segment->memory_size != 0;
}

struct macho_section {
	char name[17];
	uint64_t address, size;
	uint32_t type;
	uint32_t first; // of pointers: where their indirect symbols begin
};

struct macho_dylib {
	const char *name;
	enum macho_dylib_kind { MACHO_DYLIB_NEEDED, MACHO_DYLIB_WEAK, MACHO_DYLIB_REEXPORT, MACHO_DYLIB_UPWARD } kind;
};

enum macho_entry { MACHO_NO_ENTRY, MACHO_ENTRY_MAIN, MACHO_ENTRY_THREAD };

struct macho {
	const uint8_t *bytes; // of the slice
	size_t size;
	uint64_t slice; // its offset in the file
	uint32_t file_type, flags;
	uint64_t base;	    // address of the header, the first that is mapped
	uint64_t low, high; // addresses of what is mapped
	unsigned segment_count, section_count, dylib_count, rpath_count;
	const char *id;	     // of a dylib, or NULL
	const uint8_t *uuid; // 16 bytes, or NULL
	enum macho_entry entry_kind;
	uint64_t entry;	     // address
	uint64_t stack_size; // 0: the usual
	struct macho_range rebase, bind, weak_bind, lazy_bind, exports, chained;
	bool has_fixups; // it has LC_DYLD_INFO or chains; else what follows is for the loader
	struct macho_range indirect, external_relocations, local_relocations;
	struct macho_range symbols, strings; // symbols: whole struct macho_symbol
	struct macho_range unwind;	     // __TEXT,__unwind_info
	uint64_t eh_frame, eh_frame_size;    // __TEXT,__eh_frame
	// As many as the counts say; what lies behind is not touched, so that it needs no memory.
	struct macho_segment segments[MACHO_SEGMENTS]; // all, as bindings count them
	struct macho_section sections[MACHO_SECTIONS];
	struct macho_dylib dylibs[MACHO_DYLIBS];
	const char *rpaths[MACHO_RPATHS];
};

// Whether the bytes begin like a Mach-O file, of whatever machine.
bool macho_is(const void *bytes, size_t size);
// False: it cannot be run here, and error says where and why. The result points into `bytes`.
bool macho_parse(struct macho *macho, const void *bytes, size_t size, struct macho_error *error);
// The segment that has these addresses, or NULL.
const struct macho_segment *macho_segment_of(const struct macho *macho, uint64_t address, uint64_t size);
// Sets error; false, for `return macho_refuse(...)`.
bool macho_refuse(struct macho_error *error, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
