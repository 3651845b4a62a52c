// SPDX-License-Identifier: MIT
// md_timer_arm and the turns of threads in user mode, by the timer of each CPU. The kernel has one deadline: the CPU
// that was told it last keeps it. A CPU's timer is set to the nearer of the two; it may come early, never late by
// choice.
#include "cpu_state.h"

static struct {
	struct md_lock lock;
	uint64_t deadline; // [lock]
	unsigned cpu;      // [lock] who keeps it
} kernel_timer = {.deadline = UINT64_MAX};

static void timer_program(uint64_t deadline)
{
	struct cpu_state *self = cpu_state_here();
	if (deadline >= self->timer_programmed)
		return;
	self->timer_programmed = deadline;
	arch_timer_program(deadline);
}

void md_timer_arm(uint64_t deadline)
{
	md_lock_acquire(&kernel_timer.lock);
	kernel_timer.deadline = deadline;
	kernel_timer.cpu = arch_cpu_number();
	md_lock_release(&kernel_timer.lock);
	timer_program(deadline);
}

// A CPU ticks only while threads have turns. Whom a tick finds at work goes behind all others that are spent: to count how long it
// has worked, over turns that others interrupt, would be fairer to it, but let those behind it wait for ever.
void timer_start_tick(struct cpu_state *cpu)
{
	cpu->tick_at = md_clock_now() + TICK;
	timer_program(cpu->tick_at);
}

void timer_interrupt(void)
{
	struct cpu_state *self = cpu_state_here();
	uint64_t now = md_clock_now();
	self->timer_programmed = UINT64_MAX;
	if (self->tick_at <= now) {
		self->tick_at = UINT64_MAX;
		self->slice_over = true;
		self->spent_first = !self->turn_spent;
	}
	md_lock_acquire(&kernel_timer.lock);
	uint64_t deadline = kernel_timer.cpu == arch_cpu_number() ? kernel_timer.deadline : UINT64_MAX;
	bool due = deadline <= now;
	if (due)
		kernel_timer.deadline = UINT64_MAX;
	md_lock_release(&kernel_timer.lock);
	if (due)
		kern_timer_due(); // may arm the next
	else
		timer_program(deadline);
	timer_program(self->tick_at);
}
