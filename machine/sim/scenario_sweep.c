// SPDX-License-Identifier: MIT
// The sweep: kills at (act, trap, point) for all of them; see scenario_sweep.h.
#include "scenario_sweep.h"

#include "scenario_books.h"

#include <abi/trap_numbers.h>
#include <kernel/seat/recipe.h>
#include <kernel/seat/seat.h>
#include <kernel/task/task.h>
#include <machine/md.h>

#define CALLS 3u          // that a client makes while its server is killed
#define TRAPS_LIMIT 200u  // of an act: more is an act that does not end
#define POINTS_LIMIT 5000u

static bool being_killed; // what an act expects need not come
static unsigned acts_done, kills;

void sweep_expect_at(const char *file, int line, const char *expression, uint64_t got, uint64_t wanted)
{
	if (got == wanted || being_killed)
		return;
	printf("%s:%d: sweep, seed %llu: %s gives %llu (0x%llx), not %llu\n", file, line, (unsigned long long)sim_seed(),
	       expression, (unsigned long long)got, (unsigned long long)got, (unsigned long long)wanted);
	sim_fail();
}

static void seat_add(struct task *registrar)
{
	struct {
		struct seat_recipe_head head;
		char strings[64];
	} packed = {.head = {.version = SEAT_RECIPE_VERSION,
			     .flags = SEAT_RESTART_DEMAND,
			     .backoff_initial = 1000000,
			     .backoff_cap = 1000000,
			     .backoff_reset = SEAT_RESET_ALWAYS}};
	char complaint[RECIPE_COMPLAINT_MAX] = "";
	int size = snprintf(packed.strings, sizeof(packed.strings), "%s%c/system/bin/sweep_server", SWEEP_SEAT, 0);
	struct recipe *recipe;
	kern_return_t result = recipe_parse(&packed, sizeof(packed.head) + (size_t)size + 1, &recipe, complaint);
	if (result == KERN_SUCCESS)
		result = seat_register(registrar, recipe, false, complaint);
	if (result != KERN_SUCCESS) {
		printf("the seat of the sweep cannot be added: %s (%d)\n", complaint, result);
		sim_fail();
	}
}

// ---- Clients --------------------------------------------------------------------------------------------------------

static void client_main(void *argument)
{
	const struct sweep_act *act = argument;
	act->run((mach_port_t)gila_trap(TRAP_task_self_trap, 0, 0, 0, 0, 0, 0, 0, 0, 0));
	acts_done++;
}

// One client, killed there. False: it was over before.
static bool client_kill(const struct sweep_act *act, unsigned trap, unsigned point)
{
	struct task *task = sim_client("victim", client_main, (void *)(uintptr_t)act);
	if (!task) {
		sim_fail();
		return false;
	}
	sim_kill_at(task, trap, point);
	sim_join(task);
	return sim_kill_happened();
}

static void act_sweep(const struct sweep_act *act)
{
	struct books before;
	being_killed = false;
	client_kill(act, TRAPS_LIMIT, 0); // undisturbed: whatever is made once and kept is made now
	books_take(&before);
	being_killed = true;
	for (unsigned trap = 0; trap < TRAPS_LIMIT; trap++) {
		unsigned point = 0;
		while (point < POINTS_LIMIT && client_kill(act, trap, point)) {
			char what[80];
			snprintf(what, sizeof(what), "act %s, killed in trap %u at point %u", act->name, trap, point);
			kills++;
			if (!books_compare(&before, what))
				return;
			point++;
		}
		if (point == 0)
			return; // there is no such trap
	}
}

SCENARIO(sweep_clients, 2)
{
	struct books before;
	books_take(&before);
	struct task *director = sim_task("director", NULL);
	seat_add(director);
	for (unsigned i = 0; i < sweep_act_count; i++)
		act_sweep(&sweep_acts[i]);
	if (acts_done == 0 || kills < 500 / sim_share)
		sim_fail();
	struct seat *seat = seat_find(SWEEP_SEAT);
	if (seat) {
		seat_remove(seat);
		seat_release(seat);
	}
	sim_kill(director);
	sim_settle();
	books_compare(&before, "after the sweep");
}

// ---- Shortage -------------------------------------------------------------------------------------------------------

#define SHORTAGES 120u
#define PATIENCE UINT64_C(50000000) // ns; an act whose messages failed may wait for ever

// Every n-th allocation fails during each act, for all n: nobody crashes, nothing is left over.
SCENARIO(sweep_shortage, 2)
{
	struct books before;
	struct task *director = sim_task("director", NULL);
	seat_add(director);
	being_killed = false;
	for (unsigned i = 0; i < sweep_act_count; i++)
		client_kill(&sweep_acts[i], TRAPS_LIMIT, 0);
	being_killed = true;
	for (unsigned i = 0; i < sweep_act_count; i++) {
		books_take(&before);
		for (unsigned n = 1 + sim_seed() % sim_share; n <= SHORTAGES; n += sim_share) {
			char what[80];
			struct task *task = sim_client("short", client_main, (void *)(uintptr_t)&sweep_acts[i]);
			if (!task) {
				sim_fail();
				return;
			}
			kalloc_fail_every(n);
			sim_sleep(PATIENCE);
			kalloc_fail_every(0);
			sim_kill(task);
			sim_join(task);
			snprintf(what, sizeof(what), "act %s, every allocation %u failed", sweep_acts[i].name, n);
			if (!books_compare(&before, what))
				return;
		}
	}
}

// ---- The server -----------------------------------------------------------------------------------------------------

static void caller_main(void *argument)
{
	mach_port_t self = (mach_port_t)gila_trap(TRAP_task_self_trap, 0, 0, 0, 0, 0, 0, 0, 0, 0);
	mach_port_t reply = (mach_port_t)gila_trap(TRAP_mach_reply_port, 0, 0, 0, 0, 0, 0, 0, 0, 0);
	unsigned failed = 0; // only one server is killed
	for (unsigned i = 0; i < CALLS; i++)
		failed += !sweep_call_seat(self, reply, failed == 0);
	acts_done++;
}

static bool server_kill(struct seat *seat, unsigned trap, unsigned point)
{
	sim_kill_next(trap, point, "/system/bin/sweep_server");
	seat_start(seat);
	struct task *caller = sim_client("caller", caller_main, NULL);
	if (!caller) {
		sim_fail();
		return false;
	}
	sim_join(caller);
	bool happened = sim_kill_happened();
	seat_stop(seat);
	sim_settle();
	return happened;
}

// The server of a seat is killed everywhere while a client calls: every call ends, the last one well.
SCENARIO(sweep_server, 2)
{
	struct books before;
	struct task *director = sim_task("director", NULL);
	seat_add(director);
	struct seat *seat = seat_find(SWEEP_SEAT);
	if (!seat) {
		sim_fail();
		return;
	}
	being_killed = false;
	server_kill(seat, TRAPS_LIMIT, 0);
	books_take(&before);
	for (unsigned trap = 0; trap < TRAPS_LIMIT; trap++) {
		unsigned point = 0;
		while (point < POINTS_LIMIT && server_kill(seat, trap, point)) {
			char what[80];
			snprintf(what, sizeof(what), "server killed in trap %u at point %u", trap, point);
			kills++;
			if (!books_compare(&before, what))
				return;
			point++;
		}
		if (point == 0)
			break;
	}
	seat_release(seat);
	if (acts_done < kills || kills < 50 / sim_share)
		sim_fail();
}
