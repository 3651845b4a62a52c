// SPDX-License-Identifier: MIT
// CMSEncoder: messages that are signed, encrypted, or signed and then encrypted (RFC 5652). Facts: Apple's CMSEncoder.h; CMS_sign(3),
// CMS_encrypt(3). The order of calls: settings, content, CMSEncoderCopyEncodedContent. Time stamps of servers are not there.
#include "identity.h"
#include "trust.h"

#include "../corefoundation/constant.h"

#include <openssl/cms.h>
#include <stdlib.h>
#include <string.h>

CONSTANT(darwin_kCMSEncoderDigestAlgorithmSHA1, "sha1");
CONSTANT(darwin_kCMSEncoderDigestAlgorithmSHA256, "sha256");

enum { CHAIN_NONE, CHAIN_SIGNER, CHAIN_WHOLE, CHAIN_ROOT, CHAIN_ROOT_OR_FAIL }; // CMSCertificateChainMode
enum { ATTRIBUTE_CAPABILITIES = 1, ATTRIBUTE_TIME = 8 };			// CMSSignedAttributes
enum { CMS_PART = 1 << 20 };

struct encoder {
	struct object head;
	struct array *signers, *recipients, *certificates; // identities, certificates, certificates
	char *type;					   // of the content, with dots; or NULL: data
	bool detached, sha1;
	uint32_t attributes, chain;
	struct bytes content;
};

static void encoder_destroy(struct object *object)
{
	struct encoder *encoder = (struct encoder *)object;
	darwin_CFRelease(encoder->signers);
	darwin_CFRelease(encoder->recipients);
	darwin_CFRelease(encoder->certificates);
	free(encoder->type);
	free(encoder->content.at);
}

static const struct object_type encoder_type = {.name = "CMSEncoder", .destroy = encoder_destroy};

uint64_t darwin_CMSEncoderGetTypeID(void)
{
	return (uintptr_t)&encoder_type;
}

int32_t darwin_CMSEncoderCreate(struct encoder **made)
{
	if (!libcrypto_there())
		return SEC_NOT_AVAILABLE;
	struct encoder *encoder = object_make(&encoder_type, sizeof(*encoder));
	encoder->signers = array_make(true);
	encoder->recipients = array_make(true);
	encoder->certificates = array_make(true);
	encoder->chain = CHAIN_WHOLE;
	encoder->sha1 = true; // unless asked otherwise, as on macOS
	*made = encoder;
	return SEC_SUCCESS;
}

// ---- settings -------------------------------------------------------------------------------------------------------

// One object or several of that type.
static int32_t list_add(struct array *to, const void *one_or_array, const struct object_type *type)
{
	struct array *added = trust_list(one_or_array);
	int32_t status = SEC_SUCCESS;
	for (int64_t i = 0; i < darwin_CFArrayGetCount(added); i++)
		if (object_type(darwin_CFArrayGetValueAtIndex(added, i)) != type)
			status = SEC_PARAM;
	for (int64_t i = 0; !status && i < darwin_CFArrayGetCount(added); i++)
		darwin_CFArrayAppendValue(to, darwin_CFArrayGetValueAtIndex(added, i));
	darwin_CFRelease(added);
	return status;
}

static int32_t list_copy(const struct array *from, struct array **to)
{
	*to = darwin_CFArrayGetCount(from) ? trust_list(from) : NULL;
	return SEC_SUCCESS;
}

int32_t darwin_CMSEncoderAddSigners(struct encoder *encoder, const void *signers)
{
	return list_add(encoder->signers, signers, &identity_type);
}

int32_t darwin_CMSEncoderCopySigners(const struct encoder *encoder, struct array **signers)
{
	return list_copy(encoder->signers, signers);
}

int32_t darwin_CMSEncoderAddRecipients(struct encoder *encoder, const void *recipients)
{
	return list_add(encoder->recipients, recipients, &certificate_type);
}

int32_t darwin_CMSEncoderCopyRecipients(const struct encoder *encoder, struct array **recipients)
{
	return list_copy(encoder->recipients, recipients);
}

int32_t darwin_CMSEncoderAddSupportingCerts(struct encoder *encoder, const void *certificates)
{
	return list_add(encoder->certificates, certificates, &certificate_type);
}

int32_t darwin_CMSEncoderCopySupportingCerts(const struct encoder *encoder, struct array **certificates)
{
	return list_copy(encoder->certificates, certificates);
}

int32_t darwin_CMSEncoderSetSignerAlgorithm(struct encoder *encoder, const void *digest)
{
	encoder->sha1 = string_is(digest, "sha1");
	return encoder->sha1 || string_is(digest, "sha256") ? SEC_SUCCESS : SEC_PARAM;
}

int32_t darwin_CMSEncoderSetHasDetachedContent(struct encoder *encoder, uint8_t detached)
{
	encoder->detached = detached;
	return SEC_SUCCESS;
}

int32_t darwin_CMSEncoderGetHasDetachedContent(const struct encoder *encoder, uint8_t *detached)
{
	*detached = encoder->detached;
	return SEC_SUCCESS;
}

// Numbers with dots.
int32_t darwin_CMSEncoderSetEncapsulatedContentTypeOID(struct encoder *encoder, const void *type)
{
	if (!type || object_type(type) != &string_type)
		return SEC_PARAM;
	char *text = string_to_utf8(type);
	ASN1_OBJECT *known = OBJ_txt2obj(text, 1);
	free(encoder->type);
	encoder->type = known ? text : NULL;
	if (!known)
		free(text);
	ASN1_OBJECT_free(known);
	ERR_clear_error();
	return encoder->type ? SEC_SUCCESS : SEC_PARAM;
}

// DER of the number, without its head.
int32_t darwin_CMSEncoderCopyEncapsulatedContentType(const struct encoder *encoder, struct data **type)
{
	ASN1_OBJECT *known = OBJ_txt2obj(encoder->type ? encoder->type : "1.2.840.113549.1.7.1", 1);
	*type = known ? darwin_CFDataCreate(NULL, OBJ_get0_data(known), (int64_t)OBJ_length(known)) : NULL;
	ASN1_OBJECT_free(known);
	return *type ? SEC_SUCCESS : SEC_PARAM;
}

int32_t darwin_CMSEncoderAddSignedAttributes(struct encoder *encoder, uint32_t attributes)
{
	if (attributes & ~(uint32_t)(ATTRIBUTE_CAPABILITIES | ATTRIBUTE_TIME))
		return SEC_UNIMPLEMENTED;
	encoder->attributes |= attributes;
	return SEC_SUCCESS;
}

int32_t darwin_CMSEncoderSetCertificateChainMode(struct encoder *encoder, uint32_t mode)
{
	if (mode > CHAIN_ROOT_OR_FAIL)
		return SEC_PARAM;
	encoder->chain = mode;
	return SEC_SUCCESS;
}

int32_t darwin_CMSEncoderGetCertificateChainMode(const struct encoder *encoder, uint32_t *mode)
{
	*mode = encoder->chain;
	return SEC_SUCCESS;
}

int32_t darwin_CMSEncoderUpdateContent(struct encoder *encoder, const void *content, size_t size)
{
	bytes_add(&encoder->content, content, size);
	return SEC_SUCCESS;
}

// ---- the message ----------------------------------------------------------------------------------------------------

static X509 *parse(const void *certificate)
{
	const struct data *data = certificate_data(certificate);
	const unsigned char *bytes = darwin_CFDataGetBytePtr(data);
	return d2i_X509(NULL, &bytes, (long)darwin_CFDataGetLength(data));
}

static void add_certificate(CMS_ContentInfo *message, const void *certificate)
{
	X509 *parsed = parse(certificate);
	if (parsed)
		CMS_add1_cert(message, parsed); // one that is there already is refused, which is no failure
	X509_free(parsed);
	ERR_clear_error();
}

// The signer's certificate and those that lead from it, as far as the mode says. False: a root is wanted, and there is none.
static bool add_chain(const struct encoder *encoder, CMS_ContentInfo *message, const void *certificate)
{
	struct trust *trust = NULL;
	struct policy *policy = policy_make(POLICY_BASIC, NULL, NULL);
	if (encoder->chain == CHAIN_NONE)
		return true;
	add_certificate(message, certificate);
	struct array *known = trust_list(certificate);
	for (int64_t i = 0; i < darwin_CFArrayGetCount(encoder->certificates); i++)
		darwin_CFArrayAppendValue(known, darwin_CFArrayGetValueAtIndex(encoder->certificates, i));
	darwin_SecTrustCreateWithCertificates(known, policy, &trust);
	bool good = darwin_SecTrustEvaluateWithError(trust, NULL);
	int64_t count = trust->chain ? darwin_CFArrayGetCount(trust->chain) : 0;
	for (int64_t i = 1; encoder->chain >= CHAIN_WHOLE && i < count - (good && encoder->chain == CHAIN_WHOLE); i++)
		add_certificate(message, darwin_CFArrayGetValueAtIndex(trust->chain, i));
	darwin_CFRelease(trust);
	darwin_CFRelease(policy);
	darwin_CFRelease(known);
	return good || encoder->chain != CHAIN_ROOT_OR_FAIL;
}

static bool add_signer(const struct encoder *encoder, CMS_ContentInfo *message, const struct identity *identity)
{
	unsigned flags = CMS_PARTIAL | CMS_BINARY | CMS_NOCERTS;
	flags |= encoder->attributes == 0 ? CMS_NOATTR : 0;
	flags |= encoder->attributes & ATTRIBUTE_CAPABILITIES ? 0 : CMS_NOSMIMECAP;
	X509 *own = parse(identity->certificate);
	CMS_SignerInfo *signer = own ? CMS_add1_signer(message, own, identity->key->key,
						       encoder->sha1 ? EVP_sha1() : EVP_sha256(), flags)
				     : NULL;
	X509_free(own);
	return signer && add_chain(encoder, message, identity->certificate);
}

static CMS_ContentInfo *sign(const struct encoder *encoder, BIO *content)
{
	unsigned flags = CMS_BINARY | CMS_PARTIAL | (encoder->detached ? CMS_DETACHED : 0);
	CMS_ContentInfo *message = CMS_sign(NULL, NULL, NULL, NULL, flags);
	ASN1_OBJECT *type = encoder->type ? OBJ_txt2obj(encoder->type, 1) : NULL;
	bool fine = message && (!type || CMS_set1_eContentType(message, type));
	for (int64_t i = 0; fine && i < darwin_CFArrayGetCount(encoder->signers); i++)
		fine = add_signer(encoder, message, darwin_CFArrayGetValueAtIndex(encoder->signers, i));
	for (int64_t i = 0; fine && i < darwin_CFArrayGetCount(encoder->certificates); i++)
		add_certificate(message, darwin_CFArrayGetValueAtIndex(encoder->certificates, i));
	fine = fine && CMS_final(message, content, NULL, flags & ~(unsigned)CMS_PARTIAL);
	ASN1_OBJECT_free(type);
	if (fine)
		return message;
	CMS_ContentInfo_free(message);
	return NULL;
}

// With AES of 256 bits in CBC.
static CMS_ContentInfo *encrypt(const struct encoder *encoder, BIO *content)
{
	STACK_OF(X509) *list = sk_X509_new_null();
	for (int64_t i = 0; i < darwin_CFArrayGetCount(encoder->recipients); i++) {
		X509 *parsed = parse(darwin_CFArrayGetValueAtIndex(encoder->recipients, i));
		if (parsed)
			sk_X509_push(list, parsed);
	}
	CMS_ContentInfo *message = CMS_encrypt(list, content, EVP_aes_256_cbc(), CMS_BINARY);
	sk_X509_pop_free(list, X509_free);
	return message;
}

static struct data *message_bytes(CMS_ContentInfo *message)
{
	unsigned char *bytes = NULL;
	int size = message ? i2d_CMS_ContentInfo(message, &bytes) : 0;
	struct data *data = size > 0 ? darwin_CFDataCreate(NULL, bytes, size) : NULL;
	OPENSSL_free(bytes);
	CMS_ContentInfo_free(message);
	ERR_clear_error();
	return data;
}

// With no signers it is a list of certificates, or only encrypted.
int32_t darwin_CMSEncoderCopyEncodedContent(const struct encoder *encoder, struct data **encoded)
{
	bool encrypts = darwin_CFArrayGetCount(encoder->recipients) > 0;
	bool signs = darwin_CFArrayGetCount(encoder->signers) > 0 || !encrypts;
	*encoded = NULL;
	if (encoder->content.count > INT32_MAX || (encrypts && encoder->detached))
		return SEC_PARAM;
	BIO *content = BIO_new_mem_buf(encoder->content.at ? encoder->content.at : (const uint8_t *)"",
				       (int)encoder->content.count);
	struct data *inner = content && signs ? message_bytes(sign(encoder, content)) : NULL;
	if (!signs)
		*encoded = message_bytes(encrypt(encoder, content));
	else if (inner && encrypts) {
		BIO *between = BIO_new_mem_buf(darwin_CFDataGetBytePtr(inner), (int)darwin_CFDataGetLength(inner));
		*encoded = message_bytes(encrypt(encoder, between));
		BIO_free(between);
		darwin_CFRelease(inner);
	} else {
		*encoded = inner;
	}
	BIO_free(content);
	return *encoded ? SEC_SUCCESS : SEC_PARAM;
}

int32_t darwin_CMSEncodeContent(const void *signers, const void *recipients, const void *type, uint8_t detached,
				uint32_t attributes, const void *content, size_t size, struct data **encoded)
{
	struct encoder *encoder = NULL;
	int32_t status = darwin_CMSEncoderCreate(&encoder);
	if (!status && signers)
		status = darwin_CMSEncoderAddSigners(encoder, signers);
	if (!status && recipients)
		status = darwin_CMSEncoderAddRecipients(encoder, recipients);
	if (!status && type)
		status = darwin_CMSEncoderSetEncapsulatedContentTypeOID(encoder, type);
	if (!status)
		status = darwin_CMSEncoderAddSignedAttributes(encoder, attributes);
	if (!status) {
		encoder->detached = detached;
		bytes_add(&encoder->content, content, size);
		status = darwin_CMSEncoderCopyEncodedContent(encoder, encoded);
	}
	darwin_CFRelease(encoder);
	return status;
}
