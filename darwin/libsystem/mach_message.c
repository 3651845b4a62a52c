// SPDX-License-Identifier: MIT
// mach_msg and what belongs to it. The formats are the kernel's (docs/ipc.md). Facts: xnu's osfmk/mach/message.h,
// libsyscall's mach/.
#include "mach_names.h"
#include "semaphore.h"
#include "thread.h"

#include <abi/traps.h>
#include <errno.h>
#include <mach/mach_init.h>
#include <mach/message.h>
#include <mach/mig.h>
#include <mach/mig_errors.h>
#include <mach/ndr.h>
#include <mach/notify.h>
#include <stdlib.h>
#include <string.h>

// Little-endian, ASCII, IEEE.
NDR_record_t darwin_NDR_record = {.int_rep = 1};

// What is only this program's so far and travels in a message becomes the kernel's: semaphores, the calling thread. Of descriptors that are no ports
// all have one size.
static void send_prepare(mach_msg_header_t *message, mach_msg_option_t option, mach_msg_size_t size)
{
	if (!(option & MACH_SEND_MSG) || size < sizeof(mach_msg_base_t) ||
	    !(message->msgh_bits & MACH_MSGH_BITS_COMPLEX))
		return;
	mach_msg_base_t *base = (mach_msg_base_t *)message;
	char *at = (char *)(base + 1), *end = (char *)message + size;
	for (mach_msg_size_t i = 0; i < base->body.msgh_descriptor_count; i++) {
		mach_msg_port_descriptor_t *port = (mach_msg_port_descriptor_t *)(void *)at;
		if (at + sizeof(*port) > end)
			return;
		if (port->type != MACH_MSG_PORT_DESCRIPTOR) {
			at += sizeof(mach_msg_ool_descriptor_t);
			continue;
		}
		if (semaphore_is_name(port->name)) {
			port->name = semaphore_port(port->name);
			port->disposition =
				MACH_MSG_TYPE_COPY_SEND; // ours stays: other threads use it by its first name
		} else if (port->name == mach_thread_name(thread_self()->id) && port->disposition != MACH_MSG_TYPE_MAKE_SEND) {
			port->name = thread_self_trap();
			port->disposition = MACH_MSG_TYPE_MOVE_SEND; // the reference that the kernel has just given
		}
		at += sizeof(*port);
	}
}

#define ARGUMENTS                                                                                                      \
	mach_msg_header_t *message, mach_msg_option_t option, mach_msg_size_t send_size, mach_msg_size_t receive_size, \
		mach_port_name_t name, mach_msg_timeout_t timeout, mach_port_name_t notify

mach_msg_return_t darwin_mach_msg(ARGUMENTS)
{
	int error = errno;
	mach_ready();
	send_prepare(message, option, send_size);
	mach_msg_return_t result = mach_msg(message, option, send_size, receive_size, name, timeout, notify);
	errno = error;
	return result;
}

mach_msg_return_t darwin_mach_msg_overwrite(ARGUMENTS, mach_msg_header_t *received, mach_msg_size_t limit)
{
	mach_ready();
	send_prepare(message, option, send_size);
	return mach_msg_overwrite(message, option, send_size, receive_size, name, timeout, notify, received, limit);
}

mach_msg_return_t darwin_mach_msg_trap(ARGUMENTS)
{
	mach_ready();
	send_prepare(message, option, send_size);
	return mach_msg_trap(message, option, send_size, receive_size, name, timeout, notify);
}

mach_msg_return_t darwin_mach_msg_overwrite_trap(ARGUMENTS, mach_msg_header_t *received, mach_msg_size_t limit)
{
	(void)limit; // not looked at on Darwin either
	mach_ready();
	send_prepare(message, option, send_size);
	return mach_msg_overwrite_trap(message, option, send_size, receive_size, name, timeout, notify, received);
}

mach_msg_return_t darwin_mach_msg_send(mach_msg_header_t *message)
{
	mach_ready();
	send_prepare(message, MACH_SEND_MSG, message->msgh_size);
	return mach_msg_send(message);
}

// msgh_size says how much room there is.
mach_msg_return_t darwin_mach_msg_receive(mach_msg_header_t *message)
{
	mach_ready();
	return mach_msg(message, MACH_RCV_MSG, 0, message->msgh_size, message->msgh_local_port, MACH_MSG_TIMEOUT_NONE,
			MACH_PORT_NULL);
}

void darwin_mach_msg_destroy(mach_msg_header_t *message)
{
	mach_ready();
	mach_msg_destroy(message);
}

// ---- stubs that mig makes -------------------------------------------------------------------------------------------

mach_port_t darwin_mig_get_reply_port(void)
{
	mach_ready();
	return mig_get_reply_port();
}

void darwin_mig_put_reply_port(mach_port_t port)
{
	(void)port; // it is kept for the thread's next call
}

void darwin_mig_dealloc_reply_port(mach_port_t port)
{
	mig_dealloc_reply_port(port);
}

// Copies at most size - 1 bytes and always ends them. Returns their number with the zero byte, as they travel.
int darwin_mig_strncpy(char *to, const char *from, int size)
{
	int length = 0;
	if (size <= 0)
		return 0;
	while (length < size - 1 && from[length])
		length++;
	memcpy(to, from, (size_t)length);
	to[length] = '\0';
	return length + (length < size - 1 || !from[length]);
}

typedef boolean_t demultiplex(mach_msg_header_t *request, mach_msg_header_t *reply);

// Answers one request: what the function refuses or says itself goes back to who asked.
static mach_msg_return_t answer(demultiplex *function, mach_msg_header_t *request, mig_reply_error_t *reply,
				mach_msg_option_t options)
{
	function(request, &reply->Head);
	bool complex = reply->Head.msgh_bits & MACH_MSGH_BITS_COMPLEX;
	if (!complex && reply->RetCode == MIG_NO_REPLY)
		return MACH_MSG_SUCCESS;
	if (!complex &&
	    reply->RetCode != KERN_SUCCESS) { // the request's rights and memory were not taken, but its reply port was
		request->msgh_remote_port = MACH_PORT_NULL;
		mach_msg_destroy(request);
	}
	if (reply->Head.msgh_remote_port == MACH_PORT_NULL) {
		if (complex)
			mach_msg_destroy(&reply->Head);
		return MACH_MSG_SUCCESS;
	}
	options &= ~(MACH_RCV_MSG | MACH_RCV_LARGE);
	if (MACH_MSGH_BITS_REMOTE(reply->Head.msgh_bits) != MACH_MSG_TYPE_MOVE_SEND_ONCE)
		options |= MACH_SEND_TIMEOUT; // a client that takes no replies does not hold up the others
	mach_msg_return_t result = mach_msg(&reply->Head, options | MACH_SEND_MSG, reply->Head.msgh_size, 0,
					    MACH_PORT_NULL, 0, MACH_PORT_NULL);
	if (result == MACH_SEND_INVALID_DEST || result == MACH_SEND_TIMED_OUT) {
		mach_msg_destroy(&reply->Head);
		return MACH_MSG_SUCCESS;
	}
	return result;
}

static mach_msg_return_t serve(demultiplex *function, mach_msg_size_t most, mach_port_t port, mach_msg_option_t options,
			       bool once)
{
	mach_msg_size_t room = most + MAX_TRAILER_SIZE;
	mach_msg_header_t *request = malloc(room);
	mig_reply_error_t *reply = malloc(room > sizeof(*reply) ? room : sizeof(*reply));
	mach_msg_return_t result = request && reply ? MACH_MSG_SUCCESS : KERN_RESOURCE_SHORTAGE;
	mach_ready();
	while (result == MACH_MSG_SUCCESS) {
		result = mach_msg(request, (options & ~MACH_SEND_MSG) | MACH_RCV_MSG, 0, room, port, 0, MACH_PORT_NULL);
		if (result == MACH_MSG_SUCCESS)
			result = answer(function, request, reply, options & ~(MACH_RCV_TIMEOUT | MACH_RCV_INTERRUPT));
		if (once)
			break;
	}
	free(request);
	free(reply);
	return result;
}

mach_msg_return_t darwin_mach_msg_server(demultiplex *function, mach_msg_size_t most, mach_port_t port,
					 mach_msg_option_t options)
{
	return serve(function, most, port, options, false);
}

mach_msg_return_t darwin_mach_msg_server_once(demultiplex *function, mach_msg_size_t most, mach_port_t port,
					      mach_msg_option_t options)
{
	return serve(function, most, port, options, true);
}
