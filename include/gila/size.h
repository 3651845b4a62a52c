// SPDX-License-Identifier: MIT
// Sizes and times as people write them: "64M", "250ms".
#ifndef GILA_SIZE_H
#define GILA_SIZE_H

#include <stdbool.h>
#include <stdint.h>

// Digits and nothing, K, M or G (powers of 1024). False: anything else, or too large; *bytes is then untouched.
bool gila_size_parse(const char *text, uint64_t *bytes);
// Digits and ns, us, ms, s, min or h.
bool gila_duration_parse(const char *text, uint64_t *nanoseconds);

#endif
