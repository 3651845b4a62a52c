// SPDX-License-Identifier: MIT
// Copies between the kernel and tasks. A thread's own memory is reached by its addresses, with its space loaded
// (arch_user_copy, which survives faults); any other task's by its page table and the direct map, page by page.
#include "cpu_state.h"
#include "address_space.h"

#include <kernel/task/task.h>
#include <kernel/task/thread.h>

static bool is_user(uint64_t address, size_t size) { return address <= USER_END && size <= USER_END - address; }

kern_return_t md_copy_in(struct thread *thread, void *to, uint64_t from, size_t size)
{
	if (!is_user(from, size))
		return KERN_INVALID_ADDRESS;
	cpu_load_space(thread->task->md.space);
	return arch_user_copy(to, (const void *)from, size) ? KERN_SUCCESS : KERN_INVALID_ADDRESS;
}

kern_return_t md_copy_out(struct thread *thread, uint64_t to, const void *from, size_t size)
{
	if (!is_user(to, size))
		return KERN_INVALID_ADDRESS;
	cpu_load_space(thread->task->md.space);
	return arch_user_copy((void *)to, from, size) ? KERN_SUCCESS : KERN_INVALID_ADDRESS;
}

// The frame behind a page, with a reference, made present if need be; 0: not allowed or not there.
static uint64_t page_hold(struct address_space *space, uint64_t address, bool write, bool force)
{
	uint64_t next, physical = 0;
	vm_prot_t access = write ? VM_PROT_WRITE : VM_PROT_READ;
	md_lock_acquire(&space->lock);
	struct range *range = address_space_range_locked(space, address);
	if (force)
		access = VM_PROT_READ;
	else if (range && !(range->prot & access))
		range = NULL;
	if (range && address_space_fault_locked(space, range, address, access) &&
	    (!force || !write || address_space_own_locked(space, range, address))) {
		uint64_t entry = *arch_table_entry(space->root, address, false, &next);
		if (!arch_entry_device(entry)) {
			physical = arch_entry_physical(entry);
			frame_reference(physical);
		}
	}
	md_lock_release(&space->lock);
	return physical;
}

kern_return_t address_space_copy(struct address_space *space, uint64_t address, void *bytes, size_t size, bool write,
				 bool force)
{
	if (!is_user(address, size))
		return KERN_INVALID_ADDRESS;
	for (size_t done = 0; done < size;) {
		uint64_t at = address + done, inside = at % MD_PAGE_SIZE;
		size_t piece = MD_PAGE_SIZE - inside < size - done ? MD_PAGE_SIZE - inside : size - done;
		uint64_t physical = page_hold(space, at - inside, write, force);
		if (!physical)
			return KERN_INVALID_ADDRESS;
		char *page = (char *)direct(physical) + inside, *kernel = (char *)bytes + done;
		if (write)
			memcpy(page, kernel, piece);
		else
			memcpy(kernel, page, piece);
		frame_release(physical);
		done += piece;
	}
	return KERN_SUCCESS;
}

kern_return_t md_task_read(struct task *task, void *to, uint64_t from, size_t size)
{
	return task->md.space ? address_space_copy(task->md.space, from, to, size, false, false) : KERN_INVALID_ADDRESS;
}

kern_return_t md_task_write(struct task *task, uint64_t to, const void *from, size_t size)
{
	return task->md.space ? address_space_copy(task->md.space, to, (void *)(uintptr_t)from, size, true, false)
			      : KERN_INVALID_ADDRESS;
}
