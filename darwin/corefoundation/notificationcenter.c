// SPDX-License-Identifier: MIT
// CFNotificationCenter; see notificationcenter.h. Suspension is never asked for by anybody here: all is delivered at once.
#include "notificationcenter.h"

#include "../dispatch/block.h"
#include "../libsystem/futex.h"

#include <stdlib.h>

typedef void observer_callback(struct center *center, void *observer, const void *name, const void *object,
			       const void *information);

struct observer {
	struct object head; // kept while it is called
	void *who;
	observer_callback *called;
	const void *name;   // NULL: any
	const void *object; // NULL: any
	bool removed;	    // [lock]
	struct observer *next; // [lock]
};

struct center {
	struct object head;
	enum center_kind kind;
	struct observer *first; // [lock] in the order in which they came
};

static void observer_destroy(struct object *object)
{
	struct observer *observer = (struct observer *)object;
	darwin_CFRelease(observer->name);
	darwin_CFRelease(observer->next);
}

static const struct object_type center_type = {.name = "CFNotificationCenter"};
static const struct object_type observer_type = {.name = "CFNotificationObserver", .destroy = observer_destroy};
static struct center centers[] = {{{&center_type, OBJECT_FOREVER}, CENTER_LOCAL, NULL},
				  {{&center_type, OBJECT_FOREVER}, CENTER_DARWIN, NULL},
				  {{&center_type, OBJECT_FOREVER}, CENTER_DISTRIBUTED, NULL}};
static _Atomic uint32_t lock;

struct center *center_of(enum center_kind kind)
{
	return &centers[kind];
}

uint64_t darwin_CFNotificationCenterGetTypeID(void)
{
	return (uintptr_t)&center_type;
}

struct center *darwin_CFNotificationCenterGetLocalCenter(void)
{
	return center_of(CENTER_LOCAL);
}

struct center *darwin_CFNotificationCenterGetDarwinNotifyCenter(void)
{
	return center_of(CENTER_DARWIN);
}

struct center *darwin_CFNotificationCenterGetDistributedCenter(void)
{
	return center_of(CENTER_DISTRIBUTED);
}

// Objects of the program's own center are whatever it likes; those of the distributed one are strings.
static bool same_object(const struct center *center, const void *wanted, const void *object)
{
	return !wanted || wanted == object || center->kind == CENTER_DARWIN ||
	       (center->kind == CENTER_DISTRIBUTED && object && darwin_CFEqual(wanted, object));
}

// Removed ones stay in the list of who walks along it: each keeps the next.
void center_deliver(struct center *center, const void *name, const void *object, const void *information)
{
	futex_lock(&lock);
	struct observer *at = (struct observer *)(uintptr_t)darwin_CFRetain(center->first);
	while (at) {
		bool tell = !at->removed && (!at->name || darwin_CFEqual(at->name, name)) &&
			    same_object(center, at->object, object);
		futex_unlock(&lock);
		if (tell)
			at->called(center, at->who, name, object, information);
		futex_lock(&lock);
		struct observer *next = (struct observer *)(uintptr_t)darwin_CFRetain(at->next);
		futex_unlock(&lock);
		darwin_CFRelease(at);
		futex_lock(&lock);
		at = next;
	}
	futex_unlock(&lock);
}

// ---- Darwin's center: notify(3), one registration for each name -------------------------------------------------------

struct dispatch_queue;
extern struct dispatch_queue darwin_dispatch_main_q;
uint32_t darwin_notify_register_dispatch(const char *name, int *token, struct dispatch_queue *queue,
					 struct block *handler);
uint32_t darwin_notify_post(const char *name);

struct notify_block { // one that is never freed: a copy of it is itself
	struct block block;
	const void *name;
	struct notify_block *next; // [lock]
};
enum { BLOCK_IS_GLOBAL = 1 << 28 };
static const struct block_descriptor notify_descriptor = {0, sizeof(struct notify_block), NULL, NULL};
static struct notify_block *notify_names; // [lock]

static void notify_called(struct block *block)
{
	center_deliver(center_of(CENTER_DARWIN), ((struct notify_block *)block)->name, NULL, NULL);
}

static void notify_observe(const void *name)
{
	int token;
	struct notify_block *at, *made = calloc(1, sizeof(*made));
	if (!made)
		abort();
	made->block = (struct block){.flags = BLOCK_IS_GLOBAL, .invoke = notify_called, .descriptor = &notify_descriptor};
	futex_lock(&lock);
	for (at = notify_names; at && !darwin_CFEqual(at->name, name); at = at->next)
		;
	if (!at) {
		made->name = darwin_CFRetain(name);
		made->next = notify_names;
		notify_names = made;
	}
	futex_unlock(&lock);
	if (at) {
		free(made);
		return;
	}
	char *text = string_to_utf8(name);
	darwin_notify_register_dispatch(text, &token, &darwin_dispatch_main_q, &made->block);
	free(text);
}

// ---- what programs call ---------------------------------------------------------------------------------------------

void darwin_CFNotificationCenterAddObserver(struct center *center, const void *who, observer_callback *called,
					    const void *name, const void *object, int64_t suspended)
{
	if (!called || (center->kind == CENTER_DARWIN && !name))
		return;
	struct observer *observer = object_make(&observer_type, sizeof(*observer));
	observer->who = (void *)(uintptr_t)who;
	observer->called = called;
	observer->name = darwin_CFRetain(name);
	observer->object = object;
	futex_lock(&lock);
	struct observer **at = &center->first;
	while (*at)
		at = &(*at)->next;
	*at = observer;
	futex_unlock(&lock);
	if (center->kind == CENTER_DARWIN)
		notify_observe(name);
	if (center->kind == CENTER_DISTRIBUTED)
		distributed_listen();
}

// Takes the first that matches out of the list; gives its reference away.
static struct observer *observer_take(struct center *center, const void *who, const void *name, const void *object)
{
	futex_lock(&lock);
	struct observer **at = &center->first, *observer;
	for (; (observer = *at); at = &observer->next)
		if (observer->who == who && (!object || observer->object == object) &&
		    (!name || (observer->name && darwin_CFEqual(observer->name, name))))
			break;
	if (observer) {
		observer->removed = true;
		*at = (struct observer *)(uintptr_t)darwin_CFRetain(observer->next); // it keeps its own reference
	}
	futex_unlock(&lock);
	return observer;
}

// A name or an object of NULL: whichever it observes.
void darwin_CFNotificationCenterRemoveObserver(struct center *center, const void *who, const void *name,
					       const void *object)
{
	struct observer *gone;
	while ((gone = observer_take(center, who, name, object)))
		darwin_CFRelease(gone);
}

void darwin_CFNotificationCenterRemoveEveryObserver(struct center *center, const void *who)
{
	darwin_CFNotificationCenterRemoveObserver(center, who, NULL, NULL);
}

void darwin_CFNotificationCenterPostNotificationWithOptions(struct center *center, const void *name, const void *object,
							    const void *information, uint64_t options)
{
	if (center->kind == CENTER_LOCAL)
		center_deliver(center, name, object, information);
	if (center->kind == CENTER_DISTRIBUTED)
		distributed_post(name, object, information);
	if (center->kind != CENTER_DARWIN)
		return;
	char *text = string_to_utf8(name);
	darwin_notify_post(text);
	free(text);
}

void darwin_CFNotificationCenterPostNotification(struct center *center, const void *name, const void *object,
						 const void *information, uint8_t at_once)
{
	darwin_CFNotificationCenterPostNotificationWithOptions(center, name, object, information, at_once);
}
