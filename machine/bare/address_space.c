// SPDX-License-Identifier: MIT
// Address spaces: ranges, and what changes when they do; see address_space.h.
//
// Every change first makes sure that it has the nodes it may need (a cut in the middle of a range needs one more), then
// takes the lock and cannot fail.
#include "address_space.h"

#include "cpu_state.h"

#include <kernel/core/alloc.h>
#include <kernel/task/task.h>
#include <kernel/task/thread.h>

#define MAP_START UINT64_C(0x7e0000000000) // where the machine chooses, when it may: upwards from about here
#define MAP_END UINT64_C(0x7ff000000000)   // above: the first thread's stack

static int range_compare(const void *key, const struct tree_node *node)
{
	uint64_t address = *(const uint64_t *)key, last = container_of(node, struct range, node)->end - 1;
	return address < last ? -1 : address > last;
}

static struct range *range_of(struct tree_node *node) { return node ? container_of(node, struct range, node) : NULL; }

// The first range that ends after the address.
static struct range *range_from(struct address_space *space, uint64_t address)
{
	return range_of(tree_find_from(&space->ranges, &address));
}

static struct range *range_after(struct range *range) { return range_of(tree_next(&range->node)); }

struct range *address_space_range_locked(struct address_space *space, uint64_t address)
{
	struct range *range = range_from(space, address);
	return range && range->start <= address ? range : NULL;
}

static struct range *range_make(struct address_space *space)
{
	return kalloc(space->task->account, sizeof(struct range));
}

static void range_free(struct address_space *space, struct range *range)
{
	if (range)
		kfree(space->task->account, range, sizeof(*range));
}

static void range_insert(struct address_space *space, struct range *range)
{
	uint64_t key = range->end - 1;
	if (!tree_insert(&space->ranges, &key, &range->node))
		panic("two ranges of a task end at %lx", range->end);
}

// Nodes made before the lock is taken. False: no memory.
struct spare {
	struct range *nodes[3];
	unsigned count;
};

static void spare_free(struct address_space *space, struct spare *spare)
{
	while (spare->count > 0)
		range_free(space, spare->nodes[--spare->count]);
}

static bool spare_make(struct address_space *space, struct spare *spare, unsigned count)
{
	for (spare->count = 0; spare->count < count; spare->count++) {
		spare->nodes[spare->count] = range_make(space);
		if (!spare->nodes[spare->count]) {
			spare_free(space, spare);
			return false;
		}
	}
	return true;
}

// Cuts the range that the address is inside of in two.
static void range_cut_locked(struct address_space *space, uint64_t address, struct spare *spare)
{
	struct range *right = range_from(space, address);
	if (!right || right->start >= address)
		return;
	struct range *left = spare->nodes[--spare->count];
	*left = *right;
	left->end = address;
	if (left->store)
		store_reference(left->store);
	right->start = address;
	right->offset += address - left->start;
	range_insert(space, left);
}

// ---- Entries -------------------------------------------------------------------------------------------------------

// Calls for each entry in [start, end) that is not 0.
static void entries_each_locked(struct address_space *space, uint64_t start, uint64_t end,
				void (*each)(uint64_t *entry, void *argument), void *argument)
{
	for (uint64_t at = start, next = 0; at < end;) {
		uint64_t *entry = arch_table_entry(space->root, at, false, &next);
		if (!entry) {
			at = next;
			continue;
		}
		if (*entry)
			each(entry, argument);
		at += MD_PAGE_SIZE;
	}
}

static void entry_hide(uint64_t *entry, void *any)
{
	if (arch_entry_present(*entry)) {
		*entry = arch_entry_hide(*entry);
		*(bool *)any = true;
	}
}

static void entry_drop(uint64_t *entry, void *dropped)
{
	uint64_t old = *entry;
	*entry = 0;
	++*(uint64_t *)dropped;
	if (!arch_entry_device(old))
		frame_release(arch_entry_physical(old));
}

// The number of entries that there were.
static uint64_t entries_drop_locked(struct address_space *space, uint64_t start, uint64_t end)
{
	bool any = false;
	uint64_t dropped = 0;
	entries_each_locked(space, start, end, entry_hide, &any);
	if (any)
		cpu_flush(space);
	entries_each_locked(space, start, end, entry_drop, &dropped);
	return dropped;
}

static void range_drop_locked(struct address_space *space, struct range *range)
{
	uint64_t dropped = entries_drop_locked(space, range->start, range->end);
	if (range_is_private(range))
		address_space_refund_locked(space, dropped);
	tree_remove(&space->ranges, &range->node);
	if (range->store)
		store_release(range->store);
	range_free(space, range);
}

static void unmap_locked(struct address_space *space, uint64_t start, uint64_t end, struct spare *spare)
{
	range_cut_locked(space, start, spare);
	range_cut_locked(space, end, spare);
	struct range *range = range_from(space, start);
	while (range && range->start < end) {
		struct range *after = range_after(range);
		range_drop_locked(space, range);
		range = after;
	}
}

// ---- Places --------------------------------------------------------------------------------------------------------

static bool is_user(uint64_t address, uint64_t size)
{
	return address >= USER_START && address < USER_END && size <= USER_END - address;
}

static bool is_whole(uint64_t address, uint64_t size) { return size > 0 && (address | size) % MD_PAGE_SIZE == 0; }

// A gap of `size` bytes and a page at or above `from`; 0: none.
static uint64_t gap_find_locked(struct address_space *space, uint64_t from, uint64_t size)
{
	uint64_t at = from;
	for (struct range *range = range_from(space, at); range && range->start < MAP_END; range = range_after(range)) {
		if (range->start >= at && range->start - at >= size + MD_PAGE_SIZE)
			return at;
		at = range->end + MD_PAGE_SIZE;
	}
	return at < MAP_END && size < MAP_END - at ? at : 0;
}

static kern_return_t place_locked(struct address_space *space, uint64_t *address, uint64_t size, unsigned flags)
{
	if (!(flags & MD_MAP_FIXED)) {
		*address = gap_find_locked(space, space->cursor, size);
		if (!*address)
			*address = gap_find_locked(space, MAP_START, size);
		if (*address)
			space->cursor = *address + size + MD_PAGE_SIZE;
		return *address ? KERN_SUCCESS : KERN_NO_SPACE;
	}
	struct range *range = range_from(space, *address);
	bool taken = range && range->start < *address + size;
	return taken && !(flags & MD_MAP_OVERWRITE) ? KERN_NO_SPACE : KERN_SUCCESS;
}

kern_return_t address_space_map(struct address_space *space, uint64_t *address, uint64_t size, struct store *store,
			uint64_t offset, vm_prot_t prot, unsigned flags)
{
	struct spare spare;
	struct range *range = range_make(space);
	if (!range || !spare_make(space, &spare, 2)) {
		range_free(space, range);
		return KERN_RESOURCE_SHORTAGE;
	}
	md_lock_acquire(&space->lock);
	kern_return_t error = space->state >= LIFE_DYING ? KERN_INVALID_TASK : place_locked(space, address, size, flags);
	if (!error) {
		unmap_locked(space, *address, *address + size, &spare);
		*range = (struct range){.start = *address, .end = *address + size, .prot = prot, .offset = offset};
		range->copy = !store || (flags & MD_MAP_COPY);
		range->store = store ? store_reference(store) : NULL;
		range_insert(space, range);
		range = NULL;
	}
	md_lock_release(&space->lock);
	spare_free(space, &spare);
	range_free(space, range);
	return error;
}

kern_return_t address_space_unmap(struct address_space *space, uint64_t address, uint64_t size)
{
	struct spare spare;
	if (!spare_make(space, &spare, 2))
		return KERN_RESOURCE_SHORTAGE;
	md_lock_acquire(&space->lock);
	kern_return_t error = space->state >= LIFE_DYING ? KERN_INVALID_TASK : KERN_SUCCESS;
	if (!error)
		unmap_locked(space, address, address + size, &spare);
	md_lock_release(&space->lock);
	spare_free(space, &spare);
	return error;
}

// ---- Protection ----------------------------------------------------------------------------------------------------

struct protect {
	vm_prot_t prot;
	bool flush;
};

// Rights are only taken away here; what is given comes with the next fault.
static void entry_protect(uint64_t *entry, void *argument)
{
	struct protect *protect = argument;
	uint64_t old = *entry;
	if (!arch_entry_present(old))
		return;
	if (!(protect->prot & (VM_PROT_READ | VM_PROT_EXECUTE)))
		*entry = arch_entry_hide(old);
	else
		*entry = arch_entry_make(arch_entry_physical(old), protect->prot,
					 arch_entry_writable(old) && (protect->prot & VM_PROT_WRITE),
					 arch_entry_device(old));
	protect->flush |= *entry != old;
}

static bool is_covered_locked(struct address_space *space, uint64_t start, uint64_t end)
{
	struct range *range = range_from(space, start);
	while (range && range->start <= start) {
		if (range->end >= end)
			return true;
		start = range->end;
		range = range_after(range);
	}
	return false;
}

kern_return_t address_space_protect(struct address_space *space, uint64_t address, uint64_t size, vm_prot_t prot)
{
	struct spare spare;
	struct protect protect = {prot, false};
	uint64_t end = address + size;
	if (!spare_make(space, &spare, 2))
		return KERN_RESOURCE_SHORTAGE;
	md_lock_acquire(&space->lock);
	kern_return_t error = is_covered_locked(space, address, end) ? KERN_SUCCESS : KERN_INVALID_ADDRESS;
	if (!error) {
		range_cut_locked(space, address, &spare);
		range_cut_locked(space, end, &spare);
		for (struct range *r = range_from(space, address); r && r->start < end; r = range_after(r))
			r->prot = prot;
		entries_each_locked(space, address, end, entry_protect, &protect);
		if (protect.flush)
			cpu_flush(space);
	}
	md_lock_release(&space->lock);
	spare_free(space, &spare);
	return error;
}

// ---- Whole spaces --------------------------------------------------------------------------------------------------

struct address_space *address_space_create(struct task *task)
{
	struct address_space *space = kalloc(task->account, sizeof(*space));
	if (!space)
		return NULL;
	static _Atomic uint64_t tags;
	uint32_t random;
	md_entropy(&random, sizeof(random));
	space->task = task;
	space->tag = atomic_fetch_add(&tags, 1) + 1;
	space->cursor = MAP_START + (uint64_t)(random & 0xffffff) * MD_PAGE_SIZE;
	tree_init(&space->ranges, range_compare);
	list_init(&space->users);
	space->root = arch_table_create();
	if (space->root) {
		address_space_charge_locked(space, 1);
		return space;
	}
	kfree(task->account, space, sizeof(*space));
	return NULL;
}

static bool clear_one(struct address_space *space)
{
	md_lock_acquire(&space->lock);
	struct range *range = range_of(tree_first(&space->ranges));
	if (range)
		range_drop_locked(space, range);
	md_lock_release(&space->lock);
	return range != NULL;
}

void address_space_clear(struct address_space *space, bool serve)
{
	while (clear_one(space)) {
		cpu_flush_serve();
		if (serve)
			arch_cpu_serve();
	}
}

void address_space_destroy(struct address_space *space)
{
	address_space_clear(space, false);
	atomic_store(&space->leaving, true);
	if (arch_space_here() == space)
		cpu_load_space(NULL);
	cpu_flush(space);
	arch_table_destroy(space->root);
	address_space_refund_locked(space, space->charged);
	kfree(space->task->account, space, sizeof(*space));
}

// Shares one page: read-only on both sides until one of them writes.
static bool entry_share(struct address_space *child, uint64_t address, uint64_t *entry, bool private)
{
	uint64_t tables, *own = arch_table_entry(child->root, address, true, &tables);
	address_space_charge_locked(child, tables + (own && private));
	if (!own)
		return false;
	if (private && !arch_entry_device(*entry))
		*entry = arch_entry_read_only(*entry);
	if (!arch_entry_device(*entry))
		frame_reference(arch_entry_physical(*entry));
	*own = *entry;
	return true;
}

static kern_return_t range_clone_locked(struct address_space *child, struct address_space *parent, struct range *range)
{
	struct range *own = range_make(child);
	if (!own)
		return KERN_RESOURCE_SHORTAGE;
	*own = *range;
	if (own->store)
		store_reference(own->store);
	range_insert(child, own);
	for (uint64_t at = range->start, next = 0; at < range->end;) {
		uint64_t *entry = arch_table_entry(parent->root, at, false, &next);
		if (!entry) {
			at = next;
			continue;
		}
		if (*entry && !entry_share(child, at, entry, range_is_private(range)))
			return KERN_RESOURCE_SHORTAGE;
		at += MD_PAGE_SIZE;
	}
	return KERN_SUCCESS;
}

// The child is nobody's yet: only the parent's lock is needed.
kern_return_t address_space_clone(struct address_space *child, struct address_space *parent)
{
	md_lock_acquire(&parent->lock);
	bool allowed = account_allows_pages(child->task->account, parent->charged);
	kern_return_t error = allowed ? KERN_SUCCESS : KERN_RESOURCE_SHORTAGE;
	for (struct range *r = range_of(tree_first(&parent->ranges)); r && !error; r = range_after(r))
		error = range_clone_locked(child, parent, r);
	child->cursor = parent->cursor;
	cpu_flush(parent);
	md_lock_release(&parent->lock);
	return error;
}

bool address_space_next_text(struct address_space *space, uint64_t *address)
{
	bool found = false;
	md_lock_acquire(&space->lock);
	for (struct range *r = range_from(space, *address); r && !found; r = range_after(r)) {
		uint64_t at = r->start > *address ? r->start : *address, next = 0;
		while (r->prot & VM_PROT_EXECUTE && at < r->end && !found) {
			uint64_t *entry = arch_table_entry(space->root, at, false, &next);
			found = entry && *entry;
			at = entry ? at + MD_PAGE_SIZE : next;
		}
		*address = at;
	}
	md_lock_release(&space->lock);
	return found;
}

// ---- The seam ------------------------------------------------------------------------------------------------------

static bool is_allowed(vm_prot_t prot) { return !((prot & VM_PROT_WRITE) && (prot & VM_PROT_EXECUTE)); }

kern_return_t md_map(struct task *task, uint64_t *address, uint64_t size, struct md_memory *memory, uint64_t offset,
		     vm_prot_t prot, unsigned flags)
{
	if (!task->md.space)
		return KERN_INVALID_TASK;
	bool fixed = flags & MD_MAP_FIXED;
	if (!is_whole(fixed ? *address : 0, size) || offset % MD_PAGE_SIZE || !is_allowed(prot))
		return KERN_INVALID_ARGUMENT;
	if (fixed && !is_user(*address, size))
		return KERN_INVALID_ADDRESS;
	if (memory && !store_holds(memory->store, offset, size))
		return KERN_INVALID_ARGUMENT;
	return address_space_map(task->md.space, address, size, memory ? memory->store : NULL, offset, prot, flags);
}

kern_return_t md_unmap(struct task *task, uint64_t address, uint64_t size)
{
	if (!task->md.space)
		return KERN_INVALID_TASK;
	if (!is_whole(address, size))
		return KERN_INVALID_ARGUMENT;
	return is_user(address, size) ? address_space_unmap(task->md.space, address, size) : KERN_INVALID_ADDRESS;
}

kern_return_t md_protect(struct task *task, uint64_t address, uint64_t size, vm_prot_t prot)
{
	if (!task->md.space)
		return KERN_INVALID_TASK;
	if (!is_whole(address, size) || !is_allowed(prot))
		return KERN_INVALID_ARGUMENT;
	return is_user(address, size) ? address_space_protect(task->md.space, address, size, prot) : KERN_INVALID_ADDRESS;
}
