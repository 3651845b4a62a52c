// SPDX-License-Identifier: MIT
#include "context.h"

#include <gila/test.h>
#include <stdint.h>
#include <stdlib.h>

enum { STACK_SIZE = 128 << 10 };

static struct isa_context main_context, side_context;
static void *side_stack;
static int steps;
static uintptr_t first_frame;
static bool moved;

static void ping(void *argument)
{
	char local[64];
	local[0] = *(char *)argument;
	for (;;) {
		steps += local[0];
		isa_context_switch(&side_context, &main_context);
	}
}

static void again(void *argument)
{
	char here;
	if (++steps == 2)
		first_frame = (uintptr_t)&here;
	if (steps > 2 && (uintptr_t)&here != first_frame)
		moved = true;
	if (steps < 100)
		isa_stack_restart(side_stack, STACK_SIZE, again, argument);
	for (;;)
		isa_context_switch(&side_context, &main_context);
}

static void side_start(void (*entry)(void *), void *argument)
{
	steps = 0;
	side_stack = aligned_alloc(64, STACK_SIZE);
	isa_stack_prepare(side_stack, STACK_SIZE);
	isa_context_make(&side_context, side_stack, STACK_SIZE, entry, argument);
}

static void side_end(void)
{
	isa_stack_forget(side_stack, STACK_SIZE);
	free(side_stack);
}

TEST(context_switches_back_and_forth)
{
	char by = 3;
	side_start(ping, &by);
	for (int i = 0; i < 10; i++)
		isa_context_switch(&main_context, &side_context);
	CHECK_EQ(steps, 30);
	side_end();
}

TEST(context_restart_reuses_the_stack)
{
	side_start(again, NULL);
	isa_context_switch(&main_context, &side_context);
	CHECK_EQ(steps, 100);
	CHECK(!moved);
	side_end();
}

// A context saved by one frame survives deep calls elsewhere, and callee-saved registers come back.
TEST(context_keeps_registers)
{
	char by = 1;
	uint64_t a = (uint64_t)rand(), b = a * 3, c = a * 5, d = a * 7, e = a * 11;
	side_start(ping, &by);
	for (uint64_t i = 0; i < 5; i++) {
		isa_context_switch(&main_context, &side_context);
		CHECK_EQ(b + c + d + e, a * 26);
		a++, b += 3, c += 5, d += 7, e += 11;
	}
	side_end();
}

// Leaves its frame, with red zones in builds with ASan, at the very top of the stack for ever.
static void stay(void *argument)
{
	char zones[3] = {0};
	__asm__ volatile("" : : "r"(zones) : "memory"); // it escapes: it must be in memory, between its zones
	steps++;
	for (;;)
		isa_context_switch(&side_context, &main_context);
}

static void stay_at_the_top(void *argument) { isa_stack_restart(side_stack, STACK_SIZE, stay, argument); }

TEST(context_is_made_on_a_stack_that_was_left_in_the_middle)
{
	char by = 3;
	side_start(stay_at_the_top, NULL);
	isa_context_switch(&main_context, &side_context);
	CHECK_EQ(steps, 1);
	isa_context_make(&side_context, side_stack, STACK_SIZE, ping, &by);
	isa_context_switch(&main_context, &side_context);
	CHECK_EQ(steps, 4);
	side_end();
}
