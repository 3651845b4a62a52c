// SPDX-License-Identifier: MIT
// SecCertificate; see certificate.h. Facts: Apple's SecCertificate.h, SecTrustSettings.h, SecTrust.h; X509_get_subject_name(3), PEM_read_X509(3).
#include "certificate.h"

#include "libcrypto.h"

#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct certificate {
	struct object head;
	struct data *data;
};

static void certificate_destroy(struct object *object)
{
	darwin_CFRelease(((struct certificate *)object)->data);
}

static bool certificate_equal(const struct object *left, const struct object *right)
{
	return darwin_CFEqual(((const struct certificate *)left)->data, ((const struct certificate *)right)->data);
}

static uint64_t certificate_hash(const struct object *object)
{
	return darwin_CFHash(((const struct certificate *)object)->data);
}

const struct object_type certificate_type = {
	.name = "SecCertificate", .destroy = certificate_destroy, .equal = certificate_equal, .hash = certificate_hash};

void *certificate_make(const struct data *data)
{
	const uint8_t *bytes = darwin_CFDataGetBytePtr(data);
	if (darwin_CFDataGetLength(data) < 4 || bytes[0] != 0x30) // a DER sequence
		return NULL;
	struct certificate *certificate = object_make(&certificate_type, sizeof(*certificate));
	certificate->data = darwin_CFDataCreate(NULL, bytes, darwin_CFDataGetLength(data));
	return certificate;
}

const struct data *certificate_data(const void *certificate)
{
	return ((const struct certificate *)certificate)->data;
}

void *darwin_SecCertificateCreateWithData(const void *allocator, const struct data *data)
{
	return certificate_make(data);
}

const void *darwin_SecCertificateCopyData(const struct certificate *certificate)
{
	return darwin_CFRetain(certificate->data);
}

uint64_t darwin_SecCertificateGetTypeID(void)
{
	return (uintptr_t)&certificate_type;
}

// ---- what is in it --------------------------------------------------------------------------------------------------

static void *certificate_parse(const struct certificate *certificate)
{
	if (!libcrypto_there())
		return NULL;
	const unsigned char *bytes = darwin_CFDataGetBytePtr(certificate->data);
	return d2i_X509(NULL, &bytes, (long)darwin_CFDataGetLength(certificate->data));
}

// Facts: OpenSSL's <openssl/obj_mac.h>.
enum { NID_COMMON_NAME = 13, NID_ORGANIZATION = 17, NID_UNIT = 18, NID_EMAIL = 48 };

static struct string *name_part(const void *name, int nid)
{
	int index = X509_NAME_get_index_by_NID(name, nid, -1);
	unsigned char *text = NULL;
	if (index < 0)
		return NULL;
	int size = ASN1_STRING_to_UTF8(&text,
					      X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, index)));
	struct string *string = size >= 0 ? string_from_utf8((const char *)text, (size_t)size) : NULL;
	free(text); // OPENSSL_free is free
	return string;
}

// The name of whom it is for: the first of these that it has.
struct string *darwin_SecCertificateCopySubjectSummary(const struct certificate *certificate)
{
	static const int parts[] = {NID_COMMON_NAME, NID_UNIT, NID_ORGANIZATION, NID_EMAIL};
	void *parsed = certificate_parse(certificate);
	struct string *string = NULL;
	for (size_t i = 0; parsed && i < sizeof(parts) / sizeof(*parts) && !string; i++)
		string = name_part(X509_get_subject_name(parsed), parts[i]);
	if (parsed)
		X509_free(parsed);
	return string;
}

int32_t darwin_SecCertificateCopyCommonName(const struct certificate *certificate, struct string **name)
{
	void *parsed = certificate_parse(certificate);
	*name = parsed ? name_part(X509_get_subject_name(parsed), NID_COMMON_NAME) : NULL;
	if (parsed)
		X509_free(parsed);
	return parsed ? SEC_SUCCESS : SEC_PARAM;
}

struct data *darwin_SecCertificateCopySerialNumberData(const struct certificate *certificate, struct object **error)
{
	void *parsed = certificate_parse(certificate);
	struct data *data = NULL;
	if (parsed) {
		const void *number = X509_get0_serialNumber(parsed);
		data = darwin_CFDataCreate(NULL, ASN1_STRING_get0_data(number),
					   ASN1_STRING_length(number));
		X509_free(parsed);
	} else if (error) {
		*error = error_make("NSOSStatusErrorDomain", SEC_PARAM, "The certificate cannot be read.");
	}
	return data;
}

struct array *darwin_CFArrayCreateCopy(const void *allocator, const struct array *array);

// ---- what the system trusts -----------------------------------------------------------------------------------------

// The store's file: SSL_CERT_FILE, as OpenSSL has it, or Debian's (package ca-certificates).
static FILE *store_open(void)
{
	const char *variable = getenv("SSL_CERT_FILE");
	FILE *file = variable && *variable ? fopen(variable, "re") : NULL;
	file = file ? file : fopen("/etc/ssl/certs/ca-certificates.crt", "re");
	return file ? file : fopen(X509_get_default_cert_file(), "re");
}

static struct array *store_read(void)
{
	FILE *file = libcrypto_there() ? store_open() : NULL;
	if (!file)
		return NULL;
	struct array *list = array_make(true);
	for (void *parsed; (parsed = PEM_read_X509(file, NULL, NULL, NULL));) {
		unsigned char *bytes = NULL;
		int size = i2d_X509(parsed, &bytes);
		X509_free(parsed);
		if (size <= 0)
			continue;
		struct data *data = darwin_CFDataCreate(NULL, bytes, size);
		array_add(list, certificate_make(data));
		darwin_CFRelease(data);
		free(bytes);
	}
	ERR_clear_error(); // the end of the file is one
	fclose(file);
	return list;
}

// Read once: programs ask about each of its certificates in turn.
struct array *certificate_list_system(void)
{
	static struct array *_Atomic kept;
	struct array *none = NULL, *list = kept;
	if (!list && (list = store_read()) && !atomic_compare_exchange_strong(&kept, &none, list)) {
		darwin_CFRelease(list);
		list = none;
	}
	return list ? darwin_CFArrayCreateCopy(NULL, list) : NULL;
}

enum trust_domain { DOMAIN_USER, DOMAIN_ADMIN, DOMAIN_SYSTEM };

// Users and administrators have no settings of their own: the store is the system's.
int32_t darwin_SecTrustSettingsCopyCertificates(uint32_t domain, struct array **certificates)
{
	*certificates = domain == DOMAIN_SYSTEM ? certificate_list_system() : NULL;
	return *certificates ? SEC_SUCCESS : SEC_NO_TRUST_SETTINGS;
}

// No rules at all mean: a root that is always trusted.
int32_t darwin_SecTrustSettingsCopyTrustSettings(const struct certificate *certificate, uint32_t domain,
						 struct array **settings)
{
	*settings = NULL;
	struct array *list = domain == DOMAIN_SYSTEM ? certificate_list_system() : NULL;
	for (int64_t i = 0; list && !*settings && i < darwin_CFArrayGetCount(list); i++)
		if (darwin_CFEqual(darwin_CFArrayGetValueAtIndex(list, i), certificate))
			*settings = array_make(true);
	darwin_CFRelease(list);
	return *settings ? SEC_SUCCESS : SEC_ITEM_NOT_FOUND;
}

int32_t darwin_SecTrustCopyAnchorCertificates(struct array **anchors)
{
	*anchors = certificate_list_system();
	return *anchors ? SEC_SUCCESS : SEC_NOT_AVAILABLE;
}
