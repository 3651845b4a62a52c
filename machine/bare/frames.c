// SPDX-License-Identifier: MIT
// Page frames: a buddy allocator over all memory, and a count of references for each frame. Kernel memory (md_pages_*)
// is frames seen through the direct map.
//
// 1. A free block of 2^order frames is aligned to its size; its first frame says FREE and the order, its list links lie
//    in the frame itself. All other frames say USED or NEVER, so that no neighbour is taken for free by mistake.
// 2. References: whoever takes a frame has one; address spaces and stores share frames by more of them.
// The lock is the innermost of the machine.
#include "bare.h"

#define ORDERS 19u // up to 1 GiB

enum frame_state { FRAME_NEVER, FRAME_USED, FRAME_FREE };

struct frame {
	_Atomic uint32_t references;
	uint8_t state; // [frames_lock] enum frame_state
	uint8_t order; // [frames_lock] with FREE
};

static struct md_lock frames_lock;
static struct frame *frames;         // [I]
static uint64_t frame_count;         // [I]
static struct list blocks[ORDERS];   // [frames_lock]
static uint64_t free_count, managed; // [frames_lock]

static struct list *block_link(uint64_t frame) { return direct(frame * MD_PAGE_SIZE); }

static void block_push(uint64_t frame, unsigned order)
{
	frames[frame].state = FRAME_FREE;
	frames[frame].order = (uint8_t)order;
	list_push_front(&blocks[order], block_link(frame));
}

static void block_remove(uint64_t frame)
{
	list_remove(block_link(frame));
	frames[frame].state = FRAME_USED;
}

// Gives back 2^order frames, joined with their free neighbours.
static void block_free_locked(uint64_t frame, unsigned order)
{
	free_count += UINT64_C(1) << order;
	for (; order + 1 < ORDERS; order++) {
		uint64_t buddy = frame ^ (UINT64_C(1) << order);
		if (buddy >= frame_count || frames[buddy].state != FRAME_FREE || frames[buddy].order != order)
			break;
		block_remove(buddy);
		frame &= ~(UINT64_C(1) << order);
	}
	block_push(frame, order);
}

static void run_free_locked(uint64_t frame, uint64_t count)
{
	while (count > 0) {
		unsigned order = frame ? (unsigned)__builtin_ctzll(frame) : ORDERS - 1;
		if (order > ORDERS - 1)
			order = ORDERS - 1;
		while (UINT64_C(1) << order > count)
			order--;
		block_free_locked(frame, order);
		frame += UINT64_C(1) << order;
		count -= UINT64_C(1) << order;
	}
}

// UINT64_MAX: none.
static uint64_t block_take_locked(unsigned order)
{
	unsigned from = order;
	while (from < ORDERS && list_empty(&blocks[from]))
		from++;
	if (from >= ORDERS)
		return UINT64_MAX;
	uint64_t frame = direct_physical(blocks[from].next) / MD_PAGE_SIZE;
	block_remove(frame);
	while (from > order) {
		from--;
		block_push(frame + (UINT64_C(1) << from), from);
	}
	free_count -= UINT64_C(1) << order;
	return frame;
}

void frames_init(void)
{
	struct ram_range range;
	for (unsigned i = 0; i < ORDERS; i++)
		list_init(&blocks[i]);
	frame_count = ram_top() / MD_PAGE_SIZE;
	uint64_t table = ram_take(frame_count * sizeof(*frames), MD_PAGE_SIZE, UINT64_MAX);
	if (!table)
		panic("no memory for a table of %lu page frames", frame_count);
	frames = direct(table);
	for (unsigned i = 0; ram_free(i, &range); i++) {
		managed += (range.end - range.start) / MD_PAGE_SIZE;
		run_free_locked(range.start / MD_PAGE_SIZE, (range.end - range.start) / MD_PAGE_SIZE);
	}
}

bool frame_is_ram(uint64_t physical)
{
	struct ram_range range;
	for (unsigned i = 0; ram_present(i, &range); i++)
		if (physical >= range.start && physical < range.end)
			return true;
	return false;
}

uint64_t frames_take(unsigned order)
{
	if (order >= ORDERS)
		return 0;
	md_lock_acquire(&frames_lock);
	uint64_t frame = block_take_locked(order);
	md_lock_release(&frames_lock);
	if (frame == UINT64_MAX)
		return 0;
	for (uint64_t i = 0; i < UINT64_C(1) << order; i++) {
		frames[frame + i].state = FRAME_USED;
		atomic_store_explicit(&frames[frame + i].references, 1, memory_order_relaxed);
	}
	return frame * MD_PAGE_SIZE;
}

uint64_t frame_take(void)
{
	uint64_t frame = frames_take(0);
	if (frame)
		memset(direct(frame), 0, MD_PAGE_SIZE);
	return frame;
}

void frame_reference(uint64_t frame)
{
	atomic_fetch_add_explicit(&frames[frame / MD_PAGE_SIZE].references, 1, memory_order_relaxed);
}

bool frame_is_sole(uint64_t frame) { return atomic_load(&frames[frame / MD_PAGE_SIZE].references) == 1; }

void frame_release(uint64_t frame)
{
	uint32_t before = atomic_fetch_sub(&frames[frame / MD_PAGE_SIZE].references, 1);
	assert(before > 0);
	if (before > 1)
		return;
	md_lock_acquire(&frames_lock);
	block_free_locked(frame / MD_PAGE_SIZE, 0);
	md_lock_release(&frames_lock);
}

uint64_t frames_free_count(void) { return __atomic_load_n(&free_count, __ATOMIC_RELAXED); }
uint64_t frames_total(void) { return managed; }

// Nobody gets what the kernel needs to go on, and nobody more than SHARE times what is then left: one that takes all it can
// leaves a fifth of the memory to those that have less, two leave a ninth.
#define SHARE 4u
#define RESERVE_PART 32u

bool md_memory_allows(uint64_t bytes)
{
	uint64_t free = frames_free_count(), reserve = managed / RESERVE_PART;
	return free > reserve && bytes / MD_PAGE_SIZE / SHARE < free - reserve;
}

// ---- Kernel memory -------------------------------------------------------------------------------------------------

// A run that is no power of two is cut from the next larger block; the rest goes back.
void *md_pages_alloc(size_t count)
{
	if (count == 0 || count > UINT64_C(1) << (ORDERS - 1))
		return NULL;
	unsigned order = count == 1 ? 0 : 64 - (unsigned)__builtin_clzll(count - 1);
	md_lock_acquire(&frames_lock);
	uint64_t frame = block_take_locked(order);
	if (frame != UINT64_MAX) {
		for (size_t i = 0; i < count; i++)
			frames[frame + i].state = FRAME_USED;
		run_free_locked(frame + count, (UINT64_C(1) << order) - count);
	}
	md_lock_release(&frames_lock);
	if (frame == UINT64_MAX)
		return NULL;
	return memset(direct(frame * MD_PAGE_SIZE), 0, count * MD_PAGE_SIZE);
}

void md_pages_free(void *pages, size_t count)
{
	uint64_t frame = direct_physical(pages) / MD_PAGE_SIZE;
	assert((uintptr_t)pages % MD_PAGE_SIZE == 0 && frame + count <= frame_count);
	md_lock_acquire(&frames_lock);
	for (size_t i = 0; i < count; i++)
		assert(frames[frame + i].state == FRAME_USED);
	run_free_locked(frame, count);
	md_lock_release(&frames_lock);
}
