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
	const char *host;	    // soname of Debian's library that has what the table does not name, or NULL
};

struct system_symbol {
	const char *name;      // with its underscore
	void *address;	       // of the function, or of the variable
	const char *arguments; // a letter each: s string, p pointer, x hexadecimal, d number, l long number, - end; or NULL
	uint16_t library;
	bool data;
};

extern const struct system_symbol system_symbols[]; // sorted by name
extern const size_t system_symbol_count;
extern const struct system_library system_libraries[];
extern const size_t system_library_count;

// NULL: it is no library of the system.
const struct system_library *system_library_find(const char *path);
// Of that library, or with NULL of any. NULL: it is not there.
const struct system_symbol *system_symbol_find(const struct system_library *library, const char *name);
// The same, also in Debian's library behind it.
void *system_address_find(const struct system_library *library, const char *name, const struct system_symbol **symbol);

#endif
