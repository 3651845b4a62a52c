// SPDX-License-Identifier: MIT
// Exceptions that a program tells of itself (exception_raise and its kin), to a thread of its own that answers; mach_msg2; threads by the
// names that Mach has for them.
#include "check.h"

#include <mach/mach.h>
#include <pthread.h>
#include <string.h>

#define OK(expression) CHECK((expression) == KERN_SUCCESS)

pthread_t pthread_from_mach_thread_np(mach_port_t);
mach_port_t pthread_mach_thread_np(pthread_t);

#pragma pack(push, 4)
struct request {
	mach_msg_header_t head;
	mach_msg_body_t body;
	mach_msg_port_descriptor_t thread, task;
	NDR_record_t ndr;
	exception_type_t exception;
	mach_msg_type_number_t code_count;
	union {
		int narrow[2];
		struct {
			int64_t code[2];
			int flavor;
			mach_msg_type_number_t state_count;
			natural_t state[4];
		} wide;
	} rest;
	char trailer[64];
};
struct reply {
	mach_msg_header_t head;
	NDR_record_t ndr;
	kern_return_t code;
	int flavor;
	mach_msg_type_number_t state_count;
	natural_t state[3];
};
#pragma pack(pop)

static mach_port_t port;
static struct request seen;

static void *receiver(void *argument)
{
	for (int i = 0; i < 3; i++) {
		OK(mach_msg2_internal(&seen, MACH_RCV_MSG, 0, 0, 0, (uint64_t)port << 32, sizeof(seen), 0));
		struct reply reply = {.code = seen.exception == EXC_SOFTWARE ? KERN_FAILURE : KERN_SUCCESS, .flavor = 9, .state_count = 3};
		for (int k = 0; k < 3; k++)
			reply.state[k] = seen.rest.wide.state[k] + 1;
		uint64_t bits = MACH_MSGH_BITS(MACH_MSGH_BITS_REMOTE(seen.head.msgh_bits), 0);
		uint64_t size = seen.head.msgh_id == 2407 ? sizeof(reply) : __builtin_offsetof(struct reply, flavor);
		OK(mach_msg2_internal(&reply, MACH_SEND_MSG, bits | size << 32, seen.head.msgh_remote_port,
				      (uint64_t)(seen.head.msgh_id + 100) << 32, 0, 0, 0));
	}
	return argument;
}

int main(void)
{
	pthread_t thread;
	int narrow[2] = {1, 0x1234}, flavor = 7;
	int64_t wide[2] = {2, 0x123456789abc};
	natural_t state[4] = {10, 20, 30, 40}, new_state[8];
	mach_msg_type_number_t count = 8;
	CHECK(pthread_from_mach_thread_np(mach_thread_self()) == pthread_self());
	CHECK(pthread_from_mach_thread_np(mach_task_self()) == NULL);
	OK(mach_port_allocate(mach_task_self(), MACH_PORT_RIGHT_RECEIVE, &port));
	OK(mach_port_insert_right(mach_task_self(), port, port, MACH_MSG_TYPE_MAKE_SEND));
	CHECK(pthread_create(&thread, NULL, receiver, NULL) == 0);
	CHECK(pthread_from_mach_thread_np(pthread_mach_thread_np(thread)) == thread);

	OK(exception_raise(port, mach_thread_self(), mach_task_self(), EXC_BAD_ACCESS, narrow, 2));
	CHECK(seen.head.msgh_id == 2401 && seen.exception == EXC_BAD_ACCESS && seen.code_count == 2);
	CHECK(seen.rest.narrow[0] == 1 && seen.rest.narrow[1] == 0x1234);
	CHECK((seen.thread.name & 3) == 3 && seen.task.name == mach_task_self()); // the kernel's names
	CHECK(mach_exception_raise(port, mach_thread_self(), mach_task_self(), EXC_SOFTWARE, wide, 2) == KERN_FAILURE);
	CHECK(seen.head.msgh_id == 2405 && seen.rest.wide.code[1] == wide[1]);
	OK(mach_exception_raise_state_identity(port, mach_thread_self(), mach_task_self(), EXC_BREAKPOINT, wide, 2, &flavor, state, 4, new_state,
					       &count));
	CHECK(seen.head.msgh_id == 2407 && seen.rest.wide.flavor == 7 && seen.rest.wide.state_count == 4);
	CHECK(flavor == 9 && count == 3 && new_state[0] == 11 && new_state[2] == 31);
	CHECK(mach_exception_raise(port, mach_thread_self(), mach_task_self(), EXC_SOFTWARE, wide, 3) != KERN_SUCCESS);
	CHECK(pthread_join(thread, NULL) == 0);

	// What mach_msg2 refuses.
	mach_msg_header_t head;
	CHECK(mach_msg2_internal(&head, MACH_SEND_MSG, 8ull << 32, port, 0, 0, 0, 0) == MACH_SEND_MSG_TOO_SMALL);
	CHECK(mach_msg2_internal(&head, MACH_RCV_MSG | MACH_RCV_TIMEOUT, 0, 0, 0, (uint64_t)port << 32, sizeof(head), 0) == MACH_RCV_TIMED_OUT);
	puts("forwarding is fine");
	return 0;
}
