// SPDX-License-Identifier: MIT
// CoreFoundation: strings, collections, URLs, time, bundles, preferences, run loops, as programs use them.
#include "check.h"

#include <CoreFoundation/CoreFoundation.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

struct dispatch_queue_s;
extern struct dispatch_queue_s _dispatch_main_q;
void dispatch_async_f(struct dispatch_queue_s *, void *, void (*)(void *));

static int is(CFStringRef string, const char *text)
{
	char got[512];
	if (!string || !CFStringGetCString(string, got, sizeof(got), kCFStringEncodingUTF8))
		return 0;
	if (strcmp(got, text) != 0)
		fprintf(stderr, "got %s, wanted %s\n", got, text);
	return strcmp(got, text) == 0;
}

static void check_strings(void)
{
	UInt8 bytes[8];
	CFIndex used;
	CFStringRef number =
		CFStringCreateWithFormat(NULL, NULL, CFSTR("%@ %d%% %s"), CFSTR("\u00e9t\u00e9"), 50, "done");
	CFMutableStringRef text = CFStringCreateMutable(NULL, 0);
	CHECK(is(number, "\xc3\xa9t\xc3\xa9 50% done"));
	CFStringAppend(text, CFSTR("a,b,,c"));
	CFArrayRef parts = CFStringCreateArrayBySeparatingStrings(NULL, text, CFSTR(","));
	CHECK(CFArrayGetCount(parts) == 4 && is(CFArrayGetValueAtIndex(parts, 3), "c") &&
	      is(CFArrayGetValueAtIndex(parts, 2), ""));
	CHECK(is(CFStringCreateByCombiningStrings(NULL, parts, CFSTR("--")), "a--b----c"));
	CHECK(CFStringFindAndReplace(text, CFSTR(","), CFSTR("::"), CFRangeMake(0, 6), 0) == 3 &&
	      is(text, "a::b::::c"));
	CFStringUppercase(text, NULL);
	CFStringAppendFormat(text, NULL, CFSTR(" %05.1f %@"), 2.25, kCFBooleanTrue);
	CHECK(is(text, "A::B::::C 002.2 1"));
	CHECK(CFStringHasPrefix(text, CFSTR("A:")) && CFStringHasSuffix(text, CFSTR(" 1")) &&
	      !CFStringHasPrefix(text, CFSTR("B")));
	CHECK(CFStringCompare(CFSTR("file10"), CFSTR("File9"), kCFCompareCaseInsensitive | kCFCompareNumerically) == 1);
	CFRange found =
		CFStringFind(CFSTR("one two one"), CFSTR("ONE"), kCFCompareCaseInsensitive | kCFCompareBackwards);
	CHECK(found.location == 8 && found.length == 3 && CFStringFind(text, CFSTR("nothing"), 0).location == -1);
	CHECK(strcmp(CFStringGetCStringPtr(CFSTR("plain"), kCFStringEncodingUTF8), "plain") == 0);
	CFStringRef roman = CFStringCreateWithBytes(NULL, (const UInt8 *)"caf\x8e", 4, kCFStringEncodingMacRoman, 0);
	CHECK(is(roman, "caf\xc3\xa9") &&
	      is(CFStringConvertEncodingToIANACharSetName(kCFStringEncodingMacRoman), "macintosh"));
	CHECK(CFStringGetBytes(roman, CFRangeMake(0, 4), kCFStringEncodingWindowsLatin1, 0, 0, bytes, 8, &used) == 4 &&
	      used == 4 && bytes[3] == 0xe9);
	CHECK(CFStringGetBytes(roman, CFRangeMake(0, 4), kCFStringEncodingASCII, '?', 0, bytes, 8, &used) == 4 &&
	      bytes[3] == '?');
	CHECK(CFHash(CFSTR("same")) == CFHash(CFStringCreateWithCString(NULL, "same", kCFStringEncodingASCII)));
}

static CFIndex compare_numbers(const void *left, const void *right, void *context)
{
	return CFNumberCompare(left, right, context);
}

static int live; // values that own callbacks hold

static const void *count_retain(CFAllocatorRef allocator, const void *value)
{
	live++;
	return value;
}

static void count_release(CFAllocatorRef allocator, const void *value)
{
	live--;
}

static void add_length(const void *key, const void *value, void *context)
{
	*(CFIndex *)context += CFStringGetLength(key) + CFStringGetLength(value);
}

static void check_collections(void)
{
	CFMutableArrayRef array = CFArrayCreateMutable(NULL, 0, &kCFTypeArrayCallBacks);
	for (int i = 0; i < 100; i++) {
		int value = i * 37 % 100;
		CFNumberRef number = CFNumberCreate(NULL, kCFNumberSInt32Type, &value);
		CFArrayAppendValue(array, number);
		CFRelease(number);
	}
	CFArraySortValues(array, CFRangeMake(0, 100), compare_numbers, NULL);
	int wanted = 42, got;
	CFNumberRef number = CFNumberCreate(NULL, kCFNumberSInt32Type, &wanted);
	CHECK(CFArrayBSearchValues(array, CFRangeMake(0, 100), number, compare_numbers, NULL) == 42);
	CHECK(CFNumberGetValue(CFArrayGetValueAtIndex(array, 99), kCFNumberSInt32Type, &got) && got == 99);
	CHECK(CFArrayContainsValue(array, CFRangeMake(0, 100), number) &&
	      !CFArrayContainsValue(array, CFRangeMake(43, 57), number));
	CHECK(CFGetRetainCount(number) == 1);

	const void *keys[] = {CFSTR("one"), CFSTR("two"), CFSTR("three")},
		   *values[] = {CFSTR("1"), CFSTR("2"), CFSTR("3")};
	CFDictionaryRef dictionary = CFDictionaryCreate(NULL, keys, values, 3, &kCFTypeDictionaryKeyCallBacks,
							&kCFTypeDictionaryValueCallBacks);
	CFIndex total = 0;
	CHECK(is(CFDictionaryGetValue(dictionary, CFStringCreateWithCString(NULL, "two", kCFStringEncodingUTF8)), "2"));
	CFDictionaryApplyFunction(dictionary, add_length, &total);
	CHECK(total == 14 && !CFDictionaryGetValue(dictionary, CFSTR("four")));
	CFArrayCallBacks own = {0, count_retain, count_release, NULL, NULL};
	CFArrayRef words = CFArrayCreate(NULL, keys, 3, &own);
	CHECK(live == 3);
	CFRelease(words);
	CHECK(live == 0);
	CFMutableDictionaryRef plain = CFDictionaryCreateMutable(NULL, 0, NULL, NULL); // words
	CFDictionarySetValue(plain, (void *)7, (void *)8);
	CHECK(CFDictionaryGetValue(plain, (void *)7) == (void *)8 && CFDictionaryGetCount(plain) == 1);
	CFDictionaryRemoveValue(plain, (void *)7);
	CHECK(CFDictionaryGetCount(plain) == 0);
	CFMutableSetRef set = CFSetCreateMutable(NULL, 0, &kCFTypeSetCallBacks);
	CFSetAddValue(set, CFSTR("x"));
	CFSetAddValue(set, CFStringCreateWithCString(NULL, "x", kCFStringEncodingUTF8));
	CHECK(CFSetGetCount(set) == 1 && CFSetContainsValue(set, CFSTR("x")) && !CFSetContainsValue(set, CFSTR("y")));
}

static int freed;

static void note_free(void *memory, void *info)
{
	freed += *(int *)info;
}

static void check_values(void)
{
	double real = 2.5;
	signed char small;
	long wide = 1L << 40;
	int weight = 5;
	CFNumberRef number = CFNumberCreate(NULL, kCFNumberFloat64Type, &real),
		    large = CFNumberCreate(NULL, kCFNumberSInt64Type, &wide);
	CHECK(!CFNumberGetValue(number, kCFNumberSInt64Type, &wide) && wide == 2 &&
	      !CFNumberGetValue(large, kCFNumberSInt8Type, &small));
	CFAllocatorContext context = {.info = &weight, .deallocate = note_free};
	CFAllocatorRef allocator = CFAllocatorCreate(NULL, &context);
	CFDataRef data = CFDataCreateWithBytesNoCopy(NULL, (const UInt8 *)"abc", 3, allocator);
	CHECK(CFDataGetLength(data) == 3 && memcmp(CFDataGetBytePtr(data), "abc", 3) == 0 && freed == 0);
	CFRelease(data);
	CHECK(freed == 5);
	CFUUIDRef uuid = CFUUIDCreateFromString(NULL, CFSTR("68753A44-4D6F-1226-9C60-0050E4C00067"));
	CHECK(is(CFUUIDCreateString(NULL, uuid), "68753A44-4D6F-1226-9C60-0050E4C00067") &&
	      !CFUUIDCreateFromString(NULL, CFSTR("68753A44")));
	CHECK(!CFEqual(CFUUIDCreate(NULL), CFUUIDCreate(NULL)));
	CFErrorRef error = CFErrorCreate(NULL, kCFErrorDomainPOSIX, 2, NULL);
	CHECK(CFErrorGetCode(error) == 2 &&
	      is(CFErrorCopyDescription(error),
		 "The operation couldn\xe2\x80\x99t be completed. No such file or directory"));
	CHECK(CFGetTypeID(CFSTR("x")) == CFStringGetTypeID() && CFGetTypeID(number) != CFStringGetTypeID());
}

static void check_urls(void)
{
	CFURLRef base = CFURLCreateWithString(NULL, CFSTR("https://example.com/a/b?x=1%202"), NULL),
		 reference = CFURLCreateWithString(NULL, CFSTR("../c%20d.txt"), base);
	CHECK(is(CFURLCopyHostName(base), "example.com") && is(CFURLCopyPath(base), "/a/b"));
	CHECK(is(CFURLCopyQueryString(base, NULL), "x=1%202") && is(CFURLCopyQueryString(base, CFSTR("")), "x=1 2"));
	CHECK(is(CFURLGetString(reference), "../c%20d.txt") &&
	      is(CFURLGetString(CFURLCopyAbsoluteURL(reference)), "https://example.com/c%20d.txt"));
	CHECK(is(CFURLCopyPathExtension(reference), "txt") && !CFURLCreateWithString(NULL, CFSTR("not a url"), NULL));
	CFURLRef file = CFURLCreateWithFileSystemPath(NULL, CFSTR("/tmp/a b/"), 0, 1);
	CHECK(is(CFURLGetString(file), "file:///tmp/a%20b/") && is(CFURLCopyFileSystemPath(file, 0), "/tmp/a b"));
	CFURLRef inside = CFURLCreateCopyAppendingPathComponent(NULL, file, CFSTR("c#d"), 0);
	CHECK(is(CFURLGetString(inside), "file:///tmp/a%20b/c%23d") &&
	      is(CFURLCopyFileSystemPath(inside, 0), "/tmp/a b/c#d"));
	CHECK(is(CFURLGetString(CFURLCreateCopyDeletingLastPathComponent(NULL, inside)), "file:///tmp/a%20b/"));
	CFTypeRef value = NULL;
	CHECK(CFURLCopyResourcePropertyForKey(CFURLCreateWithFileSystemPath(NULL, CFSTR("/tmp"), 0, 1),
					      kCFURLIsDirectoryKey, &value, NULL) &&
	      value == kCFBooleanTrue);
	long size = 0;
	CHECK(CFURLCopyResourcePropertyForKey(CFURLCreateWithFileSystemPath(NULL, CFSTR("/tmp"), 0, 1),
					      kCFURLVolumeTotalCapacityKey, &value, NULL) &&
	      CFNumberGetValue(value, kCFNumberSInt64Type, &size) && size > 1 << 20);
	CHECK(CFURLCopyResourcePropertyForKey(CFURLCreateWithFileSystemPath(NULL, CFSTR("/proc"), 0, 1),
					      kCFURLVolumeNameKey, &value, NULL) &&
	      is(value, "proc"));
}

static void check_time(void)
{
	CFTimeZoneRef berlin = CFTimeZoneCreateWithName(NULL, CFSTR("Europe/Berlin"), 1);
	CFGregorianDate summer = {2024, 7, 1, 12, 0, 0};
	CFAbsoluteTime time = CFGregorianDateGetAbsoluteTime(summer, berlin);
	CHECK(berlin && time == 741520800 - 0.0 && CFTimeZoneGetSecondsFromGMT(berlin, time) == 7200);
	CHECK(is(CFTimeZoneCopyAbbreviation(berlin, time), "CEST") &&
	      CFTimeZoneGetSecondsFromGMT(berlin, time - 180 * 86400) == 3600);
	CFGregorianDate back = CFAbsoluteTimeGetGregorianDate(time, berlin);
	CHECK(back.year == 2024 && back.month == 7 && back.day == 1 && back.hour == 12 && back.minute == 0 &&
	      back.second == 0);
	CHECK(!CFTimeZoneCreateWithName(NULL, CFSTR("../etc/passwd"), 1));
	CHECK(is(CFTimeZoneGetName(CFTimeZoneCopySystem()), "America/New_York")); // TZ, which the script sets
}

static void check_preferences(void)
{
	CFStringRef own = kCFPreferencesCurrentApplication;
	Boolean there;
	int seven = 7;
	CHECK(CFPreferencesGetAppIntegerValue(CFSTR("from-outside"), own, &there) == 12 && there);
	CHECK(!CFPreferencesCopyAppValue(CFSTR("nothing"), own));
	CFPreferencesSetAppValue(CFSTR("mine"), CFNumberCreate(NULL, kCFNumberSInt32Type, &seven), own);
	CHECK(CFPreferencesAppSynchronize(own) && CFPreferencesGetAppIntegerValue(CFSTR("mine"), own, &there) == 7);
	CHECK(CFStringHasSuffix(CFURLCopyFileSystemPath(CFBundleCopyExecutableURL(CFBundleGetMainBundle()), 0),
				CFSTR("/foundation")));
	CHECK(!CFBundleGetIdentifier(CFBundleGetMainBundle()));
}

// ---- run loops ------------------------------------------------------------------------------------------------------

static int performed, fired, seen;
static CFRunLoopRef loop;

static void perform(void *info)
{
	performed += *(int *)info;
}

static void fire(CFRunLoopTimerRef timer, void *info)
{
	if (++fired == 3)
		CFRunLoopStop(CFRunLoopGetCurrent());
}

static void observe(CFRunLoopObserverRef observer, CFOptionFlags activity, void *info)
{
	seen |= (int)activity;
}

static void *signal_source(void *source)
{
	CFRunLoopSourceSignal(source);
	CFRunLoopWakeUp(loop);
	return NULL;
}

static int queued;

static void from_main_queue(void *context)
{
	queued++;
	CFRunLoopStop(context);
}

static void count_perform(void *info)
{
	++*(long *)info;
}

// The loop of another thread ends when nothing is in it any more: at once, and after its source is gone.
static void *run_other_loop(void *unused)
{
	long count = 0;
	CFRunLoopRun();
	CFRunLoopSourceContext context = {.info = &count, .perform = count_perform};
	CFRunLoopSourceRef source = CFRunLoopSourceCreate(NULL, 0, &context);
	CFRunLoopAddSource(CFRunLoopGetCurrent(), source, kCFRunLoopDefaultMode);
	for (int i = 0; i < 2; i++) {
		CFRunLoopSourceSignal(source);
		CHECK(CFRunLoopRunInMode(kCFRunLoopDefaultMode, 10, 1) == 4);
	}
	CFRunLoopSourceInvalidate(source);
	CFRunLoopRun();
	return (void *)count;
}

static void check_run_loops(void)
{
	int weight = 3;
	void *ended;
	pthread_t thread;
	loop = CFRunLoopGetCurrent();
	CHECK(loop == CFRunLoopGetMain() && CFRunLoopRunInMode(CFSTR("empty"), 10, 0) == 1); // nothing is in it
	CHECK(CFRunLoopRunInMode(kCFRunLoopDefaultMode, 0.01, 0) == 3); // but dispatch's main queue in this
	dispatch_async_f(&_dispatch_main_q, loop, from_main_queue);
	CFRunLoopRun();
	CHECK(queued == 1);
	CFRunLoopSourceContext context = {.info = &weight, .perform = perform};
	CFRunLoopSourceRef source = CFRunLoopSourceCreate(NULL, 0, &context);
	CFRunLoopAddSource(loop, source, kCFRunLoopCommonModes);
	CFRunLoopAddObserver(loop, CFRunLoopObserverCreate(NULL, 0xff, 1, 0, observe, NULL), kCFRunLoopDefaultMode);
	CHECK(pthread_create(&thread, NULL, signal_source, source) == 0);
	CHECK(CFRunLoopRunInMode(kCFRunLoopDefaultMode, 10, 1) == 4 && performed == 3); // handled a source
	pthread_join(thread, NULL);
	CHECK((seen & (1 | 2 | 4 | 128)) == (1 | 2 | 4 | 128));
	CHECK(CFRunLoopRunInMode(kCFRunLoopDefaultMode, 0.01, 0) == 3 && performed == 3); // timed out
	CFRunLoopTimerRef timer = CFRunLoopTimerCreate(NULL, CFAbsoluteTimeGetCurrent() + 0.01, 0.01, 0, 0, fire, NULL);
	CFRunLoopAddTimer(loop, timer, kCFRunLoopDefaultMode);
	CHECK(CFRunLoopRunInMode(CFSTR("another mode"), 10, 0) == 1 && fired == 0);
	CFRunLoopRun();
	CHECK(fired == 3);
	CFRunLoopTimerInvalidate(timer);
	CHECK(pthread_create(&thread, NULL, run_other_loop, NULL) == 0 && pthread_join(thread, &ended) == 0 &&
	      ended == (void *)2);
	CFRunLoopSourceInvalidate(source);
	CHECK(CFRunLoopRunInMode(CFSTR("empty"), 10, 0) == 1);
}

int main(void)
{
	check_strings();
	check_collections();
	check_values();
	check_urls();
	check_time();
	check_preferences();
	check_run_loops();
	puts("foundation is fine");
	return 0;
}
