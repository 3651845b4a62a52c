// SPDX-License-Identifier: MIT
#include "ipc_test.h"
#include <abi/mach_port.h>

static mach_port_t make_set(void)
{
	mach_port_name_t name = 0;
	return kernelrpc_mach_port_allocate_trap(test_self(), MACH_PORT_RIGHT_PORT_SET, &name) ? 0 : name;
}

static kern_return_t insert(mach_port_t port, mach_port_t set)
{
	return kernelrpc_mach_port_insert_member_trap(test_self(), port, set);
}

static kern_return_t extract(mach_port_t port, mach_port_t set)
{
	return kernelrpc_mach_port_extract_member_trap(test_self(), port, set);
}

CLIENT_TEST(set_receives_from_its_members)
{
	struct word_message m;
	mach_port_t set = make_set(), a = test_port(), b = test_port();
	CHECK_EQ(insert(a, set), 0);
	CHECK_EQ(insert(a, set), KERN_ALREADY_IN_SET);
	CHECK_EQ(insert(b, a), KERN_INVALID_RIGHT);
	CHECK_EQ(insert(set, set), KERN_INVALID_RIGHT);
	CHECK_EQ(extract(b, set), KERN_NOT_IN_SET);
	CHECK_EQ(test_poll(set, &m), -1);
	CHECK_EQ(test_send_word(b, MAKE_SEND, 0, 0, 2, 0, 0, 0), 0);
	CHECK_EQ(insert(b, set), 0); // with a message already
	CHECK_EQ(test_send_word(a, MAKE_SEND, 0, 0, 1, 0, 0, 0), 0);
	CHECK_EQ(test_poll(set, &m), 2);
	CHECK_EQ(m.head.msgh_local_port, b);
	CHECK_EQ(test_poll(set, &m), 1);
	CHECK_EQ(m.head.msgh_local_port, a);
	CHECK_EQ(test_send_word(a, MAKE_SEND, 0, 0, 3, 0, 0, 0), 0);
	CHECK_EQ(test_receive(set, &m, 30, MACH_RCV_LARGE | MACH_RCV_LARGE_IDENTITY, 0), MACH_RCV_TOO_LARGE);
	CHECK_EQ(m.head.msgh_local_port, a);
	CHECK_EQ(extract(a, set), 0);
	CHECK_EQ(test_poll(set, &m), -1);
	CHECK_EQ(test_poll(a, &m), 3);
	mach_port_name_t *members;
	mach_msg_type_number_t count;
	CHECK_EQ(mach_port_get_set_status(test_self(), set, &members, &count), 0);
	CHECK_EQ(count, 1);
	CHECK_EQ(members[0], b);
}

CLIENT_TEST(set_shares_members_with_other_sets)
{
	struct word_message m;
	mach_port_t s = make_set(), t = make_set(), p = test_port();
	CHECK_EQ(insert(p, s), 0);
	CHECK_EQ(insert(p, t), 0);
	CHECK_EQ(test_send_word(p, MAKE_SEND, 0, 0, 1, 0, 0, 0), 0);
	CHECK_EQ(test_poll(t, &m), 1);
	CHECK_EQ(test_poll(s, &m), -1);
	CHECK_EQ(kernelrpc_mach_port_move_member_trap(test_self(), p, s), 0);
	CHECK_EQ(test_send_word(p, MAKE_SEND, 0, 0, 2, 0, 0, 0), 0);
	CHECK_EQ(test_poll(t, &m), -1);
	CHECK_EQ(test_poll(s, &m), 2);
	CHECK_EQ(kernelrpc_mach_port_move_member_trap(test_self(), p, 0), 0);
	CHECK_EQ(kernelrpc_mach_port_move_member_trap(test_self(), p, 0), KERN_NOT_IN_SET);
	CHECK_EQ(insert(p, t), 0);
	CHECK_EQ(test_mod_refs(t, MACH_PORT_RIGHT_PORT_SET, -1), 0);
	CHECK_EQ(test_type(t), 0);
	CHECK_EQ(test_type(p), MACH_PORT_TYPE_RECEIVE);
	CHECK_EQ(insert(p, s), 0);
	CHECK_EQ(test_end_port(p), 0);
	CHECK_EQ(test_poll(s, &m), -1);
}

static mach_port_t shared_set;
static unsigned received, ended;

static void receive_many(void *argument)
{
	struct word_message m;
	for (;;) {
		mach_msg_return_t error = test_receive(shared_set, &m, sizeof(m), 0, 0);
		if (error) {
			ended += error == MACH_RCV_PORT_DIED || error == MACH_RCV_INVALID_NAME;
			return;
		}
		received++;
	}
}

CLIENT_TEST(set_wakes_its_receivers)
{
	enum { PORTS = 4, ROUNDS = 40, RECEIVERS = 3 };
	mach_port_t ports[PORTS];
	shared_set = make_set();
	received = ended = 0;
	for (unsigned i = 0; i < PORTS; i++) {
		ports[i] = test_port();
		if (i > 0)
			CHECK_EQ(insert(ports[i], shared_set), 0);
	}
	for (unsigned i = 0; i < RECEIVERS; i++)
		sim_thread(sim_self(), receive_many, NULL);
	for (unsigned i = 0; i < ROUNDS; i++)
		CHECK_EQ(test_send_word(ports[i % PORTS], MAKE_SEND, 0, 0, 1, 0, i % PORTS ? 0 : MACH_SEND_TIMEOUT, 0),
			 i % PORTS || i / PORTS < MACH_PORT_QLIMIT_DEFAULT ? 0 : MACH_SEND_TIMED_OUT);
	CHECK_EQ(insert(ports[0], shared_set), 0); // full: its messages are delivered now
	while (received < ROUNDS - ROUNDS / PORTS + MACH_PORT_QLIMIT_DEFAULT)
		swtch();
	CHECK_EQ(test_mod_refs(shared_set, MACH_PORT_RIGHT_PORT_SET, -1), 0);
	while (ended < RECEIVERS)
		swtch();
}

// One message at a time: whoever sleeps through it sleeps for ever.
CLIENT_TEST(set_loses_no_wake_up)
{
	enum { ROUNDS = 150 };
	mach_port_t port = test_port();
	shared_set = make_set();
	received = ended = 0;
	CHECK_EQ(insert(port, shared_set), 0);
	sim_thread(sim_self(), receive_many, NULL);
	for (unsigned i = 0; i < ROUNDS; i++) {
		CHECK_EQ(test_send_word(port, MAKE_SEND, 0, 0, 1, 0, 0, 0), 0);
		for (unsigned wait = 0; received == i && wait < 50; wait++)
			if (wait < 30)
				sim_point();
			else
				mach_wait_until_trap(gila_clock_get_time(SYSTEM_CLOCK) + 1000000);
		CHECK_EQ(received, i + 1);
	}
	CHECK_EQ(test_mod_refs(shared_set, MACH_PORT_RIGHT_PORT_SET, -1), 0);
	while (ended < 1)
		swtch();
}
