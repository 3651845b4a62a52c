// SPDX-License-Identifier: MIT
// CFLocale, in a small measure: names, and what LANG says about the user. Facts: CFLocale.h.
#include "constant.h"

#include <ctype.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

CONSTANT_NAMED(kCFLocaleIdentifier);
CONSTANT_NAMED(kCFLocaleLanguageCode);
CONSTANT_NAMED(kCFLocaleCountryCode);

struct locale {
	struct object head;
	struct string *name, *language, *country; // country may be NULL
};

static void locale_destroy(struct object *object)
{
	struct locale *locale = (struct locale *)object;
	darwin_CFRelease(locale->name);
	darwin_CFRelease(locale->language);
	darwin_CFRelease(locale->country);
}

static bool locale_equal(const struct object *left, const struct object *right)
{
	return darwin_CFEqual(((const struct locale *)left)->name, ((const struct locale *)right)->name);
}

static uint64_t locale_hash(const struct object *object)
{
	return darwin_CFHash(((const struct locale *)object)->name);
}

static const struct object_type locale_type = {"CFLocale", locale_destroy, locale_equal, locale_hash, NULL, NULL};

static struct locale *locale_make(const char *name)
{
	struct locale *locale = object_make(&locale_type, sizeof(*locale));
	size_t language = strcspn(name, "_-.@");
	const char *at = name[language] == '_' || name[language] == '-' ? name + language + 1 : "";
	size_t country = strcspn(at, "_-.@");
	locale->name = string_format("%.*s", (int)strcspn(name, ".@"), name);
	locale->language = string_format("%.*s", (int)language, name);
	locale->country = country == 2 ? string_format("%.2s", at) : NULL;
	return locale;
}

// en_US unless the environment names another: C and POSIX are no languages.
static const char *user_name(void)
{
	static const char *const names[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
	for (size_t i = 0; i < 3; i++) {
		const char *value = getenv(names[i]);
		if (value && *value)
			return islower((unsigned char)value[0]) && islower((unsigned char)value[1]) ? value : "en_US";
	}
	return "en_US";
}

uint64_t darwin_CFLocaleGetTypeID(void)
{
	return (uintptr_t)&locale_type;
}

struct locale *darwin_CFLocaleCreate(const void *allocator, const void *name)
{
	char *text = string_to_utf8(name);
	struct locale *locale = locale_make(text);
	free(text);
	return locale;
}

struct locale *darwin_CFLocaleCopyCurrent(void)
{
	return locale_make(user_name());
}

const void *darwin_CFLocaleGetSystem(void)
{
	static struct locale *_Atomic made;
	struct locale *none = NULL, *locale = made;
	if (!locale) {
		locale = locale_make("");
		if (!atomic_compare_exchange_strong(&made, &none, locale)) {
			darwin_CFRelease(locale);
			locale = none;
		}
	}
	return locale;
}

const void *darwin_CFLocaleGetIdentifier(const struct locale *locale)
{
	return locale->name;
}

const void *darwin_CFLocaleGetValue(const struct locale *locale, const void *key)
{
	if (darwin_CFEqual(key, darwin_kCFLocaleIdentifier))
		return locale->name;
	if (darwin_CFEqual(key, darwin_kCFLocaleLanguageCode))
		return locale->language;
	return darwin_CFEqual(key, darwin_kCFLocaleCountryCode) ? locale->country : NULL;
}

// en-US, as languages are written: from LANGUAGE's list, or the locale's own.
struct array *darwin_CFLocaleCopyPreferredLanguages(void)
{
	struct array *languages = array_make(true);
	char *name = strdup(user_name());
	if (!name)
		abort();
	name[strcspn(name, ".@")] = '\0';
	for (char *at = name; *at; at++)
		*at = *at == '_' ? '-' : *at;
	array_add(languages, string_format("%s", name));
	free(name);
	return languages;
}

const void *darwin_CFLocaleCreateCanonicalLanguageIdentifierFromString(const void *allocator, const void *name)
{
	char *text = string_to_utf8(name);
	for (char *at = text; *at; at++)
		*at = *at == '_' ? '-' : *at;
	struct string *string = string_from_text(text);
	free(text);
	return string;
}
