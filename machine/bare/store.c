// SPDX-License-Identifier: MIT
// Memory objects: stores; see store.h. Copies are copies of bytes.
#include "store.h"

#include "address_space.h"

#include <kernel/core/alloc.h>

#define PHYSICAL_LIMIT (UINT64_C(1) << 46) // what the direct map has room for
#define STORE_PAGES_MOST (UINT64_C(1) << 28)

static void frames_drop(struct store *store, uint32_t *frames, uint64_t count)
{
	uint64_t dropped = 0;
	for (uint64_t i = 0; i < count; i++) {
		if (!frames[i])
			continue;
		frame_release((uint64_t)frames[i] * MD_PAGE_SIZE);
		dropped++;
	}
	account_refund(store->payer, ACCOUNT_PAGES, dropped);
}

static uint32_t *frames_table(uint64_t pages)
{
	return pages <= STORE_PAGES_MOST ? kalloc(&account_kernel, pages * sizeof(uint32_t)) : NULL;
}

static struct store *store_create(struct account *payer, uint64_t pages)
{
	struct store *store = kalloc(&account_kernel, sizeof(*store));
	if (!store)
		return NULL;
	atomic_store(&store->references, 1);
	store->payer = account_reference(payer);
	store->pages = pages;
	return store;
}

void store_release(struct store *store)
{
	if (atomic_fetch_sub(&store->references, 1) > 1)
		return;
	if (store->frames) {
		frames_drop(store, store->frames, store->pages);
		kfree(&account_kernel, store->frames, store->pages * sizeof(*store->frames));
	}
	account_release(store->payer);
	kfree(&account_kernel, store, sizeof(*store));
}

static uint64_t frame_charged(struct store *store)
{
	uint64_t frame = account_allows_pages(store->payer, 1) ? frame_take() : 0;
	if (frame)
		account_add(store->payer, ACCOUNT_PAGES, 1);
	return frame;
}

static uint64_t store_page_locked(struct store *store, uint64_t page)
{
	if (page >= store->pages)
		return 0;
	if (store->device)
		return store->physical + page * MD_PAGE_SIZE;
	if (!store->frames[page])
		store->frames[page] = (uint32_t)(frame_charged(store) / MD_PAGE_SIZE);
	return (uint64_t)store->frames[page] * MD_PAGE_SIZE;
}

uint64_t store_page(struct store *store, uint64_t page)
{
	md_lock_acquire(&store->lock);
	uint64_t physical = store_page_locked(store, page);
	if (physical && !store->device)
		frame_reference(physical);
	md_lock_release(&store->lock);
	return physical;
}

static bool holds_locked(const struct store *store, uint64_t offset, uint64_t size)
{
	uint64_t bytes = store->pages * MD_PAGE_SIZE;
	return offset <= bytes && size <= bytes - offset;
}

bool store_holds(struct store *store, uint64_t offset, uint64_t size)
{
	md_lock_acquire(&store->lock);
	bool holds = holds_locked(store, offset, size);
	md_lock_release(&store->lock);
	return holds;
}

// ---- The seam ------------------------------------------------------------------------------------------------------

kern_return_t md_memory_create(struct md_memory *memory, struct account *payer, uint64_t size)
{
	uint64_t pages = size / MD_PAGE_SIZE;
	memory->store = NULL;
	// What can never be there is refused at once; what the machine has is given when it is touched.
	struct store *store = pages <= frames_total() ? store_create(payer, pages) : NULL;
	if (!store)
		return KERN_RESOURCE_SHORTAGE;
	store->frames = frames_table(pages);
	if (!store->frames) {
		store_release(store);
		return KERN_RESOURCE_SHORTAGE;
	}
	memory->store = store;
	return KERN_SUCCESS;
}

kern_return_t md_memory_create_dma(struct md_memory *memory, struct account *payer, uint64_t size,
				   uint64_t *bus_address)
{
	uint64_t pages = size / MD_PAGE_SIZE;
	memory->store = NULL;
	if (pages == 0 || size % MD_PAGE_SIZE || pages > frames_total() || !account_allows_pages(payer, pages))
		return KERN_RESOURCE_SHORTAGE;
	kern_return_t error = md_memory_create(memory, payer, size);
	if (error)
		return error;
	unsigned order = pages == 1 ? 0 : 64 - (unsigned)__builtin_clzll(pages - 1);
	uint64_t first = frames_take(order);
	if (!first) {
		md_memory_destroy(memory);
		return KERN_RESOURCE_SHORTAGE;
	}
	memset(direct(first), 0, size);
	for (uint64_t i = 0; i < UINT64_C(1) << order; i++) {
		if (i < pages)
			memory->store->frames[i] = (uint32_t)(first / MD_PAGE_SIZE + i);
		else
			frame_release(first + i * MD_PAGE_SIZE);
	}
	account_add(payer, ACCOUNT_PAGES, pages);
	memory->store->fixed = true;
	*bus_address = first;
	return KERN_SUCCESS;
}

kern_return_t md_memory_create_device(struct md_memory *memory, uint64_t address, uint64_t size)
{
	memory->store = NULL;
	if (size == 0 || (address | size) % MD_PAGE_SIZE || address > PHYSICAL_LIMIT || size > PHYSICAL_LIMIT - address)
		return KERN_NOT_SUPPORTED;
	for (uint64_t at = address; at < address + size; at += MD_PAGE_SIZE)
		if (frame_is_ram(at))
			return KERN_NOT_SUPPORTED;
	struct store *store = store_create(&account_kernel, size / MD_PAGE_SIZE);
	if (!store)
		return KERN_RESOURCE_SHORTAGE;
	store->device = store->fixed = true;
	store->physical = address;
	arch_device_taken(address, size);
	memory->store = store;
	return KERN_SUCCESS;
}

void md_memory_destroy(struct md_memory *memory)
{
	if (memory->store)
		store_release(memory->store);
	memory->store = NULL;
}

kern_return_t md_memory_resize(struct md_memory *memory, uint64_t size)
{
	struct store *store = memory->store;
	uint64_t pages = size / MD_PAGE_SIZE, old_pages;
	if (store->device)
		return KERN_PROTECTION_FAILURE;
	uint32_t *table = pages <= frames_total() ? frames_table(pages) : NULL, *old;
	if (!table)
		return KERN_RESOURCE_SHORTAGE;
	md_lock_acquire(&store->lock);
	bool fixed = store->fixed;
	old = store->frames;
	old_pages = store->pages;
	if (!fixed) {
		memcpy(table, old, (pages < old_pages ? pages : old_pages) * sizeof(*table));
		store->frames = table;
		store->pages = pages;
	}
	md_lock_release(&store->lock);
	if (fixed) {
		kfree(&account_kernel, table, pages * sizeof(*table));
		return KERN_PROTECTION_FAILURE;
	}
	if (pages < old_pages)
		frames_drop(store, old + pages, old_pages - pages); // maps keep theirs
	kfree(&account_kernel, old, old_pages * sizeof(*old));
	return KERN_SUCCESS;
}

kern_return_t md_memory_fix(struct md_memory *memory)
{
	md_lock_acquire(&memory->store->lock);
	memory->store->fixed = true;
	md_lock_release(&memory->store->lock);
	return KERN_SUCCESS;
}

// One page's piece of a read or write. A page that was never touched reads as zeroes without being made.
static kern_return_t page_copy(struct store *store, uint64_t offset, void *bytes, size_t size, bool write)
{
	kern_return_t error = KERN_SUCCESS;
	md_lock_acquire(&store->lock);
	uint64_t page = offset / MD_PAGE_SIZE;
	if (page >= store->pages) { // cut off meanwhile
		error = KERN_INVALID_ARGUMENT;
	} else if (!write && !store->frames[page]) {
		memset(bytes, 0, size);
	} else {
		uint64_t physical = store_page_locked(store, page);
		if (!physical)
			error = KERN_RESOURCE_SHORTAGE;
		else if (write)
			memcpy((char *)direct(physical) + offset % MD_PAGE_SIZE, bytes, size);
		else
			memcpy(bytes, (char *)direct(physical) + offset % MD_PAGE_SIZE, size);
	}
	md_lock_release(&store->lock);
	return error;
}

static kern_return_t store_copy(struct store *store, uint64_t offset, void *bytes, size_t size, bool write)
{
	if (store->device)
		return KERN_NOT_SUPPORTED;
	if (!store_holds(store, offset, size))
		return KERN_INVALID_ARGUMENT;
	for (size_t done = 0; done < size;) {
		size_t piece = MD_PAGE_SIZE - (offset + done) % MD_PAGE_SIZE;
		if (piece > size - done)
			piece = size - done;
		kern_return_t error = page_copy(store, offset + done, (char *)bytes + done, piece, write);
		if (error)
			return error;
		done += piece;
	}
	return KERN_SUCCESS;
}

kern_return_t md_memory_read(struct md_memory *memory, uint64_t offset, void *to, size_t size)
{
	return store_copy(memory->store, offset, to, size, false);
}

kern_return_t md_memory_write(struct md_memory *memory, uint64_t offset, const void *from, size_t size)
{
	return store_copy(memory->store, offset, (void *)(uintptr_t)from, size, true);
}

kern_return_t md_memory_capture(struct md_memory *memory, struct task *task, uint64_t address, uint64_t size)
{
	struct store *store = memory->store;
	if (store->device || !store_holds(store, 0, size))
		return KERN_INVALID_ARGUMENT;
	for (uint64_t done = 0; done < size; done += MD_PAGE_SIZE) {
		uint64_t physical = store_page(store, done / MD_PAGE_SIZE);
		if (!physical)
			return KERN_RESOURCE_SHORTAGE;
		size_t piece = size - done < MD_PAGE_SIZE ? size - done : MD_PAGE_SIZE;
		kern_return_t error = md_task_read(task, direct(physical), address + done, piece);
		frame_release(physical);
		if (error)
			return error;
	}
	return KERN_SUCCESS;
}

kern_return_t md_memory_copy(struct md_memory *memory, struct md_memory *source, uint64_t offset, uint64_t size)
{
	if (source->store->device || !store_holds(memory->store, 0, size) || !store_holds(source->store, offset, size))
		return KERN_INVALID_ARGUMENT;
	for (uint64_t done = 0; done < size;) {
		size_t piece = MD_PAGE_SIZE - (offset + done) % MD_PAGE_SIZE;
		if (piece > size - done)
			piece = size - done;
		uint64_t physical = store_page(source->store, (offset + done) / MD_PAGE_SIZE);
		if (!physical)
			return KERN_RESOURCE_SHORTAGE;
		kern_return_t error = store_copy(memory->store, done,
						 (char *)direct(physical) + (offset + done) % MD_PAGE_SIZE, piece, true);
		frame_release(physical);
		if (error)
			return error;
		done += piece;
	}
	return KERN_SUCCESS;
}
