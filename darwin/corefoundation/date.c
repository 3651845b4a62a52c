// SPDX-License-Identifier: MIT
// CFDate and CFAbsoluteTime: seconds since 2001-01-01 00:00:00 UTC; CFGregorianDate. Facts: CFDate.h.
#include "gregorian.h"
#include "timezone.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/time.h>

const double darwin_kCFAbsoluteTimeIntervalSince1970 = EPOCH_2001;
const double darwin_kCFAbsoluteTimeIntervalSince1904 = 3061152000.0;

struct date {
	struct object head;
	double seconds;
};

static bool date_equal(const struct object *left, const struct object *right)
{
	return ((const struct date *)left)->seconds == ((const struct date *)right)->seconds;
}

static uint64_t date_hash(const struct object *object)
{
	return object_hash_bytes(&((const struct date *)object)->seconds, sizeof(double));
}

static void date_describe(const struct object *object, struct bytes *to)
{
	struct gregorian date = gregorian_of(((const struct date *)object)->seconds);
	bytes_add_format(to, "%04d-%02d-%02d %02d:%02d:%02d +0000", date.year, date.month, date.day, date.hour,
			 date.minute, (int)date.second);
}

const struct object_type date_type = {"CFDate", NULL, date_equal, date_hash, date_describe, NULL};

struct date *darwin_CFDateCreate(const void *allocator, double seconds)
{
	struct date *date = object_make(&date_type, sizeof(*date));
	date->seconds = seconds == 0 ? 0 : seconds; // -0 hashes as 0
	return date;
}

uint64_t darwin_CFDateGetTypeID(void)
{
	return (uintptr_t)&date_type;
}

double darwin_CFDateGetAbsoluteTime(const void *date)
{
	return ((const struct date *)date)->seconds;
}

double darwin_CFDateGetTimeIntervalSinceDate(const struct date *date, const struct date *other)
{
	return date->seconds - other->seconds;
}

int64_t darwin_CFDateCompare(const struct date *left, const struct date *right, void *context)
{
	return left->seconds < right->seconds ? -1 : left->seconds > right->seconds;
}

double darwin_CFAbsoluteTimeGetCurrent(void)
{
	struct timeval now;
	gettimeofday(&now, NULL);
	return (double)now.tv_sec + (double)now.tv_usec / 1e6 - EPOCH_2001;
}

// ---- the calendar ---------------------------------------------------------------------------------------------------

// A year that begins in March ends with its leap day; 400 of them have 146097 days.
int64_t gregorian_days(int64_t year, int64_t month, int64_t day)
{
	int64_t since_march = month - 3;
	year += since_march >= 0 ? since_march / 12 : -((11 - since_march) / 12);
	since_march = ((since_march % 12) + 12) % 12;
	int64_t era = year >= 0 ? year / 400 : -((399 - year) / 400), of_era = year - era * 400;
	int64_t days = era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + (since_march * 153 + 2) / 5 + day - 1;
	return days - 730791; // 2001-01-01
}

struct gregorian gregorian_of(double seconds)
{
	double day = floor(seconds / 86400), rest = seconds - day * 86400;
	if (!(fabs(day) < 1e11)) // no time that a calendar has
		return (struct gregorian){0};
	int64_t days = (int64_t)day + 730791, era = days >= 0 ? days / 146097 : -((146096 - days) / 146097);
	int64_t of_era = days - era * 146097;
	int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
	int64_t month = (5 * of_year + 2) / 153;
	struct gregorian date = {.day = (int8_t)(of_year - (153 * month + 2) / 5 + 1),
				 .month = (int8_t)(month < 10 ? month + 3 : month - 9)};
	date.year = (int32_t)(year + era * 400 + (date.month <= 2));
	date.hour = (int8_t)(rest / 3600);
	date.minute = (int8_t)(fmod(rest, 3600) / 60);
	date.second = fmod(rest, 60);
	return date;
}

double gregorian_seconds(const struct gregorian *date)
{
	return (double)gregorian_days(date->year, date->month, date->day) * 86400 + date->hour * 3600.0 +
	       date->minute * 60.0 + date->second;
}

static double local_of(double seconds, const void *zone)
{
	return zone ? seconds + darwin_CFTimeZoneGetSecondsFromGMT(zone, seconds) : seconds;
}

struct gregorian darwin_CFAbsoluteTimeGetGregorianDate(double seconds, const void *zone)
{
	return gregorian_of(local_of(seconds, zone));
}

double darwin_CFGregorianDateGetAbsoluteTime(struct gregorian date, const void *zone)
{
	return timezone_from_local(zone, gregorian_seconds(&date));
}

uint8_t darwin_CFGregorianDateIsValid(struct gregorian date, uint64_t fields)
{
	int64_t days = gregorian_days(date.year, date.month + 1, 1) - gregorian_days(date.year, date.month, 1);
	return (!(fields & 1) || date.year > 0) && (!(fields & 2) || (date.month >= 1 && date.month <= 12)) &&
	       (!(fields & 4) || (date.day >= 1 && date.day <= days)) &&
	       (!(fields & 8) || (date.hour >= 0 && date.hour < 24)) &&
	       (!(fields & 16) || (date.minute >= 0 && date.minute < 60)) &&
	       (!(fields & 32) || (date.second >= 0 && date.second < 60));
}

// Monday is 1.
int32_t darwin_CFAbsoluteTimeGetDayOfWeek(double seconds, const void *zone)
{
	int64_t days = (int64_t)floor(local_of(seconds, zone) / 86400); // 2001 began with a Monday
	return (int32_t)((days % 7 + 7) % 7 + 1);
}

int32_t darwin_CFAbsoluteTimeGetDayOfYear(double seconds, const void *zone)
{
	double local = local_of(seconds, zone);
	return (int32_t)((int64_t)floor(local / 86400) - gregorian_days(gregorian_of(local).year, 1, 1) + 1);
}

struct gregorian_units { // CFGregorianUnits
	int32_t years, months, days, hours, minutes;
	double seconds;
};

// The day of a month that is too short for it is the month's last.
double darwin_CFAbsoluteTimeAddGregorianUnits(double seconds, const void *zone, struct gregorian_units units)
{
	struct gregorian date = gregorian_of(local_of(seconds, zone));
	int64_t year = date.year + (int64_t)units.years, month = date.month + (int64_t)units.months;
	int64_t first = gregorian_days(year, month, 1), length = gregorian_days(year, month + 1, 1) - first;
	int64_t day = first + (date.day < length ? date.day : length) - 1 + units.days;
	double local = (double)day * 86400 + date.hour * 3600.0 + date.minute * 60.0 + date.second;
	return timezone_from_local(zone, local) + units.hours * 3600.0 + units.minutes * 60.0 + units.seconds;
}

// Of ISO 8601: weeks begin with Monday, the first has the year's first Thursday.
int32_t darwin_CFAbsoluteTimeGetWeekOfYear(double seconds, const void *zone)
{
	int64_t day = (int64_t)floor(local_of(seconds, zone) / 86400), thursday = day - ((day % 7 + 7) % 7) + 3;
	struct gregorian date = gregorian_of((double)thursday * 86400);
	return (int32_t)((thursday - gregorian_days(date.year, 1, 1)) / 7 + 1);
}

// How often each unit that is asked for fits, the largest first. Flags: years 1, months 2, days 4, hours 8, minutes 16, seconds 32.
struct gregorian_units darwin_CFAbsoluteTimeGetDifferenceAsGregorianUnits(double left, double right, const void *zone,
									  uint64_t flags)
{
	struct gregorian_units units = {0};
	int32_t *const fields[] = {&units.years, &units.months, &units.days, &units.hours, &units.minutes};
	static const double about[] = {366 * 86400.0, 31 * 86400.0, 86400, 3600, 60};
	int sign = left < right ? -1 : 1;
	for (int i = 0; i < 5; i++) {
		if (!(flags >> i & 1))
			continue;
		double rest = left - darwin_CFAbsoluteTimeAddGregorianUnits(right, zone, units);
		*fields[i] = (int32_t)(rest / about[i]) - sign * 2; // and up to the last that is not too many
		while ((left - darwin_CFAbsoluteTimeAddGregorianUnits(right, zone, units)) * sign >= 0)
			*fields[i] += sign;
		*fields[i] -= sign;
	}
	if (flags & 32)
		units.seconds = left - darwin_CFAbsoluteTimeAddGregorianUnits(right, zone, units);
	return units;
}
