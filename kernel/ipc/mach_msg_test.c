// SPDX-License-Identifier: MIT
#include "ipc_test.h"

CLIENT_TEST(mach_msg_sends_to_oneself)
{
	struct word_message m;
	mach_port_t p = test_port();
	CHECK_EQ(test_send_word(p, MAKE_SEND, p, MAKE_ONCE, 5, 42, 0, 0), 0);
	CHECK_EQ(test_poll(p, &m), 5);
	CHECK_EQ(m.words[0], 42);
	CHECK_EQ(m.head.msgh_size, 28);
	CHECK_EQ(m.head.msgh_local_port, p);
	CHECK_EQ(m.head.msgh_bits, MACH_MSGH_BITS(MACH_MSG_TYPE_PORT_SEND_ONCE, MACH_MSG_TYPE_PORT_SEND));
	CHECK_EQ(test_type(m.head.msgh_remote_port), MACH_PORT_TYPE_SEND_ONCE);
	mach_port_t reply = m.head.msgh_remote_port;
	CHECK_EQ(test_send_word(reply, MOVE_ONCE, 0, 0, 105, 43, 0, 0), 0);
	CHECK_EQ(test_type(reply), 0);
	CHECK_EQ(test_poll(p, &m), 105);
	CHECK_EQ(m.head.msgh_remote_port, 0);
	CHECK_EQ(m.head.msgh_bits, MACH_MSGH_BITS(0, MACH_MSG_TYPE_PORT_SEND_ONCE));
	CHECK_EQ(test_poll(p, &m), -1);
}

CLIENT_TEST(mach_msg_checks_what_is_sent)
{
	struct word_message m;
	mach_port_t p = test_port();
	CHECK_EQ(test_insert_send(p), 0);
	m.head = (mach_msg_header_t){.msgh_bits = MACH_MSGH_BITS(COPY_SEND, 0), .msgh_remote_port = p};
	CHECK_EQ(mach_msg_trap(&m, MACH_SEND_MSG, 20, 0, 0, 0, 0), MACH_SEND_MSG_TOO_SMALL);
	CHECK_EQ(mach_msg_trap(&m, MACH_SEND_MSG, 26, 0, 0, 0, 0), MACH_SEND_MSG_TOO_SMALL);
	CHECK_EQ(mach_msg_trap(&m, MACH_SEND_MSG, 0x7ffffffc, 0, 0, 0, 0), MACH_SEND_TOO_LARGE);
	CHECK_EQ(mach_msg_trap((void *)16, MACH_SEND_MSG, 24, 0, 0, 0, 0), MACH_SEND_INVALID_DATA);
	m.head.msgh_bits = 0;
	CHECK_EQ(mach_msg_trap(&m, MACH_SEND_MSG, 24, 0, 0, 0, 0), MACH_SEND_INVALID_HEADER);
	m.head.msgh_bits = MACH_MSGH_BITS(MOVE_RECEIVE, 0);
	CHECK_EQ(mach_msg_trap(&m, MACH_SEND_MSG, 24, 0, 0, 0, 0), MACH_SEND_INVALID_HEADER);
	m.head.msgh_bits = MACH_MSGH_BITS(COPY_SEND, 0) | 0x40;
	CHECK_EQ(mach_msg_trap(&m, MACH_SEND_MSG, 24, 0, 0, 0, 0), MACH_SEND_INVALID_HEADER);
	m.head.msgh_bits = MACH_MSGH_BITS(COPY_SEND, 0);
	m.head.msgh_local_port = p;
	CHECK_EQ(mach_msg_trap(&m, MACH_SEND_MSG, 24, 0, 0, 0, 0), MACH_SEND_INVALID_HEADER);
	m.head.msgh_bits = MACH_MSGH_BITS(COPY_SEND, MAKE_ONCE);
	m.head.msgh_local_port = 0x77703;
	CHECK_EQ(mach_msg_trap(&m, MACH_SEND_MSG, 24, 0, 0, 0, 0), MACH_SEND_INVALID_REPLY);
	m.head.msgh_remote_port = 0x77703;
	CHECK_EQ(mach_msg_trap(&m, MACH_SEND_MSG, 24, 0, 0, 0, 0), MACH_SEND_INVALID_DEST);
	m.head.msgh_remote_port = MACH_PORT_DEAD;
	CHECK_EQ(mach_msg_trap(&m, MACH_SEND_MSG, 24, 0, 0, 0, 0), MACH_SEND_INVALID_DEST);
	m.head = (mach_msg_header_t){.msgh_bits = MACH_MSGH_BITS(COPY_SEND, 0) | MACH_MSGH_BITS_COMPLEX, .msgh_remote_port = p};
	CHECK_EQ(mach_msg_trap(&m, MACH_SEND_MSG, 24, 0, 0, 0, 0), MACH_SEND_MSG_TOO_SMALL);
	m.words[0] = 1;
	CHECK_EQ(mach_msg_trap(&m, MACH_SEND_MSG, 28, 0, 0, 0, 0), MACH_SEND_MSG_TOO_SMALL);
	m.words[3] = 9u << 24;
	CHECK_EQ(mach_msg_trap(&m, MACH_SEND_MSG, 44, 0, 0, 0, 0), MACH_SEND_INVALID_TYPE);
	m.words[1] = 0x77703;
	m.words[3] = COPY_SEND << 16;
	CHECK_EQ(mach_msg_trap(&m, MACH_SEND_MSG, 44, 0, 0, 0, 0), MACH_SEND_INVALID_RIGHT);
	CHECK_EQ(test_poll(p, &m), -1);
	CHECK_EQ(mach_msg_trap(&m, MACH_RCV_MSG, 0, sizeof(m), 0x77703, 0, 0), MACH_RCV_INVALID_NAME);
	CHECK_EQ(mach_msg_trap(&m, MACH_RCV_MSG | MACH_RCV_TRAILER_TYPE(3), 0, sizeof(m), p, 0, 0), MACH_RCV_INVALID_TRAILER);
	CHECK_EQ(mach_msg_trap(&m, MACH_RCV_MSG | MACH_RCV_TIMEOUT, 0, sizeof(m), p, 5, 0), MACH_RCV_TIMED_OUT);
	CHECK_EQ(mach_msg_trap(&m, 0, 0, 0, 0, 0, 0), 0);
}

CLIENT_TEST(mach_msg_tells_of_messages_that_are_too_large)
{
	struct word_message m = {.words = {0}};
	mach_port_t p = test_port();
	CHECK_EQ(test_send_word(p, MAKE_SEND, 0, 0, 1, 7, 0, 0), 0);
	CHECK_EQ(test_receive(p, &m, 35, MACH_RCV_LARGE | MACH_RCV_LARGE_IDENTITY, 0), MACH_RCV_TOO_LARGE);
	CHECK_EQ(m.head.msgh_size, 28);
	CHECK_EQ(m.head.msgh_local_port, p);
	CHECK_EQ(test_receive(p, &m, 36, MACH_RCV_LARGE, 0), 0); // it was still there
	CHECK_EQ(test_send_word(p, MAKE_SEND, 0, 0, 2, 7, 0, 0), 0);
	CHECK_EQ(test_receive(p, &m, 30, 0, 0), MACH_RCV_TOO_LARGE);
	CHECK_EQ(m.head.msgh_size, 28);
	CHECK_EQ(test_poll(p, &m), -1); // it was dropped
	CHECK_EQ(test_send_word(p, MAKE_SEND, 0, 0, 3, 7, 0, 0), 0);
	CHECK_EQ(test_receive(p, (void *)64, 100, 0, 0), MACH_RCV_INVALID_DATA);
}

CLIENT_TEST(mach_msg_writes_the_trailer_asked_for)
{
	static const struct {
		int elements;
		uint32_t size;
	} kinds[] = {{0, 8}, {1, 12}, {2, 20}, {3, 52}, {4, 60}, {7, 68}, {8, 68}, {9, 68}};
	struct word_message m;
	mach_port_t p = test_port(), minted = (mach_port_t)gila_port_mint(p, 0xabcdef0123456789);
	for (unsigned i = 0; i < array_count(kinds); i++) {
		CHECK_EQ(test_send_word(minted, COPY_SEND, 0, 0, 1, 7, 0, 0), 0);
		memset(&m, 0xee, sizeof(m));
		CHECK_EQ(test_receive(p, &m, sizeof(m), (uint32_t)MACH_RCV_TRAILER_ELEMENTS(kinds[i].elements), 0), 0);
		mach_msg_badge_trailer_t t;
		memcpy(&t, (char *)&m + 28, sizeof(t));
		CHECK_EQ(t.msgh_trailer_type, 0);
		CHECK_EQ(t.msgh_trailer_size, kinds[i].size);
		CHECK_EQ(((uint8_t *)&m)[28 + kinds[i].size], 0xee);
		if (kinds[i].elements >= 1)
			CHECK_EQ(t.msgh_seqno, i);
		if (kinds[i].elements >= 3)
			CHECK_EQ(t.msgh_audit.val[5], gila_task_id());
		if (kinds[i].elements == 9)
			CHECK_EQ(t.msgh_badge, 0xabcdef0123456789);
	}
}

// ---- Several threads -----------------------------------------------------------------------------------------------

static mach_port_t shared_port;
static mach_msg_return_t shared_result[8];
static unsigned shared_count;

static void send_one(void *argument)
{
	unsigned i = (unsigned)(uintptr_t)argument;
	shared_result[i] = test_send_word(shared_port, COPY_SEND, 0, 0, (int)(100 + i), i, 0, 0);
	shared_count++;
}

CLIENT_TEST(mach_msg_blocks_senders_in_order)
{
	struct word_message m;
	shared_count = 0;
	shared_port = test_port();
	CHECK_EQ(test_insert_send(shared_port), 0);
	for (unsigned i = 0; i < MACH_PORT_QLIMIT_DEFAULT; i++)
		CHECK_EQ(test_send_word(shared_port, COPY_SEND, 0, 0, (int)i, 0, 0, 0), 0);
	CHECK_EQ(test_send_word(shared_port, COPY_SEND, 0, 0, 1, 1, MACH_SEND_TIMEOUT, 0), MACH_SEND_TIMED_OUT);
	CHECK_EQ(test_send_word(shared_port, COPY_SEND, 0, 0, 1, 1, MACH_SEND_TIMEOUT, 3), MACH_SEND_TIMED_OUT);
	for (unsigned i = 0; i < 4; i++) {
		sim_thread(sim_self(), send_one, (void *)(uintptr_t)i);
		mach_wait_until_trap(gila_clock_get_time(SYSTEM_CLOCK) + 1000000);
	}
	CHECK_EQ(shared_count, 0);
	for (unsigned i = 0; i < MACH_PORT_QLIMIT_DEFAULT; i++)
		CHECK_EQ(test_poll(shared_port, &m), (int)i);
	for (int i = 0; i < 4; i++)
		CHECK_EQ(test_poll(shared_port, &m), 100 + i);
	while (shared_count < 4)
		swtch();
	CHECK_EQ(test_poll(shared_port, &m), -1);
}

CLIENT_TEST(mach_msg_returns_a_message_that_was_not_sent)
{
	mach_port_t p = test_port(), q = test_port();
	mach_port_limits_t zero = {0};
	CHECK_EQ(test_insert_send(p), 0);
	CHECK_EQ(test_insert_send(q), 0);
	(void)zero;
	for (unsigned i = 0; i < MACH_PORT_QLIMIT_DEFAULT; i++)
		CHECK_EQ(test_send_word(p, COPY_SEND, 0, 0, 1, 1, 0, 0), 0);
	struct port_message m = {
		.head = {.msgh_bits = MACH_MSGH_BITS(MOVE_SEND, MAKE_ONCE) | MACH_MSGH_BITS_COMPLEX,
			 .msgh_remote_port = p,
			 .msgh_local_port = q},
		.body = {1},
		.port = {.name = q, .disposition = MOVE_SEND, .type = MACH_MSG_PORT_DESCRIPTOR},
	};
	CHECK_EQ(mach_msg_trap(&m, MACH_SEND_MSG | MACH_SEND_TIMEOUT, 40, 0, 0, 0, 0), MACH_SEND_TIMED_OUT);
	CHECK_EQ(m.head.msgh_remote_port, p);
	CHECK_EQ(test_type(p), MACH_PORT_TYPE_SEND_RECEIVE);
	CHECK_EQ(m.head.msgh_bits, MACH_MSGH_BITS(MOVE_SEND, MOVE_ONCE) | MACH_MSGH_BITS_COMPLEX);
	CHECK_EQ(test_type(m.head.msgh_local_port), MACH_PORT_TYPE_SEND_ONCE);
	CHECK_EQ(m.port.name, q);
	CHECK_EQ(m.port.disposition, MOVE_SEND);
	CHECK_EQ(test_type(q), MACH_PORT_TYPE_SEND_RECEIVE);
}

static void wait_for_message(void *argument)
{
	struct word_message m;
	unsigned i = (unsigned)(uintptr_t)argument;
	shared_result[i] = test_receive(shared_port, &m, sizeof(m), 0, 0);
	shared_count++;
}

CLIENT_TEST(mach_msg_tells_receivers_that_the_port_died)
{
	shared_count = 0;
	shared_port = test_port();
	for (unsigned i = 0; i < 3; i++)
		sim_thread(sim_self(), wait_for_message, (void *)(uintptr_t)i);
	mach_wait_until_trap(gila_clock_get_time(SYSTEM_CLOCK) + 1000000);
	CHECK_EQ(shared_count, 0);
	CHECK_EQ(test_end_port(shared_port), 0);
	while (shared_count < 3)
		swtch();
	for (unsigned i = 0; i < 3; i++)
		CHECK_EQ(shared_result[i], MACH_RCV_PORT_DIED);
}

static void serve(void *argument)
{
	unsigned calls = (unsigned)(uintptr_t)argument;
	struct word_message m;
	mach_msg_return_t error = test_receive(shared_port, &m, sizeof(m), 0, 0);
	for (unsigned i = 0; !error && i < calls; i++) {
		m.head.msgh_bits = MACH_MSGH_BITS(MOVE_ONCE, 0);
		m.head.msgh_local_port = 0;
		m.head.msgh_id += 100;
		m.words[0] *= 2;
		unsigned option = MACH_SEND_MSG | (i + 1 < calls ? MACH_RCV_MSG : 0);
		error = mach_msg_trap(&m, (mach_msg_option_t)option, 28, sizeof(m), shared_port, 0, 0);
	}
	shared_result[0] = error;
	shared_count++;
}

CLIENT_TEST(mach_msg_calls_and_replies)
{
	enum { CALLS = 50 };
	shared_count = 0;
	shared_port = test_port();
	CHECK_EQ(test_insert_send(shared_port), 0);
	mach_port_t reply = mach_reply_port();
	sim_thread(sim_self(), serve, (void *)(uintptr_t)CALLS);
	for (unsigned i = 0; i < CALLS; i++) {
		struct word_message m = {.head = {.msgh_bits = MACH_MSGH_BITS(COPY_SEND, MAKE_ONCE),
						  .msgh_remote_port = shared_port,
						  .msgh_local_port = reply,
						  .msgh_id = 1},
					 .words = {i}};
		CHECK_EQ(mach_msg_trap(&m, MACH_SEND_MSG | MACH_RCV_MSG, 28, sizeof(m), reply, 0, 0), 0);
		CHECK_EQ(m.head.msgh_id, 101);
		CHECK_EQ(m.words[0], 2 * i);
	}
	while (shared_count < 1)
		swtch();
	CHECK_EQ(shared_result[0], 0);
}

CLIENT_TEST(mach_msg_uses_special_reply_ports)
{
	mach_port_t p = thread_get_special_reply_port();
	CHECK(p);
	CHECK_EQ(test_insert_send(p), KERN_INVALID_CAPABILITY);
	CHECK_EQ(test_send_word(p, MAKE_SEND, 0, 0, 1, 1, 0, 0), MACH_SEND_INVALID_DEST);
	CHECK_EQ(test_send_word(p, MAKE_ONCE, 0, 0, 1, 1, 0, 0), 0);
	struct word_message m;
	CHECK_EQ(test_poll(p, &m), 1);
	mach_port_t q = thread_get_special_reply_port();
	CHECK(q && q != p);
	CHECK_EQ(test_insert_send(p), 0); // an ordinary port now
}
