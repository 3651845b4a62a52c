// SPDX-License-Identifier: MIT
// CoreFoundation: character sets, locales, formats of numbers and dates, calendars, words. What is expected is what macOS 13 says (its
// CLDR is 42, as that of Debian's ICU 72).
#include "check.h"

#include <CoreFoundation/CFText.h>
#include <string.h>

static int is(CFStringRef string, const char *text)
{
	char got[512] = "(none)";
	if (string)
		CFStringGetCString(string, got, sizeof(got), kCFStringEncodingUTF8);
	if (strcmp(got, text) != 0)
		fprintf(stderr, "got %s, wanted %s\n", got, text);
	return strcmp(got, text) == 0;
}

static CFLocaleRef locale(const char *name)
{
	return CFLocaleCreate(NULL, CFStringCreateWithCString(NULL, name, kCFStringEncodingUTF8));
}

static void check_sets(void)
{
	CFCharacterSetRef letters = CFCharacterSetGetPredefined(kCFCharacterSetLetter),
			  digits = CFCharacterSetGetPredefined(kCFCharacterSetDecimalDigit),
			  both = CFCharacterSetGetPredefined(kCFCharacterSetAlphaNumeric),
			  spaces = CFCharacterSetGetPredefined(kCFCharacterSetWhitespaceAndNewline);
	CHECK(CFCharacterSetIsCharacterMember(letters, 0xe9) && !CFCharacterSetIsCharacterMember(letters, '5'));
	CHECK(CFCharacterSetIsLongCharacterMember(letters, 0x20000) && CFCharacterSetHasMemberInPlane(letters, 2) &&
	      !CFCharacterSetHasMemberInPlane(spaces, 1));
	CHECK(CFCharacterSetIsSupersetOfSet(both, letters) && CFCharacterSetIsSupersetOfSet(both, digits) &&
	      !CFCharacterSetIsSupersetOfSet(letters, both));
	CHECK(CFCharacterSetIsCharacterMember(spaces, 0x3000) && CFCharacterSetIsCharacterMember(spaces, 0x85));
	CHECK(CFCharacterSetGetPredefined(kCFCharacterSetLetter) == letters);
	CFMutableCharacterSetRef own = CFCharacterSetCreateMutableCopy(
		NULL, CFCharacterSetCreateWithCharactersInRange(NULL, CFRangeMake('a', 3)));
	CFCharacterSetAddCharactersInString(own, CFSTR("xy\U0001F600"));
	CFCharacterSetRef copy = CFCharacterSetCreateWithBitmapRepresentation(
		NULL, CFCharacterSetCreateBitmapRepresentation(NULL, own));
	CHECK(CFEqual(own, copy) && CFHash(own) == CFHash(copy));
	CHECK(CFCharacterSetIsLongCharacterMember(copy, 0x1f600) && !CFCharacterSetIsCharacterMember(copy, 'd'));
	CFCharacterSetRef others = CFCharacterSetCreateInvertedSet(NULL, own);
	CHECK(!CFCharacterSetIsCharacterMember(others, 'b') && CFCharacterSetIsCharacterMember(others, 'd'));
	CFRange found;
	CFStringRef text = CFSTR("one 22 three 4");
	CHECK(CFStringFindCharacterFromSet(text, digits, CFRangeMake(0, 14), 0, &found) && found.location == 4);
	CHECK(CFStringFindCharacterFromSet(text, digits, CFRangeMake(0, 12), kCFCompareBackwards, &found) &&
	      found.location == 5 && found.length == 1);
	CHECK(!CFStringFindCharacterFromSet(text, digits, CFRangeMake(7, 6), 0, &found));
}

static void check_locales(void)
{
	CFLocaleRef german = locale("de_DE"), chinese = locale("zh-Hant_TW");
	CHECK(is(CFLocaleGetValue(chinese, kCFLocaleScriptCode), "Hant") &&
	      is(CFLocaleGetValue(chinese, kCFLocaleCountryCode), "TW") &&
	      is(CFLocaleGetValue(chinese, kCFLocaleLanguageCode), "zh"));
	CHECK(!CFLocaleGetValue(german, kCFLocaleScriptCode));
	CHECK(is(CFLocaleGetValue(german, kCFLocaleDecimalSeparator), ",") &&
	      is(CFLocaleGetValue(german, kCFLocaleCurrencyCode), "EUR"));
	CHECK(CFLocaleGetValue(german, kCFLocaleUsesMetricSystem) == kCFBooleanTrue &&
	      CFLocaleGetValue(locale("en_US"), kCFLocaleUsesMetricSystem) == kCFBooleanFalse);
	CHECK(is(CFLocaleGetValue(german, kCFLocaleCalendarIdentifier), "gregorian") &&
	      is(CFLocaleGetValue(locale("th_TH"), kCFLocaleCalendarIdentifier), "buddhist"));
	CHECK(is(CFLocaleCreateCanonicalLocaleIdentifierFromString(NULL, CFSTR("ZH-hant-tw")), "zh_Hant_TW"));
	CFDictionaryRef parts = CFLocaleCreateComponentsFromLocaleIdentifier(NULL, CFSTR("sr_Latn_RS@collation=x"));
	CHECK(CFDictionaryGetCount(parts) == 4 && is(CFDictionaryGetValue(parts, CFSTR("collation")), "x"));
	CHECK(is(CFLocaleCreateLocaleIdentifierFromComponents(NULL, parts), "sr_Latn_RS@collation=x"));
	CHECK(is(CFLocaleCopyDisplayNameForPropertyValue(german, kCFLocaleCountryCode, CFSTR("FR")), "Frankreich"));
	CHECK(is(CFLocaleCopyDisplayNameForPropertyValue(german, kCFLocaleIdentifier, CFSTR("en_US")),
		 "Englisch (Vereinigte Staaten)"));
	CHECK(CFArrayGetCount(CFLocaleCopyAvailableLocaleIdentifiers()) > 300);
}

static CFStringRef shown(const char *name, CFIndex style, double value)
{
	return CFNumberFormatterCreateStringWithValue(NULL, CFNumberFormatterCreate(NULL, locale(name), style), 6,
						      &value);
}

static void check_numbers(void)
{
	CHECK(is(shown("en_US", 1, 1234567.891), "1,234,567.891") && is(shown("de_DE", 1, 1234567.891), "1.234.567,891"));
	CHECK(is(shown("en_US", 0, 1234.7), "1235") && is(shown("en_US", 0, -2), "-2"));
	CHECK(is(shown("en_US", 2, -1234.5), "-$1,234.50") && is(shown("de_DE", 2, 9.5), "9,50\u00a0\u20ac"));
	CHECK(is(shown("en_US", 3, 0.256), "26%") && is(shown("en_US", 4, 12345), "1.2345E4"));
	CHECK(is(shown("en_US", 5, 42), "forty-two") && is(shown("en_US", 6, 3), "3rd"));
	CHECK(is(shown("en_US", 8, 5), "USD\u00a05.00") && is(shown("en_US", 10, -5), "($5.00)"));
	CHECK(is(shown("hi_IN", 1, 1234567), "12,34,567"));
	CFNumberFormatterRef formatter = CFNumberFormatterCreate(NULL, locale("en_US"), 1);
	int two = 2, up = 3, got;
	double value = 1.001, real;
	CFNumberFormatterSetProperty(formatter, kCFNumberFormatterMaxFractionDigits, CFNumberCreate(NULL, 3, &two));
	CFNumberFormatterSetProperty(formatter, kCFNumberFormatterRoundingMode, CFNumberCreate(NULL, 3, &up));
	CHECK(is(CFNumberFormatterCreateStringWithValue(NULL, formatter, 6, &value), "1.01"));
	CFNumberFormatterSetProperty(formatter, kCFNumberFormatterZeroSymbol, CFSTR("nothing"));
	CFNumberFormatterSetProperty(formatter, kCFNumberFormatterGroupingSeparator, CFSTR("_"));
	value = 0;
	CHECK(is(CFNumberFormatterCreateStringWithValue(NULL, formatter, 6, &value), "nothing"));
	long wide = 9007199254740993; // not a double
	CHECK(is(CFNumberFormatterCreateStringWithValue(NULL, formatter, 4, &wide), "9_007_199_254_740_993"));
	CHECK(CFNumberGetValue(CFNumberFormatterCopyProperty(formatter, kCFNumberFormatterMaxFractionDigits), 3, &got) &&
	      got == 2);
	CFNumberFormatterSetFormat(formatter, CFSTR("000.0#"));
	value = 3.14159;
	CHECK(is(CFNumberFormatterCreateStringWithValue(NULL, formatter, 6, &value), "003.15") &&
	      is(CFNumberFormatterGetFormat(formatter), "000.0#"));
	CFNumberFormatterRef german = CFNumberFormatterCreate(NULL, locale("de_DE"), 1);
	CHECK(CFNumberFormatterGetValueFromString(german, CFSTR("1.234,5"), NULL, 6, &real) && real == 1234.5);
	CHECK(!CFNumberFormatterGetValueFromString(german, CFSTR("12x"), NULL, 6, &real));
	CFRange range = {1, 3};
	CHECK(CFNumberFormatterGetValueFromString(german, CFSTR("a12x"), &range, 3, &got) && got == 12 &&
	      range.length == 2);
	CHECK(CFNumberFormatterGetDecimalInfoForCurrencyCode(CFSTR("JPY"), &got, &real) && got == 0 && real == 0);
}

static CFTimeZoneRef zone(const char *name)
{
	return CFTimeZoneCreateWithName(NULL, CFStringCreateWithCString(NULL, name, kCFStringEncodingUTF8), 1);
}

static void check_dates(void)
{
	CFGregorianDate date = {2026, 1, 2, 15, 4, 5};
	CFAbsoluteTime time = CFGregorianDateGetAbsoluteTime(date, NULL), read;
	CFDateFormatterRef formatter = CFDateFormatterCreate(NULL, locale("en_US"), 2, 1);
	CFDateFormatterSetProperty(formatter, kCFDateFormatterTimeZone, zone("UTC"));
	CHECK(is(CFDateFormatterCreateStringWithAbsoluteTime(NULL, formatter, time), "Jan 2, 2026, 3:04\u202fPM"));
	CFDateFormatterSetProperty(formatter, kCFDateFormatterTimeZone, zone("America/New_York"));
	CFDateFormatterSetFormat(formatter, CFSTR("EEEE yyyy-MM-dd HH:mm:ss Z zzz"));
	CHECK(is(CFDateFormatterCreateStringWithAbsoluteTime(NULL, formatter, time),
		 "Friday 2026-01-02 10:04:05 -0500 EST"));
	CFDateFormatterRef german = CFDateFormatterCreate(NULL, locale("de_DE"), 4, 0);
	CFDateFormatterSetProperty(german, kCFDateFormatterTimeZone, zone("UTC"));
	CHECK(is(CFDateFormatterCreateStringWithAbsoluteTime(NULL, german, time), "Freitag, 2. Januar 2026"));
	CHECK(CFDateFormatterGetAbsoluteTimeFromString(german, CFSTR("Freitag, 2. Januar 2026"), NULL, &read) &&
	      read == time - (15 * 3600 + 4 * 60 + 5));
	CHECK(!CFDateFormatterGetAbsoluteTimeFromString(german, CFSTR("Freitag, 32. Januar 2026"), NULL, &read));
	CFDateFormatterRef iso = CFDateFormatterCreateISO8601Formatter(NULL, 1 | 2 | 16 | 32 | 64 | 256 | 512 | 1024);
	CHECK(is(CFDateFormatterCreateStringWithAbsoluteTime(NULL, iso, time), "2026-01-02T15:04:05Z"));
	CHECK(CFDateFormatterGetAbsoluteTimeFromString(iso, CFSTR("2026-01-02T16:04:05+01:00"), NULL, &read) &&
	      read == time);
	CFDateFormatterRef week = CFDateFormatterCreateISO8601Formatter(NULL, 1 | 4 | 16 | 256);
	CHECK(is(CFDateFormatterCreateStringWithAbsoluteTime(NULL, week, time), "2026-W01-05"));
	CHECK(is(CFDateFormatterCreateDateFormatFromTemplate(NULL, CFSTR("yMMMd"), 0, locale("de_DE")), "d. MMM y"));
	CFArrayRef days = CFDateFormatterCopyProperty(german, kCFDateFormatterShortWeekdaySymbols);
	CHECK(CFArrayGetCount(days) == 7 && is(CFArrayGetValueAtIndex(days, 0), "So."));
	CHECK(is(CFTimeZoneCopyLocalizedName(zone("America/New_York"), 0, locale("en_US")), "Eastern Standard Time") &&
	      is(CFTimeZoneCopyLocalizedName(zone("America/New_York"), 3, locale("en_US")), "EDT") &&
	      is(CFTimeZoneCopyLocalizedName(zone("Europe/Berlin"), 4, locale("de_DE")), "Mitteleurop\u00e4ische Zeit"));
	CFDateFormatterSetProperty(formatter, kCFDateFormatterAMSymbol, CFSTR("early"));
	CFDateFormatterSetFormat(formatter, CFSTR("a"));
	CHECK(is(CFDateFormatterCreateStringWithAbsoluteTime(NULL, formatter, time), "early"));
}

static void check_calendars(void)
{
	CFCalendarRef calendar = CFCalendarCreateWithIdentifier(NULL, kCFGregorianCalendar);
	CFAbsoluteTime time, start;
	CFTimeInterval length;
	int year, month, day, hour;
	CFCalendarSetTimeZone(calendar, zone("Europe/Berlin"));
	CFCalendarSetLocale(calendar, locale("de_DE"));
	CHECK(CFCalendarGetFirstWeekday(calendar) == 2);
	CHECK(CFCalendarComposeAbsoluteTime(calendar, &time, "yMdHms", 2024, 1, 31, 12, 0, 0));
	CFGregorianDate date = CFAbsoluteTimeGetGregorianDate(time, NULL);
	CHECK(date.year == 2024 && date.month == 1 && date.day == 31 && date.hour == 11);
	time += 0.25;
	CHECK(CFCalendarAddComponents(calendar, &time, 0, "M", 1));
	CHECK(CFCalendarDecomposeAbsoluteTime(calendar, time, "yMdH", &year, &month, &day, &hour) && year == 2024 &&
	      month == 2 && day == 29 && hour == 12);
	CHECK(time - (long)time == 0.25);
	CFRange range = CFCalendarGetRangeOfUnit(calendar, kCFCalendarUnitDay, kCFCalendarUnitMonth, time);
	CHECK(range.location == 1 && range.length == 29);
	range = CFCalendarGetRangeOfUnit(calendar, kCFCalendarUnitDay, kCFCalendarUnitYear, time);
	CHECK(range.location == 1 && range.length == 366);
	CHECK(CFCalendarGetOrdinalityOfUnit(calendar, kCFCalendarUnitDay, kCFCalendarUnitYear, time) == 60);
	CHECK(CFCalendarGetOrdinalityOfUnit(calendar, kCFCalendarUnitWeekday, kCFCalendarUnitWeekOfYear, time) == 4);
	CHECK(CFCalendarGetTimeRangeOfUnit(calendar, kCFCalendarUnitMonth, time, &start, &length) &&
	      length == 29 * 86400.0);
	CHECK(CFCalendarDecomposeAbsoluteTime(calendar, start, "dH", &day, &hour) && day == 1 && hour == 0);
	CFAbsoluteTime later;
	CHECK(CFCalendarComposeAbsoluteTime(calendar, &later, "yMdHms", 2025, 4, 3, 13, 0, 0));
	CHECK(CFCalendarGetComponentDifference(calendar, time, later, 0, "yMdH", &year, &month, &day, &hour));
	CHECK(year == 1 && month == 1 && day == 6 && hour == 0); // a quarter of a second is missing
	CHECK(CFCalendarAddComponents(calendar, &later, 1, "d", 30)); // wraps
	CHECK(CFCalendarDecomposeAbsoluteTime(calendar, later, "Md", &month, &day) && month == 4 && day == 3);
	CFCalendarRef hebrew = CFCalendarCreateWithIdentifier(NULL, kCFHebrewCalendar);
	CHECK(CFCalendarDecomposeAbsoluteTime(hebrew, time, "y", &year) && year == 5784);
	CHECK(!CFCalendarCreateWithIdentifier(NULL, CFSTR("of the moon")));
	CHECK(is(CFCalendarGetIdentifier(CFCalendarCopyCurrent()), "gregorian"));
}

static void check_words(void)
{
	static const char *const words[] = {"Hello", "brave", "world", "It's", "42"};
	CFStringRef text = CFSTR("Hello, brave world! It's 42.\nEnd");
	CFStringTokenizerRef tokens = CFStringTokenizerCreate(NULL, text, CFRangeMake(0, 28), 0, locale("en_US"));
	for (int i = 0; i < 5; i++) {
		CHECK(CFStringTokenizerAdvanceToNextToken(tokens));
		CHECK(is(CFStringCreateWithSubstring(NULL, text, CFStringTokenizerGetCurrentTokenRange(tokens)), words[i]));
	}
	CHECK(!CFStringTokenizerAdvanceToNextToken(tokens));
	CHECK(CFStringTokenizerGoToTokenAtIndex(tokens, 9) &&
	      CFStringTokenizerGetCurrentTokenRange(tokens).location == 7);
	CHECK(!CFStringTokenizerGoToTokenAtIndex(tokens, 6));
	CHECK(CFStringTokenizerAdvanceToNextToken(tokens) && CFStringTokenizerGetCurrentTokenRange(tokens).location == 7);
	tokens = CFStringTokenizerCreate(NULL, text, CFRangeMake(0, 32), kCFStringTokenizerUnitSentence, locale("en"));
	CHECK(CFStringTokenizerAdvanceToNextToken(tokens) && CFStringTokenizerGetCurrentTokenRange(tokens).length == 20);
	tokens = CFStringTokenizerCreate(NULL, text, CFRangeMake(0, 32), kCFStringTokenizerUnitParagraph, NULL);
	CHECK(CFStringTokenizerAdvanceToNextToken(tokens) && CFStringTokenizerAdvanceToNextToken(tokens) &&
	      CFStringTokenizerGetCurrentTokenRange(tokens).location == 29 &&
	      !CFStringTokenizerAdvanceToNextToken(tokens));
}

static CFIndex order(const char *name, CFStringRef left, CFStringRef right, CFOptionFlags options)
{
	return CFStringCompareWithOptionsAndLocale(left, right, CFRangeMake(0, CFStringGetLength(left)),
						   options | kCFCompareLocalized, locale(name));
}

static void check_orders(void)
{
	CFStringRef umlaut = CFSTR("\u00e4");
	CHECK(order("de_DE", umlaut, CFSTR("z"), 0) == -1 && order("sv_SE", umlaut, CFSTR("z"), 0) == 1);
	CHECK(CFStringCompare(umlaut, CFSTR("z"), 0) == 1); // points
	CHECK(order("en_US", CFSTR("B"), CFSTR("a"), 0) == 1 && CFStringCompare(CFSTR("B"), CFSTR("a"), 0) == -1);
	CHECK(order("en_US", CFSTR("a"), CFSTR("A"), 0) == -1 &&
	      order("en_US", CFSTR("a"), CFSTR("A"), kCFCompareCaseInsensitive) == 0);
	CHECK(order("en_US", CFSTR("file10"), CFSTR("file9"), 0) == -1 &&
	      order("en_US", CFSTR("file10"), CFSTR("file9"), kCFCompareNumerically) == 1);
	CHECK(order("en_US", CFSTR("e"), CFSTR("\u00e9"), kCFCompareDiacriticInsensitive) == 0 &&
	      order("en_US", CFSTR("e"), CFSTR("E"), kCFCompareDiacriticInsensitive) == -1);
	CFMutableStringRef text = CFStringCreateMutableCopy(NULL, 0, CFSTR("\u041c\u043e\u0441\u043a\u0432\u0430"));
	CHECK(CFStringTransform(text, NULL, kCFStringTransformToLatin, 0) && is(text, "Moskva"));
	text = CFStringCreateMutableCopy(NULL, 0, CFSTR("\u00e9t\u00e9"));
	CFRange range = {0, 2};
	CHECK(CFStringTransform(text, &range, kCFStringTransformStripDiacritics, 0) && is(text, "et\u00e9"));
}

static void check_attributes(void)
{
	CFAttributedStringRef plain = CFAttributedStringCreate(NULL, CFSTR("one two three"), NULL);
	CFMutableAttributedStringRef text = CFAttributedStringCreateMutableCopy(NULL, 0, plain);
	CFRange range;
	CFAttributedStringSetAttribute(text, CFRangeMake(4, 3), CFSTR("bold"), kCFBooleanTrue);
	CHECK(CFAttributedStringGetAttribute(text, 5, CFSTR("bold"), &range) == kCFBooleanTrue && range.location == 4 &&
	      range.length == 3);
	CHECK(!CFAttributedStringGetAttribute(text, 7, CFSTR("bold"), &range) && range.location == 7 &&
	      range.length == 6);
	CFAttributedStringReplaceString(text, CFRangeMake(5, 2), CFSTR("hree"));
	CHECK(is(CFAttributedStringGetString(text), "one three three") && CFAttributedStringGetLength(text) == 15);
	CHECK(CFAttributedStringGetAttribute(text, 8, CFSTR("bold"), &range) && range.length == 5);
	CFAttributedStringRemoveAttribute(text, CFRangeMake(0, 15), CFSTR("bold"));
	CHECK(!CFAttributedStringGetAttribute(text, 0, CFSTR("bold"), &range) && range.length == 15);
}

// What was made as constant is not changed: the program ends.
static int change(const char *what)
{
	const void *value = CFSTR("value");
	CFArrayRef array = CFArrayCreate(NULL, &value, 1, &kCFTypeArrayCallBacks);
	CFDictionaryRef dictionary = CFDictionaryCreate(NULL, &value, &value, 1, &kCFTypeDictionaryKeyCallBacks,
							&kCFTypeDictionaryValueCallBacks);
	if (strcmp(what, "array") == 0)
		CFArrayAppendValue((CFMutableArrayRef)array, value);
	if (strcmp(what, "dictionary") == 0)
		CFDictionarySetValue((CFMutableDictionaryRef)dictionary, CFSTR("key"), value);
	if (strcmp(what, "data") == 0)
		CFDataAppendBytes((CFMutableDataRef)CFDataCreate(NULL, (const UInt8 *)"a", 1), (const UInt8 *)"b", 1);
	if (strcmp(what, "string") == 0)
		CFStringAppend((CFMutableStringRef)CFSTR("constant"), CFSTR("more"));
	puts("it was changed");
	return 0;
}

int main(int count, char **words)
{
	if (count > 1)
		return change(words[1]);
	check_sets();
	check_locales();
	check_numbers();
	check_dates();
	check_calendars();
	check_words();
	check_orders();
	check_attributes();
	puts("text is fine");
	return 0;
}
