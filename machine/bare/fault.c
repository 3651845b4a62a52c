// SPDX-License-Identifier: MIT
// Pages come when they are touched: zeroes, a page of a store, or a copy of one that is shared.
#include "cpu_state.h"
#include "address_space.h"

// What the entry of a page that is to be read (or written) there points to; 0: no memory, or beyond the store.
static uint64_t page_find(struct range *range, uint64_t address)
{
	return range->store ? store_page(range->store, (range->offset + address - range->start) / MD_PAGE_SIZE)
			    : frame_take();
}

// A frame of its own with the same bytes. The old one keeps its reference.
static uint64_t page_copy(uint64_t physical)
{
	uint64_t own = frames_take(0);
	if (own)
		memcpy(direct(own), direct(physical), MD_PAGE_SIZE);
	return own;
}

static bool page_first(struct range *range, uint64_t *entry, uint64_t address, bool write)
{
	bool device = range->store && range->store->device;
	uint64_t physical = page_find(range, address);
	if (!physical)
		return false;
	bool writable = range->prot & VM_PROT_WRITE && !(range->copy && range->store);
	if (write && range->copy && range->store) {
		uint64_t own = device ? 0 : page_copy(physical);
		if (!device)
			frame_release(physical);
		if (!own)
			return false;
		physical = own;
		writable = true;
	}
	*entry = arch_entry_make(physical, range->prot, writable, device);
	return true;
}

// The entry knows a page already; a write to a shared frame gets its own.
static bool page_again(struct address_space *space, struct range *range, uint64_t *entry, uint64_t address, bool write)
{
	uint64_t old = *entry, physical = arch_entry_physical(old);
	bool device = arch_entry_device(old), may_write = range->prot & VM_PROT_WRITE;
	if (!range_is_private(range) || device) {
		*entry = arch_entry_make(physical, range->prot, may_write && !range->copy, device);
	} else if (!may_write || frame_is_sole(physical)) {
		*entry = arch_entry_make(physical, range->prot, may_write, false);
	} else if (!write) {
		*entry = arch_entry_make(physical, range->prot, false, false);
	} else {
		// Charged already, but the frame must be there to spare.
		uint64_t own = account_allows_pages(space->task->account, 0) ? page_copy(physical) : 0;
		if (!own)
			return false;
		*entry = arch_entry_make(own, range->prot, true, false);
		if (arch_entry_present(old))
			cpu_flush(space);
		frame_release(physical);
	}
	arch_flush_page(address);
	return true;
}

// Nothing is known of the page yet. What it takes is asked for before, so that nothing is left half made.
static bool page_new(struct address_space *space, struct range *range, uint64_t address, bool write, uint64_t tables_most)
{
	uint64_t tables, own = range_is_private(range);
	if (tables_most + own > 0 && !account_allows_pages(space->task->account, tables_most + own))
		return false;
	uint64_t *entry = arch_table_entry(space->root, address, true, &tables);
	address_space_charge_locked(space, tables);
	if (!entry || !page_first(range, entry, address, write))
		return false;
	address_space_charge_locked(space, own);
	return true;
}

bool address_space_fault_locked(struct address_space *space, struct range *range, uint64_t address, vm_prot_t access)
{
	uint64_t next;
	bool write = access & VM_PROT_WRITE;
	uint64_t *entry = arch_table_entry(space->root, address, false, &next);
	if (!entry || *entry == 0)
		return page_new(space, range, address, write, entry ? 0 : ARCH_TABLES_ABOVE);
	if (arch_entry_present(*entry) && (!write || arch_entry_writable(*entry))) {
		arch_flush_page(address); // another CPU was faster
		return true;
	}
	return page_again(space, range, entry, address, write);
}

bool address_space_own_locked(struct address_space *space, struct range *range, uint64_t address)
{
	uint64_t next, *entry = arch_table_entry(space->root, address, false, &next);
	uint64_t old = arch_entry_physical(*entry);
	if (!range_is_private(range) || arch_entry_device(*entry))
		return false;
	if (frame_is_sole(old))
		return true;
	uint64_t own = page_copy(old);
	if (!own)
		return false;
	*entry = arch_entry_make(own, range->prot, range->prot & VM_PROT_WRITE, false);
	cpu_flush(space);
	frame_release(old);
	return true;
}

bool address_space_fault(struct address_space *space, uint64_t address, vm_prot_t access)
{
	bool done = false;
	address &= ~(uint64_t)(MD_PAGE_SIZE - 1);
	md_lock_acquire(&space->lock);
	struct range *range = address_space_range_locked(space, address);
	if (range && (range->prot & access) == access)
		done = address_space_fault_locked(space, range, address, access);
	md_lock_release(&space->lock);
	return done;
}
