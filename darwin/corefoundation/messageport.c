// SPDX-License-Identifier: MIT
// CFMessagePort: data with a number, sent to a port that has a name, and data that comes back. Facts: CFMessagePort.h.
//
// Names are those of the bootstrap server; a message is a header, the number, and the data out of line. Who waits for an answer runs
// the current run loop in the reply's mode, with a port of its own.
#include "machport.h"

#include "../libsystem/futex.h"
#include "../libsystem/mach_names.h"

#include <stdlib.h>
#include <string.h>

enum { // CFMessagePortSendRequest's results
	SEND_DONE = 0,
	SEND_TIMEOUT = -1,
	SEND_RECEIVE_TIMEOUT = -2,
	SEND_INVALID = -3,
	SEND_TRANSPORT = -4
};
enum { MESSAGE_ID = 0x4346504d, MESSAGE_MOST = 256 << 20 }; // tells ours from others'

struct message {
	mach_msg_header_t head;
	mach_msg_body_t body;
	mach_msg_ool_descriptor_t data;
	int32_t number;
	uint32_t has_data;
};
struct message_room {
	struct message message;
	mach_msg_max_trailer_t trailer;
};

struct message_port;
typedef struct data *message_callback(struct message_port *port, int32_t number, const struct data *data, void *info);

struct message_port {
	struct object head;
	struct string *name; // or NULL
	struct cfmachport *local; // or
	uint32_t remote;	  // a send right
	_Atomic bool invalid;
	message_callback *called;
	void (*invalidated)(struct message_port *port, void *info);
	struct callback_context context;
};

int darwin_bootstrap_look_up(uint32_t bootstrap, const char *name, uint32_t *port);
int darwin_bootstrap_check_in(uint32_t bootstrap, const char *name, uint32_t *port);
int darwin_mach_vm_deallocate(uint32_t task, uint64_t address, uint64_t size);
struct cfmachport *darwin_CFMachPortCreateWithPort(const void *allocator, uint32_t name, machport_callback *called,
						   const struct callback_context *context, uint8_t *free_info);
struct runloop *darwin_CFRunLoopGetCurrent(void);
void darwin_CFRunLoopAddSource(struct runloop *loop, void *source, const void *mode);
int32_t darwin_CFRunLoopRunInMode(const void *mode, double seconds, uint8_t return_after_one);
double darwin_CFAbsoluteTimeGetCurrent(void);

void darwin_CFMessagePortInvalidate(struct message_port *port)
{
	if (atomic_exchange(&port->invalid, true))
		return;
	if (port->invalidated)
		port->invalidated(port, port->context.info);
	if (port->local) {
		uint32_t name = darwin_CFMachPortGetPort(port->local);
		darwin_CFMachPortInvalidate(port->local);
		darwin_mach_port_mod_refs(MACH_TASK_SELF, name, MACH_PORT_RIGHT_RECEIVE, -1);
	} else {
		darwin_mach_port_deallocate(MACH_TASK_SELF, port->remote);
	}
	context_drop(&port->context);
}

static void port_destroy(struct object *object)
{
	struct message_port *port = (struct message_port *)object;
	darwin_CFMessagePortInvalidate(port);
	darwin_CFRelease(port->local);
	darwin_CFRelease(port->name);
}

static const struct object_type port_type = {.name = "CFMessagePort", .destroy = port_destroy};

uint64_t darwin_CFMessagePortGetTypeID(void)
{
	return (uintptr_t)&port_type;
}

// ---- messages -------------------------------------------------------------------------------------------------------

static mach_msg_return_t message_send(mach_msg_bits_t bits, uint32_t to, uint32_t reply, int32_t number,
				      const struct data *data, mach_msg_timeout_t timeout)
{
	struct message message = {
		.head = {.msgh_bits = bits | MACH_MSGH_BITS_COMPLEX,
			 .msgh_size = sizeof(message),
			 .msgh_remote_port = to,
			 .msgh_local_port = reply,
			 .msgh_id = MESSAGE_ID},
		.body.msgh_descriptor_count = 1,
		.data = {.address = data ? (void *)(uintptr_t)darwin_CFDataGetBytePtr(data) : NULL,
			 .size = data ? (mach_msg_size_t)darwin_CFDataGetLength(data) : 0,
			 .copy = MACH_MSG_VIRTUAL_COPY,
			 .type = MACH_MSG_OOL_DESCRIPTOR},
		.number = number,
		.has_data = data != NULL};
	return darwin_mach_msg(&message.head, MACH_SEND_MSG | MACH_SEND_TIMEOUT, sizeof(message), 0, MACH_PORT_NULL,
			       timeout, MACH_PORT_NULL);
}

// Takes the data out of a message that anybody may have sent. False: it is none of ours, and what it brought is dropped.
static bool message_read(mach_msg_header_t *head, int64_t size, int32_t *number, struct data **data)
{
	struct message *message = (struct message *)head;
	*data = NULL;
	if (size != sizeof(*message) || head->msgh_id != MESSAGE_ID || !(head->msgh_bits & MACH_MSGH_BITS_COMPLEX) ||
	    message->body.msgh_descriptor_count != 1 || message->data.type != MACH_MSG_OOL_DESCRIPTOR) {
		darwin_mach_msg_destroy(head);
		return false;
	}
	*number = message->number;
	if (message->has_data)
		*data = darwin_CFDataCreate(NULL, message->data.address, message->data.size);
	if (message->data.size)
		darwin_mach_vm_deallocate(MACH_TASK_SELF, (uintptr_t)message->data.address, message->data.size);
	return true;
}

// ---- local ----------------------------------------------------------------------------------------------------------

static void local_called(struct cfmachport *mach, void *bytes, int64_t size, void *info)
{
	mach_msg_header_t *head = bytes;
	struct message_port *port = info;
	struct data *data;
	int32_t number;
	if (!message_read(head, size, &number, &data))
		return;
	darwin_CFRetain(port);
	struct data *answer = port->called ? port->called(port, number, data, port->context.info) : NULL;
	if (head->msgh_remote_port != MACH_PORT_NULL &&
	    message_send(MACH_MSGH_BITS(MACH_MSG_TYPE_MOVE_SEND_ONCE, 0), head->msgh_remote_port, MACH_PORT_NULL,
			 number, answer, 1000) != MACH_MSG_SUCCESS)
		darwin_mach_port_deallocate(MACH_TASK_SELF, head->msgh_remote_port);
	darwin_CFRelease(answer);
	darwin_CFRelease(data);
	darwin_CFRelease(port);
}

// The bootstrap server's port of that name; one without a name is only good inside the program.
static uint32_t local_port(const void *name)
{
	uint32_t port = MACH_PORT_NULL;
	if (!name)
		return machport_allocate();
	char *text = string_to_utf8(name);
	if (darwin_bootstrap_check_in(MACH_BOOTSTRAP, text, &port) != KERN_SUCCESS)
		port = MACH_PORT_NULL;
	free(text);
	return port;
}

struct message_port *darwin_CFMessagePortCreateLocal(const void *allocator, const void *name, message_callback *called,
						     const struct callback_context *context, uint8_t *free_info)
{
	uint32_t mach = local_port(name);
	if (free_info)
		*free_info = mach == MACH_PORT_NULL;
	if (mach == MACH_PORT_NULL)
		return NULL;
	struct message_port *port = object_make(&port_type, sizeof(*port));
	port->name = (struct string *)(uintptr_t)darwin_CFRetain(name);
	port->called = called;
	context_take(&port->context, context);
	struct callback_context own = {.info = port};
	port->local = darwin_CFMachPortCreateWithPort(NULL, mach, local_called, &own, NULL);
	return port;
}

struct source *darwin_CFMessagePortCreateRunLoopSource(const void *allocator, struct message_port *port, int64_t order)
{
	return port->local && !port->invalid ? darwin_CFMachPortCreateRunLoopSource(NULL, port->local, order) : NULL;
}

// A queue of libdispatch in place of run loops.
void darwin_CFMessagePortSetDispatchQueue(struct message_port *port, struct dispatch_queue *queue)
{
	struct source *source = darwin_CFMessagePortCreateRunLoopSource(NULL, port, 0);
	if (source)
		source_on_queue(source, queue);
	darwin_CFRelease(source);
}

// ---- remote ---------------------------------------------------------------------------------------------------------

struct message_port *darwin_CFMessagePortCreateRemote(const void *allocator, const void *name)
{
	uint32_t remote = MACH_PORT_NULL;
	char *text = string_to_utf8(name);
	int error = darwin_bootstrap_look_up(MACH_BOOTSTRAP, text, &remote);
	free(text);
	if (error != KERN_SUCCESS || remote == MACH_PORT_NULL)
		return NULL;
	struct message_port *port = object_make(&port_type, sizeof(*port));
	port->name = (struct string *)(uintptr_t)darwin_CFRetain(name);
	port->remote = remote;
	return port;
}

struct answer {
	bool came;
	struct data *data;
};

static void answer_called(struct cfmachport *mach, void *bytes, int64_t size, void *info)
{
	struct answer *answer = info;
	int32_t number;
	if (!answer->came)
		answer->came = message_read(bytes, size, &number, &answer->data);
	else
		darwin_mach_msg_destroy(bytes);
}

static int32_t answer_wait(struct answer *answer, const void *mode, double seconds)
{
	double until = darwin_CFAbsoluteTimeGetCurrent() + seconds;
	while (!answer->came) {
		double left = until - darwin_CFAbsoluteTimeGetCurrent();
		if (left <= 0)
			return SEND_RECEIVE_TIMEOUT;
		if (darwin_CFRunLoopRunInMode(mode, left, 1) == 1) // it has nothing to wait for
			return SEND_TRANSPORT;
	}
	return SEND_DONE;
}

static int32_t send_result(mach_msg_return_t result)
{
	return result == MACH_MSG_SUCCESS	 ? SEND_DONE
	       : result == MACH_SEND_TIMED_OUT	 ? SEND_TIMEOUT
	       : result == MACH_SEND_INVALID_DEST ? SEND_INVALID
						  : SEND_TRANSPORT;
}

static mach_msg_timeout_t milliseconds(double seconds)
{
	return seconds <= 0 ? 0 : seconds > 4e6 ? UINT32_MAX : (mach_msg_timeout_t)(seconds * 1000);
}

int32_t darwin_CFMessagePortSendRequest(struct message_port *port, int32_t number, const struct data *data,
					double send_seconds, double receive_seconds, const void *mode,
					struct data **result)
{
	struct answer answer = {0};
	struct callback_context context = {.info = &answer};
	if (result)
		*result = NULL;
	if (port->invalid || port->local)
		return SEND_INVALID;
	if (data && darwin_CFDataGetLength(data) > MESSAGE_MOST)
		return SEND_TRANSPORT;
	if (!mode)
		return send_result(message_send(MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, 0), port->remote,
						MACH_PORT_NULL, number, data, milliseconds(send_seconds)));
	struct cfmachport *reply = darwin_CFMachPortCreate(NULL, answer_called, &context, NULL);
	if (!reply)
		return SEND_TRANSPORT;
	struct source *source = darwin_CFMachPortCreateRunLoopSource(NULL, reply, 0);
	darwin_CFRunLoopAddSource(darwin_CFRunLoopGetCurrent(), source, mode);
	int32_t status = send_result(message_send(
		MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_MAKE_SEND_ONCE), port->remote,
		darwin_CFMachPortGetPort(reply), number, data, milliseconds(send_seconds)));
	if (status == SEND_DONE)
		status = answer_wait(&answer, mode, receive_seconds);
	darwin_CFMachPortInvalidate(reply);
	darwin_CFRelease(source);
	darwin_CFRelease(reply);
	if (result && status == SEND_DONE)
		*result = answer.data;
	else
		darwin_CFRelease(answer.data);
	return status;
}

// ---- what it is -----------------------------------------------------------------------------------------------------

uint8_t darwin_CFMessagePortIsRemote(const struct message_port *port)
{
	return !port->local;
}

const void *darwin_CFMessagePortGetName(const struct message_port *port)
{
	return port->name;
}

void darwin_CFMessagePortGetContext(const struct message_port *port, struct callback_context *context)
{
	*context = port->context;
}

uint8_t darwin_CFMessagePortIsValid(struct message_port *port)
{
	uint32_t type;
	if (!port->invalid && !port->local &&
	    (darwin_mach_port_type(MACH_TASK_SELF, port->remote, &type) != KERN_SUCCESS ||
	     type & MACH_PORT_TYPE_DEAD_NAME))
		darwin_CFMessagePortInvalidate(port);
	return !port->invalid;
}

void *darwin_CFMessagePortGetInvalidationCallBack(const struct message_port *port)
{
	return (void *)(uintptr_t)port->invalidated;
}

void darwin_CFMessagePortSetInvalidationCallBack(struct message_port *port,
						 void (*invalidated)(struct message_port *port, void *info))
{
	port->invalidated = invalidated;
	if (invalidated && port->invalid)
		invalidated(port, port->context.info);
}
