// SPDX-License-Identifier: MIT
// A source of libdispatch for messages at a Mach port.
#include "check.h"

#include <dispatch/dispatch.h>
#include <mach/mach.h>
#include <unistd.h>

struct letter {
	mach_msg_header_t head;
	int value;
	mach_msg_max_trailer_t trailer;
};

static mach_port_t port;
static int sum, count;

static void send(int value)
{
	struct letter letter = {.head = {.msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_MAKE_SEND, 0),
					 .msgh_size = sizeof(letter.head) + sizeof(int),
					 .msgh_remote_port = port}};
	letter.value = value;
	CHECK(mach_msg(&letter.head, MACH_SEND_MSG, letter.head.msgh_size, 0, MACH_PORT_NULL, 0, MACH_PORT_NULL) == 0);
}

static void receive(void)
{
	struct letter letter;
	CHECK(mach_msg(&letter.head, MACH_RCV_MSG | MACH_RCV_TIMEOUT, 0, sizeof(letter), port, 0, MACH_PORT_NULL) == 0);
	sum += letter.value;
	count++;
}

int main(void)
{
	dispatch_semaphore_t told = dispatch_semaphore_create(0);
	dispatch_time_t limit = dispatch_time(DISPATCH_TIME_NOW, 20 * (long long)NSEC_PER_SEC);
	CHECK(mach_port_allocate(mach_task_self(), MACH_PORT_RIGHT_RECEIVE, &port) == KERN_SUCCESS);
	send(1);
	dispatch_source_t source = dispatch_source_create(DISPATCH_SOURCE_TYPE_MACH_RECV, port, 0, NULL);
	dispatch_source_set_event_handler(source, ^{
		receive(); // one for each call: it comes again while there are more
		dispatch_semaphore_signal(told);
	});
	dispatch_source_set_cancel_handler(source, ^{ dispatch_semaphore_signal(told); });
	dispatch_resume(source);
	CHECK(dispatch_semaphore_wait(told, limit) == 0);
	for (int i = 0; i < 20; i++) {
		send(10);
		if (i % 2)
			CHECK(dispatch_semaphore_wait(told, limit) == 0);
	}
	for (int i = 0; i < 10; i++)
		CHECK(dispatch_semaphore_wait(told, limit) == 0);
	CHECK(count == 21 && sum == 201);
	dispatch_source_cancel(source);
	CHECK(dispatch_semaphore_wait(told, limit) == 0);
	send(5);
	usleep(20000);
	CHECK(count == 21); // nobody receives any more
	dispatch_release(source);
	CHECK(mach_port_mod_refs(mach_task_self(), port, MACH_PORT_RIGHT_RECEIVE, -1) == KERN_SUCCESS);
	puts("letters are fine");
	return 0;
}
