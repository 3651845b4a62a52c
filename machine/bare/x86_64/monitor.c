// SPDX-License-Identifier: MIT
// The monitor: what a BREAK on the first serial line opens, whoever drives that line and whether or not user mode runs. It shows
// what the kernel tells (kern_tell) and where each CPU is, until somebody lets it all go on.
//
// The other CPUs come here by themselves when they are nudged (monitor_hold), with no lock held. One that does not come within
// PATIENCE is in the middle of something: an NMI holds it where it is, and lists are not looked at.
#include "monitor.h"

#include "../cpu_state.h"
#include "../user.h"
#include "cpu.h"

#define PATIENCE UINT64_C(500000000) // ns

static _Atomic unsigned holder; // CPU plus 1 whose monitor it is; 0: nobody's

static struct held {
	_Atomic bool held;
	bool by_nmi;
	uint64_t rip, frame;    // where it is in the kernel
	struct thread *thread;  // or whose user mode it was in, at rip
} held[MD_CPU_LIMIT];

bool monitor_is_open(void) { return atomic_load_explicit(&holder, memory_order_relaxed) != 0; }

static void hold(struct held *self, struct thread *thread, uint64_t rip, uint64_t frame, bool by_nmi)
{
	if (atomic_load(&holder) == md_cpu_self() + 1 || atomic_load(&self->held))
		return;
	self->thread = thread;
	self->rip = rip;
	self->frame = frame;
	self->by_nmi = by_nmi;
	atomic_store(&self->held, true);
	while (monitor_is_open()) {
		if (!by_nmi)
			cpu_flush_serve();
		arch_pause();
	}
	atomic_store(&self->held, false);
}

void monitor_hold(struct thread *thread)
{
	uint64_t rip = thread ? thread->md.arch.registers.rip : 0;
	hold(&held[md_cpu_self()], thread, rip, (uintptr_t)__builtin_frame_address(0), false);
}

void monitor_hold_here(const struct arch_registers *registers)
{
	hold(&held[md_cpu_self()], NULL, registers->rip, registers->rbp, true);
}

static bool all_held_until(uint64_t deadline)
{
	for (unsigned i = 0; i < md_cpu_count(); i++)
		while (i != md_cpu_self() && !atomic_load(&held[i].held)) {
			if (md_clock_now() > deadline)
				return false;
			cpu_flush_serve();
			arch_pause();
		}
	return true;
}

static void hold_others(void)
{
	for (unsigned i = 0; i < md_cpu_count(); i++)
		if (i != md_cpu_self())
			arch_cpu_nudge(i);
	if (all_held_until(md_clock_now() + PATIENCE))
		return;
	for (unsigned i = 0; i < md_cpu_count(); i++)
		if (i != md_cpu_self() && !atomic_load(&held[i].held))
			apic_interrupt_by_nmi(i);
	(void)all_held_until(md_clock_now() + PATIENCE);
}

// ---- What it shows ----------------------------------------------------------------------------------------------------

static void say(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void say(const char *format, ...)
{
	char line[160];
	va_list list;
	va_start(list, format);
	size_t length = format_text_list(line, sizeof(line), format, list);
	va_end(list);
	serial_monitor_put(line, length < sizeof(line) ? length : sizeof(line) - 1);
}

static void say_cpu(unsigned cpu)
{
	const struct held *h = &held[cpu];
	if (cpu == md_cpu_self()) {
		say("CPU %u has the monitor\n", cpu);
		backtrace_each((uintptr_t)__builtin_frame_address(0), serial_monitor_put);
	} else if (!atomic_load(&h->held)) {
		say("CPU %u does not answer\n", cpu);
	} else if (h->thread) {
		say("CPU %u: task %u (%s), thread %u, user mode at %lx\n", cpu, h->thread->task->id, h->thread->task->name,
		    h->thread->id, h->rip);
	} else {
		say("CPU %u: in the kernel%s\n", cpu, h->by_nmi ? ", in the middle of something" : "");
		if (h->by_nmi)
			backtrace_place(h->rip, serial_monitor_put);
		backtrace_each(h->frame, serial_monitor_put);
	}
}

static bool lists_are_whole(void)
{
	for (unsigned i = 0; i < md_cpu_count(); i++)
		if (i != md_cpu_self() && (!atomic_load(&held[i].held) || held[i].by_nmi))
			return false;
	return true;
}

static void obey(char key)
{
	say("%c\n", key);
	if (key == 'b')
		for (unsigned i = 0; i < md_cpu_count(); i++)
			say_cpu(i);
	else if (key == 'r')
		md_end(MD_END_REBOOT, 0);
	else if (!lists_are_whole())
		say("a CPU is in the middle of something: only b, c and r\n");
	else if (!kern_tell(key, serial_monitor_put))
		say("t tasks and threads, s seats, m memory, l log, b where each CPU is, c continue, r reboot\n");
}

void monitor_open(void)
{
	unsigned nobody = 0;
	if (!atomic_compare_exchange_strong(&holder, &nobody, md_cpu_self() + 1))
		return;
	hold_others();
	serial_monitor_begin();
	for (char key = '?'; key != 'c'; key = serial_monitor_get()) {
		obey(key);
		say("monitor> ");
	}
	say("c\n");
	serial_monitor_end();
	atomic_store(&holder, 0);
	for (unsigned i = 0; i < md_cpu_count(); i++) // the next time they are to be held anew
		while (atomic_load(&held[i].held))
			arch_pause();
}
