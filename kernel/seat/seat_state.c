// SPDX-License-Identifier: MIT
// The life of a seat: one transition function, and the rules of what follows what.
//
//   VACANT ------ need: look-up, message, start ------> STARTING
//   STARTING ---- seat_take -------------------------> OCCUPIED
//   STARTING, OCCUPIED -- the occupant ended --------> STARTING (at once), BACKING_OFF or VACANT
//   BACKING_OFF -- the time has come ----------------> STARTING, or VACANT when nothing needs it
//   any ---------- stop -----------------------------> DISABLED -- start --> STARTING
// Everything here is called with the seat's lock held, except seat_kick.
#include "seat.h"

#include "../core/trace.h"
#include "../task/task.h"
#include "image.h"

static const char *const state_names[] = {"?",           "vacant",   "starting", "occupied",
					  "backing off", "disabled", "removed"};
static const char *const reason_names[] = {"nothing",
					   "exit status",
					   "signal",
					   "launch failure",
					   "not taking its seat in time",
					   "missed heartbeat",
					   "leaving its seat",
					   "stop",
					   "breach of protocol"};

const char *seat_state_name(enum seat_state state)
{
	return (unsigned)state < array_count(state_names) ? state_names[state] : "?";
}

const char *seat_reason_name(enum seat_reason reason)
{
	return (unsigned)reason < array_count(reason_names) ? reason_names[reason] : "?";
}

void seat_kick(struct seat *seat, uint32_t bits)
{
	// Whoever makes `events` non-zero posts the work, with a reference that seat_step drops.
	if (atomic_fetch_or(&seat->events, bits) == 0 && object_reference_if_alive(&seat->object))
		work_post(&seat->work);
}

static void seat_log_locked(const struct seat *seat, enum seat_state state)
{
	uint32_t task = seat->occupant ? seat->occupant->id : 0;
	switch (state) {
	case SEAT_OCCUPIED:
		log_line("seat", "%s: taken by task %u (launch %u)", seat->name, task, seat->generation);
		break;
	case SEAT_BACKING_OFF:
		log_line("seat", "%s: backs off for %llu ms, %u failures in a row", seat->name,
			 (unsigned long long)((seat->next_try - seat->since + 999999) / 1000000), seat->failures);
		break;
	case SEAT_STARTING:
		log_line("seat", "%s: launch %u", seat->name, seat->generation);
		break;
	default:
		log_line("seat", "%s: %s", seat->name, seat_state_name(state));
	}
}

static void seat_log_end_locked(const struct seat *seat)
{
	char code[16] = "";
	if (seat->reason == SEAT_REASON_EXIT || seat->reason == SEAT_REASON_SIGNAL || seat->reason == SEAT_REASON_LOAD)
		format_text(code, sizeof(code), " %d", seat->code);
	log_line("seat", "%s: the server (task %u) ended by %s%s", seat->name, seat->occupant ? seat->occupant->id : 0,
		 seat_reason_name(seat->reason), code);
}

void seat_enter_locked(struct seat *seat, enum seat_state state)
{
	struct seat_event event = {
		.kind = SEAT_EVENT_STATE,
		.time = md_clock_now(),
		.seat = seat->id,
		.state = state,
		.before = seat->state,
		.reason = seat->reason,
		.code = seat->code,
		.task = seat->occupant ? seat->occupant->id : 0,
		.generation = seat->generation,
		.restarts = seat->restarts,
	};
	lock_assert_held(&seat->lock);
	assert(seat->state != SEAT_REMOVED);
	memcpy(event.name, seat->name, sizeof(event.name));
	seat->state = state;
	seat->since = event.time;
	trace_record_text(TRACE_LIFE, TRACE_SEAT_STATE, seat->id, state, 0, seat->name);
	seat_log_locked(seat, state);
	seat_watch_post(&event);
}

void seat_set_deadline_locked(struct seat *seat, uint64_t deadline)
{
	seat->deadline = deadline;
	if (deadline)
		timer_set(&seat->timer, deadline);
	else
		timer_cancel(&seat->timer);
}

// Whether the last end was one that asks for no other launch by itself.
static bool ended_well(const struct seat *seat)
{
	return seat->reason == SEAT_REASON_NONE || (seat->reason == SEAT_REASON_EXIT && seat->code == 0) ||
	       seat->reason == SEAT_REASON_LEFT || seat->reason == SEAT_REASON_STOPPED;
}

void seat_begin_locked(struct seat *seat)
{
	if (seat->generation > 0 && !ended_well(seat))
		seat->restarts++;
	seat->generation++;
	seat_set_deadline_locked(seat, 0);
	seat_enter_locked(seat, SEAT_STARTING);
	seat_kick(seat, SEAT_LAUNCH_DUE);
}

bool seat_has_demand(struct seat *seat)
{
	lock_acquire(&seat->port->lock);
	bool demand = seat->port->queued > 0;
	lock_release(&seat->port->lock);
	return demand;
}

static void seat_continue_locked(struct seat *seat)
{
	bool again = !ended_well(seat) && !(seat->recipe->head.flags & SEAT_RESTART_DEMAND);
	if (!again && !seat_has_demand(seat)) {
		seat_set_deadline_locked(seat, 0);
		seat_enter_locked(seat, SEAT_VACANT);
		// A message that came between the look and the transition kicked a seat that was not vacant.
		if (!seat_has_demand(seat))
			return;
	}
	seat_begin_locked(seat);
}

void seat_ended_locked(struct seat *seat, enum seat_reason reason, int code)
{
	uint64_t now = md_clock_now();
	bool stale = seat->occupant_generation != seat->generation;
	bool stable = seat->state == SEAT_OCCUPIED && now - seat->since >= seat->recipe->head.backoff_reset;
	if (seat->verdict != SEAT_REASON_NONE)
		reason = seat->verdict;
	seat->verdict = SEAT_REASON_NONE;
	seat->pinged = false;
	seat->reason = reason;
	seat->code = code;
	seat_log_end_locked(seat);
	if (seat->state != SEAT_STARTING && seat->state != SEAT_OCCUPIED)
		return;
	if (stale) { // a restart has waited for this
		seat_kick(seat, SEAT_LAUNCH_DUE);
		return;
	}
	seat->failures = stable ? 1 : seat->failures + 1;
	uint64_t wait = recipe_backoff(seat->recipe, seat->failures);
	if (wait > 0) {
		seat->next_try = now + wait;
		seat_enter_locked(seat, SEAT_BACKING_OFF);
		seat_set_deadline_locked(seat, seat->next_try);
		return;
	}
	seat_continue_locked(seat);
}

// ---- Events --------------------------------------------------------------------------------------------------------

// What seat_step does once it has let go of the lock.
struct seat_deeds {
	struct task *kill;     // a reference
	struct recipe *launch; // a reference
	struct image *image;   // with launch: a reference or NULL
	uint32_t generation;
	struct recipe *ask;    // a reference
	uint32_t request;      // with ask: its number
	bool ping;
	struct task *aged;     // with ping, a reference: whether it holds a request for more than `answers` pings; or NULL
	uint32_t answers;
};

static void seat_condemn_locked(struct seat *seat, enum seat_reason verdict, struct seat_deeds *deeds)
{
	if (!seat->occupant || seat->verdict != SEAT_REASON_NONE)
		return;
	seat->verdict = verdict;
	deeds->kill = task_reference(seat->occupant);
}

static void seat_time_locked(struct seat *seat, struct seat_deeds *deeds)
{
	if (!seat->deadline || md_clock_now() < seat->deadline)
		return;
	seat->deadline = 0;
	if (seat->state == SEAT_BACKING_OFF) {
		seat_continue_locked(seat);
	} else if (seat_awaits_image_locked(seat)) {
		seat_image_late_locked(seat);
	} else if (seat->state == SEAT_STARTING) {
		seat_condemn_locked(seat, SEAT_REASON_START_TIMEOUT, deeds);
	} else if (seat->state == SEAT_OCCUPIED && seat->pinged) {
		seat_condemn_locked(seat, SEAT_REASON_HEARTBEAT, deeds);
	} else if (seat->state == SEAT_OCCUPIED && seat->recipe->head.heartbeat_interval) {
		seat->pinged = true;
		deeds->ping = true;
		deeds->answers = recipe_answers(seat->recipe);
		deeds->aged = deeds->answers && seat->occupant ? task_reference(seat->occupant) : NULL;
		seat_set_deadline_locked(seat, md_clock_now() + seat->recipe->head.heartbeat_timeout);
	}
}

// Who answers pings but not requests is condemned all the same.
static void seat_look_at_answers(struct seat *seat, struct seat_deeds *deeds)
{
	if (space_age_answers(&deeds->aged->space) > deeds->answers) {
		lock_acquire(&seat->lock);
		if (seat->state == SEAT_OCCUPIED && seat->occupant == deeds->aged) {
			log_line("seat", "%s: the server (task %u) has left a request without an answer", seat->name, deeds->aged->id);
			seat_condemn_locked(seat, SEAT_REASON_HEARTBEAT, deeds);
		}
		lock_release(&seat->lock);
	}
	task_release(deeds->aged);
}

// The right came home although nobody died: the occupant has let go of it.
static void seat_returned_locked(struct seat *seat, struct seat_deeds *deeds, struct task **left)
{
	struct task *task = seat->occupant;
	if (seat->state != SEAT_OCCUPIED || !task || port_state(seat->port) != PORT_KEPT)
		return;
	lock_acquire(&task->lock);
	bool alive = task->state == TASK_ALIVE;
	lock_release(&task->lock);
	if (!alive)
		return; // seat_task_ended follows
	if (seat->device) { // what it has mapped of the device ends with it alone: no other driver may come before
		seat_condemn_locked(seat, SEAT_REASON_LEFT, deeds);
		return;
	}
	seat_ended_locked(seat, SEAT_REASON_LEFT, 0);
	seat->occupant = NULL;
	*left = task;
}

// The launch goes on when the program is here.
static void seat_await_image_locked(struct seat *seat, struct seat_deeds *deeds)
{
	if (!seat->deadline)
		seat_set_deadline_locked(seat, md_clock_now() + seat->recipe->head.start_timeout);
	if (seat->asked)
		return;
	seat->asked = deeds->request = ++seat->asks;
	deeds->ask = recipe_reference(seat->recipe);
}

static void seat_launch_due_locked(struct seat *seat, struct seat_deeds *deeds)
{
	if (seat->state != SEAT_STARTING || seat->launched == seat->generation)
		return;
	if (seat->occupant || port_state(seat->port) != PORT_KEPT)
		return; // the last one has not quite gone; its end kicks again
	if (seat_lacks_image_locked(seat)) {
		seat_await_image_locked(seat, deeds);
		return;
	}
	seat->launched = seat->generation;
	deeds->generation = seat->generation;
	deeds->launch = recipe_reference(seat->recipe);
	deeds->image = seat->image ? image_reference(seat->image) : NULL;
}

void seat_step(struct work *work)
{
	struct seat *seat = container_of(work, struct seat, work);
	struct seat_deeds deeds = {0};
	struct task *left = NULL;
	uint32_t events = atomic_exchange(&seat->events, 0);
	lock_acquire(&seat->lock);
	if (events & SEAT_RETURNED)
		seat_returned_locked(seat, &deeds, &left);
	if (events & SEAT_TIME)
		seat_time_locked(seat, &deeds);
	if ((events & SEAT_WANTED) && seat->state == SEAT_VACANT && seat_has_demand(seat))
		seat_begin_locked(seat);
	seat_launch_due_locked(seat, &deeds);
	bool over = seat->state == SEAT_REMOVED && !seat->port_ended && port_state(seat->port) == PORT_KEPT;
	seat->port_ended |= over;
	lock_release(&seat->lock);
	if (over)
		port_end_kept(seat->port);
	if (events & SEAT_PORT_DIED)
		seat_release(seat); // the port's
	if (left)
		task_release(left);
	if (deeds.aged)
		seat_look_at_answers(seat, &deeds);
	if (deeds.kill) {
		task_terminate(deeds.kill, KERN_DEATH_PROTOCOL, 0);
		task_release(deeds.kill);
	}
	if (deeds.ping)
		seat_ping(seat);
	if (deeds.ask) {
		seat_ask_loader(seat, deeds.ask, deeds.request);
		recipe_release(deeds.ask);
	}
	if (deeds.launch)
		seat_launch(seat, deeds.launch, deeds.image, deeds.generation);
	seat_release(seat);
}
