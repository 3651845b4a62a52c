// SPDX-License-Identifier: MIT
// Numbers for people: sizes in powers of 1024 ("12.3K"), times ("1.25s", "3m20s").
#ifndef CLI_UNITS_H
#define CLI_UNITS_H

#include <stdint.h>

#define UNITS_ROOM 24

// Both write at most UNITS_ROOM bytes and return `out`.
const char *units_size(char out[UNITS_ROOM], uint64_t bytes);
const char *units_time(char out[UNITS_ROOM], uint64_t nanoseconds);

#endif
