// SPDX-License-Identifier: MIT
// The order of a language.
#ifndef DARWIN_COLLATE_H
#define DARWIN_COLLATE_H

#include "object.h"

struct locale;
// Compares a part of the left string with the right one, by options of CFStringCompare. Locale NULL: the user's. False: there is no ICU.
bool collate(const void *left, struct range range, const void *right, uint64_t options, const struct locale *locale,
	     int64_t *result);

#endif
