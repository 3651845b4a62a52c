// SPDX-License-Identifier: MIT
// md_cpu_*, md_lock_*: a CPU with nothing to do in the kernel lets a thread run in user mode, or halts.
//
// md_cpu_idle does one of: reports births and deaths; takes a kick; gives one turn to a thread; halts. Interrupts are
// served where it halts and in md_cpu_poll, and bring a thread's turn to an end.
#include "cpu_state.h"
#include "life.h"
#include "address_space.h"
#include "user.h"

#define POLLS_MOST 4u // polls of a CPU that never idles before a thread gets a turn all the same

struct cpu_state cpu_states[MD_CPU_LIMIT];
static _Atomic uint64_t halted; // bit per CPU

void cpu_state_init(void)
{
	for (unsigned i = 0; i < MD_CPU_LIMIT; i++) {
		list_init(&cpu_states[i].fresh);
		list_init(&cpu_states[i].spent);
		cpu_states[i].timer_programmed = cpu_states[i].tick_at = UINT64_MAX;
	}
}

// ---- Locks ---------------------------------------------------------------------------------------------------------

void md_lock_wait(struct md_lock *lock)
{
	do
		while (atomic_load_explicit(&lock->word, memory_order_relaxed)) {
			cpu_flush_serve(); // the holder may wait for that
			arch_pause();
		}
	while (!md_lock_try(lock));
}

// ---- What other CPUs ask -------------------------------------------------------------------------------------------

void md_cpu_kick(unsigned cpu)
{
	atomic_store(&cpu_states[cpu].kicked, 1);
	if (atomic_load(&cpu_states[cpu].away))
		arch_cpu_nudge(cpu);
}

void cpu_wake_idle(void)
{
	uint64_t idle = atomic_load_explicit(&halted, memory_order_relaxed);
	if (idle)
		md_cpu_kick((unsigned)__builtin_ctzll(idle));
}

static void table_load(struct address_space *space)
{
	if (space)
		arch_table_load(space->root, space->tag, atomic_load(&space->flushes));
	else
		arch_table_load(0, 0, 0);
}

void cpu_flush_serve(void)
{
	struct cpu_state *self = cpu_state_here();
	uint64_t asked = atomic_load(&self->flush_asked);
	if (likely(asked == atomic_load_explicit(&self->flush_done, memory_order_relaxed)))
		return;
	struct address_space *space = arch_space_here();
	if (space && atomic_load(&space->leaving))
		cpu_load_space(NULL);
	else
		table_load(space);
	atomic_store(&self->flush_done, asked);
}

void cpu_change_space(struct address_space *space)
{
	struct address_space *old = arch_space_here();
	uint64_t bit = UINT64_C(1) << arch_cpu_number();
	if (space)
		atomic_fetch_or(&space->cpus, bit);
	table_load(space);
	arch_space_set(space);
	if (old)
		atomic_fetch_and(&old->cpus, ~bit);
}

void cpu_flush(struct address_space *space)
{
	uint64_t numbers[MD_CPU_LIMIT];
	unsigned here = arch_cpu_number();
	atomic_fetch_add(&space->flushes, 1); // who loads it from now on forgets; who had done so before is in `cpus`
	uint64_t cpus = atomic_load(&space->cpus);
	if (cpus >> here & 1)
		table_load(space);
	cpus &= ~(UINT64_C(1) << here);
	for (uint64_t left = cpus; left; left &= left - 1) {
		unsigned cpu = (unsigned)__builtin_ctzll(left);
		numbers[cpu] = atomic_fetch_add(&cpu_states[cpu].flush_asked, 1) + 1;
		if (atomic_load(&cpu_states[cpu].away))
			arch_cpu_nudge(cpu);
	}
	for (uint64_t left = cpus; left; left &= left - 1) {
		unsigned cpu = (unsigned)__builtin_ctzll(left);
		while (atomic_load(&cpu_states[cpu].flush_done) < numbers[cpu]) {
			cpu_flush_serve();
			arch_pause();
		}
	}
}

bool cpu_is_asked(struct cpu_state *self)
{
	return atomic_load(&self->kicked) || atomic_load(&self->flush_asked) != atomic_load(&self->flush_done);
}

// ---- Idling --------------------------------------------------------------------------------------------------------

static bool cpu_take_kick(struct cpu_state *self)
{
	return atomic_load_explicit(&self->kicked, memory_order_relaxed) && atomic_exchange(&self->kicked, 0);
}

static void cpu_halt(struct cpu_state *self)
{
	uint64_t bit = UINT64_C(1) << arch_cpu_number();
	atomic_fetch_or(&halted, bit);
	atomic_store(&self->away, 1);
	// Whoever lets a thread run or has a report looks at `halted` after that.
	if (!cpu_is_asked(self) && !user_any_waits() && !life_any_reports())
		arch_cpu_halt();
	atomic_store(&self->away, 0);
	atomic_fetch_and(&halted, ~bit);
	cpu_flush_serve();
}

void md_cpu_idle(void)
{
	struct cpu_state *self = cpu_state_here();
	self->polls = 0;
	cpu_flush_serve();
	if (life_report() || cpu_take_kick(self))
		return;
	struct thread *thread = user_take(self);
	if (thread)
		user_turn(self, thread);
	else
		cpu_halt(self);
}

void md_cpu_poll(void)
{
	struct cpu_state *self = cpu_state_here();
	cpu_flush_serve();
	life_report();
	arch_cpu_serve();
	if (++self->polls < POLLS_MOST)
		return;
	self->polls = 0;
	struct thread *thread = user_take(self);
	if (thread)
		user_turn(self, thread);
}
