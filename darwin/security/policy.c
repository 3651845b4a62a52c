// SPDX-License-Identifier: MIT
// SecPolicy; see policy.h. Facts: Apple's SecPolicy.h; texts of the constants: open source Security's SecPolicy.list.
#include "policy.h"

#include "../corefoundation/constant.h"

#include <stdlib.h>
#include <string.h>

CONSTANT(darwin_kSecPolicyOid, "SecPolicyOid");
CONSTANT(darwin_kSecPolicyName, "SecPolicyName");
CONSTANT(darwin_kSecPolicyClient, "SecPolicyClient");
CONSTANT(darwin_kSecPolicyRevocationFlags, "SecPolicyRevocationFlags");
CONSTANT(darwin_kSecPolicyTeamIdentifier, "SecPolicyTeamIdentifier");
CONSTANT(darwin_kSecPolicyAppleX509Basic, "1.2.840.113635.100.1.2");
CONSTANT(darwin_kSecPolicyAppleSSL, "1.2.840.113635.100.1.3");
CONSTANT(darwin_kSecPolicyAppleSMIME, "1.2.840.113635.100.1.8");
CONSTANT(darwin_kSecPolicyAppleEAP, "1.2.840.113635.100.1.9");
CONSTANT(darwin_kSecPolicyAppleIPsec, "1.2.840.113635.100.1.11");
CONSTANT(darwin_kSecPolicyAppleCodeSigning, "1.2.840.113635.100.1.16");
CONSTANT(darwin_kSecPolicyAppleIDValidation, "1.2.840.113635.100.1.18");
CONSTANT(darwin_kSecPolicyAppleTimeStamping, "1.2.840.113635.100.1.20");
CONSTANT(darwin_kSecPolicyAppleRevocation, "1.2.840.113635.100.1.21");

static void policy_destroy(struct object *object)
{
	free(((struct policy *)object)->host);
}

static bool policy_equal(const struct object *left, const struct object *right)
{
	const struct policy *one = (const struct policy *)left, *other = (const struct policy *)right;
	return one->kind == other->kind && darwin_CFEqual(one->name, other->name) &&
	       (one->host && other->host ? strcmp(one->host, other->host) == 0 : one->host == other->host);
}

static uint64_t policy_hash(const struct object *object)
{
	return darwin_CFHash(((const struct policy *)object)->name);
}

const struct object_type policy_type = {
	.name = "SecPolicy", .destroy = policy_destroy, .equal = policy_equal, .hash = policy_hash};

struct policy *policy_make(enum policy_kind kind, const void *name, const void *host)
{
	struct policy *policy = object_make(&policy_type, sizeof(*policy));
	policy->kind = kind;
	policy->name = name;
	policy->host = host ? string_to_utf8(host) : NULL;
	return policy;
}

struct policy *darwin_SecPolicyCreateSSL(uint8_t server, const void *host)
{
	return policy_make(server ? POLICY_SERVER : POLICY_CLIENT, darwin_kSecPolicyAppleSSL, host);
}

struct policy *darwin_SecPolicyCreateBasicX509(void)
{
	return policy_make(POLICY_BASIC, darwin_kSecPolicyAppleX509Basic, NULL);
}

// Nothing is ever fetched: a list of what is revoked, or an answer, is looked at only if OpenSSL's store has it.
struct policy *darwin_SecPolicyCreateRevocation(uint64_t flags)
{
	return policy_make(POLICY_REVOCATION, darwin_kSecPolicyAppleRevocation, NULL);
}

static const struct {
	const void *const *name;
	enum policy_kind kind;
} kinds[] = {
	{&darwin_kSecPolicyAppleX509Basic, POLICY_BASIC},
	{&darwin_kSecPolicyAppleSSL, POLICY_SERVER},
	{&darwin_kSecPolicyAppleSMIME, POLICY_MAIL},
	{&darwin_kSecPolicyAppleEAP, POLICY_SERVER},
	{&darwin_kSecPolicyAppleIPsec, POLICY_BASIC},
	{&darwin_kSecPolicyAppleCodeSigning, POLICY_CODE},
	{&darwin_kSecPolicyAppleTimeStamping, POLICY_TIMESTAMP},
	{&darwin_kSecPolicyAppleRevocation, POLICY_REVOCATION},
};

// NULL: there is no policy of that name here.
struct policy *darwin_SecPolicyCreateWithProperties(const void *name, const struct dictionary *properties)
{
	const void *host = properties ? dictionary_get(properties, "SecPolicyName") : NULL;
	const void *client = properties ? dictionary_get(properties, "SecPolicyClient") : NULL;
	for (size_t i = 0; name && i < sizeof(kinds) / sizeof(*kinds); i++)
		if (darwin_CFEqual(*kinds[i].name, name))
			return policy_make(kinds[i].kind == POLICY_SERVER && client && darwin_CFBooleanGetValue(client)
						   ? POLICY_CLIENT
						   : kinds[i].kind,
					   *kinds[i].name, host);
	return NULL;
}

struct dictionary *darwin_SecPolicyCopyProperties(const struct policy *policy)
{
	struct dictionary *properties = dictionary_make();
	dictionary_put(properties, "SecPolicyOid", policy->name);
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
