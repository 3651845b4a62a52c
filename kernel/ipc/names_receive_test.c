// SPDX-License-Identifier: MIT
// Attributes of ports, looking into queues, rights given to and taken from tasks by name.
#include "ipc_test.h"
#include <abi/mach_port.h>

CLIENT_TEST(port_tells_of_itself)
{
	mach_port_t self = test_self(), p = test_port(), watch = test_port();
	mach_port_status_t status;
	mach_msg_type_number_t count = MACH_PORT_RECEIVE_STATUS_COUNT;
	CHECK_EQ(test_insert_send(p), 0);
	CHECK_EQ(test_send_word(p, COPY_SEND, p, MAKE_ONCE, 9, 1, 0, 0), 0);
	CHECK_EQ(test_notify(p, MACH_NOTIFY_NO_SENDERS, 1, watch), 0);
	CHECK_EQ(mach_port_get_attributes(self, p, MACH_PORT_RECEIVE_STATUS, (integer_t *)&status, &count), 0);
	CHECK_EQ(count, MACH_PORT_RECEIVE_STATUS_COUNT);
	CHECK_EQ(status.mps_msgcount, 1);
	CHECK_EQ(status.mps_qlimit, MACH_PORT_QLIMIT_DEFAULT);
	CHECK_EQ(status.mps_mscount, 1);
	CHECK_EQ(status.mps_sorights, 1);
	CHECK(status.mps_srights && status.mps_nsrequest && !status.mps_pdrequest);
	count = 5;
	CHECK_EQ(mach_port_get_attributes(self, p, MACH_PORT_RECEIVE_STATUS, (integer_t *)&status, &count), KERN_FAILURE);
	CHECK_EQ(mach_port_get_attributes(self, p, 99, (integer_t *)&status, &count), KERN_INVALID_VALUE);
	uint32_t rights;
	CHECK_EQ(mach_port_get_srights(self, p, &rights), 0);
	CHECK_EQ(rights, 2); // the name's and the queued message's
	CHECK_EQ(mach_port_set_seqno(self, p, 40), 0);
	mach_msg_size_t size;
	mach_msg_id_t id;
	mach_port_seqno_t sequence = 0;
	uint8_t trailer[68];
	count = sizeof(trailer);
	CHECK_EQ(mach_port_peek(self, p, (uint32_t)MACH_RCV_TRAILER_ELEMENTS(1), &sequence, &size, &id, trailer, &count), 0);
	CHECK_EQ(sequence, 40);
	CHECK_EQ(size, 28);
	CHECK_EQ(id, 9);
	CHECK_EQ(count, 12);
	sequence = 41;
	CHECK_EQ(mach_port_peek(self, p, 0, &sequence, &size, &id, trailer, &count), KERN_FAILURE);
	CHECK_EQ(mach_port_set_context(self, p, 123), 0);
	uint64_t context = 0;
	CHECK_EQ(mach_port_get_context(self, p, &context), 0);
	CHECK_EQ(context, 123);
}

static mach_port_t shared;
static mach_msg_return_t results[3];
static unsigned done;

static void send_blocking(void *argument)
{
	unsigned i = (unsigned)(uintptr_t)argument;
	results[i] = test_send_word(shared, COPY_SEND, 0, 0, (int)i, 0, 0, 0);
	done++;
}

static void block_senders(unsigned count)
{
	done = 0;
	for (unsigned i = 0; i < count; i++)
		sim_thread(sim_self(), send_blocking, (void *)(uintptr_t)i);
	mach_wait_until_trap(gila_clock_get_time(SYSTEM_CLOCK) + 10000000);
}

CLIENT_TEST(port_lets_senders_in_when_its_limit_rises)
{
	mach_port_limits_t limits = {0};
	mach_port_t self = test_self();
	shared = test_port();
	CHECK_EQ(test_insert_send(shared), 0);
	CHECK_EQ(mach_port_set_attributes(self, shared, MACH_PORT_LIMITS_INFO, (integer_t *)&limits, 1), 0);
	block_senders(3);
	CHECK_EQ(done, 0);
	limits.mpl_qlimit = 2;
	CHECK_EQ(mach_port_set_attributes(self, shared, MACH_PORT_LIMITS_INFO, (integer_t *)&limits, 1), 0);
	while (done < 2)
		swtch();
	limits.mpl_qlimit = MACH_PORT_QLIMIT_MAX + 1;
	CHECK_EQ(mach_port_set_attributes(self, shared, MACH_PORT_LIMITS_INFO, (integer_t *)&limits, 1), KERN_INVALID_VALUE);
	CHECK_EQ(test_end_port(shared), 0); // with the third still outside
	while (done < 3)
		swtch();
	CHECK(results[0] == MACH_SEND_INVALID_DEST || results[1] == MACH_SEND_INVALID_DEST ||
	      results[2] == MACH_SEND_INVALID_DEST);
}

CLIENT_TEST(port_forgets_senders_that_end)
{
	mach_port_limits_t limits = {0};
	shared = test_port();
	CHECK_EQ(test_insert_send(shared), 0);
	CHECK_EQ(mach_port_set_attributes(test_self(), shared, MACH_PORT_LIMITS_INFO, (integer_t *)&limits, 1), 0);
	block_senders(3);
	sim_exit(0);
}

CLIENT_TEST(rights_are_inserted_and_extracted_by_name)
{
	mach_port_t self = test_self(), p = test_port(), right;
	mach_msg_type_name_t type;
	CHECK_EQ(mach_port_insert_right(self, 0x55503, p, MAKE_SEND), KERN_RIGHT_EXISTS); // it has the receive right as p
	CHECK_EQ(mach_port_insert_right(self, p, p, MAKE_SEND), 0);
	CHECK_EQ(mach_port_insert_right(self, 0x55503, p, MAKE_ONCE), 0);
	CHECK_EQ(test_type(0x55503), MACH_PORT_TYPE_SEND_ONCE);
	CHECK_EQ(mach_port_insert_right(self, 0x55503, p, MAKE_ONCE), KERN_NAME_EXISTS);
	CHECK_EQ(mach_port_insert_right(self, 0, p, MAKE_SEND), KERN_INVALID_VALUE);
	CHECK_EQ(mach_port_extract_right(self, 0x55503, MOVE_ONCE, &right, &type), 0);
	CHECK_EQ(type, MACH_MSG_TYPE_PORT_SEND_ONCE);
	CHECK_EQ(test_type(0x55503), 0);
	CHECK_EQ(mach_port_extract_right(self, p, MOVE_RECEIVE, &right, &type), 0);
	CHECK_EQ(type, MACH_MSG_TYPE_PORT_RECEIVE);
	CHECK_EQ(right, p);
	CHECK_EQ(mach_port_extract_right(self, p, 3, &right, &type), KERN_INVALID_VALUE);
	CHECK_EQ(mach_port_extract_right(self, p, MOVE_ONCE, &right, &type), KERN_INVALID_RIGHT);
	CHECK_EQ(mach_port_extract_right(self, 0x77703, COPY_SEND, &right, &type), KERN_INVALID_NAME);
}
