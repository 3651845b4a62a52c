// SPDX-License-Identifier: MIT
// The commpage: what Darwin's kernel shows every program at a fixed address. Programs look there for what the processor can do.
//
// Facts: xnu's osfmk/i386/cpu_capabilities.h: layout, version 14, bits. Times are not kept there: the generations are 0, for which
// readers fall back to asking. Old Go does not, for nanoseconds since the start (commpage_times); the time of day stays away.
#include "commpage.h"

#include <sched.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/platform/x86.h>
#include <time.h>
#include <unistd.h>

#define ADDRESS ((void *)0x7fffffe00000)

struct commpage {
	char signature[16];
	uint64_t capabilities64;
	uint8_t unused[6];
	uint16_t version;
	uint32_t capabilities; // byte 2 is the number of CPUs
	uint16_t unused2, cache_line;
	uint32_t unused3[3];
	uint8_t active_cpus, physical_cpus, logical_cpus, clusters;
	uint64_t memory;
	uint32_t family, debug, diagnostic;
	uint8_t dof, kernel_page_shift, user_page_shift, unused4;
};
_Static_assert(sizeof(struct commpage) == 0x50, "the part before the times");

struct bit {
	uint8_t leaf, where, bit, to; // of cpuid: leaf 1 or 7; where: 0 ecx, 1 edx, 2 ebx
};
static const struct bit bits[] = {
	{1, 1, 23, 0},	{1, 1, 25, 1},	{1, 1, 26, 2},	{1, 0, 0, 3},	{1, 0, 9, 8},	{1, 0, 19, 10},
	{1, 0, 20, 11}, {1, 0, 25, 12}, {1, 0, 28, 24}, {1, 0, 30, 25}, {1, 0, 29, 26}, {7, 2, 9, 27},
	{1, 0, 12, 28}, {7, 2, 5, 29},	{7, 2, 3, 30},	{7, 2, 8, 31},	{7, 2, 18, 35}, {7, 2, 19, 34},
	{7, 2, 16, 38}, {7, 2, 28, 39}, {7, 2, 17, 40}, {7, 2, 30, 41}, {7, 2, 21, 42}, {7, 0, 1, 43},
	{7, 2, 31, 44}, {7, 0, 9, 45},	{7, 0, 10, 46}, {7, 0, 11, 47}, {7, 0, 12, 48}, {7, 0, 14, 49},
};

// The host's C library asked the processor when it started; to ask again costs 6 us each time in a virtual machine.
static uint64_t capabilities(void)
{
	static const uint8_t place[] = {2, 3, 1};
	const struct cpuid_feature *one = __x86_get_cpuid_feature_leaf(CPUID_INDEX_1);
	const struct cpuid_feature *seven = __x86_get_cpuid_feature_leaf(CPUID_INDEX_7);
	uint64_t result = 0x40; // 64-byte cache lines
	for (size_t i = 0; i < sizeof(bits) / sizeof(*bits); i++)
		if ((bits[i].leaf == 7 ? seven : one)->cpuid_array[place[bits[i].where]] >> bits[i].bit & 1)
			result |= (uint64_t)1 << bits[i].to;
	return result;
}

static uint8_t cpu_count(void)
{
	cpu_set_t set; // those that this process may use, as sysctl tells them
	int count = sched_getaffinity(0, sizeof(set), &set) == 0 ? CPU_COUNT(&set) : 1;
	return (uint8_t)(count > 255 ? 255 : count);
}

void commpage_map(void)
{
	uint8_t count = cpu_count();
	struct commpage *page =
		mmap(ADDRESS, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
	if (page != ADDRESS) // the stack is there: programs that look crash, others do not care
		return;
	memcpy(page->signature, "commpage 64-bit", 16);
	page->capabilities64 = capabilities() | (uint64_t)count << 16;
	page->version = 14;
	page->capabilities = (uint32_t)page->capabilities64;
	page->cache_line = 64;
	page->active_cpus = page->physical_cpus = page->logical_cpus = count;
	page->clusters = 1;
	page->memory = (uint64_t)sysconf(_SC_PHYS_PAGES) * 4096;
	page->kernel_page_shift = page->user_page_shift = 12;
	mprotect(page, 4096, PROT_READ);
}

struct commpage_times { // at 0x50: nanoseconds are base + ((tsc - tsc_base) * scale >> 32)
	uint64_t tsc_base;
	uint32_t scale, shift;
	uint64_t base;
	uint32_t generation; // 0: being written
};

struct moment {
	uint64_t tsc, nanoseconds;
};

static struct moment moment_now(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (struct moment){__builtin_ia32_rdtsc(), (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec};
}

void commpage_times(void)
{
	struct commpage_times *times = (struct commpage_times *)((uint8_t *)ADDRESS + 0x50);
	struct moment begin = moment_now(), end;
	nanosleep(&(struct timespec){0, 2000000}, NULL);
	end = moment_now();
	if (mprotect(ADDRESS, 4096, PROT_READ | PROT_WRITE) < 0)
		return; // there is no page
	times->tsc_base = end.tsc;
	times->base = end.nanoseconds;
	times->scale = (uint32_t)(((end.nanoseconds - begin.nanoseconds) << 32) / (end.tsc - begin.tsc));
	times->generation = 1;
	mprotect(ADDRESS, 4096, PROT_READ);
}
