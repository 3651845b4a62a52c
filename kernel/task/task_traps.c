// SPDX-License-Identifier: MIT
// Tasks and threads by trap (abi/task_traps.defs, abi/mach_task_traps.defs).
#include "task.h"

#include "../core/sched.h"
#include "../seat/grants.h"
#include "task_port.h"
#include "thread.h"
#include "thread_start.h"

#include <abi/trap_kernel.h>
#include <gila/monitor.h>
#include <gila/task.h>
#include <mach/thread_switch.h>

_Static_assert((int)GILA_DEATH_EXIT == KERN_DEATH_EXIT && (int)GILA_DEATH_SIGNAL == KERN_DEATH_SIGNAL &&
		       (int)GILA_DEATH_LOAD == KERN_DEATH_LOAD && (int)GILA_DEATH_PROTOCOL == KERN_DEATH_PROTOCOL,
	       "deaths are told as the machine tells them");

#define MILLISECOND UINT64_C(1000000)
#define LOG_MOST 1024u
#define RANDOM_MOST 256u

void trap_null(struct thread *self) {}
void trap_ast(struct thread *self) {} // thread_return does what is asked

// Gives the calling task a right; MACH_PORT_NULL when that fails.
static mach_port_name_t give(struct thread *self, struct right right)
{
	mach_port_name_t name = MACH_PORT_NULL;
	if (space_insert_right(&self->task->space, right, &name) == KERN_SUCCESS)
		return name;
	right_release(right);
	return MACH_PORT_NULL;
}

mach_port_name_t trap_thread_self_trap(struct thread *self) { return give(self, thread_make_send(self)); }
mach_port_name_t trap_task_self_trap(struct thread *self) { return give(self, task_make_send(self->task)); }
mach_port_name_t trap_host_self_trap(struct thread *self) { return give(self, host_make_send()); }

kern_return_t trap_task_for_pid(struct thread *self, mach_port_name_t target, int pid, user_addr_t port)
{
	struct task *task = task_find((uint32_t)pid);
	if (!task)
		return KERN_FAILURE;
	mach_port_name_t name = MACH_PORT_NULL;
	kern_return_t error = KERN_DENIED;
	if (task == self->task || grants_allow(self->task->grants, MONITOR_NAME)) {
		name = give(self, task_make_send(task));
		error = !MACH_PORT_VALID(name) ? KERN_FAILURE : md_copy_out(self, port, &name, sizeof(name));
	}
	task_release(task);
	return error;
}

kern_return_t trap_pid_for_task(struct thread *self, mach_port_name_t name, user_addr_t pid)
{
	struct task *task = task_named(self, name);
	if (!task)
		return KERN_FAILURE;
	int id = (int)task->id;
	task_release(task);
	return md_copy_out(self, pid, &id, sizeof(id));
}

uint32_t trap_task_id(struct thread *self) { return self->task->id; }
uint32_t trap_thread_id(struct thread *self) { return self->id; }

// ---- Giving way ----------------------------------------------------------------------------------------------------

boolean_t trap_swtch(struct thread *self)
{
	thread_yield();
	return false;
}

boolean_t trap_swtch_pri(struct thread *self, int priority)
{
	thread_yield();
	return false;
}

static void thread_slept(struct thread *self)
{
	wait_end(self);
	thread_return(KERN_SUCCESS);
}

kern_return_t trap_thread_switch(struct thread *self, mach_port_name_t thread, int option, uint32_t milliseconds)
{
	if (option != SWITCH_OPTION_WAIT) {
		thread_yield();
		return KERN_SUCCESS;
	}
	wait_begin(NULL, md_clock_now() + milliseconds * MILLISECOND, WAIT_INTERRUPTIBLE, "time");
	thread_block_continue(thread_slept);
}

// ---- Life and death ------------------------------------------------------------------------------------------------

void trap_task_exit(struct thread *self, int code) { task_terminate(self->task, KERN_DEATH_EXIT, code); }

void trap_task_abort(struct thread *self, int signal) { task_terminate(self->task, KERN_DEATH_SIGNAL, signal); }
void trap_thread_exit(struct thread *self) { thread_terminate(self); } // it ends on its way out

uint64_t trap_thread_start(struct thread *self, uint64_t entry, uint64_t stack, uint64_t argument, user_addr_t id)
{
	struct thread *thread = thread_create(self->task, self->task->name);
	if (!thread)
		return (uint64_t)KERN_RESOURCE_SHORTAGE << 32;
	uint32_t number = thread->id;
	kern_return_t error = id ? md_copy_out(self, id, &number, sizeof(number)) : KERN_SUCCESS;
	if (error)
		thread_terminate(thread);
	else
		error = thread_begin(thread, entry, stack, argument);
	thread_release(thread);
	return error ? (uint64_t)error << 32 : number;
}

uint64_t trap_task_clone(struct thread *self)
{
	struct task *child;
	kern_return_t error = task_clone(0, &child);
	if (error)
		return (uint64_t)error << 32;
	uint32_t id = child->id;
	task_release(child);
	return id;
}

kern_return_t trap_task_wait(struct thread *self, mach_port_name_t name, uint32_t milliseconds, user_addr_t death)
{
	struct task *task = task_named(self, name);
	if (!task || task == self->task) {
		if (task)
			task_release(task);
		return KERN_INVALID_ARGUMENT;
	}
	uint64_t deadline = milliseconds == UINT32_MAX ? WAIT_FOREVER : md_clock_now() + milliseconds * MILLISECOND;
	enum kern_death why;
	int code;
	kern_return_t error = task_wait(task, deadline, &why, &code);
	struct gila_task_death told = {.task = task->id};
	task_release(task);
	if (error)
		return error;
	told.why = why;
	told.code = code;
	return md_copy_out(self, death, &told, sizeof(told));
}

// ---- Log -----------------------------------------------------------------------------------------------------------

// Control characters would let a client write into other people's lines.
static void log_user_line(struct task *task, char *line)
{
	for (char *at = line; *at; at++)
		if ((unsigned char)*at < ' ' || *at == 127)
			*at = '?';
	if (*line)
		log_line(task->name, "%s", line);
}

kern_return_t trap_log(struct thread *self, user_addr_t text, uint32_t size)
{
	char buffer[LOG_MOST + 1];
	size_t length = size < LOG_MOST ? size : LOG_MOST;
	kern_return_t error = md_copy_in(self, buffer, text, length);
	if (error)
		return error;
	buffer[length] = 0;
	char *line = buffer;
	for (size_t i = 0; i < length; i++) {
		if (buffer[i] && buffer[i] != '\n')
			continue;
		buffer[i] = 0;
		log_user_line(self->task, line);
		line = &buffer[i + 1];
	}
	log_user_line(self->task, line);
	return KERN_SUCCESS;
}

// ---- Chance --------------------------------------------------------------------------------------------------------

kern_return_t trap_random(struct thread *self, user_addr_t data, uint32_t size)
{
	uint8_t bytes[RANDOM_MOST];
	if (size > RANDOM_MOST)
		return KERN_INVALID_ARGUMENT;
	md_entropy(bytes, size);
	return md_copy_out(self, data, bytes, size);
}
