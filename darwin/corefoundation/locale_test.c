// SPDX-License-Identifier: MIT
// Names of locales: taken apart, put together, brought into their usual form.
#include "locale.h"

#include <gila/test.h>

static bool canonical(const char *from, char separator, const char *to)
{
	struct string *made = locale_canonical(from, separator);
	bool same = string_is(made, to);
	darwin_CFRelease(made);
	return same;
}

static bool comes_back(const char *name)
{
	struct dictionary *parts = locale_parts(name);
	struct string *made = locale_join(parts, '_');
	bool same = string_is(made, name);
	darwin_CFRelease(parts);
	darwin_CFRelease(made);
	return same;
}

static bool has(const char *name, const void *key, const char *wanted)
{
	struct dictionary *parts = locale_parts(name);
	const void *value = darwin_CFDictionaryGetValue(parts, key);
	bool fine = wanted ? value && string_is(value, wanted) : !value;
	darwin_CFRelease(parts);
	return fine;
}

TEST(locale_canonical)
{
	CHECK(canonical("EN-us", '_', "en_US") && canonical("zh-hant-TW", '_', "zh_Hant_TW"));
	CHECK(canonical("de_DE.UTF-8", '-', "de-DE") && canonical("en_US_posix", '_', "en_US_POSIX"));
	CHECK(canonical("de_DE@collation=phonebook", '_', "de_DE@collation=phonebook"));
	CHECK(canonical("", '_', "") && canonical("--", '_', "__"));
}

TEST(locale_parts)
{
	CHECK(comes_back("en_US") && comes_back("zh_Hant_TW") && comes_back("en_US_POSIX") && comes_back("sr_Latn"));
	CHECK(comes_back("de@calendar=buddhist;collation=phonebook") && comes_back("") && comes_back("es_419"));
	CHECK(has("de_DE.UTF-8", darwin_kCFLocaleCountryCode, "DE") && has("de", darwin_kCFLocaleCountryCode, NULL));
	CHECK(has("en_GB@euro", darwin_kCFLocaleVariantCode, NULL));
	CHECK(has("th_TH@calendar=gregorian", darwin_kCFLocaleCalendarIdentifier, "gregorian"));
	CHECK(has("x@=a;b;c=d", darwin_kCFLocaleCollationIdentifier, NULL));
}
