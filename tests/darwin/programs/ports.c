// SPDX-License-Identifier: MIT
// Ports and messages between threads of one task: rights, memory, notifications, time-outs, sets.
#include "check.h"

#include <mach/mach.h>
#include <pthread.h>
#include <string.h>
#include <sys/event.h>
#include <unistd.h>

#define OK(expression) CHECK((expression) == KERN_SUCCESS)

struct message {
	mach_msg_header_t head;
	mach_msg_body_t body;
	mach_msg_port_descriptor_t port;
	mach_msg_ool_descriptor_t memory;
	int value;
	mach_msg_audit_trailer_t trailer;
};
struct plain {
	mach_msg_header_t head;
	int value;
	mach_msg_max_trailer_t trailer;
};

static mach_port_t port_make(void)
{
	mach_port_t port;
	OK(mach_port_allocate(mach_task_self(), MACH_PORT_RIGHT_RECEIVE, &port));
	return port;
}

static kern_return_t send_value(mach_port_t to, int value, mach_msg_type_name_t how)
{
	struct plain message = {.head = {.msgh_bits = MACH_MSGH_BITS(how, 0),
					 .msgh_size = sizeof(message.head) + sizeof(int),
					 .msgh_remote_port = to,
					 .msgh_id = 7}};
	message.value = value;
	return mach_msg(&message.head, MACH_SEND_MSG | MACH_SEND_TIMEOUT, message.head.msgh_size, 0, MACH_PORT_NULL, 0,
			MACH_PORT_NULL);
}

static kern_return_t receive(mach_port_t from, struct plain *message, mach_msg_timeout_t timeout)
{
	return mach_msg(&message->head, MACH_RCV_MSG | MACH_RCV_TIMEOUT, 0, sizeof(*message), from, timeout,
			MACH_PORT_NULL);
}

static void check_names(void)
{
	mach_port_t port = port_make(), other;
	mach_port_type_t type;
	mach_port_urefs_t references;
	mach_msg_type_name_t how;
	CHECK((port & 3) == 3);
	OK(mach_port_type(mach_task_self(), port, &type));
	CHECK(type == MACH_PORT_TYPE_RECEIVE);
	OK(mach_port_insert_right(mach_task_self(), port, port, MACH_MSG_TYPE_MAKE_SEND));
	OK(mach_port_mod_refs(mach_task_self(), port, MACH_PORT_RIGHT_SEND, 2));
	OK(mach_port_get_refs(mach_task_self(), port, MACH_PORT_RIGHT_SEND, &references));
	CHECK(references == 3);
	OK(mach_port_extract_right(mach_task_self(), port, MACH_MSG_TYPE_MAKE_SEND_ONCE, &other, &how));
	CHECK(other != port && how == MACH_MSG_TYPE_PORT_SEND_ONCE);
	OK(mach_port_deallocate(mach_task_self(), other));
	mach_port_status_t status;
	mach_msg_type_number_t count = sizeof(status) / 4;
	OK(mach_port_get_attributes(mach_task_self(), port, MACH_PORT_RECEIVE_STATUS, (integer_t *)&status, &count));
	CHECK(status.mps_qlimit == 5 && status.mps_srights &&
	      status.mps_msgcount == 1); // a send-once right tells of its end
	OK(mach_port_destroy(mach_task_self(), port));
	CHECK(mach_port_destroy(mach_task_self(), port) == KERN_INVALID_NAME);
	CHECK(mach_port_type(mach_task_self(), mach_task_self(), &type) == 0 && type == MACH_PORT_TYPE_SEND);
	mach_port_options_t options = {.flags = MPO_CONTEXT_AS_GUARD | MPO_QLIMIT | MPO_INSERT_SEND_RIGHT, .mpl = {20}};
	mach_vm_address_t context;
	OK(mach_port_construct(mach_task_self(), &options, 0x1234, &port));
	OK(mach_port_get_context(mach_task_self(), port, &context));
	CHECK(mach_port_destruct(mach_task_self(), port, -1, 0x99) != KERN_SUCCESS);
	OK(mach_port_destruct(mach_task_self(), port, -1, 0x1234));
}

static void check_timeouts(void)
{
	mach_port_t port = port_make();
	struct plain message;
	uint64_t begin = mach_absolute_time();
	CHECK(receive(port, &message, 30) == MACH_RCV_TIMED_OUT && mach_absolute_time() - begin >= 30000000);
	for (int i = 0; i < 5; i++)
		OK(send_value(port, i, MACH_MSG_TYPE_MAKE_SEND));
	CHECK(send_value(port, 5, MACH_MSG_TYPE_MAKE_SEND) == MACH_SEND_TIMED_OUT);
	for (int i = 0; i < 5; i++) {
		OK(receive(port, &message, 0));
		CHECK(message.value == i && message.head.msgh_id == 7 && message.head.msgh_local_port == port);
	}
	OK(send_value(port, 1, MACH_MSG_TYPE_MAKE_SEND));
	CHECK(mach_msg(&message.head, MACH_RCV_MSG | MACH_RCV_LARGE, 0, sizeof(mach_msg_header_t), port, 0, 0) ==
	      MACH_RCV_TOO_LARGE);
	CHECK(message.head.msgh_size == sizeof(mach_msg_header_t) + 4);
	OK(receive(port, &message, 0));
	CHECK(send_value(0x7777703, 1, MACH_MSG_TYPE_COPY_SEND) == MACH_SEND_INVALID_DEST);
	CHECK(receive(0x7777703, &message, 0) == MACH_RCV_INVALID_NAME);
	OK(mach_port_destroy(mach_task_self(), port));
}

static void *answer_main(void *argument)
{
	mach_port_t port = (mach_port_t)(uintptr_t)argument;
	struct message request;
	OK(mach_msg(&request.head,
		    MACH_RCV_MSG | MACH_RCV_TRAILER_TYPE(MACH_MSG_TRAILER_FORMAT_0) |
			    MACH_RCV_TRAILER_ELEMENTS(MACH_RCV_TRAILER_AUDIT),
		    0, sizeof(request), port, 0, 0));
	CHECK(request.head.msgh_bits & MACH_MSGH_BITS_COMPLEX && request.body.msgh_descriptor_count == 2 &&
	      request.value == 42);
	CHECK(request.memory.size == 100000 && ((char *)request.memory.address)[99999] == 'z' &&
	      request.port.disposition == MACH_MSG_TYPE_PORT_SEND);
	OK(send_value(request.port.name, 43, MACH_MSG_TYPE_COPY_SEND));
	struct plain reply = {.head = {.msgh_bits = MACH_MSGH_BITS(MACH_MSGH_BITS_REMOTE(request.head.msgh_bits), 0),
				       .msgh_size = sizeof(reply.head) + 4,
				       .msgh_remote_port = request.head.msgh_remote_port,
				       .msgh_id = 107},
			      .value = 44};
	OK(mach_msg_send(&reply.head));
	request.head.msgh_remote_port = MACH_PORT_NULL;
	mach_msg_destroy(&request.head);
	return NULL;
}

static void check_call(void)
{
	pthread_t thread;
	mach_port_t port = port_make(), reply = mach_reply_port(), extra = port_make();
	vm_address_t memory;
	struct plain answer;
	OK(vm_allocate(mach_task_self(), &memory, 100000, VM_FLAGS_ANYWHERE));
	memset((void *)memory, 'z', 100000);
	CHECK(pthread_create(&thread, NULL, answer_main, (void *)(uintptr_t)port) == 0);
	struct message request = {
		.head = {.msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_MAKE_SEND, MACH_MSG_TYPE_MAKE_SEND_ONCE) |
				      MACH_MSGH_BITS_COMPLEX,
			 .msgh_size = offsetof(struct message, trailer),
			 .msgh_remote_port = port,
			 .msgh_local_port = reply,
			 .msgh_id = 7},
		.body = {2},
		.port = {.name = extra, .disposition = MACH_MSG_TYPE_MAKE_SEND, .type = MACH_MSG_PORT_DESCRIPTOR},
		.memory = {.address = (void *)memory,
			   .size = 100000,
			   .deallocate = 1,
			   .copy = MACH_MSG_VIRTUAL_COPY,
			   .type = MACH_MSG_OOL_DESCRIPTOR},
		.value = 42};
	OK(mach_msg(&request.head, MACH_SEND_MSG | MACH_RCV_MSG, request.head.msgh_size, sizeof(request), reply, 0, 0));
	memcpy(&answer, &request, sizeof(answer));
	CHECK(answer.value == 44 && answer.head.msgh_id == 107);
	OK(receive(extra, &answer, 1000));
	CHECK(answer.value == 43);
	pthread_join(thread, NULL);
	OK(mach_port_destroy(mach_task_self(), port));
	OK(mach_port_destroy(mach_task_self(), extra));
	OK(mach_port_mod_refs(mach_task_self(), reply, MACH_PORT_RIGHT_RECEIVE, -1));
}

static void check_notifications(void)
{
	mach_port_t port = port_make(), listener = port_make(), previous, right = 0;
	struct plain note;
	OK(mach_port_insert_right(mach_task_self(), port, port, MACH_MSG_TYPE_MAKE_SEND));
	OK(mach_port_request_notification(mach_task_self(), port, MACH_NOTIFY_NO_SENDERS, 1, listener,
					  MACH_MSG_TYPE_MAKE_SEND_ONCE, &previous));
	CHECK(previous == MACH_PORT_NULL && receive(listener, &note, 0) == MACH_RCV_TIMED_OUT);
	OK(mach_port_mod_refs(mach_task_self(), port, MACH_PORT_RIGHT_SEND, -1));
	OK(receive(listener, &note, 1000));
	CHECK(note.head.msgh_id == MACH_NOTIFY_NO_SENDERS);
	// A right to it travels to its own task under another name: the receive right is moved away first.
	mach_port_t holder = port_make();
	struct message carry = {
		.head = {.msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_MAKE_SEND, 0) | MACH_MSGH_BITS_COMPLEX,
			 .msgh_size = offsetof(struct message, memory),
			 .msgh_remote_port = holder},
		.body = {1},
		.port = {.name = port, .disposition = MACH_MSG_TYPE_MOVE_RECEIVE, .type = MACH_MSG_PORT_DESCRIPTOR}};
	mach_msg_type_name_t how;
	OK(mach_port_extract_right(mach_task_self(), port, MACH_MSG_TYPE_MAKE_SEND, &right, &how));
	OK(mach_port_request_notification(mach_task_self(), right, MACH_NOTIFY_DEAD_NAME, 0, listener,
					  MACH_MSG_TYPE_MAKE_SEND_ONCE, &previous));
	OK(mach_msg_send(&carry.head));
	OK(mach_port_destroy(mach_task_self(), holder)); // with the message, and the receive right in it
	OK(receive(listener, &note, 1000));
	CHECK(note.head.msgh_id == MACH_NOTIFY_DEAD_NAME);
	mach_port_type_t type;
	OK(mach_port_type(mach_task_self(), right, &type));
	CHECK(type == MACH_PORT_TYPE_DEAD_NAME &&
	      send_value(right, 1, MACH_MSG_TYPE_COPY_SEND) == MACH_SEND_INVALID_DEST);
	OK(mach_port_mod_refs(mach_task_self(), right, MACH_PORT_RIGHT_DEAD_NAME,
			      -2)); // the notification carried one more
	OK(mach_port_destroy(mach_task_self(), listener));
}

static void check_sets(void)
{
	mach_port_t set, first = port_make(), second = port_make(), *members;
	mach_msg_type_number_t count;
	struct plain message;
	OK(mach_port_allocate(mach_task_self(), MACH_PORT_RIGHT_PORT_SET, &set));
	OK(mach_port_move_member(mach_task_self(), first, set));
	OK(mach_port_insert_member(mach_task_self(), second, set));
	OK(mach_port_get_set_status(mach_task_self(), set, &members, &count));
	CHECK(count == 2);
	OK(vm_deallocate(mach_task_self(), (vm_address_t)members, count * sizeof(*members)));
	OK(send_value(second, 2, MACH_MSG_TYPE_MAKE_SEND));
	OK(receive(set, &message, 0));
	CHECK(message.value == 2 && message.head.msgh_local_port == second);
	OK(mach_port_extract_member(mach_task_self(), second, set));
	OK(send_value(second, 3, MACH_MSG_TYPE_MAKE_SEND));
	CHECK(receive(set, &message, 0) == MACH_RCV_TIMED_OUT);
	OK(mach_port_destroy(mach_task_self(), first));
	OK(mach_port_destroy(mach_task_self(), second));
	OK(mach_port_destroy(mach_task_self(), set));
}

static mach_port_t ping, pong;
static int turns;

static void *pong_main(void *argument)
{
	for (int i = 0; i < 50; i++) {
		OK(semaphore_wait(ping));
		turns++;
		OK(semaphore_signal(pong));
	}
	return argument;
}

static void check_semaphores(void)
{
	pthread_t thread;
	OK(semaphore_create(mach_task_self(), &ping, SYNC_POLICY_FIFO, 0));
	OK(semaphore_create(mach_task_self(), &pong, SYNC_POLICY_FIFO, 1));
	OK(semaphore_wait(pong));
	CHECK(semaphore_timedwait(pong, (mach_timespec_t){0, 20000000}) == KERN_OPERATION_TIMED_OUT);
	CHECK(pthread_create(&thread, NULL, pong_main, NULL) == 0);
	for (int i = 0; i < 50; i++)
		OK(semaphore_wait_signal(pong, ping));
	pthread_join(thread, NULL);
	CHECK(turns == 50);
	OK(semaphore_destroy(mach_task_self(), ping));
	OK(semaphore_destroy(mach_task_self(), pong));
	CHECK(semaphore_signal(ping) != KERN_SUCCESS);
}

static void check_timer(void)
{
	mach_port_t timer = mk_timer_create();
	struct plain message;
	uint64_t due = mach_absolute_time() + 20000000;
	OK(mk_timer_arm(timer, due));
	OK(receive(timer, &message, 2000));
	CHECK(mach_absolute_time() >= due);
	OK(mk_timer_destroy(timer));
}

static void *send_later(void *argument)
{
	usleep(20000);
	OK(send_value((mach_port_t)(uintptr_t)argument, 9, MACH_MSG_TYPE_MAKE_SEND));
	return NULL;
}

// The port is readable while a message waits; a dead one is told of; a message can be had with its event.
static void check_queue(void)
{
	static const struct timespec now = {0, 0}, long_time = {10, 0};
	int queue = kqueue();
	mach_port_t port = port_make(), set;
	struct plain message;
	pthread_t thread;
	OK(mach_port_allocate(mach_task_self(), MACH_PORT_RIGHT_PORT_SET, &set));
	OK(mach_port_insert_member(mach_task_self(), port, set));
	struct kevent add = {set, EVFILT_MACHPORT, EV_ADD, 0, 0, (void *)5}, event;
	CHECK(kevent(queue, &add, 1, NULL, 0, NULL) == 0 && kevent(queue, NULL, 0, &event, 1, &now) == 0);
	CHECK(pthread_create(&thread, NULL, send_later, (void *)(uintptr_t)port) == 0);
	CHECK(kevent(queue, NULL, 0, &event, 1, &long_time) == 1 && event.filter == EVFILT_MACHPORT &&
	      event.ident == set && event.data == port && event.udata == (void *)5);
	pthread_join(thread, NULL);
	CHECK(kevent(queue, NULL, 0, &event, 1, &now) == 1); // it is there still
	OK(receive(set, &message, 0));
	CHECK(message.value == 9 && kevent(queue, NULL, 0, &event, 1, &now) == 0);
	OK(send_value(port, 10, MACH_MSG_TYPE_MAKE_SEND));
	CHECK(kevent(queue, NULL, 0, &event, 1, &long_time) == 1);
	add.flags = EV_DELETE;
	CHECK(kevent(queue, &add, 1, NULL, 0, NULL) == 0 && kevent(queue, NULL, 0, &event, 1, &now) == 0);
	struct kevent64_s wide = {
		port, EVFILT_MACHPORT, EV_ADD, MACH_RCV_MSG, 0, 6, {(uintptr_t)&message, sizeof(message)}};
	CHECK(kevent64(queue, &wide, 1, &wide, 1, 0, &long_time) == 1 && wide.udata == 6 &&
	      wide.fflags == MACH_MSG_SUCCESS && message.value == 10);
	CHECK(kevent64(queue, NULL, 0, &wide, 1, KEVENT_FLAG_IMMEDIATE, NULL) == 0);
	OK(mach_port_destroy(mach_task_self(), port));
	CHECK(kevent(queue, NULL, 0, &event, 1, &long_time) == 1 && (event.flags & EV_EOF));
	add = (struct kevent){0x7777703, EVFILT_MACHPORT, EV_ADD, 0, 0, NULL};
	CHECK(kevent(queue, &add, 1, NULL, 0, NULL) == -1);
	OK(mach_port_destroy(mach_task_self(), set));
	close(queue);
}

int main(void)
{
	check_names();
	check_timeouts();
	check_call();
	check_notifications();
	check_sets();
	check_semaphores();
	check_timer();
	check_queue();
	puts("ports are fine");
	return 0;
}
