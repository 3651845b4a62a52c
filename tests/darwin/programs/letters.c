// SPDX-License-Identifier: MIT
// A source of libdispatch for messages at a Mach port; notifications that come as messages.
#include "check.h"

#include <dispatch/dispatch.h>
#include <mach/mach.h>
#include <notify.h>
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

static void test_notices(void)
{
	struct letter letter;
	mach_port_t notices, none = 12345;
	int one, two, other;
	CHECK(notify_register_mach_port("self.one", &none, NOTIFY_REUSE, &one) == 3 /* NOTIFY_STATUS_INVALID_PORT */);
	CHECK(notify_register_mach_port("self.one", &notices, 0, &one) == NOTIFY_STATUS_OK);
	CHECK(notify_register_mach_port("self.two", &notices, NOTIFY_REUSE, &two) == NOTIFY_STATUS_OK && one != two);
	for (int i = 0; i < 4; i++) {
		CHECK(notify_post(i % 2 ? "self.two" : "self.one") == NOTIFY_STATUS_OK);
		CHECK(mach_msg(&letter.head, MACH_RCV_MSG | MACH_RCV_TIMEOUT, 0, sizeof(letter), notices, 10000, MACH_PORT_NULL) == 0);
		CHECK(letter.head.msgh_id == (i % 2 ? two : one));
	}
	CHECK(notify_cancel(one) == 0 && notify_cancel(two) == 0);
	CHECK(mach_port_mod_refs(mach_task_self(), notices, MACH_PORT_RIGHT_RECEIVE, -1) != KERN_SUCCESS); // it is gone
	CHECK(notify_register_check("self.one", &other) == 0);
}

// A send right whose port goes, and one whose port has gone.
static void test_send(void)
{
	dispatch_semaphore_t told = dispatch_semaphore_create(0);
	dispatch_time_t limit = dispatch_time(DISPATCH_TIME_NOW, 20 * (long long)NSEC_PER_SEC);
	mach_port_t other;
	mach_port_urefs_t references = 0;
	CHECK(mach_port_allocate(mach_task_self(), MACH_PORT_RIGHT_RECEIVE, &other) == KERN_SUCCESS);
	CHECK(mach_port_insert_right(mach_task_self(), other, other, MACH_MSG_TYPE_MAKE_SEND) == KERN_SUCCESS);
	dispatch_source_t sources[3];
	for (int i = 0; i < 3; i++) {
		if (i == 2) { // by now it is dead
			CHECK(mach_port_mod_refs(mach_task_self(), other, MACH_PORT_RIGHT_RECEIVE, -1) == KERN_SUCCESS);
			CHECK(dispatch_semaphore_wait(told, limit) == 0);
		}
		sources[i] = dispatch_source_create(DISPATCH_SOURCE_TYPE_MACH_SEND, other, DISPATCH_MACH_SEND_DEAD, NULL);
		dispatch_source_t source = sources[i];
		dispatch_source_set_event_handler(source, ^{
			CHECK(dispatch_source_get_data(source) == DISPATCH_MACH_SEND_DEAD);
			dispatch_semaphore_signal(told);
		});
		dispatch_source_set_cancel_handler(source, ^{ dispatch_semaphore_signal(told); });
		dispatch_activate(source);
		if (i == 0) { // cancelled before
			dispatch_source_cancel(source);
			CHECK(dispatch_semaphore_wait(told, limit) == 0);
		}
	}
	CHECK(dispatch_semaphore_wait(told, limit) == 0);
	for (int i = 0; i < 3; i++) {
		dispatch_source_cancel(sources[i]);
		dispatch_release(sources[i]);
	}
	for (int i = 0; i < 2; i++)
		CHECK(dispatch_semaphore_wait(told, limit) == 0);
	CHECK(mach_port_get_refs(mach_task_self(), other, MACH_PORT_RIGHT_DEAD_NAME, &references) == KERN_SUCCESS && references == 1);
	CHECK(mach_port_deallocate(mach_task_self(), other) == KERN_SUCCESS);
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
	test_notices();
	test_send();
	CHECK(mach_port_mod_refs(mach_task_self(), port, MACH_PORT_RIGHT_RECEIVE, -1) == KERN_SUCCESS);
	puts("letters are fine");
	return 0;
}
