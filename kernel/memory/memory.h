// SPDX-License-Identifier: MIT
// Memory objects: whole pages of memory that live apart from any task, are mapped into tasks, and travel in messages.
//
// To make one call memory_create (zeroed) or memory_capture (a snapshot of a task's memory, copy-on-write where the
// machine can). To hand it to a task, give it the send right of memory_make_send (memory_port.h): the object lives
// as long as there is a reference or a send right. To map it call memory_map.
//
// 1. An object and its bytes are charged to the account of the task that it was made for, until it is destroyed.
// 2. The size is a whole number of pages, at least one. Resizing never moves data; what is cut off is gone.
// 3. A mapping keeps the machine's backing store alive by itself: the object may be released while it is mapped.
// 4. A fixed object keeps its size for ever, whoever has it mapped; a sealed one (the boot archive, program images) its
//    content too. Memory of devices is fixed from the beginning.
// Lock: RANK_MEMORY, over size, state and port. memory_capture and memory_map may suspend.
#ifndef KERNEL_MEMORY_MEMORY_H
#define KERNEL_MEMORY_MEMORY_H

#include "../core/alloc.h"
#include "../core/lock.h"
#include "../core/object.h"
#include <machine/md.h>

struct port;
struct task;

// The largest size that is believed; what a task may really have is up to its account.
#define MEMORY_SIZE_LIMIT (UINT64_C(1) << 46)

enum memory_state {
	MEMORY_OPEN,   // may be written and resized  -> FIXED, SEALED
	MEMORY_FIXED,  // may be written              -> SEALED
	MEMORY_SEALED, // neither; maps of it are read-only or copies
};

struct memory {
	struct object object;
	struct lock lock;
	struct account *account; // [I] a reference
	enum memory_state state; // [l]
	uint64_t size;           // [l] bytes, whole pages
	uint64_t charged;        // [l] bytes that the account pays for: none of a device's registers
	struct port *port;       // [l] its kernel port while there are send rights; a reference; memory_port.c
	uint32_t making;         // [l] send rights that are being made
	uint32_t device;         // [I] id of the device that reaches it; 0: none
	uint64_t bus_address;    // [I] of its first byte for that device
	struct md_memory md;     // [l] the machine's
};

extern const struct object_kind memory_kind;

// Whole pages that hold `size` bytes; 0 when that is none or more than MEMORY_SIZE_LIMIT.
static inline uint64_t memory_round_size(uint64_t size)
{
	if (size == 0 || size > MEMORY_SIZE_LIMIT)
		return 0;
	return (size + MD_PAGE_SIZE - 1) & ~(uint64_t)(MD_PAGE_SIZE - 1);
}

// A zeroed object of at least `size` bytes with one reference, charged to `account`.
// KERN_INVALID_ARGUMENT (size), KERN_RESOURCE_SHORTAGE (limit, memory).
kern_return_t must_check memory_create(struct account *account, uint64_t size, struct memory **memory);
// A snapshot of `size` bytes at `address` (any alignment) of the task's memory, at offset 0 of the object; the rest of
// the last page is zero. May suspend. KERN_INVALID_ADDRESS as well.
kern_return_t must_check memory_capture(struct account *account, struct task *task, uint64_t address, uint64_t size,
					struct memory **memory);
// A snapshot of a range of another object.
kern_return_t must_check memory_copy(struct account *account, struct memory *source, uint64_t offset, uint64_t size,
				     struct memory **memory);
// A zeroed object that a device reaches at memory->bus_address. `device`: its id.
kern_return_t must_check memory_create_dma(struct account *account, uint64_t size, uint32_t device,
					   struct memory **memory);
// `size` bytes (whole pages) of registers at `address` of the machine, charged to the kernel as an object, not as bytes.
// KERN_NOT_SUPPORTED: the machine has none there.
kern_return_t must_check memory_create_device(uint64_t address, uint64_t size, struct memory **memory);
static inline struct memory *memory_reference(struct memory *memory)
{
	object_reference(&memory->object);
	return memory;
}
static inline void memory_release(struct memory *memory) { object_release(&memory->object); }

uint64_t memory_size(struct memory *memory);
// KERN_INVALID_ARGUMENT: outside the object. KERN_PROTECTION_FAILURE: sealed, or fixed and to be resized.
kern_return_t must_check memory_read(struct memory *memory, uint64_t offset, void *to, size_t size);
kern_return_t must_check memory_write(struct memory *memory, uint64_t offset, const void *from, size_t size);
kern_return_t must_check memory_resize(struct memory *memory, uint64_t size);
// The object keeps its size from now on, so that whoever maps it need not fear those who have it mapped. Idempotent.
// KERN_PROTECTION_FAILURE: one of them has made that impossible. KERN_RESOURCE_SHORTAGE.
kern_return_t must_check memory_fix(struct memory *memory);
void memory_seal(struct memory *memory);

// Maps `size` bytes (whole pages) at `offset` into the task. NULL: fresh zeroed memory. flags: enum md_map_flags.
// KERN_INVALID_ARGUMENT (not whole pages, outside the object), KERN_PROTECTION_FAILURE (writable and executable at
// once, or a shared writable map of a sealed object), KERN_NO_SPACE, KERN_RESOURCE_SHORTAGE. May suspend.
kern_return_t must_check memory_map(struct task *task, uint64_t *address, uint64_t size, struct memory *memory,
				    uint64_t offset, vm_prot_t prot, unsigned flags);
// Whole pages. KERN_INVALID_ARGUMENT, KERN_INVALID_ADDRESS, KERN_PROTECTION_FAILURE (writable and executable). May
// suspend.
kern_return_t must_check memory_unmap(struct task *task, uint64_t address, uint64_t size);
kern_return_t must_check memory_protect(struct task *task, uint64_t address, uint64_t size, vm_prot_t prot);

#endif
