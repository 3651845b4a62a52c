// SPDX-License-Identifier: MIT
// Processes: the registry, life and death. checkin.c and launch.c are the two ways in.
//
// 1. A process struct is never given back to Linux; events carry its generation, so that a stale one is dropped.
// 2. The order of a death: no more rings are taken (process->channel is NULL), the last output is logged, threads are
//    detached, the task is told. A thread that a CPU is just checking in detaches itself.
// 3. PROCESS_LIVE holds one reference of the struct, task->md.process another.
#include "disk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define HASH_SIZE 4096u
#define DETACH_AT_ONCE 64u
#define REAP_TIME 1000 // ms that the end of the machine waits for its children

static struct {
	struct md_lock lock;
	struct process *table[PROCESS_LIMIT]; // [I] once made
	struct process *hash[HASH_SIZE];      // by pid
	struct process *free;                 // linked by hash_next
	uint32_t made;
	_Atomic uint32_t used;
} registry;

unsigned process_count(void) { return atomic_load(&registry.used); }

// ---- The pool ------------------------------------------------------------------------------------------------------

static struct process *process_make(void)
{
	if (registry.made == PROCESS_LIMIT)
		return NULL;
	struct process *process = kalloc(&account_kernel, sizeof(*process));
	if (!process)
		return NULL;
	md_lock_init(&process->lock);
	md_lock_init(&process->life);
	md_lock_init(&process->output_lock);
	list_init(&process->s2c_queue);
	list_init(&process->received);
	process->index = registry.made;
	registry.table[registry.made++] = process;
	return process;
}

struct process *process_create(pid_t pid)
{
	md_lock_acquire(&registry.lock);
	struct process *process = registry.free;
	if (process)
		registry.free = process->hash_next;
	else
		process = process_make();
	md_lock_release(&registry.lock);
	if (!process)
		return NULL;
	atomic_fetch_add(&registry.used, 1);
	md_lock_acquire(&process->lock);
	process->generation++;
	process->state = PROCESS_CONNECTED;
	process->pid = pid;
	process->pidfd = process->socket = process->output = -1;
	process->child = process->client = process->refused = process->greeted = false;
	process->task = NULL;
	process->channel = NULL;
	process->s2c = NULL;
	process->references = 1;
	process->interrupt_next = 0;
	process->line = NULL;
	process->line_length = 0;
	process->output_ended = false;
	process->name[0] = 0;
	md_lock_release(&process->lock);
	return process;
}

void process_reference(struct process *process)
{
	md_lock_acquire(&process->lock);
	process->references++;
	md_lock_release(&process->lock);
}

void process_release(struct process *process)
{
	md_lock_acquire(&process->lock);
	bool last = --process->references == 0, client = last && process->client;
	if (last) {
		process->state = PROCESS_FREE;
		process->generation++;
	}
	md_lock_release(&process->lock);
	if (!last)
		return;
	atomic_fetch_sub(&registry.used, 1);
	md_lock_acquire(&registry.lock);
	process->hash_next = registry.free;
	registry.free = process;
	md_lock_release(&registry.lock);
	if (client)
		idle_client_went();
}

struct process *process_get(uint32_t index, uint32_t generation)
{
	if (index >= PROCESS_LIMIT || !registry.table[index])
		return NULL;
	struct process *process = registry.table[index];
	md_lock_acquire(&process->lock);
	bool found = process->generation == generation && process->references > 0;
	if (found)
		process->references++;
	md_lock_release(&process->lock);
	return found ? process : NULL;
}

// ---- By pid --------------------------------------------------------------------------------------------------------

void process_register(struct process *process)
{
	struct process **bucket = &registry.hash[(uint32_t)process->pid % HASH_SIZE];
	md_lock_acquire(&registry.lock);
	process->hash_next = *bucket;
	*bucket = process;
	md_lock_release(&registry.lock);
}

static void process_unregister(struct process *process)
{
	struct process **place = &registry.hash[(uint32_t)process->pid % HASH_SIZE];
	md_lock_acquire(&registry.lock);
	while (*place && *place != process)
		place = &(*place)->hash_next;
	if (*place)
		*place = process->hash_next;
	md_lock_release(&registry.lock);
}

struct process *process_find(pid_t pid)
{
	md_lock_acquire(&registry.lock);
	struct process *process = registry.hash[(uint32_t)pid % HASH_SIZE];
	while (process && process->pid != pid)
		process = process->hash_next;
	if (process)
		process_reference(process);
	md_lock_release(&registry.lock);
	return process;
}

// The line of /proc/PID/stat behind the name, in `text`; NULL: no such process.
static const char *process_stat_text(pid_t pid, char *text, size_t room)
{
	char path[32];
	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	int file = open(path, O_RDONLY | O_CLOEXEC);
	if (file < 0)
		return NULL;
	ssize_t size = read(file, text, room - 1);
	close(file);
	if (size <= 0)
		return NULL;
	text[size] = 0;
	// proc(5): pid (comm) state ppid; comm may hold anything, also ')'.
	char *rest = strrchr(text, ')');
	return rest ? rest + 1 : NULL;
}

bool process_stat(pid_t pid, pid_t *parent, char *state)
{
	char text[256];
	const char *rest = process_stat_text(pid, text, sizeof(text));
	return rest && sscanf(rest, " %c %d", state, parent) == 2;
}

// proc(5): flags is the ninth field; PF_EXITING (linux/sched.h) is set before a process that ends closes its files.
#define PF_EXITING 0x4u

bool process_exiting(pid_t pid)
{
	char text[256];
	unsigned flags = 0;
	const char *rest = process_stat_text(pid, text, sizeof(text));
	return !rest || sscanf(rest, " %*c %*d %*d %*d %*d %*d %u", &flags) != 1 || (flags & PF_EXITING);
}

// ---- Life ----------------------------------------------------------------------------------------------------------

static void process_kill(struct process *process)
{
	if (process->pidfd >= 0)
		syscall(SYS_pidfd_send_signal, process->pidfd, SIGKILL, NULL, 0);
}

void process_bind(struct process *process, struct task *task)
{
	process_reference(process); // task->md.process
	md_lock_acquire(&task->md.lock);
	md_lock_acquire(&process->lock);
	process->task = task;
	process->state = PROCESS_LIVE;
	task->md.process = process;
	if (task->md.killed)
		process_kill(process);
	// Rings that came before were left alone.
	uint64_t one = 1;
	if (process->channel && write(process->channel->doorbell, &one, sizeof(one)) < 0)
		log_line("linux", "process %d has filled its doorbell", process->pid);
	md_lock_release(&process->lock);
	md_lock_release(&task->md.lock);
}

kern_return_t md_task_init(struct task *task)
{
	task->md = (struct md_task){.process = NULL};
	return KERN_SUCCESS;
}

void md_task_destroy(struct task *task)
{
	if (task->md.process)
		process_release(task->md.process);
	task->md.process = NULL;
}

void md_task_kill(struct task *task)
{
	md_lock_acquire(&task->md.lock);
	task->md.killed = true;
	struct process *process = task->md.process;
	if (process) {
		md_lock_acquire(&process->lock);
		if (process->state == PROCESS_LIVE)
			process_kill(process);
		md_lock_release(&process->lock);
	}
	md_lock_release(&task->md.lock);
}

void process_refuse(struct process *process, const char *why)
{
	md_lock_acquire(&process->lock);
	bool live = process->state == PROCESS_LIVE;
	uint32_t id = live ? process->task->id : 0;
	char name[CHANNEL_NAME_SIZE];
	memcpy(name, process->name, sizeof(name));
	process->refused = true;
	if (live)
		process_kill(process);
	md_lock_release(&process->lock);
	log_line("linux", "process %d (%s, task %u) is killed: %s", process->pid, name, id, why);
}

void process_rename_locked(struct process *process, const char *name)
{
	md_lock_acquire(&process->output_lock);
	memcpy(process->name, name, sizeof(process->name));
	md_lock_release(&process->output_lock);
}

// ---- Death and exec ------------------------------------------------------------------------------------------------

// No CPU takes rings of the channel any more: its threads lose their user halves.
static void process_detach_all(struct process *process, struct channel *channel)
{
	struct thread *threads[DETACH_AT_ONCE];
	for (;;) {
		md_lock_acquire(&process->lock);
		unsigned count = channel_detach_locked(channel, threads, DETACH_AT_ONCE);
		md_lock_release(&process->lock);
		if (count == 0)
			break;
		for (unsigned i = 0; i < count; i++)
			kern_thread_detach(threads[i]);
	}
	channel_release(channel);
}

static void process_close(int *file)
{
	if (*file < 0)
		return;
	source_remove(*file);
	close(*file);
	*file = -1;
}

static enum kern_death process_status(struct process *process, int *code)
{
	siginfo_t info = {.si_pid = 0};
	*code = 0;
	bool known = process->child && waitid(P_PIDFD, (id_t)process->pidfd, &info, WEXITED | WNOHANG) == 0 && info.si_pid != 0;
	md_lock_acquire(&process->lock); // another CPU may be refusing it
	bool refused = process->refused;
	md_lock_release(&process->lock);
	if (refused)
		return KERN_DEATH_PROTOCOL;
	if (!known)
		return KERN_DEATH_EXIT;
	*code = info.si_status;
	return info.si_code == CLD_EXITED ? KERN_DEATH_EXIT : KERN_DEATH_SIGNAL;
}

static void process_drop_received(struct process *process)
{
	int file;
	while ((file = s2c_received(process, 0)) >= 0)
		close(file);
}

void process_died(struct process *process)
{
	md_lock_acquire(&process->life);
	md_lock_acquire(&process->lock);
	enum process_state state = process->state;
	if (state != PROCESS_LIVE && state != PROCESS_CONNECTED) {
		md_lock_release(&process->lock);
		md_lock_release(&process->life);
		return;
	}
	process->state = PROCESS_DEAD;
	struct channel *channel = process->channel;
	process->channel = NULL;
	s2c_end_locked(process);
	md_lock_release(&process->lock);

	if (channel)
		process_detach_all(process, channel);
	if (state == PROCESS_LIVE) {
		process_unregister(process);
		output_end(process);
		int code;
		enum kern_death why = process_status(process, &code);
		kern_task_died(process->task, why, code);
	}
	md_lock_acquire(&process->lock);
	process_close(&process->pidfd);
	process_close(&process->socket);
	md_lock_acquire(&process->output_lock);
	process_close(&process->output);
	md_lock_release(&process->output_lock);
	md_lock_release(&process->lock);
	process_drop_received(process);
	md_lock_release(&process->life);
	process_release(process);
}

// What Linux calls it now, or, where that cannot be read, what it was called before. The name has CHANNEL_NAME_SIZE bytes.
static void process_read_name(struct process *process, char *name)
{
	char path[32];
	snprintf(path, sizeof(path), "/proc/%d/comm", process->pid);
	memset(name, 0, CHANNEL_NAME_SIZE);
	int file = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t size = file < 0 ? -1 : read(file, name, CHANNEL_NAME_SIZE - 1);
	if (file >= 0)
		close(file);
	if (size > 0 && name[size - 1] == '\n')
		name[--size] = 0;
	md_lock_acquire(&process->lock);
	if (size > 0)
		process_rename_locked(process, name);
	else
		memcpy(name, process->name, CHANNEL_NAME_SIZE);
	md_lock_release(&process->lock);
}

void process_execed(struct process *process)
{
	md_lock_acquire(&process->life);
	md_lock_acquire(&process->lock);
	struct channel *channel = process->channel;
	bool ours = process->state == PROCESS_LIVE && channel;
	if (ours) {
		process->channel = NULL;
		s2c_end_locked(process);
		process_close(&process->socket);
	}
	md_lock_release(&process->lock);
	if (ours) {
		char name[CHANNEL_NAME_SIZE];
		process_detach_all(process, channel);
		process_read_name(process, name);
		kern_task_execed(process->task, name);
	}
	md_lock_release(&process->life);
}

// ---- The end of the machine ----------------------------------------------------------------------------------------

void process_end_all(void)
{
	unsigned children = 0;
	md_lock_acquire(&registry.lock);
	uint32_t made = registry.made;
	md_lock_release(&registry.lock);
	for (uint32_t i = 0; i < made; i++) {
		struct process *process = registry.table[i];
		md_lock_acquire(&process->lock);
		if (process->state == PROCESS_LIVE && process->child) {
			process_kill(process);
			children++;
		}
		md_lock_release(&process->lock);
	}
	struct timespec pause = {0, 1000000};
	for (int waited = 0; children > 0 && waited < REAP_TIME;) {
		siginfo_t info = {.si_pid = 0};
		if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG) < 0)
			break;
		if (info.si_pid != 0) {
			children -= !daemon_was(info.si_pid);
			continue;
		}
		nanosleep(&pause, NULL);
		waited++;
	}
}
