// SPDX-License-Identifier: MIT
// The order of a language, by ICU: kCFCompareLocalized. Facts: CFString.h (CFStringCompareFlags); ICU's ucol.h.
#include "collate.h"

#include "icu.h"

#include <stdlib.h>

enum { CASE_LEVEL = 3, STRENGTH = 5, NUMERIC = 7 }; // UColAttribute
enum { PRIMARY = 0, SECONDARY = 1, TERTIARY = 2, ON = 17 };
enum { NO_CASE = 1, NUMERICALLY = 64, NO_MARKS = 128 };

// Marks are the second difference, case the third: without marks, case has a level of its own.
static void set_options(const struct icu *icu, void *order, uint64_t options)
{
	int error = 0;
	int strength = options & NO_MARKS ? PRIMARY : options & NO_CASE ? SECONDARY : TERTIARY;
	icu->ucol_setAttribute(order, STRENGTH, strength, &error);
	if (options & NO_MARKS && !(options & NO_CASE))
		icu->ucol_setAttribute(order, CASE_LEVEL, ON, &error);
	if (options & NUMERICALLY)
		icu->ucol_setAttribute(order, NUMERIC, ON, &error);
}

bool collate(const void *left, struct range range, const void *right, uint64_t options, const struct locale *locale,
	     int64_t *result)
{
	const struct icu *icu = icu_find();
	int error = 0;
	if (!icu)
		return false;
	char *name = locale_icu_name(locale);
	void *order = icu->ucol_open(name, &error);
	free(name);
	if (error > 0 || !order)
		return false;
	int32_t left_count, right_count;
	uint16_t *left_units = string_units(left, &left_count), *right_units = string_units(right, &right_count);
	set_options(icu, order, options);
	*result = icu->ucol_strcoll(order, left_units + range.start, (int32_t)range.count, right_units, right_count);
	icu->ucol_close(order);
	free(left_units);
	free(right_units);
	return true;
}
