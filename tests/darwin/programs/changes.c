// SPDX-License-Identifier: MIT
// SystemConfiguration and IOKit when something changes. `changes network SECONDS`, `devices SECONDS`, `fake 0`, `preferences FILE`: each line is something that
// tests/darwin/foundation2.sh waits for.
#include "check.h"

#include <SystemConfiguration/SystemConfiguration.h>
#include <IOKit/IOKitLib.h>
#include <string.h>

static int had_link; // the interface d0 was there
static double until;

static void say(const char *text)
{
	puts(text);
	fflush(stdout);
}

static void store_called(SCDynamicStoreRef store, CFArrayRef keys, void *info)
{
	char line[2048] = "changed", key[256];
	size_t at = strlen(line);
	CHECK(strcmp(info, "store") == 0);
	for (CFIndex i = 0; i < CFArrayGetCount(keys) && at < sizeof(line) - 300; i++) {
		CHECK(CFStringGetCString(CFArrayGetValueAtIndex(keys, i), key, sizeof(key), kCFStringEncodingUTF8));
		at += (size_t)snprintf(line + at, sizeof(line) - at, " %s", key);
	}
	say(line);
	CFTypeRef link = SCDynamicStoreCopyValue(store, CFSTR("State:/Network/Interface/d0/Link"));
	if (had_link && !link) {
		say("gone");
		CFRunLoopStop(CFRunLoopGetCurrent());
	}
	had_link = link != NULL;
}

static void reach_called(SCNetworkReachabilityRef target, unsigned flags, void *info)
{
	char line[64];
	snprintf(line, sizeof(line), "%s %x", (const char *)info, flags);
	say(line);
}

static void reach(const unsigned char bytes[4], char *name)
{
	unsigned char address[16] = {16, 2, 0, 0, bytes[0], bytes[1], bytes[2], bytes[3]};
	CFRunLoopTimerContext context = {0, name, NULL, NULL, NULL};
	SCNetworkReachabilityRef target = SCNetworkReachabilityCreateWithAddress(NULL, address);
	CHECK(SCNetworkReachabilitySetCallback(target, reach_called, &context));
	CHECK(SCNetworkReachabilityScheduleWithRunLoop(target, CFRunLoopGetCurrent(), kCFRunLoopDefaultMode));
	CFRelease(target); // the run loop keeps it
}

static int network(void)
{
	CFRunLoopTimerContext context = {0, "store", NULL, NULL, NULL};
	const void *pattern = CFSTR("State:/Network/Interface/.*");
	SCDynamicStoreRef store = SCDynamicStoreCreate(NULL, CFSTR("test"), store_called, &context);
	CHECK(SCDynamicStoreSetNotificationKeys(store, NULL, CFArrayCreate(NULL, &pattern, 1, &kCFTypeArrayCallBacks)));
	CFRunLoopSourceRef source = SCDynamicStoreCreateRunLoopSource(NULL, store, 0);
	CFRunLoopAddSource(CFRunLoopGetCurrent(), source, kCFRunLoopDefaultMode);
	CFRelease(source);
	CHECK(!SCDynamicStoreSetValue(store, CFSTR("State:/Network/Interface/d0/Link"), kCFBooleanTrue) &&
	      SCError() == 1003);
	CFRelease(store); // its source keeps it
	reach((const unsigned char[]){0, 0, 0, 0}, "any");
	reach((const unsigned char[]){10, 9, 8, 7}, "address");
	say("ready");
	CFRunLoopRunInMode(kCFRunLoopDefaultMode, until, 0);
	return 0;
}

static int preferences(const char *path)
{
	CFStringRef name = CFStringCreateWithCString(NULL, path, kCFStringEncodingUTF8);
	SCPreferencesRef own = SCPreferencesCreate(NULL, CFSTR("test"), name),
			 other = SCPreferencesCreate(NULL, CFSTR("test"), name);
	const void *c = CFSTR("c"), *b = CFSTR("b"), *deep = CFSTR("deep");
	const void *inner = CFDictionaryCreate(NULL, &c, &deep, 1, &kCFTypeDictionaryKeyCallBacks,
					       &kCFTypeDictionaryValueCallBacks);
	CFDictionaryRef outer = CFDictionaryCreate(NULL, &b, &inner, 1, &kCFTypeDictionaryKeyCallBacks,
						   &kCFTypeDictionaryValueCallBacks);
	CHECK(!SCPreferencesGetValue(own, CFSTR("mine")) && SCError() == 1004);
	CHECK(SCPreferencesLock(own, 1) && !SCPreferencesLock(other, 0) && SCError() == 3001); // busy
	CHECK(SCPreferencesSetValue(own, CFSTR("mine"), CFSTR("value")) &&
	      !SCPreferencesAddValue(own, CFSTR("mine"), CFSTR("again")) && SCError() == 1005);
	CHECK(SCPreferencesCommitChanges(own) && SCPreferencesUnlock(own));
	CHECK(!SCPreferencesLock(other, 0) && SCError() == 3003); // stale
	SCPreferencesSynchronize(other);
	CHECK(CFEqual(SCPreferencesGetValue(other, CFSTR("mine")), CFSTR("value")));
	CHECK(SCPreferencesSetValue(other, CFSTR("mine"), CFSTR("other")) &&
	      SCPreferencesSetValue(other, CFSTR("a"), outer) && SCPreferencesCommitChanges(other));
	CHECK(CFEqual(SCPreferencesPathGetValue(other, CFSTR("/a/b")), inner) &&
	      !SCPreferencesPathGetValue(other, CFSTR("/a/x")));
	CFArrayRef services = SCNetworkServiceCopyAll(other), interfaces = SCNetworkInterfaceCopyAll();
	CHECK(CFArrayGetCount(services) == CFArrayGetCount(interfaces));
	puts("preferences are fine");
	return 0;
}

// ---- IOKit ----------------------------------------------------------------------------------------------------------

static IONotificationPortRef port;

static void drain(const char *what, io_object_t iterator)
{
	char name[128], line[160];
	for (io_object_t object; (object = IOIteratorNext(iterator)); IOObjectRelease(object)) {
		CHECK(IORegistryEntryGetName(object, name) == 0);
		snprintf(line, sizeof(line), "%s %s", what, name);
		say(line);
	}
}

static void interest_called(void *context, io_object_t service, unsigned message, void *argument)
{
	char line[64];
	snprintf(line, sizeof(line), "message %x", message);
	say(line);
	CFRunLoopStop(CFRunLoopGetCurrent());
}

static void came(void *context, io_object_t iterator)
{
	char name[128];
	io_object_t interest;
	for (io_object_t object; (object = IOIteratorNext(iterator)); IOObjectRelease(object)) {
		CHECK(IORegistryEntryGetName(object, name) == 0);
		if (strcmp(name, "d2") != 0)
			continue;
		CHECK(IOServiceAddInterestNotification(port, object, "IOGeneralInterest", interest_called, NULL,
						       &interest) == 0);
		say("new d2");
	}
}

static void went(void *context, io_object_t iterator)
{
	drain(context, iterator);
}

static int devices(void)
{
	io_object_t new, gone;
	port = IONotificationPortCreate(kIOMainPortDefault);
	CFRunLoopAddSource(CFRunLoopGetCurrent(), IONotificationPortGetRunLoopSource(port), kCFRunLoopDefaultMode);
	CHECK(IOServiceAddMatchingNotification(port, "IOServiceFirstMatch", IOServiceMatching("IOEthernetInterface"),
					       came, NULL, &new) == 0);
	drain("there", new);
	CHECK(IOServiceAddMatchingNotification(port, "IOServiceTerminate", IOServiceMatching("IONetworkInterface"),
					       went, "gone", &gone) == 0);
	CHECK(!IOIteratorNext(gone));
	CHECK(IOServiceAddMatchingNotification(port, "nothing", IOServiceMatching("IOService"), came, NULL, &new) != 0);
	say("ready");
	CFRunLoopRunInMode(kCFRunLoopDefaultMode, until, 0);
	IOObjectRelease(gone);
	IONotificationPortDestroy(port);
	return 0;
}

static void show(io_object_t object, const char *key)
{
	CFTypeRef value = IORegistryEntryCreateCFProperty(
		object, CFStringCreateWithCString(NULL, key, kCFStringEncodingUTF8), NULL, 0);
	char text[256] = "(none)";
	if (value)
		CFStringGetCString(CFStringCreateWithFormat(NULL, NULL, CFSTR("%@"), value), text, sizeof(text),
				   kCFStringEncodingUTF8);
	printf(" %s", text);
}

static void list(CFDictionaryRef wanted, const char *const *keys)
{
	io_object_t iterator;
	char class[128];
	CHECK(IOServiceGetMatchingServices(0, wanted, &iterator) == 0);
	for (io_object_t object; (object = IOIteratorNext(iterator)); IOObjectRelease(object)) {
		CHECK(IOObjectGetClass(object, class) == 0);
		fputs(class, stdout);
		for (int i = 0; keys[i]; i++)
			show(object, keys[i]);
		puts("");
	}
	IOObjectRelease(iterator);
}

static int fake(void)
{
	int vendor = 0x1d6b;
	CFMutableDictionaryRef usb = IOServiceMatching("IOUSBDevice"),
			       serial = IOServiceMatching("IOSerialBSDClient");
	CFDictionarySetValue(usb, CFSTR("idVendor"), CFNumberCreate(NULL, kCFNumberSInt32Type, &vendor));
	CFDictionarySetValue(serial, CFSTR("IOSerialBSDClientType"), CFSTR("IOSerialStream"));
	list(serial, (const char *[]){"IOCalloutDevice", "IOTTYBaseName", NULL});
	list(IOServiceMatching("IOMedia"), (const char *[]){"BSD Name", "Size", "Whole", "Writable", NULL});
	list(usb, (const char *[]){"idProduct", "USB Product Name", "locationID", NULL});
	CFTypeRef information = IOPSCopyPowerSourcesInfo();
	CFArrayRef sources = IOPSCopyPowerSourcesList(information);
	for (CFIndex i = 0; i < CFArrayGetCount(sources); i++) {
		static const char *const keys[] = {"Name", "Current Capacity", "Is Charging", "Time to Empty"};
		CFDictionaryRef entry = IOPSGetPowerSourceDescription(information, CFArrayGetValueAtIndex(sources, i));
		for (int j = 0; j < 4; j++) {
			char text[64];
			CFTypeRef value = CFDictionaryGetValue(
				entry, CFStringCreateWithCString(NULL, keys[j], kCFStringEncodingUTF8));
			CHECK(value && CFStringGetCString(CFStringCreateWithFormat(NULL, NULL, CFSTR("%@"), value), text,
							  sizeof(text), kCFStringEncodingUTF8));
			printf("%s ", text);
		}
	}
	char type[64];
	CHECK(CFStringGetCString(IOPSGetProvidingPowerSourceType(information), type, 64, kCFStringEncodingUTF8));
	printf("%s %d\n", type, (int)IOPSGetTimeRemainingEstimate());
	return 0;
}

int main(int count, char **words)
{
	CHECK(count == 3);
	until = strtod(words[2], NULL);
	if (strcmp(words[1], "network") == 0)
		return network();
	if (strcmp(words[1], "devices") == 0)
		return devices();
	if (strcmp(words[1], "fake") == 0)
		return fake();
	CHECK(strcmp(words[1], "preferences") == 0);
	return preferences(words[2]);
}
