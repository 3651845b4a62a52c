// SPDX-License-Identifier: MIT
// Properties of CFDateFormatter. Facts: CFDateFormatter.h; ICU's udat.h (UDateFormatSymbolType).
#include "constant.h"
#include "dateformatter.h"
#include "gregorian.h"

#include <stdlib.h>

// Names of days have nothing at ICU's place 0.
#define SYMBOLS(S)                                                                                                     \
	S(EraSymbols, 0, 0)                                                                                            \
	S(MonthSymbols, 1, 0)                                                                                          \
	S(ShortMonthSymbols, 2, 0)                                                                                     \
	S(WeekdaySymbols, 3, 1)                                                                                        \
	S(ShortWeekdaySymbols, 4, 1)                                                                                   \
	S(LongEraSymbols, 7, 0)                                                                                        \
	S(VeryShortMonthSymbols, 8, 0)                                                                                 \
	S(VeryShortWeekdaySymbols, 9, 1)                                                                               \
	S(StandaloneMonthSymbols, 10, 0)                                                                               \
	S(ShortStandaloneMonthSymbols, 11, 0)                                                                          \
	S(VeryShortStandaloneMonthSymbols, 12, 0)                                                                      \
	S(StandaloneWeekdaySymbols, 13, 1)                                                                             \
	S(ShortStandaloneWeekdaySymbols, 14, 1)                                                                        \
	S(VeryShortStandaloneWeekdaySymbols, 15, 1)                                                                    \
	S(QuarterSymbols, 16, 0)                                                                                       \
	S(ShortQuarterSymbols, 17, 0)                                                                                  \
	S(StandaloneQuarterSymbols, 18, 0)                                                                             \
	S(ShortStandaloneQuarterSymbols, 19, 0)

#define SYMBOL_CONSTANT(name, number, first) CONSTANT_NAMED(kCFDateFormatter##name);
SYMBOLS(SYMBOL_CONSTANT)
CONSTANT_NAMED(kCFDateFormatterAMSymbol);
CONSTANT_NAMED(kCFDateFormatterPMSymbol);
CONSTANT_NAMED(kCFDateFormatterIsLenient);
CONSTANT_NAMED(kCFDateFormatterTimeZone);
CONSTANT_NAMED(kCFDateFormatterCalendarName);
CONSTANT_NAMED(kCFDateFormatterCalendar);
CONSTANT_NAMED(kCFDateFormatterDefaultFormat);
CONSTANT_NAMED(kCFDateFormatterTwoDigitStartDate);
CONSTANT_NAMED(kCFDateFormatterDefaultDate);

static const struct symbols {
	const struct constant_string *key;
	int number, first;
} symbols[] = {
#define SYMBOL_ENTRY(name, number, first) {&darwin_kCFDateFormatter##name##_object, number, first},
	SYMBOLS(SYMBOL_ENTRY)};
enum { AM_PM = 5 };

uint64_t darwin_CFTimeZoneGetTypeID(void);
struct calendar *darwin_CFCalendarCreateWithIdentifier(const void *allocator, const void *identifier);

static const struct symbols *symbols_find(const void *name)
{
	for (size_t i = 0; i < sizeof(symbols) / sizeof(*symbols); i++)
		if (darwin_CFEqual(symbols[i].key, name))
			return &symbols[i];
	return NULL;
}

static struct string *symbol_get(const struct date_formatter *formatter, int which, int32_t index)
{
	const struct icu *icu = formatter->icu;
	return ICU_STRING(icu->udat_getSymbols(formatter->format, which, index, to, room, &status));
}

static void symbol_set(struct date_formatter *formatter, int which, int32_t index, const void *text)
{
	int error = 0;
	int32_t count;
	if (object_type(text) != &string_type)
		return;
	uint16_t *units = string_units(text, &count);
	formatter->icu->udat_setSymbols(formatter->format, which, index, units, count, &error);
	free(units);
}

static struct array *symbols_get(const struct date_formatter *formatter, const struct symbols *from)
{
	struct array *list = array_make(true);
	for (int32_t i = from->first; i < formatter->icu->udat_countSymbols(formatter->format, from->number); i++) {
		struct string *text = symbol_get(formatter, from->number, i);
		if (text)
			array_add(list, text);
	}
	return list;
}

static void symbols_set(struct date_formatter *formatter, const struct symbols *to, const void *list)
{
	if (object_type(list) != &array_type)
		return;
	for (int32_t i = 0; i < darwin_CFArrayGetCount(list); i++)
		symbol_set(formatter, to->number, to->first + i, darwin_CFArrayGetValueAtIndex(list, i));
}

static struct string *calendar_name(const struct date_formatter *formatter)
{
	int error = 0;
	const char *name = formatter->icu->ucal_getType(formatter->icu->udat_getCalendar(formatter->format), &error);
	return error > 0 ? NULL : string_format("%s", name);
}

static const void *calendar_copy(const struct date_formatter *formatter)
{
	struct string *name = calendar_name(formatter);
	struct calendar *calendar = name ? darwin_CFCalendarCreateWithIdentifier(NULL, name) : NULL;
	darwin_CFRelease(name);
	return calendar;
}

const void *darwin_CFDateFormatterCopyProperty(const struct date_formatter *formatter, const void *name)
{
	int error = 0;
	const struct symbols *list = symbols_find(name);
	if (list)
		return symbols_get(formatter, list);
	if (darwin_CFEqual(name, darwin_kCFDateFormatterAMSymbol))
		return symbol_get(formatter, AM_PM, 0);
	if (darwin_CFEqual(name, darwin_kCFDateFormatterPMSymbol))
		return symbol_get(formatter, AM_PM, 1);
	if (darwin_CFEqual(name, darwin_kCFDateFormatterIsLenient))
		return formatter->icu->udat_isLenient(formatter->format) ? darwin_kCFBooleanTrue
									 : darwin_kCFBooleanFalse;
	if (darwin_CFEqual(name, darwin_kCFDateFormatterTimeZone))
		return darwin_CFRetain(formatter->zone);
	if (darwin_CFEqual(name, darwin_kCFDateFormatterDefaultFormat))
		return darwin_CFRetain(formatter->first_pattern);
	if (darwin_CFEqual(name, darwin_kCFDateFormatterDefaultDate))
		return darwin_CFRetain(formatter->default_date);
	if (darwin_CFEqual(name, darwin_kCFDateFormatterTwoDigitStartDate))
		return darwin_CFDateCreate(
			NULL, formatter->icu->udat_get2DigitYearStart(formatter->format, &error) / 1000 - EPOCH_2001);
	if (darwin_CFEqual(name, darwin_kCFDateFormatterCalendarName))
		return calendar_name(formatter);
	return darwin_CFEqual(name, darwin_kCFDateFormatterCalendar) ? calendar_copy(formatter) : NULL;
}

void darwin_CFDateFormatterSetProperty(struct date_formatter *formatter, const void *name, const void *value)
{
	int error = 0;
	const struct symbols *list = symbols_find(name);
	if (!value)
		return;
	const struct object_type *type = object_type(value);
	if (list)
		symbols_set(formatter, list, value);
	else if (darwin_CFEqual(name, darwin_kCFDateFormatterAMSymbol))
		symbol_set(formatter, AM_PM, 0, value);
	else if (darwin_CFEqual(name, darwin_kCFDateFormatterPMSymbol))
		symbol_set(formatter, AM_PM, 1, value);
	else if (darwin_CFEqual(name, darwin_kCFDateFormatterIsLenient) && type == &boolean_type)
		formatter->icu->udat_setLenient(formatter->format, (int8_t)darwin_CFBooleanGetValue(value));
	else if (darwin_CFEqual(name, darwin_kCFDateFormatterTimeZone) && (uintptr_t)type == darwin_CFTimeZoneGetTypeID())
		date_formatter_set_zone(formatter, value);
	else if (darwin_CFEqual(name, darwin_kCFDateFormatterTwoDigitStartDate) && type == &date_type)
		formatter->icu->udat_set2DigitYearStart(
			formatter->format, (darwin_CFDateGetAbsoluteTime(value) + EPOCH_2001) * 1000, &error);
	else if (darwin_CFEqual(name, darwin_kCFDateFormatterDefaultDate) && type == &date_type) {
		darwin_CFRetain(value);
		darwin_CFRelease(formatter->default_date);
		formatter->default_date = value;
	}
}
