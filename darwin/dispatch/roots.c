// SPDX-License-Identifier: MIT
// The global queues and what a queue is made with. Facts: <dispatch/queue.h>, <sys/qos.h>.
#include "pool.h"

#include <stdlib.h>
#include <string.h>

enum { PRIORITY_HIGH = 2, PRIORITY_DEFAULT = 0, PRIORITY_LOW = -2, PRIORITY_BACKGROUND = INT16_MIN };
enum { FLAG_OVERCOMMIT = 2 };

static const struct dispatch_class root_class = {.kind = DISPATCH_ROOT};

#define ROOT(service, over, name)                                                                                      \
	{.head = {.class = &root_class, .references = DISPATCH_FOREVER_USERS, .users = DISPATCH_FOREVER_USERS},         \
	 .concurrent = true,                                                                                           \
	 .overcommit = over,                                                                                           \
	 .qos = service,                                                                                               \
	 .label = (char *)(uintptr_t) "com.apple.root." name}
#define ROOTS(service, name) ROOT(service, false, name "-qos"), ROOT(service, true, name "-qos.overcommit")
static struct dispatch_queue roots[] = {ROOTS(0x05, "maintenance"),    ROOTS(0x09, "background"),
					ROOTS(0x11, "utility"),	       ROOTS(0x15, "default"),
					ROOTS(0x19, "user-initiated"), ROOTS(0x21, "user-interactive")};

struct dispatch_queue *dispatch_root_of(unsigned qos, bool overcommit)
{
	for (size_t i = 0; i < sizeof(roots) / sizeof(*roots); i += 2)
		if (roots[i].qos == qos)
			return &roots[i + overcommit];
	return qos == 0 ? dispatch_root_of(0x15, overcommit) : NULL;
}

struct dispatch_queue *dispatch_root_default(void)
{
	return dispatch_root_of(0x15, true);
}

struct dispatch_queue *darwin_dispatch_get_global_queue(long identifier, unsigned long flags)
{
	bool overcommit = flags & FLAG_OVERCOMMIT;
	if (flags & ~(unsigned long)FLAG_OVERCOMMIT)
		return NULL;
	switch (identifier) {
	case PRIORITY_HIGH: return dispatch_root_of(0x19, overcommit);
	case PRIORITY_DEFAULT: return dispatch_root_of(0x15, overcommit);
	case PRIORITY_LOW: return dispatch_root_of(0x11, overcommit);
	case PRIORITY_BACKGROUND: return dispatch_root_of(0x09, overcommit);
	default: return identifier > 0 && identifier < 0x100 ? dispatch_root_of((unsigned)identifier, overcommit) : NULL;
	}
}

// ---- attributes: each combination has an address -------------------------------------------------------------------
// DISPATCH_QUEUE_SERIAL is NULL, DISPATCH_QUEUE_CONCURRENT the address of a symbol: the first of this table.

struct dispatch_queue_attr {
	char place;
};
enum { QOS_COUNT = 7, PRIORITY_COUNT = 16, OVERCOMMIT_COUNT = 3, FREQUENCY_COUNT = 3 };
struct parts {
	unsigned serial, inactive, qos, priority, overcommit, frequency; // indices
};
struct dispatch_queue_attr
	darwin_dispatch_queue_attr_concurrent[2 * 2 * QOS_COUNT * PRIORITY_COUNT * OVERCOMMIT_COUNT * FREQUENCY_COUNT];
static const uint8_t qos_of[QOS_COUNT] = {0, 0x05, 0x09, 0x11, 0x15, 0x19, 0x21};

static struct parts attr_split(const struct dispatch_queue_attr *attr)
{
	if (!attr)
		return (struct parts){.serial = 1};
	size_t rest = (size_t)(attr - darwin_dispatch_queue_attr_concurrent);
	struct parts parts;
	if (rest >= sizeof(darwin_dispatch_queue_attr_concurrent))
		abort(); // it is none
	parts.serial = rest % 2, rest /= 2;
	parts.inactive = rest % 2, rest /= 2;
	parts.qos = (unsigned)(rest % QOS_COUNT), rest /= QOS_COUNT;
	parts.priority = (unsigned)(rest % PRIORITY_COUNT), rest /= PRIORITY_COUNT;
	parts.overcommit = (unsigned)(rest % OVERCOMMIT_COUNT), rest /= OVERCOMMIT_COUNT;
	parts.frequency = (unsigned)rest;
	return parts;
}

static const struct dispatch_queue_attr *attr_join(struct parts parts)
{
	size_t index = parts.frequency;
	index = index * OVERCOMMIT_COUNT + parts.overcommit;
	index = index * PRIORITY_COUNT + parts.priority;
	index = index * QOS_COUNT + parts.qos;
	index = (index * 2 + parts.inactive) * 2 + parts.serial;
	return &darwin_dispatch_queue_attr_concurrent[index];
}

const void *darwin_dispatch_queue_attr_make_initially_inactive(const struct dispatch_queue_attr *attr)
{
	struct parts parts = attr_split(attr);
	parts.inactive = 1;
	return attr_join(parts);
}

const void *darwin_dispatch_queue_attr_make_with_qos_class(const struct dispatch_queue_attr *attr, unsigned qos,
							   int priority)
{
	struct parts parts = attr_split(attr);
	if (priority > 0 || priority < -15)
		return attr;
	for (unsigned i = 0; i < QOS_COUNT; i++)
		if (qos_of[i] == qos) {
			parts.qos = i;
			parts.priority = (unsigned)-priority;
		}
	return attr_join(parts);
}

const void *darwin_dispatch_queue_attr_make_with_overcommit(const struct dispatch_queue_attr *attr, uint8_t overcommit)
{
	struct parts parts = attr_split(attr);
	parts.overcommit = overcommit ? 1 : 2;
	return attr_join(parts);
}

// Autorelease pools are Objective-C's; the wish is kept with the attribute.
const void *darwin_dispatch_queue_attr_make_with_autorelease_frequency(const struct dispatch_queue_attr *attr,
								       unsigned long frequency)
{
	struct parts parts = attr_split(attr);
	parts.frequency = (unsigned)(frequency % FREQUENCY_COUNT);
	return attr_join(parts);
}

// ---- queues of the program ------------------------------------------------------------------------------------------

static void queue_destroy(struct dispatch_object *object)
{
	dispatch_queue_clear((struct dispatch_queue *)object);
}

static const struct dispatch_class queue_class = {.kind = DISPATCH_QUEUE, .destroy = queue_destroy};

struct dispatch_queue *darwin_dispatch_queue_create_with_target(const char *label, const struct dispatch_queue_attr *attr,
								struct dispatch_queue *target)
{
	struct parts parts = attr_split(attr);
	struct dispatch_queue *queue = dispatch_object_new(sizeof(*queue), &queue_class);
	if (!queue)
		return NULL;
	dispatch_queue_init(queue, !parts.serial);
	queue->label = label ? strdup(label) : NULL;
	queue->qos = qos_of[parts.qos];
	queue->priority = (int8_t) - (int)parts.priority;
	if (queue->qos)
		queue->drain.qos = queue->qos;
	if (parts.inactive) {
		queue->life = DISPATCH_INACTIVE;
		queue->suspended = 1;
	}
	if (!target)
		target = dispatch_root_of(queue->qos, parts.overcommit == 1 || (parts.overcommit == 0 && parts.serial));
	dispatch_object_ref(&target->head);
	queue->head.target = target;
	return queue;
}

struct dispatch_queue *darwin_dispatch_queue_create(const char *label, const struct dispatch_queue_attr *attr)
{
	return darwin_dispatch_queue_create_with_target(label, attr, NULL);
}

unsigned darwin_dispatch_queue_get_qos_class(const struct dispatch_queue *queue, int *priority)
{
	if (priority)
		*priority = queue->priority;
	return queue->qos;
}

// ---- workloops: serial, the highest class first ---------------------------------------------------------------------

struct dispatch_queue *darwin_dispatch_workloop_create(const char *label)
{
	struct dispatch_queue *queue = darwin_dispatch_queue_create_with_target(label, NULL, NULL);
	if (queue)
		queue->ordered = true;
	return queue;
}

struct dispatch_queue *darwin_dispatch_workloop_create_inactive(const char *label)
{
	struct dispatch_queue *queue = darwin_dispatch_queue_create_with_target(
		label, darwin_dispatch_queue_attr_make_initially_inactive(NULL), NULL);
	if (queue)
		queue->ordered = true;
	return queue;
}

// Before it is activated. Autorelease pools are Objective-C's; a workgroup of Linux' scheduler there is none.
void darwin_dispatch_workloop_set_autorelease_frequency(struct dispatch_queue *queue, unsigned long frequency)
{
	(void)queue, (void)frequency;
}

void darwin_dispatch_workloop_set_os_workgroup(struct dispatch_queue *queue, void *workgroup)
{
	(void)queue, (void)workgroup;
}

// The least class of what runs there, of a queue that is not yet active.
void darwin_dispatch_set_qos_class_floor(struct dispatch_object *object, unsigned qos, int priority)
{
	struct dispatch_queue *queue = (struct dispatch_queue *)object;
	if (!dispatch_object_is_queue(object) || dispatch_queue_is_root(queue) || qos <= queue->qos || priority > 0 || priority < -15)
		return;
	queue->qos = queue->drain.qos = (uint8_t)qos;
	queue->priority = (int8_t)priority;
}
