// SPDX-License-Identifier: MIT
// Security: certificates and trust, in the measure that Go's crypto/x509 asks (internal/macos): is this chain good for this host now?
//
// Debian's libcrypto answers, with the system's CA store (/etc/ssl/certs; SSL_CERT_FILE and SSL_CERT_DIR are honoured as OpenSSL does).
// It is loaded when a program first asks. Facts: Apple's SecTrust.h, SecBase.h (errSec*); OpenSSL's X509_verify_cert(3).
#include "certificate.h"
#include "libcrypto.h"

#include "../corefoundation/constant.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

// ---- libcrypto ------------------------------------------------------------------------------------------------------

// Facts: openssl/x509_vfy.h of OpenSSL 3.
enum {
	VERIFY_EXPIRED = 10,
	VERIFY_NOT_YET = 9,
	VERIFY_HOST = 62,
	VERIFY_TIME = 0x2 /* X509_V_FLAG_USE_CHECK_TIME */,
	PURPOSE_SERVER = 2
};
static struct {
	void *(*d2i_X509)(void **, const unsigned char **, long);
	void (*X509_free)(void *);
	void *(*X509_STORE_new)(void);
	void (*X509_STORE_free)(void *);
	int (*X509_STORE_set_default_paths)(void *);
	void *(*X509_STORE_CTX_new)(void);
	void (*X509_STORE_CTX_free)(void *);
	int (*X509_STORE_CTX_init)(void *, void *, void *, void *);
	void *(*X509_STORE_CTX_get0_param)(void *);
	int (*X509_VERIFY_PARAM_set1_host)(void *, const char *, size_t);
	void (*X509_VERIFY_PARAM_set_time)(void *, long);
	int (*X509_VERIFY_PARAM_set_purpose)(void *, int);
	int (*X509_verify_cert)(void *);
	int (*X509_STORE_CTX_get_error)(void *);
	const char *(*X509_verify_cert_error_string)(long);
	void *(*X509_STORE_CTX_get0_chain)(void *);
	int (*OPENSSL_sk_num)(const void *);
	void *(*OPENSSL_sk_value)(const void *, int);
	void *(*OPENSSL_sk_new_null)(void);
	int (*OPENSSL_sk_push)(void *, const void *);
	void (*OPENSSL_sk_free)(void *);
	int (*i2d_X509)(const void *, unsigned char **);
	int (*X509_STORE_add_cert)(void *, void *);
} crypto;

static const char *const crypto_names[] = {"d2i_X509",
					   "X509_free",
					   "X509_STORE_new",
					   "X509_STORE_free",
					   "X509_STORE_set_default_paths",
					   "X509_STORE_CTX_new",
					   "X509_STORE_CTX_free",
					   "X509_STORE_CTX_init",
					   "X509_STORE_CTX_get0_param",
					   "X509_VERIFY_PARAM_set1_host",
					   "X509_VERIFY_PARAM_set_time",
					   "X509_VERIFY_PARAM_set_purpose",
					   "X509_verify_cert",
					   "X509_STORE_CTX_get_error",
					   "X509_verify_cert_error_string",
					   "X509_STORE_CTX_get0_chain",
					   "OPENSSL_sk_num",
					   "OPENSSL_sk_value",
					   "OPENSSL_sk_new_null",
					   "OPENSSL_sk_push",
					   "OPENSSL_sk_free",
					   "i2d_X509",
					   "X509_STORE_add_cert"};

static bool crypto_load(void)
{
	static _Atomic int state; // 1: there, 2: not
	if (!state)
		state = libcrypto_find((void **)&crypto, crypto_names, sizeof(crypto_names) / sizeof(*crypto_names))
				? 1
				: 2;
	return state == 1;
}

static void *certificate_parse(const void *certificate)
{
	const struct data *data = certificate_data(certificate);
	const unsigned char *bytes = darwin_CFDataGetBytePtr(data);
	return crypto.d2i_X509(NULL, &bytes, (long)darwin_CFDataGetLength(data));
}

// ---- policies -------------------------------------------------------------------------------------------------------

CONSTANT(darwin_kSecPolicyOid, "SecPolicyOid");
CONSTANT(darwin_kSecPolicyName, "SecPolicyName");
CONSTANT(darwin_kSecPolicyClient, "SecPolicyClient");
CONSTANT(darwin_kSecPolicyAppleX509Basic, "1.2.840.113635.100.1.2");
CONSTANT(darwin_kSecPolicyAppleSSL, "1.2.840.113635.100.1.3");

struct policy {
	struct object head;
	char *host; // or NULL
	enum { POLICY_BASIC, POLICY_SERVER, POLICY_CLIENT } kind;
};

static void policy_destroy(struct object *object)
{
	free(((struct policy *)object)->host);
}

static const struct object_type policy_type = {.name = "SecPolicy", .destroy = policy_destroy};

struct policy *darwin_SecPolicyCreateSSL(uint8_t server, const void *host)
{
	struct policy *policy = object_make(&policy_type, sizeof(*policy));
	policy->kind = server ? POLICY_SERVER : POLICY_CLIENT;
	policy->host = host ? string_to_utf8(host) : NULL;
	return policy;
}

struct policy *darwin_SecPolicyCreateBasicX509(void)
{
	return object_make(&policy_type, sizeof(struct policy));
}

struct dictionary *darwin_SecPolicyCopyProperties(const struct policy *policy)
{
	struct dictionary *properties = dictionary_make();
	dictionary_put(properties, "SecPolicyOid",
		       policy->kind == POLICY_BASIC ? darwin_kSecPolicyAppleX509Basic : darwin_kSecPolicyAppleSSL);
	if (policy->host)
		dictionary_put(properties, "SecPolicyName", string_from_text(policy->host));
	if (policy->kind == POLICY_CLIENT)
		dictionary_put(properties, "SecPolicyClient", darwin_kCFBooleanTrue);
	return properties;
}

uint64_t darwin_SecPolicyGetTypeID(void)
{
	return (uintptr_t)&policy_type;
}

// ---- trust ----------------------------------------------------------------------------------------------------------

struct trust {
	struct object head;
	struct array *certificates; // the server's first
	struct array *chain;	    // what was found, or NULL
	char *host;
	double time;	       // CFAbsoluteTime, or 0: now
	struct array *anchors; // roots of the program's own, or NULL
	bool anchors_only;
	int32_t result; // SecTrustResultType
};
enum { TRUST_INVALID = 0, TRUST_UNSPECIFIED = 4, TRUST_RECOVERABLE = 5 };

static void trust_destroy(struct object *object)
{
	struct trust *trust = (struct trust *)object;
	darwin_CFRelease(trust->certificates);
	darwin_CFRelease(trust->chain);
	darwin_CFRelease(trust->anchors);
	free(trust->host);
}

static const struct object_type trust_type = {.name = "SecTrust", .destroy = trust_destroy};

// What a program gives may be one object or an array of them.
static const void *first_of(const void *object)
{
	return object && object_type(object) == &array_type ? darwin_CFArrayGetValueAtIndex(object, 0) : object;
}

int32_t darwin_SecTrustCreateWithCertificates(const void *certificates, const void *policies, struct trust **made)
{
	const struct policy *policy = first_of(policies);
	struct trust *trust = object_make(&trust_type, sizeof(*trust));
	trust->certificates = array_make(true);
	if (object_type(certificates) != &array_type)
		darwin_CFArrayAppendValue(trust->certificates, certificates);
	else
		for (int64_t i = 0; i < darwin_CFArrayGetCount(certificates); i++)
			darwin_CFArrayAppendValue(trust->certificates, darwin_CFArrayGetValueAtIndex(certificates, i));
	trust->host = policy && policy->host ? strdup(policy->host) : NULL;
	*made = trust;
	return darwin_CFArrayGetCount(trust->certificates) > 0 ? SEC_SUCCESS : SEC_PARAM;
}

int32_t darwin_SecTrustSetVerifyDate(struct trust *trust, const void *date)
{
	trust->time = darwin_CFDateGetAbsoluteTime(date);
	return SEC_SUCCESS;
}

static struct array *chain_of(void *context)
{
	struct array *chain = array_make(true);
	const void *found = crypto.X509_STORE_CTX_get0_chain(context);
	for (int i = 0; found && i < crypto.OPENSSL_sk_num(found); i++) {
		unsigned char *bytes = NULL;
		int size = crypto.i2d_X509(crypto.OPENSSL_sk_value(found, i), &bytes);
		if (size <= 0)
			continue;
		struct data *data = darwin_CFDataCreate(NULL, bytes, size);
		array_add(chain, certificate_make(data));
		darwin_CFRelease(data);
		free(bytes); // OPENSSL_free is free
	}
	return chain;
}

// The verifier's answer: 0 is good; text says why not.
static int trust_verify(struct trust *trust, void *store, void *leaf, void *others, const char **text)
{
	void *context = crypto.X509_STORE_CTX_new();
	int error = -1;
	*text = "the verifier cannot be made";
	if (context && crypto.X509_STORE_CTX_init(context, store, leaf, others)) {
		void *parameters = crypto.X509_STORE_CTX_get0_param(context);
		if (trust->host)
			crypto.X509_VERIFY_PARAM_set1_host(parameters, trust->host, 0);
		if (trust->time != 0)
			crypto.X509_VERIFY_PARAM_set_time(parameters, (long)(trust->time + 978307200.0));
		crypto.X509_VERIFY_PARAM_set_purpose(parameters, PURPOSE_SERVER);
		bool good = crypto.X509_verify_cert(context) == 1;
		error = good ? 0 : crypto.X509_STORE_CTX_get_error(context);
		*text = crypto.X509_verify_cert_error_string(error);
		if (good) {
			darwin_CFRelease(trust->chain);
			trust->chain = chain_of(context);
		}
	}
	if (context)
		crypto.X509_STORE_CTX_free(context);
	return error;
}

static void store_add(void *store, const struct array *anchors)
{
	for (int64_t i = 0; anchors && i < darwin_CFArrayGetCount(anchors); i++) {
		void *certificate = certificate_parse(darwin_CFArrayGetValueAtIndex(anchors, i));
		if (certificate) {
			crypto.X509_STORE_add_cert(store, certificate);
			crypto.X509_free(certificate);
		}
	}
}

static int trust_check(struct trust *trust, const char **text)
{
	void *store = crypto.X509_STORE_new(), *others = crypto.OPENSSL_sk_new_null(), *leaf = NULL;
	int error = -1;
	if (!trust->anchors_only)
		crypto.X509_STORE_set_default_paths(store);
	store_add(store, trust->anchors);
	for (int64_t i = 0; i < darwin_CFArrayGetCount(trust->certificates); i++) {
		void *certificate = certificate_parse(darwin_CFArrayGetValueAtIndex(trust->certificates, i));
		if (certificate && i == 0)
			leaf = certificate;
		else if (certificate)
			crypto.OPENSSL_sk_push(others, certificate);
	}
	*text = "the certificate cannot be read";
	if (leaf)
		error = trust_verify(trust, store, leaf, others, text);
	for (int i = 0; i < crypto.OPENSSL_sk_num(others); i++)
		crypto.X509_free(crypto.OPENSSL_sk_value(others, i));
	crypto.OPENSSL_sk_free(others);
	if (leaf)
		crypto.X509_free(leaf);
	crypto.X509_STORE_free(store);
	return error;
}

uint8_t darwin_SecTrustEvaluateWithError(struct trust *trust, struct object **error)
{
	const char *text = "the verifier is not there";
	int reason = -1, code = SEC_NOT_AVAILABLE;
	if (crypto_load()) {
		reason = trust_check(trust, &text);
		code = reason == VERIFY_HOST				      ? SEC_HOST_NAME
		       : reason == VERIFY_EXPIRED || reason == VERIFY_NOT_YET ? SEC_EXPIRED
									      : SEC_NOT_TRUSTED;
	}
	trust->result = reason == 0 ? TRUST_UNSPECIFIED : TRUST_RECOVERABLE;
	if (reason != 0 && error)
		*error = error_make("NSOSStatusErrorDomain", code, text);
	return reason == 0;
}

const void *darwin_SecTrustCopyCertificateChain(const struct trust *trust)
{
	return trust->chain ? darwin_CFRetain(trust->chain) : darwin_CFRetain(trust->certificates);
}

// ---- anchors, older calls -------------------------------------------------------------------------------------------

uint64_t darwin_SecTrustGetTypeID(void)
{
	return (uintptr_t)&trust_type;
}

// With NULL the system's own count again.
int32_t darwin_SecTrustSetAnchorCertificates(struct trust *trust, const struct array *anchors)
{
	darwin_CFRelease(trust->anchors);
	trust->anchors = anchors ? (struct array *)(uintptr_t)darwin_CFRetain(anchors) : NULL;
	trust->anchors_only = anchors;
	return SEC_SUCCESS;
}

int32_t darwin_SecTrustSetAnchorCertificatesOnly(struct trust *trust, uint8_t only)
{
	trust->anchors_only = only;
	return SEC_SUCCESS;
}

int32_t darwin_SecTrustSetPolicies(struct trust *trust, const void *policies)
{
	const struct policy *policy = first_of(policies);
	free(trust->host);
	trust->host = policy && policy->host ? strdup(policy->host) : NULL;
	return SEC_SUCCESS;
}

// Nothing is ever fetched for it.
int32_t darwin_SecTrustSetNetworkFetchAllowed(struct trust *trust, uint8_t allowed)
{
	return SEC_SUCCESS;
}

int32_t darwin_SecTrustGetNetworkFetchAllowed(struct trust *trust, uint8_t *allowed)
{
	*allowed = 0;
	return SEC_SUCCESS;
}

int32_t darwin_SecTrustEvaluate(struct trust *trust, int32_t *result)
{
	darwin_SecTrustEvaluateWithError(trust, NULL);
	if (result)
		*result = trust->result;
	return SEC_SUCCESS;
}

int32_t darwin_SecTrustGetTrustResult(const struct trust *trust, int32_t *result)
{
	*result = trust->result;
	return SEC_SUCCESS;
}

static const struct array *chain_or_given(const struct trust *trust)
{
	return trust->chain ? trust->chain : trust->certificates;
}

int64_t darwin_SecTrustGetCertificateCount(const struct trust *trust)
{
	return darwin_CFArrayGetCount(chain_or_given(trust));
}

const void *darwin_SecTrustGetCertificateAtIndex(const struct trust *trust, int64_t index)
{
	return darwin_CFArrayGetValueAtIndex(chain_or_given(trust), index);
}
