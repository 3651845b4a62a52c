// SPDX-License-Identifier: MIT
// Unwind tables: what an image has in Darwin's compact form becomes DWARF, which the host's unwinder (libgcc_s) reads.
//
// It is done when a program first throws or asks for a backtrace.
#ifndef DARWIN_UNWIND_H
#define DARWIN_UNWIND_H

#include "macho.h"

struct image;

// Registers the tables of all images that are loaded and were not registered.
void unwind_prepare(void);

// ---- compact.c: plain functions over the bytes of the file ----------------------------------------------------------

struct unwind_function {
	uint64_t start, size; // offset from the header
	uint32_t encoding;
	uint64_t lsda;	      // offset from the header, or 0
	uint64_t personality; // offset from the header of the pointer to it, or 0
};

// Calls for each function that has an encoding, in ascending order, as long as the call answers true. False: the table is damaged.
bool compact_walk(struct macho_range table, bool (*call)(void *context, const struct unwind_function *function),
		  void *context);

// Where the caller's registers are when the function runs: by DWARF's numbers, offsets from the CFA.
struct unwind_row {
	uint8_t cfa_register; // 6 rbp or 7 rsp
	int64_t cfa_offset;
	unsigned count;
	struct {
		uint8_t number;
		int64_t offset;
	} saved[8]; // without the return address, which is at CFA - 8
};
enum compact_kind { COMPACT_ROW, COMPACT_DWARF, COMPACT_NONE };
// code: the function's bytes in memory, for those that have the size of their frame in an instruction; may be NULL (then COMPACT_NONE).
enum compact_kind compact_row(uint32_t encoding, const uint8_t *code, uint64_t code_size, struct unwind_row *row);

#endif
