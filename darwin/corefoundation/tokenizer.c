// SPDX-License-Identifier: MIT
// CFStringTokenizer: words, sentences, paragraphs and places for line breaks, by ICU. Facts: CFStringTokenizer.h; ICU's ubrk.h.
// The language of a text is not guessed: CFStringTokenizerCopyBestStringLanguage is not there.
#include "constant.h"
#include "icu.h"

#include <stdlib.h>

enum { UNIT_WORD, UNIT_SENTENCE, UNIT_PARAGRAPH, UNIT_LINE_BREAK, UNIT_WORD_BOUNDARY, UNIT_MASK = 0xff };
enum { ATTRIBUTE_LATIN = 1 << 16 };
enum { TOKEN_NONE = 0, TOKEN_NORMAL = 1, TOKEN_HAS_NUMBERS = 8, TOKEN_HAS_NON_LETTERS = 16, TOKEN_IS_CJ = 32 };

struct tokenizer {
	struct object head;
	const struct icu *icu;
	const void *string;
	const struct locale *locale; // or NULL
	struct range range;	     // of the string; places below count from its start
	uint64_t options;
	uint16_t *units;
	int32_t count;
	void *breaks; // NULL: paragraphs
	int32_t begin, end; // the token; begin -1: none
};

static void text_drop(struct tokenizer *tokenizer)
{
	if (tokenizer->breaks)
		tokenizer->icu->ubrk_close(tokenizer->breaks);
	free(tokenizer->units);
	darwin_CFRelease(tokenizer->string);
}

static void tokenizer_destroy(struct object *object)
{
	struct tokenizer *tokenizer = (struct tokenizer *)object;
	text_drop(tokenizer);
	darwin_CFRelease(tokenizer->locale);
}

static const struct object_type tokenizer_type = {.name = "CFStringTokenizer", .destroy = tokenizer_destroy};

uint64_t darwin_CFStringTokenizerGetTypeID(void)
{
	return (uintptr_t)&tokenizer_type;
}

const void *darwin_CFStringCreateCopy(const void *allocator, const void *string);

static void text_take(struct tokenizer *tokenizer, const void *string, struct range range)
{
	static const int kinds[] = {1, 3, -1, 2, 1}; // UBreakIteratorType: words, sentences, lines
	int error = 0, kind = kinds[tokenizer->options & UNIT_MASK];
	int32_t length;
	tokenizer->string = darwin_CFStringCreateCopy(NULL, string);
	tokenizer->units = string_units(tokenizer->string, &length);
	bool inside = range.start >= 0 && range.count >= 0 && range.start <= length && range.count <= length - range.start;
	tokenizer->range = inside ? range : (struct range){0, length};
	tokenizer->count = (int32_t)tokenizer->range.count;
	tokenizer->begin = -1;
	tokenizer->end = 0;
	char *name = locale_icu_name(tokenizer->locale);
	tokenizer->breaks = kind < 0 ? NULL
				     : tokenizer->icu->ubrk_open(kind, name, tokenizer->units + tokenizer->range.start,
								 tokenizer->count, &error);
	free(name);
}

struct tokenizer *darwin_CFStringTokenizerCreate(const void *allocator, const void *string, struct range range,
						 uint64_t options, const struct locale *locale)
{
	const struct icu *icu = icu_find();
	if (!icu || (options & UNIT_MASK) > UNIT_WORD_BOUNDARY)
		return NULL;
	struct tokenizer *tokenizer = object_make(&tokenizer_type, sizeof(*tokenizer));
	tokenizer->icu = icu;
	tokenizer->options = options;
	tokenizer->locale = darwin_CFRetain(locale);
	text_take(tokenizer, string, range);
	return tokenizer;
}

void darwin_CFStringTokenizerSetString(struct tokenizer *tokenizer, const void *string, struct range range)
{
	text_drop(tokenizer);
	text_take(tokenizer, string, range);
}

// ---- steps ----------------------------------------------------------------------------------------------------------

static bool ends_paragraph(const uint16_t *text, int32_t at)
{
	return text[at] == '\n' || text[at] == 0x85 || text[at] == 0x2029 ||
	       (text[at] == '\r' && text[at + 1] != '\n');
}

// The end of the piece that begins there. -1: there is none.
static int32_t piece_end(struct tokenizer *tokenizer, int32_t begin)
{
	const uint16_t *text = tokenizer->units + tokenizer->range.start;
	if (begin >= tokenizer->count)
		return -1;
	if (tokenizer->breaks)
		return tokenizer->icu->ubrk_following(tokenizer->breaks, begin);
	while (begin < tokenizer->count && !ends_paragraph(text, begin))
		begin++;
	return begin < tokenizer->count ? begin + 1 : begin;
}

// ICU's status of a piece: below 100 it is no word, from 100 on a number, from 400 on Kana or ideographs.
static uint64_t token_kind(const struct tokenizer *tokenizer)
{
	const uint16_t *text = tokenizer->units + tokenizer->range.start;
	uint64_t unit = tokenizer->options & UNIT_MASK, kind = TOKEN_NORMAL;
	bool words = unit == UNIT_WORD || unit == UNIT_WORD_BOUNDARY;
	int32_t status = words ? tokenizer->icu->ubrk_getRuleStatus(tokenizer->breaks) : 0;
	for (int32_t i = tokenizer->begin; words && i < tokenizer->end; i++)
		if (text[i] >= '0' && text[i] <= '9')
			kind |= TOKEN_HAS_NUMBERS | TOKEN_HAS_NON_LETTERS;
	if (words && status < 100)
		kind |= TOKEN_HAS_NON_LETTERS;
	return kind | (status >= 400 ? TOKEN_IS_CJ : 0);
}

uint64_t darwin_CFStringTokenizerAdvanceToNextToken(struct tokenizer *tokenizer)
{
	bool words = (tokenizer->options & UNIT_MASK) == UNIT_WORD;
	for (int32_t begin = tokenizer->end, end; (end = piece_end(tokenizer, begin)) >= 0; begin = end) {
		if (words && tokenizer->icu->ubrk_getRuleStatus(tokenizer->breaks) < 100)
			continue; // spaces, punctuation
		tokenizer->begin = begin;
		tokenizer->end = end;
		return token_kind(tokenizer);
	}
	tokenizer->begin = -1;
	tokenizer->end = tokenizer->count;
	return TOKEN_NONE;
}

// The token that has the character at the index; a space between words is in none.
uint64_t darwin_CFStringTokenizerGoToTokenAtIndex(struct tokenizer *tokenizer, int64_t index)
{
	int64_t at = index - tokenizer->range.start;
	tokenizer->begin = -1;
	if (at < 0 || at >= tokenizer->count)
		return TOKEN_NONE;
	tokenizer->end = 0;
	if (tokenizer->breaks && !tokenizer->icu->ubrk_isBoundary(tokenizer->breaks, (int32_t)at))
		tokenizer->end = tokenizer->icu->ubrk_preceding(tokenizer->breaks, (int32_t)at);
	else if (tokenizer->breaks)
		tokenizer->end = (int32_t)at;
	uint64_t kind;
	do
		kind = darwin_CFStringTokenizerAdvanceToNextToken(tokenizer);
	while (kind && tokenizer->end <= at);
	if (kind && tokenizer->begin <= at)
		return kind;
	tokenizer->begin = -1;
	tokenizer->end = (int32_t)at;
	return TOKEN_NONE;
}

struct range darwin_CFStringTokenizerGetCurrentTokenRange(const struct tokenizer *tokenizer)
{
	if (tokenizer->begin < 0)
		return (struct range){-1, 0};
	return (struct range){tokenizer->range.start + tokenizer->begin, tokenizer->end - tokenizer->begin};
}

// No token has parts of its own here: the token itself is the one.
int64_t darwin_CFStringTokenizerGetCurrentSubTokens(const struct tokenizer *tokenizer, struct range *ranges,
						    int64_t most, struct array *derived)
{
	if (tokenizer->begin < 0)
		return 0;
	if (ranges && most > 0)
		ranges[0] = darwin_CFStringTokenizerGetCurrentTokenRange(tokenizer);
	return 1;
}

struct string *darwin_CFStringCreateMutableCopy(const void *allocator, int64_t most, const void *string);
struct string *darwin_CFStringCreateWithSubstring(const void *allocator, const void *string, struct range range);
uint8_t darwin_CFStringTransform(struct string *string, struct range *range, const void *way, uint8_t back);
extern const void *const darwin_kCFStringTransformToLatin;

struct string *darwin_CFStringTokenizerCopyCurrentTokenAttribute(const struct tokenizer *tokenizer, uint64_t attribute)
{
	if (tokenizer->begin < 0 || attribute != ATTRIBUTE_LATIN)
		return NULL;
	struct string *token = darwin_CFStringCreateWithSubstring(
		NULL, tokenizer->string, darwin_CFStringTokenizerGetCurrentTokenRange(tokenizer));
	struct string *latin = darwin_CFStringCreateMutableCopy(NULL, 0, token);
	darwin_CFRelease(token);
	darwin_CFStringTransform(latin, NULL, darwin_kCFStringTransformToLatin, 0);
	return latin;
}
