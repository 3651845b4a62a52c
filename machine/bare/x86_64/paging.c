// SPDX-License-Identifier: MIT
// Page tables of x86_64: four levels (Intel SDM volume 3, 4.5). The kernel half is made once: its top-level tables
// are the same in every address space. All memory is mapped at DIRECT_BASE, writable and never executable; the
// kernel's text and rodata are left out there, so that nothing can be written that is executed.
#include "paging.h"

#include "cpu.h"
#include "display.h"

extern const char kernel_text[], kernel_rodata[], kernel_data[], kernel_end[];

#define TABLE_ENTRIES 512u
#define LARGE UINT64_C(0x200000)
#define HUGE UINT64_C(0x40000000)
#define EARLY_LIMIT UINT64_C(0x100000000) // what the boot tables map

static uint64_t kernel_root;
static struct pcid_slots cpu_pcids[MD_CPU_LIMIT];
static struct md_lock kernel_map_lock;
static bool early = true; // frames.c is not there yet

static unsigned level_index(uint64_t address, unsigned level) { return address >> (12 + 9 * level) & 511; }

static uint64_t table_take(void)
{
	if (!early)
		return frame_take();
	uint64_t table = ram_take(MD_PAGE_SIZE, MD_PAGE_SIZE, EARLY_LIMIT);
	if (!table)
		panic("no memory for the kernel's page tables");
	return table;
}

// The entry of `address` at `level` (0: a page), with all tables above it; *made counts those that were made. NULL: no memory.
static uint64_t *entry_make(uint64_t root, uint64_t address, unsigned level, uint64_t flags, uint64_t *made)
{
	uint64_t *table = direct(root);
	for (unsigned i = 3; i > level; i--) {
		uint64_t *entry = &table[level_index(address, i)];
		if (!(*entry & ENTRY_PRESENT)) {
			uint64_t next = table_take();
			if (!next)
				return NULL;
			*entry = next | ENTRY_PRESENT | ENTRY_WRITE | flags;
			++*made;
		}
		assert(!(*entry & ENTRY_LARGE));
		table = direct(*entry & ENTRY_ADDRESS);
	}
	return &table[level_index(address, level)];
}

static bool map(uint64_t address, uint64_t physical, uint64_t size, uint64_t flags)
{
	uint64_t end = address + size, made = 0;
	while (address != end) {
		unsigned level = 0;
		uint64_t step = MD_PAGE_SIZE;
		if (cpu_features.gigabyte_pages && (address | physical) % HUGE == 0 && end - address >= HUGE)
			level = 2, step = HUGE;
		else if ((address | physical) % LARGE == 0 && end - address >= LARGE)
			level = 1, step = LARGE;
		uint64_t *entry = entry_make(kernel_root, address, level, 0, &made);
		if (!entry)
			return false;
		*entry = physical | flags | ENTRY_PRESENT | ENTRY_ACCESSED | ENTRY_DIRTY |
			 (cpu_features.global_pages ? ENTRY_GLOBAL : 0) | (level ? ENTRY_LARGE : 0);
		address += step;
		physical += step;
	}
	return true;
}

static void map_image(const char *from, const char *to, uint64_t flags)
{
	uint64_t start = (uintptr_t)from, end = (uintptr_t)to;
	(void)map(start, start - KERNEL_VIRTUAL, end - start, flags);
}

// The direct map of [start, end) but for the kernel's text and rodata.
static void map_direct(uint64_t start, uint64_t end)
{
	uint64_t hole = (uintptr_t)kernel_text - KERNEL_VIRTUAL, after = (uintptr_t)kernel_data - KERNEL_VIRTUAL;
	uint64_t flags = ENTRY_WRITE | ENTRY_NOEXEC;
	if (end <= hole || start >= after) {
		(void)map(DIRECT_BASE + start, start, end - start, flags);
		return;
	}
	if (start < hole)
		(void)map(DIRECT_BASE + start, start, hole - start, flags);
	if (end > after)
		(void)map(DIRECT_BASE + after, after, end - after, flags);
}

void paging_init(void)
{
	struct ram_range range;
	kernel_root = table_take();
	for (unsigned i = 0; ram_present(i, &range); i++)
		map_direct(range.start, range.end);
	uint64_t start, size;
	if (display_memory(&start, &size))
		(void)map(DIRECT_BASE + start, start, size, ENTRY_WRITE | ENTRY_NOEXEC | ENTRY_UNCACHED | ENTRY_THROUGH);
	map_image(kernel_text, kernel_rodata, 0);
	map_image(kernel_rodata, kernel_data, ENTRY_NOEXEC);
	map_image(kernel_data, kernel_end, ENTRY_WRITE | ENTRY_NOEXEC);
	// The top-level tables that later kernel maps need, so that all address spaces have them.
	for (unsigned i = level_index(ARCH_STACKS_BASE, 3); i <= level_index(ARCH_STACKS_BASE, 3) + 1; i++)
		((uint64_t *)direct(kernel_root))[i] = table_take() | ENTRY_PRESENT | ENTRY_WRITE;
	cr3_write(kernel_root);
	early = false;
}

// Whoever needs memory of the firmware (tables) or of devices gets it at its place in the direct map.
bool paging_map_direct(uint64_t physical, uint64_t size, bool uncached)
{
	uint64_t start = physical & ~(uint64_t)(MD_PAGE_SIZE - 1);
	uint64_t end = (physical + size + MD_PAGE_SIZE - 1) & ~(uint64_t)(MD_PAGE_SIZE - 1);
	bool done = true;
	md_lock_acquire(&kernel_map_lock);
	for (; done && start < end; start += MD_PAGE_SIZE)
		if (!paging_is_mapped(DIRECT_BASE + start))
			done = map(DIRECT_BASE + start, start, MD_PAGE_SIZE,
				   ENTRY_WRITE | ENTRY_NOEXEC | (uncached ? ENTRY_UNCACHED | ENTRY_THROUGH : 0));
	md_lock_release(&kernel_map_lock);
	return done;
}

bool paging_is_mapped(uint64_t address)
{
	uint64_t *table = direct(kernel_root);
	for (unsigned level = 3;; level--) {
		uint64_t entry = table[level_index(address, level)];
		if (!(entry & ENTRY_PRESENT))
			return false;
		if (level == 0 || entry & ENTRY_LARGE)
			return true;
		table = direct(entry & ENTRY_ADDRESS);
	}
}

bool arch_kernel_map(uint64_t address, uint64_t physical, uint64_t size, bool uncached)
{
	md_lock_acquire(&kernel_map_lock);
	bool done = map(address, physical, size,
			ENTRY_WRITE | ENTRY_NOEXEC | (uncached ? ENTRY_UNCACHED | ENTRY_THROUGH : 0));
	md_lock_release(&kernel_map_lock);
	return done;
}

uint64_t paging_kernel_root(void) { return kernel_root; }

// ---- Address spaces ------------------------------------------------------------------------------------------------

uint64_t arch_table_create(void)
{
	uint64_t root = frame_take();
	if (root)
		memcpy((uint64_t *)direct(root) + 256, (uint64_t *)direct(kernel_root) + 256, 256 * sizeof(uint64_t));
	return root;
}

static void table_free(uint64_t table, unsigned level, unsigned count)
{
	uint64_t *entries = direct(table);
	for (unsigned i = 0; level > 0 && i < count; i++)
		if (entries[i] & ENTRY_PRESENT)
			table_free(entries[i] & ENTRY_ADDRESS, level - 1, TABLE_ENTRIES);
	frame_release(table);
}

void arch_table_destroy(uint64_t root) { table_free(root, 3, TABLE_ENTRIES / 2); }

uint64_t *arch_table_entry(uint64_t root, uint64_t address, bool make, uint64_t *next)
{
	if (make) {
		*next = 0;
		return entry_make(root, address, 0, ENTRY_USER, next);
	}
	uint64_t *table = direct(root);
	for (unsigned level = 3; level > 0; level--) {
		uint64_t entry = table[level_index(address, level)];
		if (!(entry & ENTRY_PRESENT)) {
			uint64_t span = UINT64_C(1) << (12 + 9 * level);
			*next = (address & ~(span - 1)) + span;
			return NULL;
		}
		table = direct(entry & ENTRY_ADDRESS);
	}
	return &table[level_index(address, 0)];
}

void arch_table_load(uint64_t root, uint64_t tag, uint64_t flushes)
{
	uint64_t word = root ? root : kernel_root;
	if (root && unlikely(cpu_features.pcid))
		word |= pcid_choose(&cpu_pcids[arch_cpu_number()], tag, flushes);
	cr3_write(word);
}

void arch_flush_page(uint64_t address) { __asm__ volatile("invlpg (%0)" : : "r"(address) : "memory"); }
