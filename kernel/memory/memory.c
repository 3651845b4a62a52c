// SPDX-License-Identifier: MIT
// Memory objects: see memory.h. Their kernel ports are in memory_port.c.
//
// The lock is held over each piece of a copy, so that a resize never pulls the store away under it; pieces are short
// enough that nobody waits long.
#include "memory.h"

#include "../task/task.h"

#define MEMORY_PIECE (UINT64_C(64) << 10) // bytes copied while the lock is held

static void memory_destroy(struct object *object)
{
	struct memory *memory = container_of(object, struct memory, object);
	struct account *account = memory->account;
	assert(!memory->port);
	md_memory_destroy(&memory->md);
	account_refund(account, ACCOUNT_MEMORY_BYTES, memory->charged);
	account_refund(account, ACCOUNT_MEMORY, 1);
	kfree(account, memory, sizeof(*memory));
	account_release(account);
}

static void memory_print(struct object *object, char *to, size_t room)
{
	struct memory *memory = container_of(object, struct memory, object);
	static const char *const states[] = {[MEMORY_OPEN] = "", [MEMORY_FIXED] = ", fixed", [MEMORY_SEALED] = ", sealed"};
	format_text(to, room, "memory object of %llu KiB%s%s", (unsigned long long)(memory->size >> 10),
		    states[memory->state], memory->device ? ", for a device" : "");
}

const struct object_kind memory_kind = {"memory", memory_destroy, memory_print};

// What the machine is asked for.
struct memory_wish {
	enum { WISH_PLAIN, WISH_DMA, WISH_DEVICE } kind;
	uint64_t size;    // whole pages
	uint64_t address; // DEVICE
	uint64_t charge;  // bytes
};

static kern_return_t memory_ask(struct account *payer, const struct memory_wish *wish, struct memory *memory)
{
	switch (wish->kind) {
	case WISH_DMA:
		return md_memory_create_dma(&memory->md, payer, wish->size, &memory->bus_address);
	case WISH_DEVICE:
		return md_memory_create_device(&memory->md, wish->address, wish->size);
	default:
		return md_memory_create(&memory->md, payer, wish->size);
	}
}

static kern_return_t memory_make(struct account *account, const struct memory_wish *wish, struct memory **result)
{
	if (!account_charge(account, ACCOUNT_MEMORY, 1))
		return KERN_RESOURCE_SHORTAGE;
	kern_return_t error = KERN_RESOURCE_SHORTAGE;
	if (!account_charge(account, ACCOUNT_MEMORY_BYTES, wish->charge))
		goto no_bytes;
	struct memory *memory = kalloc(account, sizeof(*memory));
	if (!memory)
		goto no_object;
	error = memory_ask(account, wish, memory);
	if (error) {
		kfree(account, memory, sizeof(*memory));
		goto no_object;
	}
	object_init(&memory->object, &memory_kind);
	lock_init(&memory->lock, RANK_MEMORY);
	memory->account = account_reference(account);
	memory->state = wish->kind == WISH_PLAIN ? MEMORY_OPEN : MEMORY_FIXED;
	memory->size = wish->size;
	memory->charged = wish->charge;
	*result = memory;
	return KERN_SUCCESS;
no_object:
	account_refund(account, ACCOUNT_MEMORY_BYTES, wish->charge);
no_bytes:
	account_refund(account, ACCOUNT_MEMORY, 1);
	return error;
}

kern_return_t memory_create(struct account *account, uint64_t wanted, struct memory **memory)
{
	uint64_t size = memory_round_size(wanted);
	struct memory_wish wish = {.kind = WISH_PLAIN, .size = size, .charge = size};
	return size ? memory_make(account, &wish, memory) : KERN_INVALID_ARGUMENT;
}

kern_return_t memory_create_dma(struct account *account, uint64_t wanted, uint32_t device, struct memory **memory)
{
	uint64_t size = memory_round_size(wanted);
	struct memory_wish wish = {.kind = WISH_DMA, .size = size, .charge = size};
	kern_return_t error = size ? memory_make(account, &wish, memory) : KERN_INVALID_ARGUMENT;
	if (!error)
		(*memory)->device = device; // nobody else knows it yet
	return error;
}

kern_return_t memory_create_device(uint64_t address, uint64_t size, struct memory **memory)
{
	struct memory_wish wish = {.kind = WISH_DEVICE, .size = size, .address = address};
	return memory_make(&account_kernel, &wish, memory);
}

kern_return_t memory_capture(struct account *account, struct task *task, uint64_t address, uint64_t size,
			     struct memory **result)
{
	if (address + size < address)
		return KERN_INVALID_ADDRESS;
	struct memory *memory;
	kern_return_t error = memory_create(account, size, &memory);
	if (error)
		return error;
	error = md_memory_capture(&memory->md, task, address, size);
	if (error) {
		memory_release(memory);
		return error;
	}
	*result = memory;
	return KERN_SUCCESS;
}

// True when [offset, offset + size) lies in the object. Lock held.
static bool memory_holds(const struct memory *memory, uint64_t offset, uint64_t size)
{
	return offset <= memory->size && size <= memory->size - offset;
}

kern_return_t memory_copy(struct account *account, struct memory *source, uint64_t offset, uint64_t size,
			  struct memory **result)
{
	struct memory *memory;
	kern_return_t error = memory_create(account, size, &memory);
	if (error)
		return error;
	lock_acquire(&source->lock);
	error = memory_holds(source, offset, size) ? md_memory_copy(&memory->md, &source->md, offset, size)
						   : KERN_INVALID_ARGUMENT;
	lock_release(&source->lock);
	if (error) {
		memory_release(memory);
		return error;
	}
	*result = memory;
	return KERN_SUCCESS;
}

uint64_t memory_size(struct memory *memory)
{
	lock_acquire(&memory->lock);
	uint64_t size = memory->size;
	lock_release(&memory->lock);
	return size;
}

static size_t piece_of(size_t size) { return size < MEMORY_PIECE ? size : MEMORY_PIECE; }

kern_return_t memory_read(struct memory *memory, uint64_t offset, void *to, size_t size)
{
	kern_return_t error = KERN_SUCCESS;
	do {
		size_t piece = piece_of(size);
		lock_acquire(&memory->lock);
		error = memory_holds(memory, offset, size) ? md_memory_read(&memory->md, offset, to, piece)
							   : KERN_INVALID_ARGUMENT;
		lock_release(&memory->lock);
		offset += piece;
		to = (char *)to + piece;
		size -= piece;
	} while (!error && size > 0);
	return error;
}

kern_return_t memory_write(struct memory *memory, uint64_t offset, const void *from, size_t size)
{
	kern_return_t error = KERN_SUCCESS;
	do {
		size_t piece = piece_of(size);
		lock_acquire(&memory->lock);
		if (memory->state == MEMORY_SEALED)
			error = KERN_PROTECTION_FAILURE;
		else if (!memory_holds(memory, offset, size))
			error = KERN_INVALID_ARGUMENT;
		else
			error = md_memory_write(&memory->md, offset, from, piece);
		lock_release(&memory->lock);
		offset += piece;
		from = (const char *)from + piece;
		size -= piece;
	} while (!error && size > 0);
	return error;
}

// Lock held; `size` is whole pages.
static kern_return_t memory_resize_locked(struct memory *memory, uint64_t size)
{
	uint64_t before = memory->size;
	if (memory->state != MEMORY_OPEN)
		return KERN_PROTECTION_FAILURE;
	if (size > before && !account_charge(memory->account, ACCOUNT_MEMORY_BYTES, size - before))
		return KERN_RESOURCE_SHORTAGE;
	kern_return_t error = md_memory_resize(&memory->md, size);
	if (!error)
		memory->size = memory->charged = size;
	uint64_t now = memory->size, charged = size > before ? size : before;
	if (charged > now)
		account_refund(memory->account, ACCOUNT_MEMORY_BYTES, charged - now);
	return error;
}

kern_return_t memory_resize(struct memory *memory, uint64_t wanted)
{
	uint64_t size = memory_round_size(wanted);
	if (!size)
		return KERN_INVALID_ARGUMENT;
	lock_acquire(&memory->lock);
	kern_return_t error = memory_resize_locked(memory, size);
	lock_release(&memory->lock);
	return error;
}

kern_return_t memory_fix(struct memory *memory)
{
	lock_acquire(&memory->lock);
	// Also of a sealed one: the kernel does not resize it, but the machine may let others.
	kern_return_t error = memory->device ? KERN_SUCCESS : md_memory_fix(&memory->md);
	if (!error && memory->state == MEMORY_OPEN)
		memory->state = MEMORY_FIXED;
	lock_release(&memory->lock);
	return error;
}

void memory_seal(struct memory *memory)
{
	lock_acquire(&memory->lock);
	memory->state = MEMORY_SEALED;
	lock_release(&memory->lock);
}

static bool is_whole_pages(uint64_t value) { return (value & (MD_PAGE_SIZE - 1)) == 0; }

kern_return_t memory_map(struct task *task, uint64_t *address, uint64_t size, struct memory *memory, uint64_t offset,
			 vm_prot_t prot, unsigned flags)
{
	if (size == 0 || size > MEMORY_SIZE_LIMIT || !is_whole_pages(size) || !is_whole_pages(offset))
		return KERN_INVALID_ARGUMENT;
	if ((flags & MD_MAP_FIXED) && (!is_whole_pages(*address) || *address + size < *address))
		return KERN_INVALID_ADDRESS;
	if (prot & ~VM_PROT_ALL)
		return KERN_INVALID_ARGUMENT;
	if ((prot & VM_PROT_WRITE) && (prot & VM_PROT_EXECUTE))
		return KERN_PROTECTION_FAILURE;
	if (!memory)
		return md_map(task, address, size, NULL, 0, prot, flags);
	lock_acquire(&memory->lock);
	bool inside = memory_holds(memory, offset, size);
	bool sealed = memory->state == MEMORY_SEALED;
	lock_release(&memory->lock);
	if (!inside)
		return KERN_INVALID_ARGUMENT;
	if (sealed && (prot & VM_PROT_WRITE) && !(flags & MD_MAP_COPY))
		return KERN_PROTECTION_FAILURE;
	return md_map(task, address, size, &memory->md, offset, prot, flags);
}

static kern_return_t check_range(uint64_t address, uint64_t size)
{
	if (size == 0 || size > MEMORY_SIZE_LIMIT || !is_whole_pages(size))
		return KERN_INVALID_ARGUMENT;
	return is_whole_pages(address) && address + size > address ? KERN_SUCCESS : KERN_INVALID_ADDRESS;
}

kern_return_t memory_unmap(struct task *task, uint64_t address, uint64_t size)
{
	kern_return_t error = check_range(address, size);
	return error ? error : md_unmap(task, address, size);
}

kern_return_t memory_protect(struct task *task, uint64_t address, uint64_t size, vm_prot_t prot)
{
	kern_return_t error = check_range(address, size);
	if (error)
		return error;
	if (prot & ~VM_PROT_ALL)
		return KERN_INVALID_ARGUMENT;
	if ((prot & VM_PROT_WRITE) && (prot & VM_PROT_EXECUTE))
		return KERN_PROTECTION_FAILURE;
	return md_protect(task, address, size, prot);
}
