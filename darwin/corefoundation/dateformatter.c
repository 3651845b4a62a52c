// SPDX-License-Identifier: MIT
// CFDateFormatter: times as text in a language and back, by ICU. Facts: CFDateFormatter.h; ICU's udat.h; ISO 8601. The properties are in
// dateformatter_properties.c.
#include "dateformatter.h"

#include "constant.h"
#include "gregorian.h"

#include <stdlib.h>

const void *darwin_CFTimeZoneCopyDefault(void);
const void *darwin_CFTimeZoneGetName(const void *zone);
const void *darwin_CFTimeZoneCreateWithTimeIntervalFromGMT(const void *allocator, double seconds);
struct locale *darwin_CFLocaleCreate(const void *allocator, const void *name);

static void formatter_destroy(struct object *object)
{
	struct date_formatter *formatter = (struct date_formatter *)object;
	if (formatter->format)
		formatter->icu->udat_close(formatter->format);
	darwin_CFRelease(formatter->locale);
	darwin_CFRelease(formatter->zone);
	darwin_CFRelease(formatter->pattern);
	darwin_CFRelease(formatter->first_pattern);
	darwin_CFRelease(formatter->default_date);
}

static const struct object_type formatter_type = {.name = "CFDateFormatter", .destroy = formatter_destroy};

uint64_t darwin_CFDateFormatterGetTypeID(void)
{
	return (uintptr_t)&formatter_type;
}

static struct string *pattern_of(const struct date_formatter *formatter)
{
	struct string *pattern = ICU_STRING(formatter->icu->udat_toPattern(formatter->format, 0, to, room, &status));
	return pattern ? pattern : string_make(NULL, 0);
}

// A calendar of ICU's in the formatter's zone: what `calendar` names, or as the locale has it.
void date_formatter_set_zone(struct date_formatter *formatter, const void *zone)
{
	int error = 0;
	int32_t count;
	uint16_t *name = string_units(darwin_CFTimeZoneGetName(zone), &count);
	char *locale = locale_icu_name(formatter->locale);
	void *calendar = formatter->icu->ucal_open(name, count, locale, 0, &error);
	if (error <= 0 && calendar)
		formatter->icu->udat_setCalendar(formatter->format, calendar);
	if (calendar)
		formatter->icu->ucal_close(calendar);
	free(name);
	free(locale);
	darwin_CFRetain(zone);
	darwin_CFRelease(formatter->zone);
	formatter->zone = zone;
}

// CFDateFormatterStyle's none, short, medium, long, full to UDateFormatStyle's -1, 3, 2, 1, 0.
static int style_to_icu(int64_t style)
{
	return style == 0 ? -1 : (int)(4 - style);
}

struct date_formatter *darwin_CFDateFormatterCreate(const void *allocator, const struct locale *locale, int64_t date,
						    int64_t time)
{
	const struct icu *icu = icu_find();
	int error = 0;
	if (!icu || date < 0 || date > 4 || time < 0 || time > 4)
		return NULL;
	char *name = locale_icu_name(locale);
	void *format = icu->udat_open(style_to_icu(time), style_to_icu(date), name, NULL, 0, NULL, 0, &error);
	free(name);
	if (error > 0 || !format)
		return NULL;
	if (!date && !time)
		icu->udat_applyPattern(format, 0, (const uint16_t[]){0}, 0);
	struct date_formatter *formatter = object_make(&formatter_type, sizeof(*formatter));
	formatter->icu = icu;
	formatter->locale = darwin_CFRetain(locale);
	formatter->date_style = date;
	formatter->time_style = time;
	formatter->format = format;
	icu->udat_setLenient(format, 0);
	formatter->pattern = pattern_of(formatter);
	formatter->first_pattern = (struct string *)(uintptr_t)darwin_CFRetain(formatter->pattern);
	const void *zone = darwin_CFTimeZoneCopyDefault();
	date_formatter_set_zone(formatter, zone);
	darwin_CFRelease(zone);
	return formatter;
}

const struct locale *darwin_CFDateFormatterGetLocale(const struct date_formatter *formatter)
{
	return formatter->locale;
}

int64_t darwin_CFDateFormatterGetDateStyle(const struct date_formatter *formatter)
{
	return formatter->date_style;
}

int64_t darwin_CFDateFormatterGetTimeStyle(const struct date_formatter *formatter)
{
	return formatter->time_style;
}

const void *darwin_CFDateFormatterGetFormat(struct date_formatter *formatter)
{
	struct string *pattern = pattern_of(formatter);
	darwin_CFRelease(formatter->pattern);
	return formatter->pattern = pattern;
}

void darwin_CFDateFormatterSetFormat(struct date_formatter *formatter, const void *pattern)
{
	int32_t count;
	uint16_t *units = string_units(pattern, &count);
	formatter->icu->udat_applyPattern(formatter->format, 0, units, count);
	free(units);
}

// ---- to text --------------------------------------------------------------------------------------------------------

struct string *darwin_CFDateFormatterCreateStringWithAbsoluteTime(const void *allocator,
								  const struct date_formatter *formatter, double time)
{
	const struct icu *icu = formatter->icu;
	double date = (time + EPOCH_2001) * 1000;
	return ICU_STRING(icu->udat_format(formatter->format, date, to, room, NULL, &status));
}

struct string *darwin_CFDateFormatterCreateStringWithDate(const void *allocator, const struct date_formatter *formatter,
							  const void *date)
{
	return darwin_CFDateFormatterCreateStringWithAbsoluteTime(NULL, formatter, darwin_CFDateGetAbsoluteTime(date));
}

// ---- from text ------------------------------------------------------------------------------------------------------

// What the text does not name is that of the default date: midnight of 2000-01-01 in the zone, as CF's own default.
static void *calendar_for(const struct date_formatter *formatter)
{
	const struct icu *icu = formatter->icu;
	int error = 0;
	void *calendar = icu->ucal_clone(icu->udat_getCalendar(formatter->format), &error);
	if (error > 0 || !calendar)
		return NULL;
	if (formatter->default_date) {
		icu->ucal_setMillis(calendar,
				    (darwin_CFDateGetAbsoluteTime(formatter->default_date) + EPOCH_2001) * 1000, &error);
		return calendar;
	}
	icu->ucal_clear(calendar);
	icu->ucal_set(calendar, 1, 2000); // year, month, day
	icu->ucal_set(calendar, 2, 0);
	icu->ucal_set(calendar, 5, 1);
	return calendar;
}

uint8_t darwin_CFDateFormatterGetAbsoluteTimeFromString(const struct date_formatter *formatter, const void *string,
							struct range *range, double *time)
{
	const struct icu *icu = formatter->icu;
	int error = 0;
	int32_t count, at = 0;
	uint16_t *units = string_units(string, &count);
	int64_t start = range ? range->start : 0, size = range ? range->count : count;
	bool fine = start >= 0 && size >= 0 && start <= count && size <= count - start;
	void *calendar = fine ? calendar_for(formatter) : NULL;
	if (calendar)
		icu->udat_parseCalendar(formatter->format, calendar, units + start, (int32_t)size, &at, &error);
	fine = calendar && error <= 0 && at > 0 && (range || at == size);
	double date = fine ? icu->ucal_getMillis(calendar, &error) : 0;
	fine = fine && error <= 0;
	if (fine && time)
		*time = date / 1000 - EPOCH_2001;
	if (fine && range)
		range->count = at;
	if (calendar)
		icu->ucal_close(calendar);
	free(units);
	return fine;
}

struct date *darwin_CFDateFormatterCreateDateFromString(const void *allocator, const struct date_formatter *formatter,
							const void *string, struct range *range)
{
	double time;
	return darwin_CFDateFormatterGetAbsoluteTimeFromString(formatter, string, range, &time)
		       ? darwin_CFDateCreate(NULL, time)
		       : NULL;
}

// ---- patterns -------------------------------------------------------------------------------------------------------

struct string *darwin_CFDateFormatterCreateDateFormatFromTemplate(const void *allocator, const void *skeleton,
								  uint64_t options, const struct locale *locale)
{
	const struct icu *icu = icu_find();
	int error = 0;
	int32_t count;
	if (!icu)
		return NULL;
	char *name = locale_icu_name(locale);
	void *generator = icu->udatpg_open(name, &error);
	free(name);
	if (error > 0 || !generator)
		return NULL;
	uint16_t *units = string_units(skeleton, &count);
	struct string *pattern = ICU_STRING(icu->udatpg_getBestPattern(generator, units, count, to, room, &status));
	free(units);
	icu->udatpg_close(generator);
	return pattern;
}

enum { // CFISO8601DateFormatOptions
	ISO_YEAR = 1,
	ISO_MONTH = 2,
	ISO_WEEK = 4,
	ISO_DAY = 16,
	ISO_TIME = 32,
	ISO_ZONE = 64,
	ISO_SPACE = 128,
	ISO_DASH = 256,
	ISO_COLON = 512,
	ISO_ZONE_COLON = 1024,
	ISO_FRACTION = 2048
};

static struct string *iso_pattern(uint64_t options)
{
	struct bytes text = {0};
	const char *dash = options & ISO_DASH ? "-" : "";
	if (options & ISO_YEAR)
		bytes_add_text(&text, options & ISO_WEEK ? "YYYY" : "yyyy");
	if (options & ISO_MONTH)
		bytes_add_format(&text, "%sMM", text.count ? dash : "");
	if (options & ISO_WEEK)
		bytes_add_format(&text, "%s'W'ww", text.count ? dash : "");
	if (options & ISO_DAY)
		bytes_add_format(&text, "%s%s", text.count ? dash : "",
				 options & ISO_WEEK    ? "ee"
				 : options & ISO_MONTH ? "dd"
						       : "DDD");
	if (options & ISO_TIME) {
		const char *between = !text.count ? "" : options & ISO_SPACE ? " " : "'T'";
		bytes_add_format(&text, "%s%s", between, options & ISO_COLON ? "HH:mm:ss" : "HHmmss");
		bytes_add_text(&text, options & ISO_FRACTION ? ".SSS" : "");
	}
	if (options & ISO_ZONE)
		bytes_add_text(&text, options & ISO_ZONE_COLON ? "XXX" : "XX");
	bytes_add(&text, "", 1);
	struct string *pattern = string_from_text((const char *)text.at);
	free(text.at);
	return pattern;
}

// They begin with Monday, and the first has four days of the year at least.
static void set_iso_weeks(struct date_formatter *formatter)
{
	const struct icu *icu = formatter->icu;
	int error = 0;
	void *calendar = icu->ucal_clone(icu->udat_getCalendar(formatter->format), &error);
	if (error > 0 || !calendar)
		return;
	icu->ucal_setAttribute(calendar, 1, 2); // UCAL_FIRST_DAY_OF_WEEK, UCAL_MONDAY
	icu->ucal_setAttribute(calendar, 2, 4); // UCAL_MINIMAL_DAYS_IN_FIRST_WEEK
	icu->udat_setCalendar(formatter->format, calendar);
	icu->ucal_close(calendar);
}

struct date_formatter *darwin_CFDateFormatterCreateISO8601Formatter(const void *allocator, uint64_t options)
{
	struct string *name = string_from_text("en_US_POSIX"), *pattern = iso_pattern(options);
	struct locale *locale = darwin_CFLocaleCreate(NULL, name);
	const void *zone = darwin_CFTimeZoneCreateWithTimeIntervalFromGMT(NULL, 0);
	struct date_formatter *formatter = darwin_CFDateFormatterCreate(NULL, locale, 0, 0);
	if (formatter) {
		darwin_CFDateFormatterSetFormat(formatter, pattern);
		date_formatter_set_zone(formatter, zone);
		set_iso_weeks(formatter);
	}
	darwin_CFRelease(zone);
	darwin_CFRelease(locale);
	darwin_CFRelease(pattern);
	darwin_CFRelease(name);
	return formatter;
}
