// SPDX-License-Identifier: MIT
// Seats: named places that servers take. A seat owns its port, so handles and queues outlive every occupant.
//
// To add one call seat_register; for a handle seat_lookup (which has a vacant seat's server launched); a server sits
// down with seat_take. Launches, timers and returns of the right are events that one work item per seat deals with
// (seat_step); nobody who looks up, sends or dies ever waits for a launch.
// 1. `state` is changed only by seat_enter_locked (seat_state.c), which traces, logs and tells watchers.
// 2. `occupant` is the task that was launched for the current or (while it is still ending) the last generation, or that
//    took the seat. A launch happens only when there is none and the port is KEPT.
// 3. `generation` counts decisions to launch; `launched` is the last one that was carried out.
// Locks: table, seat, then tasks and ports. No lock is held over a launch, a termination or a message.
#ifndef KERNEL_SEAT_SEAT_H
#define KERNEL_SEAT_SEAT_H

#include "../core/list.h"
#include "../core/lock.h"
#include "../core/object.h"
#include "../core/timer.h"
#include "../core/tree.h"
#include "../core/work.h"
#include "../ipc/right.h"
#include "recipe.h"

#include <gila/seat.h>

struct device;
struct image;
struct memory;
struct task;

#define SEAT_NEEDS_MAX 32u // seats that one server looks up while it starts, as far as circles are looked for

enum seat_event_bits {
	SEAT_LAUNCH_DUE = 1, // STARTING: see whether the launch can be carried out
	SEAT_WANTED = 2,     // a message was queued while nobody has the port
	SEAT_RETURNED = 4,   // the port is KEPT again
	SEAT_TIME = 8,       // the timer fired
	SEAT_PORT_DIED = 16, // REMOVED: the port makes no more use of the seat
};

struct seat {
	struct object object;
	uint32_t id;                      // [I]
	char name[SEAT_NAME_MAX + 1];     // [I]
	struct device *device;            // [I] whose driver sits here; NULL: an ordinary seat. Devices live for ever
	struct tree_node by_name, by_id;  // [table lock]
	struct port *port;                // [I] a reference, the keeper's
	bool port_ended;                  // [l] REMOVED: the port is dead, or about to be
	struct port *reply_port;          // [I] where answers to the kernel's own messages come in; a reference
	struct work work;                 // seat_step
	struct timer timer;
	_Atomic uint32_t events;          // [a] enum seat_event_bits; a posted work has a reference
	struct lock lock;                 // RANK_SEAT
	enum seat_state state;            // [l]
	struct recipe *recipe;            // [l] a reference
	struct image *image;              // [l] replaces the program of the recipe; a reference, NULL: none
	uint32_t asks;                    // [l] requests for the program to the loader so far: their numbers (seat_image.c)
	uint32_t asked;                   // [l] the one that is under way; 0: none
	uint32_t stale;                   // [l] those up to this one are about a program that the seat has no more
	struct memory *kept;              // [l] for the next occupant (seat_keep.c); a reference, NULL: nothing
	struct task *occupant;            // [l] a reference, NULL: none
	uint32_t occupant_generation;     // [l] that it was launched for
	enum seat_reason verdict;         // [l] why the kernel ends the occupant; NONE: it ends by itself
	uint32_t generation, launched;    // [l]
	uint32_t restarts;                // [l] launches after an end that nobody asked for
	uint32_t failures;                // [l] unstable runs in a row
	enum seat_reason reason;          // [l] the last end
	int code;                         // [l]
	uint64_t since;                   // [l] when the state began
	uint64_t deadline;                // [l] what the timer is set to; 0: nothing
	uint64_t next_try;                // [l] BACKING_OFF: when
	bool pinged;                      // [l] OCCUPIED: a ping has not been answered yet
	uint64_t lookups;                 // [l]
	uint32_t needs[SEAT_NEEDS_MAX];   // [table lock] ids of seats that the server which is starting looked up
	uint32_t needs_count;             // [table lock]
	uint32_t needs_generation;        // [table lock] that they are about
	uint32_t image_from;              // [table lock] id of the seat that its program is awaited from; 0: none
	struct list walk_link;            // [table lock] seat_cycle.c
	struct seat *walk_from;           // [table lock]
	uint32_t walk_mark;               // [table lock]
};

extern const struct object_kind seat_kind;

void seat_module_init(void);

static inline struct seat *seat_reference(struct seat *seat)
{
	object_reference(&seat->object);
	return seat;
}
static inline void seat_release(struct seat *seat) { object_release(&seat->object); }

// ---- By tasks ------------------------------------------------------------------------------------------------------

// A send right to the seat, or to a service of the kernel ("kernel/..."); its server is launched if it is vacant.
// KERN_DENIED: not granted to the task. KERN_NOT_FOUND: no such seat. KERN_ALREADY_WAITING: a circle of servers that
// wait for each other to start. Each is logged with the names.
kern_return_t must_check seat_lookup(struct task *task, const char *name, struct right *right);
// Moves the receive right of the seat into the task that was launched for it; a task with the grant SEAT_GRANT_MANAGE
// may take a seat that is vacant, backing off or disabled. KERN_NOT_FOUND, KERN_DENIED, KERN_NOT_RECEIVER (it is not
// this task's to take), KERN_RESOURCE_SHORTAGE, KERN_NO_SPACE.
kern_return_t must_check seat_take(struct task *task, const char *name, mach_port_name_t *port);

// ---- Management ----------------------------------------------------------------------------------------------------

// Adds a seat (or, with `replace`, gives an existing one a new recipe for its next launch). The recipe is consumed on
// success. KERN_NAME_EXISTS, KERN_NOT_FOUND (no such program, or with `replace` no such seat), KERN_DENIED (it grants
// or allows more than the registrar has), KERN_RESOURCE_SHORTAGE; the reason is in `complaint` (RECIPE_COMPLAINT_MAX).
kern_return_t must_check seat_register(struct task *registrar, struct recipe *recipe, bool replace, char *complaint);
// What seat_register checks: the registrar has been granted `names` (a pattern) and all that the recipe grants or allows,
// and the boot archive has the program, unless there is an image of it.
kern_return_t must_check seat_check_recipe(struct task *registrar, const char *names, const struct recipe *recipe,
					   const struct image *image, char *complaint);
// A seat for a driver, by the recipe (whose name is not used) and the image (NULL: the recipe's program); takes references
// of both. *seat comes with a reference. KERN_NAME_EXISTS, KERN_RESOURCE_SHORTAGE. The device's lock may be held.
kern_return_t must_check seat_add_device(struct device *device, const char *name, struct recipe *recipe,
					 struct image *image, struct seat **seat);
// For the next launches; takes references. The device's lock may be held.
void seat_set_program(struct seat *seat, struct recipe *recipe, struct image *image);
// Ends the occupant and lets nobody be launched until seat_start.
void seat_stop(struct seat *seat);
// Launches the server if there is none, now, whatever the backoff says; forgets failures.
void seat_start(struct seat *seat);
// Ends the occupant and launches the server anew.
void seat_restart(struct seat *seat);
// Ends the occupant and the seat: handles become dead names.
void seat_remove(struct seat *seat);
// The program's image for the next launches: a copy of the memory object. NULL: that of the recipe again.
kern_return_t must_check seat_set_image(struct seat *seat, struct memory *memory);
// By the loader, about a request of that number. KERN_NOT_WAITING: the seat has no use for it any more.
kern_return_t must_check seat_image_loaded(struct seat *seat, uint32_t request, struct memory *memory);
kern_return_t must_check seat_image_failed(struct seat *seat, uint32_t request, kern_return_t why, const char *reason);
// Notes that the program is awaited from `source`. KERN_ALREADY_WAITING: that closes a circle, which is logged and written to
// `circle`.
kern_return_t must_check seat_image_from(struct seat *seat, uint32_t request, struct seat *source, char *circle, size_t room);

// The seat whose server the task is, whether it has taken its seat yet or not; with a reference. NULL: none.
struct seat *seat_of_occupant(struct task *task);
// By its name, or device/ADDRESS for that of a device's driver. With a reference; NULL: none.
struct seat *seat_find(const char *name);
struct seat *seat_next(uint32_t after_id);
// The seat whose port that is; 0: none's, or of one that was removed. Port lock held.
uint32_t seat_id_of_port_locked(struct port *port);

// Asks the servers of all seats that keep memory to bring what is in it to where it stays, and waits for their answers. False: not
// all have answered by the deadline. By one thread at a time; may suspend.
bool seats_settle(uint64_t deadline);

// ---- By task.c -----------------------------------------------------------------------------------------------------

// A task whose `seat` this was is DEAD. Consumes that reference on the seat.
void seat_task_ended(struct seat *seat, struct task *task);
// Tells watchers about the task. kind: SEAT_EVENT_TASK_START, SEAT_EVENT_TASK_END.
void seat_watch_task(struct task *task, enum seat_event_kind kind);
// Tells them about the seat of a device. kind: SEAT_EVENT_DEVICE_ADDED, SEAT_EVENT_DEVICE_REMOVED.
void seat_watch_device(const struct seat *seat, enum seat_event_kind kind);

// ---- Watching ------------------------------------------------------------------------------------------------------

// Events go to the port of the send right (consumed on success) until it dies. KERN_RESOURCE_SHORTAGE: too many.
kern_return_t must_check seat_watch(struct right port);

// ---- Between the files of this folder ------------------------------------------------------------------------------

void seat_watch_init(void);
// Queues an event for the watchers; never blocks. Any lock up to RANK_TASK may be held.
void seat_watch_post(const struct seat_event *event);
// One look at the events of the seat, soon, by a kernel thread. Any lock up to RANK_THREAD may be held.
void seat_kick(struct seat *seat, uint32_t bits);
void seat_step(struct work *work);
// All with the seat's lock held.
void seat_enter_locked(struct seat *seat, enum seat_state state);
void seat_begin_locked(struct seat *seat);
void seat_set_deadline_locked(struct seat *seat, uint64_t deadline);
bool seat_has_demand(struct seat *seat);
// The occupant is gone: what comes next. `by_itself`: its own reason and code, which a verdict overrides.
void seat_ended_locked(struct seat *seat, enum seat_reason reason, int code);
// seat_launch.c: carries out the launch that was decided. No lock held.
void seat_launch(struct seat *seat, struct recipe *recipe, struct image *image, uint32_t generation);
// seat_image.c. Lock held: the program is a file, and it is not here yet.
bool seat_lacks_image_locked(const struct seat *seat);
// Lock held: the launch waits for the program.
bool seat_awaits_image_locked(const struct seat *seat);
// Lock held: what was asked of the loader is about another program now.
void seat_forget_asked_locked(struct seat *seat);
// Lock held: the launch has waited long enough.
void seat_image_late_locked(struct seat *seat);
// No lock held: asks the loader for the program.
void seat_ask_loader(struct seat *seat, const struct recipe *recipe, uint32_t request);
// The loader's reply to a request, or its death with one (0).
void seat_asked_over(struct seat *seat, uint32_t request, kern_return_t code);
// seat_reply.c
struct port *seat_create_reply_port(struct seat *seat);
// seat_heartbeat.c
void seat_ping(struct seat *seat);
void seat_pong(struct seat *seat);
// seat_cycle.c, table lock held: `starter`, which is starting, needs `needed`. False: that closes a circle, which is
// written to `circle`. starter == needed counts as one.
bool must_check seat_need_locked(struct seat *starter, struct seat *needed, char *circle, size_t room);
// The same, but nothing is noted.
bool must_check seat_may_need_locked(struct seat *starter, struct seat *needed, char *circle, size_t room);
struct seat *seat_by_id_locked(uint32_t id);
const char *seat_state_name(enum seat_state state);
const char *seat_reason_name(enum seat_reason reason);

#endif
