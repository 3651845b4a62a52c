// SPDX-License-Identifier: MIT
// C types that file.defs speaks of.
#ifndef SAMPLE_TYPES_H
#define SAMPLE_TYPES_H

#include <stdint.h>

typedef uint32_t sample_mode_t;

struct sample_point {
	int64_t x, y;
};

struct sample_triple {
	uint8_t byte[3];
};

struct sample_info {
	uint64_t size;
	uint32_t kind;
	uint64_t times[4];
};

#endif
