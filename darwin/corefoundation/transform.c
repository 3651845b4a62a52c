// SPDX-License-Identifier: MIT
// CFStringTransform: from one script to another, by ICU. Facts: CFString.h; ICU's utrans.h and its names of transliterators.
#include "cfstring.h"
#include "constant.h"
#include "icu.h"

#include <stdlib.h>
#include <string.h>

#define WAYS(W)                                                                                                        \
	W(StripCombiningMarks, "NFD; [:nonspacing mark:]Remove; NFC")                                                  \
	W(StripDiacritics, "NFD; [:Diacritic:]Remove; NFC")                                                            \
	W(ToLatin, "Any-Latin")                                                                                        \
	W(FullwidthHalfwidth, "Fullwidth-Halfwidth")                                                                   \
	W(LatinKatakana, "Latin-Katakana")                                                                             \
	W(LatinHiragana, "Latin-Hiragana")                                                                             \
	W(HiraganaKatakana, "Hiragana-Katakana")                                                                       \
	W(MandarinLatin, "Han-Latin")                                                                                  \
	W(LatinHangul, "Latin-Hangul")                                                                                 \
	W(LatinArabic, "Latin-Arabic")                                                                                 \
	W(LatinHebrew, "Latin-Hebrew")                                                                                 \
	W(LatinThai, "Latin-Thai")                                                                                     \
	W(LatinCyrillic, "Latin-Cyrillic")                                                                             \
	W(LatinGreek, "Latin-Greek")                                                                                   \
	W(ToXMLHex, "Any-Hex/XML")                                                                                     \
	W(ToUnicodeName, "Any-Name")

#define WAY_CONSTANT(name, text) CONSTANT_NAMED(kCFStringTransform##name);
WAYS(WAY_CONSTANT)

static const struct {
	const struct constant_string *key;
	const char *name;
} ways[] = {
#define WAY_ENTRY(name, text) {&darwin_kCFStringTransform##name##_object, text},
	WAYS(WAY_ENTRY)};

// Others are ICU's own names.
static struct string *way_name(const void *way)
{
	for (size_t i = 0; i < sizeof(ways) / sizeof(*ways); i++)
		if (darwin_CFEqual(ways[i].key, way))
			return string_from_text(ways[i].name);
	return (struct string *)(uintptr_t)darwin_CFRetain(way);
}

// Replaces the part by what becomes of it, however long that is; *part is then that.
static bool transform(const struct icu *icu, const void *way, struct string *string, struct range *part)
{
	int32_t room = (int32_t)part->count * 4 + 64;
	for (;; room *= 4) {
		int error = 0;
		int32_t length = (int32_t)part->count, limit = length;
		uint16_t *text = calloc((size_t)room + 1, sizeof(*text));
		if (!text)
			abort();
		memcpy(text, string->units + part->start, (size_t)length * sizeof(*text));
		icu->utrans_transUChars(way, text, &length, room, 0, &limit, &error);
		if (error <= 0) {
			string_replace(string, (size_t)part->start, (size_t)part->count, text, (size_t)length);
			part->count = length;
		}
		free(text);
		if (error != ICU_OVERFLOW || room > 1 << 28)
			return error <= 0;
	}
}

uint8_t darwin_CFStringTransform(struct string *string, struct range *range, const void *way, uint8_t back)
{
	const struct icu *icu = icu_find();
	int error = 0;
	int32_t count;
	struct range all = {0, (int64_t)string_length(string)}, part = range ? *range : all;
	if (!icu || !string->changes || part.start < 0 || part.count < 0 || part.start > all.count ||
	    part.count > all.count - part.start || part.count > 1 << 26)
		return 0;
	struct string *name = way_name(way);
	uint16_t *units = string_units(name, &count);
	void *made = icu->utrans_openU(units, count, back ? 1 : 0, NULL, 0, NULL, &error);
	free(units);
	darwin_CFRelease(name);
	if (error > 0 || !made)
		return 0;
	bool fine = transform(icu, made, string, &part);
	icu->utrans_close(made);
	if (fine && range)
		*range = part;
	return fine;
}
