// SPDX-License-Identifier: MIT
// Sources of version 1: what comes to a port of Mach is received in the loop's thread. Facts: CFRunLoop.h (CFRunLoopSourceContext1).
//
// libdispatch's manager waits for the port; that something came signals the source, and the message stays where it is until the source
// is performed. Then the manager waits again.
#include "runloop.h"

#include "../dispatch/manager.h"
#include "../libsystem/kqueue.h"
#include "../libsystem/mach_names.h"

#include <mach/message.h>
#include <stdlib.h>

void darwin_CFAllocatorDeallocate(const void *allocator, void *memory);
void darwin_mach_msg_destroy(mach_msg_header_t *message);
mach_msg_return_t darwin_mach_msg(mach_msg_header_t *message, mach_msg_option_t option, mach_msg_size_t send_size,
				  mach_msg_size_t receive_size, mach_port_name_t name, mach_msg_timeout_t timeout,
				  mach_port_name_t notify);

struct port_watch {
	struct dispatch_watch watch; // first: it is what `happened` gets
	struct source *source;
	uint32_t port; // MACH_PORT_NULL: not yet
};

static void happened(struct dispatch_watch *watch, int64_t data, uint32_t fflags)
{
	source_tell(((struct port_watch *)watch)->source);
}

struct port_watch *port_watch_make(struct source *source)
{
	struct port_watch *watch = calloc(1, sizeof(*watch));
	if (!watch)
		abort();
	watch->source = source;
	return watch;
}

void port_watch_begin(struct port_watch *watch, uint32_t port)
{
	if (watch->port != MACH_PORT_NULL || port == MACH_PORT_NULL)
		return;
	watch->watch = (struct dispatch_watch){
		.ident = port, .filter = EVFILT_MACHPORT, .once = true, .happened = happened};
	if (dispatch_watch_add(&watch->watch) == 0)
		watch->port = port;
}

void port_watch_free(struct port_watch *watch)
{
	if (watch && watch->port != MACH_PORT_NULL)
		dispatch_watch_remove(&watch->watch);
	free(watch);
}

// The message with its trailer, malloced; NULL: there is none (any more).
static mach_msg_header_t *receive(uint32_t port, mach_msg_size_t *size)
{
	mach_msg_size_t room = 1024;
	for (;;) {
		mach_msg_header_t *message = calloc(1, room);
		if (!message)
			abort();
		mach_msg_return_t result = darwin_mach_msg(message, MACH_RCV_MSG | MACH_RCV_LARGE | MACH_RCV_TIMEOUT, 0,
							   room, port, 0, MACH_PORT_NULL);
		*size = message->msgh_size;
		if (result == MACH_MSG_SUCCESS)
			return message;
		free(message);
		if (result != MACH_RCV_TOO_LARGE || *size > (64u << 20))
			return NULL;
		room = *size + (mach_msg_size_t)sizeof(mach_msg_max_trailer_t);
	}
}

// The function's result, if any, is a message to send; as CF has it, it was allocated with the default allocator.
bool port_receive(struct port_watch *watch, const struct source_context *context)
{
	mach_msg_size_t size;
	mach_msg_header_t *message = receive(watch->port, &size), *reply = NULL;
	if (message) {
		darwin_CFRetain(watch->source); // the function may invalidate it
		reply = context->receive(message, size, NULL, context->info);
		free(message);
	}
	if (reply && darwin_mach_msg(reply, MACH_SEND_MSG | MACH_SEND_TIMEOUT, reply->msgh_size, 0, MACH_PORT_NULL, 0,
				     MACH_PORT_NULL) != MACH_MSG_SUCCESS)
		darwin_mach_msg_destroy(reply);
	if (reply)
		darwin_CFAllocatorDeallocate(NULL, reply);
	dispatch_watch_again(&watch->watch);
	if (message)
		darwin_CFRelease(watch->source);
	return message;
}
