// SPDX-License-Identifier: MIT
// Blocks in run loops. Facts: CFRunLoop.h (CFRunLoopPerformBlock, CFRunLoopTimerCreateWithHandler, CFRunLoopObserverCreateWithHandler).
#include "runloop.h"

#include "../dispatch/block.h"

struct timer;
struct observer;
struct timer *darwin_CFRunLoopTimerCreate(const void *allocator, double fire, double interval, uint64_t flags,
					  int64_t order, void (*function)(struct timer *timer, void *info),
					  const struct callback_context *context);
struct observer *
darwin_CFRunLoopObserverCreate(const void *allocator, uint64_t activities, uint8_t repeats, int64_t order,
			       void (*function)(struct observer *observer, uint64_t activity, void *info),
			       const struct callback_context *context);

void darwin_CFRunLoopPerformBlock(struct runloop *loop, const void *mode, const void *block)
{
	runloop_add_in(loop, mode, block_copy(block), block_call_release);
}

static const void *block_retain(const void *block)
{
	return block_copy(block);
}

static void timer_call(struct timer *timer, void *block)
{
	((void (*)(void *, struct timer *))(uintptr_t)((struct block *)block)->invoke)(block, timer);
}

struct timer *darwin_CFRunLoopTimerCreateWithHandler(const void *allocator, double fire, double interval,
						     uint64_t flags, int64_t order, void *block)
{
	struct callback_context context = {.info = block, .retain = block_retain, .release = block_release};
	return darwin_CFRunLoopTimerCreate(allocator, fire, interval, flags, order, timer_call, &context);
}

static void observer_call(struct observer *observer, uint64_t activity, void *block)
{
	((void (*)(void *, struct observer *, uint64_t))(uintptr_t)((struct block *)block)->invoke)(block, observer,
												   activity);
}

struct observer *darwin_CFRunLoopObserverCreateWithHandler(const void *allocator, uint64_t activities, uint8_t repeats,
							   int64_t order, void *block)
{
	struct callback_context context = {.info = block, .retain = block_retain, .release = block_release};
	return darwin_CFRunLoopObserverCreate(allocator, activities, repeats, order, observer_call, &context);
}
