// SPDX-License-Identifier: MIT
// The director of the crowd: sets it up, kills clients and servers at random, waits for the end, and compares the
// kernel's books with those from before. See scenario_crowd.h.
#include "scenario_crowd.h"

#include "scenario_books.h"

#include <kernel/seat/recipe.h>
#include <kernel/seat/seat.h>
#include <kernel/task/task.h>
#include <machine/md.h>
#include <string.h>

#define KILLS 6u
#define DISTURBANCES 12u
#define LONGEST UINT64_C(120000000000) // of virtual time

void crowd_seat_name(unsigned seat, char name[32]) { snprintf(name, 32, "crowd/%u", seat); }

static void seat_add(struct task *registrar, unsigned number)
{
	struct {
		struct seat_recipe_head head;
		char strings[160];
	} packed = {.head = {.version = SEAT_RECIPE_VERSION,
			     .flags = number == 0 ? SEAT_RESTART_DEMAND : 0,
			     .backoff_initial = 1000000,
			     .backoff_cap = 5000000,
			     .backoff_reset = 50000000,
			     .heartbeat_interval = number == 1 ? 20000000 : 0,
			     .argument_count = 1}};
	char name[32], complaint[RECIPE_COMPLAINT_MAX];
	crowd_seat_name(number, name);
	int size = snprintf(packed.strings, sizeof(packed.strings), "%s%c%s%c%s", name, 0, "/system/bin/crowd_server", 0, name);
	struct recipe *recipe;
	kern_return_t result = recipe_parse(&packed, sizeof(packed.head) + (size_t)size + 1, &recipe, complaint);
	if (result == KERN_SUCCESS)
		result = seat_register(registrar, recipe, false, complaint);
	if (result != KERN_SUCCESS)
		model_broken("the seat %s cannot be added: %s (%d)", name, complaint, result);
}

static void seat_with(unsigned number, void (*function)(struct seat *seat))
{
	char name[32];
	crowd_seat_name(number, name);
	struct seat *seat = seat_find(name);
	if (!seat) {
		model_broken("the seat %s is not there", name);
		return;
	}
	function(seat);
	seat_release(seat);
}

static void seat_kill_occupant(struct seat *seat)
{
	lock_acquire(&seat->lock);
	struct task *task = seat->occupant ? task_reference(seat->occupant) : NULL;
	lock_release(&seat->lock);
	if (task) {
		sim_kill(task);
		task_release(task);
	}
}

static void disturb(struct task *const clients[CROWD_CLIENTS], unsigned *kills)
{
	unsigned victim = (unsigned)sim_random_below(CROWD_CLIENTS), seat = (unsigned)sim_random_below(CROWD_SEATS);
	switch (sim_random_below(3)) {
	case 0:
		if (*kills >= KILLS || crowd.stopped[victim] || crowd.killed[victim])
			break;
		(*kills)++;
		crowd.killed[victim] = true;
		sim_kill(clients[victim]);
		break;
	case 1:
		seat_with(seat, seat_kill_occupant);
		break;
	default:
		seat_with(seat, seat_restart);
	}
}

static void crowd_run(struct task *director)
{
	struct task *clients[CROWD_CLIENTS];
	unsigned kills = 0;
	for (unsigned i = 0; i < CROWD_SEATS; i++)
		seat_add(director, i);
	for (unsigned i = 0; i < CROWD_CLIENTS; i++) {
		char name[16];
		snprintf(name, sizeof(name), "client %u", i);
		clients[i] = sim_client(name, crowd_client_main, (void *)(uintptr_t)i);
		if (!clients[i]) {
			model_broken("client %u is refused", i);
			return;
		}
	}
	for (unsigned i = 0; i < DISTURBANCES; i++) {
		sim_sleep(sim_random_below(3000000));
		disturb(clients, &kills);
	}
	for (unsigned i = 0; i < CROWD_CLIENTS; i++) {
		enum kern_death why;
		int code;
		kern_return_t result = task_wait(clients[i], md_clock_now() + LONGEST, &why, &code);
		if (result != KERN_SUCCESS)
			model_broken("client %u does not end (%d)", i, result);
		if (result == KERN_SUCCESS && !crowd.killed[i] && !crowd.drained[i])
			model_broken("client %u has died by itself: %d, code %d", i, why, code);
		task_release(clients[i]);
	}
	for (unsigned i = 0; i < CROWD_SEATS; i++)
		seat_with(i, seat_remove);
}

SCENARIO(crowd, 4)
{
	struct books before;
	bool alive[CROWD_CLIENTS];
	books_take(&before);
	struct task *director = sim_task("director", NULL);
	crowd_run(director);
	sim_kill(director);
	sim_settle();
	for (unsigned i = 0; i < CROWD_CLIENTS; i++)
		alive[i] = crowd.drained[i];
	model_check_end(alive);
	if (sim_verbose())
		model_print();
	if (crowd.calls > 0 && crowd.answers == 0 && crowd.server_deaths == 0)
		model_broken("%u calls and no answer", crowd.calls);
	books_compare(&before, "crowd");
}
