// SPDX-License-Identifier: MIT
// Units of CFCalendar: how many of one are in another, which one it is at a time, from when to when it lasts.
// Facts: CFCalendar.h; ICU's ucal.h (UCalendarLimitType).
#include "calendar.h"

#include <math.h>

enum { // CFCalendarUnit
	UNIT_ERA = 2,
	UNIT_YEAR = 4,
	UNIT_MONTH = 8,
	UNIT_DAY = 16,
	UNIT_HOUR = 32,
	UNIT_MINUTE = 64,
	UNIT_SECOND = 128,
	UNIT_OLD_WEEK = 256,
	UNIT_WEEKDAY = 512,
	UNIT_ORDINAL = 1024,
	UNIT_QUARTER = 2048,
	UNIT_MONTH_WEEK = 4096,
	UNIT_WEEK = 8192,
	UNIT_WEEK_YEAR = 16384
};
enum { LIMIT_LEAST = 0, LIMIT_MOST = 1, LIMIT_GREATEST_LEAST = 2, LIMIT_LEAST_MOST = 3, LIMIT_NOW_LEAST = 4, LIMIT_NOW_MOST = 5 };

static const struct {
	uint64_t unit;
	int field;
} unit_fields[] = {{UNIT_ERA, FIELD_ERA},	  {UNIT_YEAR, FIELD_YEAR},	 {UNIT_MONTH, FIELD_MONTH},
		   {UNIT_DAY, FIELD_DAY},	  {UNIT_HOUR, FIELD_HOUR},	 {UNIT_MINUTE, FIELD_MINUTE},
		   {UNIT_SECOND, FIELD_SECOND},	  {UNIT_OLD_WEEK, FIELD_WEEK},	 {UNIT_WEEKDAY, FIELD_WEEKDAY},
		   {UNIT_ORDINAL, FIELD_ORDINAL}, {UNIT_MONTH_WEEK, FIELD_MONTH_WEEK},
		   {UNIT_WEEK, FIELD_WEEK},	  {UNIT_WEEK_YEAR, FIELD_WEEK_YEAR}};

static int field_of(uint64_t unit)
{
	for (size_t i = 0; i < sizeof(unit_fields) / sizeof(*unit_fields); i++)
		if (unit_fields[i].unit == unit)
			return unit_fields[i].field;
	return -1;
}

static const struct range none = {-1, -1};

static struct range limits(const struct calendar *calendar, int field, int least, int most)
{
	int error = 0;
	if (field < 0)
		return none;
	int64_t first = calendar->icu->ucal_getLimit(calendar->made, field, least, &error),
		last = calendar->icu->ucal_getLimit(calendar->made, field, most, &error);
	return error > 0 ? none : (struct range){first + (field == FIELD_MONTH), last - first + 1};
}

struct range darwin_CFCalendarGetMinimumRangeOfUnit(struct calendar *calendar, uint64_t unit)
{
	return unit == UNIT_QUARTER ? (struct range){1, 4}
				    : limits(calendar, field_of(unit), LIMIT_GREATEST_LEAST, LIMIT_LEAST_MOST);
}

struct range darwin_CFCalendarGetMaximumRangeOfUnit(struct calendar *calendar, uint64_t unit)
{
	return unit == UNIT_QUARTER ? (struct range){1, 4}
				    : limits(calendar, field_of(unit), LIMIT_LEAST, LIMIT_MOST);
}

// Which field counts the smaller unit within the larger. -1: none does.
static int field_within(uint64_t small, uint64_t large)
{
	static const struct {
		uint64_t small, large;
		int field;
	} pairs[] = {{UNIT_DAY, UNIT_MONTH, FIELD_DAY},
		     {UNIT_DAY, UNIT_YEAR, FIELD_YEAR_DAY},
		     {UNIT_MONTH, UNIT_YEAR, FIELD_MONTH},
		     {UNIT_HOUR, UNIT_DAY, FIELD_HOUR},
		     {UNIT_MINUTE, UNIT_HOUR, FIELD_MINUTE},
		     {UNIT_SECOND, UNIT_MINUTE, FIELD_SECOND},
		     {UNIT_WEEK, UNIT_YEAR, FIELD_WEEK},
		     {UNIT_OLD_WEEK, UNIT_YEAR, FIELD_WEEK},
		     {UNIT_WEEK, UNIT_WEEK_YEAR, FIELD_WEEK},
		     {UNIT_MONTH_WEEK, UNIT_MONTH, FIELD_MONTH_WEEK},
		     {UNIT_WEEK, UNIT_MONTH, FIELD_MONTH_WEEK},
		     {UNIT_OLD_WEEK, UNIT_MONTH, FIELD_MONTH_WEEK},
		     {UNIT_WEEKDAY, UNIT_WEEK, FIELD_WEEKDAY},
		     {UNIT_WEEKDAY, UNIT_OLD_WEEK, FIELD_WEEKDAY},
		     {UNIT_WEEKDAY, UNIT_MONTH_WEEK, FIELD_WEEKDAY},
		     {UNIT_DAY, UNIT_WEEK, FIELD_LOCAL_WEEKDAY},
		     {UNIT_DAY, UNIT_OLD_WEEK, FIELD_LOCAL_WEEKDAY},
		     {UNIT_ORDINAL, UNIT_MONTH, FIELD_ORDINAL},
		     {UNIT_YEAR, UNIT_ERA, FIELD_YEAR}};
	for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++)
		if (pairs[i].small == small && pairs[i].large == large)
			return pairs[i].field;
	return -1;
}

// What has no natural numbers within the other (hours in a month) is not found, as in CF.
struct range darwin_CFCalendarGetRangeOfUnit(struct calendar *calendar, uint64_t small, uint64_t large, double time)
{
	calendar_set_time(calendar, time);
	return limits(calendar, field_within(small, large), LIMIT_NOW_LEAST, LIMIT_NOW_MOST);
}

// Counted from 1.
int64_t darwin_CFCalendarGetOrdinalityOfUnit(struct calendar *calendar, uint64_t small, uint64_t large, double time)
{
	int error = 0, field = field_within(small, large);
	calendar_set_time(calendar, time);
	if (field < 0)
		return -1;
	if (field == FIELD_WEEKDAY)
		field = FIELD_LOCAL_WEEKDAY;
	bool from_zero = field == FIELD_MONTH || field == FIELD_HOUR || field == FIELD_MINUTE || field == FIELD_SECOND;
	int64_t value = calendar->icu->ucal_get(calendar->made, field, &error);
	return error > 0 ? -1 : value + from_zero;
}

// ---- from when to when ----------------------------------------------------------------------------------------------

static void to_least(struct calendar *calendar, int field)
{
	int error = 0;
	calendar->icu->ucal_set(calendar->made, field,
				calendar->icu->ucal_getLimit(calendar->made, field, LIMIT_NOW_LEAST, &error));
}

// Back to the first day of the week.
static void to_week_begin(struct calendar *calendar)
{
	int error = 0, day = calendar->icu->ucal_get(calendar->made, FIELD_LOCAL_WEEKDAY, &error);
	calendar->icu->ucal_add(calendar->made, FIELD_DAY, 1 - day, &error);
}

// Back to the begin of the unit; returns the field that one more of is its end. -1: it has none.
static int to_begin(struct calendar *calendar, uint64_t unit)
{
	int error = 0;
	if (unit == UNIT_YEAR || unit == UNIT_QUARTER)
		to_least(calendar, FIELD_DAY);
	if (unit == UNIT_YEAR)
		to_least(calendar, FIELD_MONTH);
	if (unit == UNIT_QUARTER)
		calendar->icu->ucal_add(calendar->made, FIELD_MONTH,
					-(calendar->icu->ucal_get(calendar->made, FIELD_MONTH, &error) % 3), &error);
	if (unit == UNIT_MONTH)
		to_least(calendar, FIELD_DAY);
	bool week = unit == UNIT_WEEK || unit == UNIT_OLD_WEEK || unit == UNIT_MONTH_WEEK;
	if (week)
		to_week_begin(calendar);
	if (unit == UNIT_WEEK_YEAR) {
		to_week_begin(calendar);
		calendar->icu->ucal_add(calendar->made, FIELD_DAY,
					-7 * (calendar->icu->ucal_get(calendar->made, FIELD_WEEK, &error) - 1), &error);
	}
	calendar->icu->ucal_set(calendar->made, FIELD_MILLISECOND, 0);
	if (unit == UNIT_SECOND)
		return FIELD_SECOND;
	calendar->icu->ucal_set(calendar->made, FIELD_SECOND, 0);
	if (unit == UNIT_MINUTE)
		return FIELD_MINUTE;
	calendar->icu->ucal_set(calendar->made, FIELD_MINUTE, 0);
	if (unit == UNIT_HOUR)
		return FIELD_HOUR;
	calendar->icu->ucal_set(calendar->made, FIELD_HOUR, 0);
	return unit == UNIT_DAY || unit == UNIT_WEEKDAY ? FIELD_DAY
	       : week					? FIELD_WEEK
	       : unit == UNIT_MONTH || unit == UNIT_QUARTER ? FIELD_MONTH
	       : unit == UNIT_YEAR			? FIELD_YEAR
	       : unit == UNIT_WEEK_YEAR			? FIELD_WEEK_YEAR
							: -1;
}

uint8_t darwin_CFCalendarGetTimeRangeOfUnit(struct calendar *calendar, uint64_t unit, double time, double *start,
					    double *seconds)
{
	int error = 0;
	calendar_set_time(calendar, time);
	int field = to_begin(calendar, unit);
	if (field < 0)
		return 0;
	double begin = calendar_time(calendar);
	calendar->icu->ucal_add(calendar->made, field, unit == UNIT_QUARTER ? 3 : 1, &error);
	if (error > 0)
		return 0;
	if (start)
		*start = begin;
	if (seconds)
		*seconds = calendar_time(calendar) - begin;
	return 1;
}
