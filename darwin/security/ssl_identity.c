// SPDX-License-Identifier: MIT
// Certificates of SecureTransport's sessions: one's own, the other side's, those a server accepts; see ssl.h.
#include "ssl.h"

#include "identity.h"
#include "trust.h"

static X509 *parse(const void *certificate)
{
	const struct data *data = certificate_data(certificate);
	const unsigned char *bytes = darwin_CFDataGetBytePtr(data);
	return d2i_X509(NULL, &bytes, (long)darwin_CFDataGetLength(data));
}

static void *certificate_of(X509 *parsed)
{
	unsigned char *bytes = NULL;
	int size = parsed ? i2d_X509(parsed, &bytes) : 0;
	struct data *data = size > 0 ? darwin_CFDataCreate(NULL, bytes, size) : NULL;
	void *certificate = data ? certificate_make(data) : NULL;
	darwin_CFRelease(data);
	OPENSSL_free(bytes);
	return certificate;
}

// ---- one's own: an identity, then certificates that lead to a root --------------------------------------------------

int32_t darwin_SSLSetCertificate(struct ssl_context *context, const struct array *list)
{
	if (list && (darwin_CFArrayGetCount(list) == 0 ||
		     object_type(darwin_CFArrayGetValueAtIndex(list, 0)) != &identity_type))
		return SEC_PARAM;
	struct array *kept = list ? trust_list(list) : NULL;
	darwin_CFRelease(context->identity);
	context->identity = kept;
	return SEC_SUCCESS;
}

int32_t darwin_SSLGetCertificate(const struct ssl_context *context, const struct array **list)
{
	*list = context->identity;
	return SEC_SUCCESS;
}

int32_t ssl_identity_use(struct ssl_context *context)
{
	const struct identity *identity = darwin_CFArrayGetValueAtIndex(context->identity, 0);
	X509 *own = parse(identity->certificate);
	bool fine = own && SSL_use_certificate(context->ssl, own) == 1 &&
		    SSL_use_PrivateKey(context->ssl, identity->key->key) == 1;
	SSL_clear_chain_certs(context->ssl);
	for (int64_t i = 1; fine && i < darwin_CFArrayGetCount(context->identity); i++) {
		const void *each = darwin_CFArrayGetValueAtIndex(context->identity, i);
		X509 *parsed = object_type(each) == &certificate_type ? parse(each) : NULL;
		fine = parsed && SSL_add1_chain_cert(context->ssl, parsed) == 1;
		X509_free(parsed);
	}
	X509_free(own);
	ERR_clear_error();
	return fine ? SEC_SUCCESS : SEC_PARAM;
}

// ---- the other side's -----------------------------------------------------------------------------------------------

// The leaf first; NULL: it has shown none.
static struct array *peer_list(const struct ssl_context *context)
{
	STACK_OF(X509) *chain = SSL_get_peer_cert_chain(context->ssl);
	X509 *leaf = context->server ? SSL_get0_peer_certificate(context->ssl) : NULL; // not in a server's chain
	struct array *list = array_make(true);
	if (leaf)
		array_add(list, certificate_of(leaf));
	for (int i = 0; chain && i < sk_X509_num(chain); i++) {
		void *certificate = certificate_of(sk_X509_value(chain, i));
		if (certificate)
			array_add(list, certificate);
	}
	if (darwin_CFArrayGetCount(list) > 0)
		return list;
	darwin_CFRelease(list);
	return NULL;
}

struct trust *ssl_trust_make(const struct ssl_context *context)
{
	struct array *list = peer_list(context);
	struct trust *trust = NULL;
	struct string *name = context->peer && !context->server ? string_from_text(context->peer) : NULL;
	struct policy *policy = darwin_SecPolicyCreateSSL(!context->server, name);
	if (list)
		darwin_SecTrustCreateWithCertificates(list, policy, &trust);
	darwin_CFRelease(policy);
	darwin_CFRelease(name);
	darwin_CFRelease(list);
	return trust;
}

int32_t darwin_SSLCopyPeerTrust(struct ssl_context *context, const void **trust)
{
	if (!context || !trust)
		return SEC_PARAM;
	if (!context->trust && ssl_is_active(context))
		context->trust = ssl_trust_make(context);
	*trust = darwin_CFRetain(context->trust);
	return SEC_SUCCESS;
}

int32_t darwin_SSLCopyPeerCertificates(struct ssl_context *context, struct array **list)
{
	*list = context->trust ? trust_list(context->trust->certificates) : peer_list(context);
	return *list ? SEC_SUCCESS : SEC_BAD_REQUEST;
}

int32_t darwin_SSLGetClientCertificateState(const struct ssl_context *context, int32_t *state)
{
	*state = context->client_state;
	return SEC_SUCCESS;
}

// ---- a server's clients ---------------------------------------------------------------------------------------------

// 0 never, 1 always, 2 if they have one.
int32_t darwin_SSLSetClientSideAuthenticate(struct ssl_context *context, int32_t authenticate)
{
	if (ssl_is_active(context))
		return SEC_BAD_REQUEST;
	if (authenticate < 0 || authenticate > 2)
		return SEC_PARAM;
	context->authenticate = authenticate;
	return SEC_SUCCESS;
}

int32_t darwin_SSLSetCertificateAuthorities(struct ssl_context *context, const void *one_or_array, uint8_t replace)
{
	if (ssl_is_active(context))
		return SEC_BAD_REQUEST;
	struct array *list = trust_list(replace ? NULL : context->authorities), *added = trust_list(one_or_array);
	STACK_OF(X509_NAME) *names = sk_X509_NAME_new_null();
	for (int64_t i = 0; i < darwin_CFArrayGetCount(added); i++)
		darwin_CFArrayAppendValue(list, darwin_CFArrayGetValueAtIndex(added, i));
	for (int64_t i = 0; i < darwin_CFArrayGetCount(list); i++) {
		X509 *parsed = parse(darwin_CFArrayGetValueAtIndex(list, i));
		X509_NAME *name = parsed ? X509_NAME_dup(X509_get_subject_name(parsed)) : NULL;
		if (name)
			sk_X509_NAME_push(names, name);
		X509_free(parsed);
	}
	SSL_set_client_CA_list(context->ssl, names); // takes them
	darwin_CFRelease(added);
	darwin_CFRelease(context->authorities);
	context->authorities = list;
	return SEC_SUCCESS;
}

int32_t darwin_SSLCopyCertificateAuthorities(const struct ssl_context *context, struct array **list)
{
	*list = context->authorities ? trust_list(context->authorities) : NULL;
	return SEC_SUCCESS;
}

// Whose certificates the server accepts: for a client what it was told, DER.
int32_t darwin_SSLCopyDistinguishedNames(const struct ssl_context *context, struct array **list)
{
	const STACK_OF(X509_NAME) *names =
		context->server ? SSL_get_client_CA_list(context->ssl) : SSL_get0_peer_CA_list(context->ssl);
	*list = names && sk_X509_NAME_num(names) > 0 ? array_make(true) : NULL;
	for (int i = 0; *list && i < sk_X509_NAME_num(names); i++) {
		unsigned char *bytes = NULL;
		int size = i2d_X509_NAME(sk_X509_NAME_value(names, i), &bytes);
		if (size > 0)
			array_add(*list, darwin_CFDataCreate(NULL, bytes, size));
		OPENSSL_free(bytes);
	}
	return SEC_SUCCESS;
}
