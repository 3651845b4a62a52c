// SPDX-License-Identifier: MIT
// SecTrust's making, settings and answers; trust.c evaluates. Facts: Apple's SecTrust.h; texts of keys: open source Security's SecTrust.c.
#include "trust.h"

#include "../corefoundation/constant.h"

#include "libcrypto.h"

#include <openssl/x509.h>
#include <string.h>

CONSTANT(darwin_kSecPropertyTypeTitle, "title");
CONSTANT(darwin_kSecPropertyTypeError, "error");
CONSTANT(darwin_kSecTrustEvaluationDate, "TrustEvaluationDate");
CONSTANT(darwin_kSecTrustExtendedValidation, "TrustExtendedValidation");
CONSTANT(darwin_kSecTrustOrganizationName, "Organization");
CONSTANT(darwin_kSecTrustResultValue, "TrustResultValue");
CONSTANT(darwin_kSecTrustRevocationChecked, "TrustRevocationChecked");
CONSTANT(darwin_kSecTrustRevocationValidUntilDate, "TrustExpirationDate");

double darwin_CFAbsoluteTimeGetCurrent(void);
struct array *darwin_CFArrayCreateCopy(const void *allocator, const struct array *array);
struct string *darwin_SecCertificateCopySubjectSummary(const void *certificate);

static void trust_destroy(struct object *object)
{
	struct trust *trust = (struct trust *)object;
	darwin_CFRelease(trust->certificates);
	darwin_CFRelease(trust->policies);
	darwin_CFRelease(trust->chain);
	darwin_CFRelease(trust->anchors);
}

const struct object_type trust_type = {.name = "SecTrust", .destroy = trust_destroy};

uint64_t darwin_SecTrustGetTypeID(void)
{
	return (uintptr_t)&trust_type;
}

struct array *trust_list(const void *objects)
{
	struct array *list = array_make(true);
	if (objects && object_type(objects) != &array_type)
		darwin_CFArrayAppendValue(list, objects);
	else if (objects)
		for (int64_t i = 0; i < darwin_CFArrayGetCount(objects); i++)
			darwin_CFArrayAppendValue(list, darwin_CFArrayGetValueAtIndex(objects, i));
	return list;
}

int32_t darwin_SecTrustCreateWithCertificates(const void *certificates, const void *policies, struct trust **made)
{
	struct trust *trust = object_make(&trust_type, sizeof(*trust));
	trust->certificates = trust_list(certificates);
	trust->policies = trust_list(policies);
	*made = trust;
	if (darwin_CFArrayGetCount(trust->certificates) > 0)
		return SEC_SUCCESS;
	darwin_CFRelease(trust);
	*made = NULL;
	return SEC_PARAM;
}

// What was found out is for what was asked: a new question begins anew.
static int32_t trust_changed(struct trust *trust)
{
	darwin_CFRelease(trust->chain);
	trust->chain = NULL;
	trust->result = TRUST_INVALID;
	return SEC_SUCCESS;
}

int32_t darwin_SecTrustSetPolicies(struct trust *trust, const void *policies)
{
	struct array *list = trust_list(policies);
	darwin_CFRelease(trust->policies);
	trust->policies = list;
	return trust_changed(trust);
}

int32_t darwin_SecTrustCopyPolicies(const struct trust *trust, struct array **policies)
{
	*policies = darwin_CFArrayCreateCopy(NULL, trust->policies);
	return SEC_SUCCESS;
}

int32_t darwin_SecTrustSetVerifyDate(struct trust *trust, const void *date)
{
	trust->timed = date;
	trust->time = date ? darwin_CFDateGetAbsoluteTime(date) : 0;
	return trust_changed(trust);
}

double darwin_SecTrustGetVerifyTime(const struct trust *trust)
{
	return trust->timed ? trust->time : darwin_CFAbsoluteTimeGetCurrent();
}

// With NULL the system's own count again.
int32_t darwin_SecTrustSetAnchorCertificates(struct trust *trust, const struct array *anchors)
{
	struct array *kept = anchors ? darwin_CFArrayCreateCopy(NULL, anchors) : NULL;
	darwin_CFRelease(trust->anchors);
	trust->anchors = kept;
	trust->anchors_only = anchors;
	return trust_changed(trust);
}

int32_t darwin_SecTrustSetAnchorCertificatesOnly(struct trust *trust, uint8_t only)
{
	trust->anchors_only = only;
	return trust_changed(trust);
}

int32_t darwin_SecTrustCopyCustomAnchorCertificates(const struct trust *trust, struct array **anchors)
{
	*anchors = trust->anchors ? darwin_CFArrayCreateCopy(NULL, trust->anchors) : NULL;
	return SEC_SUCCESS;
}

int32_t darwin_SecTrustSetOptions(struct trust *trust, uint32_t options)
{
	trust->options = options;
	return trust_changed(trust);
}

// Nothing is ever fetched for it.
int32_t darwin_SecTrustSetNetworkFetchAllowed(struct trust *trust, uint8_t allowed)
{
	trust->fetches = allowed;
	return SEC_SUCCESS;
}

int32_t darwin_SecTrustGetNetworkFetchAllowed(const struct trust *trust, uint8_t *allowed)
{
	*allowed = trust->fetches;
	return SEC_SUCCESS;
}

// Answers about revocation and logs of certificates may be handed over; a chain is judged without them.
int32_t darwin_SecTrustSetOCSPResponse(struct trust *trust, const void *responses)
{
	return trust ? SEC_SUCCESS : SEC_PARAM;
}

int32_t darwin_SecTrustSetSignedCertificateTimestamps(struct trust *trust, const struct array *timestamps)
{
	return trust ? SEC_SUCCESS : SEC_PARAM;
}

// ---- exceptions: the failure of the last evaluation shall count no more ---------------------------------------------

struct data *darwin_SecTrustCopyExceptions(struct trust *trust)
{
	uint8_t exceptions[TRUST_EXCEPTIONS];
	if (trust->result == TRUST_INVALID)
		darwin_SecTrustEvaluateWithError(trust, NULL);
	if (!libcrypto_there() || !trust_leaf_hash(trust, exceptions))
		return NULL;
	memcpy(exceptions + 32, &trust->reason, 4);
	return darwin_CFDataCreate(NULL, exceptions, sizeof(exceptions));
}

// False: they are of another certificate.
uint8_t darwin_SecTrustSetExceptions(struct trust *trust, const struct data *exceptions)
{
	uint8_t hash[32];
	memset(trust->exceptions, 0, sizeof(trust->exceptions));
	trust_changed(trust);
	if (!exceptions || darwin_CFDataGetLength(exceptions) != TRUST_EXCEPTIONS || !libcrypto_there() ||
	    !trust_leaf_hash(trust, hash) || memcmp(hash, darwin_CFDataGetBytePtr(exceptions), 32) != 0)
		return false;
	memcpy(trust->exceptions, darwin_CFDataGetBytePtr(exceptions), TRUST_EXCEPTIONS);
	return true;
}

// ---- answers --------------------------------------------------------------------------------------------------------

int32_t darwin_SecTrustEvaluate(struct trust *trust, int32_t *result)
{
	darwin_SecTrustEvaluateWithError(trust, NULL);
	if (result)
		*result = (int32_t)trust->result;
	return SEC_SUCCESS;
}

int32_t darwin_SecTrustGetTrustResult(const struct trust *trust, int32_t *result)
{
	*result = (int32_t)trust->result;
	return SEC_SUCCESS;
}

static const struct array *chain_or_given(const struct trust *trust)
{
	return trust->chain && darwin_CFArrayGetCount(trust->chain) > 0 ? trust->chain : trust->certificates;
}

// Asks first, if nobody has.
static const struct array *chain_asked(struct trust *trust)
{
	if (trust->result == TRUST_INVALID)
		darwin_SecTrustEvaluateWithError(trust, NULL);
	return chain_or_given(trust);
}

const void *darwin_SecTrustCopyCertificateChain(struct trust *trust)
{
	return darwin_CFArrayCreateCopy(NULL, chain_asked(trust));
}

int64_t darwin_SecTrustGetCertificateCount(struct trust *trust)
{
	return darwin_CFArrayGetCount(chain_asked(trust));
}

const void *darwin_SecTrustGetCertificateAtIndex(struct trust *trust, int64_t index)
{
	const struct array *chain = chain_asked(trust);
	return index >= 0 && index < darwin_CFArrayGetCount(chain) ? darwin_CFArrayGetValueAtIndex(chain, index) : NULL;
}

struct dictionary *darwin_SecTrustCopyResult(const struct trust *trust)
{
	struct dictionary *result = dictionary_make();
	dictionary_put(result, "TrustResultValue", number_make((int64_t)trust->result));
	dictionary_put(result, "TrustEvaluationDate", darwin_CFDateCreate(NULL, darwin_SecTrustGetVerifyTime(trust)));
	return result;
}

// A dictionary for each certificate, and one of what is wrong.
struct array *darwin_SecTrustCopyProperties(const struct trust *trust)
{
	struct array *list = array_make(true);
	const struct array *chain = chain_or_given(trust);
	for (int64_t i = 0; i < darwin_CFArrayGetCount(chain); i++) {
		struct dictionary *properties = dictionary_make();
		struct string *title = darwin_SecCertificateCopySubjectSummary(darwin_CFArrayGetValueAtIndex(chain, i));
		if (title)
			dictionary_put(properties, "title", title);
		if (i == 0 && trust->result == TRUST_RECOVERABLE)
			dictionary_put(properties, "error",
				       string_format("%s", X509_verify_cert_error_string(trust->reason)));
		array_add(list, properties);
	}
	return list;
}

// ---- the leaf's key -------------------------------------------------------------------------------------------------

struct key;
struct key *darwin_SecCertificateCopyKey(const void *certificate);

struct key *darwin_SecTrustCopyKey(const struct trust *trust)
{
	return darwin_SecCertificateCopyKey(darwin_CFArrayGetValueAtIndex(trust->certificates, 0));
}

struct key *darwin_SecTrustCopyPublicKey(const struct trust *trust)
{
	return darwin_SecTrustCopyKey(trust);
}
