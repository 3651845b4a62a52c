// SPDX-License-Identifier: MIT
// What tests and scripted clients are offered by sim.h, in terms of the machine and of the kernel's public functions.
#include "machine.h"

#include <kernel/core/sched.h>
#include <kernel/core/wait.h>
#include <kernel/task/task.h>
#include <kernel/task/thread.h>
#include <string.h>

// ---- Making clients -------------------------------------------------------------------------------------------------

struct making {
	const char *name;
	struct task *parent, *task;
	struct entity *waiting; // the client that asked
};

static void task_make(struct making *making)
{
	making->task = kern_task_attach(making->parent, making->name);
	if (making->task)
		process_alive(making->task->md.process);
}

static void task_make_for_client(void *argument)
{
	struct making *making = argument;
	struct entity *waiting = making->waiting;
	if (waiting->state == ENTITY_WAITING) {
		task_make(making);
		entity_wake(waiting);
	}
}

struct task *sim_task(const char *name, struct task *parent)
{
	struct making making = {.name = name, .parent = parent};
	if (sim.current && sim.current->cpu >= 0) {
		task_make(&making);
	} else {
		struct sim_user *user = user_current();
		making.waiting = &user->entity;
		event_post((struct event){
			.kind = EVENT_CALL, .user = user, .call = task_make_for_client, .argument = &making});
		entity_sleep(ENTITY_WAITING);
	}
	return making.task;
}

void sim_thread(struct task *task, void (*function)(void *), void *argument)
{
	struct sim_process *process = task->md.process;
	if (process->state != PROCESS_ALIVE)
		return;
	struct sim_user *user = user_create(process, function, argument);
	if (!user)
		sim_broken("address space of a client");
	event_post((struct event){.kind = EVENT_ATTACH, .user = user});
	sim_point();
}

struct task *sim_client(const char *name, void (*function)(void *), void *argument)
{
	struct task *task = sim_task(name, NULL);
	if (!task)
		return NULL;
	task_reference(task);
	sim_thread(task, function, argument);
	return task;
}

uint64_t sim_soon = 500000; // time passes only while somebody can run
unsigned sim_share = 1;
uint64_t sim_now(void) { return md_clock_now(); }
int sim_alone_begin(void) { return 0; }
void sim_alone_end(const int *alone) {}

void sim_thread_entry(void (*function)(void *)) { sim.thread_entry = function; }

void sim_fail_every(unsigned n)
{
	sim.fail_every = n;
	sim.fail_counter = 0;
}

bool client_shortage(void) { return sim.fail_every && ++sim.fail_counter % sim.fail_every == 0; }

void sim_kill(struct task *task)
{
	if (task->md.process)
		process_end(task->md.process, KERN_DEATH_SIGNAL, 9);
	sim_point();
}

void sim_kill_at(struct task *task, unsigned trap, unsigned point)
{
	sim.victim = task->md.process;
	sim.victim_user = NULL;
	sim.victim_trap = trap;
	sim.victim_point = point;
	sim.victim_happened = false;
	sim.victim_name = NULL;
}

void sim_kill_next(unsigned trap, unsigned point, const char *name)
{
	sim.victim = NULL;
	sim.victim_user = NULL;
	sim.victim_trap = trap;
	sim.victim_point = point;
	sim.victim_happened = false;
	sim.victim_name = name;
}

bool sim_kill_happened(void) { return sim.victim_happened; }

// ---- Waiting --------------------------------------------------------------------------------------------------------

void sim_settle(void)
{
	struct thread *self = thread_current();
	if (!self || sim.settling)
		sim_misuse("sim_settle: one kernel thread at a time");
	wait_begin(NULL, WAIT_FOREVER, WAIT_NO_KILL, "settle");
	sim.settling = self;
	thread_block();
	wait_end(self);
}

// A timer may be due as soon as the settled thread runs again; then it is tried once more.
void sim_stop(void)
{
	for (;;) {
		sim_settle();
		sim.stopped = true;
		if (sim.runnable_count == 1 && sim.event_count == 0 && sim.lock_waiters == 0)
			return;
		sim.stopped = false;
	}
}

void sim_resume(void) { sim.stopped = false; }

void sim_sleep(uint64_t ns)
{
	wait_begin(NULL, md_clock_now() + ns, WAIT_NO_KILL, "sleep");
	thread_block();
	wait_end(thread_current());
}

void sim_join(struct task *task)
{
	enum kern_death why;
	int code;
	if (task_wait(task, WAIT_FOREVER, &why, &code) != KERN_SUCCESS)
		sim_misuse("sim_join: the wait for task %u was aborted", task->id);
	task_release(task);
	sim_settle();
}

static void main_thread(void *argument)
{
	sim.options.main(sim.options.argument);
	sim_end(sim.status);
}

static void client_booted(void)
{
	sim.booted = true;
	if (sim.options.main && thread_create_kernel("test", main_thread, NULL) != KERN_SUCCESS)
		sim_broken("kernel memory for the main thread");
}

void client_event(void (*call)(void *), void *argument)
{
	if (call) {
		call(argument);
		return;
	}
	if (!sim.booted) {
		client_booted();
		return;
	}
	struct thread *thread = sim.settling;
	sim.settling = NULL;
	if (thread && wait_claim_thread(thread, WAIT_AWAKENED))
		thread_ready(thread);
}

// ---- In clients -----------------------------------------------------------------------------------------------------

static void *arena_alloc(struct sim_process *process, size_t size)
{
	if (!process->arena)
		process->arena = address_space_reserve(process, SIM_ARENA_SIZE);
	size = (size + 15) & ~(size_t)15;
	if (!process->arena || size > SIM_ARENA_SIZE - process->arena_used)
		return NULL;
	void *bytes = (void *)(process->arena + process->arena_used); // NOLINT
	process->arena_used += size;
	return bytes;
}

void *sim_alloc(size_t size) { return arena_alloc(process_current(), size); }

char **client_strings(struct sim_process *process, const char *const *strings)
{
	size_t count = 0;
	while (strings && strings[count])
		count++;
	char **copies = arena_alloc(process, (count + 1) * sizeof(*copies));
	for (size_t i = 0; copies && i < count; i++) {
		size_t size = strlen(strings[i]) + 1;
		copies[i] = arena_alloc(process, size);
		if (!copies[i])
			return NULL;
		memcpy(copies[i], strings[i], size);
	}
	return copies;
}

char **sim_arguments(void) { return process_current()->arguments; }
char **sim_environment(void) { return process_current()->environment; }
struct task *sim_self(void) { return process_current()->task; }

_Noreturn void sim_exit(int code)
{
	process_end(process_current(), KERN_DEATH_EXIT, code);
	sim_broken("a dead client goes on");
}

_Noreturn void sim_crash(int signal)
{
	process_end(process_current(), KERN_DEATH_SIGNAL, signal);
	sim_broken("a dead client goes on");
}

_Noreturn void sim_pause(void)
{
	struct sim_user *user = user_current();
	for (;;) {
		user->paused = true;
		entity_sleep(ENTITY_WAITING);
		user->paused = false;
		trap_interrupts(user);
	}
}

// The first task of every simulation that does not bring its own archive: there, and still.
static void init_main(void *argument) { sim_pause(); }
SIM_PROGRAM(init, init_main);

_Noreturn void sim_thread_exit(void)
{
	user_end(user_current());
	sim_broken("a dead client goes on");
}

// ---- Host descriptors -----------------------------------------------------------------------------------------------

int sim_descriptor_open(uint32_t token)
{
	struct sim_process *process = process_current();
	for (int i = 0; i < SIM_DESCRIPTORS; i++) {
		if (process->descriptors[i] == 0) {
			process->descriptors[i] = token;
			return i;
		}
	}
	return -1;
}

uint32_t sim_descriptor_token(int number)
{
	return number >= 0 && number < SIM_DESCRIPTORS ? process_current()->descriptors[number] : 0;
}

void sim_descriptor_close(int number) { process_current()->descriptors[number] = 0; }

unsigned sim_descriptors_in_transit(void) { return sim.descriptors_in_transit; }

kern_return_t md_descriptor_take(struct md_descriptor *descriptor, struct task *task, int number)
{
	sim_point();
	struct sim_process *process = task->md.process;
	if (!process || process->state != PROCESS_ALIVE)
		return KERN_INVALID_TASK;
	if (number < 0 || number >= SIM_DESCRIPTORS || process->descriptors[number] == 0)
		return KERN_INVALID_ARGUMENT;
	descriptor->token = process->descriptors[number];
	sim.descriptors_in_transit++;
	return KERN_SUCCESS;
}

kern_return_t md_descriptor_give(struct md_descriptor *descriptor, struct task *task, int *number)
{
	sim_point();
	struct sim_process *process = task->md.process;
	if (!process || process->state != PROCESS_ALIVE)
		return KERN_INVALID_TASK;
	for (int i = 0; i < SIM_DESCRIPTORS; i++) {
		if (process->descriptors[i] == 0) {
			process->descriptors[i] = descriptor->token;
			*number = i;
			return KERN_SUCCESS;
		}
	}
	return KERN_RESOURCE_SHORTAGE;
}

void md_descriptor_close(struct md_descriptor *descriptor)
{
	if (descriptor->token == 0)
		return;
	descriptor->token = 0;
	sim.descriptors_in_transit--;
}
