// SPDX-License-Identifier: MIT
// Rights outside of spaces: making, copying, dropping. Every struct right that is not NONE or DEAD must end in exactly one
// of: right_release, space_insert_right, a message.
#ifndef KERNEL_IPC_RIGHT_H
#define KERNEL_IPC_RIGHT_H

#include "port.h"

struct doom;

static inline struct port *right_port(struct right right) { return right.badge->port; }
static inline bool right_valid(struct right right) { return right.kind > RIGHT_DEAD; }

// New rights to a port that the caller has a reference on; DEAD when the port is dead. As with a receive right in Mach,
// port_make_send counts in the make-send count.
struct right port_make_send(struct port *port) must_check;
struct right port_make_send_once(struct port *port) must_check;
// A send right that carries `value`. 0 is the same as port_make_send. NONE: no memory, or the account's limit.
struct right port_make_badged(struct port *port, uint64_t value, struct account *account) must_check;
// Another send right like this one (of kind SEND); DEAD when the port has died.
struct right right_copy_send(struct right right) must_check;
// Drops any right: the last send right tells who asked for no-senders, a send-once right sends its notification, a
// receive right ends its port. No lock held.
void right_release(struct right right);

// Asks that `notify` (a send-once right; NONE: nobody) be told when no send right with the badge is left, at once if that
// is so already and `sync` is not above the make-send count. *previous: who was asked before. The badge need not be in
// use. KERN_INVALID_CAPABILITY: dead port. KERN_RESOURCE_SHORTAGE. On errors `notify` stays the caller's.
kern_return_t must_check port_request_no_senders(struct port *port, uint64_t badge, uint32_t sync, struct right notify,
						 struct account *account, struct right *previous);

// ---- For kernel/ipc alone ------------------------------------------------------------------------------------------

// One more right of a badge that has at least one (which somebody holds still while this is called).
static inline struct right badge_copy(struct badge *badge)
{
	atomic_fetch_add_explicit(&badge->send_rights, 1, memory_order_relaxed);
	return (struct right){badge, RIGHT_SEND};
}
// Port lock held, port alive. NULL from badge_find_locked: none with that value in use.
struct badge *badge_find_locked(struct port *port, uint64_t value);
struct right badge_make_locked(struct badge *badge);
struct right port_make_send_once_locked(struct port *port);
// The last right of a badge is gone. No lock held, unless the port is dead.
void badge_unused(struct badge *badge);
static inline void badge_drop(struct badge *badge)
{
	if (atomic_fetch_sub_explicit(&badge->send_rights, 1, memory_order_acq_rel) == 1)
		badge_unused(badge);
}
// A send-once right is used up (its message was received or could not be): no notification.
void send_once_used(struct port *port);
void right_doom(struct right right, struct doom *doom);
// Port dying, its lock held: moves no-senders requests of badges from value *from on (start with 0) to `to`, at most
// `room`; returns how many, 0 at the end.
size_t badge_take_requests_locked(struct port *port, uint64_t *from, struct right *to, size_t room);

#endif
