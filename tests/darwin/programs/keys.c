// SPDX-License-Identifier: MIT
// SecKey: keys         by itself: every algorithm with keys of its own
//         keys sign KEY TYPE ALGORITHM DATA SIGNATURE     with a private key of a file (PKCS #1, or X9.63), into a file
//         keys verify KEY TYPE ALGORITHM DATA SIGNATURE   with a public one
//         keys decrypt KEY TYPE ALGORITHM DATA TEXT
//         keys agree KEY OTHER SIZE INFO                  ECDH and X9.63's derivation, in hexadecimal
//         keys import FILE PASSWORD                       what SecItemImport makes of it; exported again and read again
// TYPE is rsa or ec. Known answers come from `openssl` (security.sh).
#include "check.h"

#include <Security/Security.h>
#include <string.h>

static CFDataRef file_data(const char *path)
{
	static UInt8 bytes[65536];
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

static CFMutableDictionaryRef dictionary(void)
{
	return CFDictionaryCreateMutable(NULL, 0, &kCFTypeDictionaryKeyCallBacks, &kCFTypeDictionaryValueCallBacks);
}

static CFStringRef string(const char *text)
{
	return CFStringCreateWithCString(NULL, text, kCFStringEncodingUTF8);
}

static CFDataRef text_data(const char *text)
{
	return CFDataCreate(NULL, (const UInt8 *)text, (CFIndex)strlen(text));
}

static SecKeyRef key_of(const char *path, const char *type, CFStringRef class)
{
	CFErrorRef error = NULL;
	CFMutableDictionaryRef attributes = dictionary();
	CFDictionarySetValue(attributes, kSecAttrKeyType,
			     strcmp(type, "rsa") == 0 ? kSecAttrKeyTypeRSA : kSecAttrKeyTypeECSECPrimeRandom);
	CFDictionarySetValue(attributes, kSecAttrKeyClass, class);
	SecKeyRef key = SecKeyCreateWithData(file_data(path), attributes, &error);
	CHECK(key && !error);
	return key;
}

static SecKeyRef key_make(CFStringRef type, int bits)
{
	CFMutableDictionaryRef parameters = dictionary();
	CFDictionarySetValue(parameters, kSecAttrKeyType, type);
	CFDictionarySetValue(parameters, kSecAttrKeySizeInBits, CFNumberCreate(NULL, kCFNumberSInt32Type, &bits));
	return SecKeyCreateRandomKey(parameters, NULL);
}

// ---- by itself ------------------------------------------------------------------------------------------------------

static void check_signature(SecKeyRef key, const char *name)
{
	SecKeyRef public = SecKeyCopyPublicKey(key);
	CFErrorRef error = NULL;
	CFDataRef data = text_data("what is signed"), other = text_data("what is sIgned");
	CHECK(SecKeyIsAlgorithmSupported(key, 0, string(name)) && !SecKeyIsAlgorithmSupported(public, 0, string(name)));
	CFDataRef signature = SecKeyCreateSignature(key, string(name), data, &error);
	CHECK(signature && SecKeyVerifySignature(public, string(name), data, signature, &error));
	CHECK(!SecKeyVerifySignature(public, string(name), other, signature, &error) &&
	      CFErrorGetCode(error) == -67808);
	CHECK(!SecKeyVerifySignature(public, string(name), data, other, NULL));
	CFRelease(public);
}

static void check_encryption(SecKeyRef key, const char *name, size_t size)
{
	static UInt8 bytes[100000];
	SecKeyRef public = SecKeyCopyPublicKey(key);
	CFErrorRef error = NULL;
	for (size_t i = 0; i < size; i++)
		bytes[i] = (UInt8)(i * 3 + 1);
	CFDataRef plain = CFDataCreate(NULL, bytes, (CFIndex)size);
	CFDataRef sealed = SecKeyCreateEncryptedData(public, string(name), plain, &error);
	CHECK(sealed && !CFEqual(sealed, plain) && CFDataGetLength(sealed) >= (CFIndex)size);
	CHECK(CFEqual(SecKeyCreateDecryptedData(key, string(name), sealed, &error), plain));
	memcpy(bytes, CFDataGetBytePtr(sealed), (size_t)CFDataGetLength(sealed));
	bytes[CFDataGetLength(sealed) - 1] ^= 1;
	CFDataRef damaged = CFDataCreate(NULL, bytes, CFDataGetLength(sealed)),
		  answer = SecKeyCreateDecryptedData(key, string(name), damaged, &error);
	CHECK(!answer || !CFEqual(answer, plain)); // PKCS #1 may give other bytes
	CFRelease(public);
}

static void check_key(SecKeyRef key, int bits, CFStringRef type)
{
	CFErrorRef error = NULL;
	int told = 0;
	CFDictionaryRef attributes = SecKeyCopyAttributes(key);
	CFDataRef bytes = SecKeyCopyExternalRepresentation(key, &error);
	CHECK(key && bytes && SecKeyGetBlockSize(key) == (unsigned long)(bits + 7) / 8);
	CHECK(CFNumberGetValue(CFDictionaryGetValue(attributes, kSecAttrKeySizeInBits), kCFNumberSInt32Type, &told) &&
	      told == bits);
	CHECK(CFEqual(CFDictionaryGetValue(attributes, kSecAttrKeyClass), kSecAttrKeyClassPrivate) &&
	      CFEqual(CFDictionaryGetValue(attributes, kSecAttrKeyType), type));
	CFMutableDictionaryRef again = dictionary();
	CFDictionarySetValue(again, kSecAttrKeyType, type);
	CFDictionarySetValue(again, kSecAttrKeyClass, kSecAttrKeyClassPrivate);
	SecKeyRef same = SecKeyCreateWithData(bytes, again, &error);
	CHECK(same && CFEqual(same, key) && CFEqual(SecKeyCopyPublicKey(same), SecKeyCopyPublicKey(key)));
	CHECK(CFEqual(CFDictionaryGetValue(SecKeyCopyAttributes(SecKeyCopyPublicKey(key)), kSecAttrApplicationLabel),
		      CFDictionaryGetValue(attributes, kSecAttrApplicationLabel)));
	CHECK(!SecKeyCreateWithData(text_data("no key at all"), again, &error) && CFErrorGetCode(error) == -50);
}

static void check_all(void)
{
	static const char *const digests[] = {"SHA1", "SHA224", "SHA256", "SHA384", "SHA512"};
	static const int sizes[] = {20, 28, 32, 48, 64}, curves[] = {256, 384, 521};
	char name[64];
	SecKeyRef rsa = key_make(kSecAttrKeyTypeRSA, 2048);
	check_key(rsa, 2048, kSecAttrKeyTypeRSA);
	for (int i = 0; i < 5; i++) {
		snprintf(name, sizeof(name), "algid:sign:RSA:message-PKCS1v15:%s", digests[i]);
		check_signature(rsa, name);
		snprintf(name, sizeof(name), "algid:sign:RSA:message-PSS:%s:%s:%d", digests[i], digests[i], sizes[i]);
		check_signature(rsa, name);
		snprintf(name, sizeof(name), "algid:encrypt:RSA:OAEP:%s", digests[i]);
		check_encryption(rsa, name, 60);
		snprintf(name, sizeof(name), "algid:encrypt:RSA:OAEP:%s:AESGCM", digests[i]);
		check_encryption(rsa, name, 70000);
	}
	check_signature(rsa, "algid:sign:RSA:raw");
	check_signature(rsa, "algid:sign:RSA:digest-PKCS1v15");
	check_encryption(rsa, "algid:encrypt:RSA:PKCS1", 100);
	CHECK(!SecKeyIsAlgorithmSupported(rsa, 0, kSecKeyAlgorithmECDSASignatureMessageX962SHA256) &&
	      !SecKeyIsAlgorithmSupported(rsa, 0, CFSTR("algid:sign:RSA:message-PSS:SHA3")) &&
	      !SecKeyIsAlgorithmSupported(rsa, 9, kSecKeyAlgorithmRSASignatureMessagePKCS1v15SHA256));
	for (int c = 0; c < 3; c++) {
		SecKeyRef key = key_make(kSecAttrKeyTypeECSECPrimeRandom, curves[c]);
		check_key(key, curves[c], kSecAttrKeyTypeECSECPrimeRandom);
		for (int i = 0; i < 5; i++) {
			snprintf(name, sizeof(name), "algid:sign:ECDSA:message-X962:%s", digests[i]);
			check_signature(key, name);
			snprintf(name, sizeof(name), "algid:sign:ECDSA:message-RFC4754:%s", digests[i]);
			check_signature(key, name);
			snprintf(name, sizeof(name), "algid:encrypt:ECIES:ECDH:KDFX963:%s:AESGCM", digests[i]);
			check_encryption(key, name, 1000);
		}
		check_encryption(key, "algid:encrypt:ECIES:ECDHC:KDFX963:SHA256:AESGCM-KDFIV", 0);
		SecKeyRef other = key_make(kSecAttrKeyTypeECSECPrimeRandom, curves[c]);
		CHECK(CFEqual(SecKeyCopyKeyExchangeResult(key, kSecKeyAlgorithmECDHKeyExchangeStandard,
							  SecKeyCopyPublicKey(other), dictionary(), NULL),
			      SecKeyCopyKeyExchangeResult(other, kSecKeyAlgorithmECDHKeyExchangeStandard,
							  SecKeyCopyPublicKey(key), dictionary(), NULL)));
	}
	CHECK(!key_make(kSecAttrKeyTypeRSA, 17) && !key_make(kSecAttrKeyTypeECSECPrimeRandom, 255));
	printf("keys are fine\n");
}

// ---- beside openssl -------------------------------------------------------------------------------------------------

static void agree(char **words)
{
	int size = (int)strtol(words[2], NULL, 10);
	CFMutableDictionaryRef parameters = dictionary();
	CFDictionarySetValue(parameters, kSecKeyKeyExchangeParameterRequestedSize,
			     CFNumberCreate(NULL, kCFNumberSInt32Type, &size));
	CFDictionarySetValue(parameters, kSecKeyKeyExchangeParameterSharedInfo, text_data(words[3]));
	SecKeyRef key = key_of(words[0], "ec", kSecAttrKeyClassPrivate),
		  other = key_of(words[1], "ec", kSecAttrKeyClassPublic);
	const CFStringRef names[] = {kSecKeyAlgorithmECDHKeyExchangeStandard,
				     kSecKeyAlgorithmECDHKeyExchangeStandardX963SHA256};
	for (int i = 0; i < 2; i++) {
		CFDataRef data = SecKeyCopyKeyExchangeResult(key, names[i], other, parameters, NULL);
		CHECK(data);
		for (CFIndex k = 0; k < CFDataGetLength(data); k++)
			printf("%02x", CFDataGetBytePtr(data)[k]);
		printf("\n");
	}
}

static void import(const char *path, const char *password)
{
	struct {
		unsigned version, flags;
		CFTypeRef passphrase, more[5];
	} parameters = {.passphrase = string(password)};
	unsigned format = 0, type = 0;
	CFArrayRef items = NULL, again = NULL;
	CFDataRef data = NULL;
	int status = SecItemImport(file_data(path), NULL, &format, &type, 0, &parameters, NULL, &items);
	printf("status %d, format %u, type %u, items %ld\n", status, format, type, items ? CFArrayGetCount(items) : 0);
	if (status)
		return;
	CHECK(SecItemExport(items,
			    format == 9 || format == 1 || format == 5 ? format
			    : format == 12			      ? 12
								      : 10,
			    0, &parameters, &data) == 0);
	CHECK(SecItemImport(data, NULL, NULL, NULL, 0, &parameters, NULL, &again) == 0 &&
	      CFArrayGetCount(again) == CFArrayGetCount(items));
	for (CFIndex i = 0; i < CFArrayGetCount(items); i++)
		CHECK(CFEqual(CFArrayGetValueAtIndex(items, i), CFArrayGetValueAtIndex(again, i)));
}

int main(int count, char **words)
{
	const char *what = count > 1 ? words[1] : "";
	if (strcmp(what, "sign") == 0) {
		SecKeyRef key = key_of(words[2], words[3], kSecAttrKeyClassPrivate);
		file_write(words[6], SecKeyCreateSignature(key, string(words[4]), file_data(words[5]), NULL));
	} else if (strcmp(what, "verify") == 0) {
		SecKeyRef key = key_of(words[2], words[3], kSecAttrKeyClassPublic);
		printf("%s\n",
		       SecKeyVerifySignature(key, string(words[4]), file_data(words[5]), file_data(words[6]), NULL)
			       ? "good"
			       : "bad");
	} else if (strcmp(what, "decrypt") == 0) {
		SecKeyRef key = key_of(words[2], words[3], kSecAttrKeyClassPrivate);
		file_write(words[6], SecKeyCreateDecryptedData(key, string(words[4]), file_data(words[5]), NULL));
	} else if (strcmp(what, "agree") == 0) {
		agree(words + 2);
	} else if (strcmp(what, "import") == 0) {
		import(words[2], words[3]);
	} else {
		check_all();
	}
	return 0;
}
