// SPDX-License-Identifier: MIT
// More of the frameworks: a program inside an application's folder (Info.plist), types of its own, what changes in collections and strings,
// proxies, the version of the system, libraries that are Debian's.
#include "check.h"

#include <CoreFoundation/CoreFoundation.h>
#include <IOKit/IOKitLib.h>
#include <string.h>
#include <sys/stat.h>

static int is(CFStringRef string, const char *text)
{
	char got[512];
	if (!string || !CFStringGetCString(string, got, sizeof(got), kCFStringEncodingUTF8))
		return 0;
	if (strcmp(got, text) != 0)
		fprintf(stderr, "got %s, wanted %s\n", got, text);
	return strcmp(got, text) == 0;
}

CFURLRef CFBundleCopyResourceURL(CFBundleRef, CFStringRef, CFStringRef, CFStringRef);
CFTypeRef CFBundleGetValueForInfoDictionaryKey(CFBundleRef, CFStringRef);
CFBundleRef CFBundleGetBundleWithIdentifier(CFStringRef);
unsigned CFBundleGetVersionNumber(CFBundleRef);
void *CFBundleGetFunctionPointerForName(CFBundleRef, CFStringRef);

static void check_bundle(void)
{
	CFBundleRef bundle = CFBundleGetMainBundle();
	CHECK(is(CFBundleGetIdentifier(bundle), "org.example.test") &&
	      CFBundleGetBundleWithIdentifier(CFSTR("org.example.test")) == bundle);
	CHECK(!CFBundleGetBundleWithIdentifier(CFSTR("org.example.other")));
	CHECK(is(CFBundleGetValueForInfoDictionaryKey(bundle, CFSTR("CFBundleExecutable")), "frameworks"));
	CHECK(CFBundleGetVersionNumber(bundle) == 0x12348000);
	CFStringRef path =
		CFURLCopyFileSystemPath(CFBundleCopyResourceURL(bundle, CFSTR("words"), CFSTR("txt"), NULL), 0);
	CHECK(CFStringHasSuffix(path, CFSTR("/Test.app/Contents/Resources/words.txt")));
	CHECK(!CFBundleCopyResourceURL(bundle, CFSTR("nothing"), CFSTR("txt"), NULL));
	CHECK(CFStringHasSuffix(CFURLCopyFileSystemPath(CFBundleCopyBundleURL(bundle), 0), CFSTR("/Test.app")));
	CHECK(CFBundleGetFunctionPointerForName(bundle, CFSTR("CFRelease")) == (void *)CFRelease);
}

// ---- types of a program ---------------------------------------------------------------------------------------------

struct own {
	void *base[2]; // CFRuntimeBase
	int value;
};
static int ended;

static void own_finalize(CFTypeRef object)
{
	ended += ((const struct own *)object)->value;
}

static Boolean own_equal(CFTypeRef left, CFTypeRef right)
{
	return ((const struct own *)left)->value == ((const struct own *)right)->value;
}

static CFHashCode own_hash(CFTypeRef object)
{
	return (CFHashCode)((const struct own *)object)->value;
}

static CFStringRef own_describe(CFTypeRef object)
{
	return CFStringCreateWithFormat(NULL, NULL, CFSTR("<own %d>"), ((const struct own *)object)->value);
}

static const struct {
	CFIndex version;
	const char *name;
	void (*init)(CFTypeRef);
	CFTypeRef (*copy)(CFAllocatorRef, CFTypeRef);
	void (*finalize)(CFTypeRef);
	Boolean (*equal)(CFTypeRef, CFTypeRef);
	CFHashCode (*hash)(CFTypeRef);
	CFStringRef (*format)(CFTypeRef, CFDictionaryRef);
	CFStringRef (*describe)(CFTypeRef);
} own_class = {.name = "Own", .finalize = own_finalize, .equal = own_equal, .hash = own_hash, .describe = own_describe};

CFTypeID _CFRuntimeRegisterClass(const void *);
CFTypeRef _CFRuntimeCreateInstance(CFAllocatorRef, CFTypeID, CFIndex, unsigned char *);

static void check_own_types(void)
{
	CFTypeID type = _CFRuntimeRegisterClass(&own_class);
	struct own *one = (struct own *)_CFRuntimeCreateInstance(NULL, type, sizeof(int), NULL),
		   *two = (struct own *)_CFRuntimeCreateInstance(NULL, type, sizeof(int), NULL);
	one->value = two->value = 7;
	CHECK(CFGetTypeID(one) == type && CFEqual(one, two) && is(CFCopyDescription(one), "<own 7>"));
	CFMutableSetRef set = CFSetCreateMutable(NULL, 0, &kCFTypeSetCallBacks);
	CFSetAddValue(set, one);
	CHECK(CFSetContainsValue(set, two) && CFGetRetainCount(one) == 2);
	CFRelease(one);
	CHECK(ended == 0);
	CFRelease(set);
	CHECK(ended == 7);
}

// ---- changes --------------------------------------------------------------------------------------------------------

void CFArrayReplaceValues(CFMutableArrayRef, CFRange, const void **, CFIndex);
void CFArrayExchangeValuesAtIndices(CFMutableArrayRef, CFIndex, CFIndex);
void CFArraySetValueAtIndex(CFMutableArrayRef, CFIndex, const void *);
void CFArrayRemoveValueAtIndex(CFMutableArrayRef, CFIndex);
CFIndex CFArrayGetLastIndexOfValue(CFArrayRef, CFRange, const void *);
CFDictionaryRef CFDictionaryCreateCopy(CFAllocatorRef, CFDictionaryRef);
void CFDictionaryAddValue(CFMutableDictionaryRef, const void *, const void *);
void CFDictionaryReplaceValue(CFMutableDictionaryRef, const void *, const void *);
CFRange CFDataFind(CFDataRef, CFDataRef, CFRange, CFOptionFlags);
void CFDataReplaceBytes(CFMutableDataRef, CFRange, const UInt8 *, CFIndex);
void CFStringTrim(CFMutableStringRef, CFStringRef);
void CFStringPad(CFMutableStringRef, CFStringRef, CFIndex, CFIndex);
void CFStringCapitalize(CFMutableStringRef, CFLocaleRef);
void CFStringInsert(CFMutableStringRef, CFIndex, CFStringRef);
CFStringRef CFURLCreateStringByAddingPercentEscapes(CFAllocatorRef, CFStringRef, CFStringRef, CFStringRef,
						    CFStringEncoding);
CFStringRef CFURLCreateStringByReplacingPercentEscapes(CFAllocatorRef, CFStringRef, CFStringRef);

static CFStringRef joined(CFArrayRef array)
{
	return CFStringCreateByCombiningStrings(NULL, array, CFSTR(""));
}

static void check_changes(void)
{
	const void *letters[] = {CFSTR("a"), CFSTR("b"), CFSTR("c")};
	CFMutableArrayRef array = CFArrayCreateMutable(NULL, 0, &kCFTypeArrayCallBacks);
	CFArrayReplaceValues(array, CFRangeMake(0, 0), letters, 3);
	CFArrayReplaceValues(array, CFRangeMake(1, 1), letters, 3);
	CHECK(is(joined(array), "aabcc") && CFArrayGetLastIndexOfValue(array, CFRangeMake(0, 5), CFSTR("a")) == 1);
	CFArrayExchangeValuesAtIndices(array, 0, 4);
	CFArraySetValueAtIndex(array, 1, CFSTR("x"));
	CFArrayRemoveValueAtIndex(array, 2);
	CHECK(is(joined(array), "cxca"));
	CFMutableDictionaryRef dictionary =
		CFDictionaryCreateMutable(NULL, 0, &kCFTypeDictionaryKeyCallBacks, &kCFTypeDictionaryValueCallBacks);
	CFDictionaryAddValue(dictionary, letters[0], CFSTR("1"));
	CFDictionaryAddValue(dictionary, letters[0], CFSTR("2"));
	CFDictionaryReplaceValue(dictionary, letters[1], CFSTR("3"));
	CFDictionaryRef copy = CFDictionaryCreateCopy(NULL, dictionary);
	CHECK(CFEqual(copy, dictionary) && CFHash(copy) == CFHash(dictionary) && CFDictionaryGetCount(copy) == 1);
	CFDictionaryReplaceValue(dictionary, letters[0], CFSTR("4"));
	CHECK(!CFEqual(copy, dictionary) && is(CFDictionaryGetValue(copy, letters[0]), "1") &&
	      is(CFCopyDescription(dictionary), "{\n    a = 4;\n}"));
	CFMutableDataRef data = CFDataCreateMutable(NULL, 0);
	CFDataAppendBytes(data, (const UInt8 *)"hello world", 11);
	CFDataReplaceBytes(data, CFRangeMake(0, 5), (const UInt8 *)"bye", 3);
	CFRange found = CFDataFind(data, CFDataCreate(NULL, (const UInt8 *)"o", 1), CFRangeMake(0, 9), 1);
	CHECK(CFDataGetLength(data) == 9 && memcmp(CFDataGetBytePtr(data), "bye world", 9) == 0 &&
	      found.location == 5 && found.length == 1);
	CFMutableStringRef text = CFStringCreateMutable(NULL, 0);
	CFStringAppend(text, CFSTR("--the end--"));
	CFStringTrim(text, CFSTR("-"));
	CFStringCapitalize(text, NULL);
	CFStringInsert(text, 3, CFSTR(" very"));
	CFStringPad(text, CFSTR("!?"), 15, 1);
	CHECK(is(text, "The very End?!?"));
	CFStringRef escaped = CFURLCreateStringByAddingPercentEscapes(NULL, CFSTR("a b/\u00e9&"), NULL, CFSTR("&"),
								      kCFStringEncodingUTF8);
	CHECK(is(escaped, "a%20b/%C3%A9%26") &&
	      is(CFURLCreateStringByReplacingPercentEscapes(NULL, escaped, CFSTR("&")), "a b/\xc3\xa9%26"));
}

// ---- the system -----------------------------------------------------------------------------------------------------

CFDictionaryRef CFNetworkCopySystemProxySettings(void);
CFArrayRef CFNetworkCopyProxiesForURL(CFURLRef, CFDictionaryRef);
extern const CFStringRef kCFProxyTypeKey, kCFProxyTypeNone, kCFProxyTypeHTTPS, kCFProxyHostNameKey;
short Gestalt(unsigned, int *);
int IORegistryEntryGetParentEntry(io_object_t, const char *, io_object_t *);
int IORegistryEntryGetName(io_object_t, char *);
CFLocaleRef CFLocaleCopyCurrent(void);
CFStringRef CFLocaleGetIdentifier(CFLocaleRef);
extern const double kCFCoreFoundationVersionNumber;

static void check_system(void) // https_proxy and LANG are the script's
{
	int version;
	char name[128];
	io_object_t parent;
	CFDictionaryRef settings = CFNetworkCopySystemProxySettings();
	CFArrayRef proxies =
		CFNetworkCopyProxiesForURL(CFURLCreateWithString(NULL, CFSTR("https://example.com/"), NULL), settings);
	CFDictionaryRef first = CFArrayGetValueAtIndex(proxies, 0);
	CHECK(CFEqual(CFDictionaryGetValue(first, kCFProxyTypeKey), kCFProxyTypeHTTPS) &&
	      is(CFDictionaryGetValue(first, kCFProxyHostNameKey), "proxy.example"));
	proxies = CFNetworkCopyProxiesForURL(CFURLCreateWithString(NULL, CFSTR("https://inside.example.org/"), NULL),
					     settings);
	CHECK(CFEqual(CFDictionaryGetValue(CFArrayGetValueAtIndex(proxies, 0), kCFProxyTypeKey), kCFProxyTypeNone));
	CHECK(Gestalt('sys1', &version) == 0 && version == 12 && Gestalt('none', &version) == -5551);
	io_object_t computer = IOServiceGetMatchingService(0, IOServiceMatching("IOPlatformExpertDevice"));
	CHECK(IORegistryEntryGetParentEntry(computer, "IOService", &parent) == 0 &&
	      IORegistryEntryGetName(parent, name) == 0 && strcmp(name, "Root") == 0);
	CHECK(is(CFLocaleGetIdentifier(CFLocaleCopyCurrent()), "de_AT") && kCFCoreFoundationVersionNumber > 1800);
}

// ---- libraries that are Debian's ------------------------------------------------------------------------------------

int sqlite3_open(const char *, void **);
int sqlite3_exec(void *, const char *, int (*)(void *, int, char **, char **), void *, char **);
int sqlite3_close(void *);
int BZ2_bzBuffToBuffCompress(char *, unsigned *, const char *, unsigned, int, int, int);
int BZ2_bzBuffToBuffDecompress(char *, unsigned *, const char *, unsigned, int, int);
const char *lzma_version_string(void);
const char *XML_ExpatVersion(void);

static int take_row(void *to, int count, char **values, char **names)
{
	*(long *)to = strtol(values[0], NULL, 10);
	return 0;
}

static void check_libraries(void)
{
	void *database;
	long sum = 0;
	char packed[256], plain[64];
	unsigned size = sizeof(packed), back = sizeof(plain);
	CHECK(sqlite3_open(":memory:", &database) == 0);
	CHECK(sqlite3_exec(database, "create table t(n); insert into t values (40), (2); select sum(n) from t",
			   take_row, &sum, NULL) == 0 &&
	      sum == 42);
	CHECK(sqlite3_close(database) == 0);
	CHECK(BZ2_bzBuffToBuffCompress(packed, &size, "hello hello hello", 17, 1, 0, 0) == 0);
	CHECK(BZ2_bzBuffToBuffDecompress(plain, &back, packed, size, 0, 0) == 0 && back == 17 &&
	      memcmp(plain, "hello hello hello", 17) == 0);
	CHECK(lzma_version_string()[0] == '5' && memcmp(XML_ExpatVersion(), "expat_", 6) == 0);
}

// ---- events of a device's files -------------------------------------------------------------------------------------

typedef void *FSEventStreamRef;
FSEventStreamRef FSEventStreamCreateRelativeToDevice(CFAllocatorRef,
						     void (*)(FSEventStreamRef, void *, size_t, char **,
							      const unsigned *, const unsigned long *),
						     void *, int, CFArrayRef, unsigned long, double, unsigned);
void FSEventStreamScheduleWithRunLoop(FSEventStreamRef, CFRunLoopRef, CFStringRef);
unsigned char FSEventStreamStart(FSEventStreamRef);
void FSEventStreamStop(FSEventStreamRef);
void FSEventStreamInvalidate(FSEventStreamRef);
char *getcwd(char *, size_t);

static int events;

static void on_events(FSEventStreamRef stream, void *info, size_t count, char **paths, const unsigned *flags,
		      const unsigned long *ids)
{
	for (size_t i = 0; i < count; i++)
		events += strstr(paths[i], "/new") != NULL;
	CFRunLoopStop(CFRunLoopGetCurrent());
}

// How much of the path is the place where its file system is mounted.
static size_t mount_length(const char *path)
{
	char part[1024];
	struct stat mine, above;
	size_t length = strlen(path);
	CHECK(stat(path, &mine) == 0);
	for (size_t i = length; i-- > 0;) {
		if (path[i] != '/')
			continue;
		snprintf(part, sizeof(part), "%.*s/", (int)i, path);
		if (stat(part, &above) != 0 || above.st_dev != mine.st_dev)
			break;
		length = i;
	}
	return length;
}

static void check_events(void)
{
	char path[1024];
	struct stat status;
	CHECK(getcwd(path, sizeof(path)) && stat(path, &status) == 0);
	const void *names[] = {CFStringCreateWithCString(NULL, path + mount_length(path) + 1, kCFStringEncodingUTF8)};
	FSEventStreamRef stream = FSEventStreamCreateRelativeToDevice(
		NULL, on_events, NULL, status.st_dev, CFArrayCreate(NULL, names, 1, &kCFTypeArrayCallBacks), -1ul, 0,
		0x10);
	CHECK(stream);
	FSEventStreamScheduleWithRunLoop(stream, CFRunLoopGetCurrent(), kCFRunLoopDefaultMode);
	CHECK(FSEventStreamStart(stream));
	fclose(fopen("new", "w"));
	CHECK(CFRunLoopRunInMode(kCFRunLoopDefaultMode, 10, 0) == 2 && events > 0);
	FSEventStreamStop(stream);
	FSEventStreamInvalidate(stream);
	CHECK(!FSEventStreamCreateRelativeToDevice(NULL, on_events, NULL, 0x7f123456,
						   CFArrayCreate(NULL, names, 1, &kCFTypeArrayCallBacks), -1ul, 0, 0));
}

int main(void)
{
	check_events();
	check_bundle();
	check_own_types();
	check_changes();
	check_system();
	check_libraries();
	puts("frameworks are fine");
	return 0;
}
