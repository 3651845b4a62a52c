// SPDX-License-Identifier: MIT
// CFLocale: names, their parts, and what LANG says about the user; what languages say about themselves is ICU's (locale_text.c).
// Facts: CFLocale.h; Unicode Technical Standard 35 (identifiers: language, script, country, variant, @key=value).
#include "locale.h"

#include "constant.h"
#include "icu.h"

#include <ctype.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

CONSTANT(darwin_kCFLocaleIdentifier, "kCFLocaleIdentifierKey");
CONSTANT(darwin_kCFLocaleLanguageCode, "kCFLocaleLanguageCodeKey");
CONSTANT(darwin_kCFLocaleCountryCode, "kCFLocaleCountryCodeKey");
CONSTANT(darwin_kCFLocaleScriptCode, "kCFLocaleScriptCodeKey");
CONSTANT(darwin_kCFLocaleVariantCode, "kCFLocaleVariantCodeKey");
CONSTANT(darwin_kCFLocaleCalendarIdentifier, "calendar");
CONSTANT(darwin_kCFLocaleCollationIdentifier, "collation");

static void locale_destroy(struct object *object)
{
	struct locale *locale = (struct locale *)object;
	darwin_CFRelease(locale->name);
	darwin_CFRelease(locale->parts);
	darwin_CFRelease(locale->values);
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

// ---- names ----------------------------------------------------------------------------------------------------------

static bool all_are(int (*is)(int), const char *text, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (!is((unsigned char)text[i]))
			return false;
	return size > 0;
}

static void put(struct dictionary *parts, const void *key, const char *text, size_t size)
{
	struct string *value = string_format("%.*s", (int)size, text);
	darwin_CFDictionarySetValue(parts, key, value);
	darwin_CFRelease(value);
}

// key=value;key=value
static void put_keywords(struct dictionary *parts, const char *at)
{
	while (*at) {
		size_t size = strcspn(at, ";"), key = strcspn(at, "=;");
		if (key < size && key > 0) {
			struct string *name = string_format("%.*s", (int)key, at);
			put(parts, name, at + key + 1, size - key - 1);
			darwin_CFRelease(name);
		}
		at += size + (at[size] == ';');
	}
}

struct dictionary *locale_parts(const char *name)
{
	struct dictionary *parts = dictionary_make();
	const char *at = name;
	bool country = false, script = false;
	for (int place = 0; *at && *at != '@' && *at != '.'; place++) {
		size_t size = strcspn(at, "_-@.");
		if (place == 0 && size)
			put(parts, darwin_kCFLocaleLanguageCode, at, size);
		else if (place && !script && !country && size == 4 && all_are(isalpha, at, size))
			script = true, put(parts, darwin_kCFLocaleScriptCode, at, size);
		else if (place && !country &&
			 ((size == 2 && all_are(isalpha, at, size)) || (size == 3 && all_are(isdigit, at, size))))
			country = true, put(parts, darwin_kCFLocaleCountryCode, at, size);
		else if (place && size)
			put(parts, darwin_kCFLocaleVariantCode, at, size);
		at += size + (at[size] == '_' || at[size] == '-');
	}
	at += strcspn(at, "@");
	if (*at == '@')
		put_keywords(parts, at + 1);
	return parts;
}

static void add_text(struct bytes *to, const struct dictionary *parts, const void *key, const char *before)
{
	const void *value = darwin_CFDictionaryGetValue(parts, key);
	if (!value)
		return;
	bytes_add_text(to, before);
	object_describe(value, to);
}

static bool is_part(const void *key)
{
	return darwin_CFEqual(key, darwin_kCFLocaleLanguageCode) || darwin_CFEqual(key, darwin_kCFLocaleScriptCode) ||
	       darwin_CFEqual(key, darwin_kCFLocaleCountryCode) || darwin_CFEqual(key, darwin_kCFLocaleVariantCode);
}

struct string *locale_join(const struct dictionary *parts, char separator)
{
	struct bytes text = {0};
	const char before[2] = {separator, '\0'};
	add_text(&text, parts, darwin_kCFLocaleLanguageCode, "");
	add_text(&text, parts, darwin_kCFLocaleScriptCode, before);
	add_text(&text, parts, darwin_kCFLocaleCountryCode, before);
	add_text(&text, parts, darwin_kCFLocaleVariantCode, before);
	size_t count = (size_t)darwin_CFDictionaryGetCount(parts);
	const void **keys = malloc((count + 1) * sizeof(*keys));
	if (!keys)
		abort();
	darwin_CFDictionaryGetKeysAndValues(parts, keys, NULL);
	bool first = true;
	for (size_t i = 0; i < count; i++)
		if (!is_part(keys[i])) {
			bytes_add_text(&text, first ? "@" : ";");
			object_describe(keys[i], &text);
			add_text(&text, parts, keys[i], "=");
			first = false;
		}
	free(keys);
	struct string *name = string_from_utf8((const char *)text.at, text.count);
	free(text.at);
	return name;
}

// en-us and EN_US become en_US, zh-hant-tw zh_Hant_TW.
struct string *locale_canonical(const char *name, char separator)
{
	char text[128];
	size_t size = 0;
	bool first = true;
	for (const char *at = name; *at && *at != '@' && *at != '.' && size < sizeof(text) - 2; first = false) {
		size_t length = strcspn(at, "_-@.");
		bool script = length == 4 && all_are(isalpha, at, length);
		for (size_t i = 0; i < length && size < sizeof(text) - 2; i++)
			text[size++] = (char)(first || (script && i > 0) ? tolower((unsigned char)at[i])
									 : toupper((unsigned char)at[i]));
		at += length;
		if (*at == '_' || *at == '-')
			text[size++] = separator, at++;
	}
	text[size] = '\0';
	const char *keywords = strchr(name, '@');
	return string_format("%s%s", text, keywords && strchr(keywords, '=') ? keywords : "");
}

static struct locale *locale_make(const char *name)
{
	struct locale *locale = object_make(&locale_type, sizeof(*locale));
	size_t plain = strcspn(name, ".@");
	const char *keywords = strchr(name, '@');
	locale->name = string_format("%.*s%s", (int)plain, name, keywords && strchr(keywords, '=') ? keywords : "");
	locale->parts = locale_parts(name);
	locale->values = dictionary_make();
	return locale;
}

char *locale_icu_name(const struct locale *locale)
{
	struct locale *current = locale ? NULL : darwin_CFLocaleCopyCurrent();
	char *name = string_to_utf8((locale ? locale : current)->name);
	darwin_CFRelease(current);
	if (*name)
		return name;
	free(name); // the root's
	name = strdup("root");
	if (!name)
		abort();
	return name;
}

// ---- the user's -----------------------------------------------------------------------------------------------------

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

const void *darwin_CFLocaleCreateCopy(const void *allocator, const struct locale *locale)
{
	return darwin_CFRetain(locale);
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

static struct string *canonical_of(const void *name, char separator)
{
	char *text = string_to_utf8(name);
	struct string *made = locale_canonical(text, separator);
	free(text);
	return made;
}

struct string *darwin_CFLocaleCreateCanonicalLanguageIdentifierFromString(const void *allocator, const void *name)
{
	return canonical_of(name, '-');
}

struct string *darwin_CFLocaleCreateCanonicalLocaleIdentifierFromString(const void *allocator, const void *name)
{
	return canonical_of(name, '_');
}

struct dictionary *darwin_CFLocaleCreateComponentsFromLocaleIdentifier(const void *allocator, const void *name)
{
	char *text = string_to_utf8(name);
	struct dictionary *parts = locale_parts(text);
	free(text);
	return parts;
}

struct string *darwin_CFLocaleCreateLocaleIdentifierFromComponents(const void *allocator,
								   const struct dictionary *parts)
{
	return locale_join(parts, '_');
}
