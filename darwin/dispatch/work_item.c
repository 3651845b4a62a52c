// SPDX-License-Identifier: MIT
// Blocks that can be waited for and cancelled: dispatch_block_create. Facts: <dispatch/block.h>.
//
// Such a block is made by hand: its only captured variable refers to what is known about it. It is copied once, by us, so that the
// helpers of a compiler's block have little to do.
#include "block.h"
#include "queue.h"

#include "../libsystem/report.h"

#include <stdlib.h>

enum { FLAG_BARRIER = 1, FLAGS_ALL = 0x3f };

struct item {
	unsigned long flags; // [I]
	unsigned qos;	     // [I]
	struct block *inner; // [I]
	struct dispatch_group *group; // [I] empty when it has run once
	_Atomic uint32_t ran, cancelled;
};

struct item_block {
	struct block block;
	struct item *item;
};

struct dispatch_group *darwin_dispatch_group_create(void);
int64_t darwin_dispatch_group_wait(struct dispatch_group *group, uint64_t when);
void darwin_dispatch_group_notify(struct dispatch_group *group, struct dispatch_queue *queue, struct block *block);

static void item_finish(struct item *item)
{
	if (!atomic_exchange(&item->ran, 1))
		dispatch_group_leave(item->group);
}

static void item_invoke(struct block *block)
{
	struct item *item = ((struct item_block *)block)->item;
	if (!item->cancelled)
		item->inner->invoke(item->inner);
	item_finish(item);
}

static void item_copy(void *to, const void *from)
{
	((struct item_block *)to)->item = ((const struct item_block *)from)->item;
}

static void item_dispose(const void *block)
{
	struct item *item = ((const struct item_block *)block)->item;
	item_finish(item);
	darwin_dispatch_release((struct dispatch_object *)item->group);
	block_release(item->inner);
	free(item);
}

static const struct block_descriptor item_descriptor = {0, sizeof(struct item_block), item_copy, item_dispose};

static struct item *item_of(const struct block *block)
{
	return block->invoke == item_invoke ? ((const struct item_block *)block)->item : NULL;
}

static struct item *item_require(const struct block *block, const char *call)
{
	struct item *item = item_of(block);
	if (!item) {
		report("dispatch: %s: the block was not made by dispatch_block_create", call);
		abort();
	}
	return item;
}

bool block_is_barrier(const struct block *block)
{
	const struct item *item = item_of(block);
	return item && (item->flags & FLAG_BARRIER);
}

unsigned block_qos(const struct block *block)
{
	const struct item *item = item_of(block);
	return item ? item->qos : 0;
}

struct block *darwin_dispatch_block_create_with_qos_class(unsigned long flags, unsigned qos, int priority,
							  struct block *block)
{
	bool wrong = flags & ~(unsigned long)FLAGS_ALL || priority > 0 || priority < -15;
	struct item *item = wrong ? NULL : calloc(1, sizeof(*item));
	if (!item)
		return NULL;
	*item = (struct item){flags, qos, block_copy(block), darwin_dispatch_group_create(), 0, 0};
	if (!item->group)
		report_fatal("dispatch: no memory");
	dispatch_group_enter(item->group);
	struct item_block made = {
		{darwin_NSConcreteStackBlock, BLOCK_HAS_COPY_DISPOSE, 0, item_invoke, &item_descriptor}, item};
	return block_copy(&made);
}

struct block *darwin_dispatch_block_create(unsigned long flags, struct block *block)
{
	return darwin_dispatch_block_create_with_qos_class(flags, 0, 0, block);
}

void darwin_dispatch_block_perform(unsigned long flags, struct block *block)
{
	(void)flags;
	block_call(block);
}

long darwin_dispatch_block_wait(struct block *block, uint64_t when)
{
	return darwin_dispatch_group_wait(item_require(block, "dispatch_block_wait")->group, when);
}

void darwin_dispatch_block_notify(struct block *block, struct dispatch_queue *queue, struct block *notification)
{
	darwin_dispatch_group_notify(item_require(block, "dispatch_block_notify")->group, queue, notification);
}

void darwin_dispatch_block_cancel(struct block *block)
{
	item_require(block, "dispatch_block_cancel")->cancelled = 1;
}

long darwin_dispatch_block_testcancel(struct block *block)
{
	return item_require(block, "dispatch_block_testcancel")->cancelled != 0;
}
