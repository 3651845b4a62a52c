// SPDX-License-Identifier: MIT
// SSLHandshake, SSLRead, SSLWrite, SSLClose; see ssl.h.
//
// The other side's certificate is looked at once it is there: by the program, if it wants to (a break), else by SecTrust. A server looks at its
// client's when the handshake is over, since OpenSSL cannot wait there.
#include "ssl.h"

#include "trust.h"

enum { PART_MOST = 1 << 16 };

// ---- what OpenSSL asks ----------------------------------------------------------------------------------------------

static bool trust_is_good(struct ssl_context *context)
{
	return context->trust && darwin_SecTrustEvaluateWithError(context->trust, NULL);
}

// Asked once the other side's chain is there; 0 ends the handshake with an alert.
static int verify(X509_STORE_CTX *store, void *argument)
{
	struct ssl_context *context = argument;
	bool breaks = context->options[OPTION_BREAK_SERVER_AUTH] && !context->server;
	if (!context->trust)
		context->trust = ssl_trust_make(context);
	if (breaks && !context->told[OPTION_BREAK_SERVER_AUTH]) {
		SSL_set_retry_verify(context->ssl);
		return 1;
	}
	if (breaks || context->unverified || (context->server && context->options[OPTION_BREAK_CLIENT_AUTH]) ||
	    trust_is_good(context))
		return 1;
	context->failed = SSL_CHAIN_INVALID;
	X509_STORE_CTX_set_error(store, context->trust && context->trust->reason ? context->trust->reason
										 : X509_V_ERR_CERT_UNTRUSTED);
	return 0;
}

// A certificate of one's own is wanted. A server always has set it.
static int certificate_wanted(SSL *ssl, void *argument)
{
	struct ssl_context *context = argument;
	if (context->server)
		return 1;
	context->client_state = 1;
	if (context->options[OPTION_BREAK_CERT_REQUESTED] && !context->told[OPTION_BREAK_CERT_REQUESTED])
		return -1;
	if (context->identity && ssl_identity_use(context) == SEC_SUCCESS)
		context->client_state = 2;
	return 1;
}

static int hello(SSL *ssl, int *alert, void *argument)
{
	struct ssl_context *context = argument;
	return context->options[OPTION_BREAK_CLIENT_HELLO] && !context->told[OPTION_BREAK_CLIENT_HELLO]
		       ? SSL_CLIENT_HELLO_RETRY
		       : SSL_CLIENT_HELLO_SUCCESS;
}

// The server's first that the client has, too. Facts: RFC 7301.
static int protocol_choose(SSL *ssl, const unsigned char **chosen, unsigned char *size, const unsigned char *offered,
			   unsigned offered_size, void *argument)
{
	struct ssl_context *context = argument;
	for (int64_t i = 0; context->protocols && i < darwin_CFArrayGetCount(context->protocols); i++) {
		const void *name = darwin_CFArrayGetValueAtIndex(context->protocols, i);
		for (unsigned at = 0; at < offered_size && at + offered[at] < offered_size; at += offered[at] + 1u) {
			struct string *each = string_from_utf8((const char *)offered + at + 1, offered[at]);
			bool same = each && darwin_CFEqual(each, name);
			darwin_CFRelease(each);
			if (same) {
				*chosen = offered + at + 1;
				*size = offered[at];
				return SSL_TLSEXT_ERR_OK;
			}
		}
	}
	return SSL_TLSEXT_ERR_NOACK;
}

void ssl_callbacks_set(struct ssl_context *context)
{
	SSL_CTX_set_cert_verify_callback(context->settings, verify, context);
	SSL_CTX_set_client_hello_cb(context->settings, hello, context);
	SSL_CTX_set_alpn_select_cb(context->settings, protocol_choose, context);
	SSL_set_cert_cb(context->ssl, certificate_wanted, context);
}

// ---- the handshake --------------------------------------------------------------------------------------------------

// Statuses after which the same call may be made again.
static bool goes_on(int32_t status)
{
	return status == SSL_WOULD_BLOCK || status == SSL_PEER_AUTH_COMPLETED || status == SSL_CLIENT_CERT_REQUESTED ||
	       status == SSL_CLIENT_HELLO_RECEIVED;
}

// The one place where a session ends other than by SSLClose.
static int32_t ended(struct ssl_context *context, int32_t status)
{
	if (goes_on(status) || status == 0)
		return status;
	if (status == SSL_CLOSED_NO_NOTIFY)
		context->state = STATE_SILENT;
	else
		context->state = status == SSL_CLOSED_GRACEFUL ? STATE_CLOSED : STATE_ABORTED;
	return status;
}

static int32_t state_status(const struct ssl_context *context)
{
	return context->state == STATE_CLOSED	 ? SSL_CLOSED_GRACEFUL
	       : context->state == STATE_ABORTED ? SSL_CLOSED_ABORT
	       : context->state == STATE_SILENT	 ? SSL_CLOSED_NO_NOTIFY
						 : 0;
}

static int32_t handshake_begin(struct ssl_context *context)
{
	if (!context->read || !context->write)
		return SEC_BAD_REQUEST;
	if (context->server && (!context->identity || ssl_identity_use(context)))
		return -9848; // errSSLBadConfiguration
	int verifies = context->server && context->authenticate == 0 ? SSL_VERIFY_NONE : SSL_VERIFY_PEER;
	if (context->authenticate == 1)
		verifies |= SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
	SSL_set_verify(context->ssl, verifies, NULL);
	context->state = STATE_HANDSHAKE;
	return 0;
}

static int32_t handshake_done(struct ssl_context *context)
{
	int32_t status = ssl_flush(context);
	if (status)
		return status;
	if (context->server && context->options[OPTION_BREAK_CLIENT_AUTH] && !context->told[OPTION_BREAK_CLIENT_AUTH]) {
		context->told[OPTION_BREAK_CLIENT_AUTH] = 1;
		return SSL_PEER_AUTH_COMPLETED;
	}
	if (context->server && context->trust)
		context->client_state = 2;
	context->state = STATE_CONNECTED;
	return 0;
}

static int32_t handshake_run(struct ssl_context *context)
{
	int32_t status = 0;
	while (!status) {
		ERR_clear_error();
		int result = SSL_do_handshake(context->ssl);
		if (result == 1)
			return handshake_done(context);
		status = ssl_progress(context, result);
	}
	return status == SSL_CLOSED_GRACEFUL ? SSL_CLOSED_ABORT : status; // in the middle of it
}

int32_t darwin_SSLHandshake(struct ssl_context *context)
{
	if (!context)
		return SEC_PARAM;
	int32_t status = state_status(context);
	if (status || context->state == STATE_CONNECTED)
		return status;
	if (context->state == STATE_IDLE)
		status = handshake_begin(context);
	return status ? status : ended(context, handshake_run(context));
}

// Data may be asked for before the handshake is over, not before it began.
static int32_t connected(struct ssl_context *context)
{
	int32_t status = state_status(context);
	if (!status && context->state == STATE_IDLE)
		return SEC_BAD_REQUEST;
	return status ? status : context->state == STATE_HANDSHAKE ? darwin_SSLHandshake(context) : 0;
}

// ---- data -----------------------------------------------------------------------------------------------------------

// The end without a notification, between two records or within one.
static int32_t read_ended(struct ssl_context *context, int32_t status)
{
	bool notified = SSL_get_shutdown(context->ssl) & SSL_RECEIVED_SHUTDOWN;
	if (status != SSL_CLOSED_GRACEFUL || notified) {
		if (notified) { // is answered
			SSL_shutdown(context->ssl);
			ssl_flush(context);
		}
		return status;
	}
	return context->header_count == 0 ? SSL_CLOSED_NO_NOTIFY : SSL_CLOSED_ABORT;
}

int32_t darwin_SSLRead(struct ssl_context *context, void *to, size_t size, size_t *processed)
{
	if (!context || !to || !processed)
		return SEC_PARAM;
	*processed = 0;
	int32_t status = connected(context);
	if (!status) {
		int32_t flushed = ssl_flush(context);
		status = flushed == SSL_WOULD_BLOCK ? 0 : ended(context, flushed);
	}
	while (!status && size) {
		size_t got = 0;
		ERR_clear_error();
		int result = SSL_read_ex(context->ssl, to, size, &got);
		if (result == 1) {
			*processed = got;
			return 0;
		}
		status = ssl_progress(context, result);
		if (status && !goes_on(status))
			status = ended(context, read_ended(context, status));
	}
	return status;
}

int32_t darwin_SSLWrite(struct ssl_context *context, const void *from, size_t size, size_t *processed)
{
	if (!context || !processed)
		return SEC_PARAM;
	*processed = 0;
	int32_t status = connected(context);
	if (!status)
		status = ended(context, ssl_flush(context));
	while (!status && *processed < size) {
		size_t part = size - *processed < PART_MOST ? size - *processed : PART_MOST, taken = 0;
		ERR_clear_error();
		int result = SSL_write_ex(context->ssl, (const uint8_t *)from + *processed, part, &taken);
		*processed += result == 1 ? taken : 0;
		// What OpenSSL has taken is sent by a later call, if not by this one.
		status = ended(context, result == 1 ? ssl_flush(context) : ssl_progress(context, result));
	}
	return status;
}

int32_t darwin_SSLClose(struct ssl_context *context)
{
	if (!context)
		return SEC_PARAM;
	int32_t status = 0;
	if (context->state == STATE_CONNECTED || context->state == STATE_HANDSHAKE) {
		SSL_shutdown(context->ssl);
		ERR_clear_error();
		status = ssl_flush(context);
	}
	context->state = STATE_CLOSED;
	return status == SSL_WOULD_BLOCK ? status : 0;
}

int32_t darwin_SSLGetBufferedReadSize(const struct ssl_context *context, size_t *size)
{
	if (!context || !size)
		return SEC_PARAM;
	*size = (size_t)SSL_pending(context->ssl);
	return SEC_SUCCESS;
}
