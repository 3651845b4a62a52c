// SPDX-License-Identifier: MIT
// Events for those who watch (the bus server): a bounded ring that a kernel thread empties into messages.
//
// Posting copies the event into the ring and never waits; when the ring or a watcher's queue is full the event is
// dropped for it and counted in `lost` of the next. Lock: RANK_WATCH, over everything here.
#include "seat.h"

#include "../ipc/message.h"
#include "../task/task.h"

#define WATCHERS_LIMIT 32u
#define RING_SIZE 256u

struct watcher {
	struct right port; // send right, or NONE: a free place
	uint32_t lost;
};

static struct lock watch_lock;
static struct watcher watchers[WATCHERS_LIMIT]; // [watch_lock] `lost` only by the work
static unsigned watcher_count;                  // [watch_lock]
static struct seat_event ring[RING_SIZE];       // [watch_lock]
static uint32_t ring_first, ring_count;         // [watch_lock]
static uint32_t ring_lost;                      // [watch_lock]
static bool delivering;                         // [watch_lock] events are sent in order, by one thread
static struct work watch_work;

void seat_watch_post(const struct seat_event *event)
{
	lock_acquire(&watch_lock);
	if (watcher_count > 0) {
		if (ring_count < RING_SIZE) {
			ring[(ring_first + ring_count++) % RING_SIZE] = *event;
			work_post(&watch_work);
		} else {
			ring_lost++;
		}
	}
	lock_release(&watch_lock);
}

// The send right of watcher `i`, copied; NONE when the place is free. A dead one's place is freed.
static struct right watcher_copy(unsigned i)
{
	struct right copy = {NULL, RIGHT_NONE}, dead = {NULL, RIGHT_NONE};
	lock_acquire(&watch_lock);
	if (watchers[i].port.kind == RIGHT_SEND) {
		copy = right_copy_send(watchers[i].port);
		if (copy.kind != RIGHT_SEND) {
			dead = watchers[i].port;
			watchers[i].port = (struct right){NULL, RIGHT_NONE};
			watcher_count--;
		}
	}
	lock_release(&watch_lock);
	if (dead.kind == RIGHT_SEND)
		right_release(dead);
	return copy;
}

static void watcher_tell(unsigned i, const struct seat_event *event, uint32_t lost_by_all)
{
	struct right port = watcher_copy(i);
	if (port.kind != RIGHT_SEND)
		return;
	struct message *message = message_create_kernel(&account_kernel, sizeof(*event), SEAT_EVENT_ID, port,
							(struct right){NULL, RIGHT_NONE});
	watchers[i].lost += lost_by_all;
	uint32_t lost = watchers[i].lost;
	bool sent = false;
	if (message) {
		struct seat_event *body = (struct seat_event *)(void *)message->data;
		mach_msg_header_t head = body->head;
		*body = *event;
		body->head = head;
		body->ndr = NDR_record;
		body->lost = lost;
		sent = message_send_kernel_if_room(message);
	}
	watchers[i].lost = sent ? 0 : lost + 1;
}

static bool ring_take(struct seat_event *event, uint32_t *lost)
{
	lock_acquire(&watch_lock);
	bool any = ring_count > 0;
	if (any) {
		*event = ring[ring_first];
		ring_first = (ring_first + 1) % RING_SIZE;
		ring_count--;
		*lost = ring_lost;
		ring_lost = 0;
	} else {
		delivering = false;
	}
	lock_release(&watch_lock);
	return any;
}

static void watch_deliver(struct work *work)
{
	struct seat_event event;
	uint32_t lost;
	lock_acquire(&watch_lock);
	bool busy = delivering;
	delivering = true;
	lock_release(&watch_lock);
	if (busy)
		return; // whoever delivers looks at the ring again before it ends
	while (ring_take(&event, &lost))
		for (unsigned i = 0; i < WATCHERS_LIMIT; i++)
			watcher_tell(i, &event, lost);
}

void seat_watch_init(void)
{
	lock_init(&watch_lock, RANK_WATCH);
	work_init(&watch_work, watch_deliver);
}

kern_return_t seat_watch(struct right port)
{
	// Watchers that have died make room.
	for (unsigned i = 0; i < WATCHERS_LIMIT; i++) {
		struct right copy = watcher_copy(i);
		if (copy.kind == RIGHT_SEND)
			right_release(copy);
	}
	kern_return_t result = KERN_RESOURCE_SHORTAGE;
	lock_acquire(&watch_lock);
	for (unsigned i = 0; i < WATCHERS_LIMIT && result; i++) {
		if (watchers[i].port.kind != RIGHT_NONE)
			continue;
		watchers[i] = (struct watcher){.port = port};
		watcher_count++;
		result = KERN_SUCCESS;
	}
	lock_release(&watch_lock);
	return result;
}

void seat_watch_task(struct task *task, enum seat_event_kind kind)
{
	static const enum seat_reason reasons[] = {
		[KERN_DEATH_EXIT] = SEAT_REASON_EXIT,
		[KERN_DEATH_SIGNAL] = SEAT_REASON_SIGNAL,
		[KERN_DEATH_LOAD] = SEAT_REASON_LOAD,
		[KERN_DEATH_PROTOCOL] = SEAT_REASON_PROTOCOL,
	};
	struct seat_event event = {.kind = kind, .time = md_clock_now()};
	lock_acquire(&task->lock);
	event.task = task->id;
	memcpy(event.name, task->name, sizeof(task->name));
	if (kind == SEAT_EVENT_TASK_END) {
		event.reason = reasons[task->death_why];
		event.code = task->death_code;
	}
	lock_release(&task->lock);
	seat_watch_post(&event);
}

void seat_watch_device(const struct seat *seat, enum seat_event_kind kind)
{
	struct seat_event event = {.kind = kind, .time = md_clock_now(), .seat = seat->id};
	memcpy(event.name, seat->name, sizeof(event.name)); // these two never change
	seat_watch_post(&event);
}
