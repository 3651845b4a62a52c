// SPDX-License-Identifier: MIT
// Ports: message queues with one receiver, and the badges through which send rights refer to them.
//
// To make one call port_create; rights to it are made with port_make_* (right.h) and put into spaces (space.h).
// 1. `state` changes under the port's lock by port_set_state alone. PORT_DEAD is final.
// 2. While the port is LIVE, `space` and `name` change under the space's lock *and* the port's: either suffices to read.
// 3. All send rights of one badge together hold one reference on it (struct badge.holders), every badge in use and every
//    send-once right holds a reference on the port, so does every message whose queue it is in (through its right).
// 4. Nobody who could be claimed waits in `senders` while the queue has room, nor in `receivers` while it holds messages.
// 5. Locks: space -> transit -> port -> port set. `destination` belongs to the transit lock (transit.h).
#ifndef KERNEL_IPC_PORT_H
#define KERNEL_IPC_PORT_H

#include "../core/alloc.h"
#include "../core/list.h"
#include "../core/lock.h"
#include "../core/object.h"
#include "../core/tree.h"
#include "../core/wait.h"
#include <mach/message.h>
#include <mach/port.h>

struct lpc_request;
struct message;
struct port;
struct space;

// Where the receive right is.
enum port_state {
	PORT_LIVE,    // in a space                                    -> TRANSIT, KEPT, DEAD
	PORT_TRANSIT, // in a message, or in the hands of the kernel   -> LIVE, KEPT, DEAD
	PORT_KEPT,    // with the port's keeper, no task has it        -> TRANSIT, DEAD
	PORT_OBJECT,  // nowhere: the kernel itself serves the port    -> DEAD
	PORT_DEAD,
};

enum port_flags {
	PORT_GUARDED = 1,            // `context` is the guard
	PORT_STRICT_GUARD = 2,       // the guard protects the context, too
	PORT_IMMOVABLE = 4,          // the receive right may not be sent
	PORT_SPECIAL_REPLY = 8,      // a thread's special reply port: send-once rights only
	PORT_REPLY = 16,             // made for replies: send-once rights only (MPO_REPLY_PORT)
	PORT_GUARD_IMMOVABLE = 32,   // IMMOVABLE came with the guard and goes with it
	PORT_TEMPOWNER = 64,         // attribute that is only remembered
	PORT_IMPORTANCE = 128,       // the same
};

enum right_kind {
	RIGHT_NONE, // MACH_PORT_NULL
	RIGHT_DEAD, // MACH_PORT_DEAD
	RIGHT_SEND,
	RIGHT_SEND_ONCE,
	RIGHT_RECEIVE,
};

// A right outside of all spaces: in a message, or held by the kernel. A plain value that owns what it says; see right.h.
// For SEND_ONCE and RECEIVE, badge is the port's plain one.
struct right {
	struct badge *badge;
	enum right_kind kind;
};

// What all send rights with one value have in common. Value 0 is embedded in the port (Mach's ordinary send rights).
struct badge {
	struct port *port;             // [I]
	uint64_t value;                // [I]
	_Atomic uint32_t send_rights;  // [a] 0 -> 1 only under the port's lock
	uint32_t holders;              // [l] see badge.c; 0: a badge other than 0 is freed
	uint32_t make_send_count;      // [l]
	uint32_t checked;              // [check] send rights found
	struct right no_senders;       // [l] where the no-more-senders notification goes; NONE: not asked for
	struct tree_node node;         // [l] port->badges; not the plain one
	struct account *account;       // [I] who minted it; a reference; NULL for the plain one
};

// Somebody who takes the receive right back when its holder ends (a seat), or who only watches (a timer: `returned`
// NULL, the port then dies as any other). Set before the port is known to others; the keeper outlives the port's use.
struct port_keeper_ops {
	// A message was queued while KEPT. Port lock held: post work only.
	void (*wanted)(struct port *port);
	// The port is KEPT (again); queue and blocked senders are intact. No lock held.
	void (*returned)(struct port *port);
	// No send right with badge 0 is left. No lock held. May be NULL.
	void (*no_senders)(struct port *port);
	// The port is dead. No lock held. May be NULL.
	void (*died)(struct port *port);
};

// A port that the kernel serves: messages to it are answered at once, in the sender's context.
struct port_object_ops {
	const char *name; // "task", for people
	// Serves one request; false: no such routine (MIG_BAD_ID is answered). See request.h.
	bool (*demux)(struct lpc_request *request);
	// No send right is left. No lock held; may end the port. NULL: nobody cares.
	void (*no_senders)(struct port *port, struct object *served);
	uint32_t kobject_type; // what mach_port_kobject tells
	uint32_t reply_size;   // bytes of the largest reply; 0: REQUEST_REPLY_SIZE (request.h)
};

struct port {
	struct object object;
	struct lock lock;                 // RANK_PORT
	_Atomic uint8_t state;            // [l] enum port_state
	uint8_t flags;                    // [l] enum port_flags
	uint32_t limit;                   // [l] messages before senders block
	struct space *_Atomic space;      // [l and space lock] LIVE: whose
	mach_port_name_t name;            // [l and space lock] LIVE: called what
	uint32_t sequence;                // [l] of the next message received
	uint32_t queued;                  // [l]
	struct list messages;             // [l] message.link
	struct wait_queue receivers;      // [l]
	struct wait_queue senders;        // [l] their messages are in thread.ipc
	struct list links;                // [l] set_link.port_link: the sets it is in
	struct badge plain;               // badge 0
	struct tree badges;               // [l] the others, by value
	struct list requests;             // [l] dead-name and send-possible requests
	struct list armed;                // [l] those of them that wait for room in the queue
	struct right destroyed;           // [l] where the receive right goes instead of being destroyed
	_Atomic uint32_t send_once_rights; // [a]
	uint32_t id;                      // [I] for traces and people; never used again
	struct port *destination;         // [transit] TRANSIT: whose queue the message is (to be) in; a reference
	uint64_t context;                 // [l]
	const struct port_keeper_ops *keeper; // [I]
	void *keeper_data;                // [I] the keeper's own
	const struct port_object_ops *ops;    // [I] OBJECT: what serves it
	struct object *served;            // [l] OBJECT: and whom it stands for; a reference
	struct account *account;          // [I] a reference
	struct list registry_link;        // [registry]
	uint32_t checked_once, checked_receive; // [check] send-once and receive rights found
};

extern const struct object_kind port_kind;

void port_module_init(void);
// All ports there are, oldest first within a shard: calls visit for each; the registry's lock of the shard is held, so
// visit may take no lock and release nothing.
void port_for_each(void (*visit)(struct port *port, void *context), void *context);

static inline enum port_state port_state(const struct port *port)
{
	return (enum port_state)atomic_load_explicit(&port->state, memory_order_acquire);
}
static inline bool port_alive(const struct port *port) { return port_state(port) != PORT_DEAD; }

static inline struct port *port_reference(struct port *port)
{
	object_reference(&port->object);
	return port;
}
static inline void port_release(struct port *port) { object_release(&port->object); }

// A port whose receive right is in the caller's hands (TRANSIT), with one reference for that right. NULL: no memory or
// limit of the account (which pays for the port for ever).
struct port *port_create(struct account *account);
// A port with a keeper, KEPT, the caller's reference is the keeper's. To give it to a task take the right with
// port_take_kept; to end it call port_end_kept. `data` is port->keeper_data.
struct port *port_create_kept(struct account *account, const struct port_keeper_ops *keeper, void *data) must_check;
// Lets `keeper` (with `returned` NULL) watch a port that was just created and is known to nobody else.
void port_watch(struct port *port, const struct port_keeper_ops *keeper, void *data);
// The receive right of a KEPT port, now TRANSIT, to be moved into a space (space_insert_right). NONE when it is not KEPT.
struct right port_take_kept(struct port *port) must_check;
// The keeper takes the receive right away from whoever has it, queue and blocked senders intact; receivers get
// MACH_RCV_PORT_DIED, the name becomes a dead name. `returned` is not called. False: it was in a message or dead.
bool port_recall(struct port *port);
// Ends a KEPT port as if its receive right had been destroyed. The keeper's reference stays the caller's.
void port_end_kept(struct port *port);

// A port that the kernel serves for `served` (a reference is taken). One reference for the caller, who ends the port with
// port_end_object when the served object's life ends. NULL: no memory, limit.
struct port *port_create_object(struct account *account, const struct port_object_ops *ops, struct object *served);
// The port dies; the reference on the served object is dropped. Idempotent.
void port_end_object(struct port *port);
// The object that the port stands for, with a reference, if the port is alive and served by `ops`; else NULL.
struct object *port_object(struct port *port, const struct port_object_ops *ops) must_check;

// What the receiver sees in MACH_PORT_RECEIVE_STATUS. Port lock held.
void port_status_locked(const struct port *port, mach_port_status_t *status);

// ---- For kernel/ipc alone ------------------------------------------------------------------------------------------

struct doom; // message.h

// Moves a live receive right out of its space: it leaves its sets, receivers get MACH_RCV_PORT_DIED, guard, context,
// sequence and make-send count are reset (as Mach does). Space and port locks held; TRANSIT afterwards.
void port_leave_space_locked(struct port *port);
// The receive right (TRANSIT) is now the space's, under `name`. Space and port locks held.
void port_enter_space_locked(struct port *port, struct space *space, mach_port_name_t name);
// The receive right (the caller's, TRANSIT) is destroyed: back to the keeper, to whom asked for a port-destroyed
// notification, or the port dies.
void port_drop_receive(struct port *port, struct doom *doom);
// Changes the queue limit; lets in those who find room now.
void port_set_limit(struct port *port, uint32_t limit);

#endif
