// SPDX-License-Identifier: MIT
// The monitor's records of tasks, threads, seats, accounts and the kernel; see monitor.h.
#include "monitor.h"

#include "../seat/seat.h"
#include "../task/task.h"
#include "../task/thread.h"
#include "../trap/trap.h"

#include <gila/version.h>

_Static_assert((int)MONITOR_TASK_DEAD == TASK_DEAD && (int)MONITOR_THREAD_WOKEN == THREAD_WOKEN &&
		       (int)MONITOR_THREAD_DEAD == THREAD_DEAD,
	       "the monitor tells states as the kernel numbers them");

static uint64_t count_of(const struct account *account, enum account_kind kind)
{
	return atomic_load_explicit(&account->count[kind], memory_order_relaxed);
}

// Sums and states that need the task's lock; *seat: a reference or NULL, to be named without that lock.
static void fill_task_locked(struct task *task, struct monitor_task *record, struct seat **seat)
{
	record->state = task->state;
	record->threads = task->thread_count;
	record->suspended = task->suspend_count;
	memcpy(record->name, task->name, sizeof(record->name));
	list_for_each(link, &task->threads)
		record->traps += container_of(link, struct thread, task_link)->traps;
	*seat = task->seat ? seat_reference(task->seat) : NULL;
}

void monitor_fill_task(struct task *task, struct monitor_task *record)
{
	struct seat *seat;
	*record = (struct monitor_task){.id = task->id, .started = task->started_at};
	lock_acquire(&task->lock);
	fill_task_locked(task, record, &seat);
	lock_release(&task->lock);
	if (seat) {
		memcpy(record->seat, seat->name, sizeof(record->seat));
		seat_release(seat);
	}
	record->parent = task_parent_id(task);
	lock_acquire(&task->space.lock);
	record->names = task->space.in_use;
	lock_release(&task->space.lock);
	record->ports = (uint32_t)count_of(task->account, ACCOUNT_PORT);
	record->messages = (uint32_t)count_of(task->account, ACCOUNT_MESSAGE);
	record->memory_bytes = count_of(task->account, ACCOUNT_MEMORY_BYTES);
	record->kernel_bytes = atomic_load_explicit(&task->account->bytes, memory_order_relaxed);
}

// The port that the thread receives from, by the name it gave (what it blocks on is its own and may go at any time); 0:
// a set, or none.
static uint32_t received_port(struct task *task, mach_port_name_t name)
{
	uint32_t id = 0;
	lock_acquire(&task->space.lock);
	struct entry *entry = task->space.state == SPACE_LIVE ? space_entry(&task->space, name) : NULL;
	if (entry && (entry->type & ENTRY_RECEIVE))
		id = entry->badge->port->id;
	lock_release(&task->space.lock);
	return id;
}

void monitor_fill_thread(struct thread *thread, struct monitor_thread *record)
{
	*record = (struct monitor_thread){
		.id = thread->id,
		.task = thread->task->id,
		.state = atomic_load(&thread->state),
		.trap = thread->frame.number,
		.suspended = thread->suspend_count,
		.traps = thread->traps,
	};
	memcpy(record->name, thread->name, sizeof(record->name));
	// The thread may run and change these meanwhile: a reason is a constant string, so an old one does no harm.
	const char *why = thread_wait_why(thread);
	if (record->state != THREAD_BLOCKED || !why)
		return;
	if (thread->task != task_kernel && why[0] == 'r' && why[1] == 'e' && why[2] == 'c') // "receive"
		record->port = received_port(thread->task, thread->ipc.receive_name);
	format_text(record->waits_for, sizeof(record->waits_for), "%s", why);
}

void monitor_fill_seat(struct seat *seat, struct monitor_seat *record)
{
	*record = (struct monitor_seat){.id = seat->id, .port = seat->port->id};
	memcpy(record->name, seat->name, sizeof(record->name));
	lock_acquire(&seat->lock);
	record->state = seat->state;
	record->task = seat->occupant ? seat->occupant->id : 0;
	record->generation = seat->generation;
	record->restarts = seat->restarts;
	record->failures = seat->failures;
	record->reason = seat->reason;
	record->code = seat->code;
	record->flags = seat->recipe->head.flags | (seat->image ? MONITOR_SEAT_HAS_IMAGE : 0) |
			(seat_awaits_image_locked(seat) ? MONITOR_SEAT_AWAITS_PROGRAM : 0);
	record->uses = seat->recipe->head.uses_count;
	record->since = seat->since;
	record->next_try = seat->state == SEAT_BACKING_OFF ? seat->next_try : 0;
	record->lookups = seat->lookups;
	format_text(record->program, sizeof(record->program), "%s", seat->recipe->program);
	lock_acquire(&seat->port->lock);
	record->queued = seat->port->queued;
	lock_release(&seat->port->lock);
	lock_release(&seat->lock);
}

void monitor_fill_count(const struct account *account, unsigned kind, struct monitor_count *record)
{
	*record = (struct monitor_count){.limit = UINT64_MAX};
	const char *name = kind == 0 ? "kernel bytes" : account_kind_name((enum account_kind)(kind - 1));
	format_text(record->kind, sizeof(record->kind), "%s", name);
	if (kind == 0) {
		record->count = account == &account_kernel ? kalloc_bytes() : atomic_load(&account->bytes);
		record->limit = account_limit(account, ACCOUNT_BYTES);
		return;
	}
	// The kernel's own account has no counts: its totals are kept per CPU.
	if (account == &account_kernel) {
		record->count = account_total((enum account_kind)(kind - 1));
		return;
	}
	record->count = atomic_load(&account->count[kind - 1]);
	record->limit = account_limit(account, (enum account_kind)(kind - 1));
}

void monitor_fill_kernel(struct monitor_kernel *record)
{
	*record = (struct monitor_kernel){
		.now = md_clock_now(),
		.calendar = md_clock_calendar(),
		.kernel_bytes = kalloc_bytes(),
		.unknown_traps = trap_unknown_count(),
		.cpus = md_cpu_count(),
		.page_size = MD_PAGE_SIZE,
		.tasks = (uint32_t)account_total(ACCOUNT_TASK),
		.threads = (uint32_t)account_total(ACCOUNT_THREAD),
		.ports = (uint32_t)account_total(ACCOUNT_PORT),
		.seats = (uint32_t)account_total(ACCOUNT_SEAT),
	};
	format_text(record->version, sizeof(record->version), "%s", GILA_VERSION);
}
