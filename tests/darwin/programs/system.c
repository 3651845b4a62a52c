// SPDX-License-Identifier: MIT
// What programs ask the system: prints it, a line each, for the script to compare with what Linux' tools say. system WORD.
#include "check.h"

#include <CommonCrypto/CommonCrypto.h>
#include <IOKit/IOKitLib.h>
#include <Security/Security.h>
#include <SystemConfiguration/SystemConfiguration.h>
#include <string.h>

static void show(const char *name, CFTypeRef object)
{
	char text[2048] = "(none)";
	CFStringRef string = object && CFGetTypeID(object) == CFStringGetTypeID() ? object
			     : object						  ? CFCopyDescription(object)
										  : NULL;
	CHECK(!string || CFStringGetCString(string, text, sizeof(text), kCFStringEncodingUTF8));
	printf("%s %s\n", name, text);
}

static void show_network(void)
{
	SCDynamicStoreRef store = SCDynamicStoreCreate(NULL, CFSTR("test"), NULL, NULL);
	CFDictionaryRef proxies = SCDynamicStoreCopyProxies(store);
	show("http", CFDictionaryGetValue(proxies, kSCPropNetProxiesHTTPProxy));
	long port = 0;
	if (CFDictionaryGetValue(proxies, CFSTR("HTTPPort")))
		CFNumberGetValue(CFDictionaryGetValue(proxies, CFSTR("HTTPPort")), kCFNumberSInt64Type, &port);
	printf("port %ld\n", port);
	CFArrayRef exceptions = CFDictionaryGetValue(proxies, CFSTR("ExceptionsList"));
	show("exceptions", exceptions ? CFStringCreateByCombiningStrings(NULL, exceptions, CFSTR(" ")) : NULL);
	CFStringRef key = SCDynamicStoreKeyCreateNetworkGlobalEntity(NULL, kSCDynamicStoreDomainState, kSCEntNetDNS);
	CHECK(CFEqual(key, CFSTR("State:/Network/Global/DNS")));
	CFDictionaryRef names = SCDynamicStoreCopyValue(store, key);
	show("servers", names ? CFStringCreateByCombiningStrings(
					NULL, CFDictionaryGetValue(names, CFSTR("ServerAddresses")), CFSTR(" "))
			      : NULL);
	CFDictionaryRef all = SCDynamicStoreCopyValue(store, CFSTR("State:/Network/Interface"));
	show("interfaces",
	     CFStringCreateByCombiningStrings(NULL, CFDictionaryGetValue(all, CFSTR("Interfaces")), CFSTR(" ")));
	CHECK(CFArrayGetCount(SCDynamicStoreCopyKeyList(store, CFSTR("State:/Network/Interface/[^/]+/IPv4"))) >= 1);
	CHECK(!SCDynamicStoreCopyValue(store, CFSTR("State:/Nothing")) && SCError() == 1004);
	show("computer", SCDynamicStoreCopyComputerName(store, NULL));
	unsigned char loopback[16] = {16, 2, 0, 0, 127, 0, 0, 1};
	unsigned flags = 0;
	CHECK(SCNetworkReachabilityGetFlags(SCNetworkReachabilityCreateWithAddress(NULL, loopback), &flags));
	printf("loopback %x\n", flags);
	CHECK(SCNetworkReachabilityGetFlags(SCNetworkReachabilityCreateWithName(NULL, "no-such-host.invalid"),
					    &flags) &&
	      flags == 0);
	CFArrayRef interfaces = SCNetworkInterfaceCopyAll();
	for (CFIndex i = 0; i < CFArrayGetCount(interfaces); i++)
		show("interface", SCNetworkInterfaceGetBSDName(CFArrayGetValueAtIndex(interfaces, i)));
}

static void show_machine(void)
{
	char class[128];
	io_object_t computer = IOServiceGetMatchingService(kIOMasterPortDefault,
							   IOServiceMatching("IOPlatformExpertDevice")),
		    iterator, next;
	CHECK(computer && IOObjectGetClass(computer, class) == 0 && strcmp(class, "IOPlatformExpertDevice") == 0);
	show("uuid", IORegistryEntryCreateCFProperty(computer, CFSTR("IOPlatformUUID"), NULL, 0));
	CHECK(IOObjectRelease(computer) == 0 && IOObjectRelease(computer) != 0);
	CHECK(IOServiceGetMatchingService(kIOMainPortDefault, IOServiceMatching("AppleSMC")) == 0);
	CHECK(IOServiceGetMatchingServices(0, IOServiceMatching("IOEthernetInterface"), &iterator) == 0);
	while ((next = IOIteratorNext(iterator))) {
		show("ethernet", IORegistryEntryCreateCFProperty(next, CFSTR("BSD Name"), NULL, 0));
		IOObjectRelease(next);
	}
	CHECK(CFArrayGetCount(IOPSCopyPowerSourcesList(IOPSCopyPowerSourcesInfo())) == 0);
}

static void show_trust(const char *path)
{
	static UInt8 bytes[8192], some[64], other[64];
	FILE *file = fopen(path, "r");
	CHECK(file);
	SecCertificateRef certificate = SecCertificateCreateWithData(
		NULL, CFDataCreate(NULL, bytes, (CFIndex)fread(bytes, 1, sizeof(bytes), file)));
	show("summary", SecCertificateCopySubjectSummary(certificate));
	CFArrayRef roots = NULL, settings = NULL;
	CHECK(SecTrustSettingsCopyCertificates(2, &roots) == 0 &&
	      SecTrustSettingsCopyCertificates(0, &settings) == -25263);
	printf("roots %ld\n", CFArrayGetCount(roots));
	CHECK(SecTrustSettingsCopyTrustSettings(CFArrayGetValueAtIndex(roots, 0), 2, &settings) == 0 &&
	      CFArrayGetCount(settings) == 0);
	CHECK(SecTrustSettingsCopyTrustSettings(certificate, 2, &settings) == -25300);
	SecTrustRef trust;
	const void *own[] = {certificate};
	CHECK(SecTrustCreateWithCertificates(certificate, SecPolicyCreateSSL(1, CFSTR("own.example")), &trust) == 0);
	CHECK(!SecTrustEvaluateWithError(trust, NULL));
	CHECK(SecTrustSetAnchorCertificates(trust, CFArrayCreate(NULL, own, 1, &kCFTypeArrayCallBacks)) == 0 &&
	      SecTrustEvaluateWithError(trust, NULL));
	CFTypeRef found;
	const void *keys[] = {kSecClass}, *values[] = {kSecClassGenericPassword};
	CHECK(SecItemCopyMatching(CFDictionaryCreate(NULL, keys, values, 1, &kCFTypeDictionaryKeyCallBacks,
						     &kCFTypeDictionaryValueCallBacks),
				  &found) == -25300);
	show("message", SecCopyErrorMessageString(-25300, NULL));
	CHECK(SecRandomCopyBytes(kSecRandomDefault, 64, some) == 0 && SecRandomCopyBytes(NULL, 64, other) == 0 &&
	      memcmp(some, other, 64) != 0);
}

static void show_bytes(const char *name, const unsigned char *bytes, unsigned long count)
{
	printf("%s ", name);
	for (unsigned long i = 0; i < count; i++)
		printf("%02x", bytes[i]);
	printf("\n");
}

// In parts of all sizes, so that the contexts hold less and more than a block.
#define DIGEST(kind, context, size)                                                                                    \
	do {                                                                                                           \
		context state;                                                                                         \
		unsigned char result[64];                                                                              \
		CHECK(CC_##kind##_Init(&state) == 1);                                                                  \
		for (unsigned at = 0, part = 1; at < length; at += part, part = part * 3 % 257 + 1)                    \
			CHECK(CC_##kind##_Update(&state, data + at, at + part > length ? length - at : part) == 1);    \
		CHECK(CC_##kind##_Final(result, &state) == 1);                                                         \
		show_bytes(#kind, result, size);                                                                       \
	} while (0)

static void show_digests(const char *path)
{
	static unsigned char data[100000], cipher[100032], plain[100032], result[64];
	FILE *file = fopen(path, "r");
	unsigned length = file ? (unsigned)fread(data, 1, sizeof(data), file) : 0;
	unsigned long moved = 0, last = 0;
	DIGEST(MD5, CC_MD5_CTX, 16);
	DIGEST(SHA256, CC_SHA256_CTX, 32);
	DIGEST(SHA512, CC_SHA512_CTX, 64);
	show_bytes("SHA1", CC_SHA1(data, length, result), 20);
	show_bytes("SHA224", CC_SHA224(data, length, result), 28);
	show_bytes("SHA384", CC_SHA384(data, length, result), 48);
	CCHmac(2, "key", 3, data, length, result);
	show_bytes("HMAC", result, 32);
	CHECK(CCKeyDerivationPBKDF(2, "password", 8, (const unsigned char *)"salt", 4, 3, 1000, result, 20) == 0);
	show_bytes("PBKDF", result, 20);
	const char *key = "0123456789abcdef", *iv = "fedcba9876543210";
	CHECK(CCCrypt(0, 0, 1, key, 16, iv, data, length, cipher, 16, &moved) == -4301 &&
	      moved == (length / 16 + 1) * 16);
	CHECK(CCCrypt(0, 0, 1, key, 16, iv, data, length, cipher, sizeof(cipher), &moved) == 0);
	CC_SHA1(cipher, (unsigned)moved, result);
	show_bytes("AES", result, 20);
	CHECK(CCCrypt(1, 0, 1, key, 16, iv, cipher, moved, plain, sizeof(plain), &moved) == 0 && moved == length &&
	      memcmp(plain, data, length) == 0);
	CHECK(CCCrypt(1, 0, 1, "another key here", 16, iv, cipher, 32, plain, sizeof(plain), &moved) == -4304);
	CHECK(CCCrypt(0, 0, 0, key, 16, iv, data, 17, cipher, sizeof(cipher), &moved) == -4303 &&
	      CCCrypt(0, 0, 0, key, 15, iv, data, 16, cipher, 16, &moved) == -4310);
	CCCryptorRef cryptor;
	CHECK(CCCryptorCreateWithMode(0, 4, 0, 0, iv, key, 16, NULL, 0, 0, 0, &cryptor) == 0);
	CHECK(CCCryptorUpdate(cryptor, data, 5, cipher, 5, &moved) == 0 && moved == 5);
	CHECK(CCCryptorUpdate(cryptor, data + 5, length - 5, cipher + 5, length - 5, &moved) == 0 &&
	      CCCryptorFinal(cryptor, NULL, 0, &last) == 0);
	CC_SHA1(cipher, length, result);
	show_bytes("CTR", result, 20);
	CHECK(CCCryptorRelease(cryptor) == 0);
}

// The difference from UTC of each zone every 1000003 seconds, from before its first rule to after its last.
static void show_zones(int count, char **names)
{
	for (int i = 0; i < count; i++) {
		CFTimeZoneRef zone = CFTimeZoneCreateWithName(NULL, CFSTR("no such zone"), 0);
		CHECK(!zone);
		zone = CFTimeZoneCreateWithName(NULL, CFStringCreateWithCString(NULL, names[i], kCFStringEncodingUTF8),
						0);
		CHECK(zone);
		for (long time = -2500000000; time < 4500000000; time += 1000003) // since 1970
			printf("%ld\n", (long)CFTimeZoneGetSecondsFromGMT(zone, (double)time - 978307200));
	}
}

int main(int count, char **words)
{
	CHECK(count >= 2);
	if (strcmp(words[1], "network") == 0)
		show_network();
	else if (strcmp(words[1], "machine") == 0)
		show_machine();
	else if (strcmp(words[1], "trust") == 0)
		show_trust(words[2]);
	else if (strcmp(words[1], "zones") == 0)
		show_zones(count - 2, words + 2);
	else
		show_digests(words[2]);
	return 0;
}
