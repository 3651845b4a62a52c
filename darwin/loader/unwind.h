// SPDX-License-Identifier: MIT
// Unwind tables: what an image has in Darwin's compact form becomes DWARF, which the host's unwinder (libgcc_s) reads: a function at a
// time, when something that is thrown, or a backtrace, first comes through it.
#ifndef DARWIN_UNWIND_H
#define DARWIN_UNWIND_H

#include "macho.h"

// The record (an FDE, behind its CIE) for the function of an image that has the address, and where that begins. It stays.
// NULL: the function has none, or (then outside is true) the address is in no image.
const void *unwind_find(const void *address, void **function, bool *outside);

// The addresses of the function that an FDE in memory is for. False: it is none that is understood.
bool unwind_fde_range(const void *fde, uint64_t *start, uint64_t *size);

// ---- compact.c: plain functions over the bytes of the file ----------------------------------------------------------

struct unwind_function {
	uint64_t start, size; // offset from the header
	uint32_t encoding;
	uint64_t lsda;	      // offset from the header, or 0
	uint64_t personality; // offset from the header of the pointer to it, or 0
};

// The function that has the offset from the header. False: the table has none there, or is damaged.
bool compact_find(struct macho_range table, uint64_t offset, struct unwind_function *found);

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
