// SPDX-License-Identifier: MIT
// Stages of a victim that uses lib/gila: it waits in a trap, holds things, has them on their way, or does something all the
// time; see victim.h.
#include "client.h"
#include "victim.h"

#include <abi/seat.h>
#include <abi/traps.h>
#include <gila/file.h>
#include <gila/gila.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct carrier {
	mach_msg_header_t head;
	mach_msg_body_t body;
	mach_msg_port_descriptor_t port;
	mach_msg_ool_descriptor_t memory;
	mach_msg_ool_ports_descriptor_t ports;
};

static int send(mach_msg_header_t *head, mach_port_t to, mach_msg_bits_t how, mach_msg_size_t size, unsigned options)
{
	head->msgh_bits = (head->msgh_bits & MACH_MSGH_BITS_COMPLEX) | how;
	head->msgh_size = size;
	head->msgh_remote_port = to;
	return mach_msg(head, (mach_msg_option_t)(MACH_SEND_MSG | options), size, 0, MACH_PORT_NULL, 0, MACH_PORT_NULL);
}

static int receive(mach_port_t port)
{
	struct {
		mach_msg_header_t head;
		char rest[512];
	} buffer;
	return mach_msg(&buffer.head, MACH_RCV_MSG, 0, sizeof(buffer), port, 0, MACH_PORT_NULL);
}

static mach_port_t semaphore(void) { return (mach_port_t)gila_semaphore_create(0, 0); }

// ---- In a trap -----------------------------------------------------------------------------------------------------------

static void in_receive(void)
{
	mach_port_t port = client_port();
	victim_ready();
	receive(port);
}

static void in_receive_from_set(void)
{
	mach_port_t set, port = client_port();
	client_must("a set", gila_set_make(&set));
	client_must("a member", gila_set_add(set, port));
	victim_ready();
	receive(set);
}

static void in_send(void)
{
	mach_port_t port = client_port();
	victim_ready();
	for (mach_msg_header_t head = {0};;)
		send(&head, port, MACH_MSGH_BITS(MACH_MSG_TYPE_MAKE_SEND, 0), sizeof(head), 0);
}

static void in_semaphore_wait(void)
{
	mach_port_t wait = semaphore();
	victim_ready();
	semaphore_wait_trap(wait);
}

static void in_sleep(void)
{
	victim_ready();
	thread_switch(MACH_PORT_NULL, 2, 100000);
}

static void in_task_wait(void)
{
	struct gila_task_death death;
	mach_port_t task = task_self_trap();
	victim_ready();
	(void)!gila_task_wait(task, UINT32_MAX, &death);
}

// ---- Holding things ------------------------------------------------------------------------------------------------------

static void holding_ports(void)
{
	mach_port_t set, previous, send_right, port = client_port();
	client_must("a set", gila_set_make(&set));
	for (unsigned i = 0; i < 100; i++) {
		client_must("a member", gila_set_add(set, client_port()));
		client_must("a badge", gila_badge_make(port, i + 1, &send_right));
		client_must("a watch", gila_badge_watch(port, i + 1, port));
	}
	client_must("a request", kernelrpc_mach_port_request_notification_trap(
					 mach_task_self(), send_right, MACH_NOTIFY_DEAD_NAME, 0, port,
					 MACH_MSG_TYPE_MAKE_SEND_ONCE, &previous));
	semaphore();
	mach_port_t timer = mk_timer_create_trap();
	mk_timer_arm_trap(timer, UINT64_MAX / 2);
	victim_ready();
}

static void holding_memory(void)
{
	for (unsigned i = 0; i < 20; i++) {
		mach_port_t memory;
		void *address;
		client_must("a memory object", gila_memory_make(65536, &memory));
		client_must("a mapping", gila_map(memory, 0, 65536, VM_PROT_READ | VM_PROT_WRITE, &address));
		memset(address, 1, 65536);
	}
	victim_ready();
}

static void holding_files(void)
{
	mach_port_t file;
	for (unsigned i = 0; i < 20; i++)
		client_must("a file", gila_file_open("/tmp/victim", FILE_OPEN_READ | FILE_OPEN_WRITE | FILE_OPEN_CREATE, &file, NULL));
	client_must("its content", gila_file_write(file, 0, "x", 1));
	victim_ready();
}

static void watching(void)
{
	client_must("a watch", gila_seat_watch(client_seat(SEAT_GRANT_MANAGE), client_port()));
	victim_ready();
}

// ---- On their way ----------------------------------------------------------------------------------------------------------

// A queue whose messages carry its own receive rights, sets of rights and memory.
static void in_transit(void)
{
	static char page[65536];
	mach_port_t outer = client_port();
	for (unsigned i = 0; i < 4; i++) {
		mach_port_t inner = client_port(), names[3] = {client_port(), client_port(), client_port()};
		struct carrier carrier = {.head.msgh_bits = MACH_MSGH_BITS_COMPLEX, .body.msgh_descriptor_count = 3};
		carrier.port.name = inner;
		carrier.port.disposition = MACH_MSG_TYPE_MOVE_RECEIVE;
		carrier.port.type = MACH_MSG_PORT_DESCRIPTOR;
		carrier.memory.address = page;
		carrier.memory.size = sizeof(page);
		carrier.memory.copy = MACH_MSG_VIRTUAL_COPY;
		carrier.memory.type = MACH_MSG_OOL_DESCRIPTOR;
		carrier.ports.address = names;
		carrier.ports.count = 3;
		carrier.ports.disposition = MACH_MSG_TYPE_MAKE_SEND;
		carrier.ports.copy = MACH_MSG_PHYSICAL_COPY;
		carrier.ports.type = MACH_MSG_OOL_PORTS_DESCRIPTOR;
		client_must("a message with rights", send(&carrier.head, outer, MACH_MSGH_BITS(MACH_MSG_TYPE_MAKE_SEND, 0),
							  sizeof(carrier), MACH_SEND_TIMEOUT));
	}
	victim_ready();
}

// The port is in a message to itself by way of another: only the kernel can end that.
static void in_circle(void)
{
	mach_port_t a = client_port(), b = client_port();
	for (unsigned i = 0; i < 2; i++) {
		struct carrier carrier = {.head.msgh_bits = MACH_MSGH_BITS_COMPLEX, .body.msgh_descriptor_count = 1};
		carrier.port.name = b;
		carrier.port.disposition = MACH_MSG_TYPE_MAKE_SEND;
		carrier.port.type = MACH_MSG_PORT_DESCRIPTOR;
		send(&carrier.head, a, MACH_MSGH_BITS(MACH_MSG_TYPE_MAKE_SEND, 0),
		     sizeof(carrier.head) + sizeof(carrier.body) + sizeof(carrier.port), MACH_SEND_TIMEOUT);
		mach_port_t swap = a;
		a = b;
		b = swap;
	}
	victim_ready();
}

// ---- Always busy -----------------------------------------------------------------------------------------------------------

static void mapping(void)
{
	mach_port_t memory;
	void *address;
	client_must("a memory object", gila_memory_make(65536, &memory));
	victim_ready();
	for (;;)
		if (gila_map(memory, 0, 65536, VM_PROT_READ | VM_PROT_WRITE, &address) == KERN_SUCCESS)
			gila_unmap(address, 65536);
}

static void allocating(void)
{
	victim_ready();
	for (;;) {
		client_drop_port(client_port());
		mach_port_t wait = semaphore();
		gila_semaphore_destroy(wait);
		gila_port_drop(wait);
	}
}

static void calling_files(void)
{
	victim_ready();
	for (;;) {
		mach_port_t file;
		if (gila_file_open("/tmp/victim", FILE_OPEN_READ | FILE_OPEN_WRITE | FILE_OPEN_CREATE, &file, NULL))
			continue;
		char data[20000];
		memset(data, 1, sizeof(data));
		(void)!gila_file_write(file, 0, data, sizeof(data));
		gila_file_close(file);
	}
}

static void *trap_once(void *argument)
{
	gila_null();
	return NULL;
}

static void starting_threads(void)
{
	victim_ready();
	for (;;) {
		pthread_t threads[8];
		unsigned count = 0;
		while (count < 8 && pthread_create(&threads[count], NULL, trap_once, NULL) == 0)
			count++;
		while (count > 0)
			pthread_join(threads[--count], NULL);
	}
}

// Children must not outlive the victim: each lives for one trap.
static void forking(void)
{
	victim_ready();
	for (;;) {
		pid_t child = fork();
		if (child == 0) {
			gila_null();
			_exit(0);
		}
		waitpid(child, NULL, 0);
	}
}

static void cloning(void)
{
	victim_ready();
	for (;;) {
		uint64_t result = gila_task_clone();
		if (result == 0)
			_exit(0);
		waitpid(-1, NULL, WNOHANG);
	}
}

static void executing(void)
{
	gila_null();
	client_port();
	victim_ready();
	execl(victim_path, victim_path, "executing", (char *)NULL);
}

const struct victim_stage victim_lib_stages[] = {
	{"in-receive", in_receive},
	{"in-receive-from-set", in_receive_from_set},
	{"in-send", in_send},
	{"in-semaphore-wait", in_semaphore_wait},
	{"in-sleep", in_sleep},
	{"in-task-wait", in_task_wait},
	{"holding-ports", holding_ports},
	{"holding-memory", holding_memory},
	{"holding-files", holding_files},
	{"watching", watching},
	{"in-transit", in_transit},
	{"in-circle", in_circle},
	{"mapping", mapping},
	{"allocating", allocating},
	{"calling-files", calling_files},
	{"starting-threads", starting_threads},
	{"forking", forking},
	{"cloning", cloning},
	{"executing", executing},
	{NULL, NULL},
};
