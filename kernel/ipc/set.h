// SPDX-License-Identifier: MIT
// Port sets: receive from many ports by one name. A port can be in many sets; port and set are in the same space.
//
// A link is on its set's ready list while its port's queue holds messages. A receiver takes the first ready link's port
// (with a reference), lets go of the set, locks the port and looks again.
// 1. Membership changes under space lock + port lock + set lock.
// 2. Nobody who could be claimed waits on a set that has a ready link.
#ifndef KERNEL_IPC_SET_H
#define KERNEL_IPC_SET_H

#include "port.h"

struct port_set {
	struct object object;
	struct lock lock;            // RANK_PORT_SET
	bool dead;                   // [l]
	mach_port_name_t name;       // [space lock]
	unsigned count;              // [l] members
	struct list members;         // [l] set_link.set_link
	struct list ready;           // [l] set_link.ready_link
	struct wait_queue receivers; // [l]
	struct account *account;     // [I] a reference
};

struct set_link {
	struct port *port;       // [I] no reference: the port unlinks before it leaves the space
	struct port_set *set;    // [I] no reference
	struct list port_link;   // [port lock]
	struct list set_link;    // [set lock]
	struct list ready_link;  // [set lock]
};

extern const struct object_kind port_set_kind;

static inline struct port_set *port_set_reference(struct port_set *set)
{
	object_reference(&set->object);
	return set;
}
static inline void port_set_release(struct port_set *set) { object_release(&set->object); }

// An empty set with one reference. NULL: no memory, limit.
struct port_set *port_set_create(struct account *account);
// Everybody leaves; receivers get MACH_RCV_PORT_DIED. Space lock held (or the space is dead).
void port_set_end(struct port_set *set);
// All with the space lock held. KERN_ALREADY_IN_SET, KERN_RESOURCE_SHORTAGE; KERN_NOT_IN_SET.
kern_return_t must_check port_set_insert(struct port_set *set, struct port *port);
kern_return_t must_check port_set_extract(struct port_set *set, struct port *port);
// Out of all sets but `keep` (NULL: all). Port lock held as well.
void port_set_extract_others_locked(struct port *port, const struct port_set *keep);
// Out of all sets. Port lock held as well.
void port_set_extract_all_locked(struct port *port);

// The port's queue went from empty to not empty, or back. Port lock held.
void port_set_mark_ready_locked(struct port *port);
void port_set_mark_empty_locked(struct port *port);
// Claims a receiver of any set that the port is in; NULL: none waits. Port lock held.
struct thread *port_set_claim_receiver_locked(struct port *port);
// Is the port a member? Port lock held.
bool port_set_contains_locked(const struct port_set *set, const struct port *port);

#endif
