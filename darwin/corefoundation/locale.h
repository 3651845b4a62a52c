// SPDX-License-Identifier: MIT
// The inside of CFLocale, for its files: locale.c has names, locale_text.c what a language says about itself.
#ifndef DARWIN_CF_LOCALE_H
#define DARWIN_CF_LOCALE_H

#include "object.h"

struct locale {
	struct object head;
	struct string *name;
	struct dictionary *parts;  // of the name, by kCFLocale*Code and keyword
	struct dictionary *values; // [locale_text.c's lock] that were asked for
};

struct locale *darwin_CFLocaleCopyCurrent(void);
struct dictionary *locale_parts(const char *name);
struct string *locale_join(const struct dictionary *parts, char separator);
struct string *locale_canonical(const char *name, char separator);
extern const void *const darwin_kCFLocaleIdentifier, *const darwin_kCFLocaleLanguageCode,
	*const darwin_kCFLocaleCountryCode, *const darwin_kCFLocaleScriptCode, *const darwin_kCFLocaleVariantCode,
	*const darwin_kCFLocaleCalendarIdentifier, *const darwin_kCFLocaleCollationIdentifier;

#endif
