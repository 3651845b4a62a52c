// SPDX-License-Identifier: MIT
// CoreFoundation, what test programs call of it. Facts: Apple's CoreFoundation headers.
#ifndef DARWIN_INCLUDE_COREFOUNDATION_H
#define DARWIN_INCLUDE_COREFOUNDATION_H

typedef const void *CFTypeRef, *CFAllocatorRef, *CFStringRef, *CFArrayRef, *CFDictionaryRef, *CFSetRef, *CFDataRef,
	*CFNumberRef, *CFDateRef, *CFTimeZoneRef, *CFErrorRef, *CFURLRef, *CFLocaleRef, *CFUUIDRef, *CFPropertyListRef,
	*CFBooleanRef;
typedef void *CFMutableStringRef, *CFMutableArrayRef, *CFMutableDictionaryRef, *CFMutableSetRef, *CFMutableDataRef,
	*CFBundleRef, *CFRunLoopRef, *CFRunLoopSourceRef, *CFRunLoopTimerRef, *CFRunLoopObserverRef;
typedef long CFIndex;
typedef unsigned long CFTypeID, CFOptionFlags, CFHashCode;
typedef unsigned char Boolean, UInt8;
typedef unsigned short UniChar;
typedef unsigned CFStringEncoding;
typedef double CFAbsoluteTime, CFTimeInterval;
typedef struct {
	CFIndex location, length;
} CFRange;
static inline CFRange CFRangeMake(CFIndex location, CFIndex length)
{
	CFRange range = {location, length};
	return range;
}
#define CFSTR(text) ((CFStringRef)__builtin___CFStringMakeConstantString(text))
enum {
	kCFStringEncodingUTF8 = 0x08000100,
	kCFStringEncodingASCII = 0x600,
	kCFStringEncodingUTF16 = 0x100,
	kCFStringEncodingISOLatin1 = 0x201,
	kCFStringEncodingMacRoman = 0,
	kCFStringEncodingWindowsLatin1 = 0x500
};
enum { kCFCompareCaseInsensitive = 1, kCFCompareBackwards = 4, kCFCompareNumerically = 64 };
enum { kCFNumberSInt32Type = 3, kCFNumberSInt64Type = 4, kCFNumberFloat64Type = 6, kCFNumberSInt8Type = 1 };
enum { kCFPropertyListXMLFormat_v1_0 = 100, kCFPropertyListBinaryFormat_v1_0 = 200 };

CFTypeRef CFRetain(CFTypeRef);
void CFRelease(CFTypeRef);
CFIndex CFGetRetainCount(CFTypeRef);
Boolean CFEqual(CFTypeRef, CFTypeRef);
CFHashCode CFHash(CFTypeRef);
CFTypeID CFGetTypeID(CFTypeRef);
CFStringRef CFCopyDescription(CFTypeRef);
extern const CFAllocatorRef kCFAllocatorDefault, kCFAllocatorNull, kCFAllocatorMalloc, kCFAllocatorUseContext;
typedef struct {
	CFIndex version;
	void *info;
	CFTypeRef (*retain)(const void *);
	void (*release)(const void *);
	CFStringRef (*copyDescription)(const void *);
	void *(*allocate)(CFIndex, CFOptionFlags, void *);
	void *(*reallocate)(void *, CFIndex, CFOptionFlags, void *);
	void (*deallocate)(void *, void *);
	CFIndex (*preferredSize)(CFIndex, CFOptionFlags, void *);
} CFAllocatorContext;
CFAllocatorRef CFAllocatorCreate(CFAllocatorRef, CFAllocatorContext *);

// ---- strings --------------------------------------------------------------------------------------------------------
CFTypeID CFStringGetTypeID(void);
CFStringRef CFStringCreateWithCString(CFAllocatorRef, const char *, CFStringEncoding);
CFStringRef CFStringCreateWithBytes(CFAllocatorRef, const UInt8 *, CFIndex, CFStringEncoding, Boolean);
CFStringRef CFStringCreateWithFormat(CFAllocatorRef, CFDictionaryRef, CFStringRef, ...);
CFMutableStringRef CFStringCreateMutable(CFAllocatorRef, CFIndex);
CFIndex CFStringGetLength(CFStringRef);
CFIndex CFStringGetBytes(CFStringRef, CFRange, CFStringEncoding, UInt8, Boolean, UInt8 *, CFIndex, CFIndex *);
Boolean CFStringGetCString(CFStringRef, char *, CFIndex, CFStringEncoding);
const char *CFStringGetCStringPtr(CFStringRef, CFStringEncoding);
CFRange CFStringFind(CFStringRef, CFStringRef, CFOptionFlags);
CFIndex CFStringCompare(CFStringRef, CFStringRef, CFOptionFlags);
Boolean CFStringHasPrefix(CFStringRef, CFStringRef);
Boolean CFStringHasSuffix(CFStringRef, CFStringRef);
CFStringRef CFStringCreateWithSubstring(CFAllocatorRef, CFStringRef, CFRange);
CFArrayRef CFStringCreateArrayBySeparatingStrings(CFAllocatorRef, CFStringRef, CFStringRef);
CFStringRef CFStringCreateByCombiningStrings(CFAllocatorRef, CFArrayRef, CFStringRef);
void CFStringAppend(CFMutableStringRef, CFStringRef);
void CFStringAppendFormat(CFMutableStringRef, CFDictionaryRef, CFStringRef, ...);
void CFStringUppercase(CFMutableStringRef, CFLocaleRef);
CFIndex CFStringFindAndReplace(CFMutableStringRef, CFStringRef, CFStringRef, CFRange, CFOptionFlags);
CFStringRef CFStringConvertEncodingToIANACharSetName(CFStringEncoding);

// ---- values ---------------------------------------------------------------------------------------------------------
extern const CFBooleanRef kCFBooleanTrue, kCFBooleanFalse;
extern const CFTypeRef kCFNull;
CFNumberRef CFNumberCreate(CFAllocatorRef, CFIndex, const void *);
Boolean CFNumberGetValue(CFNumberRef, CFIndex, void *);
CFIndex CFNumberCompare(CFNumberRef, CFNumberRef, void *);
CFDataRef CFDataCreate(CFAllocatorRef, const UInt8 *, CFIndex);
CFDataRef CFDataCreateWithBytesNoCopy(CFAllocatorRef, const UInt8 *, CFIndex, CFAllocatorRef);
CFMutableDataRef CFDataCreateMutable(CFAllocatorRef, CFIndex);
void CFDataAppendBytes(CFMutableDataRef, const UInt8 *, CFIndex);
CFIndex CFDataGetLength(CFDataRef);
const UInt8 *CFDataGetBytePtr(CFDataRef);
CFUUIDRef CFUUIDCreate(CFAllocatorRef);
CFUUIDRef CFUUIDCreateFromString(CFAllocatorRef, CFStringRef);
CFStringRef CFUUIDCreateString(CFAllocatorRef, CFUUIDRef);
CFErrorRef CFErrorCreate(CFAllocatorRef, CFStringRef, CFIndex, CFDictionaryRef);
CFIndex CFErrorGetCode(CFErrorRef);
CFStringRef CFErrorCopyDescription(CFErrorRef);
extern const CFStringRef kCFErrorDomainPOSIX;

// ---- collections ----------------------------------------------------------------------------------------------------
typedef struct {
	CFIndex version;
	const void *(*retain)(CFAllocatorRef, const void *);
	void (*release)(CFAllocatorRef, const void *);
	CFStringRef (*copyDescription)(const void *);
	Boolean (*equal)(const void *, const void *);
	CFHashCode (*hash)(const void *);
} CFDictionaryKeyCallBacks, CFSetCallBacks;
typedef struct {
	CFIndex version;
	const void *(*retain)(CFAllocatorRef, const void *);
	void (*release)(CFAllocatorRef, const void *);
	CFStringRef (*copyDescription)(const void *);
	Boolean (*equal)(const void *, const void *);
} CFArrayCallBacks, CFDictionaryValueCallBacks;
extern const CFArrayCallBacks kCFTypeArrayCallBacks;
extern const CFSetCallBacks kCFTypeSetCallBacks;
extern const CFDictionaryKeyCallBacks kCFTypeDictionaryKeyCallBacks;
extern const CFDictionaryValueCallBacks kCFTypeDictionaryValueCallBacks;
CFArrayRef CFArrayCreate(CFAllocatorRef, const void **, CFIndex, const CFArrayCallBacks *);
CFMutableArrayRef CFArrayCreateMutable(CFAllocatorRef, CFIndex, const CFArrayCallBacks *);
void CFArrayAppendValue(CFMutableArrayRef, const void *);
CFIndex CFArrayGetCount(CFArrayRef);
const void *CFArrayGetValueAtIndex(CFArrayRef, CFIndex);
void CFArraySortValues(CFMutableArrayRef, CFRange, CFIndex (*)(const void *, const void *, void *), void *);
CFIndex CFArrayBSearchValues(CFArrayRef, CFRange, const void *, CFIndex (*)(const void *, const void *, void *),
			     void *);
Boolean CFArrayContainsValue(CFArrayRef, CFRange, const void *);
CFDictionaryRef CFDictionaryCreate(CFAllocatorRef, const void **, const void **, CFIndex,
				   const CFDictionaryKeyCallBacks *, const CFDictionaryValueCallBacks *);
CFMutableDictionaryRef CFDictionaryCreateMutable(CFAllocatorRef, CFIndex, const CFDictionaryKeyCallBacks *,
						 const CFDictionaryValueCallBacks *);
void CFDictionarySetValue(CFMutableDictionaryRef, const void *, const void *);
void CFDictionaryRemoveValue(CFMutableDictionaryRef, const void *);
const void *CFDictionaryGetValue(CFDictionaryRef, const void *);
CFIndex CFDictionaryGetCount(CFDictionaryRef);
void CFDictionaryApplyFunction(CFDictionaryRef, void (*)(const void *, const void *, void *), void *);
CFMutableSetRef CFSetCreateMutable(CFAllocatorRef, CFIndex, const CFSetCallBacks *);
void CFSetAddValue(CFMutableSetRef, const void *);
CFIndex CFSetGetCount(CFSetRef);
Boolean CFSetContainsValue(CFSetRef, const void *);

// ---- property lists, preferences, bundles ---------------------------------------------------------------------------
CFPropertyListRef CFPropertyListCreateWithData(CFAllocatorRef, CFDataRef, CFOptionFlags, CFIndex *, CFErrorRef *);
CFDataRef CFPropertyListCreateData(CFAllocatorRef, CFPropertyListRef, CFIndex, CFOptionFlags, CFErrorRef *);
extern const CFStringRef kCFPreferencesCurrentApplication;
CFPropertyListRef CFPreferencesCopyAppValue(CFStringRef, CFStringRef);
void CFPreferencesSetAppValue(CFStringRef, CFPropertyListRef, CFStringRef);
Boolean CFPreferencesAppSynchronize(CFStringRef);
CFIndex CFPreferencesGetAppIntegerValue(CFStringRef, CFStringRef, Boolean *);
CFBundleRef CFBundleGetMainBundle(void);
CFStringRef CFBundleGetIdentifier(CFBundleRef);
CFURLRef CFBundleCopyBundleURL(CFBundleRef);
CFURLRef CFBundleCopyExecutableURL(CFBundleRef);

// ---- URLs -----------------------------------------------------------------------------------------------------------
CFURLRef CFURLCreateWithString(CFAllocatorRef, CFStringRef, CFURLRef);
CFURLRef CFURLCreateWithFileSystemPath(CFAllocatorRef, CFStringRef, CFIndex, Boolean);
CFURLRef CFURLCopyAbsoluteURL(CFURLRef);
CFStringRef CFURLGetString(CFURLRef);
CFStringRef CFURLCopyHostName(CFURLRef);
CFStringRef CFURLCopyPath(CFURLRef);
CFStringRef CFURLCopyQueryString(CFURLRef, CFStringRef);
CFStringRef CFURLCopyFileSystemPath(CFURLRef, CFIndex);
CFStringRef CFURLCopyPathExtension(CFURLRef);
CFURLRef CFURLCreateCopyAppendingPathComponent(CFAllocatorRef, CFURLRef, CFStringRef, Boolean);
CFURLRef CFURLCreateCopyDeletingLastPathComponent(CFAllocatorRef, CFURLRef);
Boolean CFURLCopyResourcePropertyForKey(CFURLRef, CFStringRef, void *, CFErrorRef *);
extern const CFStringRef kCFURLFileSizeKey, kCFURLIsDirectoryKey, kCFURLVolumeTotalCapacityKey, kCFURLVolumeNameKey;

// ---- time -----------------------------------------------------------------------------------------------------------
typedef struct {
	int year;
	signed char month, day, hour, minute;
	double second;
} CFGregorianDate;
CFAbsoluteTime CFAbsoluteTimeGetCurrent(void);
CFGregorianDate CFAbsoluteTimeGetGregorianDate(CFAbsoluteTime, CFTimeZoneRef);
CFAbsoluteTime CFGregorianDateGetAbsoluteTime(CFGregorianDate, CFTimeZoneRef);
CFDateRef CFDateCreate(CFAllocatorRef, CFAbsoluteTime);
CFTimeZoneRef CFTimeZoneCopySystem(void);
CFTimeZoneRef CFTimeZoneCreateWithName(CFAllocatorRef, CFStringRef, Boolean);
CFStringRef CFTimeZoneGetName(CFTimeZoneRef);
CFTimeInterval CFTimeZoneGetSecondsFromGMT(CFTimeZoneRef, CFAbsoluteTime);
CFStringRef CFTimeZoneCopyAbbreviation(CFTimeZoneRef, CFAbsoluteTime);

// ---- run loops ------------------------------------------------------------------------------------------------------
extern const CFStringRef kCFRunLoopDefaultMode, kCFRunLoopCommonModes;
typedef struct {
	CFIndex version;
	void *info;
	const void *(*retain)(const void *);
	void (*release)(const void *);
	CFStringRef (*copyDescription)(const void *);
	Boolean (*equal)(const void *, const void *);
	CFHashCode (*hash)(const void *);
	void (*schedule)(void *, CFRunLoopRef, CFStringRef);
	void (*cancel)(void *, CFRunLoopRef, CFStringRef);
	void (*perform)(void *);
} CFRunLoopSourceContext;
typedef struct {
	CFIndex version;
	void *info;
	const void *(*retain)(const void *);
	void (*release)(const void *);
	CFStringRef (*copyDescription)(const void *);
} CFRunLoopTimerContext, CFRunLoopObserverContext;
CFRunLoopRef CFRunLoopGetCurrent(void);
CFRunLoopRef CFRunLoopGetMain(void);
void CFRunLoopRun(void);
int CFRunLoopRunInMode(CFStringRef, CFTimeInterval, Boolean);
void CFRunLoopStop(CFRunLoopRef);
void CFRunLoopWakeUp(CFRunLoopRef);
void CFRunLoopAddSource(CFRunLoopRef, CFRunLoopSourceRef, CFStringRef);
void CFRunLoopAddTimer(CFRunLoopRef, CFRunLoopTimerRef, CFStringRef);
void CFRunLoopAddObserver(CFRunLoopRef, CFRunLoopObserverRef, CFStringRef);
CFRunLoopSourceRef CFRunLoopSourceCreate(CFAllocatorRef, CFIndex, CFRunLoopSourceContext *);
void CFRunLoopSourceSignal(CFRunLoopSourceRef);
void CFRunLoopSourceInvalidate(CFRunLoopSourceRef);
CFRunLoopTimerRef CFRunLoopTimerCreate(CFAllocatorRef, CFAbsoluteTime, CFTimeInterval, CFOptionFlags, CFIndex,
				       void (*)(CFRunLoopTimerRef, void *), CFRunLoopTimerContext *);
void CFRunLoopTimerInvalidate(CFRunLoopTimerRef);
CFRunLoopObserverRef CFRunLoopObserverCreate(CFAllocatorRef, CFOptionFlags, Boolean, CFIndex,
					     void (*)(CFRunLoopObserverRef, CFOptionFlags, void *),
					     CFRunLoopObserverContext *);

#endif
