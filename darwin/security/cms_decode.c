// SPDX-License-Identifier: MIT
// CMSDecoder: what is in a message of CMS, who signed it, whether the signatures are good. Facts: Apple's CMSDecoder.h; CMS_verify(3),
// CMS_decrypt(3). The order of calls: CMSDecoderUpdateMessage, FinalizeMessage, then questions. Keys are looked for in keychains.
#include "identity.h"
#include "item.h"
#include "trust.h"

#include <openssl/cms.h>
#include <stdlib.h>
#include <string.h>

struct string *darwin_SecCertificateCopySubjectSummary(const void *certificate);
int32_t darwin_SecCertificateCopyEmailAddresses(const void *certificate, struct array **addresses);
void *certificate_take(X509 *certificate);

enum signer_status {
	SIGNER_UNSIGNED,
	SIGNER_VALID,
	SIGNER_NEEDS_CONTENT,
	SIGNER_INVALID_SIGNATURE,
	SIGNER_INVALID_CERTIFICATE,
	SIGNER_INVALID_INDEX
};

struct decoder {
	struct object head;
	struct bytes message;
	struct data *detached, *content; // or NULL
	const void *keychains;		 // to look for keys in, or NULL: the search list
	CMS_ContentInfo *open;		 // once it is finalized: what is signed, or NULL
	bool encrypted;
};

static void decoder_destroy(struct object *object)
{
	struct decoder *decoder = (struct decoder *)object;
	free(decoder->message.at);
	darwin_CFRelease(decoder->detached);
	darwin_CFRelease(decoder->content);
	darwin_CFRelease(decoder->keychains);
	CMS_ContentInfo_free(decoder->open);
}

static const struct object_type decoder_type = {.name = "CMSDecoder", .destroy = decoder_destroy};

uint64_t darwin_CMSDecoderGetTypeID(void)
{
	return (uintptr_t)&decoder_type;
}

int32_t darwin_CMSDecoderCreate(struct decoder **decoder)
{
	if (!libcrypto_there())
		return SEC_NOT_AVAILABLE;
	*decoder = object_make(&decoder_type, sizeof(**decoder));
	return SEC_SUCCESS;
}

int32_t darwin_CMSDecoderUpdateMessage(struct decoder *decoder, const void *bytes, size_t size)
{
	if (decoder->open)
		return SEC_PARAM;
	bytes_add(&decoder->message, bytes, size);
	return SEC_SUCCESS;
}

int32_t darwin_CMSDecoderSetDetachedContent(struct decoder *decoder, const struct data *content)
{
	darwin_CFRetain(content);
	darwin_CFRelease(decoder->detached);
	decoder->detached = (struct data *)(uintptr_t)content;
	return SEC_SUCCESS;
}

int32_t darwin_CMSDecoderCopyDetachedContent(const struct decoder *decoder, const void **content)
{
	*content = darwin_CFRetain(decoder->detached);
	return SEC_SUCCESS;
}

int32_t darwin_CMSDecoderSetSearchKeychain(struct decoder *decoder, const void *keychains)
{
	darwin_CFRetain(keychains);
	darwin_CFRelease(decoder->keychains);
	decoder->keychains = keychains;
	return SEC_SUCCESS;
}

// ---- the message ----------------------------------------------------------------------------------------------------

static CMS_ContentInfo *parse(const uint8_t *bytes, size_t size)
{
	const unsigned char *at = bytes;
	return size > 0 && size < INT32_MAX ? d2i_CMS_ContentInfo(NULL, &at, (long)size) : NULL;
}

static struct data *bio_data(BIO *bio)
{
	char *bytes = NULL;
	long size = BIO_get_mem_data(bio, &bytes);
	return darwin_CFDataCreate(NULL, (const uint8_t *)bytes, size > 0 ? size : 0);
}

// With the key of one of the keychains' identities. NULL: there is none that fits.
static struct data *decrypt_with(CMS_ContentInfo *message, const struct array *items)
{
	struct data *plain = NULL;
	for (int64_t i = 0; i < darwin_CFArrayGetCount(items) && !plain; i++) {
		const struct dictionary *record = darwin_CFArrayGetValueAtIndex(items, i);
		struct identity *identity = attribute_is(record, "class", "cert") ? identity_find(record, items) : NULL;
		if (!identity)
			continue;
		const struct data *data = certificate_data(identity->certificate);
		const unsigned char *bytes = darwin_CFDataGetBytePtr(data);
		X509 *own = d2i_X509(NULL, &bytes, (long)darwin_CFDataGetLength(data));
		BIO *to = BIO_new(BIO_s_mem());
		if (own && CMS_decrypt(message, identity->key->key, own, NULL, to, CMS_BINARY))
			plain = bio_data(to);
		BIO_free(to);
		X509_free(own);
		darwin_CFRelease(identity);
	}
	ERR_clear_error();
	return plain;
}

static struct data *decrypt(const struct decoder *decoder, CMS_ContentInfo *message)
{
	struct array *list = keychain_list(decoder->keychains);
	struct data *plain = NULL;
	for (int64_t i = 0; i < darwin_CFArrayGetCount(list) && !plain; i++) {
		struct array *items = NULL;
		if (!keychain_read((struct keychain *)(uintptr_t)darwin_CFArrayGetValueAtIndex(list, i), &items))
			plain = decrypt_with(message, items);
		darwin_CFRelease(items);
	}
	darwin_CFRelease(list);
	return plain;
}

static int kind_of(const CMS_ContentInfo *message)
{
	return OBJ_obj2nid(CMS_get0_type(message));
}

// What was encrypted may be a signed message.
int32_t darwin_CMSDecoderFinalizeMessage(struct decoder *decoder)
{
	CMS_ContentInfo *message = decoder->open ? NULL : parse(decoder->message.at, decoder->message.count);
	if (message && kind_of(message) == NID_pkcs7_enveloped) {
		decoder->encrypted = true;
		decoder->content = decrypt(decoder, message);
		CMS_ContentInfo_free(message);
		if (!decoder->content)
			return SEC_ITEM_NOT_FOUND;
		message = parse(darwin_CFDataGetBytePtr(decoder->content),
				(size_t)darwin_CFDataGetLength(decoder->content));
		if (!message || kind_of(message) != NID_pkcs7_signed) {
			CMS_ContentInfo_free(message);
			ERR_clear_error();
			return SEC_SUCCESS;
		}
		darwin_CFRelease(decoder->content);
		decoder->content = NULL;
	}
	ERR_clear_error();
	if (!message || kind_of(message) != NID_pkcs7_signed) {
		CMS_ContentInfo_free(message);
		return SEC_DECODE;
	}
	ASN1_OCTET_STRING **inner = CMS_get0_content(message);
	if (inner && *inner)
		decoder->content = darwin_CFDataCreate(NULL, ASN1_STRING_get0_data(*inner), ASN1_STRING_length(*inner));
	decoder->open = message;
	return SEC_SUCCESS;
}

int32_t darwin_CMSDecoderIsContentEncrypted(const struct decoder *decoder, uint8_t *encrypted)
{
	*encrypted = decoder->encrypted;
	return SEC_SUCCESS;
}

int32_t darwin_CMSDecoderCopyContent(const struct decoder *decoder, const void **content)
{
	*content = darwin_CFRetain(decoder->content);
	return SEC_SUCCESS;
}

int32_t darwin_CMSDecoderCopyEncapsulatedContentType(const struct decoder *decoder, struct data **type)
{
	const ASN1_OBJECT *known = decoder->open ? CMS_get0_eContentType(decoder->open) : NULL;
	*type = known ? darwin_CFDataCreate(NULL, OBJ_get0_data(known), (int64_t)OBJ_length(known)) : NULL;
	return *type ? SEC_SUCCESS : SEC_PARAM;
}

int32_t darwin_CMSDecoderCopyAllCerts(const struct decoder *decoder, struct array **certificates)
{
	STACK_OF(X509) *list = decoder->open ? CMS_get1_certs(decoder->open) : NULL;
	*certificates = list && sk_X509_num(list) > 0 ? array_make(true) : NULL;
	while (list && sk_X509_num(list) > 0)
		array_add(*certificates, certificate_take(sk_X509_shift(list)));
	sk_X509_free(list);
	return SEC_SUCCESS;
}

// ---- signers --------------------------------------------------------------------------------------------------------

int32_t darwin_CMSDecoderGetNumSigners(const struct decoder *decoder, size_t *count)
{
	STACK_OF(CMS_SignerInfo) *signers = decoder->open ? CMS_get0_SignerInfos(decoder->open) : NULL;
	*count = signers ? (size_t)sk_CMS_SignerInfo_num(signers) : 0;
	return SEC_SUCCESS;
}

// NULL: there is no such signer.
static CMS_SignerInfo *signer_at(const struct decoder *decoder, size_t index)
{
	STACK_OF(CMS_SignerInfo) *signers = decoder->open ? CMS_get0_SignerInfos(decoder->open) : NULL;
	if (!signers || index >= (size_t)sk_CMS_SignerInfo_num(signers))
		return NULL;
	CMS_set1_signers_certs(decoder->open, NULL, 0); // finds the certificates in the message
	return sk_CMS_SignerInfo_value(signers, (int)index);
}

static void *signer_certificate(CMS_SignerInfo *signer)
{
	X509 *own = NULL;
	CMS_SignerInfo_get0_algs(signer, NULL, &own, NULL, NULL);
	if (own)
		X509_up_ref(own);
	return certificate_take(own);
}

static bool signature_is_good(const struct decoder *decoder, CMS_SignerInfo *signer)
{
	const struct data *data = decoder->content ? decoder->content : decoder->detached;
	BIO *content = BIO_new_mem_buf(darwin_CFDataGetBytePtr(data), (int)darwin_CFDataGetLength(data));
	BIO *chain = content ? CMS_dataInit(decoder->open, content) : NULL;
	uint8_t part[4096];
	while (chain && BIO_read(chain, part, sizeof(part)) > 0) // what is read is hashed
		;
	bool good = chain && (CMS_signed_get_attr_count(signer) < 0 || CMS_SignerInfo_verify(signer) > 0) &&
		    CMS_SignerInfo_verify_content(signer, chain) > 0;
	BIO_free_all(chain ? chain : content); // the content is the chain's end
	ERR_clear_error();
	return good;
}

static enum signer_status signer_check(const struct decoder *decoder, size_t index, CMS_SignerInfo **signer)
{
	size_t count;
	darwin_CMSDecoderGetNumSigners(decoder, &count);
	*signer = signer_at(decoder, index);
	if (!*signer)
		return count ? SIGNER_INVALID_INDEX : SIGNER_UNSIGNED;
	if (!decoder->content && !decoder->detached)
		return SIGNER_NEEDS_CONTENT;
	X509 *own = NULL;
	CMS_SignerInfo_get0_algs(*signer, NULL, &own, NULL, NULL);
	if (!own)
		return SIGNER_INVALID_CERTIFICATE;
	return signature_is_good(decoder, *signer) ? SIGNER_VALID : SIGNER_INVALID_SIGNATURE;
}

static struct trust *signer_trust(const struct decoder *decoder, CMS_SignerInfo *signer, const void *policies)
{
	void *own = signer_certificate(signer);
	struct array *others = NULL, *list = trust_list(own);
	struct trust *trust = NULL;
	darwin_CMSDecoderCopyAllCerts(decoder, &others);
	for (int64_t i = 0; others && i < darwin_CFArrayGetCount(others); i++)
		if (!darwin_CFEqual(darwin_CFArrayGetValueAtIndex(others, i), own))
			darwin_CFArrayAppendValue(list, darwin_CFArrayGetValueAtIndex(others, i));
	if (own)
		darwin_SecTrustCreateWithCertificates(list, policies, &trust);
	darwin_CFRelease(others);
	darwin_CFRelease(list);
	darwin_CFRelease(own);
	return trust;
}

int32_t darwin_CMSDecoderCopySignerStatus(const struct decoder *decoder, size_t index, const void *policies,
					  uint8_t evaluate, uint32_t *told, const void **trust_made, int32_t *result)
{
	CMS_SignerInfo *signer = NULL;
	enum signer_status status = signer_check(decoder, index, &signer);
	struct trust *trust = status == SIGNER_VALID ? signer_trust(decoder, signer, policies) : NULL;
	int32_t reason = SEC_SUCCESS;
	if (trust && evaluate && !darwin_SecTrustEvaluateWithError(trust, NULL)) {
		status = SIGNER_INVALID_CERTIFICATE;
		reason = trust_status(trust->reason);
	}
	if (told)
		*told = status;
	if (result)
		*result = reason;
	if (trust_made)
		*trust_made = darwin_CFRetain(trust);
	darwin_CFRelease(trust);
	return SEC_SUCCESS;
}

int32_t darwin_CMSDecoderCopySignerCert(const struct decoder *decoder, size_t index, const void **certificate)
{
	CMS_SignerInfo *signer = signer_at(decoder, index);
	*certificate = signer ? signer_certificate(signer) : NULL;
	return *certificate ? SEC_SUCCESS : signer ? SEC_ITEM_NOT_FOUND : SEC_PARAM;
}

int32_t darwin_CMSDecoderCopySignerEmailAddress(const struct decoder *decoder, size_t index, const void **address)
{
	const void *certificate = NULL;
	struct array *list = NULL;
	*address = NULL;
	int32_t status = darwin_CMSDecoderCopySignerCert(decoder, index, &certificate);
	if (!status)
		status = darwin_SecCertificateCopyEmailAddresses(certificate, &list);
	if (!status && darwin_CFArrayGetCount(list) > 0)
		*address = darwin_CFRetain(darwin_CFArrayGetValueAtIndex(list, 0));
	darwin_CFRelease(list);
	darwin_CFRelease(certificate);
	return status ? status : *address ? SEC_SUCCESS : SEC_PARAM;
}

int32_t darwin_CMSDecoderCopySignerSigningTime(const struct decoder *decoder, size_t index, double *time)
{
	CMS_SignerInfo *signer = signer_at(decoder, index);
	const ASN1_TIME *told =
		signer ? CMS_signed_get0_data_by_OBJ(signer, OBJ_nid2obj(NID_pkcs9_signingTime), -3, V_ASN1_UTCTIME)
		       : NULL;
	ASN1_TIME *epoch = ASN1_TIME_set(NULL, 978307200); // CoreFoundation's: 2001
	int days = 0, seconds = 0;
	bool fine = told && ASN1_TIME_diff(&days, &seconds, epoch, told);
	*time = days * 86400.0 + seconds;
	ASN1_TIME_free(epoch);
	return fine ? SEC_SUCCESS : SEC_PARAM;
}
