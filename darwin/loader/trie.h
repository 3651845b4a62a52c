// SPDX-License-Identifier: MIT
// What an image exports: a trie of names in the file. Facts: <mach-o/loader.h>, EXPORT_SYMBOL_FLAGS_*.
#ifndef DARWIN_TRIE_H
#define DARWIN_TRIE_H

#include "macho.h"

struct trie_export {
	enum { TRIE_REGULAR, TRIE_THREAD_LOCAL, TRIE_ABSOLUTE } kind;
	bool weak;
	uint64_t offset;      // from the header; absolute: the value
	uint64_t resolver;    // offset of a function that gives the address, or 0
	unsigned ordinal;     // reexported from macho.dylibs[ordinal - 1], or 0
	const char *imported; // under this name; "" for the same
};

// False: the image does not export it (or the trie is damaged there).
bool trie_find(struct macho_range trie, const char *name, struct trie_export *found);

#endif
