// SPDX-License-Identifier: MIT
// SecTrust: certificates, what they shall be good for, and what became of that question. A thread at a time, as on macOS.
#ifndef DARWIN_TRUST_H
#define DARWIN_TRUST_H

#include "certificate.h"
#include "policy.h"

enum trust_result { TRUST_INVALID = 0, TRUST_PROCEED = 1, TRUST_UNSPECIFIED = 4, TRUST_RECOVERABLE = 5 };
// Facts: SecTrust.h, SecTrustOptionFlags.
enum { TRUST_ALLOW_EXPIRED = 1, TRUST_LEAF_IS_CA = 2, TRUST_ALLOW_EXPIRED_ROOT = 8, TRUST_IMPLICIT_ANCHORS = 0x40 };
enum { TRUST_EXCEPTIONS = 36 }; // the leaf's SHA-256, then what was wrong with it

struct trust {
	struct object head;
	struct array *certificates; // the leaf first
	struct array *policies;
	struct array *chain;   // what was found, or NULL
	struct array *anchors; // roots of the program's own, or NULL
	double time;	       // CFAbsoluteTime; if timed
	bool timed, anchors_only, fetches;
	uint32_t options;
	int32_t reason; // of the last evaluation: OpenSSL's X509_V_ERR_*
	enum trust_result result;
	uint8_t exceptions[TRUST_EXCEPTIONS]; // zeros: none
};
extern const struct object_type trust_type;

int32_t darwin_SecTrustCreateWithCertificates(const void *certificates, const void *policies, struct trust **made);
uint8_t darwin_SecTrustEvaluateWithError(struct trust *trust, struct object **error);
// SEC_SUCCESS or what an evaluation's reason is called.
int32_t trust_status(int32_t reason);
// An array of what may be one object, an array, or NULL. The caller's reference.
struct array *trust_list(const void *objects);
// The leaf's hash. False: there is no leaf.
bool trust_leaf_hash(const struct trust *trust, uint8_t to[32]);

#endif
