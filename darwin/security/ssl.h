// SPDX-License-Identifier: MIT
// SecureTransport: TLS 1.0 to 1.2 by OpenSSL, whose records go through two buffers in memory (BIO) to the program's own functions.
//
// 1. The program's read function gives as many bytes as are asked for, or blocks: a record is asked for by its head, then by its length.
// 2. What OpenSSL wrote stays in `out` until the program's write function took it.
// A thread at a time, as on macOS. Facts: Apple's SecureTransport.h, SecProtocolTypes.h, SecBase.h (errSSL*); what happens when, as open source
// Security's libsecurity_ssl does it.
#ifndef DARWIN_SSL_H
#define DARWIN_SSL_H

#include "certificate.h"

#include "libcrypto.h"

#include <openssl/ssl.h>

enum {
	SSL_PROTOCOL = -9800,
	SSL_NEGOTIATION = -9801,
	SSL_FATAL_ALERT = -9802,
	SSL_WOULD_BLOCK = -9803,
	SSL_CLOSED_GRACEFUL = -9805,
	SSL_CLOSED_ABORT = -9806,
	SSL_CHAIN_INVALID = -9807,
	SSL_BAD_CERTIFICATE = -9808,
	SSL_INTERNAL = -9810,
	SSL_CLOSED_NO_NOTIFY = -9816,
	SSL_BUFFER_OVERFLOW = -9817,
	SSL_BAD_CIPHER_SUITE = -9818,
	SSL_ILLEGAL_PARAM = -9830,
	SSL_PEER_AUTH_COMPLETED = -9841,
	SSL_CLIENT_CERT_REQUESTED = -9842,
	SSL_CLIENT_HELLO_RECEIVED = -9851
};
// The first five are SSLSessionState's numbers. idle -> handshake -> connected -> closed, aborted or silent; handshake -> aborted.
enum ssl_state { STATE_IDLE, STATE_HANDSHAKE, STATE_CONNECTED, STATE_CLOSED, STATE_ABORTED, STATE_SILENT };
enum ssl_option { // SSLSessionOption
	OPTION_BREAK_SERVER_AUTH = 0,
	OPTION_BREAK_CERT_REQUESTED = 1,
	OPTION_BREAK_CLIENT_AUTH = 2,
	OPTION_BREAK_CLIENT_HELLO = 7,
	OPTION_COUNT = 10
};
enum { PROTOCOL_TLS1 = 4, PROTOCOL_TLS11 = 7, PROTOCOL_TLS12 = 8 }; // SSLProtocol
enum { RECORD_HEAD = 5 };

typedef int32_t ssl_read_function(const void *connection, void *to, size_t *size);
typedef int32_t ssl_write_function(const void *connection, const void *from, size_t *size);

struct trust;
struct ssl_context {
	struct object head;
	SSL_CTX *settings;
	SSL *ssl;
	BIO *in, *out; // owned by ssl
	ssl_read_function *read;
	ssl_write_function *write;
	const void *connection;
	enum ssl_state state;
	bool server;
	uint8_t options[OPTION_COUNT];
	uint8_t told[OPTION_COUNT]; // a break that the program was told of
	bool unverified;	    // SSLSetEnableCertVerify said no
	int32_t failed;		    // what a callback decided: the status that the handshake ends with
	uint8_t header[RECORD_HEAD];
	size_t header_count, body_left; // of the record that is being read
	uint32_t minimum, maximum;	// PROTOCOL_*
	char *peer;			// its name, or NULL
	uint8_t *peer_id;
	size_t peer_id_size;
	struct array *identity, *protocols, *authorities; // or NULL
	struct trust *trust;				  // of the peer, or NULL
	int authenticate;				  // SSLAuthenticate
	int client_state;				  // SSLClientCertificateState
};
extern const struct object_type ssl_context_type;

// ---- ssl_record.c: statuses are 0 or SSL_* --------------------------------------------------------------------------
int32_t ssl_flush(struct ssl_context *context); // to the program
int32_t ssl_fill(struct ssl_context *context);	// more of a record to OpenSSL
// What became of a call of OpenSSL's that did not succeed: 0: try again, there is more to read.
int32_t ssl_progress(struct ssl_context *context, int result);

// ---- ssl_handshake.c ------------------------------------------------------------------------------------------------
void ssl_callbacks_set(struct ssl_context *context);
int32_t darwin_SSLHandshake(struct ssl_context *context);

// ---- ssl_identity.c -------------------------------------------------------------------------------------------------
// Gives OpenSSL certificates and key. SEC_PARAM: they are none, or do not fit.
int32_t ssl_identity_use(struct ssl_context *context);
struct trust *ssl_trust_make(const struct ssl_context *context);

static inline bool ssl_is_active(const struct ssl_context *context)
{
	return context->state != STATE_IDLE;
}

#endif
