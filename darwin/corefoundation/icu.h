// SPDX-License-Identifier: MIT
// Debian's ICU, which has what macOS' own has under the same names: formats of numbers and dates, calendars, orders, words of languages.
// It is loaded when something first needs it. Facts: ICU's API reference (unum.h, udat.h, udatpg.h, ucal.h, ubrk.h, ucol.h, uloc.h,
// ucurr.h, utrans.h); functions' names end with the library's version.
#ifndef DARWIN_ICU_H
#define DARWIN_ICU_H

#include "object.h"

enum { ICU_OVERFLOW = 15 }; // U_BUFFER_OVERFLOW_ERROR; errors are above 0

#define ICU_FUNCTIONS(F)                                                                                               \
	F(unum_open, void *, int style, const uint16_t *pattern, int32_t length, const char *locale, void *error,      \
	  int *status)                                                                                                 \
	F(unum_close, void, void *format)                                                                              \
	F(unum_formatDouble, int32_t, const void *format, double number, uint16_t *to, int32_t room, void *at,         \
	  int *status)                                                                                                 \
	F(unum_formatInt64, int32_t, const void *format, int64_t number, uint16_t *to, int32_t room, void *at,         \
	  int *status)                                                                                                 \
	F(unum_parseDouble, double, const void *format, const uint16_t *text, int32_t length, int32_t *at,             \
	  int *status)                                                                                                 \
	F(unum_parseInt64, int64_t, const void *format, const uint16_t *text, int32_t length, int32_t *at,             \
	  int *status)                                                                                                 \
	F(unum_applyPattern, void, void *format, int8_t localized, const uint16_t *pattern, int32_t length,            \
	  void *error, int *status)                                                                                    \
	F(unum_toPattern, int32_t, const void *format, int8_t localized, uint16_t *to, int32_t room, int *status)      \
	F(unum_setAttribute, void, void *format, int which, int32_t value)                                             \
	F(unum_getAttribute, int32_t, const void *format, int which)                                                   \
	F(unum_setDoubleAttribute, void, void *format, int which, double value)                                        \
	F(unum_getDoubleAttribute, double, const void *format, int which)                                              \
	F(unum_setTextAttribute, void, void *format, int which, const uint16_t *value, int32_t length, int *status)    \
	F(unum_getTextAttribute, int32_t, const void *format, int which, uint16_t *to, int32_t room, int *status)      \
	F(unum_setSymbol, void, void *format, int which, const uint16_t *value, int32_t length, int *status)           \
	F(unum_getSymbol, int32_t, const void *format, int which, uint16_t *to, int32_t room, int *status)             \
	F(udat_open, void *, int time, int date, const char *locale, const uint16_t *zone, int32_t zone_length,        \
	  const uint16_t *pattern, int32_t length, int *status)                                                        \
	F(udat_close, void, void *format)                                                                              \
	F(udat_format, int32_t, const void *format, double date, uint16_t *to, int32_t room, void *at, int *status)    \
	F(udat_parseCalendar, void, const void *format, void *calendar, const uint16_t *text, int32_t length,          \
	  int32_t *at, int *status)                                                                                    \
	F(udat_toPattern, int32_t, const void *format, int8_t localized, uint16_t *to, int32_t room, int *status)      \
	F(udat_applyPattern, void, void *format, int8_t localized, const uint16_t *pattern, int32_t length)            \
	F(udat_setLenient, void, void *format, int8_t lenient)                                                         \
	F(udat_isLenient, int8_t, const void *format)                                                                  \
	F(udat_get2DigitYearStart, double, const void *format, int *status)                                            \
	F(udat_set2DigitYearStart, void, void *format, double date, int *status)                                       \
	F(udat_countSymbols, int32_t, const void *format, int which)                                                   \
	F(udat_getSymbols, int32_t, const void *format, int which, int32_t index, uint16_t *to, int32_t room,          \
	  int *status)                                                                                                 \
	F(udat_setSymbols, void, void *format, int which, int32_t index, uint16_t *value, int32_t length, int *status) \
	F(udat_getCalendar, const void *, const void *format)                                                          \
	F(udat_setCalendar, void, void *format, const void *calendar)                                                  \
	F(udatpg_open, void *, const char *locale, int *status)                                                        \
	F(udatpg_close, void, void *generator)                                                                         \
	F(udatpg_getBestPattern, int32_t, void *generator, const uint16_t *skeleton, int32_t length, uint16_t *to,     \
	  int32_t room, int *status)                                                                                   \
	F(ucal_open, void *, const uint16_t *zone, int32_t length, const char *locale, int type, int *status)          \
	F(ucal_clone, void *, const void *calendar, int *status)                                                       \
	F(ucal_close, void, void *calendar)                                                                            \
	F(ucal_setMillis, void, void *calendar, double date, int *status)                                              \
	F(ucal_getMillis, double, const void *calendar, int *status)                                                   \
	F(ucal_get, int32_t, const void *calendar, int field, int *status)                                             \
	F(ucal_set, void, void *calendar, int field, int32_t value)                                                    \
	F(ucal_clear, void, void *calendar)                                                                            \
	F(ucal_add, void, void *calendar, int field, int32_t amount, int *status)                                      \
	F(ucal_roll, void, void *calendar, int field, int32_t amount, int *status)                                     \
	F(ucal_getFieldDifference, int32_t, void *calendar, double target, int field, int *status)                     \
	F(ucal_getLimit, int32_t, const void *calendar, int field, int which, int *status)                             \
	F(ucal_getAttribute, int32_t, const void *calendar, int which)                                                 \
	F(ucal_setAttribute, void, void *calendar, int which, int32_t value)                                           \
	F(ucal_getTimeZoneDisplayName, int32_t, const void *calendar, int kind, const char *locale, uint16_t *to,      \
	  int32_t room, int *status)                                                                                   \
	F(ucal_getType, const char *, const void *calendar, int *status)                                               \
	F(ubrk_open, void *, int kind, const char *locale, const uint16_t *text, int32_t length, int *status)          \
	F(ubrk_close, void, void *breaks)                                                                              \
	F(ubrk_next, int32_t, void *breaks)                                                                            \
	F(ubrk_following, int32_t, void *breaks, int32_t at)                                                           \
	F(ubrk_preceding, int32_t, void *breaks, int32_t at)                                                           \
	F(ubrk_isBoundary, int8_t, void *breaks, int32_t at)                                                           \
	F(ubrk_getRuleStatus, int32_t, void *breaks)                                                                   \
	F(ucol_open, void *, const char *locale, int *status)                                                          \
	F(ucol_close, void, void *order)                                                                               \
	F(ucol_setAttribute, void, void *order, int which, int value, int *status)                                     \
	F(ucol_strcoll, int, const void *order, const uint16_t *left, int32_t left_length, const uint16_t *right,      \
	  int32_t right_length)                                                                                        \
	F(uloc_countAvailable, int32_t, void)                                                                          \
	F(uloc_getAvailable, const char *, int32_t index)                                                              \
	F(uloc_getISOCountries, const char *const *, void)                                                             \
	F(uloc_getISOLanguages, const char *const *, void)                                                             \
	F(uloc_getDisplayName, int32_t, const char *locale, const char *in, uint16_t *to, int32_t room, int *status)   \
	F(uloc_getDisplayLanguage, int32_t, const char *locale, const char *in, uint16_t *to, int32_t room,            \
	  int *status)                                                                                                 \
	F(uloc_getDisplayCountry, int32_t, const char *locale, const char *in, uint16_t *to, int32_t room,             \
	  int *status)                                                                                                 \
	F(uloc_getDisplayScript, int32_t, const char *locale, const char *in, uint16_t *to, int32_t room, int *status) \
	F(uloc_getDisplayVariant, int32_t, const char *locale, const char *in, uint16_t *to, int32_t room,             \
	  int *status)                                                                                                 \
	F(uloc_getCharacterOrientation, int, const char *locale, int *status)                                          \
	F(uloc_getLineOrientation, int, const char *locale, int *status)                                               \
	F(uloc_getLCID, uint32_t, const char *locale)                                                                  \
	F(uloc_getLocaleForLCID, int32_t, uint32_t code, char *to, int32_t room, int *status)                          \
	F(ulocdata_getMeasurementSystem, int, const char *locale, int *status)                                         \
	F(ucurr_forLocale, int32_t, const char *locale, uint16_t *to, int32_t room, int *status)                       \
	F(ucurr_getName, const uint16_t *, const uint16_t *code, const char *locale, int style, int8_t *choice,        \
	  int32_t *length, int *status)                                                                                \
	F(ucurr_getDefaultFractionDigits, int32_t, const uint16_t *code, int *status)                                  \
	F(ucurr_getRoundingIncrement, double, const uint16_t *code, int *status)                                       \
	F(ucurr_openISOCurrencies, void *, uint32_t kinds, int *status)                                                \
	F(uenum_next, const char *, void *list, int32_t *length, int *status)                                          \
	F(uenum_close, void, void *list)                                                                               \
	F(utrans_openU, void *, const uint16_t *id, int32_t length, int direction, const uint16_t *rules,              \
	  int32_t rules_length, void *error, int *status)                                                              \
	F(utrans_transUChars, void, const void *way, uint16_t *text, int32_t *length, int32_t room, int32_t start,     \
	  int32_t *limit, int *status)                                                                                 \
	F(utrans_close, void, void *way)

struct icu {
#define ICU_FIELD(name, result, ...) result (*name)(__VA_ARGS__);
	ICU_FUNCTIONS(ICU_FIELD)
#undef ICU_FIELD
};

// NULL, and said once: the library is not there.
const struct icu *icu_find(void);

// The string that a call writes: ICU_STRING(icu->udat_format(format, date, to, room, NULL, &status)). NULL: the call failed.
#define ICU_STRING(call)                                                                                               \
	({                                                                                                             \
		uint16_t small[128], *to = small;                                                                      \
		int32_t room = 128;                                                                                    \
		int status = 0;                                                                                        \
		int32_t length = (call);                                                                               \
		if (status == ICU_OVERFLOW && (to = malloc(((size_t)length + 1) * sizeof(*to)))) {                     \
			room = length + 1;                                                                             \
			status = 0;                                                                                    \
			length = (call);                                                                               \
		}                                                                                                      \
		struct string *made = status > 0 || length < 0 || !to ? NULL : string_make(to, (size_t)length);        \
		if (to != small)                                                                                       \
			free(to);                                                                                      \
		made;                                                                                                  \
	})

// A copy of a string's units, malloced.
uint16_t *string_units(const void *string, int32_t *count);

// ---- locales (locale.c, locale_text.c) --------------------------------------------------------------------------------
struct locale;
// The locale's name in ASCII, as ICU takes it, malloced; of NULL the current one's.
char *locale_icu_name(const struct locale *locale);

#endif
