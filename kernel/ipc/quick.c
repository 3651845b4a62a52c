// SPDX-License-Identifier: MIT
// The quick path of mach_msg: a call to a server that waits, or its reply to a client that waits, when the sender waits for the
// next message at once. The header goes in registers, the rest over this CPU's stack; the CPU goes on in the receiver's user
// mode. No struct message, no run queue, no memory.
//
// What it does is what send.c and receive.c would have done, step for step (quick_test.c compares them); all that is unusual is
// theirs. So first everything is looked at, under all locks that the act needs (which are only tried: who meets somebody else
// there takes the other path), and only then anything is changed:
//   1. the receiver goes from its wait to user mode, the sender from user mode to its wait, each by one swap of its word
//      (thread.h), which fails if anybody wants anything of it;
//   2. rights, names, queues, the machine's switch;
//   3. without locks: the message is written, to a receiver that others may already end.
// A wait that begins here leaves out all that nobody asks for as long as it ends here, too (WAIT_QUICK, receive_settle).
#include "../core/sched.h"
#include "../core/trace_ring.h"
#include "../task/task.h"
#include "../task/thread.h"
#include "mach_msg.h"

#include <abi/trap_numbers.h>
#include <md_quick.h>

#define INLINE static inline __attribute__((always_inline)) // compiled for calls, for replies, and for what is less common
#define COLD static __attribute__((noinline, cold)) // for size
#define QUICK_SIZE 1280u // bytes of a message, header included
#define BOTH (MACH_SEND_MSG | MACH_RCV_MSG)
#define REQUEST MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_MAKE_SEND_ONCE)
#define REPLY MACH_MSGH_BITS(MACH_MSG_TYPE_MOVE_SEND_ONCE, 0)
#define WAITS (WAIT_WAITING | WAIT_INTERRUPTIBLE)
#define WORD_USER thread_word(THREAD_USER, WAIT_NONE, MD_WORD_USER)
#define WORD_WAITS thread_word(THREAD_BLOCKED, WAITS | WAIT_QUICK, MD_WORD_TRAP)
#define WORD_OTHERWISE thread_word(THREAD_BLOCKED, WAITS, MD_WORD_TRAP) // receive.c began the wait

static const struct kern_quick not_served = {NULL, 0};

// One send right may go with it: one descriptor and nothing else.
struct quick_right {
	mach_msg_body_t body;
	mach_msg_port_descriptor_t port;
};

// What is behind the header, and the trailer if it is a long one.
union quick_body {
	struct quick_right right;
	uint64_t words[(QUICK_SIZE - sizeof(mach_msg_header_t) + sizeof(mach_msg_max_trailer_t) + 7) / 8];
};
#define HEADER ((uint32_t)sizeof(mach_msg_header_t))

// What it goes through; its address is given to nothing but what is in line, so that it is in registers.
struct quick {
	struct thread *from, *to;
	struct md_quick_header header;
	union quick_body *body;
	uint32_t size;
	bool request;             // a call, else a reply
	bool less_common;         // the instance that also does what the others leave to it
	bool with_right;          // there is one in its body
	unsigned cpu;
	struct space *space;      // the sender's, locked
	struct space *to_space;   // the receiver's; locked (or the same) if it gets names
	struct entry *dest;       // of the right that it is sent with
	struct entry *moved;      // of the right that goes with it
	struct port *port;        // where it goes, locked; `to` waits there
	struct port *next;        // where `from` will wait, locked
	struct port *reply;       // with a call: of the reply right to be made
	bool settled;             // `to` waited as receive.c lets it
	struct right right;       // the one of `moved`, on its way
};

struct port port_nowhere; // never written

// ---- Looking -------------------------------------------------------------------------------------------------------

// The entry of the send right in the body; NULL: it is not one that goes this way.
COLD struct entry *find_moved(struct space *space, const struct quick_right *message)
{
	mach_port_name_t name = message->port.name;
	uint32_t how = message->port.disposition;
	struct entry *entry = space_entry_near(space, name);
	bool send = how == MACH_MSG_TYPE_COPY_SEND || how == MACH_MSG_TYPE_MOVE_SEND;
	if (message->body.msgh_descriptor_count != 1 || message->port.type != MACH_MSG_PORT_DESCRIPTOR || !send)
		return NULL;
	// Requests and dead ports would have to be told of.
	if (!(entry->type & ENTRY_SEND) || entry->request || !port_alive(entry->badge->port))
		return NULL;
	return entry;
}

// The rights that the header names, and where the sender will wait: the sender's space is locked, so a port that has a name in it
// keeps that.
INLINE bool find_rights(struct quick *q)
{
	mach_port_name_t local = q->header.local, receive = (mach_port_name_t)md_user_arguments(q->from)[4];
	q->dest = space_entry_near(q->space, q->header.remote);
	if (unlikely(!(q->dest->type & (q->request ? ENTRY_SEND : ENTRY_SEND_ONCE))))
		return false;
	if (!q->request && (unlikely(local != MACH_PORT_NULL) || unlikely(q->dest->request)))
		return false;
	if (q->with_right && (!(q->moved = find_moved(q->space, &q->body->right)) || q->moved == q->dest))
		return false;
	q->port = q->dest->badge->port;
	q->reply = q->next;
	// Read plainly: it is ours and stays so, or it is any other.
	if (unlikely(q->next->name != receive) || unlikely(*(struct space **)(void *)&q->next->space != q->space))
		return false;
	if (q->request && unlikely(local != receive)) {
		struct entry *reply = q->less_common ? space_entry_near(q->space, local) : q->dest;
		if (!q->less_common || !(reply->type & ENTRY_RECEIVE))
			return false;
		q->reply = reply->badge->port;
	}
	return true;
}

// The longest waiting receiver. Who waits at a port has it, and the port is live (port_leave_space_locked).
INLINE bool find_receiver(struct quick *q)
{
	struct list *waiters = &q->port->receivers.waiters, *first = waiters->next;
	if (unlikely(first == waiters))
		return false;
	q->to = container_of(first, struct thread, wait_link);
	q->to_space = q->to->space;
	return true;
}

INLINE bool has_room(uint32_t size, uint32_t option, uint32_t limit)
{
	uint32_t trailer = likely(option >> 24 == 0) ? (uint32_t)sizeof(mach_msg_trailer_t) : trailer_size(option);
	return likely(size + trailer <= limit);
}

// A receiver that receive.c let wait is as good, if nothing about it is unusual. It is claimed then.
COLD bool take_other_receiver(struct thread *to, struct port *port, uint32_t size, unsigned cpu)
{
	struct ipc_thread *ipc = &to->ipc;
	uint64_t word = WORD_OTHERWISE;
	if (to->wait_timer.fire || ipc->port != port || !md_user_holds(ipc->receive_address) ||
	    !has_room(size, ipc->option, ipc->receive_limit))
		return false;
	if (!md_user_prepare(to, cpu) || !atomic_compare_exchange_strong(&to->word, &word, WORD_USER))
		return false;
	to->wait_why = NULL;
	to->continuation = NULL;
	ipc->port = NULL;
	object_release_shared(&port->object); // who has the receive right has another
	return true;
}

// Step 1, first half. The arguments of a thread that waits at a locked port stay what they are.
INLINE bool take_receiver(struct quick *q)
{
	const uint64_t *wish = md_user_arguments(q->to);
	uint64_t word = WORD_WAITS;
	if (!q->less_common && unlikely((uint32_t)wish[1] >> 24))
		return false;
	if (likely(has_room(q->size, (uint32_t)wish[1], (uint32_t)wish[3])) && likely(md_user_prepare(q->to, q->cpu)) &&
	    likely(atomic_compare_exchange_strong(&q->to->word, &word, WORD_USER)))
		return true;
	return q->less_common && (q->settled = take_other_receiver(q->to, q->port, q->size, q->cpu));
}

// The receiver's buffer, and what else it asks for.
INLINE uint64_t to_address(const struct quick *q)
{
	return q->settled ? q->to->ipc.receive_address : md_user_arguments(q->to)[0];
}
INLINE uint32_t to_option(const struct quick *q)
{
	return q->settled ? q->to->ipc.option : (uint32_t)md_user_arguments(q->to)[1];
}

// ---- Acting --------------------------------------------------------------------------------------------------------

// Somebody wants something of the sender, so the receiver, already taken, receives anew.
COLD void give_receiver_back(struct thread *to, uint64_t address, uint32_t option)
{
	uint8_t state = THREAD_USER;
	list_remove(&to->wait_link);
	md_user_stay(to);
	if (atomic_compare_exchange_strong(&to->state, &state, THREAD_READY)) // else it is being ended
		receive_anew(to, address, option);
}

// Step 1, second half.
INLINE bool leave_sender(struct quick *q)
{
	uint64_t word = WORD_USER;
	if (likely(atomic_compare_exchange_strong(&q->from->word, &word, WORD_WAITS)))
		return true;
	give_receiver_back(q->to, to_address(q), to_option(q));
	return false;
}

// The right that the message is sent with is used up.
INLINE void use_destination(struct quick *q)
{
	struct space *space = q->space;
	struct entry *entry = q->dest;
	mach_port_name_t name = name_after(q->header.remote);
	if (unlikely(space->spare))
		space_spare_settle(space);
	entry->type = ENTRY_FREE;
	entry->name = name;
	space->spare = entry;
	space->in_use--;
	atomic_fetch_sub_explicit(&q->port->send_once_rights, 1, memory_order_relaxed);
	object_release_shared(&q->port->object); // who has the receive right has another
}

// The reply right is made and gets a name.
INLINE mach_port_name_t give_reply(struct quick *q)
{
	struct space *space = q->to_space;
	struct port *port = q->reply;
	struct entry *entry = space->spare;
	atomic_fetch_add_explicit(&port->send_once_rights, 1, memory_order_relaxed);
	object_reference_shared(&port->object);
	space->spare = NULL;
	space->in_use++;
	entry->badge = &port->plain;
	entry->request = NULL;
	entry->urefs = 1;
	entry->age = 0;
	entry->type = ENTRY_SEND_ONCE;
	return entry->name;
}

// Trailers that tell something, behind the body. Returns the size.
COLD uint32_t write_trailer(struct thread *from, struct port *port, uint64_t badge, uint32_t option, union quick_body *body)
{
	struct message message = {
		.sequence = port->sequence - 1,
		.badge = badge,
		.security = {{from->task->audit.val[1], from->task->audit.val[2]}},
		.audit = from->task->audit,
	};
	uint32_t size = (uint32_t)md_user_arguments(from)[2]; // as it is in `size`
	return trailer_fill(&message, port->context, option, (uint8_t *)body + (size - HEADER));
}

// The sender's TRACE_TRAP_ENTER and TRACE_SEND, the receiver's TRACE_RECEIVE and TRACE_TRAP_EXIT.
INLINE void record(const struct quick *q)
{
	struct trace_ring *ring = &trace_rings[q->cpu];
	struct trace_slot *slot = trace_begin(ring, TRACE_QUICK_MESSAGE, q->size, 4);
	trace_put(slot->who, q->from->who);
	trace_put(slot->a, q->header.id);
	trace_put(slot->halves[2 * TRACE_REST_B], q->port->id);
	trace_put(slot->halves[2 * TRACE_REST_B + 1], q->request ? q->reply->id : 0);
	trace_put(slot->rest[TRACE_REST_D], md_user_arguments(q->from)[0]);
	trace_put(slot->rest[TRACE_REST_TO], q->to->who);
	trace_done(ring);
}

// Step 2: the header becomes what the receiver reads.
INLINE void pass(struct quick *q)
{
	struct thread *from = q->from, *to = q->to;
	struct port *port = q->port;
	port->sequence++;
	from->traps++;
	list_remove_loose(&to->wait_link);
	list_push_back(&q->next->receivers.waiters, &from->wait_link);
	record(q);
	md_user_switch(from, to, q->cpu);
	if (!q->request)
		use_destination(q);
	if (q->with_right)
		q->right = entry_take(q->space, q->body->right.port.name, q->moved, q->body->right.port.disposition);
	q->header.remote = q->request ? give_reply(q) : MACH_PORT_NULL;
	q->header.local = port->name;
	q->header.bits = (q->request ? MACH_MSGH_BITS(MACH_MSG_TYPE_PORT_SEND_ONCE, MACH_MSG_TYPE_PORT_SEND)
				     : MACH_MSGH_BITS(0, MACH_MSG_TYPE_PORT_SEND_ONCE)) |
			 (q->with_right ? MACH_MSGH_BITS_COMPLEX : 0);
}

INLINE void release_all(struct quick *q, bool locked)
{
	lock_release(&q->next->lock);
	lock_release(&q->port->lock);
	if (locked)
		lock_release(&q->to_space->lock);
	lock_release(&q->space->lock);
}

// The right that goes with the message gets a name; space lock held. Returns what message_copy_out would.
COLD mach_msg_return_t give_moved(struct space *space, struct right *right, struct quick_right *message)
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

// Step 3.
INLINE struct kern_quick deliver(const struct quick *q, uint32_t trailer, mach_msg_return_t result)
{
	if (unlikely(!md_quick_write(q->to, to_address(q), q->size, &q->header, q->body, trailer)))
		result = MACH_RCV_INVALID_DATA;
	return md_user_go(q->to, (uint64_t)(uint32_t)result);
}

// The end of what is less common: there is a right, or the receiver wants a trailer. The right's port may have died meanwhile,
// which is told without a lock of any port held; and from when these are free on the sender may go on elsewhere, and end: its
// space stays while it is locked.
INLINE struct kern_quick finish_less_common(struct quick *q, bool locked)
{
	struct right right = q->right;
	mach_msg_return_t result = MACH_MSG_SUCCESS;
	uint32_t trailer = 0;
	if (to_option(q) >> 24 & 0xf)
		trailer = write_trailer(q->from, q->port, q->request ? q->dest->badge->value : 0, to_option(q), q->body);
	if (q->with_right) {
		lock_release(&q->next->lock);
		lock_release(&q->port->lock);
		result = give_moved(q->to_space, &right, &q->body->right);
		if (locked)
			lock_release(&q->to_space->lock);
		lock_release(&q->space->lock);
		if (right.kind != RIGHT_NONE)
			right_release(right);
	} else {
		release_all(q, locked);
	}
	return deliver(q, trailer, result);
}

COLD struct kern_quick quick_less_common(struct thread *from, uint32_t size, uint32_t bits, uint32_t remote, uint32_t local,
					 uint32_t id, union quick_body *body);

// Takes the locks one by one and looks, and passes the message. Of the receiver's space a reply only needs that it is there,
// which the port, being in it, tells.
INLINE struct kern_quick quick(struct quick q)
{
	bool locked = false;
	q.space = q.from->space;
	q.next = q.from->ipc.home;
	if (unlikely(!lock_try(&q.space->lock)))
		return not_served;
	if (unlikely(!find_rights(&q)) || unlikely(!lock_try(&q.port->lock)))
		goto out_space;
	if (unlikely(!find_receiver(&q)) || unlikely(!lock_try(&q.next->lock)))
		goto out_port;
	if (!likely(q.next->queued == 0))
		goto out_next;
	if (q.request || q.with_right) {
		if (q.less_common && q.to_space == q.space)
			locked = false;
		else if (unlikely(!(locked = lock_try(&q.to_space->lock))))
			goto out_next;
	}
	if (q.request && unlikely(!q.to_space->spare) &&
	    (!q.less_common || q.to_space->state != SPACE_LIVE || !space_spare_fill(q.to_space)))
		goto out_to_space;
	q.cpu = md_cpu_self();
	if (unlikely(!take_receiver(&q)) || unlikely(!leave_sender(&q)))
		goto out_to_space;
	pass(&q);
	if (q.less_common)
		return finish_less_common(&q, locked);
	release_all(&q, q.request);
	return deliver(&q, 0, MACH_MSG_SUCCESS);

out_to_space:
	if (locked)
		lock_release(&q.to_space->lock);
out_next:
	lock_release(&q.next->lock);
out_port:
	lock_release(&q.port->lock);
out_space:
	lock_release(&q.space->lock);
	if (q.less_common)
		return not_served;
	return quick_less_common(q.from, q.size, q.header.bits, q.header.remote, q.header.local, q.header.id, q.body);
}

// Makes the port that the thread has under the name its home. False: there is none.
static bool find_home(struct thread *self, mach_port_name_t name)
{
	struct port *home = self->ipc.home, *port = NULL;
	if (home->name == name && atomic_load_explicit(&home->space, memory_order_relaxed) == &self->task->space)
		return true;
	if (space_find_receive(&self->task->space, name, &port))
		return false;
	home_change(&self->ipc, port);
	return true;
}

// Once more, with all that is only looked at here.
COLD struct kern_quick quick_less_common(struct thread *from, uint32_t size, uint32_t bits, uint32_t remote, uint32_t local,
					 uint32_t id, union quick_body *body)
{
	uint32_t kind = bits & ~MACH_MSGH_BITS_COMPLEX;
	struct quick q = {
		.from = from,
		.header = {bits, remote, local, id},
		.body = body,
		.size = size,
		.request = kind == REQUEST,
		.less_common = true,
		.with_right = kind != bits,
	};
	if ((!q.request && kind != REPLY) || (q.with_right && size != HEADER + sizeof(struct quick_right)))
		return not_served;
	return find_home(from, (mach_port_name_t)md_user_arguments(from)[4]) ? quick(q) : not_served;
}

_Static_assert(TRAP_mach_msg_trap == KERN_QUICK_MESSAGE, "machines know its number");

struct kern_quick kern_message_quick(uint64_t address, uint32_t option, uint32_t size, struct thread *from)
{
	union quick_body body;
	struct md_quick_header header;
	uint32_t words = size - HEADER;
	words = words >> 2 | words << 30; // sizes that are no multiple of 4 become large
	if (unlikely((option & ~RECEIVE_QUICK_OPTIONS) != BOTH) || unlikely(words > (QUICK_SIZE - HEADER) / 4))
		return not_served;
	if (unlikely(!md_quick_read(from, address, size, &header, &body)))
		return not_served;
	if (header.bits == REQUEST)
		return quick((struct quick){.from = from, .header = header, .body = &body, .size = size, .request = true});
	if (likely(header.bits == REPLY))
		return quick((struct quick){.from = from, .header = header, .body = &body, .size = size});
	return quick_less_common(from, size, header.bits, header.remote, header.local, header.id, &body);
}
