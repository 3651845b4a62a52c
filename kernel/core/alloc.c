// SPDX-License-Identifier: MIT
// kalloc: slabs for small sizes, whole pages for large ones; see alloc.h.
//
// Small sizes are rounded up to a class; a class has slabs of SLAB_SIZE, each with a header at its (aligned) start and
// a free list inside. Each CPU keeps a short magazine of free blocks per class, so that the common case touches no
// lock and no line of another CPU. A slab that becomes empty goes back to the machine when its class has another.
#include "alloc.h"
#include "list.h"
#include "lock.h"
#include "poison.h"

#define SLAB_SIZE 16384u
#define SLAB_PAGES (SLAB_SIZE / MD_PAGE_SIZE)
#define MAGAZINE 16u
#define BYTES_UNASKED (UINT64_C(512) << 10) // of an account

static const uint16_t class_sizes[] = {32,  48,  64,  80,  96,  128, 160, 192,  224,  256,
				       320, 384, 448, 512, 640, 768, 896, 1024, 1536, 2048};
#define CLASSES array_count(class_sizes)

struct block {
	struct block *next;
};

struct slab {
	struct list link; // among the class's slabs that have free blocks; self-linked when full
	struct block *free;
	struct block *free_tail; // with a quarantine, blocks are appended here
	uint16_t class;
	uint16_t used;
	uint16_t available;
	void *chunk; // what md_pages_alloc gave (for alignment)
};

struct class {
	struct lock lock;
	struct list partial; // slabs with a free block
	unsigned empty;      // of them, wholly free
};

struct magazine {
	uint8_t count;
	void *blocks[MAGAZINE];
};

static struct class classes[CLASSES];
static struct magazine magazines[MD_CPU_LIMIT][CLASSES];
// Bytes in use, as each CPU sees it (it may have freed more than it allocated): written by that CPU alone.
static struct share {
	_Atomic int64_t bytes;
} __attribute__((aligned(128))) shares[MD_CPU_LIMIT];
static uint8_t class_of_size[KALLOC_SMALL / 16 + 1];
static _Atomic unsigned fail_every, fail_counter;

void kalloc_module_init(void)
{
	for (unsigned c = 0; c < CLASSES; c++) {
		lock_init(&classes[c].lock, RANK_ALLOC);
		list_init(&classes[c].partial);
		assert(class_sizes[c] < 256 || class_sizes[c] % 64 == 0);
	}
	for (unsigned i = 0, c = 0; i <= KALLOC_SMALL / 16; i++) {
		while (class_sizes[c] < i * 16)
			c++;
		class_of_size[i] = (uint8_t)c;
	}
}

void kalloc_fail_every(unsigned n)
{
	atomic_store(&fail_counter, 0);
	atomic_store(&fail_every, n);
}

uint64_t kalloc_bytes(void)
{
	int64_t sum = 0;
	for (unsigned cpu = 0; cpu < MD_CPU_LIMIT; cpu++)
		sum += atomic_load_explicit(&shares[cpu].bytes, memory_order_relaxed);
	return (uint64_t)sum;
}

static void share_add(int64_t bytes)
{
	_Atomic int64_t *share = &shares[md_cpu_self()].bytes;
	atomic_store_explicit(share, atomic_load_explicit(share, memory_order_relaxed) + bytes, memory_order_relaxed);
}

// A slab is found from any of its blocks by rounding down, so its pages are aligned to its size: one that is not
// aligned by luck costs up to three more pages.
static struct slab *slab_create(unsigned c)
{
	void *chunk = md_pages_alloc(SLAB_PAGES);
	if (chunk && (uintptr_t)chunk % SLAB_SIZE) {
		md_pages_free(chunk, SLAB_PAGES);
		chunk = md_pages_alloc(2 * SLAB_PAGES - 1);
		if (!chunk)
			return NULL;
		uintptr_t start = ((uintptr_t)chunk + SLAB_SIZE - 1) & ~(uintptr_t)(SLAB_SIZE - 1);
		size_t before = (start - (uintptr_t)chunk) / MD_PAGE_SIZE;
		size_t after = 2 * SLAB_PAGES - 1 - before - SLAB_PAGES;
		if (before)
			md_pages_free(chunk, before);
		if (after)
			md_pages_free((char *)start + SLAB_SIZE, after);
		chunk = (void *)start;
	}
	if (!chunk)
		return NULL;
	struct slab *slab = chunk;
	*slab = (struct slab){.class = (uint16_t)c, .chunk = chunk};
	list_init(&slab->link);
	size_t size = class_sizes[c];
	size_t offset = (sizeof(*slab) + 63) & ~(size_t)63;
	struct block **tail = &slab->free;
	for (; offset + size <= SLAB_SIZE; offset += size) {
		struct block *block = (void *)((char *)chunk + offset);
		*tail = block;
		tail = &block->next;
		slab->free_tail = block;
		slab->available++;
	}
	*tail = NULL;
	poison((char *)chunk + sizeof(*slab), SLAB_SIZE - sizeof(*slab));
	return slab;
}

static void *slab_take(struct slab *slab, struct class *class)
{
	struct block *block = slab->free;
	unpoison(block, class_sizes[slab->class]);
	slab->free = block->next;
	if (!slab->free)
		slab->free_tail = NULL;
	if (slab->used++ == 0)
		class->empty--;
	if (--slab->available == 0)
		list_remove(&slab->link);
	return block;
}

static void *class_alloc(unsigned c)
{
	struct class *class = &classes[c];
	lock_acquire(&class->lock);
	if (list_empty(&class->partial)) {
		lock_release(&class->lock);
		struct slab *fresh = slab_create(c);
		if (!fresh)
			return NULL;
		lock_acquire(&class->lock);
		list_push_back(&class->partial, &fresh->link);
		class->empty++;
	}
	void *block = slab_take(container_of(class->partial.next, struct slab, link), class);
	// With a quarantine, go round the slabs so that a freed block stays free for long.
	if (POISON_QUARANTINE && !list_empty(&class->partial))
		list_push_back(&class->partial, list_pop(&class->partial));
	lock_release(&class->lock);
	return block;
}

static void class_free(unsigned c, void *pointer)
{
	struct class *class = &classes[c];
	struct slab *slab = (void *)((uintptr_t)pointer & ~(uintptr_t)(SLAB_SIZE - 1));
	struct slab *dead = NULL;
	lock_acquire(&class->lock);
	assert(slab->class == c && slab->used > 0);
	struct block *block = pointer;
	if (POISON_QUARANTINE) {
		block->next = NULL;
		if (slab->free_tail) {
			unpoison(slab->free_tail, sizeof(struct block));
			slab->free_tail->next = block;
			poison(slab->free_tail, sizeof(struct block));
		} else {
			slab->free = block;
		}
		slab->free_tail = block;
	} else {
		block->next = slab->free;
		slab->free = block;
		if (!block->next)
			slab->free_tail = block;
	}
	poison(block, class_sizes[c]);
	if (slab->available++ == 0)
		list_push_front(&class->partial, &slab->link);
	if (--slab->used == 0) {
		if (class->empty > 0) {
			list_remove(&slab->link);
			dead = slab;
		} else {
			class->empty++;
		}
	}
	lock_release(&class->lock);
	if (dead) {
		unpoison(dead, SLAB_SIZE);
		md_pages_free(dead->chunk, SLAB_PAGES);
	}
}

static void *small_alloc(unsigned c)
{
	if (POISON_QUARANTINE)
		return class_alloc(c);
	struct magazine *magazine = &magazines[md_cpu_self()][c];
	if (magazine->count > 0)
		return magazine->blocks[--magazine->count];
	return class_alloc(c);
}

static void small_free(unsigned c, void *pointer)
{
	if (POISON_QUARANTINE) {
		class_free(c, pointer);
		return;
	}
	struct magazine *magazine = &magazines[md_cpu_self()][c];
	if (magazine->count < MAGAZINE)
		magazine->blocks[magazine->count++] = pointer;
	else
		class_free(c, pointer);
}

// Who has little is not asked whether the machine has enough.
static bool bytes_pass(struct account *account, uint64_t after)
{
	if (unlikely(after > atomic_load_explicit(&account->bytes_limit, memory_order_relaxed)) &&
	    !account_passes(account, ACCOUNT_BYTES, after))
		return false;
	return likely(after <= BYTES_UNASKED) || account_allows_pages(account, 0);
}

static bool charge_bytes(struct account *account, size_t size)
{
	if (account != &account_kernel) {
		uint64_t before = atomic_fetch_add_explicit(&account->bytes, size, memory_order_relaxed);
		if (unlikely(!bytes_pass(account, before + size))) {
			atomic_fetch_sub_explicit(&account->bytes, size, memory_order_relaxed);
			return false;
		}
	}
	share_add((int64_t)size);
	return true;
}

static void refund_bytes(struct account *account, size_t size)
{
	if (account != &account_kernel) {
		uint64_t before = atomic_fetch_sub_explicit(&account->bytes, size, memory_order_relaxed);
		assert(before >= size);
	}
	share_add(-(int64_t)size);
}

void *kalloc_raw(struct account *account, size_t size)
{
	unsigned every = atomic_load_explicit(&fail_every, memory_order_relaxed);
	if (unlikely(every) && atomic_fetch_add(&fail_counter, 1) % every == every - 1)
		return NULL;
	if (size == 0)
		size = 1;
	if (!charge_bytes(account, size))
		return NULL;
	void *pointer;
	if (size <= KALLOC_SMALL)
		pointer = small_alloc(class_of_size[(size + 15) / 16]);
	else
		pointer = size > SIZE_MAX / 2 ? NULL : md_pages_alloc((size + MD_PAGE_SIZE - 1) / MD_PAGE_SIZE);
	if (!pointer)
		refund_bytes(account, size);
	return pointer;
}

void *kalloc(struct account *account, size_t size)
{
	void *pointer = kalloc_raw(account, size);
	if (pointer && size <= KALLOC_SMALL)
		memset(pointer, 0, size);
	return pointer;
}

void kfree(struct account *account, void *pointer, size_t size)
{
	if (!pointer)
		return;
	if (size == 0)
		size = 1;
	refund_bytes(account, size);
	if (size <= KALLOC_SMALL)
		small_free(class_of_size[(size + 15) / 16], pointer);
	else
		md_pages_free(pointer, (size + MD_PAGE_SIZE - 1) / MD_PAGE_SIZE);
}
