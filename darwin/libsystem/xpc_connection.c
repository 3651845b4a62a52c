// SPDX-License-Identifier: MIT
// XPC's connections. No service of XPC runs here, and a connection says so as on macOS when its service is not there: once it is resumed its
// handler gets XPC_ERROR_CONNECTION_INVALID, and so does who waits for a reply. Facts: <xpc/connection.h>.
//
// A connection without a name (a listener of this process) stays quiet: nobody connects. Handlers run on the connection's queue.
#include "xpc.h"

#include "../dispatch/block.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void darwin_dispatch_async_f(void *queue, void *context, void (*function)(void *));
void *darwin_dispatch_get_global_queue(long priority, unsigned long flags);
void darwin_dispatch_retain(void *object);
void darwin_dispatch_release(void *object);

struct handler_block {
	void *class;
	int32_t flags, reserved;
	void (*invoke)(void *block, struct xpc_object *event);
};

enum state { MADE, RESUMED, TOLD }; // MADE -> RESUMED: activate; -> TOLD: the handler has heard that it is invalid
struct xpc_connection {
	pthread_mutex_t lock;
	char *name;		  // [I] NULL: a listener
	void *queue;		  // [lock] retained, or NULL: a global one
	struct handler_block *handler; // [lock] a copy
	enum state state;	  // [lock]
	void *context;		  // [lock]
	void (*finalizer)(void *); // [lock]
};

// The text is a string under the key XPCErrorDescription, as in <xpc/xpc.h>; made when somebody asks.
const char *const darwin_xpc_error_key_description = "XPCErrorDescription";
const char *const darwin_xpc_event_key_name = "XPCEventName";
struct xpc_object darwin_xpc_error_connection_invalid = {&darwin_xpc_type_error, 0, {1}};
struct xpc_object darwin_xpc_error_connection_interrupted = {&darwin_xpc_type_error, 0, {2}};
struct xpc_object darwin_xpc_error_termination_imminent = {&darwin_xpc_type_error, 0, {3}};

struct xpc_object *darwin_xpc_connection_create(const char *name, void *queue)
{
	struct xpc_object *object = xpc_make(&darwin_xpc_type_connection);
	struct xpc_connection *connection = object ? calloc(1, sizeof(*connection)) : NULL;
	if (!connection) {
		free(object);
		return NULL;
	}
	pthread_mutex_init(&connection->lock, NULL);
	connection->name = name ? strdup(name) : NULL;
	connection->queue = queue;
	if (queue)
		darwin_dispatch_retain(queue);
	object->connection = connection;
	return object;
}

struct xpc_object *darwin_xpc_connection_create_mach_service(const char *name, void *queue, uint64_t flags)
{
	return darwin_xpc_connection_create(flags & 1 ? NULL : name, queue); // XPC_CONNECTION_MACH_SERVICE_LISTENER
}

void xpc_connection_free(struct xpc_connection *connection)
{
	if (connection->finalizer)
		connection->finalizer(connection->context);
	if (connection->handler)
		block_release(connection->handler);
	if (connection->queue)
		darwin_dispatch_release(connection->queue);
	pthread_mutex_destroy(&connection->lock);
	free(connection->name);
	free(connection);
}

static struct handler_block *handler_take(struct xpc_connection *connection)
{
	pthread_mutex_lock(&connection->lock);
	struct handler_block *handler = connection->state == TOLD ? NULL : block_copy(connection->handler);
	connection->state = TOLD;
	pthread_mutex_unlock(&connection->lock);
	return handler;
}

static void tell_invalid(void *of)
{
	struct xpc_object *object = of;
	struct handler_block *handler = handler_take(object->connection);
	if (handler) {
		handler->invoke(handler, &darwin_xpc_error_connection_invalid);
		block_release(handler);
	}
	darwin_xpc_release(object);
}

static void *queue_of(struct xpc_connection *connection)
{
	return connection->queue ? connection->queue : darwin_dispatch_get_global_queue(0, 0);
}

static void tell_soon(struct xpc_object *object)
{
	darwin_dispatch_async_f(queue_of(object->connection), darwin_xpc_retain(object), tell_invalid);
}

void darwin_xpc_connection_set_event_handler(struct xpc_object *object, struct handler_block *handler)
{
	struct xpc_connection *connection = object->connection;
	struct handler_block *copy = block_copy(handler), *before;
	pthread_mutex_lock(&connection->lock);
	before = connection->handler;
	connection->handler = copy;
	pthread_mutex_unlock(&connection->lock);
	if (before)
		block_release(before);
}

void darwin_xpc_connection_activate(struct xpc_object *object)
{
	struct xpc_connection *connection = object->connection;
	pthread_mutex_lock(&connection->lock);
	bool first = connection->state == MADE;
	if (first)
		connection->state = RESUMED;
	pthread_mutex_unlock(&connection->lock);
	if (first && connection->name)
		tell_soon(object);
}

void darwin_xpc_connection_suspend(struct xpc_object *object) { (void)object; } // no event comes but the one
void darwin_xpc_connection_cancel(struct xpc_object *object) { tell_soon(object); }
void darwin_xpc_connection_send_message(struct xpc_object *object, struct xpc_object *message)
{
	(void)object, (void)message;
} // lost with the connection

struct xpc_object *darwin_xpc_connection_send_message_with_reply_sync(struct xpc_object *object, struct xpc_object *message)
{
	(void)object, (void)message;
	return &darwin_xpc_error_connection_invalid;
}

static void reply_invalid(void *of)
{
	struct handler_block *handler = of;
	handler->invoke(handler, &darwin_xpc_error_connection_invalid);
	block_release(handler);
}

void darwin_xpc_connection_send_message_with_reply(struct xpc_object *object, struct xpc_object *message, void *queue, struct handler_block *handler)
{
	(void)message;
	darwin_dispatch_async_f(queue ? queue : queue_of(object->connection), block_copy(handler), reply_invalid);
}

void darwin_xpc_connection_send_barrier(struct xpc_object *object, struct block *block)
{
	darwin_dispatch_async_f(queue_of(object->connection), block_copy(block), block_call_release);
}

void darwin_xpc_connection_set_target_queue(struct xpc_object *object, void *queue)
{
	struct xpc_connection *connection = object->connection;
	if (queue)
		darwin_dispatch_retain(queue);
	pthread_mutex_lock(&connection->lock);
	void *before = connection->queue;
	connection->queue = queue;
	pthread_mutex_unlock(&connection->lock);
	if (before)
		darwin_dispatch_release(before);
}

const char *darwin_xpc_connection_get_name(const struct xpc_object *object) { return object->connection->name; }
int darwin_xpc_connection_get_pid(const struct xpc_object *object) { return (void)object, 0; } // of the other end: there is none
uint32_t darwin_xpc_connection_get_euid(const struct xpc_object *object) { return (void)object, geteuid(); }
uint32_t darwin_xpc_connection_get_egid(const struct xpc_object *object) { return (void)object, getegid(); }
void darwin_xpc_connection_set_context(struct xpc_object *object, void *context) { object->connection->context = context; }
void *darwin_xpc_connection_get_context(const struct xpc_object *object) { return object->connection->context; }
void darwin_xpc_connection_set_finalizer_f(struct xpc_object *object, void (*function)(void *)) { object->connection->finalizer = function; }

// Transactions keep launchd from ending an idle service: there is no launchd.
void darwin_xpc_transaction_begin(void) {}
struct xpc_object *darwin_os_transaction_create(const char *name)
{
	struct xpc_object *darwin_xpc_string_create(const char *text);
	return darwin_xpc_string_create(name ? name : "");
}
