// SPDX-License-Identifier: MIT
// Records between OpenSSL and the program's functions, and what OpenSSL's errors are called; see ssl.h. Facts: RFC 5246 6.2.1, 7.2.2.
#include "ssl.h"

enum { PART = 16384, BODY_MOST = 16384 + 2048 };

// ---- out ------------------------------------------------------------------------------------------------------------

int32_t ssl_flush(struct ssl_context *context)
{
	char *bytes, scratch[PART];
	for (long waiting; (waiting = BIO_get_mem_data(context->out, &bytes)) > 0;) {
		size_t part = waiting > PART ? PART : (size_t)waiting, size = part;
		int32_t status = context->write(context->connection, bytes, &size);
		if (size > part)
			return SSL_INTERNAL;
		if (size > 0)
			BIO_read(context->out, scratch, (int)size); // they are gone
		if (status)
			return status;
		if (size == 0)
			return SSL_WOULD_BLOCK;
	}
	return 0;
}

// ---- in -------------------------------------------------------------------------------------------------------------

// Some of what is asked for, or why there is none.
static int32_t read_some(struct ssl_context *context, uint8_t *to, size_t wanted, size_t *got)
{
	*got = wanted;
	int32_t status = context->read(context->connection, to, got);
	if (*got > wanted)
		return SSL_INTERNAL;
	if (*got > 0 && (!status || status == SSL_WOULD_BLOCK))
		return 0; // it will say so again
	return status ? status : SSL_WOULD_BLOCK;
}

// A head that is none goes to OpenSSL alone, which says so.
static size_t body_size(const uint8_t *header)
{
	size_t size = (size_t)header[3] << 8 | header[4];
	return header[0] >= 20 && header[0] <= 24 && header[1] == 3 && size <= BODY_MOST ? size : 0;
}

int32_t ssl_fill(struct ssl_context *context)
{
	uint8_t part[PART];
	size_t got = 0;
	while (context->header_count < RECORD_HEAD) {
		int32_t status = read_some(context, context->header + context->header_count,
					   RECORD_HEAD - context->header_count, &got);
		if (status)
			return status;
		context->header_count += got;
		if (context->header_count == RECORD_HEAD) {
			BIO_write(context->in, context->header, RECORD_HEAD);
			context->body_left = body_size(context->header);
		}
	}
	while (context->body_left > 0) {
		size_t wanted = context->body_left < PART ? context->body_left : PART;
		int32_t status = read_some(context, part, wanted, &got);
		if (status)
			return status;
		BIO_write(context->in, part, (int)got);
		context->body_left -= got;
	}
	context->header_count = 0;
	return 0;
}

// ---- errors ---------------------------------------------------------------------------------------------------------

// An alert that the other side sent. Facts: RFC 5246 7.2, SecBase.h.
static int32_t alert_status(int alert)
{
	static const struct {
		uint8_t alert;
		int32_t status;
	} alerts[] = {{10, -9819}, {20, -9820},	 {21, -9821},  {22, -9822},  {30, -9823},  {40, -9824},	 {42, -9825},
		      {43, -9826}, {44, -9827},	 {45, -9828},  {46, -9829},  {47, -9830},  {48, -9831},	 {49, -9832},
		      {50, -9833}, {51, -9834},	 {60, -9835},  {70, -9836},  {71, -9837},  {80, -9838},	 {86, -9860},
		      {90, -9839}, {100, -9840}, {109, -9861}, {110, -9855}, {112, -9865}, {113, -9862}, {116, -9863}};
	for (size_t i = 0; i < sizeof(alerts) / sizeof(*alerts); i++)
		if (alerts[i].alert == alert)
			return alerts[i].status;
	return SSL_FATAL_ALERT;
}

static int32_t error_status(void)
{
	unsigned long error = ERR_peek_error();
	int reason = ERR_GET_REASON(error);
	ERR_clear_error();
	if (ERR_GET_LIB(error) != ERR_LIB_SSL)
		return SSL_PROTOCOL;
	if (reason >= SSL_AD_REASON_OFFSET && reason < SSL_AD_REASON_OFFSET + 256)
		return alert_status(reason - SSL_AD_REASON_OFFSET);
	switch (reason) {
	case SSL_R_NO_SHARED_CIPHER:
	case SSL_R_UNSUPPORTED_PROTOCOL:
	case SSL_R_NO_PROTOCOLS_AVAILABLE:
	case SSL_R_NO_SUITABLE_SIGNATURE_ALGORITHM:
		return SSL_NEGOTIATION;
	case SSL_R_DECRYPTION_FAILED_OR_BAD_RECORD_MAC:
		return -9846; // errSSLBadRecordMac
	case SSL_R_PACKET_LENGTH_TOO_LONG:
	case SSL_R_ENCRYPTED_LENGTH_TOO_LONG:
		return -9847; // errSSLRecordOverflow
	case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE:
		return SSL_CHAIN_INVALID;
	case SSL_R_CERTIFICATE_VERIFY_FAILED:
		return SSL_CHAIN_INVALID;
	default:
		return SSL_PROTOCOL;
	}
}

// A break happens once; then the handshake goes on.
static int32_t break_at(struct ssl_context *context, enum ssl_option option, int32_t status)
{
	context->told[option] = 1;
	return status;
}

int32_t ssl_progress(struct ssl_context *context, int result)
{
	int error = SSL_get_error(context->ssl, result);
	int32_t failed = error == SSL_ERROR_SSL ? context->failed ? context->failed : error_status() : 0;
	int32_t status = ssl_flush(context); // an alert, too
	if (failed) {
		ERR_clear_error();
		return failed;
	}
	if (status)
		return status;
	switch (error) {
	case SSL_ERROR_WANT_READ:
		return ssl_fill(context);
	case SSL_ERROR_WANT_WRITE:
		return 0;
	case SSL_ERROR_WANT_RETRY_VERIFY:
		return break_at(context, OPTION_BREAK_SERVER_AUTH, SSL_PEER_AUTH_COMPLETED);
	case SSL_ERROR_WANT_X509_LOOKUP:
		return break_at(context, OPTION_BREAK_CERT_REQUESTED, SSL_CLIENT_CERT_REQUESTED);
	case SSL_ERROR_WANT_CLIENT_HELLO_CB:
		return break_at(context, OPTION_BREAK_CLIENT_HELLO, SSL_CLIENT_HELLO_RECEIVED);
	case SSL_ERROR_ZERO_RETURN:
		return SSL_CLOSED_GRACEFUL;
	default:
		return SSL_CLOSED_ABORT;
	}
}
