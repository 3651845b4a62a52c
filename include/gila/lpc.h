// SPDX-License-Identifier: MIT
// LPC: what generated client stubs and dispatchers stand on (docs/defs.md). Freestanding but for lpc_call, lpc_send and
// lpc_reply_refuse, which only clients need (lib/gila/lpc.c; the kernel has its own).
//
// A server fills a struct lpc_request for each message it received, calls NAME_demux(&rq), and then:
//   rq.result == LPC_NO_REPLY   send nothing; the handler kept the reply port (and what the request carried)
//   rq.result == KERN_SUCCESS   the handler took what the request carried: send rq.reply, if there is a reply port
//   anything else               destroy what the request carried, but not the reply port: send rq.reply to that, if any
// 1. Nothing of a request reaches a handler before all of the request has been checked.
// 2. The dispatcher reads rq->message while the handler runs: it must be memory that no client can change.
#ifndef GILA_LPC_H
#define GILA_LPC_H

#include <mach/kern_return.h>
#include <mach/message.h>
#include <mach/mig_errors.h>
#include <mach/ndr.h>
#include <mach/notify.h>
#include <mach/port.h>
#include <mach/vm_types.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Returned by a handler that will answer later, or never.
#define LPC_NO_REPLY MIG_NO_REPLY

// One request on its way through a dispatcher. `reply` and `message` do not overlap and are aligned to 4.
struct lpc_request {
	const mach_msg_header_t *message; // what was received
	mach_msg_size_t size;		  // bytes that are really there, without the trailer
	mach_msg_size_t capacity;	  // bytes that fit in reply; at least sizeof(mig_reply_error_t)
	mach_msg_header_t *reply;	  // complete when the dispatcher returns, unless LPC_NO_REPLY
	uint64_t badge;			  // of the send right that was used; 0: none
	const audit_token_t *sender;	  // who sent it; NULL: not asked for
	mach_port_t reply_port;		  // where the answer goes; MACH_PORT_NULL: the client wants none
	mach_msg_type_name_t reply_type;  // how to send to it: MACH_MSG_TYPE_MOVE_SEND_ONCE, ...
	kern_return_t result;		  // set by the dispatcher; see above
	void *context;			  // the server's own
};

// ---- Clients ------------------------------------------------------------------------------------------------

// Flags of lpc_call and lpc_send; mach_msg's options of a `msgoption` argument are or-ed to them.
#define LPC_TIMEOUT 0x10000000u	      // the timeout counts
#define LPC_IDEMPOTENT 0x20000000u    // send again when the server died with the request
#define LPC_INTERRUPTIBLE 0x40000000u // an interrupted call fails, it is not restarted
#define LPC_FLAGS (LPC_TIMEOUT | LPC_IDEMPOTENT | LPC_INTERRUPTIBLE)

// Sends `request` (send_size bytes) and receives into `reply` (receive_limit bytes, at least send_size, with room for
// the trailer). Both may be the same buffer, except with LPC_IDEMPOTENT. If the request names no reply port, the
// thread's own is used. timeout_ms limits each of sending and receiving. Returns KERN_SUCCESS when something arrived,
// MIG_SERVER_DIED when the request was dropped unanswered, or mach_msg's code.
__attribute__((warn_unused_result)) mach_msg_return_t lpc_call(mach_msg_header_t *request, mach_msg_size_t send_size,
							       mach_msg_header_t *reply, mach_msg_size_t receive_limit,
							       mach_msg_timeout_t timeout_ms, unsigned flags);
// Sends a one-way request.
__attribute__((warn_unused_result)) mach_msg_return_t lpc_send(mach_msg_header_t *request, mach_msg_size_t send_size,
							       mach_msg_timeout_t timeout_ms, unsigned flags);
// Destroys a reply that is not handed out, with the rights and memory in it. Returns `why`.
kern_return_t lpc_reply_refuse(mach_msg_header_t *reply, kern_return_t why);

static inline void lpc_head_set(mach_msg_header_t *head, mach_msg_bits_t bits, mach_port_t remote, mach_port_t local,
				mach_msg_size_t size, mach_msg_id_t id)
{
	head->msgh_bits = bits;
	head->msgh_size = size;
	head->msgh_remote_port = remote;
	head->msgh_local_port = local;
	head->msgh_voucher_port = MACH_PORT_NULL;
	head->msgh_id = id;
}

// Whether a reply has the right id, size and kind. An error that the server reported is returned as it is.
static inline kern_return_t lpc_reply_check(const mach_msg_header_t *reply, mach_msg_id_t id, unsigned descriptors,
					    mach_msg_size_t least, mach_msg_size_t most)
{
	bool is_complex = (reply->msgh_bits & MACH_MSGH_BITS_COMPLEX) != 0;
	if (reply->msgh_id != id)
		return reply->msgh_id == MACH_NOTIFY_SEND_ONCE ? MIG_SERVER_DIED : MIG_REPLY_MISMATCH;
	if (!is_complex && reply->msgh_size == sizeof(mig_reply_error_t)) {
		kern_return_t code = ((const mig_reply_error_t *)reply)->RetCode;
		if (code != KERN_SUCCESS)
			return code;
	}
	if (is_complex != (descriptors != 0) || reply->msgh_size < least || reply->msgh_size > most)
		return MIG_TYPE_ERROR;
	if (is_complex)
		return ((const mach_msg_base_t *)reply)->body.msgh_descriptor_count == descriptors ? KERN_SUCCESS
												   : MIG_TYPE_ERROR;
	return ((const mig_reply_error_t *)reply)->RetCode;
}

// ---- Fields -------------------------------------------------------------------------------------------------

// Alignment of array elements in a message.
#define LPC_ALIGN(type) (_Alignof(type) < 4 ? _Alignof(type) : 4)

static inline void lpc_copy(void *to, const void *from, size_t size)
{
	if (size)
		__builtin_memcpy(to, from, size);
}

// Sets `to` to a copy of `from`, or to zeros when that is NULL.
static inline void lpc_fill(void *to, const void *from, size_t size)
{
	if (from)
		__builtin_memcpy(to, from, size);
	else
		__builtin_memset(to, 0, size);
}

static inline const void *lpc_at(const void *message, mach_msg_size_t offset)
{
	return (const char *)message + offset;
}

static inline void *lpc_room(void *message, mach_msg_size_t offset)
{
	return (char *)message + offset;
}

// Whether a NUL is among the first `size` bytes.
static inline bool lpc_string_ends(const char *text, mach_msg_size_t size)
{
	for (mach_msg_size_t i = 0; i < size; i++)
		if (!text[i])
			return true;
	return false;
}

// Bytes of a string with its NUL; 0: more than limit.
static inline mach_msg_size_t lpc_string_size(const char *text, mach_msg_size_t limit)
{
	for (mach_msg_size_t i = 0; i < limit; i++)
		if (!text[i])
			return i + 1;
	return 0;
}

// Elements of `size` bytes that fit in `room` bytes, at most `limit`.
static inline mach_msg_size_t lpc_fit(mach_msg_size_t room, mach_msg_size_t size, mach_msg_size_t limit)
{
	mach_msg_size_t fit = (room & ~3u) / size;
	return fit < limit ? fit : limit;
}

// The next `size` bytes of a received message; NULL: it ends before them. `*at` moves on to the next multiple of 4.
static inline const void *lpc_take(const void *message, mach_msg_size_t *at, mach_msg_size_t size)
{
	mach_msg_size_t here = *at, end = ((const mach_msg_header_t *)message)->msgh_size;
	mach_msg_size_t padded = (size + 3) & ~3u;
	if (padded < size || here > end || padded > end - here)
		return NULL;
	*at = here + padded;
	return lpc_at(message, here);
}

static inline bool lpc_take_value(const void *message, mach_msg_size_t *at, void *value, mach_msg_size_t size)
{
	const void *found = lpc_take(message, at, size);
	if (found)
		__builtin_memcpy(value, found, size);
	return found != NULL;
}

// Zeroes what pads `size` bytes at `at` to a multiple of 4. Returns the place after it.
static inline mach_msg_size_t lpc_pad(void *message, mach_msg_size_t at, mach_msg_size_t size)
{
	for (at += size; at & 3; at++)
		((char *)message)[at] = 0;
	return at;
}

// Writes `size` bytes and their padding at `at`. Returns the place after them.
static inline mach_msg_size_t lpc_put(void *message, mach_msg_size_t at, const void *data, mach_msg_size_t size)
{
	lpc_copy(lpc_room(message, at), data, size);
	return lpc_pad(message, at, size);
}

static inline mach_msg_size_t lpc_put_word(void *message, mach_msg_size_t at, uint32_t value)
{
	return lpc_put(message, at, &value, sizeof(value));
}

// A string in a field of `field` bytes; the rest is zeros.
static inline mach_msg_size_t lpc_put_string(void *message, mach_msg_size_t at, const char *text, mach_msg_size_t size,
					     mach_msg_size_t field)
{
	lpc_copy(lpc_room(message, at), text, size);
	lpc_fill(lpc_room(message, at + size), NULL, field - size);
	return lpc_pad(message, at, field);
}

// Moves `size` bytes that were written at `from` down to `at` and pads them. Returns the place after them.
static inline mach_msg_size_t lpc_settle(void *message, mach_msg_size_t at, mach_msg_size_t from, mach_msg_size_t size)
{
	if (at != from)
		__builtin_memmove(lpc_room(message, at), lpc_room(message, from), size);
	return lpc_pad(message, at, size);
}

// ---- Servers ------------------------------------------------------------------------------------------------

// Prepares rq for a message that this task received into `message`; the caller sets badge, sender and context.
static inline void lpc_request_init(struct lpc_request *rq, const mach_msg_header_t *message, mach_msg_size_t size,
				    mach_msg_header_t *reply, mach_msg_size_t capacity)
{
	*rq = (struct lpc_request){
		.message = message,
		.size = size,
		.capacity = capacity,
		.reply = reply,
		.reply_port = message->msgh_remote_port,
		.reply_type = MACH_MSGH_BITS_REMOTE(message->msgh_bits),
	};
}

// Whether the request has the right size and kind.
static inline kern_return_t lpc_request_check(const struct lpc_request *rq, unsigned descriptors, mach_msg_size_t least,
					      mach_msg_size_t most)
{
	const mach_msg_header_t *head = rq->message;
	bool is_complex = (head->msgh_bits & MACH_MSGH_BITS_COMPLEX) != 0;
	if (is_complex != (descriptors != 0) || head->msgh_size > rq->size || head->msgh_size < least ||
	    head->msgh_size > most)
		return MIG_BAD_ARGUMENTS;
	if (is_complex && ((const mach_msg_base_t *)head)->body.msgh_descriptor_count != descriptors)
		return MIG_BAD_ARGUMENTS;
	return KERN_SUCCESS;
}

// The reply has `size` bytes.
static inline void lpc_reply_set(struct lpc_request *rq, mach_msg_size_t size, unsigned descriptors)
{
	rq->reply->msgh_size = size;
	if (descriptors) {
		rq->reply->msgh_bits |= MACH_MSGH_BITS_COMPLEX;
		((mach_msg_base_t *)rq->reply)->body.msgh_descriptor_count = descriptors;
	}
}

// Makes the reply one that carries only `code`. To answer later a request whose handler returned LPC_NO_REPLY with an
// error, keep its reply port, type and id, fill a struct lpc_request with them and call this.
static inline void lpc_reply_code(struct lpc_request *rq, mach_msg_id_t id, kern_return_t code)
{
	mig_reply_error_t *error = (mig_reply_error_t *)rq->reply;
	lpc_head_set(&error->Head, MACH_MSGH_BITS(rq->reply_type, 0), rq->reply_port, MACH_PORT_NULL, sizeof(*error),
		     (mach_msg_id_t)((uint32_t)id + 100));
	error->NDR = NDR_record;
	error->RetCode = code;
	rq->result = code;
}

// The body of every dispatcher: finds the routine of the id among `slots` from `base`, runs it, completes the reply.
static inline bool lpc_dispatch(struct lpc_request *rq, kern_return_t (*const *routines)(struct lpc_request *),
				mach_msg_id_t base, unsigned slots)
{
	if (rq->size < sizeof(mach_msg_header_t)) {
		lpc_reply_code(rq, 0, MIG_BAD_ARGUMENTS);
		return false;
	}
	mach_msg_id_t id = rq->message->msgh_id;
	uint32_t slot = (uint32_t)id - (uint32_t)base;
	if (slot >= slots || !routines[slot]) {
		lpc_reply_code(rq, id, MIG_BAD_ID);
		return false;
	}
	lpc_reply_code(rq, id, KERN_SUCCESS);
	kern_return_t result = routines[slot](rq);
	if (result != KERN_SUCCESS)
		lpc_reply_code(rq, id, result);
	return true;
}

#endif
