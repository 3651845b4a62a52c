// SPDX-License-Identifier: MIT
// Processes and users (threads in user mode) of the machine sim: life, death, launch, and their reports to the kernel.
//
// 1. A process dies in two steps: process_end() stops its users at once (as SIGKILL does), and an event reports it
//    later; between the two the kernel may still do anything to its task.
// 2. While a report about a user is under way (`busy`), no other report about it or its process's death is made.
// 3. The kernel frees what is left: a user by md_thread_destroy, a process by md_task_destroy.
#include "machine.h"

#include <abi/trap_numbers.h>
#include <kernel/task/task.h>
#include <kernel/task/thread.h>
#include <mach/thread_status.h>
#include <stdlib.h>
#include <string.h>

#define PROGRAMS_LIMIT 256

struct program {
	const char *name;
	void (*function)(void *argument);
};

static struct program programs[PROGRAMS_LIMIT];
static unsigned program_count;

// ---- Users ----------------------------------------------------------------------------------------------------------

struct sim_user *user_current(void)
{
	if (!sim.current || sim.current->cpu >= 0)
		sim_misuse("this may be called only by a scripted client");
	return container_of(sim.current, struct sim_user, entity);
}

struct sim_process *process_current(void) { return user_current()->process; }

static void user_entry(void *argument)
{
	struct sim_user *user = argument;
	trap_interrupts(user);
	user->function(user->argument);
	sim_thread_exit();
}

struct sim_user *user_create(struct sim_process *process, void (*function)(void *), void *argument)
{
	struct sim_user *user = calloc(1, sizeof(*user));
	if (!user)
		sim_broken("memory");
	user->process = process;
	user->function = function;
	user->argument = argument;
	user->stack = address_space_reserve(process, SIM_USER_STACK_SIZE);
	if (!user->stack) {
		free(user);
		return NULL;
	}
	entity_start(&user->entity, -1, (void *)user->stack, SIM_USER_STACK_SIZE, user_entry, user); // NOLINT
	list_push_back(&process->users, &user->link);
	process->users_alive++;
	return user;
}

static void user_free(struct sim_user *user)
{
	if (user->stack && user->process->slot)
		address_space_release(user->process, user->stack, SIM_USER_STACK_SIZE);
	list_remove(&user->link);
	free(user);
}

void user_end(struct sim_user *user)
{
	struct sim_process *process = user->process;
	if (user->entity.state == ENTITY_DEAD)
		return;
	event_forget_user(user);
	if (user->thread && !user->busy)
		event_post((struct event){.kind = EVENT_DETACH, .user = user});
	else
		user->detach_later = true;
	if (--process->users_alive == 0 && process->state == PROCESS_ALIVE)
		process_end(process, KERN_DEATH_EXIT, 0);
	else
		entity_end(&user->entity);
}

// ---- Processes ------------------------------------------------------------------------------------------------------

void process_alive(struct sim_process *process)
{
	process->state = PROCESS_ALIVE;
	if (process->killed)
		process_end(process, KERN_DEATH_SIGNAL, 9);
}

void process_end(struct sim_process *process, enum kern_death why, int code)
{
	if (process->state == PROCESS_NEW)
		process->killed = true;
	if (process->state != PROCESS_ALIVE)
		return;
	process->state = PROCESS_DYING;
	process->death_why = why;
	process->death_code = code;
	if (sim.victim == process)
		sim.victim = NULL;
	bool self = false;
	list_for_each(link, &process->users) {
		struct sim_user *user = container_of(link, struct sim_user, link);
		event_forget_user(user);
		if (&user->entity == sim.current)
			self = true;
		else if (user->entity.state != ENTITY_DEAD)
			entity_end(&user->entity);
	}
	event_post((struct event){.kind = EVENT_DIED, .process = process});
	if (self)
		entity_end(sim.current);
}

static void process_free(struct sim_process *process)
{
	while (!list_empty(&process->users))
		user_free(container_of(process->users.next, struct sim_user, link));
	if (process->slot)
		address_space_destroy(process);
	free(process);
}

// ---- Reports --------------------------------------------------------------------------------------------------------

static void report_attach(struct sim_user *user)
{
	struct thread *thread = kern_thread_attach(user->process->task);
	if (!thread) {
		user->reported = true;
		if (user->entity.state != ENTITY_DEAD)
			user_end(user);
		return;
	}
	user->thread = thread;
	thread->md.user = user;
	if (thread->md.interrupted)
		user->interrupted = true;
	if (thread->md.killed && user->entity.state != ENTITY_DEAD)
		user_end(user);
	else
		entity_wake(&user->entity);
}

static void report_detach(struct sim_user *user)
{
	struct thread *thread = user->thread;
	if (!thread || user->reported)
		return;
	user->reported = true;
	event_forget_user(user);
	kern_thread_detach(thread);
}

static void report_death(struct sim_process *process)
{
	for (;;) {
		struct sim_user *user = NULL;
		list_for_each(link, &process->users) {
			struct sim_user *one = container_of(link, struct sim_user, link);
			if (one->thread && !one->reported)
				user = one;
		}
		if (!user)
			break;
		report_detach(user);
	}
	process->state = PROCESS_DEAD;
	address_space_destroy(process);
	kern_task_died(process->task, process->death_why, process->death_code);
}

// A report about the user, or its switch, is over.
static void report_over(struct sim_user *user)
{
	user->process->busy--;
	if (--user->busy == 0 && user->detach_later && user->thread && user->process->state == PROCESS_ALIVE)
		event_post((struct event){.kind = EVENT_DETACH, .user = user});
}

static struct kern_quick message_report(struct sim_user *user, const uint64_t *a)
{
	struct thread *thread = user->thread;
	atomic_store(&thread->md_word.served, MD_WORD_USER);
	struct kern_quick quick = kern_message_quick(a[0], (uint32_t)a[1], (uint32_t)a[2], thread);
	atomic_store(&(quick.next ? quick.next : thread)->md_word.served, MD_WORD_TRAP);
	return quick;
}

// A machine may try the quick way first: this one does so now and then, or as it was told.
static void trap_report(struct sim_user *user)
{
	struct kern_quick quick = {NULL, 0};
	bool tries = sim.options.quick == SIM_QUICK_ALWAYS || (sim.options.quick == SIM_QUICK_RANDOM && sim_random_below(2) == 0);
	const uint64_t *a = user->frame.arguments;
	*kern_trap_frame(user->thread) = user->frame;
	if (tries && user->frame.number == KERN_QUICK_MESSAGE)
		quick = message_report(user, a);
	else if (tries)
		quick = kern_trap_quick(user->thread, user->frame.number, a);
	if (quick.next) {
		sim.quick_served++;
		struct sim_user *next = quick.next->md.user;
		md_user_resume(quick.next, quick.result);
		if (next != user)
			report_over(next);
		return;
	}
	kern_trap(user->thread);
}

static bool user_is_busy(const struct sim_user *user)
{
	return user->busy || (user->thread && atomic_load(&user->thread->md_word.served));
}

static bool process_is_busy(const struct sim_process *process)
{
	list_for_each(link, &process->users)
		if (user_is_busy(container_of(link, struct sim_user, link)))
			return true;
	return process->busy > 0;
}

void process_event(struct event *event)
{
	struct sim_process *process = event->process ? event->process : event->user->process;
	struct sim_user *user = event->user;
	if (event->kind == EVENT_DIED ? process_is_busy(process) : user_is_busy(user)) {
		event_post(*event);
		return;
	}
	process->busy++;
	if (user)
		user->busy++;
	switch (event->kind) {
	case EVENT_ATTACH:
		report_attach(user);
		break;
	case EVENT_TRAP:
		trap_report(user);
		break;
	case EVENT_DETACH:
		report_detach(user); // the user is not touched any more
		process->busy--;     // its task is kept by the machine's reference
		return;
	case EVENT_DIED:
		report_death(process); // nor the process
		return;
	case EVENT_CALL: // with something on the user's stack, which stays until the report is over
		event->call(event->argument);
		break;
	}
	report_over(user);
}

// ---- The seam -------------------------------------------------------------------------------------------------------

kern_return_t md_task_init(struct task *task)
{
	struct sim_process *process = client_shortage() ? NULL : calloc(1, sizeof(*process));
	if (!process)
		return KERN_RESOURCE_SHORTAGE;
	process->task = task;
	list_init(&process->users);
	if (!address_space_create(process)) {
		free(process);
		return KERN_RESOURCE_SHORTAGE;
	}
	task->md.process = process;
	return KERN_SUCCESS;
}

void md_task_destroy(struct task *task)
{
	struct sim_process *process = task->md.process;
	if (!process)
		return;
	if (process->state == PROCESS_ALIVE || process->state == PROCESS_DYING)
		sim_misuse("md_task_destroy: the process of task %u has not been reported dead", task->id);
	if (sim.victim == process)
		sim.victim = NULL;
	task->md.process = NULL;
	process_free(process);
}

kern_return_t md_thread_init(struct thread *thread)
{
	thread->md = (struct md_thread){0};
	return client_shortage() ? KERN_RESOURCE_SHORTAGE : KERN_SUCCESS;
}

void md_thread_destroy(struct thread *thread)
{
	struct sim_user *user = thread->md.user;
	if (!user)
		return;
	if (!user->reported)
		sim_misuse("md_thread_destroy: the user of thread %u has not been detached", thread->id);
	thread->md.user = NULL;
	user_free(user);
}

static const struct program *program_find(const struct md_launch *launch)
{
	const char *bytes = launch->image;
	if (launch->image_size < 4 || memcmp(bytes, "sim:", 4) != 0)
		return NULL;
	size_t size = launch->image_size - 4;
	while (size > 0 && (bytes[4 + size - 1] == '\n' || bytes[4 + size - 1] == 0))
		size--;
	for (unsigned i = 0; i < program_count; i++)
		if (strlen(programs[i].name) == size && memcmp(programs[i].name, bytes + 4, size) == 0)
			return &programs[i];
	return NULL;
}

void sim_program(const char *name, void (*function)(void *))
{
	if (program_count == PROGRAMS_LIMIT)
		sim_broken("program table");
	programs[program_count++] = (struct program){name, function};
}

kern_return_t md_task_launch(struct task *task, const struct md_launch *launch)
{
	struct sim_process *process = task->md.process;
	if (process->state != PROCESS_NEW)
		return KERN_INVALID_ARGUMENT;
	sim_point();
	if (client_shortage())
		return KERN_RESOURCE_SHORTAGE;
	const struct program *program = program_find(launch);
	if (!program)
		return KERN_INVALID_ARGUMENT;
	process->arguments = client_strings(process, launch->arguments);
	process->environment = client_strings(process, launch->environment);
	struct sim_user *user = user_create(process, program->function, NULL);
	if (!process->arguments || !process->environment || !user)
		return KERN_RESOURCE_SHORTAGE;
	if (sim.victim_name && (!strcmp(launch->name, sim.victim_name) ||
				(launch->arguments && launch->arguments[0] &&
				 !strcmp(launch->arguments[0], sim.victim_name)))) {
		sim.victim = process;
		sim.victim_name = NULL;
	}
	process_alive(process);
	if (process->state == PROCESS_ALIVE)
		event_post((struct event){.kind = EVENT_ATTACH, .user = user});
	sim_point();
	return KERN_SUCCESS;
}

kern_return_t md_task_clone(struct task *child, struct thread *thread, uint64_t result) { return KERN_NOT_SUPPORTED; }

// Programs are functions of this very process.
kern_return_t md_task_flip(struct task *task, uint64_t choice, uint64_t *address, unsigned *bit) { return KERN_NOT_SUPPORTED; }

void md_task_kill(struct task *task)
{
	if (task->md.process)
		process_end(task->md.process, KERN_DEATH_SIGNAL, 9);
	sim_point();
}

kern_return_t md_thread_start(struct thread *thread, uint64_t entry, uint64_t stack, uint64_t argument)
{
	struct sim_process *process = thread->task->md.process;
	sim_point();
	if (process->state != PROCESS_ALIVE && process->state != PROCESS_NEW)
		return KERN_FAILURE;
	void (*function)(void *) = sim.thread_entry ? sim.thread_entry : (void (*)(void *))entry; // NOLINT
	struct sim_user *user = user_create(process, function, (void *)argument);		   // NOLINT
	if (!user)
		return KERN_RESOURCE_SHORTAGE;
	user->thread = thread;
	thread->md.user = user;
	if (process->state == PROCESS_NEW)
		process_alive(process);
	entity_wake(&user->entity);
	return KERN_SUCCESS;
}

void md_thread_kill(struct thread *thread)
{
	thread->md.killed = true;
	if (thread->md.user && thread->md.user->process->state == PROCESS_ALIVE)
		user_end(thread->md.user);
	sim_point();
}

void md_user_resume(struct thread *thread, uint64_t result)
{
	struct sim_user *user = thread->md.user;
	if (!user || user->entity.state == ENTITY_DEAD)
		return;
	if (!user->in_kernel)
		sim_misuse("md_user_resume: thread %u is not in a trap", thread->id);
	user->result = result;
	user->in_kernel = false;
	entity_wake(&user->entity);
	sim_point();
}

void md_user_interrupt(struct thread *thread)
{
	thread->md.interrupted = true;
	struct sim_user *user = thread->md.user;
	if (user) {
		user->interrupted = true;
		if (user->paused)
			entity_wake(&user->entity);
	}
	sim_point();
}

kern_return_t md_thread_get_state(struct thread *thread, int flavor, uint32_t *state, uint32_t *count)
{
	struct sim_user *user = thread->md.user;
	if (flavor != x86_THREAD_STATE64)
		return KERN_INVALID_ARGUMENT;
	if (!user || *count < x86_THREAD_STATE64_COUNT)
		return KERN_INVALID_ARGUMENT;
	*count = x86_THREAD_STATE64_COUNT;
	memcpy(state, user->registers, x86_THREAD_STATE64_COUNT * sizeof(*state));
	return KERN_SUCCESS;
}

kern_return_t md_thread_set_state(struct thread *thread, int flavor, const uint32_t *state, uint32_t count)
{
	struct sim_user *user = thread->md.user;
	if (flavor != x86_THREAD_STATE64 || !user || count != x86_THREAD_STATE64_COUNT)
		return KERN_INVALID_ARGUMENT;
	memcpy(user->registers, state, count * sizeof(*state));
	return KERN_SUCCESS;
}
