// SPDX-License-Identifier: MIT
// Interrupt lines at work, on a PC: the interval timer's (Intel 8254, line 2 by the MADT's override, as QEMU and PCs have it) and
// the real-time clock's (Motorola MC146818, line 8). Each comes to one CPU, and they come to different ones.
#include "../line.h"
#include "cpu.h"

#include <gila/test.h>
#include <kernel/core/sched.h>
#include <kernel/core/trace.h>
#include <kernel/core/wait.h>

#define TIMER_LINE 2u
#define CLOCK_LINE 8u
#define MS UINT64_C(1000000)
#define WANTED 10u
#define PATIENCE 5000u // ms
#define ROUNDS 300u

static void pause_for(uint64_t ns)
{
	wait_begin(NULL, md_clock_now() + ns, WAIT_UNINTERRUPTIBLE, "test");
	thread_block();
	(void)wait_end(thread_current());
}

struct seen {
	unsigned count;
	uint64_t cpus; // bits
};

// What the trace has of a line since *cursor.
static void look(uint64_t *cursor, uint32_t line, struct seen *seen)
{
	struct trace_record record;
	while (trace_read(cursor, &record, 1) == 1)
		if (record.event == TRACE_INTERRUPT && record.a == line) {
			seen->count++;
			seen->cpus |= UINT64_C(1) << record.cpu;
		}
}

static void timer_start(void) // channel 0, mode 2, about 1 kHz
{
	out8(0x43, 0x34);
	out8(0x40, 1193 & 0xff);
	out8(0x40, 1193 >> 8);
}

static void clock_switch(bool on)
{
	out8(0x70, 11);
	uint8_t b = in8(0x71);
	out8(0x70, 11);
	out8(0x71, on ? b | 0x40 : b & ~0x40); // periodic interrupts, 1024 in a second
}

// The next one comes only after register C was read.
static void clock_acknowledge(void)
{
	out8(0x70, 12);
	(void)in8(0x71);
}

static struct seen line_runs(uint32_t line)
{
	struct seen seen = {0};
	uint64_t cursor = 0;
	struct seen before = {0};
	look(&cursor, line, &before);
	if (md_interrupt_enable(line) != KERN_SUCCESS)
		return seen;
	for (unsigned i = 0; i < PATIENCE && seen.count < WANTED; i++) {
		clock_acknowledge();
		pause_for(MS);
		look(&cursor, line, &seen);
	}
	md_interrupt_disable(line);
	return seen;
}

TEST(each_line_has_a_cpu_and_they_go_round)
{
	timer_start();
	struct seen timer = line_runs(TIMER_LINE);
	clock_switch(true);
	struct seen clock = line_runs(CLOCK_LINE);
	CHECK(timer.count >= WANTED);
	CHECK(clock.count >= WANTED);
	CHECK((timer.cpus & (timer.cpus - 1)) == 0);
	CHECK((clock.cpus & (clock.cpus - 1)) == 0);
	if (md_cpu_count() > 1)
		CHECK(timer.cpus != clock.cpus);
	CHECK_EQ(line_runs(TIMER_LINE).cpus, timer.cpus); // it stays there
	// None comes once a line is disabled, but for one that was under way.
	struct seen after = {0};
	uint64_t cursor = 0;
	pause_for(2 * MS);
	look(&cursor, CLOCK_LINE, &after);
	unsigned count = after.count;
	for (unsigned i = 0; i < 5; i++) {
		clock_acknowledge();
		pause_for(2 * MS);
	}
	look(&cursor, CLOCK_LINE, &after);
	CHECK_EQ(after.count, count);
	clock_switch(false);
}

static _Atomic unsigned switched;

static void switch_often(void *argument)
{
	uint32_t line = argument ? TIMER_LINE : CLOCK_LINE;
	for (unsigned i = 0; i < ROUNDS; i++) {
		if (md_interrupt_enable(line) != KERN_SUCCESS)
			return;
		if (i % 10 == 0)
			pause_for(MS / 5);
		md_interrupt_ack(line);
		md_interrupt_disable(line);
	}
	atomic_fetch_add(&switched, 1);
}

// Select and window of the I/O APIC are one place for all lines and CPUs.
TEST(lines_are_switched_on_several_cpus_at_once)
{
	static const char both[1];
	atomic_store(&switched, 0);
	timer_start();
	clock_switch(true);
	for (unsigned i = 0; i < 4; i++)
		CHECK_EQ(thread_create_kernel("switch", switch_often, i % 2 ? (void *)both : NULL), KERN_SUCCESS);
	for (unsigned i = 0; i < PATIENCE && atomic_load(&switched) < 4; i++)
		pause_for(MS);
	CHECK_EQ(atomic_load(&switched), 4);
	CHECK(line_runs(TIMER_LINE).count >= WANTED);
	CHECK(line_runs(CLOCK_LINE).count >= WANTED);
	clock_switch(false);
}
