// SPDX-License-Identifier: MIT
// CFLocale: what a language or a country says, by ICU. Facts: CFLocale.h, CFLocaleGetValue.
#include "constant.h"
#include "icu.h"
#include "locale.h"

#include "../libsystem/futex.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

CONSTANT(darwin_kCFLocaleExemplarCharacterSet, "kCFLocaleExemplarCharacterSetKey");
CONSTANT(darwin_kCFLocaleCalendar, "kCFLocaleCalendarKey");
CONSTANT(darwin_kCFLocaleUsesMetricSystem, "kCFLocaleUsesMetricSystemKey");
CONSTANT(darwin_kCFLocaleMeasurementSystem, "kCFLocaleMeasurementSystemKey");
CONSTANT(darwin_kCFLocaleDecimalSeparator, "kCFLocaleDecimalSeparatorKey");
CONSTANT(darwin_kCFLocaleGroupingSeparator, "kCFLocaleGroupingSeparatorKey");
CONSTANT(darwin_kCFLocaleCurrencySymbol, "kCFLocaleCurrencySymbolKey");
CONSTANT(darwin_kCFLocaleCurrencyCode, "currency");
CONSTANT(darwin_kCFLocaleCollatorIdentifier, "kCFLocaleCollatorIDKey");
CONSTANT_NAMED(kCFLocaleCurrentLocaleDidChangeNotification);

enum { SYMBOL_DECIMAL = 0, SYMBOL_GROUPING = 1, SYMBOL_CURRENCY = 8, STYLE_DECIMAL = 1, STYLE_CURRENCY = 2 };
enum { MEASURES_SI, MEASURES_US, MEASURES_UK };

static _Atomic uint32_t lock; // of values in locales
struct calendar *darwin_CFCalendarCreateWithIdentifier(const void *allocator, const void *identifier);
void darwin_CFCalendarSetLocale(struct calendar *calendar, const struct locale *locale);

static struct string *symbol_of(const struct icu *icu, const char *locale, int style, int which)
{
	int error = 0;
	void *format = icu->unum_open(style, NULL, 0, locale, NULL, &error);
	struct string *text =
		error > 0 ? NULL : ICU_STRING(icu->unum_getSymbol(format, which, to, room, &status));
	if (format)
		icu->unum_close(format);
	return text;
}

static const void *measures_of(const struct icu *icu, const char *locale, bool metric)
{
	int error = 0, system = icu->ulocdata_getMeasurementSystem(locale, &error);
	if (error > 0)
		return NULL;
	if (metric)
		return darwin_CFRetain(system == MEASURES_US ? darwin_kCFBooleanFalse : darwin_kCFBooleanTrue);
	return string_format("%s", system == MEASURES_US ? "U.S." : system == MEASURES_UK ? "U.K." : "Metric");
}

// CFCalendar's name: ICU's, but for the usual one.
static struct string *calendar_of(const struct icu *icu, const char *locale)
{
	int error = 0;
	void *calendar = icu->ucal_open(NULL, 0, locale, 0, &error);
	const char *name = error > 0 ? NULL : icu->ucal_getType(calendar, &error);
	struct string *text = name && error <= 0 ? string_format("%s", name) : NULL;
	if (calendar)
		icu->ucal_close(calendar);
	return text;
}

static const void *value_make(const struct locale *locale, const struct icu *icu, const char *name, const void *key)
{
	if (darwin_CFEqual(key, darwin_kCFLocaleDecimalSeparator))
		return symbol_of(icu, name, STYLE_DECIMAL, SYMBOL_DECIMAL);
	if (darwin_CFEqual(key, darwin_kCFLocaleGroupingSeparator))
		return symbol_of(icu, name, STYLE_DECIMAL, SYMBOL_GROUPING);
	if (darwin_CFEqual(key, darwin_kCFLocaleCurrencySymbol))
		return symbol_of(icu, name, STYLE_CURRENCY, SYMBOL_CURRENCY);
	if (darwin_CFEqual(key, darwin_kCFLocaleCurrencyCode))
		return ICU_STRING(icu->ucurr_forLocale(name, to, room, &status));
	if (darwin_CFEqual(key, darwin_kCFLocaleUsesMetricSystem))
		return measures_of(icu, name, true);
	if (darwin_CFEqual(key, darwin_kCFLocaleMeasurementSystem))
		return measures_of(icu, name, false);
	if (darwin_CFEqual(key, darwin_kCFLocaleCalendarIdentifier))
		return calendar_of(icu, name);
	if (darwin_CFEqual(key, darwin_kCFLocaleCollatorIdentifier))
		return darwin_CFRetain(locale->name);
	if (!darwin_CFEqual(key, darwin_kCFLocaleCalendar))
		return NULL;
	struct string *identifier = calendar_of(icu, name);
	struct calendar *calendar = identifier ? darwin_CFCalendarCreateWithIdentifier(NULL, identifier) : NULL;
	if (calendar)
		darwin_CFCalendarSetLocale(calendar, locale);
	darwin_CFRelease(identifier);
	return calendar;
}

static const void *value_of(const struct locale *locale, const void *key)
{
	const struct icu *icu = icu_find();
	char *name = icu ? locale_icu_name(locale) : NULL;
	const void *value = icu ? value_make(locale, icu, name, key) : NULL;
	free(name);
	return value;
}

// What was asked for once is kept with the locale, which lends it.
const void *darwin_CFLocaleGetValue(const struct locale *locale, const void *key)
{
	if (darwin_CFEqual(key, darwin_kCFLocaleIdentifier))
		return locale->name;
	const void *value = darwin_CFDictionaryGetValue(locale->parts, key);
	if (value)
		return value;
	futex_lock(&lock);
	value = darwin_CFDictionaryGetValue(locale->values, key);
	futex_unlock(&lock);
	if (value)
		return value;
	const void *made = value_of(locale, key);
	if (!made)
		return NULL;
	futex_lock(&lock);
	value = darwin_CFDictionaryGetValue(locale->values, key); // another thread was faster
	if (!value)
		darwin_CFDictionarySetValue(locale->values, key, made);
	value = darwin_CFDictionaryGetValue(locale->values, key);
	futex_unlock(&lock);
	darwin_CFRelease(made);
	return value;
}

// ---- names in a language --------------------------------------------------------------------------------------------

static struct string *currency_name(const struct icu *icu, const char *in, const char *code, int style)
{
	uint16_t units[4] = {0};
	int error = 0;
	int8_t choice;
	int32_t length = 0;
	for (size_t i = 0; i < 3 && code[i]; i++)
		units[i] = (uint8_t)code[i];
	const uint16_t *name = icu->ucurr_getName(units, in, style, &choice, &length, &error);
	return error > 0 ? NULL : string_make(name, (size_t)length);
}

static struct string *name_in(const struct icu *icu, const char *in, const void *key, const char *value)
{
	char locale[160];
	if (darwin_CFEqual(key, darwin_kCFLocaleIdentifier))
		return ICU_STRING(icu->uloc_getDisplayName(value, in, to, room, &status));
	if (darwin_CFEqual(key, darwin_kCFLocaleLanguageCode))
		return ICU_STRING(icu->uloc_getDisplayLanguage(value, in, to, room, &status));
	if (darwin_CFEqual(key, darwin_kCFLocaleCurrencyCode))
		return currency_name(icu, in, value, 1);
	if (darwin_CFEqual(key, darwin_kCFLocaleCurrencySymbol))
		return currency_name(icu, in, value, 0);
	bool country = darwin_CFEqual(key, darwin_kCFLocaleCountryCode),
	     script = darwin_CFEqual(key, darwin_kCFLocaleScriptCode);
	snprintf(locale, sizeof(locale), country || script ? "und_%.100s" : "und__%.100s", value);
	if (country)
		return ICU_STRING(icu->uloc_getDisplayCountry(locale, in, to, room, &status));
	if (script)
		return ICU_STRING(icu->uloc_getDisplayScript(locale, in, to, room, &status));
	if (darwin_CFEqual(key, darwin_kCFLocaleVariantCode))
		return ICU_STRING(icu->uloc_getDisplayVariant(locale, in, to, room, &status));
	return NULL;
}

struct string *darwin_CFLocaleCopyDisplayNameForPropertyValue(const struct locale *display, const void *key,
							      const void *value)
{
	const struct icu *icu = icu_find();
	if (!icu)
		return NULL;
	char *in = locale_icu_name(display), *text = string_to_utf8(value);
	struct string *name = name_in(icu, in, key, text);
	free(in);
	free(text);
	return name;
}

// ---- lists ----------------------------------------------------------------------------------------------------------

struct array *darwin_CFLocaleCopyAvailableLocaleIdentifiers(void)
{
	const struct icu *icu = icu_find();
	struct array *list = array_make(true);
	for (int32_t i = 0; icu && i < icu->uloc_countAvailable(); i++)
		array_add(list, string_format("%s", icu->uloc_getAvailable(i)));
	return list;
}

static struct array *codes_list(const char *const *codes)
{
	struct array *list = array_make(true);
	for (; codes && *codes; codes++)
		array_add(list, string_format("%s", *codes));
	return list;
}

struct array *darwin_CFLocaleCopyISOLanguageCodes(void)
{
	const struct icu *icu = icu_find();
	return codes_list(icu ? icu->uloc_getISOLanguages() : NULL);
}

struct array *darwin_CFLocaleCopyISOCountryCodes(void)
{
	const struct icu *icu = icu_find();
	return codes_list(icu ? icu->uloc_getISOCountries() : NULL);
}

static struct array *currencies_list(uint32_t kinds)
{
	const struct icu *icu = icu_find();
	struct array *list = array_make(true);
	int error = 0;
	int32_t length;
	void *codes = icu ? icu->ucurr_openISOCurrencies(kinds, &error) : NULL;
	for (const char *code; codes && (code = icu->uenum_next(codes, &length, &error));)
		array_add(list, string_format("%s", code));
	if (codes)
		icu->uenum_close(codes);
	return list;
}

struct array *darwin_CFLocaleCopyISOCurrencyCodes(void)
{
	return currencies_list(INT32_MAX); // UCURR_ALL
}

struct array *darwin_CFLocaleCopyCommonISOCurrencyCodes(void)
{
	return currencies_list(1 | 8); // UCURR_COMMON, UCURR_NON_DEPRECATED
}

// ---- directions, numbers of Windows ---------------------------------------------------------------------------------

// ULayoutType's to CFLocaleLanguageDirection's.
static int64_t direction_of(const void *name, bool of_lines)
{
	static const int64_t directions[] = {1, 2, 3, 4}; // left to right, right to left, down, up
	const struct icu *icu = icu_find();
	int error = 0, layout = 4;
	char *text = string_to_utf8(name);
	if (icu)
		layout = of_lines ? icu->uloc_getLineOrientation(text, &error)
				  : icu->uloc_getCharacterOrientation(text, &error);
	free(text);
	return error > 0 || layout < 0 || layout > 3 ? 0 : directions[layout];
}

int64_t darwin_CFLocaleGetLanguageCharacterDirection(const void *name)
{
	return direction_of(name, false);
}

int64_t darwin_CFLocaleGetLanguageLineDirection(const void *name)
{
	return direction_of(name, true);
}

uint32_t darwin_CFLocaleGetWindowsLocaleCodeFromLocaleIdentifier(const void *name)
{
	const struct icu *icu = icu_find();
	char *text = string_to_utf8(name);
	uint32_t code = icu ? icu->uloc_getLCID(text) : 0;
	free(text);
	return code;
}

struct string *darwin_CFLocaleCreateLocaleIdentifierFromWindowsLocaleCode(const void *allocator, uint32_t code)
{
	const struct icu *icu = icu_find();
	char name[160] = "";
	int error = 0;
	int32_t length = icu ? icu->uloc_getLocaleForLCID(code, name, sizeof(name) - 1, &error) : 0;
	return error > 0 || length <= 0 ? NULL : string_format("%s", name);
}
