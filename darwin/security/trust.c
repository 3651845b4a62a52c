// SPDX-License-Identifier: MIT
// SecTrustEvaluate: is this chain good for this host now? Go's crypto/x509, security-framework and SecureTransport ask.
//
// Debian's libcrypto answers, with the system's CA store (/etc/ssl/certs; SSL_CERT_FILE and SSL_CERT_DIR are honoured as OpenSSL does).
// Facts: Apple's SecTrust.h, SecBase.h (errSec*); OpenSSL's X509_verify_cert(3), X509_VERIFY_PARAM_set_flags(3). As on macOS a host is looked
// for in subjectAltName alone, and for TLS keys below 112 bits of strength and SHA-1 are refused ("Requirements for trusted certificates in
// iOS 13 and macOS 10.15", support.apple.com/HT210176); the lengths of validity that it names are not looked at.
#include "trust.h"

#include "libcrypto.h"

#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

static X509 *certificate_parse(const void *certificate)
{
	const struct data *data = certificate_data(certificate);
	const unsigned char *bytes = darwin_CFDataGetBytePtr(data);
	return d2i_X509(NULL, &bytes, (long)darwin_CFDataGetLength(data));
}

bool trust_leaf_hash(const struct trust *trust, uint8_t to[32])
{
	if (darwin_CFArrayGetCount(trust->certificates) == 0)
		return false;
	const struct data *data = certificate_data(darwin_CFArrayGetValueAtIndex(trust->certificates, 0));
	return EVP_Digest(darwin_CFDataGetBytePtr(data), (size_t)darwin_CFDataGetLength(data), to, NULL, EVP_sha256(),
			  NULL);
}

static struct array *chain_of(X509_STORE_CTX *context)
{
	struct array *chain = array_make(true);
	STACK_OF(X509) *found = X509_STORE_CTX_get0_chain(context);
	for (int i = 0; found && i < sk_X509_num(found); i++) {
		unsigned char *bytes = NULL;
		int size = i2d_X509(sk_X509_value(found, i), &bytes);
		if (size <= 0)
			continue;
		struct data *data = darwin_CFDataCreate(NULL, bytes, size);
		array_add(chain, certificate_make(data));
		darwin_CFRelease(data);
		OPENSSL_free(bytes);
	}
	return chain;
}

// What the program lets pass: OpenSSL asks about each thing that is wrong.
static int trust_passes(int fine, X509_STORE_CTX *context)
{
	const struct trust *trust = X509_STORE_CTX_get_app_data(context);
	int reason = X509_STORE_CTX_get_error(context), depth = X509_STORE_CTX_get_error_depth(context);
	uint8_t hash[32];
	int32_t excepted;
	if (fine)
		return fine;
	if (reason == X509_V_ERR_CERT_HAS_EXPIRED &&
	    (trust->options & TRUST_ALLOW_EXPIRED || (depth > 0 && trust->options & TRUST_ALLOW_EXPIRED_ROOT &&
						      X509_self_signed(X509_STORE_CTX_get_current_cert(context), 0))))
		return 1;
	memcpy(&excepted, trust->exceptions + 32, 4);
	return excepted == reason && trust_leaf_hash(trust, hash) && memcmp(hash, trust->exceptions, 32) == 0;
}

static const struct policy *policy_first(const struct trust *trust, bool with_host)
{
	for (int64_t i = 0; i < darwin_CFArrayGetCount(trust->policies); i++) {
		const struct policy *policy = darwin_CFArrayGetValueAtIndex(trust->policies, i);
		if (with_host ? policy->host != NULL : policy->kind != POLICY_REVOCATION)
			return policy;
	}
	return NULL;
}

static void parameters_set(X509_VERIFY_PARAM *parameters, const struct trust *trust)
{
	static const int purposes[] = {
		[POLICY_BASIC] = X509_PURPOSE_ANY,	   [POLICY_SERVER] = X509_PURPOSE_SSL_SERVER,
		[POLICY_CLIENT] = X509_PURPOSE_SSL_CLIENT, [POLICY_CODE] = X509_PURPOSE_ANY,
		[POLICY_MAIL] = X509_PURPOSE_SMIME_SIGN,   [POLICY_TIMESTAMP] = X509_PURPOSE_TIMESTAMP_SIGN};
	const struct policy *policy = policy_first(trust, false), *named = policy_first(trust, true);
	if (named && named->host[0] && !X509_VERIFY_PARAM_set1_ip_asc(parameters, named->host)) {
		size_t size = strlen(named->host);
		X509_VERIFY_PARAM_set1_host(parameters, named->host, size - (named->host[size - 1] == '.'));
	}
	X509_VERIFY_PARAM_set_hostflags(parameters, X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
	if (trust->timed)
		X509_VERIFY_PARAM_set_time(parameters, (long)(trust->time + 978307200.0));
	if (policy && (policy->kind == POLICY_SERVER || policy->kind == POLICY_CLIENT))
		X509_VERIFY_PARAM_set_auth_level(parameters, 2);
	if (trust->anchors) // any certificate of the program's own may end the chain
		X509_VERIFY_PARAM_set_flags(parameters, X509_V_FLAG_PARTIAL_CHAIN);
	X509_VERIFY_PARAM_set_purpose(parameters, purposes[policy ? policy->kind : POLICY_BASIC]);
}

// The verifier's answer: X509_V_OK is good.
static int trust_verify(struct trust *trust, X509_STORE *store, X509 *leaf, STACK_OF(X509) * others)
{
	X509_STORE_CTX *context = X509_STORE_CTX_new();
	int reason = X509_V_ERR_UNSPECIFIED;
	if (context && X509_STORE_CTX_init(context, store, leaf, others)) {
		parameters_set(X509_STORE_CTX_get0_param(context), trust);
		X509_STORE_CTX_set_app_data(context, trust);
		X509_STORE_CTX_set_verify_cb(context, trust_passes);
		bool good = X509_verify_cert(context) == 1;
		reason = good ? X509_V_OK : X509_STORE_CTX_get_error(context);
		darwin_CFRelease(trust->chain);
		trust->chain = chain_of(context);
	}
	X509_STORE_CTX_free(context);
	ERR_clear_error();
	return reason;
}

static void store_add(X509_STORE *store, const struct array *anchors)
{
	for (int64_t i = 0; anchors && i < darwin_CFArrayGetCount(anchors); i++) {
		X509 *certificate = certificate_parse(darwin_CFArrayGetValueAtIndex(anchors, i));
		if (certificate)
			X509_STORE_add_cert(store, certificate);
		X509_free(certificate);
	}
}

static int trust_check(struct trust *trust)
{
	X509_STORE *store = X509_STORE_new();
	STACK_OF(X509) *others = sk_X509_new_null();
	X509 *leaf = NULL;
	int reason = X509_V_ERR_UNSPECIFIED;
	if (!trust->anchors_only)
		X509_STORE_set_default_paths(store);
	store_add(store, trust->anchors);
	for (int64_t i = 0; i < darwin_CFArrayGetCount(trust->certificates); i++) {
		X509 *certificate = certificate_parse(darwin_CFArrayGetValueAtIndex(trust->certificates, i));
		if (certificate && i == 0)
			leaf = certificate;
		else if (certificate)
			sk_X509_push(others, certificate);
	}
	if (leaf)
		reason = trust_verify(trust, store, leaf, others);
	sk_X509_pop_free(others, X509_free);
	X509_free(leaf);
	X509_STORE_free(store);
	return reason;
}

int32_t trust_status(int32_t reason)
{
	switch (reason) {
	case X509_V_OK:
		return SEC_SUCCESS;
	case X509_V_ERR_HOSTNAME_MISMATCH:
	case X509_V_ERR_IP_ADDRESS_MISMATCH:
		return SEC_HOST_NAME;
	case X509_V_ERR_CERT_HAS_EXPIRED:
		return SEC_EXPIRED;
	case X509_V_ERR_CERT_NOT_YET_VALID:
		return SEC_NOT_YET_VALID;
	case X509_V_ERR_CERT_REVOKED:
		return SEC_REVOKED;
	case X509_V_ERR_INVALID_PURPOSE:
		return SEC_EXTENDED_KEY_USAGE;
	default:
		return SEC_NOT_TRUSTED;
	}
}

uint8_t darwin_SecTrustEvaluateWithError(struct trust *trust, struct object **error)
{
	static const uint8_t none[TRUST_EXCEPTIONS];
	if (error)
		*error = NULL;
	bool there = libcrypto_there();
	trust->reason = there ? trust_check(trust) : X509_V_ERR_UNSPECIFIED;
	bool good = trust->reason == X509_V_OK, excepted = memcmp(trust->exceptions, none, sizeof(none)) != 0;
	trust->result = !good ? TRUST_RECOVERABLE : excepted ? TRUST_PROCEED : TRUST_UNSPECIFIED;
	if (!good && error)
		*error = there ? error_make("NSOSStatusErrorDomain", trust_status(trust->reason),
					    X509_verify_cert_error_string(trust->reason))
			       : error_make("NSOSStatusErrorDomain", SEC_NOT_AVAILABLE, "the verifier is not there");
	return good;
}
