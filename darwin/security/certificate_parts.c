// SPDX-License-Identifier: MIT
// What more is in a certificate: its key, names, addresses, dates. Facts: Apple's SecCertificate.h; normal form of names: X.520's rules for
// PrintableString, as open source Security's SecCertificate.c applies them.
#include "key.h"

#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

static X509 *certificate_parse(const void *certificate)
{
	if (!certificate || !libcrypto_there())
		return NULL;
	const struct data *data = certificate_data(certificate);
	const unsigned char *bytes = darwin_CFDataGetBytePtr(data);
	X509 *parsed = d2i_X509(NULL, &bytes, (long)darwin_CFDataGetLength(data));
	if (!parsed)
		ERR_clear_error();
	return parsed;
}

// NULL: it is neither RSA nor EC.
struct key *darwin_SecCertificateCopyKey(const void *certificate)
{
	X509 *parsed = certificate_parse(certificate);
	struct key *key = parsed ? key_make(X509_get_pubkey(parsed), KEY_PUBLIC) : NULL;
	X509_free(parsed);
	return key;
}

int32_t darwin_SecCertificateCopyPublicKey(const void *certificate, struct key **key)
{
	*key = darwin_SecCertificateCopyKey(certificate);
	return *key ? SEC_SUCCESS : SEC_PARAM;
}

int32_t darwin_SecCertificateCopyEmailAddresses(const void *certificate, struct array **addresses)
{
	X509 *parsed = certificate_parse(certificate);
	STACK_OF(OPENSSL_STRING) *found = parsed ? X509_get1_email(parsed) : NULL;
	*addresses = parsed ? array_make(true) : NULL;
	for (int i = 0; found && i < sk_OPENSSL_STRING_num(found); i++)
		array_add(*addresses, string_from_text(sk_OPENSSL_STRING_value(found, i)));
	X509_email_free(found);
	X509_free(parsed);
	return parsed ? SEC_SUCCESS : SEC_PARAM;
}

// ---- names ----------------------------------------------------------------------------------------------------------

// Capitals, and one blank where there were several, none at either end.
static int text_normalize(const unsigned char *from, int size, unsigned char *to)
{
	int count = 0;
	for (int i = 0; i < size; i++) {
		if (from[i] == ' ' || from[i] == '\t') {
			if (count > 0 && to[count - 1] != ' ')
				to[count++] = ' ';
		} else {
			to[count++] = from[i] >= 'a' && from[i] <= 'z' ? (unsigned char)(from[i] - 'a' + 'A') : from[i];
		}
	}
	return count > 0 && to[count - 1] == ' ' ? count - 1 : count;
}

static void name_normalize(X509_NAME *name)
{
	for (int i = 0; i < X509_NAME_entry_count(name); i++) {
		X509_NAME_ENTRY *entry = X509_NAME_get_entry(name, i);
		const ASN1_STRING *value = X509_NAME_ENTRY_get_data(entry);
		int size = ASN1_STRING_length(value);
		unsigned char *text =
			ASN1_STRING_type(value) == V_ASN1_PRINTABLESTRING ? malloc((size_t)size + 1) : NULL;
		if (!text)
			continue;
		int count = text_normalize(ASN1_STRING_get0_data(value), size, text);
		X509_NAME_ENTRY_set_data(entry, V_ASN1_PRINTABLESTRING, text, count);
		free(text);
	}
}

static struct data *name_data(const void *certificate, X509_NAME *(*part)(const X509 *), bool normal)
{
	X509 *parsed = certificate_parse(certificate);
	X509_NAME *name = parsed ? X509_NAME_dup(part(parsed)) : NULL;
	unsigned char *bytes = NULL;
	if (name && normal)
		name_normalize(name);
	int size = name ? i2d_X509_NAME(name, &bytes) : 0;
	struct data *data = size > 0 ? darwin_CFDataCreate(NULL, bytes, size) : NULL;
	OPENSSL_free(bytes);
	X509_NAME_free(name);
	X509_free(parsed);
	return data;
}

struct data *darwin_SecCertificateCopyNormalizedIssuerSequence(const void *certificate)
{
	return name_data(certificate, X509_get_issuer_name, true);
}

struct data *darwin_SecCertificateCopyNormalizedSubjectSequence(const void *certificate)
{
	return name_data(certificate, X509_get_subject_name, true);
}

struct data *darwin_SecCertificateCopyNormalizedIssuerContent(const void *certificate, struct object **error)
{
	struct data *data = darwin_SecCertificateCopyNormalizedIssuerSequence(certificate);
	return data ? data : key_fail(error, SEC_PARAM, "The certificate cannot be read.");
}

struct data *darwin_SecCertificateCopyNormalizedSubjectContent(const void *certificate, struct object **error)
{
	struct data *data = darwin_SecCertificateCopyNormalizedSubjectSequence(certificate);
	return data ? data : key_fail(error, SEC_PARAM, "The certificate cannot be read.");
}

// ---- dates ----------------------------------------------------------------------------------------------------------

static struct date *date_of(const void *certificate, const ASN1_TIME *(*part)(const X509 *))
{
	X509 *parsed = certificate_parse(certificate);
	ASN1_TIME *epoch = ASN1_TIME_set(NULL, 978307200); // CoreFoundation's: 2001
	int days = 0, seconds = 0;
	bool fine = parsed && ASN1_TIME_diff(&days, &seconds, epoch, part(parsed));
	ASN1_TIME_free(epoch);
	X509_free(parsed);
	return fine ? darwin_CFDateCreate(NULL, days * 86400.0 + seconds) : NULL;
}

struct date *darwin_SecCertificateCopyNotValidBeforeDate(const void *certificate)
{
	return date_of(certificate, X509_get0_notBefore);
}

struct date *darwin_SecCertificateCopyNotValidAfterDate(const void *certificate)
{
	return date_of(certificate, X509_get0_notAfter);
}
