// SPDX-License-Identifier: MIT
// The address space of a simulated process: a slice of the host's, with a sorted array of the ranges that are mapped.
//
// User addresses are host addresses, so that scripted clients use them directly; the kernel's copies are checked
// against the ranges. Protection is checked for the kernel and, by the host, for the client.
#include "machine.h"

#include <kernel/core/poison.h>
#include <kernel/task/task.h>
#include <kernel/task/thread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

static unsigned slots_free[SIM_SPACES_LIMIT], slots_free_count, slots_made;

#define LENT_LIMIT 64
static struct {
	uint64_t start, end;
} lent[LENT_LIMIT];
static unsigned lent_count;

void sim_allow(const void *start, size_t size)
{
	if (lent_count == LENT_LIMIT)
		sim_broken("table of lent memory");
	lent[lent_count].start = (uintptr_t)start;
	lent[lent_count++].end = (uintptr_t)start + size;
}

// ---- Ranges ---------------------------------------------------------------------------------------------------------

static uint64_t address_space_start(const struct sim_process *process)
{
	return SIM_SPACES_BASE + (uint64_t)(process->slot - 1) * SIM_SPACE_SIZE;
}

// The index of the first range that ends after `address`.
static size_t range_from(const struct sim_process *process, uint64_t address)
{
	size_t low = 0, high = process->range_count;
	while (low < high) {
		size_t middle = (low + high) / 2;
		if (process->ranges[middle].end <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool ranges_make_room(struct sim_process *process, size_t more)
{
	if (process->range_count + more <= process->range_room)
		return true;
	size_t room = process->range_room ? process->range_room * 2 : 16;
	struct range *ranges = realloc(process->ranges, room * sizeof(*ranges));
	if (!ranges)
		return false;
	process->ranges = ranges;
	process->range_room = room;
	return true;
}

static void range_insert(struct sim_process *process, struct range range)
{
	size_t at = range_from(process, range.start);
	memmove(&process->ranges[at + 1], &process->ranges[at],
		(process->range_count - at) * sizeof(*process->ranges));
	process->ranges[at] = range;
	process->range_count++;
}

// So that a range begins (or ends) at `address`, if any contains it. Room for one more range must be there.
static void range_split(struct sim_process *process, uint64_t address)
{
	size_t at = range_from(process, address);
	if (at == process->range_count || process->ranges[at].start >= address)
		return;
	struct range *left = &process->ranges[at];
	struct range right = *left;
	right.start = left->end = address;
	if (left->frames) {
		size_t before = (address - left->start) / MD_PAGE_SIZE, after = (right.end - address) / MD_PAGE_SIZE;
		right.frames = malloc(after * sizeof(*right.frames));
		if (!right.frames)
			sim_broken("memory");
		memcpy(right.frames, left->frames + before, after * sizeof(*right.frames));
	}
	range_insert(process, right);
}

static void range_drop(struct range *range)
{
	for (uint64_t i = 0; range->frames && i < (range->end - range->start) / MD_PAGE_SIZE; i++)
		frame_release(range->frames[i]);
	free(range->frames);
}

static bool ranges_remove(struct sim_process *process, uint64_t start, uint64_t end)
{
	if (!ranges_make_room(process, 2))
		return false;
	range_split(process, start);
	range_split(process, end);
	size_t first = range_from(process, start), last = first;
	while (last < process->range_count && process->ranges[last].start < end)
		range_drop(&process->ranges[last++]);
	memmove(&process->ranges[first], &process->ranges[last],
		(process->range_count - last) * sizeof(*process->ranges));
	process->range_count -= last - first;
	return true;
}

// First fit, with a page between neighbours; 0: none.
static uint64_t address_space_find(const struct sim_process *process, uint64_t size)
{
	uint64_t at = address_space_start(process) + 16 * MD_PAGE_SIZE, limit = address_space_start(process) + SIM_SPACE_SIZE;
	for (size_t i = 0; i < process->range_count; i++) {
		const struct range *range = &process->ranges[i];
		if (range->start >= at && range->start - at >= size + MD_PAGE_SIZE)
			return at;
		at = range->end + MD_PAGE_SIZE;
	}
	return at <= limit && limit - at >= size ? at : 0;
}

static bool address_space_contains(const struct sim_process *process, uint64_t address, uint64_t size)
{
	uint64_t start = address_space_start(process);
	return address >= start && size <= SIM_SPACE_SIZE && address - start <= SIM_SPACE_SIZE - size;
}

static bool host_clear(uint64_t address, uint64_t size)
{
	unpoison((void *)address, size); // NOLINT
	return mmap((void *)address, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE, -1,
		    0) != MAP_FAILED; // NOLINT
}

// ---- For the rest of the machine ------------------------------------------------------------------------------------

bool address_space_create(struct sim_process *process)
{
	if (slots_free_count > 0)
		process->slot = slots_free[--slots_free_count];
	else if (slots_made < SIM_SPACES_LIMIT)
		process->slot = ++slots_made;
	else
		return false;
	return true;
}

void address_space_destroy(struct sim_process *process)
{
	if (process->slot == 0)
		return;
	for (size_t i = 0; i < process->range_count; i++) {
		host_clear(process->ranges[i].start, process->ranges[i].end - process->ranges[i].start);
		range_drop(&process->ranges[i]);
	}
	slots_free[slots_free_count++] = process->slot;
	free(process->ranges);
	process->ranges = NULL;
	process->range_count = process->range_room = 0;
	process->slot = 0;
}

uint64_t address_space_reserve(struct sim_process *process, uint64_t size)
{
	uint64_t address = address_space_find(process, size);
	if (!address || !ranges_make_room(process, 1))
		return 0;
	if (mprotect((void *)address, size, PROT_READ | PROT_WRITE)) // NOLINT
		return 0;
	range_insert(process, (struct range){.start = address,
					     .end = address + size,
					     .prot = VM_PROT_READ | VM_PROT_WRITE,
					     .anonymous = true});
	return address;
}

void address_space_release(struct sim_process *process, uint64_t start, uint64_t size)
{
	if (ranges_remove(process, start, start + size))
		host_clear(start, size);
}

// ---- Copies ---------------------------------------------------------------------------------------------------------

static bool address_space_allows(const struct sim_process *process, uint64_t address, size_t size, vm_prot_t prot)
{
	uint64_t end = address + size;
	if (end < address)
		return false;
	for (unsigned i = 0; i < lent_count; i++)
		if (address >= lent[i].start && end <= lent[i].end)
			return true;
	for (size_t i = range_from(process, address); address < end; i++) {
		if (i == process->range_count || process->ranges[i].start > address ||
		    (process->ranges[i].prot & prot) != prot)
			return false;
		address = process->ranges[i].end;
	}
	return true;
}

static kern_return_t address_space_copy(struct task *task, void *kernel, uint64_t user, size_t size, bool to_user)
{
	sim_point();
	struct sim_process *process = task->md.process;
	if (!process || (process->state != PROCESS_ALIVE && process->state != PROCESS_NEW) || process->slot == 0)
		return KERN_INVALID_ADDRESS;
	if (!address_space_allows(process, user, size, to_user ? VM_PROT_WRITE : VM_PROT_READ))
		return KERN_INVALID_ADDRESS;
	if (size == 0)
		return KERN_SUCCESS; // then `kernel` may be NULL
	if (to_user)
		memcpy((void *)user, kernel, size); // NOLINT
	else
		memcpy(kernel, (const void *)user, size); // NOLINT
	return KERN_SUCCESS;
}

kern_return_t md_task_read(struct task *task, void *to, uint64_t from, size_t size)
{
	return address_space_copy(task, to, from, size, false);
}

kern_return_t md_task_write(struct task *task, uint64_t to, const void *from, size_t size)
{
	return address_space_copy(task, (void *)(uintptr_t)from, to, size, true);
}

kern_return_t md_copy_in(struct thread *thread, void *to, uint64_t from, size_t size)
{
	return address_space_copy(thread->task, to, from, size, false);
}

kern_return_t md_copy_out(struct thread *thread, uint64_t to, const void *from, size_t size)
{
	return address_space_copy(thread->task, (void *)(uintptr_t)from, to, size, true);
}

// ---- Maps -----------------------------------------------------------------------------------------------------------

static int host_prot(vm_prot_t prot)
{
	return ((prot & VM_PROT_READ) ? PROT_READ : 0) | ((prot & VM_PROT_WRITE) ? PROT_READ | PROT_WRITE : 0) |
	       ((prot & VM_PROT_EXECUTE) ? PROT_READ | PROT_EXEC : 0);
}

static bool whole_pages(uint64_t address, uint64_t size)
{
	return size > 0 && address % MD_PAGE_SIZE == 0 && size % MD_PAGE_SIZE == 0 && address + size > address;
}

static kern_return_t map_place(struct sim_process *process, uint64_t *address, uint64_t size, unsigned flags)
{
	if (!(flags & MD_MAP_FIXED)) {
		*address = address_space_find(process, size);
		return *address ? KERN_SUCCESS : KERN_NO_SPACE;
	}
	if (!address_space_contains(process, *address, size))
		return KERN_INVALID_ADDRESS;
	size_t at = range_from(process, *address);
	if (at == process->range_count || process->ranges[at].start >= *address + size)
		return KERN_SUCCESS;
	if (!(flags & MD_MAP_OVERWRITE))
		return KERN_NO_SPACE;
	address_space_release(process, *address, size);
	return KERN_SUCCESS;
}

// The frames of a part of the object, each with a reference.
static uint32_t *map_frames(struct md_memory *memory, uint64_t offset, uint64_t size)
{
	uint32_t *frames = malloc(size / MD_PAGE_SIZE * sizeof(*frames));
	for (uint64_t i = 0; frames && i < size / MD_PAGE_SIZE; i++) {
		frames[i] = memory->frames[offset / MD_PAGE_SIZE + i];
		frame_reference(frames[i]);
	}
	return frames;
}

kern_return_t md_map(struct task *task, uint64_t *address, uint64_t size, struct md_memory *memory, uint64_t offset,
		     vm_prot_t prot, unsigned flags)
{
	sim_point();
	struct sim_process *process = task->md.process;
	if (!process || process->state == PROCESS_DYING || process->state == PROCESS_DEAD)
		return KERN_INVALID_TASK;
	if (!whole_pages((flags & MD_MAP_FIXED) ? *address : 0, size) || offset % MD_PAGE_SIZE)
		return KERN_INVALID_ARGUMENT;
	if ((prot & VM_PROT_WRITE) && (prot & VM_PROT_EXECUTE))
		return KERN_PROTECTION_FAILURE;
	if (memory && (offset > memory->pages * MD_PAGE_SIZE || size > memory->pages * MD_PAGE_SIZE - offset))
		return KERN_INVALID_ARGUMENT;
	if (client_shortage() || !ranges_make_room(process, 3))
		return KERN_RESOURCE_SHORTAGE;
	kern_return_t result = map_place(process, address, size, flags);
	if (result != KERN_SUCCESS)
		return result;
	struct range range = {.start = *address, .end = *address + size, .prot = prot, .anonymous = !memory};
	bool done;
	if (memory) {
		range.frames = map_frames(memory, offset, size);
		done = range.frames && frames_map(range.frames, size / MD_PAGE_SIZE, range.start, host_prot(prot),
						  (flags & MD_MAP_COPY) != 0);
	} else {
		done = mprotect((void *)range.start, size, host_prot(prot)) == 0; // NOLINT
	}
	if (!done) {
		range_drop(&range);
		host_clear(*address, size);
		return KERN_RESOURCE_SHORTAGE;
	}
	range_insert(process, range);
	sim_point();
	return KERN_SUCCESS;
}

kern_return_t md_unmap(struct task *task, uint64_t address, uint64_t size)
{
	sim_point();
	struct sim_process *process = task->md.process;
	if (!process || process->state == PROCESS_DYING || process->state == PROCESS_DEAD)
		return KERN_INVALID_TASK;
	if (!whole_pages(address, size))
		return KERN_INVALID_ARGUMENT;
	if (!address_space_contains(process, address, size))
		return KERN_INVALID_ADDRESS;
	address_space_release(process, address, size);
	return KERN_SUCCESS;
}

kern_return_t md_protect(struct task *task, uint64_t address, uint64_t size, vm_prot_t prot)
{
	sim_point();
	struct sim_process *process = task->md.process;
	if (!process || process->state == PROCESS_DYING || process->state == PROCESS_DEAD)
		return KERN_INVALID_TASK;
	if (!whole_pages(address, size))
		return KERN_INVALID_ARGUMENT;
	if ((prot & VM_PROT_WRITE) && (prot & VM_PROT_EXECUTE))
		return KERN_PROTECTION_FAILURE;
	if (!address_space_allows(process, address, size, VM_PROT_NONE))
		return KERN_INVALID_ADDRESS;
	if (!ranges_make_room(process, 2))
		return KERN_RESOURCE_SHORTAGE;
	range_split(process, address);
	range_split(process, address + size);
	for (size_t i = range_from(process, address); i < process->range_count; i++) {
		if (process->ranges[i].start >= address + size)
			break;
		process->ranges[i].prot = prot;
	}
	if (mprotect((void *)address, size, host_prot(prot))) // NOLINT
		return KERN_RESOURCE_SHORTAGE;
	return KERN_SUCCESS;
}
