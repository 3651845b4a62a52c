// SPDX-License-Identifier: MIT
// Messages in the kernel: one buffer with header, body and the rights that travel in it.
//
// `data` is the message as the sender wrote it, except that each field that names a right or out-of-line memory holds
// an item number instead: item 0 is the destination (msgh_remote_port), 1 the reply port (msgh_local_port), 2 the voucher
// (never used), 3.. the descriptors in order. message_right() finds the right, message_take_right() takes it away.
// Numbers in port fields are item + MESSAGE_NAME_BASE so that 0 and ~0 stay MACH_PORT_NULL and MACH_PORT_DEAD.
// 1. A message owns its rights and memory until somebody takes them (then the item is NONE).
// 2. Once queued, `data` and items change no more until it is received.
#ifndef KERNEL_IPC_MESSAGE_H
#define KERNEL_IPC_MESSAGE_H

#include "right.h"

struct memory;
struct thread;

#define MESSAGE_SIZE_LIMIT (1u << 20)  // bytes inline, header included
#define MESSAGE_DESCRIPTOR_LIMIT 4096u // descriptors in a message
#define MESSAGE_PORTS_LIMIT 16384u     // rights in all out-of-line arrays of a message
#define MESSAGE_MEMORY_LIMIT (1ull << 30) // bytes out of line in all
#define MESSAGE_NAME_BASE 0x100u
#define MESSAGE_FIXED_ITEMS 3u
#define MESSAGE_INLINE_ITEMS 8u // more are allocated by themselves

enum message_item_kind { ITEM_NONE, ITEM_RIGHT, ITEM_MEMORY, ITEM_PORTS };

// What a header field or a descriptor stands for.
struct message_item {
	uint8_t kind;         // enum message_item_kind
	uint8_t right_kind;   // RIGHT: enum right_kind
	uint8_t guard_flags;  // RIGHT from a guarded descriptor: MACH_MSG_GUARD_FLAGS_*
	uint8_t disposition;  // PORTS: as received (MACH_MSG_TYPE_PORT_*)
	uint32_t count;       // PORTS: how many; MEMORY: bytes
	union {
		struct badge *badge;
		struct memory *memory; // NULL: size 0
		struct right *ports;   // count of them, and room for as many names behind them; ports_alloc
	};
	uint64_t address; // PORTS, while it is copied out: where the receiver's array is
};

struct message {
	struct list link;         // port.messages, a doom list, or none
	struct account *account;  // the sender's; a reference if CHARGED, else only good while the sender is in its trap
	struct message_item *items; // behind data, or a buffer of their own
	uint32_t item_count;
	uint32_t size;            // of data: msgh_size
	uint32_t capacity;        // bytes that were allocated
	uint32_t sequence;        // set when it leaves the queue
	uint64_t badge;           // of the send right that was used
	security_token_t security;
	audit_token_t audit;
	uint32_t flags;           // enum message_flags
	// [I] NULL, or who gets the empty message instead of the allocator, to send it again (message_lend). No lock held.
	void (*give_back)(struct message *message);
	void *lender;             // [I] the lender's own
	uint8_t data[] __attribute__((aligned(8)));
};

enum message_flags {
	MESSAGE_CIRCULAR = 1, // holds its own destination: destroyed instead of queued
	MESSAGE_KERNEL = 2,   // sent by the kernel: ignores queue limits
	MESSAGE_IF_ROOM = 4,  // of the kernel's, but not past the queue limit
	MESSAGE_CHARGED = 8,  // counted in the account
};

static inline mach_msg_header_t *message_header(struct message *message) { return (mach_msg_header_t *)message->data; }

// A buffer for `size` bytes (and a trailer behind them) and MESSAGE_INLINE_ITEMS items (all NONE, item_count is the number
// of fixed ones) for `account`. data is not initialised. NULL: no memory, limit. A small one is charged only when it has to
// wait (message_charge): a call that is handed over to its receiver does not touch the account.
struct message *message_create(struct account *account, uint32_t size) must_check;
// The right that the message was sent with has done its work: a send-once right tells nobody that it went unused.
void message_destination_used(struct message *message);
// Counts the message in its account, if it is not yet. False: that would pass the limit.
bool must_check message_charge(struct message *message);
// Room for `count` items in all; those that are there stay. False: no memory.
bool must_check message_set_item_count(struct message *message, uint32_t count);
// Destroys the message with all that it holds: rights as right_release, memory. No lock held.
void message_destroy(struct message *message);

// An array for ITEM_PORTS; NULL: no memory. The names behind it.
struct right *ports_alloc(struct account *account, uint32_t count) must_check;
void ports_free(struct account *account, struct right *ports, uint32_t count);
static inline mach_port_name_t *ports_names(struct right *ports, uint32_t count)
{
	return ports ? (mach_port_name_t *)(ports + count) : NULL; // an empty array is not allocated
}

static inline struct right message_right(const struct message *message, uint32_t item)
{
	const struct message_item *it = &message->items[item];
	if (it->kind != ITEM_RIGHT)
		return (struct right){NULL, RIGHT_NONE};
	return (struct right){it->badge, (enum right_kind)it->right_kind};
}
static inline void message_set_right(struct message *message, uint32_t item, struct right right)
{
	message->items[item].kind = right.kind == RIGHT_NONE ? ITEM_NONE : ITEM_RIGHT;
	message->items[item].right_kind = (uint8_t)right.kind;
	message->items[item].badge = right.badge;
}
// The destination's port.
static inline struct port *message_port(const struct message *message) { return message->items[0].badge->port; }
// The reply right, taken out.
static inline struct right message_take_reply(struct message *message)
{
	struct right right = message_right(message, 1);
	message->items[1].kind = ITEM_NONE;
	return right;
}
// The right that a port field of `data` stands for, taken out of the message; NONE and DEAD for the two constants, NONE
// for numbers that are no right of the message (or whose right was taken before).
struct right message_take_right(struct message *message, mach_port_t number) must_check;
// The memory of an out-of-line descriptor's address field, taken out; NULL when it has none. *size: its bytes.
struct memory *message_take_memory(struct message *message, const void *address, uint32_t *size) must_check;

// As what a receiver sees the right (MACH_MSG_TYPE_PORT_*); 0: NONE and DEAD.
uint32_t right_disposition(struct right right);

// ---- Sending by the kernel -----------------------------------------------------------------------------------------

// A message of the kernel's: header filled in (id, bits for `remote` and `local`), the rest of the `size` bytes zeroed.
// Consumes both rights, even when it fails (NULL: no memory). `remote` must be SEND or SEND_ONCE.
struct message *message_create_kernel(struct account *account, uint32_t size, mach_msg_id_t id, struct right remote,
				      struct right local) must_check;
// A message of the kernel's that is made once and sent again and again, so that sending it cannot fail for want of memory:
// counted in the account for ever, addressed with message_address before each time. Whenever it has been received or could
// not be delivered, give_back(message) is called. message_lend_end frees it; it must be the lender's at that time. NULL: no
// memory, limit.
struct message *message_lend(struct account *account, uint32_t size, void (*give_back)(struct message *), void *lender)
	must_check;
void message_lend_end(struct message *message);
// Sends it, whatever the queue limit; consumed in any case. A dead destination destroys it.
void message_send_kernel(struct message *message);
// The same, but only if the queue has room; false: destroyed instead.
bool message_send_kernel_if_room(struct message *message);

// ---- Destruction without recursion ---------------------------------------------------------------------------------

// Destroying a message may end ports, whose queued messages then are to be destroyed...: these are collected here.
struct doom {
	struct list messages;
};
static inline void doom_init(struct doom *doom) { list_init(&doom->messages); }
static inline void doom_add(struct doom *doom, struct message *message)
{
	list_push_back(&doom->messages, &message->link);
}
// Frees a message whose items have all been taken (or were never set).
void message_free_empty(struct message *message);
// Destroys what its body carries.
void message_drop_body(struct message *message);
// Fills in header, tokens and the first two items of a message of the kernel's.
void message_address(struct message *message, mach_msg_id_t id, struct right remote, struct right local);
// message_send_kernel, but what must be destroyed goes to `doom`.
void message_post(struct message *message, struct doom *doom);
// Destroys all that was collected. No lock held.
void doom_run(struct doom *doom);

#endif
