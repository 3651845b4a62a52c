// SPDX-License-Identifier: MIT
// What the tests of kernel/ipc share: short forms of the traps for clients of machine sim, and books around a test.
#ifndef KERNEL_IPC_IPC_TEST_H
#define KERNEL_IPC_IPC_TEST_H

#include "check.h"
#include "mach_msg.h"
#include "notify.h"
#include <abi/traps.h>
#include <gila/test.h>
#include <kernel/core/sched.h>
#include <kernel/task/task.h>
#include <mach/notify.h>
#include <machine/sim/scenario_books.h>
#include <machine/sim/sim.h>

#define MOVE_RECEIVE MACH_MSG_TYPE_MOVE_RECEIVE
#define MOVE_SEND MACH_MSG_TYPE_MOVE_SEND
#define MOVE_ONCE MACH_MSG_TYPE_MOVE_SEND_ONCE
#define COPY_SEND MACH_MSG_TYPE_COPY_SEND
#define MAKE_SEND MACH_MSG_TYPE_MAKE_SEND
#define MAKE_ONCE MACH_MSG_TYPE_MAKE_SEND_ONCE

// A message of one word, with room for any trailer; also notifications fit.
struct word_message {
	mach_msg_header_t head;
	uint32_t words[16];
	uint8_t trailer[sizeof(mach_msg_max_trailer_t)];
};

struct port_message {
	mach_msg_header_t head;
	mach_msg_body_t body;
	mach_msg_port_descriptor_t port;
	uint8_t trailer[sizeof(mach_msg_max_trailer_t)];
};

static inline mach_port_t test_self(void) { return task_self_trap(); }

static inline mach_port_t test_port(void)
{
	mach_port_name_t name = MACH_PORT_NULL;
	return kernelrpc_mach_port_allocate_trap(test_self(), MACH_PORT_RIGHT_RECEIVE, &name) ? MACH_PORT_NULL : name;
}

static inline kern_return_t test_mod_refs(mach_port_t name, mach_port_right_t right, int delta)
{
	return kernelrpc_mach_port_mod_refs_trap(test_self(), name, right, delta);
}

static inline kern_return_t test_end_port(mach_port_t name) { return test_mod_refs(name, MACH_PORT_RIGHT_RECEIVE, -1); }

static inline kern_return_t test_deallocate(mach_port_t name)
{
	return kernelrpc_mach_port_deallocate_trap(test_self(), name);
}

static inline mach_port_type_t test_type(mach_port_t name)
{
	mach_port_type_t type = 0;
	return kernelrpc_mach_port_type_trap(test_self(), name, &type) ? 0 : type;
}

static inline kern_return_t test_insert_send(mach_port_t name)
{
	return kernelrpc_mach_port_insert_right_trap(test_self(), name, name, MAKE_SEND);
}

static inline kern_return_t test_notify(mach_port_t name, mach_msg_id_t what, uint32_t sync, mach_port_t notify)
{
	mach_port_name_t previous = 0;
	return kernelrpc_mach_port_request_notification_trap(test_self(), name, what, sync, notify, MAKE_ONCE, &previous);
}

static inline mach_msg_return_t test_send_word(mach_port_t to, uint32_t to_type, mach_port_t reply, uint32_t reply_type,
					       mach_msg_id_t id, uint32_t word, uint32_t option, uint32_t timeout)
{
	struct word_message m = {.head = {.msgh_bits = MACH_MSGH_BITS(to_type, reply_type),
					  .msgh_remote_port = to,
					  .msgh_local_port = reply,
					  .msgh_id = id},
				 .words = {word}};
	return mach_msg_trap(&m, (mach_msg_option_t)(MACH_SEND_MSG | option), sizeof(m.head) + 4, 0, 0, timeout, 0);
}

static inline mach_msg_return_t test_receive(mach_port_t from, void *buffer, uint32_t size, uint32_t option,
					     uint32_t timeout)
{
	return mach_msg_trap(buffer, (mach_msg_option_t)(MACH_RCV_MSG | option), 0, size, from, timeout, 0);
}

// Receives at once what must be there; its id, or -1.
static inline int test_poll(mach_port_t from, struct word_message *m)
{
	return test_receive(from, m, sizeof(*m), MACH_RCV_TIMEOUT, 0) ? -1 : m->head.msgh_id;
}

// Runs a client to its end in its own task: afterwards nothing may be left over and all counts must be right.
static inline void test_in_client(void (*client)(void *), void *argument)
{
	struct books before;
	sim_settle();
	books_take(&before);
	struct task *task = sim_client("client", client, argument);
	if (!task) {
		sim_fail();
		return;
	}
	sim_join(task);
	(void)books_compare(&before, "after the client");
	ipc_check_begin();
	if (ipc_check_loose())
		sim_fail();
}

// A test whose body runs as a client.
#define CLIENT_TEST(id)                                                                                                \
	static void client_##id(void *argument);                                                                       \
	TEST(id) { test_in_client(client_##id, NULL); }                                                                \
	static void client_##id(void *argument)

#endif
