// SPDX-License-Identifier: MIT
// Notifications: the messages that the kernel sends about ports, and the requests for dead-name and send-possible ones.
//
// A request belongs to an entry of a space (at most one each) and is linked to its port. Layouts: include/mach/notify.h.
// All are sent to a send-once right, which they use up, and ignore queue limits. The trailer's badge of a no-senders
// notification is the badge that has no senders.
#ifndef KERNEL_IPC_NOTIFY_H
#define KERNEL_IPC_NOTIFY_H

#include "space.h"

struct doom;

enum request_state {
	REQUEST_WAITING, // on port->requests
	REQUEST_ARMED,   // on port->armed: told when the queue has room
	REQUEST_FIRED,   // on no list; the port told (or is about to tell)
	REQUEST_ORPHAN,  // its entry is gone while the dying port still needs it; freed by the port
};

struct port_request {
	struct list link;         // [port lock]
	struct port *port;        // [I] a reference
	struct right notify;      // [port lock] send-once; NONE when fired
	mach_port_name_t name;    // [port lock] what the asker calls the port
	uint8_t state;            // [port lock] enum request_state
	bool send_possible;       // [I] else dead name only
	bool died;                // [port lock] FIRED because the port died
	struct account *account;  // [I] the space's; a reference
};

// Requests a notification for the entry's port. `notify` is consumed on success. *previous: who was asked before (or
// NONE); with notify NONE the request is only cancelled. immediate: a send-possible one is told at once if there is room
// (*fire is then `notify`, for the caller to tell once the lock is released), else armed. Space lock held; the entry holds a
// SEND, SEND_ONCE or RECEIVE right. KERN_RESOURCE_SHORTAGE, KERN_INVALID_CAPABILITY (the port just died).
kern_return_t must_check request_replace_locked(struct space *space, struct entry *entry, mach_port_name_t name,
						bool send_possible, bool immediate, struct right notify,
						struct right *previous, struct right *fire);
// The entry goes away or its right leaves: the request is cancelled; returns who is to get a port-deleted notification
// (NONE: nobody, also when it already fired). Space lock held.
struct right request_cancel_locked(struct entry *entry) must_check;
// The entry's port is dead: forgets the request; true when a dead-name notification for it was or will be sent. Space lock held.
bool request_expire_locked(struct entry *entry);
// MACH_PORT_TYPE_*REQUEST bits of a request. Its space's lock held.
uint32_t request_type(struct port_request *request);
// The entry got another name.
void request_rename_locked(struct entry *entry, mach_port_name_t name);
// A send with MACH_SEND_NOTIFY found the queue full: arms the entry's request. Space lock held. True if armed.
bool request_arm_locked(struct entry *entry);
// The port's queue has room: takes one armed request. Port lock held. False: none.
bool request_take_armed_locked(struct port *port, struct right *notify, mach_port_name_t *name);
// The port died: sends the dead-name notifications. No lock held.
void requests_fire_dead(struct port *port, struct doom *doom);

// Each consumes `notify` and does nothing if it is NONE or DEAD. No lock held.
void notify_port_deleted(struct right notify, mach_port_name_t name);
void notify_send_possible(struct right notify, mach_port_name_t name);
void notify_dead_name(struct right notify, mach_port_name_t name);
void notify_no_senders(struct right notify, uint32_t make_send_count, uint64_t badge);
void notify_send_once(struct right notify);
// `receive` (a RECEIVE right) is consumed as well; what cannot be delivered goes to `doom`.
void notify_port_destroyed(struct right notify, struct right receive, struct doom *doom);

#endif
