// SPDX-License-Identifier: MIT
// SCNetworkReachability: being told of changes. Looking may mean to look up a name, so a thread of libdispatch's pool does it, when Linux says
// that something changed; if the flags differ from those that were told, the run loop or the queue is told. The flags of a name
// are told once they are known, those of an address when they change. Facts: SCNetworkReachability.h.
#include "network.h"
#include "reachability.h"

#include "../dispatch/object.h"
#include "../libsystem/dispatch.h"
#include "../libsystem/futex.h"

#include <stdatomic.h>
#include <stddef.h>

void darwin_CFRunLoopAddSource(struct runloop *loop, void *source, const void *mode);
void darwin_CFRunLoopRemoveSource(struct runloop *loop, const void *source, const void *mode);
struct dispatch_queue *darwin_dispatch_get_global_queue(long class, unsigned long flags);

static void perform(void *object)
{
	struct reachability *target = object;
	uint32_t flags = target->flags;
	if (atomic_exchange(&target->told, flags) != flags && target->called)
		target->called(target, flags, target->context.info);
}

static void perform_release(void *object)
{
	perform(object);
	darwin_CFRelease(object);
}

static void look(void *object)
{
	struct reachability *target = object;
	uint32_t flags;
	target->looking = false; // what changes from here on is looked at again
	darwin_SCNetworkReachabilityGetFlags(target, &flags);
	target->flags = flags;
	futex_lock(&target->lock);
	if (target->source)
		source_tell(target->source);
	if (target->queue)
		dispatch_queue_add(target->queue, (void *)(uintptr_t)darwin_CFRetain(target), perform_release);
	futex_unlock(&target->lock);
	darwin_CFRelease(target);
}

static void look_soon(struct reachability *target)
{
	if (!target->looking && object_try_retain(target)) {
		target->looking = true;
		dispatch_queue_add(darwin_dispatch_get_global_queue(0, 0), target, look);
	}
}

static void changed(struct changes_watcher *watcher)
{
	look_soon((struct reachability *)((char *)watcher - offsetof(struct reachability, watcher)));
}

static bool begin(struct reachability *target)
{
	uint32_t flags = 0;
	if (target->watches)
		return true;
	if (!target->name)
		darwin_SCNetworkReachabilityGetFlags(target, &flags);
	target->flags = target->told = flags;
	target->watcher = (struct changes_watcher){.kind = CHANGES_NETWORK, .changed = changed};
	target->watches = changes_watch(&target->watcher);
	if (target->watches && target->name)
		look_soon(target);
	return target->watches || sc_fail(SC_FAILED);
}

uint8_t darwin_SCNetworkReachabilitySetCallback(struct reachability *target, reachability_callback *called,
						const struct callback_context *context)
{
	context_drop(&target->context);
	target->context = (struct callback_context){0};
	context_take(&target->context, called ? context : NULL);
	target->called = called;
	return 1;
}

uint8_t darwin_SCNetworkReachabilityScheduleWithRunLoop(struct reachability *target, struct runloop *loop,
							const void *mode)
{
	if (!target->source) {
		struct source *source = source_of_object(target, 0, perform);
		futex_lock(&target->lock);
		target->source = source;
		futex_unlock(&target->lock);
	}
	target->loops++;
	darwin_CFRunLoopAddSource(loop, target->source, mode);
	return begin(target);
}

uint8_t darwin_SCNetworkReachabilityUnscheduleFromRunLoop(struct reachability *target, struct runloop *loop,
							  const void *mode)
{
	if (!target->source)
		return sc_fail(SC_INVALID_ARGUMENT);
	darwin_CFRunLoopRemoveSource(loop, target->source, mode);
	if (--target->loops > 0)
		return 1;
	futex_lock(&target->lock);
	struct source *source = target->source;
	target->source = NULL;
	futex_unlock(&target->lock);
	darwin_CFRunLoopSourceInvalidate(source); // which lets go of the target
	darwin_CFRelease(source);
	return 1;
}

uint8_t darwin_SCNetworkReachabilitySetDispatchQueue(struct reachability *target, struct dispatch_queue *queue)
{
	if (queue)
		darwin_dispatch_retain((struct dispatch_object *)queue);
	futex_lock(&target->lock);
	struct dispatch_queue *old = target->queue;
	target->queue = queue;
	futex_unlock(&target->lock);
	if (old)
		darwin_dispatch_release((struct dispatch_object *)old);
	return queue ? begin(target) : 1;
}

void reachability_forget(struct reachability *target)
{
	if (target->watches)
		changes_forget(&target->watcher);
	if (target->queue)
		darwin_dispatch_release((struct dispatch_object *)target->queue);
	context_drop(&target->context);
}
