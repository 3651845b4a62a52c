// SPDX-License-Identifier: MIT
// The bench of the metal, a program of the image in the shell's place: counts the instructions of traps and calls. Under
// QEMU with -icount the time stamp counter advances by one for each instruction; bench/metal.sh boots it so and makes the
// table. Every line is "bench-row NAME MODE MIN MAX" in the log.
//
// Each row (count.h): rounds that warm up, then rounds of one operation between two readings of the counter, whose own cost was
// calibrated and is taken off. The mode counts: what a tick of the timer fell into is in the maximum.
#include "../protocol.h"
#include "count.h"

#include <abi/monitor.h>
#include <abi/traps.h>
#include <gila/gila.h>
#include <gila/monitor.h>
#include <gila/seat_name.h>
#include <mach/mach.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define WARM_UP COUNT_WARM_UP
#define ROUNDS COUNT_ROUNDS
#define CLONES 200u
#define LARGE_ROUNDS 50u
#define THREADS 200u
#define PAGE 4096u
#define TRACE_PAGE 80u // records of one answer (abi/monitor.defs)

static mach_port_t task, server, reply;
static struct bench_buffer buffer;

static void value(const char *name, uint64_t number) { gila_logf("bench-value %s %llu", name, (unsigned long long)number); }

static mach_port_t port_make(void)
{
	mach_port_t port = MACH_PORT_NULL;
	count_must("a port", kernelrpc_mach_port_allocate_trap(task, MACH_PORT_RIGHT_RECEIVE, &port));
	return port;
}

// ---- Traps -----------------------------------------------------------------------------------------------------------

static void measure_traps(void)
{
	for (unsigned i = 0; i < WARM_UP + ROUNDS; i++) {
		uint64_t start = count();
		gila_null();
		count_sample(i, start, count());
	}
	count_row("null-trap", 1);
	for (unsigned i = 0; i < WARM_UP + ROUNDS; i++) {
		uint64_t start = count();
		gila_thread_id();
		count_sample(i, start, count());
	}
	count_row("general-trap", 1);
	struct seat_name name;
	if (!seat_name_pack(&name, BENCH_SEAT))
		return;
	const uint64_t *w = name.words;
	for (unsigned i = 0; i < WARM_UP + ROUNDS; i++) {
		uint64_t start = count();
		uint64_t result = gila_seat_lookup(w[0], w[1], w[2], w[3], w[4], w[5], w[6], w[7]);
		count_sample(i, start, count());
		count_must("a look-up", seat_result_code(result));
		count_must("dropping a handle", kernelrpc_mach_port_deallocate_trap(task, seat_result_name(result)));
	}
	count_row("seat-look-up", 1);
}

// ---- Calls -----------------------------------------------------------------------------------------------------------

static void request(mach_msg_header_t *head, enum bench_id id, mach_msg_size_t size, mach_msg_bits_t flags)
{
	*head = (mach_msg_header_t){
		.msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_MAKE_SEND_ONCE) | flags,
		.msgh_size = size,
		.msgh_remote_port = server,
		.msgh_local_port = reply,
		.msgh_id = (mach_msg_id_t)id,
	};
}

static void call(mach_msg_size_t size)
{
	count_must("a call", mach_msg_plain(&buffer.head, MACH_SEND_MSG | MACH_RCV_MSG, size, sizeof(buffer), reply));
}

static void measure_call(const char *name, mach_msg_size_t bytes)
{
	mach_msg_size_t size = (mach_msg_size_t)sizeof(mach_msg_header_t) + bytes;
	for (unsigned i = 0; i < WARM_UP + ROUNDS; i++) {
		uint64_t start = count();
		request(&buffer.head, BENCH_ECHO, size, 0);
		call(size);
		count_sample(i, start, count());
	}
	count_row(name, 1);
}

static void request_right(enum bench_id id, mach_port_t name, mach_msg_type_name_t disposition)
{
	struct bench_right *message = &buffer.right;
	request(&message->head, id, sizeof(*message), MACH_MSGH_BITS_COMPLEX);
	message->body.msgh_descriptor_count = 1;
	message->port = (mach_msg_port_descriptor_t){
		.name = name, .disposition = disposition, .type = MACH_MSG_PORT_DESCRIPTOR};
}

static void measure_rights(void)
{
	mach_port_t right = port_make();
	count_must("a right", kernelrpc_mach_port_insert_right_trap(task, right, right, MACH_MSG_TYPE_MAKE_SEND));
	for (unsigned i = 0; i < WARM_UP + ROUNDS; i++) {
		count_must("a right", kernelrpc_mach_port_insert_right_trap(task, right, right, MACH_MSG_TYPE_MAKE_SEND));
		uint64_t start = count();
		request_right(BENCH_TAKE, right, MACH_MSG_TYPE_MOVE_SEND);
		call(sizeof(struct bench_right));
		count_sample(i, start, count());
	}
	count_row("call-one-right", 1);
	for (unsigned i = 0; i < WARM_UP + ROUNDS; i++) {
		uint64_t start = count();
		request_right(BENCH_ECHO, right, MACH_MSG_TYPE_MOVE_SEND);
		call(sizeof(struct bench_right));
		count_sample(i, start, count());
		right = buffer.right.port.name;
	}
	count_row("call-right-both-ways", 1);
}

static void measure_memory(const char *name, uint32_t size, unsigned rounds)
{
	char *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED)
		count_must("memory", KERN_RESOURCE_SHORTAGE);
	memset(memory, 1, size);
	for (unsigned i = 0; i < WARM_UP + rounds; i++) {
		struct bench_memory *message = &buffer.memory;
		uint64_t start = count();
		request(&message->head, BENCH_OUT_OF_LINE, sizeof(*message), MACH_MSGH_BITS_COMPLEX);
		message->body.msgh_descriptor_count = 1;
		message->memory = (mach_msg_ool_descriptor_t){
			.address = memory, .size = size, .copy = MACH_MSG_VIRTUAL_COPY, .type = MACH_MSG_OOL_DESCRIPTOR};
		call(sizeof(*message));
		count_sample(i, start, count());
	}
	count_row(name, 1);
	munmap(memory, size);
}

// ---- One way ---------------------------------------------------------------------------------------------------------

static void receive(mach_port_t port)
{
	count_must("a receive", mach_msg(&buffer.head, MACH_RCV_MSG, 0, sizeof(buffer), port, 0, MACH_PORT_NULL));
}

static void measure_queue(void)
{
	mach_port_t port = port_make();
	for (unsigned i = 0; i < WARM_UP + ROUNDS; i++) {
		uint64_t start = count();
		buffer.head = (mach_msg_header_t){
			.msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_MAKE_SEND, 0), .msgh_remote_port = port, .msgh_id = 1};
		count_must("a send", mach_msg(&buffer.head, MACH_SEND_MSG, sizeof(mach_msg_header_t), 0, MACH_PORT_NULL, 0, 0));
		receive(port);
		count_sample(i, start, count());
	}
	count_row("send-to-queue-receive", 1);
}

// From the end of the last send right to the message that tells of it, received.
static void measure_notification(void)
{
	mach_port_t told = port_make();
	for (unsigned i = 0; i < WARM_UP + ROUNDS; i++) {
		mach_port_t port = port_make(), previous;
		count_must("a right", kernelrpc_mach_port_insert_right_trap(task, port, port, MACH_MSG_TYPE_MAKE_SEND));
		count_must("a request", kernelrpc_mach_port_request_notification_trap(task, port, MACH_NOTIFY_NO_SENDERS, 0, told,
										  MACH_MSG_TYPE_MAKE_SEND_ONCE, &previous));
		uint64_t start = count();
		count_must("no more senders", kernelrpc_mach_port_deallocate_trap(task, port));
		receive(told);
		count_sample(i, start, count());
		count_must("a port's end", kernelrpc_mach_port_mod_refs_trap(task, port, MACH_PORT_RIGHT_RECEIVE, -1));
	}
	count_row("notification", 1);
}

// ---- Threads and tasks -----------------------------------------------------------------------------------------------

static _Atomic int partner_ends;

static void *partner_main(void *argument)
{
	while (!partner_ends)
		swtch();
	return argument;
}

// Two threads of one task that do nothing but give way: there and back is two switches.
static void measure_switch(void)
{
	pthread_t partner;
	count_must("a thread", pthread_create(&partner, NULL, partner_main, NULL));
	for (unsigned i = 0; i < WARM_UP + ROUNDS; i++) {
		uint64_t start = count();
		swtch();
		count_sample(i, start, count());
	}
	count_row("context-switch", 2);
	partner_ends = 1;
	pthread_join(partner, NULL);
}

static _Noreturn void child_waits(void)
{
	for (;;)
		thread_switch(MACH_PORT_NULL, SWITCH_OPTION_WAIT, 100000);
}

static void measure_copy_on_write(void)
{
	const size_t pages = WARM_UP + ROUNDS;
	volatile char *memory = mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED)
		count_must("memory", KERN_RESOURCE_SHORTAGE);
	memset((char *)memory, 1, pages * PAGE);
	uint64_t result = gila_task_clone();
	if ((uint32_t)result == 0 && result >> 32 == 0)
		child_waits();
	count_must("a clone", (int)(result >> 32));
	for (unsigned i = 0; i < pages; i++) {
		uint64_t start = count();
		memory[(size_t)i * PAGE] = 2;
		count_sample(i, start, count());
	}
	count_row("copy-on-write-fault", 1);
	munmap((char *)memory, pages * PAGE);
}

static void measure_clone(void)
{
	for (unsigned i = 0; i < WARM_UP + CLONES; i++) {
		uint64_t start = count();
		uint64_t result = gila_task_clone();
		if ((uint32_t)result == 0 && result >> 32 == 0)
			gila_task_exit(0);
		count_sample(i, start, count());
		count_must("a clone", (int)(result >> 32));
		for (unsigned j = 0; j < 4; j++)
			swtch(); // until it is gone
	}
	count_row("task-clone", 1);
}

static void *idle_main(void *argument)
{
	mach_port_t port = port_make();
	mach_msg_header_t *head = argument;
	mach_msg(head, MACH_RCV_MSG, 0, 256, port, 0, MACH_PORT_NULL);
	return NULL;
}

static uint64_t kernel_bytes(mach_port_t monitor)
{
	struct monitor_kernel kernel;
	count_must("kernel/monitor", monitor_kernel(monitor, &kernel));
	return kernel.kernel_bytes;
}

// Threads that wait for a message on a port of their own; the port is counted by itself and taken off.
static void measure_idle_threads(mach_port_t monitor)
{
	static uint64_t room[32];
	uint64_t before = kernel_bytes(monitor);
	for (unsigned i = 0; i < THREADS; i++)
		port_make();
	uint64_t ports = kernel_bytes(monitor) - before;
	pthread_attr_t attributes;
	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, 64 << 10);
	before = kernel_bytes(monitor);
	for (unsigned i = 0; i < THREADS; i++) {
		pthread_t thread;
		count_must("a thread", pthread_create(&thread, &attributes, idle_main, room));
	}
	for (unsigned i = 0; i < 2 * THREADS; i++)
		swtch();
	value("idle-thread-bytes", (kernel_bytes(monitor) - before - ports) / THREADS);
}

// What the trace says of the last interrupt that was measured: a nanosecond is an instruction here.
static void show_interrupt(mach_port_t monitor)
{
	static struct monitor_trace records[TRACE_PAGE];
	uint64_t cursor = 0, interrupt = 0, sent = 0, received = 0, left = 0;
	mach_msg_type_number_t found;
	do {
		found = TRACE_PAGE;
		count_must("the trace", monitor_trace_read(monitor, &cursor, records, &found));
		for (mach_msg_type_number_t i = 0; i < found; i++) {
			const struct monitor_trace *r = &records[i];
			if (r->event == MONITOR_EVENT_INTERRUPT) {
				interrupt = r->time;
				sent = received = left = 0;
			} else if (r->event == MONITOR_EVENT_SEND && !sent) {
				sent = r->time;
			} else if (r->event == MONITOR_EVENT_RECEIVE && !received) {
				received = r->time;
			} else if (r->event == MONITOR_EVENT_TRAP_EXIT && received && !left) {
				left = r->time;
			}
		}
	} while (found == TRACE_PAGE);
	value("interrupt-to-send", sent - interrupt);
	value("interrupt-send-to-receive", received - sent);
	value("interrupt-receive-to-exit", left - received);
}

int main(void)
{
	mach_port_t monitor;
	value("at-main", count());
	task = task_self_trap();
	count_must(MONITOR_NAME, gila_seat(MONITOR_NAME, &monitor));
	value("kernel-bytes", kernel_bytes(monitor));
	value("rdtsc-pair", count_calibrate());
	reply = port_make();
	count_must(BENCH_SEAT, gila_seat(BENCH_SEAT, &server));
	measure_call("warm-up", 0);
	measure_traps();
	measure_call("call-header-only", 0);
	measure_call("call-32", 32);
	measure_call("call-64", 64);
	measure_call("call-256", 256);
	measure_call("call-1024", 1024);
	measure_rights();
	measure_queue();
	measure_notification();
	measure_memory("out-of-line-4K", PAGE, ROUNDS);
	measure_memory("out-of-line-1M", 1u << 20, LARGE_ROUNDS);
	measure_switch();
	measure_clone();
	measure_copy_on_write();
	measure_idle_threads(monitor);
	count_must(BENCH_DRIVER, gila_seat(BENCH_DRIVER, &server));
	request(&buffer.head, BENCH_ECHO, sizeof(mach_msg_header_t), 0);
	call(sizeof(mach_msg_header_t)); // it has measured when it answers
	show_interrupt(monitor);
	gila_logf("bench-end");
	return 0;
}
