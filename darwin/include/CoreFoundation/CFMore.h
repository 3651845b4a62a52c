// SPDX-License-Identifier: MIT
// CoreFoundation: bags, heaps, lines, files by URL, as test programs call it. Facts: Apple's CFBag.h, CFBinaryHeap.h, CFURLAccess.h, ...
#ifndef DARWIN_INCLUDE_CFMORE_H
#define DARWIN_INCLUDE_CFMORE_H

#include <CoreFoundation/CFEvents.h>

typedef void *CFMutableBagRef, *CFBinaryHeapRef, *CFURLEnumeratorRef;
extern const CFSetCallBacks kCFTypeBagCallBacks;
CFMutableBagRef CFBagCreateMutable(CFAllocatorRef, CFIndex, const CFSetCallBacks *);
void CFBagAddValue(CFMutableBagRef, const void *);
void CFBagRemoveValue(CFMutableBagRef, const void *);
CFIndex CFBagGetCount(CFMutableBagRef);
CFIndex CFBagGetCountOfValue(CFMutableBagRef, const void *);
void CFBagGetValues(CFMutableBagRef, const void **);
typedef struct {
	CFIndex version;
	const void *(*retain)(CFAllocatorRef, const void *);
	void (*release)(CFAllocatorRef, const void *);
	CFStringRef (*copyDescription)(const void *);
	CFIndex (*compare)(const void *, const void *, void *);
} CFBinaryHeapCallBacks;
extern const CFBinaryHeapCallBacks kCFStringBinaryHeapCallBacks;
CFBinaryHeapRef CFBinaryHeapCreate(CFAllocatorRef, CFIndex, const CFBinaryHeapCallBacks *, const void *);
void CFBinaryHeapAddValue(CFBinaryHeapRef, const void *);
CFIndex CFBinaryHeapGetCount(CFBinaryHeapRef);
const void *CFBinaryHeapGetMinimum(CFBinaryHeapRef);
void CFBinaryHeapRemoveMinimumValue(CFBinaryHeapRef);
void CFStringGetLineBounds(CFStringRef, CFRange, CFIndex *, CFIndex *, CFIndex *);
void CFStringGetParagraphBounds(CFStringRef, CFRange, CFIndex *, CFIndex *, CFIndex *);
const CFStringEncoding *CFStringGetListOfAvailableEncodings(void);
CFStringRef CFXMLCreateStringByEscapingEntities(CFAllocatorRef, CFStringRef, CFDictionaryRef);
CFStringRef CFXMLCreateStringByUnescapingEntities(CFAllocatorRef, CFStringRef, CFDictionaryRef);
Boolean CFURLCreateDataAndPropertiesFromResource(CFAllocatorRef, CFURLRef, CFDataRef *, CFDictionaryRef *, CFArrayRef,
						 int *);
Boolean CFURLWriteDataAndPropertiesToResource(CFURLRef, CFDataRef, CFDictionaryRef, int *);
Boolean CFURLDestroyResource(CFURLRef, int *);
CFTypeRef CFURLCreatePropertyFromResource(CFAllocatorRef, CFURLRef, CFStringRef, int *);
extern const CFStringRef kCFURLFileExists, kCFURLFileLength, kCFURLIsExcludedFromBackupKey,
	kCFURLContentModificationDateKey;
Boolean CFURLSetResourcePropertyForKey(CFURLRef, CFStringRef, CFTypeRef, CFErrorRef *);
CFURLEnumeratorRef CFURLEnumeratorCreateForDirectoryURL(CFAllocatorRef, CFURLRef, CFOptionFlags, CFArrayRef);
CFIndex CFURLEnumeratorGetNextURL(CFURLEnumeratorRef, CFURLRef *, CFErrorRef *);
void CFURLEnumeratorSkipDescendents(CFURLEnumeratorRef);
CFIndex CFURLEnumeratorGetDescendentLevel(CFURLEnumeratorRef);
CFStringRef CFURLCopyLastPathComponent(CFURLRef);
CFIndex CFPropertyListWrite(CFPropertyListRef, CFWriteStreamRef, CFIndex, CFOptionFlags, CFErrorRef *);
CFPropertyListRef CFPropertyListCreateWithStream(CFAllocatorRef, CFReadStreamRef, CFIndex, CFOptionFlags, CFIndex *,
						 CFErrorRef *);
typedef struct {
	int years, months, days, hours, minutes;
	double seconds;
} CFGregorianUnits;
int CFAbsoluteTimeGetWeekOfYear(CFAbsoluteTime, CFTimeZoneRef);
CFGregorianUnits CFAbsoluteTimeGetDifferenceAsGregorianUnits(CFAbsoluteTime, CFAbsoluteTime, CFTimeZoneRef,
							     CFOptionFlags);
CFAbsoluteTime CFDateGetAbsoluteTime(CFDateRef);
CFBundleRef CFBundleCreate(CFAllocatorRef, CFURLRef);
CFArrayRef CFBundleCopyBundleLocalizations(CFBundleRef);
CFArrayRef CFBundleCopyLocalizationsForPreferences(CFArrayRef, CFArrayRef);
CFStringRef CFBundleCopyLocalizedString(CFBundleRef, CFStringRef, CFStringRef, CFStringRef);
CFArrayRef CFBundleCopyResourceURLsOfType(CFBundleRef, CFStringRef, CFStringRef);

#endif
