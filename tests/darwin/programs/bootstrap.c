// SPDX-License-Identifier: MIT
// Ports between processes: bootstrap serve NAME COUNT answers so many requests; bootstrap call NAME VALUE asks;
// bootstrap family does it with a child of fork; bootstrap lost waits for messages until the kernel is gone, bootstrap
// hold until it is killed; bootstrap exec becomes bootstrap family; bootstrap port makes a port and a message to it,
// and leaves both behind.
#include "check.h"

#include <mach/mach.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define OK(expression) CHECK((expression) == KERN_SUCCESS)

extern char **environ;

struct message {
	mach_msg_header_t head;
	int value;
	mach_msg_max_trailer_t trailer;
};

static pid_t sender; // who alone sends, if it is known

static void check_sender(const mach_msg_header_t *head)
{
	const mach_msg_audit_trailer_t *trailer = (const void *)((const char *)head + head->msgh_size);
	const unsigned *token = trailer->msgh_audit.val;
	CHECK(token[1] == geteuid() && token[2] == getegid() && token[3] == getuid() && token[5] == (unsigned)sender);
	CHECK(trailer->msgh_sender.val[0] == geteuid());
}

static void serve(mach_port_t port, int count)
{
	mach_msg_option_t audit = MACH_RCV_TRAILER_TYPE(MACH_MSG_TRAILER_FORMAT_0) | MACH_RCV_TRAILER_ELEMENTS(MACH_RCV_TRAILER_AUDIT);
	for (int i = 0; i < count; i++) {
		struct message message;
		OK(mach_msg(&message.head, MACH_RCV_MSG | MACH_RCV_TIMEOUT | audit, 0, sizeof(message), port, 10000, 0));
		if (sender)
			check_sender(&message.head);
		message.head.msgh_bits = MACH_MSGH_BITS(MACH_MSGH_BITS_REMOTE(message.head.msgh_bits), 0);
		message.head.msgh_local_port = MACH_PORT_NULL;
		message.value *= 2;
		OK(mach_msg_send(&message.head));
	}
}

static int call(mach_port_t port, int value, mach_msg_return_t *result)
{
	mach_port_t reply = mach_reply_port();
	struct message message = {
		.head = {.msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_MAKE_SEND_ONCE),
			 .msgh_size = sizeof(message.head) + 4,
			 .msgh_remote_port = port,
			 .msgh_local_port = reply},
		.value = value};
	*result = mach_msg(&message.head, MACH_SEND_MSG | MACH_RCV_MSG | MACH_RCV_TIMEOUT, message.head.msgh_size,
			   sizeof(message), reply, 10000, 0);
	OK(mach_port_mod_refs(mach_task_self(), reply, MACH_PORT_RIGHT_RECEIVE, -1));
	return message.value;
}

static mach_port_t find(const char *name)
{
	mach_port_t port = MACH_PORT_NULL;
	for (int i = 0; i < 500 && bootstrap_look_up(bootstrap_port, name, &port) == BOOTSTRAP_UNKNOWN_SERVICE; i++)
		usleep(10000); // the other program has not taken its name yet
	CHECK(port != MACH_PORT_NULL);
	return port;
}

static void family(void)
{
	mach_port_t port, mine, found, bootstrap;
	mach_msg_return_t result;
	int status;
	OK(task_get_special_port(mach_task_self(), TASK_BOOTSTRAP_PORT, &bootstrap));
	CHECK(bootstrap_look_up(bootstrap, "com.example.nobody", &found) == BOOTSTRAP_UNKNOWN_SERVICE &&
	      found == MACH_PORT_NULL);
	OK(bootstrap_check_in(bootstrap_port, "com.example.family", &port));
	CHECK(bootstrap_check_in(bootstrap_port, "com.example.family", &found) == BOOTSTRAP_SERVICE_ACTIVE);
	pid_t child = fork();
	if (child == 0) { // a task of its own: the parent's names mean nothing here
		mach_port_type_t type;
		CHECK(mach_port_type(mach_task_self(), port, &type) == KERN_INVALID_NAME);
		OK(mach_port_allocate(mach_task_self(), MACH_PORT_RIGHT_RECEIVE, &mine));
		OK(mach_port_insert_right(mach_task_self(), mine, mine, MACH_MSG_TYPE_MAKE_SEND));
		OK(bootstrap_register(bootstrap_port, "com.example.child", mine));
		found = find("com.example.family");
		CHECK(call(found, 21, &result) == 42 && result == MACH_MSG_SUCCESS);
		CHECK(call(found, 4, &result) == 8 && result == MACH_MSG_SUCCESS);
		serve(mine, 1); // the parent has found it
		_exit(7);
	}
	for (int file = 3; file < 1024; file++)
		close(file); // as a daemon does: what the system has opened is not the program's
	sender = child;
	serve(port, 2);
	found = find("com.example.child");
	mach_port_t listener, previous;
	OK(mach_port_allocate(mach_task_self(), MACH_PORT_RIGHT_RECEIVE, &listener));
	OK(mach_port_request_notification(mach_task_self(), found, MACH_NOTIFY_DEAD_NAME, 1, listener,
					  MACH_MSG_TYPE_MAKE_SEND_ONCE, &previous));
	struct message note;
	CHECK(call(found, 5, &result) == 10 && result == MACH_MSG_SUCCESS);
	CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 7);
	OK(mach_msg(&note.head, MACH_RCV_MSG | MACH_RCV_TIMEOUT, 0, sizeof(note), listener, 5000, 0));
	CHECK(note.head.msgh_id == MACH_NOTIFY_DEAD_NAME &&
	      bootstrap_look_up(bootstrap_port, "com.example.child", &mine) == BOOTSTRAP_UNKNOWN_SERVICE);
}

static void hold(void)
{
	struct message message;
	mach_port_t port;
	OK(mach_port_allocate(mach_task_self(), MACH_PORT_RIGHT_RECEIVE, &port));
	puts("waiting");
	fflush(stdout);
	mach_msg(&message.head, MACH_RCV_MSG, 0, sizeof(message), port, 0, 0);
}

static void leave(void)
{
	mach_port_t port, semaphore;
	OK(mach_port_allocate(mach_task_self(), MACH_PORT_RIGHT_RECEIVE, &port));
	struct message message = {.head = {.msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_MAKE_SEND, 0),
					   .msgh_size = sizeof(message.head) + 4,
					   .msgh_remote_port = port}};
	OK(mach_msg_send(&message.head));
	OK(semaphore_create(mach_task_self(), &semaphore, SYNC_POLICY_FIFO, 0));
	_exit(0);
}

// Its kernel is killed meanwhile.
static void lost(void)
{
	struct message message;
	mach_port_t port;
	OK(mach_port_allocate(mach_task_self(), MACH_PORT_RIGHT_RECEIVE, &port));
	puts("waiting");
	fflush(stdout);
	CHECK(mach_msg(&message.head, MACH_RCV_MSG, 0, sizeof(message), port, 0, 0) == MACH_RCV_PORT_DIED);
	CHECK(mach_port_allocate(mach_task_self(), MACH_PORT_RIGHT_RECEIVE, &port) != KERN_SUCCESS);
	vm_address_t memory;
	OK(vm_allocate(mach_task_self(), &memory, 4096, VM_FLAGS_ANYWHERE)); // which needs no kernel
}

int main(int count, char **words)
{
	const char *act = count > 1 ? words[1] : "";
	mach_port_t port;
	mach_msg_return_t result;
	if (strcmp(act, "serve") == 0) {
		OK(bootstrap_check_in(bootstrap_port, words[2], &port));
		serve(port, (int)strtol(words[3], NULL, 10));
	} else if (strcmp(act, "call") == 0) {
		printf("%d\n", call(find(words[2]), (int)strtol(words[3], NULL, 10), &result));
		OK(result);
	} else if (strcmp(act, "family") == 0) {
		family();
	} else if (strcmp(act, "lost") == 0) {
		lost();
	} else if (strcmp(act, "hold") == 0) {
		hold();
	} else if (strcmp(act, "exec") == 0) { // the task stays, its names go
		char *again[] = {words[0], "family", NULL};
		OK(mach_port_allocate(mach_task_self(), MACH_PORT_RIGHT_RECEIVE, &port));
		execve(words[0], again, environ);
		CHECK(0);
	} else if (strcmp(act, "port") == 0) {
		leave();
	} else if (strcmp(act, "start") == 0) { // with all others, when nobody can write to its input any more
		char byte;
		CHECK(write(1, "w", 1) == 1 && read(0, &byte, 1) == 0);
		leave();
	}
	puts("bootstrap is fine");
	return 0;
}
