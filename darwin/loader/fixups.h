// SPDX-License-Identifier: MIT
// What the loader has to write into an image: pointers that move with it, and pointers to symbols of other images.
//
// Three encodings lead to the same calls: the opcodes of LC_DYLD_INFO (opcodes.c), LC_DYLD_CHAINED_FIXUPS (chained.c), and the tables of
// LC_DYSYMTAB (classic.c), which count only where neither of the others is.
// 1. Every address that is handed to the calls has 8 bytes inside a segment that the file allows to be written.
// Facts: <mach-o/loader.h>, <mach-o/fixup-chains.h>.
#ifndef DARWIN_FIXUPS_H
#define DARWIN_FIXUPS_H

#include "macho.h"

struct fixup_bind {
	uint64_t address; // of the pointer, without slide
	int ordinal;	  // 1...: macho.dylibs[ordinal - 1]; or ORDINAL_*
	const char *symbol;
	int64_t addend;
	bool weak_import; // may be missing: the pointer is then NULL
	bool lazy;	  // a pointer that calls go through
};

struct fixup_calls {
	void *context;
	// The pointer at `address` (without slide) gets the slide added. False ends the walk.
	bool (*rebase)(void *context, uint64_t address);
	bool (*bind)(void *context, const struct fixup_bind *bind);
	// Chained and classic: the pointer at `address` becomes `target` (without slide), with the topmost byte high8.
	bool (*point)(void *context, uint64_t address, uint64_t target, uint8_t high8);
	// Chained and classic: reads the 8 bytes at `address` in the mapped image.
	uint64_t (*read)(void *context, uint64_t address);
};

// All return false with the reason, or when a call did (error is then untouched).
bool fixups_rebase(const struct macho *macho, const struct fixup_calls *calls, struct macho_error *error);
enum fixups_table { FIXUPS_BIND, FIXUPS_LAZY, FIXUPS_WEAK };
bool fixups_bind(const struct macho *macho, enum fixups_table table, const struct fixup_calls *calls,
		 struct macho_error *error);
bool fixups_chained(const struct macho *macho, const struct fixup_calls *calls, struct macho_error *error);
bool fixups_classic(const struct macho *macho, const struct fixup_calls *calls, struct macho_error *error);

// Whether a pointer may be written there.
bool fixups_place(const struct macho *macho, uint64_t address);

#endif
