// SPDX-License-Identifier: MIT
// CFMachPort: a port of Mach whose messages a run loop gives to a function; see machport.h. A port that dies elsewhere is seen as invalid
// when it is asked about; nobody is told at that moment.
#include "machport.h"

#include "../libsystem/futex.h"
#include "../libsystem/mach_names.h"

struct cfmachport {
	struct object head;
	uint32_t port; // [I]
	bool mine;     // it was made with the object, and goes with it
	_Atomic bool invalid;
	struct source *source; // [lock]
	machport_callback *called;
	void (*invalidated)(struct cfmachport *port, void *info);
	struct callback_context context;
	struct cfmachport *next; // [lock] of the valid ones
};

static _Atomic uint32_t lock;
static struct cfmachport *ports; // [lock]

uint32_t machport_allocate(void)
{
	uint32_t name;
	if (darwin_mach_port_allocate(MACH_TASK_SELF, MACH_PORT_RIGHT_RECEIVE, &name) != KERN_SUCCESS)
		return MACH_PORT_NULL;
	if (darwin_mach_port_insert_right(MACH_TASK_SELF, name, name, MACH_MSG_TYPE_MAKE_SEND) == KERN_SUCCESS)
		return name;
	machport_drop(name);
	return MACH_PORT_NULL;
}

void machport_drop(uint32_t port)
{
	darwin_mach_port_deallocate(MACH_TASK_SELF, port);
	darwin_mach_port_mod_refs(MACH_TASK_SELF, port, MACH_PORT_RIGHT_RECEIVE, -1);
}

static void port_unlink(struct cfmachport *port)
{
	futex_lock(&lock);
	for (struct cfmachport **at = &ports; *at; at = &(*at)->next)
		if (*at == port) {
			*at = port->next;
			break;
		}
	futex_unlock(&lock);
}

static void port_destroy(struct object *object)
{
	struct cfmachport *port = (struct cfmachport *)object;
	if (!atomic_exchange(&port->invalid, true)) {
		port_unlink(port);
		context_drop(&port->context);
	}
	if (port->mine)
		machport_drop(port->port);
}

static const struct object_type port_type = {.name = "CFMachPort", .destroy = port_destroy};

uint64_t darwin_CFMachPortGetTypeID(void)
{
	return (uintptr_t)&port_type;
}

// The one that is there for the port, or a new one. *free_info: the context was not needed.
struct cfmachport *darwin_CFMachPortCreateWithPort(const void *allocator, uint32_t name, machport_callback *called,
						   const struct callback_context *context, uint8_t *free_info)
{
	uint8_t ignored;
	uint32_t type;
	free_info = free_info ? free_info : &ignored;
	*free_info = 1;
	if (darwin_mach_port_type(MACH_TASK_SELF, name, &type) != KERN_SUCCESS)
		return NULL;
	futex_lock(&lock);
	for (struct cfmachport *at = ports; at; at = at->next)
		if (at->port == name) {
			darwin_CFRetain(at);
			futex_unlock(&lock);
			return at;
		}
	futex_unlock(&lock);
	struct cfmachport *port = object_make(&port_type, sizeof(*port));
	port->port = name;
	port->called = called;
	context_take(&port->context, context);
	futex_lock(&lock);
	port->next = ports;
	ports = port;
	futex_unlock(&lock);
	*free_info = 0;
	return port;
}

struct cfmachport *darwin_CFMachPortCreate(const void *allocator, machport_callback *called,
					   const struct callback_context *context, uint8_t *free_info)
{
	uint32_t name = machport_allocate();
	if (name == MACH_PORT_NULL) {
		if (free_info)
			*free_info = 1;
		return NULL;
	}
	struct cfmachport *port = darwin_CFMachPortCreateWithPort(allocator, name, called, context, free_info);
	if (port)
		port->mine = true;
	return port;
}

uint32_t darwin_CFMachPortGetPort(const struct cfmachport *port)
{
	return port->port;
}

void darwin_CFMachPortGetContext(const struct cfmachport *port, struct callback_context *context)
{
	*context = port->context;
}

void darwin_CFMachPortInvalidate(struct cfmachport *port)
{
	if (atomic_exchange(&port->invalid, true))
		return;
	darwin_CFRetain(port);
	port_unlink(port);
	if (port->invalidated)
		port->invalidated(port, port->context.info);
	futex_lock(&lock);
	struct source *source = port->source;
	port->source = NULL;
	futex_unlock(&lock);
	if (source)
		darwin_CFRunLoopSourceInvalidate(source);
	darwin_CFRelease(source);
	context_drop(&port->context);
	darwin_CFRelease(port);
}

uint8_t darwin_CFMachPortIsValid(const struct cfmachport *port)
{
	uint32_t type;
	return !port->invalid && darwin_mach_port_type(MACH_TASK_SELF, port->port, &type) == KERN_SUCCESS &&
	       !(type & MACH_PORT_TYPE_DEAD_NAME);
}

void *darwin_CFMachPortGetInvalidationCallBack(const struct cfmachport *port)
{
	return (void *)(uintptr_t)port->invalidated;
}

// Of one that is invalid it is called at once.
void darwin_CFMachPortSetInvalidationCallBack(struct cfmachport *port,
					      void (*invalidated)(struct cfmachport *port, void *info))
{
	port->invalidated = invalidated;
	if (invalidated && port->invalid)
		invalidated(port, port->context.info);
}

static uint32_t source_port(void *object)
{
	return ((struct cfmachport *)object)->port;
}

static void *receive(void *message, int64_t size, const void *allocator, void *object)
{
	struct cfmachport *port = object;
	if (!port->invalid && port->called)
		port->called(port, message, size, port->context.info);
	return NULL;
}

static void release(const void *object)
{
	darwin_CFRelease(object);
}

// One for all that ask.
struct source *darwin_CFMachPortCreateRunLoopSource(const void *allocator, struct cfmachport *port, int64_t order)
{
	struct source_context context = {.version = 1,
					 .info = port,
					 .retain = darwin_CFRetain,
					 .release = release,
					 .port = source_port,
					 .receive = receive};
	if (port->invalid)
		return NULL;
	if (!port->source) {
		struct source *source = darwin_CFRunLoopSourceCreate(NULL, order, &context);
		futex_lock(&lock);
		port->source = source;
		futex_unlock(&lock);
	}
	return (struct source *)(uintptr_t)darwin_CFRetain(port->source);
}
