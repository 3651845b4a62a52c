// SPDX-License-Identifier: MIT
// Rights that travel, and the notifications about them.
#include "ipc_test.h"
#include <abi/mach_port.h>

static mach_msg_return_t send_right(mach_port_t to, mach_port_t right, uint32_t disposition)
{
	struct port_message m = {
		.head = {.msgh_bits = MACH_MSGH_BITS(MAKE_SEND, 0) | MACH_MSGH_BITS_COMPLEX, .msgh_remote_port = to},
		.body = {1},
		.port = {.name = right, .disposition = disposition, .type = MACH_MSG_PORT_DESCRIPTOR},
	};
	return mach_msg_trap(&m, MACH_SEND_MSG, 40, 0, 0, 0, 0);
}

static mach_msg_return_t receive_right(mach_port_t from, struct port_message *m)
{
	return test_receive(from, m, sizeof(*m), MACH_RCV_TIMEOUT, 0);
}

CLIENT_TEST(rights_of_every_kind_travel)
{
	struct port_message m;
	mach_port_t p = test_port(), q = test_port();
	CHECK_EQ(send_right(p, q, MAKE_SEND), 0);
	CHECK_EQ(receive_right(p, &m), 0);
	CHECK_EQ(m.port.name, q); // the receiver has the receive right: one name
	CHECK_EQ(m.port.disposition, MOVE_SEND);
	CHECK_EQ(m.port.type, MACH_MSG_PORT_DESCRIPTOR);
	CHECK_EQ(test_type(q), MACH_PORT_TYPE_SEND_RECEIVE);
	CHECK_EQ(send_right(p, q, COPY_SEND), 0);
	CHECK_EQ(test_deallocate(q), 0);
	CHECK_EQ(test_type(q), MACH_PORT_TYPE_RECEIVE);
	CHECK_EQ(receive_right(p, &m), 0);
	CHECK_EQ(test_type(q), MACH_PORT_TYPE_SEND_RECEIVE);
	CHECK_EQ(send_right(p, q, MOVE_SEND), 0);
	CHECK_EQ(test_type(q), MACH_PORT_TYPE_RECEIVE);
	CHECK_EQ(receive_right(p, &m), 0);
	CHECK_EQ(send_right(p, q, MAKE_ONCE), 0);
	CHECK_EQ(receive_right(p, &m), 0);
	CHECK_EQ(m.port.disposition, MOVE_ONCE);
	mach_port_t once = m.port.name;
	CHECK_EQ(test_type(once), MACH_PORT_TYPE_SEND_ONCE);
	CHECK_EQ(send_right(p, once, MOVE_ONCE), 0);
	CHECK_EQ(test_type(once), 0);
	CHECK_EQ(receive_right(p, &m), 0);
	CHECK_EQ(send_right(p, m.port.name, MOVE_SEND), MACH_SEND_INVALID_RIGHT);
	CHECK_EQ(test_send_word(q, COPY_SEND, 0, 0, 77, 1, 0, 0), 0);
	CHECK_EQ(send_right(p, q, MOVE_RECEIVE), 0);
	CHECK_EQ(test_type(q), MACH_PORT_TYPE_SEND);
	CHECK_EQ(test_send_word(q, COPY_SEND, 0, 0, 78, 1, 0, 0), 0); // on its way it still takes messages
	CHECK_EQ(receive_right(p, &m), 0);
	CHECK_EQ(m.port.name, q);
	struct word_message w;
	CHECK_EQ(test_poll(q, &w), 77);
	CHECK_EQ(test_poll(q, &w), 78);
	CHECK_EQ(send_right(p, MACH_PORT_DEAD, COPY_SEND), 0);
	CHECK_EQ(receive_right(p, &m), 0);
	CHECK_EQ(m.port.name, MACH_PORT_DEAD);
	CHECK_EQ(send_right(p, 0, MOVE_RECEIVE), 0);
	CHECK_EQ(send_right(p, q, 15), MACH_SEND_INVALID_TYPE);
}

CLIENT_TEST(rights_go_all_or_none)
{
	struct {
		mach_msg_header_t head;
		mach_msg_body_t body;
		mach_msg_port_descriptor_t ports[3];
	} m;
	mach_port_t p = test_port(), q = test_port();
	CHECK_EQ(test_insert_send(q), 0);
	m.head = (mach_msg_header_t){.msgh_bits = MACH_MSGH_BITS(MAKE_SEND, 0) | MACH_MSGH_BITS_COMPLEX, .msgh_remote_port = p};
	m.body.msgh_descriptor_count = 3;
	for (unsigned i = 0; i < 3; i++)
		m.ports[i] = (mach_msg_port_descriptor_t){.name = q, .disposition = MOVE_SEND, .type = MACH_MSG_PORT_DESCRIPTOR};
	m.ports[2].disposition = MOVE_RECEIVE;
	CHECK_EQ(mach_msg_trap(&m, MACH_SEND_MSG, sizeof(m), 0, 0, 0, 0), MACH_SEND_INVALID_RIGHT); // one reference only
	CHECK_EQ(test_type(q), MACH_PORT_TYPE_SEND_RECEIVE);
	m.ports[1].disposition = MAKE_SEND;
	CHECK_EQ(mach_msg_trap(&m, MACH_SEND_MSG, sizeof(m), 0, 0, 0, 0), 0);
	CHECK_EQ(test_type(q), 0);
}

CLIENT_TEST(rights_do_not_go_in_circles)
{
	mach_port_t a = test_port(), b = test_port(), c = test_port(), watch = test_port();
	struct word_message w;
	for (mach_port_t *p = (mach_port_t[]){a, b, c, 0}; *p; p++)
		CHECK_EQ(test_insert_send(*p), 0);
	CHECK_EQ(test_notify(a, MACH_NOTIFY_DEAD_NAME, 0, watch), 0);
	struct port_message m = {
		.head = {.msgh_bits = MACH_MSGH_BITS(COPY_SEND, 0) | MACH_MSGH_BITS_COMPLEX, .msgh_remote_port = a},
		.body = {1},
		.port = {.name = a, .disposition = MOVE_RECEIVE, .type = MACH_MSG_PORT_DESCRIPTOR},
	};
	CHECK_EQ(mach_msg_trap(&m, MACH_SEND_MSG, 40, 0, 0, 0, 0), 0); // into itself: gone
	CHECK_EQ(test_type(a), MACH_PORT_TYPE_DEAD_NAME);
	CHECK_EQ(test_poll(watch, &w), MACH_NOTIFY_DEAD_NAME);
	CHECK_EQ(w.words[2], a);
	m.head.msgh_remote_port = b;
	m.port.name = c;
	CHECK_EQ(mach_msg_trap(&m, MACH_SEND_MSG, 40, 0, 0, 0, 0), 0); // c into b
	m.head.msgh_remote_port = c;
	m.port.name = b;
	CHECK_EQ(mach_msg_trap(&m, MACH_SEND_MSG, 40, 0, 0, 0, 0), 0); // b into c
	CHECK_EQ(test_type(b), MACH_PORT_TYPE_DEAD_NAME);
	CHECK_EQ(test_type(c), MACH_PORT_TYPE_DEAD_NAME);
}

CLIENT_TEST(rights_dropped_deep_in_queues_end)
{
	// A chain of ports, each in the queue of the next: ended without recursion.
	enum { DEPTH = 200 };
	mach_port_t outer = test_port();
	for (unsigned i = 0; i < DEPTH; i++) {
		mach_port_t next = test_port();
		CHECK_EQ(send_right(next, outer, MOVE_RECEIVE), 0);
		outer = next;
	}
	CHECK_EQ(test_end_port(outer), 0);
}

// ---- Notifications -------------------------------------------------------------------------------------------------

CLIENT_TEST(notify_no_senders)
{
	struct word_message w;
	mach_port_t p = test_port(), watch = test_port();
	CHECK_EQ(test_insert_send(p), 0);
	CHECK_EQ(test_notify(p, MACH_NOTIFY_NO_SENDERS, 1, watch), 0);
	CHECK_EQ(test_send_word(p, COPY_SEND, 0, 0, 5, 1, 0, 0), 0);
	CHECK_EQ(test_deallocate(p), 0);
	CHECK_EQ(test_poll(watch, &w), -1); // the queued message has one still
	CHECK_EQ(test_poll(p, &w), 5);
	CHECK_EQ(test_poll(watch, &w), MACH_NOTIFY_NO_SENDERS);
	CHECK_EQ(w.words[2], 1);
	CHECK_EQ(test_notify(p, MACH_NOTIFY_NO_SENDERS, 2, watch), 0);
	CHECK_EQ(test_poll(watch, &w), -1); // not so many were made
	CHECK_EQ(test_notify(p, MACH_NOTIFY_NO_SENDERS, 1, watch), 0);
	CHECK_EQ(test_poll(watch, &w), MACH_NOTIFY_NO_SENDERS);
	CHECK_EQ(test_insert_send(p), 0);
	CHECK_EQ(test_notify(p, MACH_NOTIFY_NO_SENDERS, 0, watch), 0);
	CHECK_EQ(test_end_port(p), 0);
	CHECK_EQ(test_poll(watch, &w), MACH_NOTIFY_SEND_ONCE);
}

CLIENT_TEST(notify_no_senders_of_a_badge)
{
	struct word_message w;
	mach_port_t p = test_port(), watch = test_port();
	mach_port_t seven = (mach_port_t)gila_port_mint(p, 7), eight = (mach_port_t)gila_port_mint(p, 8);
	CHECK(seven && eight && seven != eight && seven != p);
	CHECK_EQ((mach_port_t)gila_port_mint(p, 7), seven);
	CHECK_EQ((mach_port_t)gila_port_mint(p, 0), p);
	CHECK_EQ(gila_port_badge_notify(p, 7, 1, watch, MAKE_ONCE), 0);
	CHECK_EQ(gila_port_badge_notify(p, 9, 1, watch, MAKE_ONCE), 0); // not in use yet
	CHECK_EQ(test_deallocate(eight), 0);
	CHECK_EQ(test_deallocate(seven), 0);
	CHECK_EQ(test_poll(watch, &w), -1);
	CHECK_EQ(test_deallocate(seven), 0);
	uint32_t option = (uint32_t)MACH_RCV_TRAILER_ELEMENTS(MACH_RCV_TRAILER_BADGE) | MACH_RCV_TIMEOUT;
	CHECK_EQ(test_receive(watch, &w, sizeof(w), option, 0), 0);
	CHECK_EQ(w.head.msgh_id, MACH_NOTIFY_NO_SENDERS);
	mach_msg_badge_trailer_t t;
	memcpy(&t, (char *)&w + w.head.msgh_size, sizeof(t));
	CHECK_EQ(t.msgh_badge, 7);
	CHECK_EQ(test_deallocate((mach_port_t)gila_port_mint(p, 9)), 0);
	CHECK_EQ(test_receive(watch, &w, sizeof(w), option, 0), 0);
	memcpy(&t, (char *)&w + w.head.msgh_size, sizeof(t));
	CHECK_EQ(t.msgh_badge, 9);
	CHECK_EQ(gila_port_badge_notify(p, 10, 0, watch, MAKE_ONCE), 0); // at once
	CHECK_EQ(test_poll(watch, &w), MACH_NOTIFY_NO_SENDERS);
	CHECK_EQ(gila_port_badge_notify(p, 10, 1, watch, MAKE_ONCE), 0);
	CHECK_EQ(gila_port_badge_notify(p, 10, 0, 0, 0), 0); // taken back
	CHECK_EQ(test_poll(watch, &w), MACH_NOTIFY_SEND_ONCE);
	CHECK_EQ(gila_port_badge_notify(watch + 4, 10, 0, 0, 0), KERN_INVALID_NAME);
}

CLIENT_TEST(notify_dead_and_deleted_names)
{
	struct word_message w;
	uint32_t refs;
	mach_port_t p = test_port(), q = test_port(), watch = test_port();
	CHECK_EQ(test_insert_send(p), 0);
	CHECK_EQ(test_notify(p, MACH_NOTIFY_DEAD_NAME, 0, watch), 0);
	CHECK_EQ(test_type(p), MACH_PORT_TYPE_SEND_RECEIVE | MACH_PORT_TYPE_DNREQUEST);
	CHECK_EQ(test_end_port(p), 0);
	CHECK_EQ(test_poll(watch, &w), MACH_NOTIFY_DEAD_NAME);
	CHECK_EQ(w.words[2], p);
	CHECK_EQ(mach_port_get_refs(test_self(), p, MACH_PORT_RIGHT_DEAD_NAME, &refs), 0);
	CHECK_EQ(refs, 2); // the notification brought one
	CHECK_EQ(test_notify(p, MACH_NOTIFY_DEAD_NAME, 0, watch), KERN_INVALID_ARGUMENT);
	CHECK_EQ(test_notify(p, MACH_NOTIFY_DEAD_NAME, 1, watch), 0);
	CHECK_EQ(test_poll(watch, &w), MACH_NOTIFY_SEND_ONCE); // of the request that failed
	CHECK_EQ(test_poll(watch, &w), MACH_NOTIFY_DEAD_NAME);
	CHECK_EQ(test_insert_send(q), 0);
	CHECK_EQ(test_notify(q, MACH_NOTIFY_DEAD_NAME, 0, watch), 0);
	CHECK_EQ(test_deallocate(q), 0);
	CHECK_EQ(test_poll(watch, &w), -1);
	CHECK_EQ(test_end_port(q), 0);
	CHECK_EQ(test_poll(watch, &w), MACH_NOTIFY_PORT_DELETED);
	CHECK_EQ(w.words[2], q);
	CHECK_EQ(test_notify(watch, 99, 0, watch), KERN_INVALID_VALUE);
	CHECK_EQ(test_poll(watch, &w), MACH_NOTIFY_SEND_ONCE);
}

CLIENT_TEST(notify_port_destroyed)
{
	struct word_message w;
	struct port_message m;
	mach_port_t p = test_port(), watch = test_port();
	CHECK_EQ(test_insert_send(p), 0);
	CHECK_EQ(test_send_word(p, COPY_SEND, 0, 0, 5, 1, 0, 0), 0);
	CHECK_EQ(test_notify(p, MACH_NOTIFY_PORT_DESTROYED, 0, watch), 0);
	CHECK_EQ(test_end_port(p), 0);
	CHECK_EQ(test_type(p), MACH_PORT_TYPE_SEND);
	CHECK_EQ(receive_right(watch, &m), 0);
	CHECK_EQ(m.head.msgh_id, MACH_NOTIFY_PORT_DESTROYED);
	CHECK_EQ(m.port.disposition, MOVE_RECEIVE);
	CHECK_EQ(m.port.name, p);
	CHECK_EQ(test_poll(p, &w), 5);
	CHECK_EQ(test_end_port(p), 0);
	CHECK_EQ(test_type(p), MACH_PORT_TYPE_DEAD_NAME);
	p = test_port();
	CHECK_EQ(test_notify(p, MACH_NOTIFY_PORT_DESTROYED, 0, p), 0); // to itself: a circle, it ends
	CHECK_EQ(test_end_port(p), 0);
	CHECK_EQ(test_type(p), 0);
}

CLIENT_TEST(notify_send_possible)
{
	struct word_message w;
	mach_port_t p = test_port(), watch = test_port();
	CHECK_EQ(test_insert_send(p), 0);
	CHECK_EQ(test_notify(p, MACH_NOTIFY_SEND_POSSIBLE, 1, watch), 0);
	CHECK_EQ(test_poll(watch, &w), MACH_NOTIFY_SEND_POSSIBLE); // there is room
	for (unsigned i = 0; i < MACH_PORT_QLIMIT_DEFAULT; i++)
		CHECK_EQ(test_send_word(p, COPY_SEND, 0, 0, 1, 1, 0, 0), 0);
	CHECK_EQ(test_notify(p, MACH_NOTIFY_SEND_POSSIBLE, 0, watch), 0);
	CHECK_EQ(test_type(p), MACH_PORT_TYPE_SEND_RECEIVE | MACH_PORT_TYPE_SPREQUEST_DELAYED);
	CHECK_EQ(test_poll(p, &w), 1);
	CHECK_EQ(test_poll(watch, &w), -1); // not armed
	CHECK_EQ(test_send_word(p, COPY_SEND, 0, 0, 1, 1, 0, 0), 0);
	CHECK_EQ(test_send_word(p, COPY_SEND, 0, 0, 1, 1, MACH_SEND_TIMEOUT | MACH_SEND_NOTIFY, 0), MACH_SEND_TIMED_OUT);
	CHECK_EQ(test_type(p), MACH_PORT_TYPE_SEND_RECEIVE | MACH_PORT_TYPE_SPREQUEST);
	CHECK_EQ(test_poll(p, &w), 1);
	CHECK_EQ(test_poll(watch, &w), MACH_NOTIFY_SEND_POSSIBLE);
	CHECK_EQ(w.words[2], p);
	CHECK_EQ(test_type(p), MACH_PORT_TYPE_SEND_RECEIVE);
	CHECK_EQ(test_notify(p, MACH_NOTIFY_SEND_POSSIBLE, 0, watch), 0);
	CHECK_EQ(test_end_port(p), 0);
	CHECK_EQ(test_poll(watch, &w), MACH_NOTIFY_DEAD_NAME);
}

CLIENT_TEST(notify_send_once)
{
	struct word_message w;
	struct port_message m;
	mach_port_t p = test_port(), q = test_port();
	CHECK_EQ(send_right(q, p, MAKE_ONCE), 0);
	CHECK_EQ(receive_right(q, &m), 0);
	CHECK_EQ(test_deallocate(m.port.name), 0);
	CHECK_EQ(test_poll(p, &w), MACH_NOTIFY_SEND_ONCE);
	CHECK_EQ(send_right(q, p, MAKE_ONCE), 0);
	CHECK_EQ(test_end_port(q), 0); // with the message
	CHECK_EQ(test_poll(p, &w), MACH_NOTIFY_SEND_ONCE);
	q = test_port();
	CHECK_EQ(test_send_word(q, MAKE_SEND, p, MAKE_ONCE, 1, 1, 0, 0), 0);
	CHECK_EQ(test_receive(q, &w, 28, 0, 0), MACH_RCV_TOO_LARGE); // a request that was dropped
	CHECK_EQ(test_poll(p, &w), MACH_NOTIFY_SEND_ONCE);
}

// ---- Out of line ---------------------------------------------------------------------------------------------------

struct memory_message {
	mach_msg_header_t head;
	mach_msg_body_t body;
	mach_msg_ool_descriptor_t memory;
	mach_msg_ool_ports_descriptor_t ports;
	mach_msg_guarded_port_descriptor_t guarded;
	uint8_t trailer[sizeof(mach_msg_max_trailer_t)];
};

CLIENT_TEST(memory_travels_out_of_line)
{
	enum { SIZE = 5000, OFFSET = 100 };
	struct memory_message m;
	mach_port_t p = test_port(), q = test_port(), names[3] = {q, 0, MACH_PORT_DEAD};
	uint64_t address = 0;
	CHECK_EQ(kernelrpc_mach_vm_allocate_trap(test_self(), &address, 8192, 1), 0);
	uint8_t *bytes = (uint8_t *)address + OFFSET;
	for (unsigned i = 0; i < SIZE; i++)
		bytes[i] = (uint8_t)(i * 7);
	m = (struct memory_message){
		.head = {.msgh_bits = MACH_MSGH_BITS(MAKE_SEND, 0) | MACH_MSGH_BITS_COMPLEX, .msgh_remote_port = p},
		.body = {3},
		.memory = {.address = bytes, .size = SIZE, .copy = MACH_MSG_VIRTUAL_COPY, .type = MACH_MSG_OOL_DESCRIPTOR},
		.ports = {.address = names, .count = 3, .copy = MACH_MSG_PHYSICAL_COPY, .disposition = MAKE_SEND,
			  .type = MACH_MSG_OOL_PORTS_DESCRIPTOR},
		.guarded = {.name = q, .disposition = MOVE_RECEIVE, .context = 55, .type = MACH_MSG_GUARDED_PORT_DESCRIPTOR,
			    .flags = MACH_MSG_GUARD_FLAGS_IMMOVABLE_RECEIVE},
	};
	uint32_t size = offsetof(struct memory_message, trailer);
	CHECK_EQ(mach_msg_trap(&m, MACH_SEND_MSG, size, 0, 0, 0, 0), 0);
	CHECK_EQ(test_type(q), 0);
	bytes[3] = 0; // the message has a copy
	CHECK_EQ(test_receive(p, &m, sizeof(m), MACH_RCV_GUARDED_DESC, 0), 0);
	CHECK_EQ(m.memory.size, SIZE);
	CHECK(m.memory.address != bytes);
	for (unsigned i = 0; i < SIZE; i++)
		CHECK_EQ(((uint8_t *)m.memory.address)[i], (uint8_t)(i * 7));
	mach_port_name_t *got = m.ports.address;
	CHECK_EQ(m.ports.count, 3);
	CHECK_EQ(m.ports.disposition, MOVE_SEND);
	CHECK_EQ(m.guarded.name, got[0]);
	CHECK_EQ(got[1], 0);
	CHECK_EQ(got[2], MACH_PORT_DEAD);
	CHECK_EQ(m.guarded.flags, MACH_MSG_GUARD_FLAGS_IMMOVABLE_RECEIVE);
	CHECK_EQ(test_type(got[0]), MACH_PORT_TYPE_SEND_RECEIVE);
	CHECK_EQ(test_end_port(got[0]), KERN_INVALID_RIGHT); // guarded
	CHECK_EQ(send_right(p, got[0], MOVE_RECEIVE), MACH_SEND_INVALID_RIGHT);
	CHECK_EQ(mach_port_destruct(test_self(), got[0], -1, 55), 0);
}

CLIENT_TEST(memory_that_is_not_there_is_not_sent)
{
	struct memory_message m;
	mach_port_t p = test_port(), q = test_port();
	CHECK_EQ(test_insert_send(q), 0);
	m = (struct memory_message){
		.head = {.msgh_bits = MACH_MSGH_BITS(MAKE_SEND, 0) | MACH_MSGH_BITS_COMPLEX, .msgh_remote_port = p},
		.body = {2},
		.memory = {.address = (void *)4096, .size = 100, .copy = MACH_MSG_VIRTUAL_COPY, .type = MACH_MSG_OOL_DESCRIPTOR},
		.ports = {.address = (void *)4096, .count = 3, .disposition = MOVE_SEND, .type = MACH_MSG_OOL_PORTS_DESCRIPTOR},
	};
	uint32_t size = offsetof(struct memory_message, guarded);
	CHECK_EQ(mach_msg_trap(&m, MACH_SEND_MSG, size, 0, 0, 0, 0), MACH_SEND_INVALID_MEMORY);
	m.memory.size = 0;
	CHECK_EQ(mach_msg_trap(&m, MACH_SEND_MSG, size, 0, 0, 0, 0), MACH_SEND_INVALID_MEMORY);
	m.ports.count = 0xffffffff;
	CHECK_EQ(mach_msg_trap(&m, MACH_SEND_MSG, size, 0, 0, 0, 0), MACH_SEND_TOO_LARGE);
	m.memory.size = 0xffffffff;
	CHECK_EQ(mach_msg_trap(&m, MACH_SEND_MSG, size, 0, 0, 0, 0), MACH_SEND_TOO_LARGE);
	mach_port_t names[2] = {q, q};
	m.memory.size = 0;
	m.ports.address = names;
	m.ports.count = 2;
	CHECK_EQ(mach_msg_trap(&m, MACH_SEND_MSG, size, 0, 0, 0, 0), MACH_SEND_INVALID_RIGHT); // one reference only
	m.head.msgh_remote_port = 0x7703;
	m.ports.disposition = 3;
	CHECK_EQ(mach_msg_trap(&m, MACH_SEND_MSG, size, 0, 0, 0, 0), MACH_SEND_INVALID_DEST); // the header counts first
	CHECK_EQ(test_type(q), MACH_PORT_TYPE_SEND_RECEIVE);
}

CLIENT_TEST(memory_given_away_is_unmapped)
{
	struct memory_message m;
	mach_port_t p = test_port();
	uint64_t address = 0;
	CHECK_EQ(kernelrpc_mach_vm_allocate_trap(test_self(), &address, 8192, 1), 0);
	*(int *)address = 6;
	m = (struct memory_message){
		.head = {.msgh_bits = MACH_MSGH_BITS(MAKE_SEND, 0) | MACH_MSGH_BITS_COMPLEX, .msgh_remote_port = p},
		.body = {1},
		.memory = {.address = (void *)address, .size = 8192, .deallocate = 1, .copy = MACH_MSG_VIRTUAL_COPY,
			   .type = MACH_MSG_OOL_DESCRIPTOR},
	};
	CHECK_EQ(mach_msg_trap(&m, MACH_SEND_MSG, offsetof(struct memory_message, ports), 0, 0, 0, 0), 0);
	CHECK_EQ(mach_timebase_info_trap((void *)address), KERN_INVALID_ADDRESS);
	CHECK_EQ(test_receive(p, &m, sizeof(m), 0, 0), 0);
	CHECK_EQ(*(int *)m.memory.address, 6);
}
