// SPDX-License-Identifier: MIT
// IOKit: being told what comes and goes. When Linux says that a device or an interface changed, the registry is looked at again in the run
// loop's (or the queue's) thread, and what is new or gone is put into the iterators of who asked. Facts: IOKitLib.h, IOMessage.h.
//
// A notification port is no port of Mach here: it has a source for a run loop, or a queue; IONotificationPortGetMachPort gives none.
#include "iokit.h"

#include "../corefoundation/runloop.h"
#include "../dispatch/object.h"
#include "../libsystem/dispatch.h"
#include "../libsystem/futex.h"
#include "../systemconfiguration/watch.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum notification_kind { TELLS_NEW, TELLS_GONE, TELLS_INTEREST };
enum { MESSAGE_TERMINATED = (int)0xe0000010 }; // kIOMessageServiceIsTerminated

struct watchers { // first: what `changed` gets
	struct changes_watcher watcher;
	struct io_port *port;
};
struct io_port { // IONotificationPortRef
	_Atomic int32_t references; // the program's, and of calls on their way
	struct watchers devices, network;
	bool watches_devices, watches_network;
	struct source *source;
	struct dispatch_queue *queue;
	struct notification *first; // [iokit_lock]
};
struct notification {
	enum notification_kind kind;
	struct io_port *port;
	const struct dictionary *wanted; // or of TELLS_INTEREST
	uint32_t service;
	uint32_t iterator; // the object that it belongs to
	void (*called)(void);
	void *context;
	struct registry_entry *entries;
	size_t count;
	bool tells; // in this round
	struct notification *next; // [iokit_lock]
};

// ---- rounds ---------------------------------------------------------------------------------------------------------

struct all {
	struct registry_entry *entries;
	size_t count;
};

static bool all_visit(void *context, struct registry_entry *entry)
{
	struct all *all = context;
	all->entries = realloc(all->entries, (all->count + 1) * sizeof(*entry));
	if (!all->entries)
		abort();
	darwin_CFRetain(entry->properties);
	all->entries[all->count++] = *entry;
	return true;
}

static void all_free(struct all *all)
{
	for (size_t i = 0; i < all->count; i++)
		darwin_CFRelease(all->entries[i].properties);
	free(all->entries);
}

static bool is_among(const struct registry_entry *entry, const struct registry_entry *entries, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (entries[i].id == entry->id)
			return true;
	return false;
}

static struct all matching(const struct notification *notification, struct all *all)
{
	struct all some = {0};
	for (size_t i = 0; i < all->count; i++)
		if (iokit_matches(&all->entries[i], notification->wanted))
			all_visit(&some, &all->entries[i]);
	return some;
}

// Under the lock: what differs from the last round goes into the iterator.
static void look(struct notification *notification, struct all *all)
{
	struct io_object *iterator = iokit_object_at(notification->iterator);
	if (notification->kind == TELLS_INTEREST) {
		struct io_object *service = iokit_object_at(notification->service);
		notification->tells = notification->count && service && !is_among(&service->entry, all->entries, all->count);
		notification->count = notification->tells ? 0 : notification->count; // once
		return;
	}
	struct all now = matching(notification, all), before = {notification->entries, notification->count};
	const struct all *from = notification->kind == TELLS_NEW ? &now : &before,
			 *without = notification->kind == TELLS_NEW ? &before : &now;
	size_t had = iterator->count;
	for (size_t i = 0; i < from->count; i++)
		if (!is_among(&from->entries[i], without->entries, without->count))
			iokit_list_add(&iterator->list, &iterator->count, &from->entries[i]);
	notification->tells = iterator->count > had;
	all_free(&before);
	notification->entries = now.entries;
	notification->count = now.count;
}

// Under the lock. The first that is to be told, which is taken off.
static bool next_told(struct io_port *port, struct notification *told)
{
	for (struct notification *at = port->first; at; at = at->next)
		if (at->tells) {
			at->tells = false;
			*told = *at;
			return true;
		}
	return false;
}

static void tell(const struct notification *told)
{
	if (told->kind == TELLS_INTEREST)
		((void (*)(void *, uint32_t, int, void *))(uintptr_t)told->called)(told->context, told->service,
										   MESSAGE_TERMINATED, NULL);
	else
		((void (*)(void *, uint32_t))(uintptr_t)told->called)(told->context, told->iterator);
}

static void perform(void *object)
{
	struct io_port *port = object;
	struct all all = {0};
	struct notification told;
	registry_walk(all_visit, &all);
	futex_lock(&iokit_lock);
	for (struct notification *at = port->first; at; at = at->next)
		look(at, &all);
	while (next_told(port, &told)) {
		futex_unlock(&iokit_lock);
		tell(&told); // which may add and free notifications
		futex_lock(&iokit_lock);
	}
	futex_unlock(&iokit_lock);
	all_free(&all);
}

// ---- ports ----------------------------------------------------------------------------------------------------------

static void port_release(struct io_port *port)
{
	if (--port->references > 0)
		return;
	if (port->queue)
		darwin_dispatch_release((struct dispatch_object *)port->queue);
	free(port);
}

static void perform_release(void *object)
{
	struct io_port *port = object;
	if (port->first)
		perform(port);
	port_release(port);
}

static void changed(struct changes_watcher *watcher)
{
	struct io_port *port = ((struct watchers *)watcher)->port;
	if (port->source)
		source_tell(port->source);
	if (!port->queue)
		return;
	port->references++;
	dispatch_queue_add(port->queue, port, perform_release);
}

struct io_port *darwin_IONotificationPortCreate(uint32_t main_port)
{
	struct io_port *port = calloc(1, sizeof(*port));
	if (!port)
		return NULL;
	port->references = 1;
	port->devices = (struct watchers){{.kind = CHANGES_DEVICES, .changed = changed}, port};
	port->network = (struct watchers){{.kind = CHANGES_NETWORK, .changed = changed}, port};
	return port;
}

void darwin_IONotificationPortDestroy(struct io_port *port)
{
	if (port->watches_devices)
		changes_forget(&port->devices.watcher);
	if (port->watches_network)
		changes_forget(&port->network.watcher);
	futex_lock(&iokit_lock);
	while (port->first) {
		port->first->port = NULL; // its iterator goes on alone
		port->first = port->first->next;
	}
	futex_unlock(&iokit_lock);
	if (port->source)
		darwin_CFRunLoopSourceInvalidate(port->source);
	darwin_CFRelease(port->source);
	port->source = NULL;
	port_release(port);
}

// Lent, as long as there is the port.
struct source *darwin_IONotificationPortGetRunLoopSource(struct io_port *port)
{
	struct source_context context = {.info = port, .perform = perform};
	if (!port->source)
		port->source = darwin_CFRunLoopSourceCreate(NULL, 0, &context);
	return port->source;
}

uint32_t darwin_IONotificationPortGetMachPort(struct io_port *port)
{
	return 0;
}

void darwin_IONotificationPortSetDispatchQueue(struct io_port *port, struct dispatch_queue *queue)
{
	if (queue)
		darwin_dispatch_retain((struct dispatch_object *)queue);
	if (port->queue)
		darwin_dispatch_release((struct dispatch_object *)port->queue);
	port->queue = queue;
}

// ---- notifications --------------------------------------------------------------------------------------------------

void notification_free(struct notification *notification)
{
	struct notification **at = notification->port ? &notification->port->first : NULL;
	while (at && *at && *at != notification)
		at = &(*at)->next;
	if (at && *at)
		*at = notification->next;
	struct all known = {notification->entries, notification->wanted ? notification->count : 0};
	all_free(&known);
	darwin_CFRelease(notification->wanted);
	if (notification->service)
		iokit_object_release(notification->service);
	free(notification);
}

// One for the devices Linux may not tell about (another name space's) is enough.
static bool watch(struct io_port *port)
{
	if (!port->watches_devices)
		port->watches_devices = changes_watch(&port->devices.watcher);
	if (!port->watches_network)
		port->watches_network = changes_watch(&port->network.watcher);
	return port->watches_devices || port->watches_network;
}

static struct notification *notification_make(struct io_port *port, enum notification_kind kind, void (*called)(void),
					      void *context)
{
	struct notification *notification = calloc(1, sizeof(*notification));
	if (!notification)
		abort();
	notification->kind = kind;
	notification->port = port;
	notification->called = called;
	notification->context = context;
	return notification;
}

// Under the lock. The number of the object that it belongs to; 0: there is no place, and it is gone.
static uint32_t notification_begin(struct notification *notification, struct all *now)
{
	struct io_object object = {.is_iterator = true, .notification = notification};
	for (size_t i = 0; notification->kind == TELLS_NEW && i < now->count; i++)
		iokit_list_add(&object.list, &object.count, &now->entries[i]);
	notification->iterator = iokit_object_new(&object);
	if (!notification->iterator) {
		for (size_t i = 0; i < object.count; i++)
			iokit_object_release(object.list[i]);
		free(object.list);
		notification_free(notification);
		return 0;
	}
	notification->next = notification->port->first;
	notification->port->first = notification;
	return notification->iterator;
}

// Takes the dictionary's reference. The iterator has what is there already; of what goes, nothing.
int darwin_IOServiceAddMatchingNotification(struct io_port *port, const char *type, const struct dictionary *wanted,
					    void (*called)(void), void *context, uint32_t *iterator)
{
	bool gone = strcmp(type, "IOServiceTerminate") == 0;
	bool comes = strcmp(type, "IOServiceFirstMatch") == 0 || strcmp(type, "IOServiceMatched") == 0 ||
		     strcmp(type, "IOServicePublish") == 0 || strcmp(type, "IOServiceFirstPublish") == 0;
	*iterator = 0;
	if (!port || !wanted || (!gone && !comes) || !watch(port)) {
		darwin_CFRelease(wanted);
		return !port || !wanted ? IO_BAD_ARGUMENT : IO_UNSUPPORTED;
	}
	struct notification *notification = notification_make(port, gone ? TELLS_GONE : TELLS_NEW, called, context);
	struct all all = {0};
	registry_walk(all_visit, &all);
	futex_lock(&iokit_lock);
	notification->wanted = wanted;
	struct all now = matching(notification, &all);
	notification->entries = now.entries;
	notification->count = now.count;
	*iterator = notification_begin(notification, &now);
	futex_unlock(&iokit_lock);
	all_free(&all);
	return *iterator ? IO_SUCCESS : IO_NO_DEVICE;
}

// Of all that a service may tell, only that it is gone.
int darwin_IOServiceAddInterestNotification(struct io_port *port, uint32_t service, const char *type,
					    void (*called)(void), void *context, uint32_t *object)
{
	*object = 0;
	if (!port || !watch(port))
		return port ? IO_UNSUPPORTED : IO_BAD_ARGUMENT;
	struct notification *notification = notification_make(port, TELLS_INTEREST, called, context);
	futex_lock(&iokit_lock);
	struct io_object *of = iokit_object_at(service);
	if (of && !of->is_iterator) {
		of->references++;
		notification->service = service;
		notification->count = 1;
		*object = notification_begin(notification, NULL);
	} else {
		notification_free(notification);
	}
	futex_unlock(&iokit_lock);
	return *object ? IO_SUCCESS : IO_BAD_ARGUMENT;
}
