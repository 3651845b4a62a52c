// SPDX-License-Identifier: MIT
// The trap, as a scripted client does it: the frame is left for a CPU to fetch, and the client waits for its result.
#include "machine.h"

#include <abi/trap_numbers.h>
#include <gila/trap_entry.h>

unsigned char gila_trap_bare; // never: clients here have no user mode of their own

// Waits in the kernel. The process may end at any point here; then this never returns.
static uint64_t trap_enter(struct sim_user *user, const struct kern_trap_frame *frame)
{
	struct sim_process *process = user->process;
	user->frame = *frame;
	user->in_kernel = true;
	bool watched = sim.victim == process && process->traps == sim.victim_trap;
	process->traps++;
	if (watched) {
		sim.victim_user = user;
		sim.victim_points = 0;
		sim_point();
	}
	event_post((struct event){.kind = EVENT_TRAP, .user = user});
	entity_sleep(ENTITY_WAITING);
	if (watched && sim.victim_user == user) {
		sim_point();
		sim.victim = NULL;
		sim.victim_user = NULL;
	}
	return user->result;
}

// What md_user_interrupt asked for, before the client goes on.
void trap_interrupts(struct sim_user *user)
{
	while (user->interrupted && !user->in_kernel) {
		user->interrupted = false;
		trap_enter(user, &(struct kern_trap_frame){.number = TRAP_ast});
	}
}

uint64_t gila_trap(unsigned number, uint64_t a0, uint64_t a1, uint64_t a2, uint64_t a3, uint64_t a4, uint64_t a5,
		   uint64_t a6, uint64_t a7, uint64_t a8)
{
	struct sim_user *user = user_current();
	sim_point();
	trap_interrupts(user);
	struct kern_trap_frame frame = {number, {a0, a1, a2, a3, a4, a5, a6, a7, a8}};
	uint64_t result = trap_enter(user, &frame);
	trap_interrupts(user);
	sim_point();
	return result;
}
