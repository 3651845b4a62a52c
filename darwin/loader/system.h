// SPDX-License-Identifier: MIT
// The libraries of the system: one table of symbols, made by tools/darwin/symbols.py of darwin/symbols.tsv.
#ifndef DARWIN_SYSTEM_H
#define DARWIN_SYSTEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct system_library {
	const char *name;	    // as in the table: "System", "CoreFoundation"
	const char *const *paths;   // install names, ended by NULL
	const char *hosts[2];	    // sonames of Debian's libraries that have what the table does not name, or NULL
	const char *suffix;	    // of the names there, which tell their version: "_72"; or ""
};

// Places are distances from the field that holds them: the table has no pointers, and so costs nothing at the start.
struct system_symbol {
	int32_t name;	   // with its underscore
	int32_t address;   // of the function, or of the variable
	int32_t arguments; // a letter each: s string, p pointer, x hexadecimal, d number, l long number, - end; 0: not told
	uint16_t library, data;
};

static inline const char *system_symbol_name(const struct system_symbol *symbol)
{
	return (const char *)&symbol->name + symbol->name;
}

static inline void *system_symbol_address(const struct system_symbol *symbol)
{
	return (char *)(uintptr_t)&symbol->address + symbol->address;
}

static inline const char *system_symbol_arguments(const struct system_symbol *symbol)
{
	return symbol->arguments ? (const char *)&symbol->arguments + symbol->arguments : NULL;
}

extern const struct system_symbol system_symbols[]; // sorted by name
extern const size_t system_symbol_count;
extern const struct system_library system_libraries[];
extern const size_t system_library_count;
extern void *system_library_handles[][2]; // [image_lock] of dlopen, for the same libraries: Debian's, once they were needed

// NULL: it is no library of the system.
const struct system_library *system_library_find(const char *path);
// Of that library, or with NULL of any. NULL: it is not there.
const struct system_symbol *system_symbol_find(const struct system_library *library, const char *name);
// The same, also in Debian's library behind it.
void *system_address_find(const struct system_library *library, const char *name, const struct system_symbol **symbol);

#endif
