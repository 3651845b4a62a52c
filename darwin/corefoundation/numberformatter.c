// SPDX-License-Identifier: MIT
// CFNumberFormatter: numbers as text in a language and back, by ICU. Facts: CFNumberFormatter.h; ICU's unum.h.
#include "constant.h"
#include "icu.h"

#include <stdlib.h>

#define KEYS(K)                                                                                                        \
	K(CurrencyCode, TEXT, 5)                                                                                       \
	K(DecimalSeparator, SYMBOL, 0)                                                                                 \
	K(CurrencyDecimalSeparator, SYMBOL, 10)                                                                        \
	K(AlwaysShowDecimalSeparator, FLAG, 2)                                                                         \
	K(GroupingSeparator, SYMBOL, 1)                                                                                \
	K(UseGroupingSeparator, FLAG, 1)                                                                               \
	K(PercentSymbol, SYMBOL, 3)                                                                                    \
	K(NaNSymbol, SYMBOL, 15)                                                                                       \
	K(InfinitySymbol, SYMBOL, 14)                                                                                  \
	K(MinusSign, SYMBOL, 6)                                                                                        \
	K(PlusSign, SYMBOL, 7)                                                                                         \
	K(CurrencySymbol, SYMBOL, 8)                                                                                   \
	K(ExponentSymbol, SYMBOL, 11)                                                                                  \
	K(PerMillSymbol, SYMBOL, 12)                                                                                   \
	K(InternationalCurrencySymbol, SYMBOL, 9)                                                                      \
	K(CurrencyGroupingSeparator, SYMBOL, 17)                                                                       \
	K(MinIntegerDigits, WHOLE, 4)                                                                                  \
	K(MaxIntegerDigits, WHOLE, 3)                                                                                  \
	K(MinFractionDigits, WHOLE, 7)                                                                                 \
	K(MaxFractionDigits, WHOLE, 6)                                                                                 \
	K(GroupingSize, WHOLE, 10)                                                                                     \
	K(SecondaryGroupingSize, WHOLE, 15)                                                                            \
	K(RoundingMode, WHOLE, 11)                                                                                     \
	K(RoundingIncrement, REAL, 12)                                                                                 \
	K(FormatWidth, WHOLE, 13)                                                                                      \
	K(PaddingPosition, WHOLE, 14)                                                                                  \
	K(PaddingCharacter, TEXT, 4)                                                                                   \
	K(Multiplier, WHOLE, 9)                                                                                        \
	K(PositivePrefix, TEXT, 0)                                                                                     \
	K(PositiveSuffix, TEXT, 1)                                                                                     \
	K(NegativePrefix, TEXT, 2)                                                                                     \
	K(NegativeSuffix, TEXT, 3)                                                                                     \
	K(IsLenient, FLAG, 19)                                                                                         \
	K(UseSignificantDigits, FLAG, 16)                                                                              \
	K(MinSignificantDigits, WHOLE, 17)                                                                             \
	K(MaxSignificantDigits, WHOLE, 18)                                                                             \
	K(MinGroupingDigits, WHOLE, 22)

enum key_kind { TEXT, SYMBOL, FLAG, WHOLE, REAL };
#define KEY_CONSTANT(name, kind, number) CONSTANT_NAMED(kCFNumberFormatter##name);
KEYS(KEY_CONSTANT)
CONSTANT_NAMED(kCFNumberFormatterZeroSymbol);
CONSTANT_NAMED(kCFNumberFormatterDefaultFormat);

static const struct key {
	const struct constant_string *key;
	enum key_kind kind;
	int number; // ICU's
} keys[] = {
#define KEY_ENTRY(name, kind, number) {&darwin_kCFNumberFormatter##name##_object, kind, number},
	KEYS(KEY_ENTRY)};

enum { STYLE_NONE = 0, STYLE_CURRENCY = 2 };
enum { ATTRIBUTE_INTEGERS_ONLY = 0, ATTRIBUTE_LENIENT = 19 };

struct number_formatter {
	struct object head;
	const struct icu *icu;
	const struct locale *locale;
	int64_t style;
	void *format;
	struct string *pattern, *first_pattern; // the first: as the style has it
	const void *zero;			// or NULL
};

uint8_t darwin_CFNumberGetValue(const void *object, int64_t type, void *to);
struct number *darwin_CFNumberCreate(const void *allocator, int64_t type, const void *value);

static void formatter_destroy(struct object *object)
{
	struct number_formatter *formatter = (struct number_formatter *)object;
	if (formatter->format)
		formatter->icu->unum_close(formatter->format);
	darwin_CFRelease(formatter->locale);
	darwin_CFRelease(formatter->pattern);
	darwin_CFRelease(formatter->first_pattern);
	darwin_CFRelease(formatter->zero);
}

static const struct object_type formatter_type = {.name = "CFNumberFormatter", .destroy = formatter_destroy};

uint64_t darwin_CFNumberFormatterGetTypeID(void)
{
	return (uintptr_t)&formatter_type;
}

static struct string *pattern_of(const struct number_formatter *formatter)
{
	struct string *pattern = ICU_STRING(formatter->icu->unum_toPattern(formatter->format, 0, to, room, &status));
	return pattern ? pattern : string_make(NULL, 0); // numbers that are spelled out have none
}

// CFNumberFormatterStyle's to UNumberFormatStyle's. -1: it is none.
static int style_to_icu(int64_t style)
{
	static const int8_t styles[] = {0, 1, 2, 3, 4, 5, 6, -1, 10, 11, 12};
	return style >= 0 && style < (int64_t)sizeof(styles) ? styles[style] : -1;
}

struct number_formatter *darwin_CFNumberFormatterCreate(const void *allocator, const struct locale *locale,
							int64_t style)
{
	static const uint16_t plain[] = {'#', ';', '-', '#'};
	const struct icu *icu = icu_find();
	int error = 0, icu_style = style_to_icu(style);
	if (!icu || icu_style < 0)
		return NULL;
	char *name = locale_icu_name(locale);
	void *format = icu->unum_open(icu_style, style == STYLE_NONE ? plain : NULL, style == STYLE_NONE ? 4 : 0, name,
				      NULL, &error);
	free(name);
	if (error > 0 || !format)
		return NULL;
	struct number_formatter *formatter = object_make(&formatter_type, sizeof(*formatter));
	formatter->icu = icu;
	formatter->locale = darwin_CFRetain(locale);
	formatter->style = style;
	formatter->format = format;
	formatter->pattern = pattern_of(formatter);
	formatter->first_pattern = (struct string *)(uintptr_t)darwin_CFRetain(formatter->pattern);
	return formatter;
}

const struct locale *darwin_CFNumberFormatterGetLocale(const struct number_formatter *formatter)
{
	return formatter->locale;
}

int64_t darwin_CFNumberFormatterGetStyle(const struct number_formatter *formatter)
{
	return formatter->style;
}

const void *darwin_CFNumberFormatterGetFormat(struct number_formatter *formatter)
{
	struct string *pattern = pattern_of(formatter);
	darwin_CFRelease(formatter->pattern);
	return formatter->pattern = pattern;
}

void darwin_CFNumberFormatterSetFormat(struct number_formatter *formatter, const void *pattern)
{
	int error = 0;
	int32_t count;
	uint16_t *units = string_units(pattern, &count);
	formatter->icu->unum_applyPattern(formatter->format, 0, units, count, NULL, &error);
	free(units);
}

// ---- to text --------------------------------------------------------------------------------------------------------

struct string *darwin_CFNumberFormatterCreateStringWithNumber(const void *allocator,
							      const struct number_formatter *formatter,
							      const struct number *number)
{
	const struct icu *icu = formatter->icu;
	if (formatter->zero && number_value(number) == 0)
		return (struct string *)(uintptr_t)darwin_CFRetain(formatter->zero);
	if (number_is_real(number) || number_is_wide(number))
		return ICU_STRING(
			icu->unum_formatDouble(formatter->format, number_value(number), to, room, NULL, &status));
	return ICU_STRING(icu->unum_formatInt64(formatter->format, number_whole(number), to, room, NULL, &status));
}

struct string *darwin_CFNumberFormatterCreateStringWithValue(const void *allocator,
							     const struct number_formatter *formatter, int64_t type,
							     const void *value)
{
	struct number *number = darwin_CFNumberCreate(NULL, type, value);
	struct string *text =
		number ? darwin_CFNumberFormatterCreateStringWithNumber(NULL, formatter, number) : NULL;
	darwin_CFRelease(number);
	return text;
}

// ---- from text ------------------------------------------------------------------------------------------------------

// The range becomes what was read. A range of NULL: all of the string has to be the number.
static struct number *parse(const struct number_formatter *formatter, const void *string, struct range *range,
			    bool integers)
{
	const struct icu *icu = formatter->icu;
	int error = 0;
	int32_t count, at = 0;
	uint16_t *units = string_units(string, &count);
	int64_t start = range ? range->start : 0, size = range ? range->count : count;
	bool fine = start >= 0 && size >= 0 && start <= count && size <= count - start;
	int32_t before = icu->unum_getAttribute(formatter->format, ATTRIBUTE_INTEGERS_ONLY);
	struct number *number = NULL;
	icu->unum_setAttribute(formatter->format, ATTRIBUTE_INTEGERS_ONLY, integers);
	double value =
		fine ? icu->unum_parseDouble(formatter->format, units + start, (int32_t)size, &at, &error) : 0;
	if (fine && error <= 0 && at > 0 && (range || at == size)) {
		int32_t again = 0;
		int whole_error = 0;
		int64_t whole = icu->unum_parseInt64(formatter->format, units + start, (int32_t)size, &again,
						     &whole_error);
		number = whole_error <= 0 && value == (double)whole ? number_make(whole) : number_make_real(value);
		if (range)
			range->count = at;
	}
	icu->unum_setAttribute(formatter->format, ATTRIBUTE_INTEGERS_ONLY, before);
	free(units);
	return number;
}

struct number *darwin_CFNumberFormatterCreateNumberFromString(const void *allocator,
							      const struct number_formatter *formatter,
							      const void *string, struct range *range, uint64_t options)
{
	return parse(formatter, string, range, options & 1);
}

uint8_t darwin_CFNumberFormatterGetValueFromString(const struct number_formatter *formatter, const void *string,
						   struct range *range, int64_t type, void *value)
{
	enum { FLOAT32 = 5, FLOAT64 = 6, FLOAT = 12, DOUBLE = 13, CGFLOAT = 16 };
	bool real = type == FLOAT32 || type == FLOAT64 || type == FLOAT || type == DOUBLE || type == CGFLOAT;
	struct number *number = parse(formatter, string, range, !real);
	bool fine = number && darwin_CFNumberGetValue(number, type, value);
	darwin_CFRelease(number);
	return fine;
}

// ---- properties -----------------------------------------------------------------------------------------------------

static const struct key *key_find(const void *name)
{
	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		if (darwin_CFEqual(keys[i].key, name))
			return &keys[i];
	return NULL;
}

static void set_text(struct number_formatter *formatter, const struct key *key, const void *value)
{
	int error = 0;
	int32_t count;
	if (object_type(value) != &string_type)
		return;
	uint16_t *units = string_units(value, &count);
	if (key->kind == SYMBOL)
		formatter->icu->unum_setSymbol(formatter->format, key->number, units, count, &error);
	else
		formatter->icu->unum_setTextAttribute(formatter->format, key->number, units, count, &error);
	free(units);
}

void darwin_CFNumberFormatterSetProperty(struct number_formatter *formatter, const void *name, const void *value)
{
	const struct key *key = key_find(name);
	const struct object_type *type = value ? object_type(value) : NULL;
	if (darwin_CFEqual(name, darwin_kCFNumberFormatterZeroSymbol)) {
		darwin_CFRetain(value);
		darwin_CFRelease(formatter->zero);
		formatter->zero = value;
	}
	if (!key || !value)
		return;
	if (key->kind == TEXT || key->kind == SYMBOL)
		set_text(formatter, key, value);
	else if (key->kind == FLAG && (type == &boolean_type || type == &number_type))
		formatter->icu->unum_setAttribute(formatter->format, key->number, darwin_CFBooleanGetValue(value));
	else if (key->kind == WHOLE && type == &number_type)
		formatter->icu->unum_setAttribute(formatter->format, key->number, (int32_t)number_whole(value));
	else if (key->kind == REAL && type == &number_type)
		formatter->icu->unum_setDoubleAttribute(formatter->format, key->number, number_value(value));
}

const void *darwin_CFNumberFormatterCopyProperty(const struct number_formatter *formatter, const void *name)
{
	const struct icu *icu = formatter->icu;
	const struct key *key = key_find(name);
	if (darwin_CFEqual(name, darwin_kCFNumberFormatterZeroSymbol))
		return darwin_CFRetain(formatter->zero);
	if (darwin_CFEqual(name, darwin_kCFNumberFormatterDefaultFormat))
		return darwin_CFRetain(formatter->first_pattern);
	if (!key)
		return NULL;
	switch (key->kind) {
	case TEXT:
		return ICU_STRING(icu->unum_getTextAttribute(formatter->format, key->number, to, room, &status));
	case SYMBOL: return ICU_STRING(icu->unum_getSymbol(formatter->format, key->number, to, room, &status));
	case FLAG:
		return icu->unum_getAttribute(formatter->format, key->number) ? darwin_kCFBooleanTrue
									      : darwin_kCFBooleanFalse;
	case WHOLE: return number_make(icu->unum_getAttribute(formatter->format, key->number));
	default: return number_make_real(icu->unum_getDoubleAttribute(formatter->format, key->number));
	}
}

uint8_t darwin_CFNumberFormatterGetDecimalInfoForCurrencyCode(const void *code, int32_t *digits, double *increment)
{
	const struct icu *icu = icu_find();
	int error = 0;
	int32_t count;
	if (!icu || string_length(code) != 3)
		return 0;
	uint16_t *units = string_units(code, &count);
	*digits = icu->ucurr_getDefaultFractionDigits(units, &error);
	*increment = icu->ucurr_getRoundingIncrement(units, &error);
	free(units);
	return error <= 0;
}
