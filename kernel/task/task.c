// SPDX-License-Identifier: MIT
// Tasks: their life and the table of them; see task.h. Kernel calls on tasks are in task_calls.c, ports in task_port.c.
//
// The end of a task has two halves that come in any order: the machine says that the user half is gone, and the last
// thread has unwound. Whoever completes them posts task->ending, and a kernel thread clears the rest, which takes
// O(names). Locks: the table's, then a task's.
#include "task.h"

#include "../core/sched.h"
#include "../core/trace.h"
#include "../debug/inject.h"
#include "../device/device.h"
#include "../seat/grants.h"
#include "../seat/seat.h"
#include "task_port.h"
#include "thread.h"

#define SUSPEND_LIMIT 0x7fff

struct task *task_kernel;

static struct lock table_lock;
static struct tree table;
static uint32_t last_id; // [table_lock]

static int compare_id(const void *key, const struct tree_node *node)
{
	uint32_t id = *(const uint32_t *)key, other = container_of(node, struct task, table_node)->id;
	return id < other ? -1 : id > other;
}

static void task_free(struct task *task)
{
	struct account *account = task->account, *payer = task->payer;
	grants_release(task->grants);
	kfree(payer, task, sizeof(*task));
	account_refund(payer, ACCOUNT_TASK, 1);
	account_release(account);
	account_release(payer);
}

static void task_destroy(struct object *object)
{
	struct task *task = container_of(object, struct task, object);
	assert(task->state == TASK_DEAD && task->thread_count == 0);
	port_release(task->self_port);
	md_task_destroy(task);
	task_free(task);
}

static void task_print(struct object *object, char *to, size_t room)
{
	struct task *task = container_of(object, struct task, object);
	format_text(to, room, "task %u (%s): %s, %u threads", task->id, task->name, task_state_name(task->state),
		    task->thread_count);
}

const struct object_kind task_kind = {"task", task_destroy, task_print};

const char *task_state_name(enum task_state state)
{
	static const char *const names[] = {"new", "alive", "dying", "clearing", "dead"};
	return (unsigned)state < array_count(names) ? names[state] : "?";
}

static void task_end(struct work *work);

// The struct with everything that cannot fail; NULL: no memory, limit.
static struct task *task_alloc(struct account *payer, struct account *account, const char *name, struct grants *grants)
{
	if (!account_charge(payer, ACCOUNT_TASK, 1))
		return NULL;
	struct task *task = kalloc(payer, sizeof(*task));
	if (!task) {
		account_refund(payer, ACCOUNT_TASK, 1);
		return NULL;
	}
	object_init(&task->object, &task_kind);
	lock_init(&task->lock, RANK_TASK);
	task->state = TASK_NEW;
	task->account = account;
	task->payer = account_reference(payer);
	task->grants = grants_reference(grants);
	list_init(&task->children);
	list_init(&task->sibling_link);
	list_init(&task->threads);
	list_init(&task->stops);
	wait_queue_init(&task->death_waiters);
	wait_queue_init(&task->suspended);
	work_init(&task->ending, task_end);
	task->started_at = md_clock_now();
	format_text(task->name, sizeof(task->name), "%s", name);
	return task;
}

void task_module_init(void)
{
	lock_init(&table_lock, RANK_TASK_TABLE);
	tree_init(&table, compare_id);
	task_kernel = task_alloc(&account_kernel, &account_kernel, "kernel", &grants_none);
	if (!task_kernel)
		panic("no memory for the kernel's task");
	task_kernel->state = TASK_ALIVE;
}

static void table_insert(struct task *task, struct task *parent)
{
	lock_acquire(&table_lock);
	task->id = ++last_id;
	task->audit.val[5] = task->id;
	task_reference(task); // the table's
	if (!tree_insert(&table, &task->id, &task->table_node))
		panic("task id %u is used twice", task->id);
	if (parent) {
		task->parent = task_reference(parent);
		list_push_back(&parent->children, &task->sibling_link);
	}
	lock_release(&table_lock);
}

struct task *task_create(struct task *parent, const char *name, struct grants *grants)
{
	struct account *account = account_create();
	if (!account)
		return NULL;
	struct task *task = task_alloc(parent ? parent->account : &account_kernel, account, name, grants);
	if (!task) {
		account_release(account);
		return NULL;
	}
	if (space_init(&task->space, account) != KERN_SUCCESS)
		goto free;
	if (md_task_init(task) != KERN_SUCCESS)
		goto destroy_space;
	task->self_port = port_create_object(account, &task_port_ops, &task->object);
	if (!task->self_port)
		goto destroy_machine;
	table_insert(task, parent);
	trace_record_text(TRACE_LIFE, TRACE_TASK_START, task->id, parent ? parent->id : 0, 0, task->name);
	return task;
destroy_machine:
	md_task_destroy(task);
destroy_space:
	space_destroy(&task->space);
free:
	task_free(task);
	return NULL;
}

// ---- Start ---------------------------------------------------------------------------------------------------------

// NEW to ALIVE: the machine is about to make a user half and gets a reference for it.
static bool task_begin(struct task *task)
{
	lock_acquire(&task->lock);
	bool begun = task->state == TASK_NEW;
	if (begun) {
		task->state = TASK_ALIVE;
		task->user_half = true;
		task_reference(task);
	}
	lock_release(&task->lock);
	if (begun)
		seat_watch_task(task, SEAT_EVENT_TASK_START);
	return begun;
}

kern_return_t task_launch(struct task *task, const struct md_launch *launch)
{
	if (!task_begin(task))
		return KERN_TERMINATED;
	kern_return_t error = md_task_launch(task, launch);
	if (error)
		kern_task_died(task, KERN_DEATH_LOAD, error);
	return error;
}

kern_return_t task_clone(uint64_t result, struct task **child)
{
	struct thread *self = thread_current();
	struct task *task = task_create(self->task, self->task->name, self->task->grants);
	if (!task)
		return KERN_RESOURCE_SHORTAGE;
	if (!task_begin(task)) { // by somebody who ends all tasks, or guessed the id
		task_release(task);
		return KERN_TERMINATED;
	}
	kern_return_t error = md_task_clone(task, self, result);
	if (error) {
		lock_acquire(&task->lock);
		if (task->state != TASK_ALIVE) // ended meanwhile: that is why, whatever the machine says
			error = KERN_TERMINATED;
		lock_release(&task->lock);
		kern_task_died(task, KERN_DEATH_LOAD, error);
		task_release(task);
		return error;
	}
	*child = task;
	return KERN_SUCCESS;
}

struct task *kern_task_attach(struct task *parent, const char *name)
{
	struct task *task = task_create(parent, name, parent ? parent->grants : &grants_all);
	if (!task)
		return NULL;
	bool begun = task_begin(task);
	if (!begun)
		log_line("task", "%s (%u) was ended as it came", name, task->id);
	task_release(task); // the machine has task_begin's
	return begun ? task : NULL;
}

void kern_task_process(struct task *task, uint32_t user, uint32_t group, uint32_t pid)
{
	task->audit = (audit_token_t){{user, user, group, user, group, pid, 0, 1}};
}

// ---- End -----------------------------------------------------------------------------------------------------------

// Task lock held. DYING with nothing left to wait for: the rest is done by a kernel thread.
static void task_check_end_locked(struct task *task)
{
	if (task->state == TASK_DYING && !task->user_half && task->thread_count == 0) {
		task->state = TASK_CLEARING; // once: the work may free the task
		work_post(&task->ending);
	}
}

// Task lock held. True when this call was the one that ended it.
static bool task_set_dying_locked(struct task *task, enum kern_death why, int code)
{
	if (task->state != TASK_NEW && task->state != TASK_ALIVE)
		return false;
	task->state = TASK_DYING;
	task->death_why = why;
	task->death_code = code;
	return true;
}

// Task lock held. Threads unwind in their own context, which needs this lock: none goes while we walk.
static void task_end_threads_locked(struct task *task)
{
	list_for_each(link, &task->threads)
		thread_terminate(container_of(link, struct thread, task_link));
}

void task_terminate(struct task *task, enum kern_death why, int code)
{
	assert(task != task_kernel);
	lock_acquire(&task->lock);
	bool ours = task_set_dying_locked(task, why, code);
	bool user_half = task->user_half;
	if (ours)
		task_end_threads_locked(task);
	task_check_end_locked(task);
	lock_release(&task->lock);
	if (ours && user_half)
		md_task_kill(task);
}

void kern_task_died(struct task *task, enum kern_death why, int code)
{
	lock_acquire(&task->lock);
	assert(task->user_half);
	task->user_half = false;
	task_set_dying_locked(task, why, code);
	task_end_threads_locked(task);
	task_check_end_locked(task);
	lock_release(&task->lock);
	task_release(task); // the machine's; not the last, the table has one
}

void task_threads_gone(struct task *task)
{
	lock_acquire(&task->lock);
	task_check_end_locked(task);
	lock_release(&task->lock);
}

// Out of the tree: children become strangers.
static void table_remove(struct task *task)
{
	lock_acquire(&table_lock);
	tree_remove(&table, &task->table_node);
	struct task *parent = task->parent;
	task->parent = NULL;
	list_remove(&task->sibling_link);
	struct list *link;
	unsigned orphans = 0;
	while ((link = list_pop(&task->children))) {
		container_of(link, struct task, sibling_link)->parent = NULL;
		orphans++;
	}
	lock_release(&table_lock);
	if (parent)
		task_release(parent);
	while (orphans-- > 0)
		task_release(task);
}

static void task_drop_ports(struct task *task)
{
	struct right special[TASK_SPECIAL_PORTS], registered[TASK_REGISTERED_PORTS];
	lock_acquire(&task->lock);
	memcpy(special, task->special, sizeof(special));
	memcpy(registered, task->registered, sizeof(registered));
	memset(task->special, 0, sizeof(task->special));
	memset(task->registered, 0, sizeof(task->registered));
	lock_release(&task->lock);
	for (unsigned i = 0; i < TASK_SPECIAL_PORTS; i++)
		right_release(special[i]);
	for (unsigned i = 0; i < TASK_REGISTERED_PORTS; i++)
		right_release(registered[i]);
}

// Work: from CLEARING to DEAD. Its seat has its port back before it hears of the death.
static void task_end(struct work *work)
{
	struct task *task = container_of(work, struct task, ending);
	device_task_ending(task);
	space_destroy(&task->space);
	task_drop_ports(task);
	port_end_object(task->self_port);
	table_remove(task);
	lock_acquire(&task->lock);
	task->state = TASK_DEAD;
	wait_wake_all(&task->death_waiters, WAIT_AWAKENED);
	struct seat *seat = task->seat;
	task->seat = NULL;
	lock_release(&task->lock);
	trace_record_text(TRACE_LIFE, TRACE_TASK_END, task->id, task->death_why, (uint32_t)task->death_code, task->name);
	if (seat)
		seat_task_ended(seat, task);
	seat_watch_task(task, SEAT_EVENT_TASK_END);
	inject_task_ended(task);
	task_release(task); // the table's
}

void kern_task_execed(struct task *task, const char *name)
{
	lock_acquire(&task->lock);
	task_end_threads_locked(task);
	format_text(task->name, sizeof(task->name), "%s", name);
	lock_release(&task->lock);
	task_drop_ports(task);
	if (space_reset(&task->space) != KERN_SUCCESS)
		task_terminate(task, KERN_DEATH_LOAD, KERN_RESOURCE_SHORTAGE);
}

kern_return_t task_wait(struct task *task, uint64_t deadline, enum kern_death *why, int *code)
{
	struct thread *self = thread_current();
	for (;;) {
		lock_acquire(&task->lock);
		if (task->state == TASK_DEAD) {
			*why = task->death_why;
			*code = task->death_code;
			lock_release(&task->lock);
			return KERN_SUCCESS;
		}
		wait_begin(&task->death_waiters, deadline, WAIT_INTERRUPTIBLE, "the end of a task");
		lock_release(&task->lock);
		thread_block();
		lock_acquire(&task->lock);
		enum wait_result result = wait_end(self);
		lock_release(&task->lock);
		if (result == WAIT_TIMED_OUT)
			return KERN_OPERATION_TIMED_OUT;
		if (result != WAIT_AWAKENED)
			return KERN_ABORTED;
	}
}

// ---- Suspension ----------------------------------------------------------------------------------------------------

static kern_return_t task_change_suspension(struct task *task, int by)
{
	kern_return_t result = KERN_FAILURE;
	lock_acquire(&task->lock);
	int count = task->suspend_count + by;
	if (task->state != TASK_NEW && task->state != TASK_ALIVE) {
		result = KERN_INVALID_ARGUMENT;
	} else if (count >= 0 && count <= SUSPEND_LIMIT) {
		task->suspend_count = (uint16_t)count;
		list_for_each(link, &task->threads)
			thread_update_suspension(container_of(link, struct thread, task_link));
		result = KERN_SUCCESS;
	}
	lock_release(&task->lock);
	return result;
}

kern_return_t task_suspend(struct task *task) { return task_change_suspension(task, 1); }
kern_return_t task_resume(struct task *task) { return task_change_suspension(task, -1); }

// ---- Look-ups ------------------------------------------------------------------------------------------------------

struct task *task_find(uint32_t id)
{
	lock_acquire(&table_lock);
	struct tree_node *node = tree_find(&table, &id);
	struct task *task = node ? task_reference(container_of(node, struct task, table_node)) : NULL;
	lock_release(&table_lock);
	return task;
}

struct task *task_next(uint32_t after)
{
	if (after == UINT32_MAX)
		return NULL;
	uint32_t from = after + 1;
	lock_acquire(&table_lock);
	struct tree_node *node = tree_find_from(&table, &from);
	struct task *task = node ? task_reference(container_of(node, struct task, table_node)) : NULL;
	lock_release(&table_lock);
	return task;
}

uint32_t task_list_threads(struct task *task, uint32_t after, struct thread **threads, uint32_t room)
{
	uint32_t count = 0;
	lock_acquire(&task->lock);
	list_for_each(link, &task->threads) {
		struct thread *thread = container_of(link, struct thread, task_link);
		if (count == room)
			break;
		if (thread->id > after)
			threads[count++] = thread_reference(thread);
	}
	lock_release(&task->lock);
	return count;
}

uint32_t task_parent_id(struct task *task)
{
	lock_acquire(&table_lock);
	uint32_t id = task->parent ? task->parent->id : 0;
	lock_release(&table_lock);
	return id;
}
