// SPDX-License-Identifier: MIT
// SSLContext: made, set up, asked; see ssl.h. Facts: Apple's SecureTransport.h.
#include "ssl.h"

#include "trust.h"

#include "../corefoundation/constant.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

CONSTANT(darwin_kSSLSessionConfig_default, "default");
CONSTANT(darwin_kSSLSessionConfig_ATSv1, "ATSv1");
CONSTANT(darwin_kSSLSessionConfig_ATSv1_noPFS, "ATSv1_noPFS");
CONSTANT(darwin_kSSLSessionConfig_legacy, "legacy");
CONSTANT(darwin_kSSLSessionConfig_standard, "standard");
CONSTANT(darwin_kSSLSessionConfig_anonymous, "anonymous");

// What macOS' default has: no RC4, no 3DES, nothing without authentication. The strength of certificates is SecTrust's matter.
static const char default_ciphers[] =
	"ECDHE+AESGCM:ECDHE+CHACHA20:ECDHE+AES:kRSA+AESGCM:kRSA+AES:!aNULL:!eNULL:!CAMELLIA:"
	"!AESCCM:!ARIA:!PSK:@SECLEVEL=0";

static void context_destroy(struct object *object)
{
	struct ssl_context *context = (struct ssl_context *)object;
	SSL_free(context->ssl);
	SSL_CTX_free(context->settings);
	free(context->peer);
	free(context->peer_id);
	darwin_CFRelease(context->identity);
	darwin_CFRelease(context->protocols);
	darwin_CFRelease(context->authorities);
	darwin_CFRelease(context->trust);
}

const struct object_type ssl_context_type = {.name = "SSLContext", .destroy = context_destroy};

uint64_t darwin_SSLContextGetTypeID(void)
{
	return (uintptr_t)&ssl_context_type;
}

static int version_of(uint32_t protocol)
{
	return protocol == PROTOCOL_TLS1 ? TLS1_VERSION : protocol == PROTOCOL_TLS11 ? TLS1_1_VERSION : TLS1_2_VERSION;
}

static void versions_set(struct ssl_context *context)
{
	SSL_set_min_proto_version(context->ssl, version_of(context->minimum));
	SSL_set_max_proto_version(context->ssl, version_of(context->maximum));
}

// False: there is no memory, or OpenSSL's settings are broken.
static bool context_open(struct ssl_context *context)
{
	context->settings = SSL_CTX_new(TLS_method());
	if (!context->settings || !SSL_CTX_set_cipher_list(context->settings, default_ciphers))
		return false;
	SSL_CTX_set_options(context->settings, SSL_OP_NO_RENEGOTIATION | SSL_OP_IGNORE_UNEXPECTED_EOF);
	SSL_CTX_set_session_cache_mode(context->settings, SSL_SESS_CACHE_OFF);
	context->ssl = SSL_new(context->settings);
	context->in = BIO_new(BIO_s_mem());
	context->out = BIO_new(BIO_s_mem());
	if (!context->ssl || !context->in || !context->out)
		return false;
	BIO_set_mem_eof_return(context->in, -1); // more may come
	SSL_set_bio(context->ssl, context->in, context->out);
	if (context->server)
		SSL_set_accept_state(context->ssl);
	else
		SSL_set_connect_state(context->ssl);
	ssl_callbacks_set(context);
	versions_set(context);
	return true;
}

enum { SIDE_SERVER, SIDE_CLIENT }; // SSLProtocolSide

// Streams alone; datagrams (DTLS) are not there.
struct ssl_context *darwin_SSLCreateContext(const void *allocator, uint32_t side, uint32_t type)
{
	if (side > SIDE_CLIENT || type != 0 || !libssl_there())
		return NULL;
	struct ssl_context *context = object_make(&ssl_context_type, sizeof(*context));
	context->server = side == SIDE_SERVER;
	context->minimum = PROTOCOL_TLS1;
	context->maximum = PROTOCOL_TLS12;
	if (context_open(context))
		return context;
	darwin_CFRelease(context);
	ERR_clear_error();
	return NULL;
}

int32_t darwin_SSLNewContext(uint8_t server, struct ssl_context **context)
{
	*context = darwin_SSLCreateContext(NULL, server ? SIDE_SERVER : SIDE_CLIENT, 0);
	return *context ? SEC_SUCCESS : SEC_ALLOCATE;
}

int32_t darwin_SSLDisposeContext(struct ssl_context *context)
{
	darwin_CFRelease(context);
	return SEC_SUCCESS;
}

int32_t darwin_SSLGetSessionState(const struct ssl_context *context, int32_t *state)
{
	*state = context->state == STATE_SILENT ? STATE_ABORTED : (int32_t)context->state;
	return SEC_SUCCESS;
}

// ---- settings: before the handshake ---------------------------------------------------------------------------------

int32_t darwin_SSLSetIOFuncs(struct ssl_context *context, ssl_read_function *read, ssl_write_function *write)
{
	if (ssl_is_active(context))
		return SEC_BAD_REQUEST;
	context->read = read;
	context->write = write;
	return SEC_SUCCESS;
}

int32_t darwin_SSLSetConnection(struct ssl_context *context, const void *connection)
{
	if (ssl_is_active(context))
		return SEC_BAD_REQUEST;
	context->connection = connection;
	return SEC_SUCCESS;
}

int32_t darwin_SSLGetConnection(const struct ssl_context *context, const void **connection)
{
	*connection = context->connection;
	return SEC_SUCCESS;
}

int32_t darwin_SSLSetSessionOption(struct ssl_context *context, uint32_t option, uint8_t value)
{
	if (ssl_is_active(context))
		return SEC_BAD_REQUEST;
	if (option >= OPTION_COUNT)
		return SEC_PARAM;
	context->options[option] = value;
	return SEC_SUCCESS;
}

int32_t darwin_SSLGetSessionOption(const struct ssl_context *context, uint32_t option, uint8_t *value)
{
	if (option >= OPTION_COUNT)
		return SEC_PARAM;
	*value = context->options[option];
	return SEC_SUCCESS;
}

static bool protocol_known(uint32_t protocol)
{
	return protocol == PROTOCOL_TLS1 || protocol == PROTOCOL_TLS11 || protocol == PROTOCOL_TLS12;
}

// As on macOS: SSL 3 counts as TLS 1.0, which is the oldest here, and TLS 1.3 is refused.
int32_t darwin_SSLSetProtocolVersionMin(struct ssl_context *context, uint32_t protocol)
{
	protocol = protocol == 2 ? PROTOCOL_TLS1 : protocol;
	if (!protocol_known(protocol))
		return SSL_ILLEGAL_PARAM;
	context->minimum = protocol;
	context->maximum = context->maximum < protocol ? protocol : context->maximum;
	versions_set(context);
	return SEC_SUCCESS;
}

int32_t darwin_SSLSetProtocolVersionMax(struct ssl_context *context, uint32_t protocol)
{
	protocol = protocol == 999 ? PROTOCOL_TLS12 : protocol; // kTLSProtocolMaxSupported
	if (!protocol_known(protocol))
		return SSL_ILLEGAL_PARAM;
	context->maximum = protocol;
	context->minimum = context->minimum > protocol ? protocol : context->minimum;
	versions_set(context);
	return SEC_SUCCESS;
}

int32_t darwin_SSLGetProtocolVersionMin(const struct ssl_context *context, uint32_t *protocol)
{
	*protocol = context->minimum;
	return SEC_SUCCESS;
}

int32_t darwin_SSLGetProtocolVersionMax(const struct ssl_context *context, uint32_t *protocol)
{
	*protocol = context->maximum;
	return SEC_SUCCESS;
}

// The old call: one at a time, or all (6). What is enabled stays one range.
int32_t darwin_SSLSetProtocolVersionEnabled(struct ssl_context *context, uint32_t protocol, uint8_t enable)
{
	if (ssl_is_active(context))
		return SEC_BAD_REQUEST;
	if (protocol == 6) {
		context->minimum = enable ? PROTOCOL_TLS1 : PROTOCOL_TLS12;
		context->maximum = PROTOCOL_TLS12;
	} else if (protocol_known(protocol) && enable) {
		context->minimum = protocol < context->minimum ? protocol : context->minimum;
		context->maximum = protocol > context->maximum ? protocol : context->maximum;
	} else if (protocol_known(protocol)) {
		if (protocol <= context->minimum)
			context->minimum = protocol == PROTOCOL_TLS1 ? PROTOCOL_TLS11 : PROTOCOL_TLS12;
		else if (protocol >= context->maximum)
			context->maximum = protocol == PROTOCOL_TLS12 ? PROTOCOL_TLS11 : PROTOCOL_TLS1;
	} else if (protocol > 3) {
		return SEC_PARAM; // SSL 2 and 3 are not there, enabled or not
	}
	versions_set(context);
	return SEC_SUCCESS;
}

int32_t darwin_SSLGetProtocolVersionEnabled(const struct ssl_context *context, uint32_t protocol, uint8_t *enabled)
{
	*enabled = protocol == 6
			   ? context->minimum == PROTOCOL_TLS1 && context->maximum == PROTOCOL_TLS12
			   : protocol_known(protocol) && protocol >= context->minimum && protocol <= context->maximum;
	return SEC_SUCCESS;
}

int32_t darwin_SSLSetSessionConfig(struct ssl_context *context, const void *name)
{
	const bool strict = string_is(name, "ATSv1") || string_is(name, "ATSv1_noPFS");
	if (strict)
		return darwin_SSLSetProtocolVersionMin(context, PROTOCOL_TLS12);
	return string_is(name, "anonymous") ? SEC_UNIMPLEMENTED : SEC_SUCCESS;
}

int32_t darwin_SSLSetSessionTicketsEnabled(struct ssl_context *context, uint8_t enabled)
{
	if (enabled)
		SSL_clear_options(context->ssl, SSL_OP_NO_TICKET);
	else
		SSL_set_options(context->ssl, SSL_OP_NO_TICKET);
	return SEC_SUCCESS;
}

int32_t darwin_SSLSetEnableCertVerify(struct ssl_context *context, uint8_t enabled)
{
	if (ssl_is_active(context))
		return SEC_BAD_REQUEST;
	context->unverified = !enabled;
	return SEC_SUCCESS;
}

int32_t darwin_SSLGetEnableCertVerify(const struct ssl_context *context, uint8_t *enabled)
{
	*enabled = !context->unverified;
	return SEC_SUCCESS;
}

// ---- the other side's name ------------------------------------------------------------------------------------------

static bool is_address(const char *name)
{
	struct in6_addr address;
	return inet_pton(AF_INET, name, &address) == 1 || inet_pton(AF_INET6, name, &address) == 1;
}

// It is in the certificate, and a client tells it the server, unless it is an address.
int32_t darwin_SSLSetPeerDomainName(struct ssl_context *context, const char *name, size_t size)
{
	if (ssl_is_active(context))
		return SEC_BAD_REQUEST;
	free(context->peer);
	context->peer = name && size ? strndup(name, size) : NULL;
	if (context->server)
		return SEC_SUCCESS;
	const char *told = context->peer && !is_address(context->peer) ? context->peer : NULL;
	SSL_set_tlsext_host_name(context->ssl, told);
	return SEC_SUCCESS;
}

static int32_t name_give(const char *name, char *to, size_t *size)
{
	size_t needed = name ? strlen(name) : 0;
	if (*size < needed)
		return SSL_BUFFER_OVERFLOW;
	*size = needed;
	if (needed)
		memcpy(to, name, needed);
	return SEC_SUCCESS;
}

int32_t darwin_SSLGetPeerDomainNameLength(const struct ssl_context *context, size_t *size)
{
	*size = context->peer ? strlen(context->peer) : 0;
	return SEC_SUCCESS;
}

int32_t darwin_SSLGetPeerDomainName(const struct ssl_context *context, char *to, size_t *size)
{
	return name_give(context->peer, to, size);
}

int32_t darwin_SSLCopyRequestedPeerNameLength(const struct ssl_context *context, size_t *size)
{
	const char *name = SSL_get_servername(context->ssl, TLSEXT_NAMETYPE_host_name);
	*size = name ? strlen(name) : 0;
	return SEC_SUCCESS;
}

int32_t darwin_SSLCopyRequestedPeerName(const struct ssl_context *context, char *to, size_t *size)
{
	return name_give(SSL_get_servername(context->ssl, TLSEXT_NAMETYPE_host_name), to, size);
}

// Kept for the program: sessions are not resumed.
int32_t darwin_SSLSetPeerID(struct ssl_context *context, const void *id, size_t size)
{
	if (ssl_is_active(context))
		return SEC_BAD_REQUEST;
	uint8_t *kept = malloc(size + 1);
	if (!kept)
		return SEC_ALLOCATE;
	if (size)
		memcpy(kept, id, size);
	free(context->peer_id);
	context->peer_id = kept;
	context->peer_id_size = size;
	return SEC_SUCCESS;
}

int32_t darwin_SSLGetPeerID(const struct ssl_context *context, const void **id, size_t *size)
{
	*id = context->peer_id_size ? context->peer_id : NULL;
	*size = context->peer_id_size;
	return SEC_SUCCESS;
}
