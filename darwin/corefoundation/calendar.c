// SPDX-License-Identifier: MIT
// CFCalendar: times taken apart and put together by a calendar of a people, by ICU. Facts: CFCalendar.h; ICU's ucal.h. Ranges and
// ordinalities of units are in calendar_units.c.
#include "calendar.h"

#include "constant.h"
#include "gregorian.h"
#include "locale.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

CONSTANT(darwin_kCFGregorianCalendar, "gregorian");
CONSTANT(darwin_kCFBuddhistCalendar, "buddhist");
CONSTANT(darwin_kCFChineseCalendar, "chinese");
CONSTANT(darwin_kCFHebrewCalendar, "hebrew");
CONSTANT(darwin_kCFIslamicCalendar, "islamic");
CONSTANT(darwin_kCFIslamicCivilCalendar, "islamic-civil");
CONSTANT(darwin_kCFJapaneseCalendar, "japanese");
CONSTANT(darwin_kCFRepublicOfChinaCalendar, "roc");
CONSTANT(darwin_kCFPersianCalendar, "persian");
CONSTANT(darwin_kCFIndianCalendar, "indian");
CONSTANT(darwin_kCFISO8601Calendar, "iso8601");

enum { FIRST_WEEKDAY = 1, DAYS_IN_FIRST_WEEK = 2 }; // UCalendarAttribute
enum { WRAPS = 1 };				    // kCFCalendarComponentsWrap

const void *darwin_CFTimeZoneCopyDefault(void);
const void *darwin_CFTimeZoneGetName(const void *zone);

static void calendar_destroy(struct object *object)
{
	struct calendar *calendar = (struct calendar *)object;
	if (calendar->made)
		calendar->icu->ucal_close(calendar->made);
	darwin_CFRelease(calendar->identifier);
	darwin_CFRelease(calendar->locale);
	darwin_CFRelease(calendar->zone);
}

static bool calendar_equal(const struct object *left, const struct object *right)
{
	const struct calendar *a = (const struct calendar *)left, *b = (const struct calendar *)right;
	return darwin_CFEqual(a->identifier, b->identifier) && darwin_CFEqual(a->zone, b->zone) &&
	       (a->locale == b->locale || (a->locale && b->locale && darwin_CFEqual(a->locale, b->locale)));
}

static uint64_t calendar_hash(const struct object *object)
{
	return darwin_CFHash(((const struct calendar *)object)->identifier);
}

static const struct object_type calendar_type = {
	.name = "CFCalendar", .destroy = calendar_destroy, .equal = calendar_equal, .hash = calendar_hash};

uint64_t darwin_CFCalendarGetTypeID(void)
{
	return (uintptr_t)&calendar_type;
}

// ICU's calendar of that name, in the zone, with the locale's weeks. NULL: there is none.
static void *make(const struct calendar *calendar)
{
	int error = 0;
	int32_t count;
	char *locale = locale_icu_name(calendar->locale), *kind = string_to_utf8(calendar->identifier);
	uint16_t *zone = string_units(darwin_CFTimeZoneGetName(calendar->zone), &count);
	struct string *name = string_format("%.*s@calendar=%s", (int)strcspn(locale, "@"), locale, kind);
	char *whole = string_to_utf8(name);
	void *made = calendar->icu->ucal_open(zone, count, whole, 0, &error);
	free(whole);
	darwin_CFRelease(name);
	free(zone);
	free(kind);
	free(locale);
	return error > 0 ? NULL : made;
}

static void make_again(struct calendar *calendar)
{
	void *made = make(calendar);
	if (!made)
		return;
	calendar->icu->ucal_close(calendar->made);
	calendar->made = made;
	if (calendar->first_weekday)
		calendar->icu->ucal_setAttribute(made, FIRST_WEEKDAY, calendar->first_weekday);
	if (calendar->first_days)
		calendar->icu->ucal_setAttribute(made, DAYS_IN_FIRST_WEEK, calendar->first_days);
}

static bool is_known(const void *identifier)
{
	static const char *const names[] = {"gregorian", "buddhist", "chinese", "hebrew", "islamic", "islamic-civil",
					    "islamic-tbla", "islamic-umalqura", "japanese", "roc", "persian", "indian",
					    "iso8601", "coptic", "ethiopic", "ethiopic-amete-alem"};
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (string_is(identifier, names[i]))
			return true;
	return false;
}

struct calendar *darwin_CFCalendarCreateWithIdentifier(const void *allocator, const void *identifier)
{
	const struct icu *icu = icu_find();
	if (!icu || !is_known(identifier))
		return NULL;
	struct calendar *calendar = object_make(&calendar_type, sizeof(*calendar));
	calendar->icu = icu;
	calendar->identifier = darwin_CFRetain(identifier);
	calendar->zone = darwin_CFTimeZoneCopyDefault();
	calendar->locale = darwin_CFRetain(darwin_CFLocaleGetSystem());
	calendar->made = make(calendar);
	if (calendar->made)
		return calendar;
	darwin_CFRelease(calendar);
	return NULL;
}

struct calendar *darwin_CFCalendarCopyCurrent(void)
{
	struct locale *locale = darwin_CFLocaleCopyCurrent();
	const void *identifier = darwin_CFLocaleGetValue(locale, darwin_kCFLocaleCalendarIdentifier);
	struct calendar *calendar = identifier ? darwin_CFCalendarCreateWithIdentifier(NULL, identifier) : NULL;
	if (calendar)
		darwin_CFCalendarSetLocale(calendar, locale);
	darwin_CFRelease(locale);
	return calendar;
}

const void *darwin_CFCalendarGetIdentifier(const struct calendar *calendar)
{
	return calendar->identifier;
}

const void *darwin_CFCalendarCopyLocale(const struct calendar *calendar)
{
	return darwin_CFRetain(calendar->locale);
}

void darwin_CFCalendarSetLocale(struct calendar *calendar, const struct locale *locale)
{
	darwin_CFRetain(locale);
	darwin_CFRelease(calendar->locale);
	calendar->locale = locale;
	make_again(calendar);
}

const void *darwin_CFCalendarCopyTimeZone(const struct calendar *calendar)
{
	return darwin_CFRetain(calendar->zone);
}

void darwin_CFCalendarSetTimeZone(struct calendar *calendar, const void *zone)
{
	const void *new = zone ? darwin_CFRetain(zone) : darwin_CFTimeZoneCopyDefault();
	darwin_CFRelease(calendar->zone);
	calendar->zone = new;
	make_again(calendar);
}

int64_t darwin_CFCalendarGetFirstWeekday(const struct calendar *calendar)
{
	return calendar->icu->ucal_getAttribute(calendar->made, FIRST_WEEKDAY);
}

void darwin_CFCalendarSetFirstWeekday(struct calendar *calendar, int64_t day)
{
	calendar->first_weekday = (int32_t)day;
	calendar->icu->ucal_setAttribute(calendar->made, FIRST_WEEKDAY, (int32_t)day);
}

int64_t darwin_CFCalendarGetMinimumDaysInFirstWeek(const struct calendar *calendar)
{
	return calendar->icu->ucal_getAttribute(calendar->made, DAYS_IN_FIRST_WEEK);
}

void darwin_CFCalendarSetMinimumDaysInFirstWeek(struct calendar *calendar, int64_t days)
{
	calendar->first_days = (int32_t)days;
	calendar->icu->ucal_setAttribute(calendar->made, DAYS_IN_FIRST_WEEK, (int32_t)days);
}

// ---- components -----------------------------------------------------------------------------------------------------

// A letter of a description to ICU's field; -1: it is none.
static int field_of(char letter)
{
	static const struct {
		char letter;
		int field;
	} fields[] = {{'G', FIELD_ERA},	      {'y', FIELD_YEAR},    {'M', FIELD_MONTH},	  {'l', FIELD_LEAP_MONTH},
		      {'d', FIELD_DAY},	      {'h', FIELD_HOUR},    {'H', FIELD_HOUR},	  {'m', FIELD_MINUTE},
		      {'s', FIELD_SECOND},    {'w', FIELD_WEEK},    {'W', FIELD_MONTH_WEEK}, {'E', FIELD_WEEKDAY},
		      {'F', FIELD_ORDINAL},   {'Y', FIELD_WEEK_YEAR}};
	for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++)
		if (fields[i].letter == letter)
			return fields[i].field;
	return -1;
}

double calendar_time(const struct calendar *calendar)
{
	int error = 0;
	return calendar->icu->ucal_getMillis(calendar->made, &error) / 1000 - EPOCH_2001;
}

void calendar_set_time(const struct calendar *calendar, double time)
{
	int error = 0;
	calendar->icu->ucal_clear(calendar->made);
	calendar->icu->ucal_setMillis(calendar->made, floor((time + EPOCH_2001) * 1000), &error);
}

uint8_t darwin_CFCalendarComposeAbsoluteTime(struct calendar *calendar, double *time, const char *letters, ...)
{
	va_list values;
	bool fine = true;
	calendar->icu->ucal_clear(calendar->made);
	calendar->icu->ucal_set(calendar->made, FIELD_YEAR, 1);
	calendar->icu->ucal_set(calendar->made, FIELD_MONTH, 0);
	calendar->icu->ucal_set(calendar->made, FIELD_DAY, 1);
	va_start(values, letters);
	for (; *letters; letters++) {
		int field = field_of(*letters), value = va_arg(values, int);
		fine = fine && field >= 0;
		if (field >= 0)
			calendar->icu->ucal_set(calendar->made, field, value - (field == FIELD_MONTH));
	}
	va_end(values);
	if (fine)
		*time = calendar_time(calendar);
	return fine;
}

uint8_t darwin_CFCalendarDecomposeAbsoluteTime(struct calendar *calendar, double time, const char *letters, ...)
{
	va_list places;
	bool fine = true;
	calendar_set_time(calendar, time);
	va_start(places, letters);
	for (; *letters; letters++) {
		int field = field_of(*letters), error = 0, *place = va_arg(places, int *);
		fine = fine && field >= 0;
		if (field >= 0)
			*place = calendar->icu->ucal_get(calendar->made, field, &error) + (field == FIELD_MONTH);
		fine = fine && error <= 0;
	}
	va_end(places);
	return fine;
}

// The components one after the other; with kCFCalendarComponentsWrap larger ones stay as they are.
uint8_t darwin_CFCalendarAddComponents(struct calendar *calendar, double *time, uint64_t options, const char *letters,
				       ...)
{
	va_list values;
	int error = 0;
	bool fine = true;
	double whole = floor((*time + EPOCH_2001) * 1000) / 1000 - EPOCH_2001;
	calendar_set_time(calendar, *time);
	va_start(values, letters);
	for (; *letters; letters++) {
		int field = field_of(*letters), value = va_arg(values, int);
		fine = fine && field >= 0;
		if (field >= 0 && options & WRAPS)
			calendar->icu->ucal_roll(calendar->made, field, value, &error);
		else if (field >= 0)
			calendar->icu->ucal_add(calendar->made, field, value, &error);
	}
	va_end(values);
	if (fine && error <= 0)
		*time = calendar_time(calendar) + (*time - whole);
	return fine && error <= 0;
}

// How often each component fits between, the largest first, as the description has them.
uint8_t darwin_CFCalendarGetComponentDifference(struct calendar *calendar, double start, double end, uint64_t options,
						const char *letters, ...)
{
	va_list places;
	int error = 0;
	bool fine = true;
	double target = floor((end + EPOCH_2001) * 1000);
	calendar_set_time(calendar, start);
	va_start(places, letters);
	for (; *letters; letters++) {
		int field = field_of(*letters), *place = va_arg(places, int *);
		fine = fine && field >= 0;
		if (field >= 0)
			*place = calendar->icu->ucal_getFieldDifference(calendar->made, target, field, &error);
	}
	va_end(places);
	return fine && error <= 0;
}
