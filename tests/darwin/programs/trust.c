// SPDX-License-Identifier: MIT
// Certificates, as Go's crypto/x509 asks about them: trust CERTIFICATE HOST. Prints "good" and the length of the chain, or the error.
// Also strings and arrays of CoreFoundation.
#include "check.h"

#include <string.h>

typedef const void *CFTypeRef;
extern CFTypeRef kCFTypeArrayCallBacks;
CFTypeRef CFStringCreateWithBytes(CFTypeRef, const void *, long, unsigned, unsigned char);
CFTypeRef CFStringCreateMutableCopy(CFTypeRef, long, CFTypeRef);
void CFStringNormalize(CFTypeRef, long);
long CFStringGetLength(CFTypeRef);
unsigned char CFStringGetCString(CFTypeRef, char *, long, unsigned);
CFTypeRef CFDataCreate(CFTypeRef, const void *, long);
long CFDataGetLength(CFTypeRef);
CFTypeRef CFArrayCreateMutable(CFTypeRef, long, const void *);
void CFArrayAppendValue(CFTypeRef, CFTypeRef);
long CFArrayGetCount(CFTypeRef);
CFTypeRef CFArrayGetValueAtIndex(CFTypeRef, long);
CFTypeRef CFDateCreate(CFTypeRef, double);
long CFErrorGetCode(CFTypeRef);
CFTypeRef CFErrorCopyDescription(CFTypeRef);
void CFRelease(CFTypeRef);
unsigned char CFEqual(CFTypeRef, CFTypeRef);
CFTypeRef SecCertificateCreateWithData(CFTypeRef, CFTypeRef);
CFTypeRef SecCertificateCopyData(CFTypeRef);
CFTypeRef SecPolicyCreateSSL(unsigned char, CFTypeRef);
int SecTrustCreateWithCertificates(CFTypeRef, CFTypeRef, CFTypeRef *);
int SecTrustSetVerifyDate(CFTypeRef, CFTypeRef);
unsigned char SecTrustEvaluateWithError(CFTypeRef, CFTypeRef *);
CFTypeRef SecTrustCopyCertificateChain(CFTypeRef);

enum { UTF8 = 0x08000100 };
#define CFSTR(text) ((CFTypeRef)__builtin___CFStringMakeConstantString(text))

static void check_strings(void)
{
	char text[16];
	CFTypeRef string = CFStringCreateWithBytes(NULL, "caf\xc3\xa9", 5, UTF8, 0),
		  parts = CFStringCreateMutableCopy(NULL, 0, string);
	CHECK(CFStringGetLength(string) == 4 && CFEqual(string, parts));
	CHECK(CFEqual(string, CFSTR("caf\u00e9")) && CFStringGetLength(CFSTR("plain")) == 5);
	CFStringNormalize(parts, 0);
	CHECK(CFStringGetLength(parts) == 5 && !CFEqual(string, parts));
	CHECK(CFStringGetCString(parts, text, 16, UTF8) && strcmp(text, "cafe\xcc\x81") == 0);
	CHECK(!CFStringGetCString(parts, text, 6, UTF8) && !CFStringCreateWithBytes(NULL, "\xff", 1, UTF8, 0));
	CFRelease(string);
	CFRelease(parts);
}

int main(int count, char **words)
{
	static char bytes[8192], text[256];
	CFTypeRef trust, error = NULL;
	check_strings();
	FILE *file = fopen(words[1], "r");
	CHECK(count >= 3 && file);
	CFTypeRef data = CFDataCreate(NULL, bytes, (long)fread(bytes, 1, sizeof(bytes), file));
	CFTypeRef certificate = SecCertificateCreateWithData(NULL, data),
		  list = CFArrayCreateMutable(NULL, 0, &kCFTypeArrayCallBacks);
	CHECK(certificate && CFEqual(SecCertificateCopyData(certificate), data));
	CFArrayAppendValue(list, certificate);
	CFTypeRef policy =
		SecPolicyCreateSSL(1, CFStringCreateWithBytes(NULL, words[2], (long)strlen(words[2]), UTF8, 0));
	CHECK(SecTrustCreateWithCertificates(list, policy, &trust) == 0);
	if (count > 3) // seconds since 2001
		CHECK(SecTrustSetVerifyDate(trust, CFDateCreate(NULL, (double)strtol(words[3], NULL, 10))) == 0);
	if (SecTrustEvaluateWithError(trust, &error)) {
		printf("good %ld\n", CFArrayGetCount(SecTrustCopyCertificateChain(trust)));
		return 0;
	}
	CFStringGetCString(CFErrorCopyDescription(error), text, sizeof(text), UTF8);
	printf("%ld %s\n", CFErrorGetCode(error), text);
	return 1;
}
