// SPDX-License-Identifier: MIT
// The seeded scheduler of coroutines, and what of the seam is about CPUs: CPUs, locks, time, contexts.
//
// 1. The running entity is sim.current and is in sim.runnable; NULL while the host's own stack runs.
// 2. Every decision takes its randomness from sim.random alone, so that a seed decides the whole run.
// 3. A CPU that waits is woken by what it waits for (lock_wake, event_post, md_cpu_kick, the timer), never polled.
#include "machine.h"

#include <stdlib.h>

struct sim sim;

// ---- Randomness -----------------------------------------------------------------------------------------------------

// splitmix64 (Steele, Lea, Flood 2014).
uint64_t sim_random(void)
{
	uint64_t z = sim.random += 0x9e3779b97f4a7c15u;
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

static void history_add(uint64_t what)
{
	sim.history = (sim.history ^ what) * 0x100000001b3u;
	sim.history ^= sim.history >> 29;
}

// ---- Entities -------------------------------------------------------------------------------------------------------

static void runnable_add(struct entity *entity)
{
	if (sim.runnable_count == sim.runnable_room) {
		sim.runnable_room = sim.runnable_room ? sim.runnable_room * 2 : 64;
		sim.runnable = realloc(sim.runnable, sim.runnable_room * sizeof(*sim.runnable));
		if (!sim.runnable)
			sim_broken("memory");
	}
	entity->state = ENTITY_RUNNABLE;
	entity->place = sim.runnable_count;
	sim.runnable[sim.runnable_count++] = entity;
}

static void runnable_remove(struct entity *entity)
{
	struct entity *last = sim.runnable[--sim.runnable_count];
	sim.runnable[entity->place] = last;
	last->place = entity->place;
}

void entity_start(struct entity *entity, int cpu, void *stack, size_t size, void (*entry)(void *), void *argument)
{
	*entity = (struct entity){.cpu = cpu, .state = ENTITY_WAITING};
	isa_stack_prepare(stack, size);
	isa_context_make(&entity->context, stack, size, entry, argument);
}

void entity_wake(struct entity *entity)
{
	if (entity->state != ENTITY_RUNNABLE && entity->state != ENTITY_DEAD)
		runnable_add(entity);
}

static void entity_switch(struct entity *to)
{
	struct entity *from = sim.current;
	if (to == from)
		return;
	history_add(to->cpu >= 0 ? (uint64_t)to->cpu : 1000 + to->place);
	sim.current = to;
	isa_context_switch(&from->context, &to->context);
}

static struct entity *cpu_idle_one(void)
{
	unsigned first = (unsigned)sim_random_below(sim.cpu_count);
	for (unsigned i = 0; i < sim.cpu_count; i++) {
		struct entity *cpu = &sim.cpus[(first + i) % sim.cpu_count];
		if (cpu->state == ENTITY_IDLE)
			return cpu;
	}
	return NULL;
}

// Lets time or an event make somebody runnable; ends the simulation when nothing can.
static void entity_unstick(void)
{
	for (unsigned i = 0; i < sim.cpu_count; i++)
		if (sim.cpus[i].state == ENTITY_LOCK)
			sim_hang("every CPU waits for a lock that nobody will release");
	struct entity *idle = cpu_idle_one();
	if (!idle)
		sim_hang("no CPU is left");
	if (sim.event_count > 0) {
		entity_wake(idle);
		return;
	}
	if (sim.settling || !sim.booted) {
		event_post((struct event){.kind = EVENT_CALL, .call = NULL});
		return;
	}
	if (sim.timer == UINT64_MAX)
		sim_hang("nothing can run and no timer is armed");
	if (sim.clock < sim.timer)
		sim.clock = sim.timer;
	entity_wake(idle);
}

static void entity_choose(void)
{
	while (sim.runnable_count == 0)
		entity_unstick();
	entity_switch(sim.runnable[sim_random_below(sim.runnable_count)]);
}

void entity_sleep(enum entity_state state)
{
	struct entity *self = sim.current;
	runnable_remove(self);
	self->state = state;
	entity_choose();
}

void entity_end(struct entity *entity)
{
	if (entity->state == ENTITY_RUNNABLE)
		runnable_remove(entity);
	entity->state = ENTITY_DEAD;
	if (entity == sim.current) {
		entity_choose();
		sim_broken("a dead coroutine was resumed");
	}
}

// ---- Scheduling points ----------------------------------------------------------------------------------------------

static void step(void)
{
	sim.clock += SIM_STEP_TIME;
	if (sim.timer <= sim.clock) {
		struct entity *idle = cpu_idle_one();
		if (idle)
			entity_wake(idle);
	}
	uint64_t limit = sim.options.step_limit ? sim.options.step_limit : 10000000;
	if (++sim.steps > limit)
		sim_hang("the step limit is reached");
}

static void victim_point(void)
{
	if (!sim.victim || !sim.victim_user || sim.victim_points++ != sim.victim_point)
		return;
	struct sim_process *victim = sim.victim;
	sim.victim = NULL;
	sim.victim_user = NULL;
	sim.victim_happened = true;
	process_end(victim, KERN_DEATH_SIGNAL, 9);
}

void sim_point(void)
{
	if (!sim.current || sim.reporting || sim.stopped)
		return;
	victim_point();
	step();
	if (sim_random_below(sim.switch_rate) == 0)
		entity_choose();
	if (sim.current->cpu < 0)
		trap_interrupts(user_current());
}

// Called by every basic block of code that was compiled with -fsanitize-coverage=trace-pc.
void __sanitizer_cov_trace_pc(void) __attribute__((weak)); // libFuzzer has one of its own
void __sanitizer_cov_trace_pc(void)
{
	if (--sim.countdown > 0 || !sim.current || sim.reporting || sim.stopped)
		return;
	sim.countdown = (int)(1 + sim_random_below(2 * (unsigned)sim.preempt_rate));
	step();
	entity_choose();
}

// ---- Events ---------------------------------------------------------------------------------------------------------

void event_post(struct event event)
{
	if (sim.event_count == sim.event_room) {
		sim.event_room = sim.event_room ? sim.event_room * 2 : 64;
		sim.events = realloc(sim.events, sim.event_room * sizeof(*sim.events));
		if (!sim.events)
			sim_broken("memory");
	}
	sim.events[sim.event_count++] = event;
	struct entity *idle = cpu_idle_one();
	if (idle)
		entity_wake(idle);
}

void event_forget_user(struct sim_user *user)
{
	for (unsigned i = 0; i < sim.event_count;) {
		if (sim.events[i].user == user)
			sim.events[i] = sim.events[--sim.event_count];
		else
			i++;
	}
}

// Reports one thing that has happened, if any.
static bool event_serve(void)
{
	bool due = sim.timer <= sim.clock;
	unsigned choices = sim.event_count + due;
	if (choices == 0)
		return false;
	unsigned choice = (unsigned)sim_random_below(choices);
	if (choice == sim.event_count) {
		sim.timer = UINT64_MAX;
		kern_timer_due();
		return true;
	}
	struct event event = sim.events[choice];
	sim.events[choice] = sim.events[--sim.event_count];
	if (event.kind == EVENT_CALL && !event.user)
		client_event(event.call, event.argument);
	else
		process_event(&event);
	return true;
}

// ---- CPUs -----------------------------------------------------------------------------------------------------------

static struct entity *cpu_current(const char *what)
{
	if (!sim.current || sim.current->cpu < 0)
		sim_misuse("%s: no CPU runs this code", what);
	return sim.current;
}

unsigned md_cpu_count(void) { return sim.cpu_count; }

unsigned md_cpu_self(void) { return sim.current && sim.current->cpu >= 0 ? (unsigned)sim.current->cpu : 0; }

static void cpu_entry(void *argument) { kern_cpu_main(); }

void md_cpu_start_others(void)
{
	if (sim.started_others)
		sim_misuse("md_cpu_start_others: called twice");
	sim.started_others = true;
	for (unsigned i = 1; i < sim.cpu_count; i++) {
		entity_start(&sim.cpus[i], (int)i, md_stack_alloc(), MD_STACK_SIZE, cpu_entry, NULL);
		entity_wake(&sim.cpus[i]);
	}
	sim_point();
}

void md_cpu_idle(void)
{
	struct entity *cpu = cpu_current("md_cpu_idle");
	if (cpu->locks_held > 0)
		sim_misuse("CPU %d idles while it holds %u locks", cpu->cpu, cpu->locks_held);
	sim_point();
	if (!cpu->kicked && sim.event_count == 0 && sim.timer > sim.clock)
		entity_sleep(ENTITY_IDLE);
	cpu->kicked = false;
	event_serve();
}

void md_cpu_poll(void)
{
	cpu_current("md_cpu_poll");
	sim_point();
	event_serve();
}

void md_cpu_kick(unsigned number)
{
	if (number >= sim.cpu_count)
		sim_misuse("md_cpu_kick: there is no CPU %u", number);
	struct entity *cpu = &sim.cpus[number];
	cpu->kicked = true;
	if (cpu->state == ENTITY_IDLE)
		entity_wake(cpu);
	sim_point();
}

// ---- Locks ----------------------------------------------------------------------------------------------------------

void md_lock_init(struct md_lock *lock) { *lock = (struct md_lock){.holder = -1}; }

static void lock_take(struct md_lock *lock)
{
	lock->held = true;
	lock->holder = (int16_t)md_cpu_self();
	if (sim.current)
		sim.current->locks_held++;
}

void md_lock_acquire(struct md_lock *lock)
{
	sim_point();
	while (lock->held && !sim.reporting) {
		struct entity *self = cpu_current("md_lock_acquire");
		if (lock->holder == self->cpu)
			sim_misuse("CPU %d takes a lock that it holds", self->cpu);
		self->lock = lock;
		sim.lock_waiters++;
		entity_sleep(ENTITY_LOCK);
		sim.lock_waiters--;
	}
	lock_take(lock);
}

bool md_lock_try(struct md_lock *lock)
{
	sim_point();
	if (lock->held)
		return false;
	lock_take(lock);
	return true;
}

void md_lock_release(struct md_lock *lock)
{
	if (!lock->held)
		sim_misuse("md_lock_release: the lock is not held");
	if (lock->holder != (int16_t)md_cpu_self() && !sim.reporting)
		sim_misuse("CPU %u releases a lock that CPU %d holds", md_cpu_self(), lock->holder);
	lock->held = false;
	lock->holder = -1;
	if (sim.current)
		sim.current->locks_held--;
	for (unsigned i = 0; sim.lock_waiters > 0 && i < sim.cpu_count; i++)
		if (sim.cpus[i].state == ENTITY_LOCK && sim.cpus[i].lock == lock)
			entity_wake(&sim.cpus[i]);
	sim_point();
}

// ---- Time -----------------------------------------------------------------------------------------------------------

uint64_t md_clock_now(void) { return sim.clock; }

// The simulation begins at 2026-01-01T00:00:00Z.
int64_t md_clock_calendar(void) { return (int64_t)(INT64_C(1767225600000000000) + (int64_t)sim.clock); }

void md_timer_arm(uint64_t deadline)
{
	sim.timer = deadline;
	if (deadline <= sim.clock) {
		struct entity *idle = cpu_idle_one();
		if (idle)
			entity_wake(idle);
	}
	sim_point();
}

// ---- Contexts -------------------------------------------------------------------------------------------------------

void md_context_make(struct md_context *context, void *stack, void (*entry)(void *), void *argument)
{
	isa_context_make(&context->isa, stack, MD_STACK_SIZE, entry, argument);
}

void md_context_switch(struct md_context *save, struct md_context *resume)
{
	isa_context_switch(&save->isa, &resume->isa);
}

_Noreturn void md_stack_restart(void *stack, void (*entry)(void *), void *argument)
{
	isa_stack_restart(stack, MD_STACK_SIZE, entry, argument);
}
