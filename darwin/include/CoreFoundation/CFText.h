// SPDX-License-Identifier: MIT
// CoreFoundation: text, numbers and times in languages, as test programs call it. Facts: Apple's CFCharacterSet.h, CFNumberFormatter.h, ...
#ifndef DARWIN_INCLUDE_CFTEXT_H
#define DARWIN_INCLUDE_CFTEXT_H

#include <CoreFoundation/CoreFoundation.h>

typedef const void *CFCharacterSetRef;
typedef void *CFMutableCharacterSetRef, *CFNumberFormatterRef, *CFDateFormatterRef, *CFCalendarRef, *CFStringTokenizerRef,
	*CFMutableAttributedStringRef;
typedef const void *CFAttributedStringRef;

// ---- character sets -------------------------------------------------------------------------------------------------
enum {
	kCFCharacterSetWhitespaceAndNewline = 3,
	kCFCharacterSetDecimalDigit = 4,
	kCFCharacterSetLetter = 5,
	kCFCharacterSetUppercaseLetter = 7,
	kCFCharacterSetAlphaNumeric = 10,
	kCFCharacterSetPunctuation = 11
};
CFCharacterSetRef CFCharacterSetGetPredefined(CFIndex);
CFCharacterSetRef CFCharacterSetCreateWithCharactersInString(CFAllocatorRef, CFStringRef);
CFCharacterSetRef CFCharacterSetCreateWithCharactersInRange(CFAllocatorRef, CFRange);
CFCharacterSetRef CFCharacterSetCreateWithBitmapRepresentation(CFAllocatorRef, CFDataRef);
CFCharacterSetRef CFCharacterSetCreateInvertedSet(CFAllocatorRef, CFCharacterSetRef);
CFMutableCharacterSetRef CFCharacterSetCreateMutableCopy(CFAllocatorRef, CFCharacterSetRef);
CFDataRef CFCharacterSetCreateBitmapRepresentation(CFAllocatorRef, CFCharacterSetRef);
Boolean CFCharacterSetIsCharacterMember(CFCharacterSetRef, UniChar);
Boolean CFCharacterSetIsLongCharacterMember(CFCharacterSetRef, unsigned);
Boolean CFCharacterSetIsSupersetOfSet(CFCharacterSetRef, CFCharacterSetRef);
Boolean CFCharacterSetHasMemberInPlane(CFCharacterSetRef, CFIndex);
void CFCharacterSetAddCharactersInString(CFMutableCharacterSetRef, CFStringRef);
void CFCharacterSetUnion(CFMutableCharacterSetRef, CFCharacterSetRef);
Boolean CFStringFindCharacterFromSet(CFStringRef, CFCharacterSetRef, CFRange, CFOptionFlags, CFRange *);

// ---- strings --------------------------------------------------------------------------------------------------------
enum { kCFCompareLocalized = 32, kCFCompareDiacriticInsensitive = 128 };
CFIndex CFStringCompareWithOptionsAndLocale(CFStringRef, CFStringRef, CFRange, CFOptionFlags, CFLocaleRef);
CFMutableStringRef CFStringCreateMutableCopy(CFAllocatorRef, CFIndex, CFStringRef);
Boolean CFStringTransform(CFMutableStringRef, CFRange *, CFStringRef, Boolean);
extern const CFStringRef kCFStringTransformToLatin, kCFStringTransformStripDiacritics;
enum { kCFStringTokenizerUnitWord = 0, kCFStringTokenizerUnitSentence = 1, kCFStringTokenizerUnitParagraph = 2 };
CFStringTokenizerRef CFStringTokenizerCreate(CFAllocatorRef, CFStringRef, CFRange, CFOptionFlags, CFLocaleRef);
CFOptionFlags CFStringTokenizerAdvanceToNextToken(CFStringTokenizerRef);
CFOptionFlags CFStringTokenizerGoToTokenAtIndex(CFStringTokenizerRef, CFIndex);
CFRange CFStringTokenizerGetCurrentTokenRange(CFStringTokenizerRef);
CFAttributedStringRef CFAttributedStringCreate(CFAllocatorRef, CFStringRef, CFDictionaryRef);
CFMutableAttributedStringRef CFAttributedStringCreateMutableCopy(CFAllocatorRef, CFIndex, CFAttributedStringRef);
CFStringRef CFAttributedStringGetString(CFAttributedStringRef);
CFIndex CFAttributedStringGetLength(CFAttributedStringRef);
CFTypeRef CFAttributedStringGetAttribute(CFAttributedStringRef, CFIndex, CFStringRef, CFRange *);
void CFAttributedStringSetAttribute(CFMutableAttributedStringRef, CFRange, CFStringRef, CFTypeRef);
void CFAttributedStringRemoveAttribute(CFMutableAttributedStringRef, CFRange, CFStringRef);
void CFAttributedStringReplaceString(CFMutableAttributedStringRef, CFRange, CFStringRef);

// ---- locales --------------------------------------------------------------------------------------------------------
extern const CFStringRef kCFLocaleLanguageCode, kCFLocaleCountryCode, kCFLocaleScriptCode, kCFLocaleDecimalSeparator,
	kCFLocaleCurrencyCode, kCFLocaleUsesMetricSystem, kCFLocaleIdentifier, kCFLocaleCalendarIdentifier;
CFLocaleRef CFLocaleCreate(CFAllocatorRef, CFStringRef);
CFTypeRef CFLocaleGetValue(CFLocaleRef, CFStringRef);
CFStringRef CFLocaleCreateCanonicalLocaleIdentifierFromString(CFAllocatorRef, CFStringRef);
CFDictionaryRef CFLocaleCreateComponentsFromLocaleIdentifier(CFAllocatorRef, CFStringRef);
CFStringRef CFLocaleCreateLocaleIdentifierFromComponents(CFAllocatorRef, CFDictionaryRef);
CFStringRef CFLocaleCopyDisplayNameForPropertyValue(CFLocaleRef, CFStringRef, CFStringRef);
CFArrayRef CFLocaleCopyAvailableLocaleIdentifiers(void);
CFStringRef CFTimeZoneCopyLocalizedName(CFTimeZoneRef, CFIndex, CFLocaleRef);

// ---- numbers, times -------------------------------------------------------------------------------------------------
extern const CFStringRef kCFNumberFormatterMinFractionDigits, kCFNumberFormatterMaxFractionDigits,
	kCFNumberFormatterCurrencyCode, kCFNumberFormatterGroupingSeparator, kCFNumberFormatterRoundingMode,
	kCFNumberFormatterZeroSymbol, kCFNumberFormatterUseGroupingSeparator;
CFNumberFormatterRef CFNumberFormatterCreate(CFAllocatorRef, CFLocaleRef, CFIndex);
CFStringRef CFNumberFormatterCreateStringWithValue(CFAllocatorRef, CFNumberFormatterRef, CFIndex, const void *);
CFNumberRef CFNumberFormatterCreateNumberFromString(CFAllocatorRef, CFNumberFormatterRef, CFStringRef, CFRange *,
						    CFOptionFlags);
Boolean CFNumberFormatterGetValueFromString(CFNumberFormatterRef, CFStringRef, CFRange *, CFIndex, void *);
CFStringRef CFNumberFormatterGetFormat(CFNumberFormatterRef);
void CFNumberFormatterSetFormat(CFNumberFormatterRef, CFStringRef);
void CFNumberFormatterSetProperty(CFNumberFormatterRef, CFStringRef, CFTypeRef);
CFTypeRef CFNumberFormatterCopyProperty(CFNumberFormatterRef, CFStringRef);
Boolean CFNumberFormatterGetDecimalInfoForCurrencyCode(CFStringRef, int *, double *);
extern const CFStringRef kCFDateFormatterTimeZone, kCFDateFormatterShortWeekdaySymbols, kCFDateFormatterAMSymbol,
	kCFDateFormatterMonthSymbols;
CFDateFormatterRef CFDateFormatterCreate(CFAllocatorRef, CFLocaleRef, CFIndex, CFIndex);
CFDateFormatterRef CFDateFormatterCreateISO8601Formatter(CFAllocatorRef, CFOptionFlags);
CFStringRef CFDateFormatterCreateDateFormatFromTemplate(CFAllocatorRef, CFStringRef, CFOptionFlags, CFLocaleRef);
CFStringRef CFDateFormatterCreateStringWithAbsoluteTime(CFAllocatorRef, CFDateFormatterRef, CFAbsoluteTime);
Boolean CFDateFormatterGetAbsoluteTimeFromString(CFDateFormatterRef, CFStringRef, CFRange *, CFAbsoluteTime *);
void CFDateFormatterSetFormat(CFDateFormatterRef, CFStringRef);
CFStringRef CFDateFormatterGetFormat(CFDateFormatterRef);
void CFDateFormatterSetProperty(CFDateFormatterRef, CFStringRef, CFTypeRef);
CFTypeRef CFDateFormatterCopyProperty(CFDateFormatterRef, CFStringRef);
enum {
	kCFCalendarUnitYear = 4,
	kCFCalendarUnitMonth = 8,
	kCFCalendarUnitDay = 16,
	kCFCalendarUnitWeekday = 512,
	kCFCalendarUnitWeekOfYear = 8192
};
extern const CFStringRef kCFGregorianCalendar, kCFHebrewCalendar;
CFCalendarRef CFCalendarCreateWithIdentifier(CFAllocatorRef, CFStringRef);
CFCalendarRef CFCalendarCopyCurrent(void);
CFStringRef CFCalendarGetIdentifier(CFCalendarRef);
void CFCalendarSetTimeZone(CFCalendarRef, CFTimeZoneRef);
void CFCalendarSetLocale(CFCalendarRef, CFLocaleRef);
CFIndex CFCalendarGetFirstWeekday(CFCalendarRef);
CFRange CFCalendarGetRangeOfUnit(CFCalendarRef, CFOptionFlags, CFOptionFlags, CFAbsoluteTime);
CFIndex CFCalendarGetOrdinalityOfUnit(CFCalendarRef, CFOptionFlags, CFOptionFlags, CFAbsoluteTime);
Boolean CFCalendarGetTimeRangeOfUnit(CFCalendarRef, CFOptionFlags, CFAbsoluteTime, CFAbsoluteTime *, CFTimeInterval *);
Boolean CFCalendarComposeAbsoluteTime(CFCalendarRef, CFAbsoluteTime *, const char *, ...);
Boolean CFCalendarDecomposeAbsoluteTime(CFCalendarRef, CFAbsoluteTime, const char *, ...);
Boolean CFCalendarAddComponents(CFCalendarRef, CFAbsoluteTime *, CFOptionFlags, const char *, ...);
Boolean CFCalendarGetComponentDifference(CFCalendarRef, CFAbsoluteTime, CFAbsoluteTime, CFOptionFlags, const char *,
					 ...);

#endif
