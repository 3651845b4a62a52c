// SPDX-License-Identifier: MIT
// What the machine keeps of each CPU: whether it listens, which address space it sees, who is to run there in user
// mode.
//
// 1. A CPU says `away`, then looks at what is asked of it, then halts or goes to user mode; who asks writes that down,
//    then looks at `away` and nudges: one of them sees the other.
// 2. Flushes are numbered: who asks waits until flush_done has reached his number. CPUs serve them wherever they wait
//    for something (locks, other flushes), where they poll, and when they are nudged, so nobody waits for ever.
#ifndef MACHINE_BARE_CPU_STATE_H
#define MACHINE_BARE_CPU_STATE_H

#include "bare.h"

struct address_space;

struct cpu_state {
	_Atomic uint32_t away;        // [a] halts, or is in user mode
	_Atomic uint32_t kicked;      // [a]
	_Atomic uint64_t flush_asked; // [a]
	_Atomic uint64_t flush_done;  // [o] to change
	struct md_lock users_lock;
	struct list fresh;            // [users_lock] threads that come from the kernel, in order
	struct list spent;            // [users_lock] threads whose turn is over; after all fresh ones
	_Atomic unsigned users;       // [users_lock to change] in both
	uint64_t timer_programmed;    // [o] what the CPU's timer is set to
	uint64_t tick_at;             // [o] UINT64_MAX: no tick is under way
	struct thread *last;          // [o] who had the last turn; only compared
	bool slice_over;              // [o] a tick came in the turn of `last`
	bool turn_spent;              // [o] `last` came from the list of the spent
	bool spent_first;             // [o] with the next turn: a whole tick was the fresh ones'
	unsigned polls;               // [o] since a thread had a turn in user mode
} __attribute__((aligned(128)));

extern struct cpu_state cpu_states[MD_CPU_LIMIT];

static inline struct cpu_state *cpu_state_here(void) { return &cpu_states[arch_cpu_number()]; }

// idle.c
void cpu_state_init(void);
// Serves what others have asked this CPU to forget.
void cpu_flush_serve(void);
// All CPUs that see the space forget what they remember of its pages. Its lock may be held.
void cpu_flush(struct address_space *space);
// This CPU sees the space from now on; NULL: none.
void cpu_change_space(struct address_space *space);
static inline void cpu_load_space(struct address_space *space)
{
	if (unlikely(arch_space_here() != space))
		cpu_change_space(space);
}
// Whether something was asked of the CPU that it has not done yet.
bool cpu_is_asked(struct cpu_state *self);
// A CPU that halts is woken if there is one.
void cpu_wake_idle(void);

// timer.c
#define TICK UINT64_C(10000000) // ns; a slice is one of them at most
void timer_interrupt(void);
// A turn of the thread begins: there will be a tick.
void timer_start_tick(struct cpu_state *cpu);
static inline void timer_turn_begin(struct cpu_state *cpu, struct thread *thread)
{
	cpu->last = thread;
	cpu->slice_over = false;
	if (unlikely(cpu->tick_at == UINT64_MAX))
		timer_start_tick(cpu);
}

#endif
