// SPDX-License-Identifier: MIT
// CMS: cms sign P12 CONTENT OUT [detached]   signed by the identity of a PKCS #12 file (its password is "secret"), with the time
//      cms encrypt CERTIFICATE CONTENT OUT   for the owner of a certificate (DER)
//      cms keep P12                          puts an identity into the keychain
//      cms read MESSAGE [CONTENT]            what a message is: status of its signer, of the certificate, sum of the content
#include "check.h"

#include <Security/Security.h>
#include <string.h>

static CFDataRef file_data(const char *path)
{
	static UInt8 bytes[1 << 18];
	FILE *file = fopen(path, "r");
	CHECK(file);
	size_t size = fread(bytes, 1, sizeof(bytes), file);
	fclose(file);
	return CFDataCreate(NULL, bytes, (CFIndex)size);
}

static void file_write(const char *path, CFDataRef data)
{
	FILE *file = fopen(path, "w");
	CHECK(file && data &&
	      fwrite(CFDataGetBytePtr(data), 1, (size_t)CFDataGetLength(data), file) == (size_t)CFDataGetLength(data));
	CHECK(fclose(file) == 0);
}

static CFMutableDictionaryRef dictionary(CFStringRef key, CFTypeRef value)
{
	CFMutableDictionaryRef made =
		CFDictionaryCreateMutable(NULL, 0, &kCFTypeDictionaryKeyCallBacks, &kCFTypeDictionaryValueCallBacks);
	CFDictionarySetValue(made, key, value);
	return made;
}

static CFTypeRef identity_of(const char *path)
{
	CFArrayRef items = NULL;
	CHECK(SecPKCS12Import(file_data(path), dictionary(kSecImportExportPassphrase, CFSTR("secret")), &items) == 0);
	return CFDictionaryGetValue(CFArrayGetValueAtIndex(items, 0), kSecImportItemIdentity);
}

static void sign(const char *path, CFDataRef content, const char *out, int detached)
{
	CMSEncoderRef encoder = NULL;
	CFDataRef message = NULL;
	CHECK(CMSEncoderCreate(&encoder) == 0 && CMSEncoderAddSigners(encoder, identity_of(path)) == 0);
	CHECK(CMSEncoderAddSigners(encoder, CFSTR("nobody")) == -50);
	CHECK(CMSEncoderSetSignerAlgorithm(encoder, kCMSEncoderDigestAlgorithmSHA256) == 0 &&
	      CMSEncoderAddSignedAttributes(encoder, 8) == 0 &&
	      CMSEncoderSetHasDetachedContent(encoder, (Boolean)detached) == 0);
	CHECK(CMSEncoderUpdateContent(encoder, CFDataGetBytePtr(content), (unsigned long)CFDataGetLength(content)) ==
	      0);
	CHECK(CMSEncoderCopyEncodedContent(encoder, &message) == 0);
	file_write(out, message);
}

static void read_message(CFDataRef message, CFDataRef detached)
{
	CMSDecoderRef decoder = NULL;
	CFDataRef content = NULL;
	Boolean encrypted = 0;
	unsigned long signers = 0;
	unsigned status = 9;
	int result = 0;
	double time = 0;
	CHECK(CMSDecoderCreate(&decoder) == 0);
	for (CFIndex at = 0, part; at < CFDataGetLength(message); at += part) {
		part = CFDataGetLength(message) - at < 1000 ? CFDataGetLength(message) - at : 1000;
		CHECK(CMSDecoderUpdateMessage(decoder, CFDataGetBytePtr(message) + at, (unsigned long)part) == 0);
	}
	int finished = CMSDecoderFinalizeMessage(decoder);
	if (finished) {
		printf("no message %d\n", finished);
		return;
	}
	CHECK(CMSDecoderGetNumSigners(decoder, &signers) == 0 &&
	      CMSDecoderIsContentEncrypted(decoder, &encrypted) == 0);
	if (detached) {
		CHECK(CMSDecoderCopySignerStatus(decoder, 0, SecPolicyCreateBasicX509(), 0, &status, NULL, NULL) == 0 &&
		      status == 2);
		CHECK(CMSDecoderSetDetachedContent(decoder, detached) == 0);
	}
	CHECK(CMSDecoderCopySignerStatus(decoder, 0, SecPolicyCreateBasicX509(), 1, &status, NULL, &result) == 0);
	printf("encrypted %d, signers %lu, status %u, result %d\n", encrypted, signers, status, result);
	if (signers) {
		SecCertificateRef certificate = NULL;
		char name[64];
		CHECK(CMSDecoderCopySignerCert(decoder, 0, &certificate) == 0);
		CHECK(CFStringGetCString(SecCertificateCopySubjectSummary(certificate), name, 64,
					 kCFStringEncodingUTF8));
		CHECK(CMSDecoderCopySignerSigningTime(decoder, 0, &time) == 0);
		printf("by %s, %s\n", name,
		       CFAbsoluteTimeGetCurrent() - time < 3600 && CFAbsoluteTimeGetCurrent() >= time - 1
			       ? "lately"
			       : "some time ago");
		CHECK(CMSDecoderCopySignerStatus(decoder, signers, NULL, 0, &status, NULL, NULL) == 0 && status == 5);
	}
	CHECK(CMSDecoderCopyContent(decoder, &content) == 0);
	unsigned sum = 0;
	for (CFIndex i = 0; content && i < CFDataGetLength(content); i++)
		sum = sum * 31 + CFDataGetBytePtr(content)[i];
	printf("content %ld %08x\n", content ? CFDataGetLength(content) : -1, sum);
}

int main(int count, char **words)
{
	CHECK(count >= 3);
	if (strcmp(words[1], "sign") == 0) {
		sign(words[2], file_data(words[3]), words[4], count > 5);
	} else if (strcmp(words[1], "encrypt") == 0) {
		CFDataRef content = file_data(words[3]), message = NULL;
		CHECK(CMSEncodeContent(NULL, SecCertificateCreateWithData(NULL, file_data(words[2])), NULL, 0, 0,
				       CFDataGetBytePtr(content), (unsigned long)CFDataGetLength(content),
				       &message) == 0);
		file_write(words[4], message);
	} else if (strcmp(words[1], "keep") == 0) {
		CHECK(SecItemAdd(dictionary(kSecValueRef, identity_of(words[2])), NULL) == 0);
	} else {
		read_message(file_data(words[2]), count > 3 ? file_data(words[3]) : NULL);
	}
	return 0;
}
