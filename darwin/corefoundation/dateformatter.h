// SPDX-License-Identifier: MIT
// The inside of CFDateFormatter, for its two files.
#ifndef DARWIN_DATE_FORMATTER_H
#define DARWIN_DATE_FORMATTER_H

#include "icu.h"

struct date_formatter {
	struct object head;
	const struct icu *icu;
	const struct locale *locale; // or NULL
	int64_t date_style, time_style;
	void *format;
	const void *zone;
	struct string *pattern, *first_pattern; // the first: as the styles have it
	const void *default_date;		// or NULL
};

void date_formatter_set_zone(struct date_formatter *formatter, const void *zone);

#endif
