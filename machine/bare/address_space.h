// SPDX-License-Identifier: MIT
// Address spaces: what is mapped where in a task (ranges), the page table that follows it page by page as it is
// touched, and the life of the task's user half (life.c).
//
// 1. A page has an entry in the table only within a range. Each entry that is not 0 holds a reference on its frame,
//    present or not; entries of devices hold none.
// 2. A page of a private range (copy, or of no store) is written only through an entry that is writable, which needs
//    that its frame has no other reference: else the write faults and copies.
// 3. The task's account is charged for each entry of a private range that is not 0 (also where clones share the frame, so that a copy
//    needs no charge), and for page tables. Frames of stores are their payers'.
// 4. Before a frame that was mapped is released, every CPU that sees the space has forgotten it, and every other one will have
//    when it sees the space again (cpu_flush).
#ifndef MACHINE_BARE_ADDRESS_SPACE_H
#define MACHINE_BARE_ADDRESS_SPACE_H

#include "store.h"

#include <kernel/core/alloc.h>
#include <kernel/core/tree.h>
#include <kernel/task/task.h>

struct range {
	struct tree_node node;
	uint64_t start, end; // whole pages
	vm_prot_t prot;
	bool copy;           // private: writes do not reach the store
	struct store *store; // a reference; NULL: memory of its own, zero at first
	uint64_t offset;     // of `start` in the store
};

enum life_state {
	LIFE_NEW,   // no program yet                                                       -> ALIVE
	LIFE_ALIVE, // the kernel waits for kern_task_died                                  -> DYING
	LIFE_DYING, // its threads are being taken out of user mode                         -> DEAD
	LIFE_DEAD,  // reported
};

struct address_space {
	struct md_lock lock;
	struct task *task;          // [I]
	uint64_t root;              // [I] of the page table
	uint64_t tag;               // [I] its name for CPUs; no other space has or had it
	_Atomic uint64_t flushes;   // [a] how often CPUs had to forget pages of it
	_Atomic uint64_t cpus;      // [a] that have it loaded
	_Atomic bool leaving;       // [a] being destroyed: who flushes unloads it
	struct tree ranges;         // [lock] by last byte
	uint64_t charged;           // [lock] page frames: an entry each in private ranges, and page tables
	uint64_t cursor;            // [lock] where the next free place is looked for
	uint64_t linux_entry;       // [I] after launch: of lib/linux; 0: not there
	enum life_state state;     // [lock]
	bool kill;                  // [lock] asked while NEW
	enum kern_death why;        // [lock] from DYING on
	int code;                   // [lock]
	struct list users;          // [lock] md_thread.space_link
	unsigned user_count;        // [lock] attached and not yet reported as detached
	struct address_space *next_report; // [report lock]
};

struct address_space *address_space_create(struct task *task);
void address_space_destroy(struct address_space *space);
// Takes everything out. `serve`: lets interrupts come in between, where no lock is held; there may be much to do.
void address_space_clear(struct address_space *space, bool serve);
// As md_map, for any prot; the store may be NULL.
kern_return_t must_check address_space_map(struct address_space *space, uint64_t *address, uint64_t size, struct store *store,
				   uint64_t offset, vm_prot_t prot, unsigned flags);
kern_return_t must_check address_space_unmap(struct address_space *space, uint64_t address, uint64_t size);
kern_return_t must_check address_space_protect(struct address_space *space, uint64_t address, uint64_t size, vm_prot_t prot);
// All that the other one has, copy-on-write, into an empty one.
kern_return_t must_check address_space_clone(struct address_space *child, struct address_space *parent);
// For address_space_clone and fault.c: the range with the address; NULL: none. Lock held.
struct range *address_space_range_locked(struct address_space *space, uint64_t address);

// The first page at or after *address that is executable and whose bytes came already; *address is the end of that
// page. False: no more.
bool address_space_next_text(struct address_space *space, uint64_t *address);

static inline void address_space_charge_locked(struct address_space *space, uint64_t frames)
{
	space->charged += frames;
	account_add(space->task->account, ACCOUNT_PAGES, frames);
}
static inline void address_space_refund_locked(struct address_space *space, uint64_t frames)
{
	space->charged -= frames;
	account_refund(space->task->account, ACCOUNT_PAGES, frames);
}
static inline bool range_is_private(const struct range *range) { return range->copy || !range->store; }

// fault.c: makes the page reachable for `access` (one of VM_PROT_*). False: it is not allowed, not there, or there is no memory.
bool address_space_fault(struct address_space *space, uint64_t address, vm_prot_t access);
bool address_space_fault_locked(struct address_space *space, struct range *range, uint64_t address, vm_prot_t access);

// Gives a private page, whose entry is present, a frame that nobody shares, whatever its protection. False: it is not
// private, or there is no memory.
bool address_space_own_locked(struct address_space *space, struct range *range, uint64_t address);

// copy.c: from or to the space's pages, by their frames. `force`: whatever their protection (programs being loaded).
kern_return_t must_check address_space_copy(struct address_space *space, uint64_t address, void *bytes, size_t size, bool write,
				    bool force);

#endif
