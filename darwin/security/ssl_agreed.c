// SPDX-License-Identifier: MIT
// What two sides of SecureTransport may agree on, and did: ciphers, versions, protocols above (ALPN); see ssl.h.
#include "ssl.h"

#include "trust.h"

#include <stdlib.h>
#include <string.h>

// ---- ciphers: TLS' numbers, in 32 bits on this machine (CipherSuite.h) -----------------------------------------------

static int32_t ciphers_give(STACK_OF(SSL_CIPHER) * list, uint32_t *to, size_t *count)
{
	size_t needed = 0;
	for (int i = 0; i < sk_SSL_CIPHER_num(list); i++) {
		uint16_t number = SSL_CIPHER_get_protocol_id(sk_SSL_CIPHER_value(list, i));
		if (number >> 8 == 0x13)
			continue; // of TLS 1.3
		if (to && needed < *count)
			to[needed] = number;
		needed++;
	}
	bool fits = !to || needed <= *count;
	*count = needed;
	return fits ? SEC_SUCCESS : SSL_BUFFER_OVERFLOW;
}

// All that OpenSSL has but those without authentication or encryption.
static int32_t supported(const struct ssl_context *context, uint32_t *to, size_t *count)
{
	SSL *other = SSL_new(context->settings);
	int32_t status = SEC_ALLOCATE;
	if (other && SSL_set_cipher_list(other, "ALL:!aNULL:!eNULL:!PSK:!SRP:@SECLEVEL=0"))
		status = ciphers_give(SSL_get_ciphers(other), to, count);
	SSL_free(other);
	return status;
}

int32_t darwin_SSLGetNumberSupportedCiphers(const struct ssl_context *context, size_t *count)
{
	return supported(context, NULL, count);
}

int32_t darwin_SSLGetSupportedCiphers(const struct ssl_context *context, uint32_t *to, size_t *count)
{
	return supported(context, to, count);
}

int32_t darwin_SSLGetNumberEnabledCiphers(const struct ssl_context *context, size_t *count)
{
	return ciphers_give(SSL_get_ciphers(context->ssl), NULL, count);
}

int32_t darwin_SSLGetEnabledCiphers(const struct ssl_context *context, uint32_t *to, size_t *count)
{
	return ciphers_give(SSL_get_ciphers(context->ssl), to, count);
}

// In the order given; what OpenSSL does not have is left out.
int32_t darwin_SSLSetEnabledCiphers(struct ssl_context *context, const uint32_t *numbers, size_t count)
{
	struct bytes names = {0};
	if (ssl_is_active(context))
		return SEC_BAD_REQUEST;
	for (size_t i = 0; i < count; i++) {
		uint8_t number[2] = {(uint8_t)(numbers[i] >> 8), (uint8_t)numbers[i]};
		const SSL_CIPHER *cipher = number[0] == 0x13 ? NULL : SSL_CIPHER_find(context->ssl, number);
		if (cipher)
			bytes_add_format(&names, "%s:", SSL_CIPHER_get_name(cipher));
	}
	bytes_add_text(&names, "@SECLEVEL=0");
	bytes_add(&names, "", 1);
	bool any = strcmp((const char *)names.at, "@SECLEVEL=0") != 0;
	bool fine = any && SSL_set_cipher_list(context->ssl, (const char *)names.at) == 1;
	free(names.at);
	ERR_clear_error();
	return fine ? SEC_SUCCESS : SSL_BAD_CIPHER_SUITE;
}

int32_t darwin_SSLGetNegotiatedCipher(const struct ssl_context *context, uint32_t *number)
{
	const SSL_CIPHER *cipher = SSL_get_current_cipher(context->ssl);
	*number = cipher ? SSL_CIPHER_get_protocol_id(cipher) : 0;
	return cipher ? SEC_SUCCESS : SEC_BAD_REQUEST;
}

int32_t darwin_SSLGetNegotiatedProtocolVersion(const struct ssl_context *context, uint32_t *protocol)
{
	int version =
		context->state == STATE_CONNECTED || context->state == STATE_CLOSED ? SSL_version(context->ssl) : 0;
	*protocol = version == TLS1_VERSION	? PROTOCOL_TLS1
		    : version == TLS1_1_VERSION ? PROTOCOL_TLS11
		    : version == TLS1_2_VERSION ? PROTOCOL_TLS12
						: 0;
	return SEC_SUCCESS;
}

// Keys of Diffie-Hellman without curves are OpenSSL's own, of the certificate's strength.
int32_t darwin_SSLSetDiffieHellmanParams(struct ssl_context *context, const void *parameters, size_t size)
{
	return SEC_UNIMPLEMENTED;
}

int32_t darwin_SSLGetDiffieHellmanParams(const struct ssl_context *context, const void **parameters, size_t *size)
{
	*parameters = NULL;
	*size = 0;
	return SEC_SUCCESS;
}

// ---- protocols above ------------------------------------------------------------------------------------------------

int32_t darwin_SSLSetALPNProtocols(struct ssl_context *context, const struct array *names)
{
	struct bytes list = {0};
	if (!context || !names || darwin_CFArrayGetCount(names) == 0)
		return SEC_PARAM;
	for (int64_t i = 0; i < darwin_CFArrayGetCount(names); i++) {
		char *text = string_to_utf8(darwin_CFArrayGetValueAtIndex(names, i));
		uint8_t size = (uint8_t)strlen(text);
		if (size && size == strlen(text)) {
			bytes_add(&list, &size, 1);
			bytes_add(&list, text, size);
		}
		free(text);
	}
	bool fine = list.count > 0 && list.count <= UINT8_MAX &&
		    SSL_set_alpn_protos(context->ssl, list.at, (unsigned)list.count) == 0;
	free(list.at);
	if (!fine)
		return SEC_PARAM;
	struct array *kept = trust_list(names);
	darwin_CFRelease(context->protocols);
	context->protocols = kept;
	return SEC_SUCCESS;
}

// The one that was agreed on.
int32_t darwin_SSLCopyALPNProtocols(const struct ssl_context *context, struct array **names)
{
	const unsigned char *chosen = NULL;
	unsigned size = 0;
	if (!context || !names)
		return SEC_PARAM;
	SSL_get0_alpn_selected(context->ssl, &chosen, &size);
	struct string *name = size ? string_from_utf8((const char *)chosen, size) : NULL;
	*names = name ? array_make(true) : NULL;
	if (!name)
		return SEC_PARAM;
	array_add(*names, name);
	return SEC_SUCCESS;
}
