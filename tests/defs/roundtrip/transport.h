// SPDX-License-Identifier: MIT
// A kernel in miniature for the tests of generated code: client stub -> exact-size copy -> dispatcher -> exact-size copy ->
// client stub. Every buffer is as large as its content, so that the address sanitizer sees each byte too many.
//
// To spoil a message set transport.spoil_request or transport.spoil_reply; to look at one read transport.request/reply.
#ifndef TRANSPORT_H
#define TRANSPORT_H

#include <gila/lpc.h>

#define TRANSPORT_LARGEST 16384
#define REPLY_PORT 0x1203

struct transport {
	uint32_t request[TRANSPORT_LARGEST / 4], reply[TRANSPORT_LARGEST / 4]; // the last of each, as received
	mach_msg_size_t request_size, reply_size;
	void (*spoil_request)(mach_msg_header_t *message, mach_msg_size_t *size);
	void (*spoil_reply)(mach_msg_header_t *message, mach_msg_size_t *size);
	unsigned flags;			// of the last call
	mach_msg_timeout_t timeout_ms;	// of the last call
	kern_return_t result;		// of the last dispatch
	mach_msg_return_t fail;		// what sending gives, unless it is MACH_MSG_SUCCESS
	unsigned refused;		// replies that stubs destroyed
};
extern struct transport transport;

// What the server's handlers did.
struct served {
	unsigned calls;
	bool inert;	       // do not follow addresses
	kern_return_t fail;    // what every handler returns, unless it is KERN_SUCCESS
	unsigned lie;	       // arrays, strings: which result is not as promised; 0: all are good
	mach_port_t reply_port; // of a routine that saw it
	uint32_t note_level;
	char note[1024];
	uint64_t hint;
};
extern struct served served;

// Gives the dispatcher a request of `size` bytes (which may differ from its msgh_size) and room for `capacity` bytes of
// reply. The reply is left in transport.reply. Returns what the dispatcher returned.
bool transport_dispatch(const mach_msg_header_t *request, mach_msg_size_t size, mach_msg_size_t capacity);

// Calls every routine once with good arguments: `each` runs after each call, with the request still in transport and what
// the stub returned in call_result.
extern kern_return_t call_result;
void calls_all(void (*each)(void));

#endif
