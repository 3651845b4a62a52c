// SPDX-License-Identifier: MIT
// Classes of service of threads and queues: they are kept and told, and order what waits in the pool; Linux' scheduler is not told.
// Facts: libpthread's <pthread/qos.h>, <sys/qos.h>; a thread's class is in slot 4 of its data (private/pthread/tsd_private.h).
#include "block.h"
#include "queue.h"

#include "../libsystem/errno.h"
#include "../libsystem/thread.h"

#include <stdlib.h>

enum { QOS_DEFAULT = 0x15, SLOT_QOS = 4 };

struct override {
	struct thread *thread;
};

static bool is_class(unsigned qos, int priority)
{
	bool known = qos == 0x21 || qos == 0x19 || qos == 0x15 || qos == 0x11 || qos == 0x09 || qos == 0x05;
	return known && priority <= 0 && priority >= -15;
}

static uintptr_t join(unsigned qos, int priority)
{
	return (uintptr_t)qos << 8 | (uint8_t)priority;
}

// What the innermost queue that has a class asks for.
static unsigned class_of_queues(void)
{
	for (const struct dispatch_frame *frame = dispatch_frames; frame; frame = frame->before)
		for (const struct dispatch_queue *queue = frame->queue; queue; queue = dispatch_queue_target(queue))
			if (queue->qos && queue->head.class->kind != DISPATCH_MAIN)
				return queue->qos;
	return 0;
}

unsigned darwin_qos_class_self(void)
{
	uintptr_t own = (uintptr_t)thread_self()->slots[SLOT_QOS];
	unsigned of_queues = class_of_queues();
	return of_queues ? of_queues : own ? (unsigned)(own >> 8) : QOS_DEFAULT;
}

uint8_t dispatch_work_class(void (*function)(void *), const void *context)
{
	unsigned of_block = function == block_call_release ? block_qos(context) : 0;
	return (uint8_t)(of_block ? of_block : darwin_qos_class_self());
}

unsigned darwin_qos_class_main(void)
{
	return QOS_DEFAULT;
}

int darwin_pthread_set_qos_class_self_np(unsigned qos, int priority)
{
	if (!is_class(qos, priority))
		return DARWIN_EINVAL;
	if (dispatch_frames)
		return DARWIN_EPERM; // a thread of the pool runs as its queues do
	thread_self()->slots[SLOT_QOS] = (void *)join(qos, priority);
	return 0;
}

int darwin_pthread_get_qos_class_np(struct thread *thread, unsigned *qos, int *priority)
{
	uintptr_t own = (uintptr_t)thread->slots[SLOT_QOS];
	if (qos)
		*qos = own ? (unsigned)(own >> 8) : QOS_DEFAULT;
	if (priority)
		*priority = (int8_t)own;
	return 0;
}

int darwin_pthread_attr_set_qos_class_np(struct attributes *attributes, unsigned qos, int priority)
{
	if (!is_class(qos, priority))
		return DARWIN_EINVAL;
	*thread_attributes_qos(attributes) = join(qos, priority);
	return 0;
}

int darwin_pthread_attr_get_qos_class_np(struct attributes *attributes, unsigned *qos, int *priority)
{
	uintptr_t own = *thread_attributes_qos(attributes);
	if (qos)
		*qos = (unsigned)(own >> 8);
	if (priority)
		*priority = (int8_t)own;
	return 0;
}

// Nobody is scheduled by classes, so there is nothing to override: what is returned is known again when it ends.
struct override *darwin_pthread_override_qos_class_start_np(struct thread *thread, unsigned qos, int priority)
{
	struct override *override = is_class(qos, priority) ? malloc(sizeof(*override)) : NULL;
	if (override)
		override->thread = thread;
	return override;
}

int darwin_pthread_override_qos_class_end_np(struct override *override)
{
	if (!override)
		return DARWIN_EINVAL;
	free(override);
	return 0;
}
