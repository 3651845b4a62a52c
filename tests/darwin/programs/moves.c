// SPDX-License-Identifier: MIT
// What moves between two processes in one message: a receive right with what is queued there, an array of send rights,
// memory, a semaphore at which a thread waits; and what the receiver is told when the sender ends. Without an argument
// it spawns itself as the sender.
#include "check.h"

#include <mach/mach.h>
#include <pthread.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define OK(expression) CHECK((expression) == KERN_SUCCESS)
#define NAME "com.example.moves"
#define SIZE 300000

extern char **environ;

struct plain {
	mach_msg_header_t head;
	int value;
	mach_msg_max_trailer_t trailer;
};
struct load {
	mach_msg_header_t head;
	mach_msg_body_t body;
	mach_msg_port_descriptor_t queue;
	mach_msg_ool_ports_descriptor_t rights;
	mach_msg_ool_descriptor_t memory;
	mach_msg_port_descriptor_t semaphore;
	mach_msg_max_trailer_t trailer;
};

static mach_port_t port_make(void)
{
	mach_port_t port;
	OK(mach_port_allocate(mach_task_self(), MACH_PORT_RIGHT_RECEIVE, &port));
	OK(mach_port_insert_right(mach_task_self(), port, port, MACH_MSG_TYPE_MAKE_SEND));
	return port;
}

static void send_value(mach_port_t to, int value)
{
	struct plain message = {.head = {.msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, 0),
					 .msgh_size = sizeof(message.head) + 4,
					 .msgh_remote_port = to},
				.value = value};
	OK(mach_msg_send(&message.head));
}

static int receive_value(mach_port_t from)
{
	struct plain message;
	OK(mach_msg(&message.head, MACH_RCV_MSG | MACH_RCV_TIMEOUT, 0, sizeof(message), from, 10000, 0));
	return message.value;
}

static mach_port_t semaphore;

static void *waiter(void *argument)
{
	OK(semaphore_wait(semaphore)); // begins before it moves, or after
	OK(semaphore_wait(semaphore));
	return argument;
}

static void sender(void)
{
	pthread_t thread;
	OK(semaphore_create(mach_task_self(), &semaphore, SYNC_POLICY_FIFO, 0));
	CHECK(pthread_create(&thread, NULL, waiter, NULL) == 0);
	usleep(10000);
	mach_port_t to, queue = port_make(), own = port_make(), rights[2] = {own, own};
	vm_address_t memory;
	mach_port_type_t type;
	OK(bootstrap_look_up(bootstrap_port, NAME, &to));
	send_value(queue, 11);
	OK(vm_allocate(mach_task_self(), &memory, SIZE, VM_FLAGS_ANYWHERE));
	memset((void *)memory, 'm', SIZE);
	struct load load = {
		.head = {.msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, 0) | MACH_MSGH_BITS_COMPLEX,
			 .msgh_size = __builtin_offsetof(struct load, trailer),
			 .msgh_remote_port = to},
		.body = {4},
		.queue = {.name = queue, .disposition = MACH_MSG_TYPE_MOVE_RECEIVE, .type = MACH_MSG_PORT_DESCRIPTOR},
		.rights = {.address = rights,
			   .count = 2,
			   .disposition = MACH_MSG_TYPE_COPY_SEND,
			   .type = MACH_MSG_OOL_PORTS_DESCRIPTOR},
		.memory = {.address = (void *)memory,
			   .size = SIZE,
			   .deallocate = 1,
			   .copy = MACH_MSG_VIRTUAL_COPY,
			   .type = MACH_MSG_OOL_DESCRIPTOR},
		.semaphore = {
			.name = semaphore, .disposition = MACH_MSG_TYPE_COPY_SEND, .type = MACH_MSG_PORT_DESCRIPTOR}};
	OK(mach_msg_send(&load.head));
	OK(mach_port_type(mach_task_self(), queue, &type));
	CHECK(type == MACH_PORT_TYPE_SEND); // what is left of both rights
	send_value(queue, 12);
	CHECK(receive_value(own) == 13);
	OK(semaphore_signal(semaphore)); // by its first name
	pthread_join(thread, NULL);
	OK(semaphore_destroy(mach_task_self(), semaphore));
	_exit(0); // with the last send right to what is the receiver's queue now
}

// Two places with the same memory, and an object that is mapped twice.
static void check_sharing(void)
{
	mach_vm_address_t first = 0, second, third = 0;
	vm_prot_t now, most;
	mach_port_t object;
	memory_object_size_t size = 5000;
	OK(mach_vm_allocate(mach_task_self(), &first, 2 * 65536, VM_FLAGS_ANYWHERE));
	strcpy((char *)first, "begin");
	second = first + 65536; // a ring buffer
	OK(mach_vm_remap(mach_task_self(), &second, 65536, 0, VM_FLAGS_FIXED | VM_FLAGS_OVERWRITE, mach_task_self(),
			 first, 0, &now, &most, VM_INHERIT_COPY));
	CHECK(second == first + 65536 && strcmp((char *)second, "begin") == 0);
	strcpy((char *)first + 65534, "wraps");
	CHECK(memcmp((char *)first, "aps", 4) == 0);
	OK(mach_vm_deallocate(mach_task_self(), first, 2 * 65536));
	OK(mach_make_memory_entry_64(mach_task_self(), &size, 0, 0x20000 | VM_PROT_READ | VM_PROT_WRITE, &object,
				     MACH_PORT_NULL));
	CHECK(size == 8192);
	OK(mach_vm_map(mach_task_self(), &first, size, 0, VM_FLAGS_ANYWHERE, object, 0, 0, VM_PROT_READ | VM_PROT_WRITE,
		       VM_PROT_ALL, VM_INHERIT_SHARE));
	OK(mach_vm_map(mach_task_self(), &third, 4096, 0, VM_FLAGS_ANYWHERE, object, 4096, 0, VM_PROT_READ, VM_PROT_ALL,
		       VM_INHERIT_SHARE));
	OK(mach_port_deallocate(mach_task_self(), object));
	strcpy((char *)first + 4096, "seen");
	CHECK(strcmp((char *)third, "seen") == 0);
	OK(mach_vm_deallocate(mach_task_self(), first, size));
	OK(mach_vm_deallocate(mach_task_self(), third, 4096));
}

int main(int count, char **words)
{
	mach_port_t port, previous, listener = port_make();
	char *arguments[] = {words[0], "send", NULL};
	struct load load;
	struct plain note;
	pid_t child;
	int status;
	if (count > 1)
		sender();
	OK(bootstrap_check_in(bootstrap_port, NAME, &port));
	CHECK(posix_spawn(&child, words[0], NULL, NULL, arguments, environ) == 0);
	OK(mach_msg(&load.head, MACH_RCV_MSG | MACH_RCV_TIMEOUT, 0, sizeof(load), port, 10000, 0));
	CHECK(load.body.msgh_descriptor_count == 4 && load.queue.disposition == MACH_MSG_TYPE_PORT_RECEIVE &&
	      load.rights.count == 2 && load.rights.disposition == MACH_MSG_TYPE_PORT_SEND && load.memory.size == SIZE);
	const char *memory = load.memory.address;
	CHECK(memory[0] == 'm' && memory[SIZE - 1] == 'm' && memory[SIZE / 2] == 'm');
	CHECK(receive_value(load.queue.name) == 11 && receive_value(load.queue.name) == 12);
	mach_port_t *rights = load.rights.address;
	mach_port_urefs_t references;
	CHECK(rights[0] == rights[1]);
	OK(mach_port_get_refs(mach_task_self(), rights[0], MACH_PORT_RIGHT_SEND, &references));
	CHECK(references == 2);
	OK(mach_port_request_notification(mach_task_self(), load.queue.name, MACH_NOTIFY_NO_SENDERS, 1, listener,
					  MACH_MSG_TYPE_MAKE_SEND_ONCE, &previous));
	OK(semaphore_signal(load.semaphore.name));
	send_value(rights[0], 13);
	CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0);
	OK(mach_msg(&note.head, MACH_RCV_MSG | MACH_RCV_TIMEOUT, 0, sizeof(note), listener, 10000, 0));
	CHECK(note.head.msgh_id == MACH_NOTIFY_NO_SENDERS);
	mach_port_t right = rights[0];
	load.head.msgh_remote_port = MACH_PORT_NULL;
	mach_msg_destroy(&load.head); // the rights, the memory, the array
	CHECK(mach_port_get_refs(mach_task_self(), right, MACH_PORT_RIGHT_SEND, &references) != KERN_SUCCESS);
	check_sharing();
	puts("moves are fine");
	return 0;
}
