// SPDX-License-Identifier: MIT
// What the torture writes: every byte is a function of (seed, file, version, offset), in units of 16 bytes that can be read back.
//
// To make bytes call pattern_fill; to say what a byte that should not be there is, pattern_tell.
// 1. Any 16 aligned bytes of a file tell which file, version and offset they were written for, so an old version, a block of
//    another file or one at the wrong place is recognised, not only noticed.
// 2. File 0 and version 0 mean bytes that nobody wrote: zeros.
#ifndef TORTURE_PATTERN_H
#define TORTURE_PATTERN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PATTERN_UNIT 16u

// Bytes [offset, offset + size) of the version.
void pattern_fill(uint64_t seed, uint32_t file, uint32_t version, uint64_t offset, void *to, size_t size);
// How many bytes from the start are as the pattern says; `size`: all.
size_t pattern_match(uint64_t seed, uint32_t file, uint32_t version, uint64_t offset, const void *data, size_t size);

struct pattern_origin {
	uint32_t file, version;
	uint64_t offset;
};
// Where the unit comes from. False: it is none of ours.
bool pattern_read(uint64_t seed, const uint8_t unit[PATTERN_UNIT], struct pattern_origin *origin);

#endif
