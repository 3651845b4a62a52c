// SPDX-License-Identifier: MIT
// Port spaces: a task's names for its rights. Embedded in struct task.
//
// A name is index << 8 | generation. Entries live in chunks that never move; chunk tables double, nothing is copied when
// a space grows. Free entries form a list; a freed entry's generation changes. Receive and send rights are also found by
// their badge (hash), so that equal send rights share a name.
// 1. Everything in a space is guarded by its lock; a DEAD space is only touched by space_destroy.
// 2. A right whose port died becomes a dead name when somebody next looks at it (entry_check).
// To look a name up for a kernel call use space_copy_send / space_port_object; to give a task a right, space_insert_right.
#ifndef KERNEL_IPC_SPACE_H
#define KERNEL_IPC_SPACE_H

#include "port.h"
#include "set.h"

#define SPACE_CHUNK_SHIFT 6u // entries in a chunk: 64
#define SPACE_CHUNK (1u << SPACE_CHUNK_SHIFT)
#define SPACE_NEAR_CHUNKS 8u // the first ones are found without their segment
#define SPACE_NEAR (SPACE_NEAR_CHUNKS << SPACE_CHUNK_SHIFT)
#define SPACE_SEGMENTS 15u   // of chunk pointers: 8, 16, 32, ...
#define SPACE_BUCKET_SEGMENTS 20u

#define MACH_PORT_UREFS_MAX 0xffffu // user references of a name, as on macOS

struct port_request; // request of a notification; notify.h

// Kinds of rights in an entry: the MACH_PORT_TYPE_* bits >> 16.
enum entry_type {
	ENTRY_FREE = 0,
	ENTRY_SEND = 1,
	ENTRY_RECEIVE = 2,
	ENTRY_SEND_ONCE = 4,
	ENTRY_SET = 8,
	ENTRY_DEAD = 16,
};

struct entry {
	union {
		struct badge *badge; // SEND, RECEIVE, SEND_ONCE
		struct port_set *set;
		struct {
			uint32_t next, previous; // FREE: neighbours on the free list; next 0: none; the first one's previous is nothing
		} free;
	};
	struct port_request *request; // dead-name or send-possible; owned
	uint32_t urefs;               // user references: of the send right, or of the dead name
	union {
		uint32_t hash_next;   // SEND, RECEIVE: index of the next entry in the bucket
		uint32_t age;         // SEND_ONCE: calls of space_age_answers so far
	};
	mach_port_name_t name;        // index and generation: what it is called, or will be
	uint8_t type;                 // enum entry_type bits
	uint16_t claims;              // rights that the message being checked takes from here
};

_Static_assert(sizeof(struct entry) == 1u << (8 - 3), "space_entry_near");

enum space_state { SPACE_NEW, SPACE_LIVE, SPACE_DEAD };

struct space {
	struct lock lock;             // RANK_SPACE
	enum space_state state;       // [l]
	struct entry *first;          // [l] the first chunk, or one that is all empty
	struct entry *spare;          // [l] a free entry that is on no list: the next one to be used; NULL: none
	uint32_t free_first;          // [l] index; 0: none
	struct account *account;      // [I] the task's
	uint32_t in_use;              // [l] entries
	uint32_t next_chunk;          // [l] no chunk below it is missing
	uint32_t chunk_count;         // [l] allocated, for people
	struct entry *near[SPACE_NEAR_CHUNKS];           // [l] the first segment
	struct entry **segments[SPACE_SEGMENTS];         // [l] of chunk pointers; [0] is `near`
	uint32_t *buckets[SPACE_BUCKET_SEGMENTS];        // [l] hash of badges -> first entry
	uint32_t bucket_count, hashed;                   // [l]
};

// An empty live space. KERN_RESOURCE_SHORTAGE.
kern_return_t must_check space_init(struct space *space, struct account *account);
// Destroys all rights; the space refuses everything from now on. Idempotent. No lock held. Takes O(names).
void space_destroy(struct space *space);
// The same, but the space is then empty and LIVE again (exec). KERN_INVALID_TASK: it is dead.
kern_return_t must_check space_reset(struct space *space);

// Gives the task a right; *name: in, MACH_PORT_NULL (the kernel picks; equal send rights get one more user reference) or
// the name wanted; out, the name. A DEAD right gives MACH_PORT_DEAD, NONE gives MACH_PORT_NULL. On success the right is
// consumed, on errors it stays the caller's. KERN_INVALID_TASK (dead space), KERN_NO_SPACE, KERN_RESOURCE_SHORTAGE,
// KERN_NAME_EXISTS, KERN_RIGHT_EXISTS, KERN_UREFS_OVERFLOW.
kern_return_t must_check space_insert_right(struct space *space, struct right right, mach_port_name_t *name);
// Takes a right out of the space as a message would (MACH_MSG_TYPE_MOVE_*, COPY_SEND, MAKE_*). KERN_INVALID_NAME,
// KERN_INVALID_RIGHT, KERN_INVALID_TASK. MACH_PORT_NULL and MACH_PORT_DEAD give NONE and DEAD.
kern_return_t must_check space_take_right(struct space *space, mach_port_name_t name, mach_msg_type_name_t disposition,
					  struct right *right);
// A copy of the send right, or (if the name is a receive right without one) a new send right.
kern_return_t must_check space_copy_send(struct space *space, mach_port_name_t name, struct right *right);
// The object behind a send right to a kernel port of that kind, with a reference; NULL when the name is anything else.
struct object *space_port_object(struct space *space, mach_port_name_t name, const struct port_object_ops *ops) must_check;
// The port that the space has the receive right of, with a reference. KERN_INVALID_NAME, KERN_INVALID_RIGHT.
kern_return_t must_check space_find_receive(struct space *space, mach_port_name_t name, struct port **port);
// Takes the receive right of `port` away (port_recall); the name keeps its send rights or becomes a dead name. The right,
// TRANSIT, is the caller's. False: the space does not have it.
bool must_check space_expel_receive(struct space *space, struct port *port);
// Every send-once right, which mostly is where a request wants its answer, becomes one call older. Returns the age of the oldest, 0:
// there is none. O(names).
uint32_t space_age_answers(struct space *space);
// Drops one user reference of a send, send-once or dead name (mach_port_deallocate).
kern_return_t space_deallocate(struct space *space, mach_port_name_t name);

// ---- Entries: for kernel/ipc alone, space lock held, space LIVE ----------------------------------------------------

static inline uint32_t name_index(mach_port_name_t name) { return name >> 8; }
// The entry, after entry_check; NULL: no such name. A dead right has already become a dead name.
struct entry *space_entry(struct space *space, mach_port_name_t name);
// The entry as it is, without entry_check; of no type: there is none. Among the first names, which are most tasks' only ones, it is
// found without a look-up.
struct entry *space_entry_far(struct space *space, mach_port_name_t name);
static inline struct entry *space_entry_near(struct space *space, mach_port_name_t name)
{
	// The index, times the size.
	struct entry *entry = (void *)((char *)space->first + (name >> 3 & (SPACE_CHUNK - 1) * sizeof(struct entry)));
	return likely(entry->name == name) ? entry : space_entry_far(space, name);
}
// Makes a spare of a free entry. False: there is none that needs no memory.
bool must_check space_spare_fill(struct space *space);
// The spare is a free entry like all others.
void space_spare_settle(struct space *space);
#define SPACE_FIRST_GENERATION 3u // the low two bits of names are set, as on macOS
#define SPACE_GENERATION_STEP 4u
// The name that a freed entry has next.
static inline mach_port_name_t name_after(mach_port_name_t name)
{
	union {
		mach_port_name_t name;
		uint8_t generation;
	} next = {name};
	next.generation = (uint8_t)(next.generation + SPACE_GENERATION_STEP) | SPACE_FIRST_GENERATION;
	return next.name;
}
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "name_after");
// A FREE entry, now taken (type still FREE; set it before the lock is dropped). KERN_NO_SPACE, KERN_RESOURCE_SHORTAGE.
kern_return_t must_check entry_alloc(struct space *space, mach_port_name_t *name, struct entry **entry);
// The same with a name that the caller chose. KERN_NAME_EXISTS, KERN_INVALID_VALUE, KERN_NO_SPACE, KERN_RESOURCE_SHORTAGE.
kern_return_t must_check entry_alloc_name(struct space *space, mach_port_name_t name, struct entry **entry);
void entry_free(struct space *space, mach_port_name_t name, struct entry *entry);
// The entry that holds the send or receive right of the badge; NULL.
struct entry *space_find_badge(struct space *space, const struct badge *badge, mach_port_name_t *name);
// Hash upkeep for entries that hold send or receive rights. Room must have been made before (false: no memory).
bool must_check space_hash_reserve(struct space *space);
void space_hash_insert(struct space *space, uint32_t index, struct entry *entry);
void space_hash_remove(struct space *space, uint32_t index, struct entry *entry);
// Whether a right can be taken as `disposition` says, beside those that were claimed before; claims it. KERN_INVALID_RIGHT.
// Every claim ends in entry_take or entry_unclaim. guard_flags: MACH_MSG_GUARD_FLAGS_* of a guarded descriptor.
kern_return_t must_check entry_claim(struct entry *entry, mach_msg_type_name_t disposition, uint32_t guard_flags);
static inline void entry_unclaim(struct entry *entry) { entry->claims = 0; }
// Takes what was claimed; cannot fail. `entry` may be free afterwards.
struct right entry_take(struct space *space, mach_port_name_t name, struct entry *entry, mach_msg_type_name_t disposition);
// Puts a right in as message delivery does: the kernel picks the name, user references stick at their maximum, a right
// whose port is dead becomes *name MACH_PORT_DEAD. Consumed on success. KERN_NO_SPACE, KERN_RESOURCE_SHORTAGE.
kern_return_t must_check space_put_right(struct space *space, struct right right, mach_port_name_t *name);
// The entry goes: its request is cancelled (whom it was for is told) and the entry freed; the right has been taken out.
void space_remove_entry(struct space *space, mach_port_name_t name, struct entry *entry);
// Walks entries in use: the first with an index >= `from`; NULL: no more. *index out.
struct entry *space_next_entry(struct space *space, uint32_t from, uint32_t *index);

#endif
