// SPDX-License-Identifier: MIT
// The quick path of mach_msg: a call to a server that waits, or its reply to a client that waits, when the sender waits for the
// next message at once. The message goes from the sender's buffer over this CPU's stack to the receiver's; the CPU goes on in
// the receiver's user mode. No struct message, no run queue, no memory.
//
// What it does is what send.c and receive.c would have done, step for step (quick_test.c compares them); all that is unusual is
// theirs. So first everything is looked at, under all locks that the act needs (which are only tried: who meets somebody else
// there takes the other path), and only then anything is changed:
//   1. the sender stops being in user mode (THREAD_USER -> THREAD_BLOCKED), the receiver is claimed, the machine switches;
//      each of these can fail, and the steps before are taken back;
//   2. rights, names, queues; the sender's wait begins;
//   3. without locks: the message is written, the receiver is in user mode again.
#include "../core/sched.h"
#include "../core/trace.h"
#include "../task/task.h"
#include "../task/thread.h"
#include "mach_msg.h"

#include <abi/trap_numbers.h>

#define INLINE static inline __attribute__((always_inline)) // compiled for calls and replies, with and without a right
#define QUICK_SIZE 1280u // bytes of a message, header included
#define BOTH (MACH_SEND_MSG | MACH_RCV_MSG)
// Options of the receive to come that change nothing while it waits: MACH_RCV_LARGE, and a trailer of format 0.
#define OPTIONS (MACH_RCV_LARGE | 0x0f000000u)
#define REQUEST MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_MAKE_SEND_ONCE)
#define REPLY MACH_MSGH_BITS(MACH_MSG_TYPE_MOVE_SEND_ONCE, 0)

static const struct kern_quick not_served = {NULL, 0};

// One send right may go with it: one descriptor and nothing else.
struct quick_right {
	mach_msg_header_t header;
	mach_msg_body_t body;
	mach_msg_port_descriptor_t port;
};

// A message on its way.
union quick_message {
	mach_msg_header_t header;
	struct quick_right right;
	uint8_t data[QUICK_SIZE + sizeof(mach_msg_max_trailer_t)];
} __attribute__((aligned(8)));

// What it goes through; no function takes its address, so that it is in registers.
struct quick {
	union quick_message *message;
	const uint64_t *arguments;
	bool request, with_right; // a call, else a reply; with a right in its body
	uint32_t size;
	struct thread *from, *to;
	struct port *port;        // where it goes, locked; `to` waits there
	struct port *next;        // where `from` will wait, locked
	struct port *reply;       // with a call: of the reply right to be made
	struct entry *dest;       // of the right that it is sent with
	struct entry *moved;      // of the right that goes with it
	struct space *space;      // the sender's, locked
	struct space *to_space;   // the receiver's, locked; may be the same
	struct right *right;      // the one of `moved`, on its way
};

// ---- Looking -------------------------------------------------------------------------------------------------------

// The entry, if it is among those that are found at once; its type says what it is, 0 for none.
INLINE struct entry *entry_near(const struct space *space, uint32_t index)
{
	static struct entry nothing; // never written
	struct entry *chunk = likely(index < SPACE_NEAR) ? space->near[index >> SPACE_CHUNK_SHIFT] : NULL;
	return likely(chunk != NULL) ? &chunk[index & ((1u << SPACE_CHUNK_SHIFT) - 1)] : &nothing;
}

INLINE bool entry_is(const struct entry *entry, mach_port_name_t name, uint8_t type)
{
	return (entry->type & type) && entry->generation == (uint8_t)name;
}

// The entry of the send right in the body; NULL: it is not one that goes this way.
static struct entry *find_moved(const struct space *space, const struct quick_right *message)
{
	mach_port_name_t name = message->port.name;
	uint32_t how = message->port.disposition;
	struct entry *entry = entry_near(space, name_index(name));
	bool send = how == MACH_MSG_TYPE_COPY_SEND || how == MACH_MSG_TYPE_MOVE_SEND;
	if (message->body.msgh_descriptor_count != 1 || message->port.type != MACH_MSG_PORT_DESCRIPTOR || !send)
		return NULL;
	// Requests and dead ports would have to be told of.
	if (!entry_is(entry, name, ENTRY_SEND) || entry->request || !port_alive(entry->badge->port))
		return NULL;
	return entry;
}

// The rights that the header names; the sender's space is locked.
INLINE bool find_rights(struct quick *q)
{
	const mach_msg_header_t *header = &q->message->header;
	mach_port_name_t remote = header->msgh_remote_port, local = header->msgh_local_port;
	mach_port_name_t receive = (mach_port_name_t)q->arguments[4];
	if (unlikely(q->space->state != SPACE_LIVE || (!q->request && local != MACH_PORT_NULL)))
		return false;
	q->dest = entry_near(q->space, name_index(remote));
	if (q->with_right) {
		q->moved = find_moved(q->space, &q->message->right);
		if (!q->moved || q->moved == q->dest)
			return false;
	}
	if (unlikely(!entry_is(q->dest, remote, q->request ? ENTRY_SEND : ENTRY_SEND_ONCE) || (!q->request && q->dest->request)))
		return false;
	struct entry *next = entry_near(q->space, name_index(receive));
	if (unlikely(!entry_is(next, receive, ENTRY_RECEIVE)))
		return false;
	q->port = q->dest->badge->port;
	q->next = next->badge->port;
	if (!q->request)
		return true;
	q->reply = q->next;
	if (likely(local == receive))
		return true;
	struct entry *reply = entry_near(q->space, name_index(local));
	if (unlikely(!entry_is(reply, local, ENTRY_RECEIVE)))
		return false;
	q->reply = reply->badge->port;
	return true;
}

// Whether `to` takes the message as it is. The port where it waits is locked.
INLINE bool receiver_suits(const struct quick *q)
{
	const struct thread *to = q->to;
	const struct ipc_thread *ipc = &to->ipc;
	return atomic_load_explicit(&to->state, memory_order_acquire) == THREAD_BLOCKED && !to->wait_timer.fire &&
	       atomic_load_explicit(&to->ast, memory_order_relaxed) == 0 &&
	       q->size + (likely(ipc->option >> 24 == 0) ? sizeof(mach_msg_trailer_t) : trailer_size(ipc->option)) <=
		       ipc->receive_limit;
}

INLINE bool find_receiver(struct quick *q)
{
	struct port *port = q->port;
	if (unlikely(port_state(port) != PORT_LIVE || wait_queue_empty(&port->receivers)))
		return false;
	q->to = container_of(port->receivers.waiters.next, struct thread, wait_link);
	q->to_space = &q->to->task->space;
	return receiver_suits(q) && atomic_load_explicit(&port->space, memory_order_relaxed) == q->to_space;
}

// The receiver's space has room for the reply right, the sender's port nothing to receive.
INLINE bool may_act(const struct quick *q)
{
	const struct space *space = q->to_space;
	if (unlikely(space->state != SPACE_LIVE || q->next->queued > 0))
		return false;
	return !q->request || likely(space->free_first != 0 && space->free_first < SPACE_NEAR);
}

// ---- Acting --------------------------------------------------------------------------------------------------------

// Step 1.
INLINE bool take_threads(struct quick *q)
{
	struct thread *from = q->from, *to = q->to;
	uint32_t state = THREAD_USER, waits = WAIT_WAITING | WAIT_INTERRUPTIBLE;
	if (unlikely(!atomic_compare_exchange_strong(&from->state, &state, THREAD_BLOCKED)))
		return false;
	if (unlikely(!atomic_compare_exchange_strong(&to->wait, &waits, WAIT_AWAKENED)))
		goto back;
	list_remove_loose(&to->wait_link);
	if (likely(md_user_switch(from, to)))
		return true;
	list_init(&to->wait_link);
	to->ipc.result = IPC_RETRY; // it will see that it has been ended
	thread_ready(to);
back:
	// What came for it meanwhile is looked at on the other path.
	atomic_store(&from->state, THREAD_USER);
	return false;
}

// The right that the message is sent with is used up.
INLINE void use_destination(struct quick *q)
{
	struct space *space = q->space;
	struct entry *entry = q->dest;
	if (q->request)
		return; // a copy of a send right was made and dropped
	struct port *port = q->port;
	entry_free(space, q->message->header.msgh_remote_port, entry);
	atomic_fetch_sub_explicit(&port->send_once_rights, 1, memory_order_relaxed);
	object_release_shared(&port->object); // who has the receive right has another
}

// The reply right is made and gets a name.
INLINE mach_port_name_t give_reply(struct quick *q)
{
	struct space *space = q->to_space;
	struct port *port = q->reply;
	uint32_t index = space->free_first;
	struct entry *entry = entry_near(space, index);
	atomic_fetch_add_explicit(&port->send_once_rights, 1, memory_order_relaxed);
	object_reference_shared(&port->object);
	space->free_first = entry->free.next;
	space->in_use++;
	entry->badge = &port->plain;
	entry->request = NULL;
	entry->urefs = 1;
	entry->claims = 0;
	entry->type = ENTRY_SEND_ONCE;
	return index << 8 | entry->generation;
}

// What wait_end and receive_resume would do.
INLINE void end_wait(struct quick *q)
{
	struct thread *to = q->to;
	to->wait_why = NULL;
	to->continuation = NULL;
	to->ipc.port = NULL;
	object_release_shared(&q->port->object); // who has the receive right has another
	atomic_store_explicit(&to->wait, WAIT_NONE, memory_order_relaxed);
}

// The sender was told to end, or to stop waiting, before its wait began.
static void wait_refused(struct thread *from)
{
	uint32_t ast = atomic_load(&from->ast);
	enum wait_result result = ast & AST_DIE ? WAIT_KILLED : WAIT_INTERRUPTED;
	if (!(ast & AST_DIE))
		atomic_fetch_and(&from->ast, ~(uint32_t)AST_ABORT);
	if (!wait_claim_thread(from, result))
		return;
	thread_ready(from);
	md_cpu_kick(md_cpu_self());
}

// The sender waits as receive_port would let it.
INLINE void begin_wait(struct quick *q)
{
	const uint64_t *arguments = q->arguments;
	struct thread *from = q->from;
	struct ipc_thread *ipc = &from->ipc;
	ipc->receive_address = arguments[0];
	ipc->option = (uint32_t)arguments[1];
	ipc->receive_limit = (uint32_t)arguments[3];
	ipc->receive_name = (mach_port_name_t)arguments[4];
	ipc->deadline = 0;
	object_reference_shared(&q->next->object);
	ipc->port = q->next;
	from->frame.number = TRAP_mach_msg_trap;
	from->traps++;
	from->continuation = receive_resume;
	from->wait_why = receive_port_why;
	list_push_back(&q->next->receivers.waiters, &from->wait_link);
	// As in wait_begin: announced first, then the reasons not to wait are looked at.
	atomic_store(&from->wait, WAIT_WAITING | WAIT_INTERRUPTIBLE);
	if (unlikely(atomic_load(&from->ast) & (AST_DIE | AST_ABORT)))
		wait_refused(from);
}

// Trailers that tell something.
static uint32_t __attribute__((noinline)) write_trailer(struct thread *from, struct port *port, uint64_t badge, uint32_t sequence,
							uint32_t option, void *to)
{
	struct message message = {
		.sequence = sequence,
		.badge = badge,
		.audit = {{0, 0, 0, 0, 0, from->task->id, 0, 0}},
	};
	return trailer_fill(&message, port->context, option, to);
}

// Step 2. Returns how many bytes are to be written.
INLINE uint32_t pass(struct quick *q)
{
	mach_msg_header_t *header = &q->message->header;
	uint32_t size = q->size, sequence = q->port->sequence++, option = q->to->ipc.option;
	uint8_t *trailer = q->message->data + size;
	uint64_t kinds = (uint32_t)header->msgh_id | (uint64_t)TRAP_mach_msg_trap << 32;
	uint64_t ports = q->port->id | (q->request ? (uint64_t)q->reply->id << 32 : 0);
	trace_quick_message(q->from, q->to, q->arguments[0], kinds, ports, size);
	if (likely(GET_RCV_ELEMENTS(option) == MACH_RCV_TRAILER_NULL)) {
		*(mach_msg_trailer_t *)(void *)trailer =
			(mach_msg_trailer_t){MACH_MSG_TRAILER_FORMAT_0, sizeof(mach_msg_trailer_t)};
		size += sizeof(mach_msg_trailer_t);
	} else {
		uint64_t badge = q->request ? q->dest->badge->value : 0;
		size += write_trailer(q->from, q->port, badge, sequence, option, trailer);
	}
	use_destination(q);
	if (q->with_right)
		*q->right = entry_take(q->space, q->message->right.port.name, q->moved, q->message->right.port.disposition);
	header->msgh_local_port = q->port->name;
	header->msgh_voucher_port = MACH_PORT_NULL;
	header->msgh_bits = (q->request ? MACH_MSGH_BITS(MACH_MSG_TYPE_PORT_SEND_ONCE, MACH_MSG_TYPE_PORT_SEND)
					: MACH_MSGH_BITS(0, MACH_MSG_TYPE_PORT_SEND_ONCE)) |
			    (q->with_right ? MACH_MSGH_BITS_COMPLEX : 0);
	header->msgh_remote_port = q->request ? give_reply(q) : MACH_PORT_NULL;
	end_wait(q);
	begin_wait(q);
	return size;
}

// The right that goes with the message gets a name; space lock held. Its port may have died meanwhile, which is told without a
// lock of any port held. Returns what message_copy_out would.
static mach_msg_return_t __attribute__((noinline)) give_moved(struct space *space, struct right *right,
								 struct quick_right *message)
{
	mach_port_name_t name = MACH_PORT_NULL;
	kern_return_t error = space_put_right(space, *right, &name);
	message->port.name = error ? MACH_PORT_NULL : name;
	message->port.disposition = MACH_MSG_TYPE_PORT_SEND;
	if (error)
		return MACH_RCV_BODY_ERROR | (error == KERN_RESOURCE_SHORTAGE ? MACH_MSG_IPC_KERNEL : MACH_MSG_IPC_SPACE);
	right->kind = RIGHT_NONE;
	return MACH_MSG_SUCCESS;
}

// Takes the locks one by one and looks; true: the message was passed. No lock is held then.
INLINE uint32_t try_pass(struct quick *q, mach_msg_return_t *result)
{
	uint32_t size = 0;
	if (unlikely(!lock_try(&q->space->lock)))
		return 0;
	if (unlikely(!find_rights(q) || q->next == q->port || !lock_try(&q->port->lock)))
		goto out_space;
	if (unlikely(!find_receiver(q)))
		goto out_port;
	// Of the receiver's space a reply only needs that it is there, which the port, being in it, tells.
	bool lock_to = (q->request || q->with_right) && q->to_space != q->space;
	if (unlikely(lock_to && !lock_try(&q->to_space->lock)))
		goto out_port;
	if (unlikely(!lock_try(&q->next->lock)))
		goto out_to_space;
	if (likely(may_act(q) && take_threads(q)))
		size = pass(q);
	lock_release(&q->next->lock);
	// From here on the sender may go on elsewhere, and end; its space stays while it is locked.
	if (q->with_right && likely(size > 0)) {
		lock_release(&q->port->lock);
		*result = give_moved(q->to_space, q->right, &q->message->right);
		if (lock_to)
			lock_release(&q->to_space->lock);
		goto out_space;
	}
out_to_space:
	if (lock_to)
		lock_release(&q->to_space->lock);
out_port:
	lock_release(&q->port->lock);
out_space:
	lock_release(&q->space->lock);
	return size;
}

INLINE struct kern_quick quick(struct thread *from, const uint64_t *arguments, union quick_message *message, bool request,
				bool with_right)
{
	struct right right = {NULL, RIGHT_NONE};
	struct quick q = {
		.message = message,
		.arguments = arguments,
		.request = request,
		.with_right = with_right,
		.right = with_right ? &right : NULL,
		.size = (uint32_t)arguments[2],
		.from = from,
		.space = &from->task->space,
	};
	message->header.msgh_size = q.size;
	mach_msg_return_t result = MACH_MSG_SUCCESS;
	uint32_t size = try_pass(&q, &result);
	if (unlikely(size == 0))
		return not_served;
	struct thread *to = q.to;
	if (with_right && unlikely(right.kind != RIGHT_NONE))
		right_release(right);
	if (unlikely(md_copy_out(to, to->ipc.receive_address, message, size)))
		result = MACH_RCV_INVALID_DATA;
	atomic_store(&to->state, THREAD_USER);
	// Who asked something of it before that saw it in the kernel.
	if (unlikely(atomic_load(&to->ast) & (AST_DIE | AST_SUSPEND)))
		md_user_interrupt(to);
	return (struct kern_quick){to, (uint64_t)(uint32_t)result};
}

_Static_assert(TRAP_mach_msg_trap == KERN_QUICK_MESSAGE, "machines know its number");

struct kern_quick kern_message_quick(struct thread *self, const uint64_t *arguments)
{
	union quick_message message;
	uint32_t option = (uint32_t)arguments[1], size = (uint32_t)arguments[2];
	if (unlikely((option & ~OPTIONS) != BOTH || size - sizeof(mach_msg_header_t) > QUICK_SIZE - sizeof(mach_msg_header_t) ||
		     size % 4))
		return not_served;
	if (unlikely(md_copy_in(self, &message, arguments[0], size)))
		return not_served;
	if (message.header.msgh_bits == REQUEST)
		return quick(self, arguments, &message, true, false);
	if (message.header.msgh_bits == REPLY)
		return quick(self, arguments, &message, false, false);
	if (size != sizeof(struct quick_right))
		return not_served;
	if (message.header.msgh_bits == (REQUEST | MACH_MSGH_BITS_COMPLEX))
		return quick(self, arguments, &message, true, true);
	if (message.header.msgh_bits == (REPLY | MACH_MSGH_BITS_COMPLEX))
		return quick(self, arguments, &message, false, true);
	return not_served;
}
