// SPDX-License-Identifier: MIT
// UTF-8, UTF-16 and normal forms. Facts: RFC 3629; Unicode Standard Annex 15; the Hangul arithmetic of chapter 3.12 of the standard.
// The tables are made by tools/darwin/unicode.py of Python's unicodedata.
#ifndef DARWIN_UNICODE_H
#define DARWIN_UNICODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Bytes used; 0: it is no well-formed UTF-8.
size_t unicode_from_utf8(const char *text, size_t size, uint32_t *point);
size_t unicode_to_utf8(uint32_t point, char to[4]);
size_t unicode_to_utf16(uint32_t point, uint16_t to[2]);
// The normal form, malloced.
uint16_t *unicode_normalize(const uint16_t *units, size_t count, bool compatible, bool compose, size_t *result_count);

// Simple case mappings, a point for a point; the letter itself if it has none.
uint32_t unicode_lower(uint32_t point);
uint32_t unicode_upper(uint32_t point);
// The class of a mark that stands behind a letter; 0: it is none.
uint8_t unicode_class_of(uint32_t point);

// ---- tables ---------------------------------------------------------------------------------------------------------
struct unicode_mapping {
	uint32_t point;
	uint16_t at, count; // in unicode_parts
};
extern const struct unicode_mapping unicode_mappings[],
	unicode_compatible[]; // sorted; decompositions that are canonical, and all others
extern const size_t unicode_mapping_count, unicode_compatible_count;
extern const uint32_t unicode_parts[];
struct unicode_class {
	uint32_t first, last;
	uint8_t class;
};
extern const struct unicode_class unicode_classes[]; // sorted
extern const size_t unicode_class_count;
struct unicode_pair {
	uint32_t first, second, whole;
};
extern const struct unicode_pair unicode_pairs[]; // sorted by first, second
extern const size_t unicode_pair_count;

struct unicode_case {
	uint32_t point, other;
};
extern const struct unicode_case unicode_lowers[], unicode_uppers[]; // sorted by point
extern const size_t unicode_lower_count, unicode_upper_count;

// General categories: where a run of points of one begins (<< 5 | enum unicode_category); it ends with the next.
// The order is that of unicode.py.
enum unicode_category {
	CATEGORY_CC, CATEGORY_CF, CATEGORY_CN, CATEGORY_CO, CATEGORY_CS, CATEGORY_LL,
	CATEGORY_LM, CATEGORY_LO, CATEGORY_LT, CATEGORY_LU, CATEGORY_MC, CATEGORY_ME,
	CATEGORY_MN, CATEGORY_ND, CATEGORY_NL, CATEGORY_NO, CATEGORY_PC, CATEGORY_PD,
	CATEGORY_PE, CATEGORY_PF, CATEGORY_PI, CATEGORY_PO, CATEGORY_PS, CATEGORY_SC,
	CATEGORY_SK, CATEGORY_SM, CATEGORY_SO, CATEGORY_ZL, CATEGORY_ZP, CATEGORY_ZS
};
extern const uint32_t unicode_runs[]; // sorted; the first begins at 0
extern const size_t unicode_run_count;

#endif
