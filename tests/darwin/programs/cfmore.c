// SPDX-License-Identifier: MIT
// CoreFoundation: bags, heaps, trees, bits, lines, entities of XML, files by URL, property lists by streams, weeks, languages of bundles.
#include "check.h"

#include <CoreFoundation/CFMore.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int is(CFStringRef string, const char *text)
{
	char got[512] = "(none)";
	if (string)
		CFStringGetCString(string, got, sizeof(got), kCFStringEncodingUTF8);
	if (strcmp(got, text) != 0)
		fprintf(stderr, "got %s, wanted %s\n", got, text);
	return strcmp(got, text) == 0;
}

static void check_collections(void)
{
	const void *values[3];
	CFMutableBagRef bag = CFBagCreateMutable(NULL, 0, &kCFTypeBagCallBacks);
	CFBagAddValue(bag, CFSTR("a"));
	CFBagAddValue(bag, CFStringCreateWithCString(NULL, "a", kCFStringEncodingUTF8));
	CFBagAddValue(bag, CFSTR("b"));
	CHECK(CFBagGetCount(bag) == 3 && CFBagGetCountOfValue(bag, CFSTR("a")) == 2);
	CFBagGetValues(bag, values);
	CHECK(values[0] == values[1] && is(values[0], "a") && is(values[2], "b"));
	CFBagRemoveValue(bag, CFSTR("a"));
	CFBagRemoveValue(bag, CFSTR("b"));
	CFBagRemoveValue(bag, CFSTR("c"));
	CHECK(CFBagGetCount(bag) == 1 && CFBagGetCountOfValue(bag, CFSTR("b")) == 0);
	CFBinaryHeapRef heap = CFBinaryHeapCreate(NULL, 0, &kCFStringBinaryHeapCallBacks, NULL);
	char last[16] = "", text[16];
	for (int i = 0; i < 200; i++) {
		CFStringRef value = CFStringCreateWithFormat(NULL, NULL, CFSTR("%04d"), i * 7919 % 200);
		CFBinaryHeapAddValue(heap, value);
		CFRelease(value);
	}
	for (; CFBinaryHeapGetCount(heap); CFBinaryHeapRemoveMinimumValue(heap)) {
		CFStringGetCString(CFBinaryHeapGetMinimum(heap), text, sizeof(text), kCFStringEncodingUTF8);
		CHECK(strcmp(last, text) < 0);
		strcpy(last, text);
	}
	CHECK(strcmp(last, "0199") == 0);
	CFRelease(heap);
}

static CFIndex by_info(const void *left, const void *right, void *context)
{
	CFTreeContext a, b;
	CFTreeGetContext((CFTreeRef)left, &a);
	CFTreeGetContext((CFTreeRef)right, &b);
	return strcmp(a.info, b.info);
}

static void check_trees(void)
{
	static char names[3][2] = {"c", "a", "b"};
	CFTreeContext context = {0, NULL, NULL, NULL, NULL};
	CFTreeRef root = CFTreeCreate(NULL, &context);
	for (int i = 0; i < 3; i++) {
		context.info = names[i];
		CFTreeRef child = CFTreeCreate(NULL, &context);
		CFTreeAppendChild(root, child);
		CFRelease(child);
	}
	CFTreeSortChildren(root, by_info, NULL);
	CFTreeGetContext(CFTreeGetChildAtIndex(root, 0), &context);
	CHECK(context.info == names[1] && CFTreeGetChildCount(root) == 3);
	CFTreeRef last = CFTreeGetChildAtIndex(root, 2);
	CHECK(CFTreeFindRoot(last) == root);
	CFRetain(last);
	CFTreeRemove(last);
	CHECK(!CFTreeGetParent(last) && CFTreeGetChildCount(root) == 2);
	CFTreeInsertSibling(CFTreeGetChildAtIndex(root, 0), last);
	CHECK(CFTreeGetChildAtIndex(root, 1) == last);
	CFRelease(root);
	CHECK(!CFTreeGetParent(last));
}

static void check_bits(void)
{
	UInt8 bytes[3] = {0xa5, 0xf0, 0}, got[2];
	CFMutableBitVectorRef bits = CFBitVectorCreateMutable(NULL, 0);
	CFBitVectorRef fixed = CFBitVectorCreate(NULL, bytes, 12);
	CHECK(CFBitVectorGetCountOfBit(fixed, CFRangeMake(0, 12), 1) == 8);
	CFBitVectorGetBits(fixed, CFRangeMake(2, 9), got);
	CHECK(got[0] == 0x97 && got[1] == 0x80);
	CFBitVectorSetCount(bits, 100);
	CFBitVectorSetBits(bits, CFRangeMake(10, 50), 1);
	CFBitVectorFlipBitAtIndex(bits, 59);
	CHECK(CFBitVectorGetLastIndexOfBit(bits, CFRangeMake(0, 100), 1) == 58);
	CFBitVectorSetCount(bits, 20);
	CFBitVectorSetCount(bits, 100);
	CHECK(CFBitVectorGetCountOfBit(bits, CFRangeMake(0, 100), 1) == 10);
}

static void lines(CFStringRef text, CFIndex at, CFIndex count, CFIndex begin, CFIndex end, CFIndex contents)
{
	CFIndex got[3];
	CFStringGetLineBounds(text, CFRangeMake(at, count), &got[0], &got[1], &got[2]);
	if (got[0] != begin || got[1] != end || got[2] != contents) {
		fprintf(stderr, "%ld %ld: got %ld %ld %ld\n", at, count, got[0], got[1], got[2]);
		exit(1);
	}
}

static void check_text(void)
{
	CFStringRef text = CFSTR("one\r\ntwo\u2028three\n");
	CFIndex begin, end, contents;
	lines(text, 1, 0, 0, 5, 3);
	lines(text, 4, 0, 0, 5, 3); // between CR and LF
	lines(text, 5, 0, 5, 9, 8);
	lines(text, 1, 4, 0, 5, 3); // what ends the line is in the range
	lines(text, 1, 5, 0, 9, 8);
	lines(text, 10, 0, 9, 15, 14);
	lines(text, 15, 0, 15, 15, 15);
	CFStringGetParagraphBounds(text, CFRangeMake(6, 0), &begin, &end, &contents);
	CHECK(begin == 5 && end == 15 && contents == 14);
	CHECK(is(CFXMLCreateStringByEscapingEntities(NULL, CFSTR("<a b=\"c\">&'"), NULL),
		 "&lt;a b=&quot;c&quot;&gt;&amp;&apos;"));
	const void *key = CFSTR("who"), *value = CFSTR("me");
	CFDictionaryRef more = CFDictionaryCreate(NULL, &key, &value, 1, &kCFTypeDictionaryKeyCallBacks,
						  &kCFTypeDictionaryValueCallBacks);
	CHECK(is(CFXMLCreateStringByUnescapingEntities(NULL, CFSTR("&lt;&who;&#65;&#x1F600;&no;& &amp"), more),
		 "<meA\xf0\x9f\x98\x80&no;& &amp"));
	int utf8 = 0;
	for (const CFStringEncoding *at = CFStringGetListOfAvailableEncodings(); *at != 0xffffffff; at++)
		utf8 |= *at == kCFStringEncodingUTF8;
	CHECK(utf8);
}

static CFURLRef url(const char *path, int folder)
{
	return CFURLCreateWithFileSystemPath(NULL, CFStringCreateWithCString(NULL, path, kCFStringEncodingUTF8), 0,
					     (Boolean)folder);
}

static void check_files(void)
{
	int code;
	long length;
	CFDataRef data = CFDataCreate(NULL, (const UInt8 *)"contents", 8), read;
	CFURLRef file = url("more/file", 0), found;
	CHECK(CFURLWriteDataAndPropertiesToResource(url("more", 1), NULL, NULL, &code) &&
	      CFURLWriteDataAndPropertiesToResource(url("more/inner", 1), NULL, NULL, &code) &&
	      CFURLWriteDataAndPropertiesToResource(file, data, NULL, &code) &&
	      CFURLWriteDataAndPropertiesToResource(url("more/inner/.deep", 0), data, NULL, &code));
	CHECK(CFURLCreateDataAndPropertiesFromResource(NULL, file, &read, NULL, NULL, &code) && CFEqual(read, data));
	CHECK(CFNumberGetValue(CFURLCreatePropertyFromResource(NULL, file, kCFURLFileLength, &code), 4, &length) &&
	      length == 8);
	CHECK(CFURLCreatePropertyFromResource(NULL, url("none", 0), kCFURLFileExists, &code) == kCFBooleanFalse);
	CHECK(!CFURLCreateDataAndPropertiesFromResource(NULL, url("none", 0), &read, NULL, NULL, &code) && code == -12);
	CFDateRef date = CFDateCreate(NULL, 1000.5), now;
	CHECK(CFURLSetResourcePropertyForKey(file, kCFURLContentModificationDateKey, date, NULL));
	CHECK(CFURLCopyResourcePropertyForKey(file, kCFURLContentModificationDateKey, &now, NULL) && CFEqual(now, date));
	CFErrorRef error = NULL;
	CHECK(!CFURLSetResourcePropertyForKey(url("none", 0), kCFURLIsExcludedFromBackupKey, kCFBooleanTrue, &error) &&
	      error);
	int files = 0, deepest = 0;
	CFURLEnumeratorRef walk = CFURLEnumeratorCreateForDirectoryURL(NULL, url("more", 1), 1, NULL);
	while (CFURLEnumeratorGetNextURL(walk, &found, NULL) == 1) {
		int level = (int)CFURLEnumeratorGetDescendentLevel(walk);
		deepest = level > deepest ? level : deepest;
		files++;
	}
	CHECK(files == 3 && deepest == 2);
	walk = CFURLEnumeratorCreateForDirectoryURL(NULL, url("more", 1), 1, NULL);
	for (files = 0; CFURLEnumeratorGetNextURL(walk, &found, NULL) == 1; files++)
		CFURLEnumeratorSkipDescendents(walk);
	CHECK(files == 2);
	walk = CFURLEnumeratorCreateForDirectoryURL(NULL, url("more", 1), 1 | 2, NULL); // but hidden ones
	for (files = 0; CFURLEnumeratorGetNextURL(walk, &found, NULL) == 1; files++)
		;
	CHECK(files == 2);
	CHECK(!CFURLDestroyResource(url("more", 1), &code));
	CHECK(CFURLDestroyResource(url("more/inner/.deep", 0), &code) && CFURLDestroyResource(url("more/inner", 1), &code));
	CHECK(CFURLDestroyResource(file, &code) && CFURLDestroyResource(url("more", 1), &code));
}

static void check_lists(void)
{
	CFReadStreamRef from;
	CFWriteStreamRef to;
	CFIndex format;
	CFStreamCreateBoundPair(NULL, &from, &to, 4096);
	CHECK(CFReadStreamOpen(from) && CFWriteStreamOpen(to));
	const void *values[] = {CFSTR("x"), kCFBooleanTrue};
	CFArrayRef list = CFArrayCreate(NULL, values, 2, &kCFTypeArrayCallBacks);
	CFIndex size = CFPropertyListWrite(list, to, kCFPropertyListBinaryFormat_v1_0, 0, NULL);
	CHECK(size > 40);
	CHECK(CFPropertyListWrite(list, to, kCFPropertyListXMLFormat_v1_0, 0, NULL) > 100);
	CFWriteStreamClose(to);
	CFPropertyListRef first = CFPropertyListCreateWithStream(NULL, from, size, 0, &format, NULL);
	CHECK(first && CFEqual(first, list) && format == kCFPropertyListBinaryFormat_v1_0);
	CFPropertyListRef second = CFPropertyListCreateWithStream(NULL, from, 0, 0, &format, NULL);
	CHECK(second && CFEqual(second, list) && format == kCFPropertyListXMLFormat_v1_0);
	CFErrorRef error = NULL;
	CHECK(!CFPropertyListCreateWithStream(NULL, from, 0, 0, &format, &error) && error); // nothing is left
}

static void check_times(void)
{
	CFGregorianDate new = {2027, 1, 2, 0, 0, 0}, from = {2024, 1, 31, 12, 0, 0}, to = {2025, 3, 1, 11, 30, 15};
	CHECK(CFAbsoluteTimeGetWeekOfYear(CFGregorianDateGetAbsoluteTime(new, NULL), NULL) == 53);
	CFAbsoluteTime begin = CFGregorianDateGetAbsoluteTime(from, NULL), end = CFGregorianDateGetAbsoluteTime(to, NULL);
	CFGregorianUnits units = CFAbsoluteTimeGetDifferenceAsGregorianUnits(end, begin, NULL, 63);
	CHECK(units.years == 1 && units.months == 1 && units.days == 0 && units.hours == 23 && units.minutes == 30 &&
	      units.seconds == 15);
	units = CFAbsoluteTimeGetDifferenceAsGregorianUnits(begin, end, NULL, 4 | 8);
	CHECK(units.days == -394 && units.hours == -23 && units.years == 0);
}

static void check_bundles(void)
{
	const void *wanted[] = {CFSTR("fr"), CFSTR("de-AT")};
	mkdir("B.bundle", 0755);
	mkdir("B.bundle/Resources", 0755);
	mkdir("B.bundle/Resources/de.lproj", 0755);
	mkdir("B.bundle/Resources/Base.lproj", 0755);
	CFURLWriteDataAndPropertiesToResource(url("B.bundle/Resources/words.txt", 0), CFDataCreate(NULL, NULL, 0), NULL,
					      NULL);
	CFDataRef table = CFDataCreate(NULL, (const UInt8 *)"\"Yes\" = \"Ja\"; // a pair", 24);
	CHECK(CFURLWriteDataAndPropertiesToResource(url("B.bundle/Resources/de.lproj/Localizable.strings", 0), table, NULL,
						    NULL));
	CFBundleRef bundle = CFBundleCreate(NULL, url("B.bundle", 1));
	CFArrayRef there = CFBundleCopyBundleLocalizations(bundle);
	CHECK(CFArrayGetCount(there) == 1 && is(CFArrayGetValueAtIndex(there, 0), "de"));
	CFArrayRef best = CFBundleCopyLocalizationsForPreferences(
		there, CFArrayCreate(NULL, wanted, 2, &kCFTypeArrayCallBacks));
	CHECK(CFArrayGetCount(best) == 1 && is(CFArrayGetValueAtIndex(best, 0), "de"));
	CHECK(is(CFBundleCopyLocalizedString(bundle, CFSTR("Yes"), NULL, NULL), "Ja") &&
	      is(CFBundleCopyLocalizedString(bundle, CFSTR("No"), CFSTR("No!"), NULL), "No!") &&
	      is(CFBundleCopyLocalizedString(bundle, CFSTR("Yes"), CFSTR(""), CFSTR("Other")), "Yes"));
	CFArrayRef files = CFBundleCopyResourceURLsOfType(bundle, CFSTR("txt"), NULL);
	CHECK(CFArrayGetCount(files) == 1 && is(CFURLCopyLastPathComponent(CFArrayGetValueAtIndex(files, 0)), "words.txt"));
}

int main(void)
{
	check_collections();
	check_trees();
	check_bits();
	check_text();
	check_files();
	check_lists();
	check_times();
	check_bundles();
	puts("more is fine");
	return 0;
}
