// SPDX-License-Identifier: MIT
// The memory of the machine sim: kernel pages, kernel stacks, and the page frames of memory objects.
//
// Frames are the pages of one memfd: the kernel sees all of them through a window, processes map some of them. Each
// has a count of references: the object's and one for each mapping.
#include "machine.h"

#include <kernel/core/poison.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

// ---- Kernel pages ---------------------------------------------------------------------------------------------------

static bool page_used[SIM_PAGES_LIMIT];
static uint64_t pages_used, pages_cursor;

// The first run of `count` free pages at or after `from`; SIM_PAGES_LIMIT: none.
static uint64_t pages_find(uint64_t from, size_t count)
{
	uint64_t run = 0;
	for (uint64_t i = from; i < SIM_PAGES_LIMIT; i++) {
		run = page_used[i] ? 0 : run + 1;
		if (run == count)
			return i + 1 - count;
	}
	return SIM_PAGES_LIMIT;
}

void *md_pages_alloc(size_t count)
{
	uint64_t limit = sim.options.page_limit ? sim.options.page_limit : SIM_PAGES_LIMIT;
	if (count == 0 || count > limit || pages_used + count > limit || client_shortage())
		return NULL;
	// Going round, so that a freed page stays free (and poisoned) for long.
	uint64_t first = pages_find(pages_cursor, count);
	if (first == SIM_PAGES_LIMIT)
		first = pages_find(0, count);
	if (first == SIM_PAGES_LIMIT)
		return NULL;
	for (size_t i = 0; i < count; i++)
		page_used[first + i] = true;
	pages_used += count;
	pages_cursor = first + count;
	void *pages = (void *)(SIM_PAGES_BASE + first * MD_PAGE_SIZE); // NOLINT
	unpoison(pages, count * MD_PAGE_SIZE);
	memset(pages, 0, count * MD_PAGE_SIZE);
	return pages;
}

void md_pages_free(void *pages, size_t count)
{
	uint64_t first = ((uintptr_t)pages - SIM_PAGES_BASE) / MD_PAGE_SIZE;
	if ((uintptr_t)pages % MD_PAGE_SIZE || first >= SIM_PAGES_LIMIT || count > SIM_PAGES_LIMIT - first)
		sim_misuse("md_pages_free: %p is no run of %zu pages", pages, count);
	for (size_t i = 0; i < count; i++) {
		if (!page_used[first + i])
			sim_misuse("md_pages_free: page %zu of %zu at %p is free already", i, count, pages);
		page_used[first + i] = false;
	}
	pages_used -= count;
	poison(pages, count * MD_PAGE_SIZE);
}

// ---- Kernel stacks --------------------------------------------------------------------------------------------------

#define STACK_SLOT (MD_STACK_SIZE + 4 * MD_PAGE_SIZE) // the guard pages are below

static unsigned stacks_made;
static unsigned stacks_free[SIM_STACKS_LIMIT], stacks_free_count;

void *md_stack_alloc(void)
{
	unsigned slot;
	if (stacks_free_count > 0) {
		slot = stacks_free[--stacks_free_count];
	} else {
		if (stacks_made == SIM_STACKS_LIMIT)
			return NULL;
		slot = stacks_made;
	}
	char *stack = (char *)SIM_STACKS_BASE + (uint64_t)slot * STACK_SLOT + 4 * MD_PAGE_SIZE; // NOLINT
	if (slot == stacks_made) {
		if (mprotect(stack, MD_STACK_SIZE, PROT_READ | PROT_WRITE))
			return NULL;
		stacks_made++;
	}
	isa_stack_prepare(stack, MD_STACK_SIZE);
	return stack;
}

void md_stack_free(void *stack)
{
	isa_stack_forget(stack, MD_STACK_SIZE);
	stacks_free[stacks_free_count++] = (unsigned)(((uintptr_t)stack - SIM_STACKS_BASE) / STACK_SLOT);
}

// ---- Frames ---------------------------------------------------------------------------------------------------------

static int frames_file = -1;
static uint16_t frame_references[SIM_FRAMES_LIMIT];
static uint32_t frames_cursor, frames_used;

static void *frame_at(uint32_t frame) { return (void *)(SIM_FRAMES_BASE + (uint64_t)frame * MD_PAGE_SIZE); } // NOLINT

static void *reserve(uint64_t base, uint64_t size, int prot, int flags, int file)
{
	void *at = mmap((void *)base, size, prot, flags | MAP_FIXED_NOREPLACE | MAP_NORESERVE, file, 0); // NOLINT
	if (at != (void *)base) // NOLINT
		sim_broken("address space for the simulated memory");
	return at;
}

void frames_init(void)
{
	reserve(SIM_PAGES_BASE, SIM_PAGES_LIMIT * MD_PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	reserve(SIM_STACKS_BASE, (uint64_t)SIM_STACKS_LIMIT * STACK_SLOT, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	reserve(SIM_SPACES_BASE, (uint64_t)SIM_SPACES_LIMIT * SIM_SPACE_SIZE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	frames_file = memfd_create("gila-sim", MFD_CLOEXEC);
	if (frames_file < 0 || ftruncate(frames_file, (off_t)(SIM_FRAMES_LIMIT * MD_PAGE_SIZE)))
		sim_broken("memory file");
	reserve(SIM_FRAMES_BASE, SIM_FRAMES_LIMIT * MD_PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, frames_file);
}

void frame_reference(uint32_t frame) { frame_references[frame]++; }

void frame_release(uint32_t frame)
{
	if (--frame_references[frame] > 0)
		return;
	frames_used--;
	memset(frame_at(frame), 0, MD_PAGE_SIZE);
}

static bool frames_take(uint32_t *frames, size_t count)
{
	if (count > SIM_FRAMES_LIMIT - frames_used)
		return false;
	for (size_t i = 0; i < count; i++) {
		while (frame_references[frames_cursor])
			frames_cursor = (frames_cursor + 1) % SIM_FRAMES_LIMIT;
		frames[i] = frames_cursor;
		frame_references[frames_cursor] = 1;
		frames_used++;
	}
	return true;
}

bool frames_map(const uint32_t *frames, size_t count, uint64_t address, int host_prot, bool private_copy)
{
	int flags = MAP_FIXED | (private_copy ? MAP_PRIVATE | MAP_NORESERVE : MAP_SHARED);
	for (size_t i = 0; i < count;) {
		size_t run = 1;
		while (i + run < count && frames[i + run] == frames[i] + run)
			run++;
		void *at = mmap((void *)(address + i * MD_PAGE_SIZE), run * MD_PAGE_SIZE, host_prot, flags, // NOLINT
				frames_file, (off_t)frames[i] * MD_PAGE_SIZE);
		if (at == MAP_FAILED)
			return false;
		i += run;
	}
	return true;
}

// ---- Memory objects -------------------------------------------------------------------------------------------------

static uint64_t memory_allowed = UINT64_MAX;
void sim_memory_allow(uint64_t bytes) { memory_allowed = bytes; }
bool md_memory_allows(uint64_t bytes) { return bytes <= memory_allowed; }

kern_return_t md_memory_create(struct md_memory *memory, struct account *payer, uint64_t size)
{
	*memory = (struct md_memory){0};
	return md_memory_resize(memory, size);
}

void md_memory_destroy(struct md_memory *memory)
{
	sim.dma_freed_early += memory->dma && (sim_device_masters(0) || sim_device_masters(1));
	for (uint64_t i = 0; i < memory->pages; i++)
		frame_release(memory->frames[i]);
	free(memory->frames);
	*memory = (struct md_memory){0};
}

kern_return_t md_memory_resize(struct md_memory *memory, uint64_t size)
{
	sim_point();
	if (size % MD_PAGE_SIZE)
		return KERN_INVALID_ARGUMENT;
	if (memory->fixed)
		return KERN_PROTECTION_FAILURE;
	uint64_t pages = size / MD_PAGE_SIZE;
	if (pages > SIM_FRAMES_LIMIT || (pages > memory->pages && client_shortage()))
		return KERN_RESOURCE_SHORTAGE;
	for (uint64_t i = pages; i < memory->pages; i++)
		frame_release(memory->frames[i]);
	if (pages <= memory->pages) {
		memory->pages = pages;
		return KERN_SUCCESS;
	}
	uint32_t *frames = realloc(memory->frames, pages * sizeof(*frames));
	if (!frames)
		return KERN_RESOURCE_SHORTAGE;
	memory->frames = frames;
	if (!frames_take(frames + memory->pages, pages - memory->pages))
		return KERN_RESOURCE_SHORTAGE;
	memory->pages = pages;
	return KERN_SUCCESS;
}

kern_return_t md_memory_fix(struct md_memory *memory)
{
	sim_point();
	if (client_shortage())
		return KERN_RESOURCE_SHORTAGE;
	memory->fixed = true;
	return KERN_SUCCESS;
}

// Copies between the object and kernel memory, page by page.
static kern_return_t memory_transfer(struct md_memory *memory, uint64_t offset, char *bytes, size_t size, bool write)
{
	sim_point();
	uint64_t end = memory->pages * MD_PAGE_SIZE;
	if (offset > end || size > end - offset)
		return KERN_INVALID_ARGUMENT;
	while (size > 0) {
		size_t inside = offset % MD_PAGE_SIZE;
		size_t part = MD_PAGE_SIZE - inside < size ? MD_PAGE_SIZE - inside : size;
		char *page = (char *)frame_at(memory->frames[offset / MD_PAGE_SIZE]) + inside;
		memcpy(write ? page : bytes, write ? bytes : page, part);
		offset += part;
		bytes += part;
		size -= part;
	}
	return KERN_SUCCESS;
}

kern_return_t md_memory_read(struct md_memory *memory, uint64_t offset, void *to, size_t size)
{
	return memory_transfer(memory, offset, to, size, false);
}

kern_return_t md_memory_write(struct md_memory *memory, uint64_t offset, const void *from, size_t size)
{
	return memory_transfer(memory, offset, (char *)(uintptr_t)from, size, true);
}

kern_return_t md_memory_copy(struct md_memory *memory, struct md_memory *source, uint64_t offset, uint64_t size)
{
	if (size > memory->pages * MD_PAGE_SIZE)
		return KERN_INVALID_ARGUMENT;
	for (uint64_t done = 0; done < size;) {
		char buffer[MD_PAGE_SIZE];
		size_t part = size - done < sizeof(buffer) ? size - done : sizeof(buffer);
		kern_return_t result = md_memory_read(source, offset + done, buffer, part);
		if (result == KERN_SUCCESS)
			result = md_memory_write(memory, done, buffer, part);
		if (result != KERN_SUCCESS)
			return result;
		done += part;
	}
	return KERN_SUCCESS;
}

kern_return_t md_memory_capture(struct md_memory *memory, struct task *task, uint64_t address, uint64_t size)
{
	if (size > memory->pages * MD_PAGE_SIZE)
		return KERN_INVALID_ARGUMENT;
	for (uint64_t done = 0; done < size;) {
		char buffer[MD_PAGE_SIZE];
		size_t part = size - done < sizeof(buffer) ? size - done : sizeof(buffer);
		kern_return_t result = md_task_read(task, buffer, address + done, part);
		if (result == KERN_SUCCESS)
			result = md_memory_write(memory, done, buffer, part);
		if (result != KERN_SUCCESS)
			return result;
		done += part;
	}
	return KERN_SUCCESS;
}
