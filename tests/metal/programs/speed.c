// SPDX-License-Identifier: MIT
// What the cheapest trap costs, in ticks of the time stamp counter: instructions, under QEMU's -icount shift=0
// (bench). The test is that it can be measured; the figure is printed.
#include "suite.h"

#define WARM 64u
#define ROUNDS 2000u
#define MOST 4096u

static uint64_t ticks(void)
{
	uint32_t low, high;
	__asm__ volatile("lfence; rdtsc" : "=a"(low), "=d"(high)::"memory");
	return low | (uint64_t)high << 32;
}

static void nothing(void) { __asm__ volatile("" ::: "memory"); }
static void null_trap(void) { __asm__ volatile("syscall" : : "a"(0x1000000) : "rcx", "r11", "memory"); }
static void page_fault(void)
{
	static volatile char *next;
	static uint64_t left;
	if (left == 0) {
		next = (volatile char *)pages_make(512);
		left = 512;
	}
	*next = 1;
	next += PAGE;
	left--;
}

// The most frequent cost.
static uint64_t cost(void (*act)(void))
{
	static uint16_t counts[MOST];
	memset(counts, 0, sizeof(counts));
	for (unsigned i = 0; i < WARM + ROUNDS; i++) {
		uint64_t start = ticks();
		act();
		uint64_t spent = ticks() - start;
		if (i >= WARM && spent < MOST)
			counts[spent]++;
	}
	unsigned mode = 0;
	for (unsigned i = 1; i < MOST; i++)
		if (counts[i] > counts[mode])
			mode = i;
	return mode;
}

TEST(traps_have_a_price)
{
	uint64_t empty = cost(nothing);
	say_number("ticks of a null trap: ", cost(null_trap) - empty);
	say_number("ticks of a first touch of a page: ", cost(page_fault) - empty);
	CHECK(empty < MOST);
}
