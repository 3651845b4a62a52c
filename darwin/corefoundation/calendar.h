// SPDX-License-Identifier: MIT
// The inside of CFCalendar, for its two files.
#ifndef DARWIN_CALENDAR_H
#define DARWIN_CALENDAR_H

#include "icu.h"

enum { // UCalendarDateFields
	FIELD_ERA = 0,
	FIELD_YEAR = 1,
	FIELD_MONTH = 2, // from 0
	FIELD_WEEK = 3,	 // of the year
	FIELD_MONTH_WEEK = 4,
	FIELD_DAY = 5,
	FIELD_YEAR_DAY = 6,
	FIELD_WEEKDAY = 7,
	FIELD_ORDINAL = 8, // the how-manieth such weekday of the month
	FIELD_HOUR = 11,
	FIELD_MINUTE = 12,
	FIELD_SECOND = 13,
	FIELD_MILLISECOND = 14,
	FIELD_WEEK_YEAR = 17,
	FIELD_LOCAL_WEEKDAY = 18,
	FIELD_LEAP_MONTH = 22
};

struct calendar {
	struct object head;
	const struct icu *icu;
	void *made;
	const void *identifier, *zone;
	const struct locale *locale;
	int32_t first_weekday, first_days; // 0: as the locale has it
};

double calendar_time(const struct calendar *calendar);
void calendar_set_time(const struct calendar *calendar, double time);
const void *darwin_CFLocaleGetSystem(void);
const void *darwin_CFLocaleGetValue(const struct locale *locale, const void *key);
void darwin_CFCalendarSetLocale(struct calendar *calendar, const struct locale *locale);

#endif
