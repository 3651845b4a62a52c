// SPDX-License-Identifier: MIT
// Sets of code points: what CFCharacterSet is made of. Plain functions.
//
// A set is its edges in order: points from the first up to the second (without it) are in it, from the third to the fourth, and so on.
#ifndef DARWIN_POINTSET_H
#define DARWIN_POINTSET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define POINT_END 0x110000u

struct pointset { // begins zeroed, which is empty
	uint32_t *edges; // malloced; even many
	size_t count;
};
// Which of the points outside both (bit 0), in the left alone (1), in the right alone (2), in both (3) are in the result.
enum pointset_how { POINTSET_UNION = 0xe, POINTSET_COMMON = 0x8, POINTSET_WITHOUT = 0x2, POINTSET_OTHERS = 0x5 };

bool pointset_has(const struct pointset *set, uint32_t point);
// The left becomes the result.
void pointset_combine(struct pointset *left, const struct pointset *right, enum pointset_how how);
// The same with the points from `first` up to `end`, without it.
void pointset_range(struct pointset *set, uint32_t first, uint32_t end, enum pointset_how how);
// Adds points behind all that are there: for who makes a set in order.
void pointset_append(struct pointset *set, uint32_t first, uint32_t end);
bool pointset_contains(const struct pointset *set, const struct pointset *part);
struct pointset pointset_copy(const struct pointset *set);
void pointset_free(struct pointset *set);

// ---- as bitmaps: 8192 bytes for plane 0, then for each other plane that is there its number and 8192 bytes ------------
enum { POINTSET_PLANE = 8192 };
// False: the size is none that a bitmap has, or a plane's number is none.
bool pointset_from_bitmap(const uint8_t *bytes, size_t size, struct pointset *set);
// Malloced.
uint8_t *pointset_to_bitmap(const struct pointset *set, size_t *size);

#endif
