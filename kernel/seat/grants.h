// SPDX-License-Identifier: MIT
// Grants: the patterns of seat names that a task may look up. Immutable and shared: children get a reference to their
// parent's, or a narrower list.
//
// To check a name call grants_allow; before giving patterns on call grants_find_excess: a list may only be narrowed.
// A pattern is a seat name in which * stands for any text. Locks: none. May suspend: never.
#ifndef KERNEL_SEAT_GRANTS_H
#define KERNEL_SEAT_GRANTS_H

#include "../core/alloc.h"

struct grants {
	_Atomic uint32_t references;
	uint32_t count;
	size_t size;              // of this allocation
	const char *patterns[];   // [I] count pointers, then the text
};

// What nobody has been granted, and everything. Both live for ever; references to them may be taken and dropped.
extern struct grants grants_none, grants_all;

// A list of `count` patterns, charged to the kernel, with one reference; the strings are copied. NULL: no memory.
struct grants *grants_create(const char *const *patterns, uint32_t count) must_check;
struct grants *grants_reference(struct grants *grants);
void grants_release(struct grants *grants);

bool grants_allow(const struct grants *grants, const char *name);
// The first of the patterns that `grants` does not cover (that somebody without it could use to get more); NULL: none.
const char *grants_find_excess(const struct grants *grants, const char *const *patterns, uint32_t count);

// True when `text` may be the name of a seat, or with `pattern` also a pattern.
bool grants_name_valid(const char *text, bool pattern);
// True when `pattern` matches the whole of `text`; a * in the text is matched only by a * of the pattern.
bool grants_match(const char *pattern, const char *text);

#endif
