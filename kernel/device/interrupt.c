// SPDX-License-Identifier: MIT
// Interrupts as messages: see interrupt.h.
#include "interrupt.h"

#include "../core/list.h"
#include "../core/lock.h"
#include "../core/trace.h"
#include "../ipc/message.h"

#include <gila/device.h>
#include <machine/kern.h>

#define BUCKETS 64u // of lines

enum binding_state {
	BINDING_READY, // its message is here               -> SENT
	BINDING_SENT,  // its message is away: in a queue, or with who receives it -> READY
};

struct binding {
	struct list link;         // [lock] bound[line]; on no list when not bound any more
	struct list sending;      // whose binding is SENT and about to be sent
	_Atomic uint32_t references;
	uint32_t line, index;     // [I]
	enum binding_state state; // [lock]
	uint32_t count;           // [lock] interrupts since the last message was sent
	struct right port;        // [I] a send right
	struct message *message;  // [I] lent
	struct account *account;  // [I] a reference
};

static struct lock interrupt_lock;
static struct list bound[BUCKETS]; // [interrupt_lock] bindings by line

void interrupt_module_init(void)
{
	lock_init(&interrupt_lock, RANK_INTERRUPT);
	for (unsigned i = 0; i < BUCKETS; i++)
		list_init(&bound[i]);
}

// ---- Bindings ------------------------------------------------------------------------------------------------------

static void binding_release(struct binding *binding)
{
	if (!binding || atomic_fetch_sub_explicit(&binding->references, 1, memory_order_acq_rel) != 1)
		return;
	struct account *account = binding->account;
	message_lend_end(binding->message);
	right_release(binding->port);
	kfree(account, binding, sizeof(*binding));
	account_release(account);
}

// The message was received, or could not be delivered.
static void binding_message_back(struct message *message)
{
	struct binding *binding = message->lender;
	lock_acquire(&interrupt_lock);
	binding->state = BINDING_READY;
	lock_release(&interrupt_lock);
	binding_release(binding);
}

static struct binding *binding_create(const struct interrupt *interrupt, struct account *account, struct right port)
{
	struct binding *binding = kalloc(account, sizeof(*binding));
	if (!binding)
		return NULL;
	binding->message = message_lend(account, sizeof(struct device_interrupt), binding_message_back, binding);
	if (!binding->message) {
		kfree(account, binding, sizeof(*binding));
		return NULL;
	}
	list_init(&binding->link);
	list_init(&binding->sending);
	atomic_init(&binding->references, 1);
	binding->line = interrupt->line;
	binding->index = interrupt->index;
	binding->state = BINDING_READY;
	binding->port = port;
	binding->account = account_reference(account);
	return binding;
}

// ---- Binding -------------------------------------------------------------------------------------------------------

static bool line_is_bound_locked(uint32_t line)
{
	list_for_each(link, &bound[line % BUCKETS])
		if (container_of(link, struct binding, link)->line == line)
			return true;
	return false;
}

kern_return_t interrupt_bind(struct interrupt *interrupt, struct account *account, struct right port)
{
	struct binding *binding = binding_create(interrupt, account, port), *before = NULL;
	if (!binding)
		return KERN_RESOURCE_SHORTAGE;
	kern_return_t error = KERN_SUCCESS;
	lock_acquire(&interrupt_lock);
	if (!line_is_bound_locked(interrupt->line))
		error = md_interrupt_enable(interrupt->line);
	if (!error) {
		before = interrupt->binding;
		if (before)
			list_remove(&before->link);
		interrupt->binding = binding;
		list_push_back(&bound[interrupt->line % BUCKETS], &binding->link);
	}
	lock_release(&interrupt_lock);
	if (error) {
		binding->port = (struct right){NULL, RIGHT_NONE}; // stays the caller's
		binding_release(binding);
	}
	binding_release(before);
	return error;
}

void interrupt_unbind(struct interrupt *interrupt)
{
	lock_acquire(&interrupt_lock);
	struct binding *binding = interrupt->binding;
	interrupt->binding = NULL;
	if (binding) {
		list_remove(&binding->link);
		if (!line_is_bound_locked(interrupt->line))
			md_interrupt_disable(interrupt->line);
	}
	lock_release(&interrupt_lock);
	binding_release(binding);
}

bool interrupt_is_bound(struct interrupt *interrupt)
{
	lock_acquire(&interrupt_lock);
	bool is = interrupt->binding != NULL;
	lock_release(&interrupt_lock);
	return is;
}

// ---- Sending -------------------------------------------------------------------------------------------------------

// The message and one reference are this call's.
static void binding_send(struct binding *binding, uint32_t count)
{
	struct message *message = binding->message;
	struct right port = right_copy_send(binding->port);
	if (port.kind != RIGHT_SEND) { // whoever listened has destroyed the port
		binding_message_back(message);
		return;
	}
	message_address(message, DEVICE_INTERRUPT_ID, port, (struct right){NULL, RIGHT_NONE});
	struct device_interrupt *body = (struct device_interrupt *)(void *)message->data;
	body->ndr = NDR_record;
	body->index = binding->index;
	body->count = count;
	message_send_kernel(message);
}

// The next binding of the line that is to be sent, with a reference for its message; NULL: none.
static struct binding *take_due_locked(struct list *due)
{
	struct list *link = list_pop(due);
	return link ? container_of(link, struct binding, sending) : NULL;
}

void kern_interrupt(uint32_t line)
{
	struct list due;
	struct binding *binding;
	list_init(&due);
	trace_record(TRACE_INTERRUPT, line, 0, 0, 0);
	lock_acquire(&interrupt_lock);
	list_for_each(link, &bound[line % BUCKETS]) {
		binding = container_of(link, struct binding, link);
		if (binding->line != line)
			continue;
		binding->count++;
		if (binding->state == BINDING_SENT)
			continue;
		binding->state = BINDING_SENT;
		atomic_fetch_add_explicit(&binding->references, 1, memory_order_relaxed);
		list_push_back(&due, &binding->sending);
	}
	for (;;) {
		binding = take_due_locked(&due);
		uint32_t count = binding ? binding->count : 0;
		if (binding)
			binding->count = 0;
		lock_release(&interrupt_lock);
		if (!binding)
			return;
		binding_send(binding, count);
		lock_acquire(&interrupt_lock);
	}
}
