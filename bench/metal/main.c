// SPDX-License-Identifier: MIT
// The bench of the metal, a program of the image in the shell's place: counts the instructions of traps and calls. Under
// QEMU with -icount the time stamp counter advances by one for each instruction; bench/metal.sh boots it so and makes the
// table. Every line is "bench-row NAME MODE MIN MAX" in the log.
//
// Each row: rounds that warm up, then rounds of one operation between two readings of the counter, whose own cost was
// calibrated and is taken off. The mode counts: what a tick of the timer fell into is in the maximum.
#include "../protocol.h"

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

#define WARM_UP 64u
#define ROUNDS 2000u
#define CLONES 200u
#define LARGE_ROUNDS 50u
#define THREADS 200u
#define PAGE 4096u

static uint32_t samples[ROUNDS];
static unsigned taken;
static uint64_t pair; // what two readings in a row cost
static mach_port_t task, server, reply;
static struct bench_buffer buffer;

static inline uint64_t count(void)
{
	uint32_t low, high;
	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high)::"memory");
	return low | (uint64_t)high << 32;
}

static void must(const char *what, int code)
{
	if (code == KERN_SUCCESS)
		return;
	gila_logf("bench-failed %s: %s", what, gila_error_text(code));
	exit(1);
}

static void sample(unsigned round, uint64_t start, uint64_t end)
{
	if (round >= WARM_UP && taken < ROUNDS)
		samples[taken++] = (uint32_t)(end - start - pair);
}

static int compare(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	return x < y ? -1 : x > y;
}

static uint32_t mode_of_sorted(void)
{
	uint32_t mode = 0;
	for (unsigned i = 0, best = 0, run = 0; i < taken; i++) {
		run = i > 0 && samples[i] == samples[i - 1] ? run + 1 : 1;
		if (run > best) {
			best = run;
			mode = samples[i];
		}
	}
	return mode;
}

static void row(const char *name, unsigned parts)
{
	qsort(samples, taken, sizeof(samples[0]), compare);
	gila_logf("bench-row %s %u %u %u", name, mode_of_sorted() / parts, samples[0] / parts, samples[taken - 1] / parts);
	taken = 0;
}

static void value(const char *name, uint64_t number) { gila_logf("bench-value %s %llu", name, (unsigned long long)number); }

static void calibrate(void)
{
	for (unsigned i = 0; i < WARM_UP + ROUNDS; i++) {
		uint64_t start = count();
		sample(i, start, count());
	}
	qsort(samples, taken, sizeof(samples[0]), compare);
	pair = mode_of_sorted();
	taken = 0;
	value("rdtsc-pair", pair);
}

static mach_port_t port_make(void)
{
	mach_port_t port = MACH_PORT_NULL;
	must("a port", kernelrpc_mach_port_allocate_trap(task, MACH_PORT_RIGHT_RECEIVE, &port));
	return port;
}

// ---- Traps -----------------------------------------------------------------------------------------------------------

static void measure_traps(void)
{
	for (unsigned i = 0; i < WARM_UP + ROUNDS; i++) {
		uint64_t start = count();
		gila_null();
		sample(i, start, count());
	}
	row("null-trap", 1);
	for (unsigned i = 0; i < WARM_UP + ROUNDS; i++) {
		uint64_t start = count();
		gila_thread_id();
		sample(i, start, count());
	}
	row("general-trap", 1);
	struct seat_name name;
	if (!seat_name_pack(&name, BENCH_SEAT))
		return;
	const uint64_t *w = name.words;
	for (unsigned i = 0; i < WARM_UP + ROUNDS; i++) {
		uint64_t start = count();
		uint64_t result = gila_seat_lookup(w[0], w[1], w[2], w[3], w[4], w[5], w[6], w[7]);
		sample(i, start, count());
		must("a look-up", seat_result_code(result));
		must("dropping a handle", kernelrpc_mach_port_deallocate_trap(task, seat_result_name(result)));
	}
	row("seat-look-up", 1);
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
	must("a call", mach_msg_plain(&buffer.head, MACH_SEND_MSG | MACH_RCV_MSG, size, sizeof(buffer), reply));
}

static void measure_call(const char *name, mach_msg_size_t bytes)
{
	mach_msg_size_t size = (mach_msg_size_t)sizeof(mach_msg_header_t) + bytes;
	for (unsigned i = 0; i < WARM_UP + ROUNDS; i++) {
		uint64_t start = count();
		request(&buffer.head, BENCH_ECHO, size, 0);
		call(size);
		sample(i, start, count());
	}
	row(name, 1);
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
	must("a right", kernelrpc_mach_port_insert_right_trap(task, right, right, MACH_MSG_TYPE_MAKE_SEND));
	for (unsigned i = 0; i < WARM_UP + ROUNDS; i++) {
		must("a right", kernelrpc_mach_port_insert_right_trap(task, right, right, MACH_MSG_TYPE_MAKE_SEND));
		uint64_t start = count();
		request_right(BENCH_TAKE, right, MACH_MSG_TYPE_MOVE_SEND);
		call(sizeof(struct bench_right));
		sample(i, start, count());
	}
	row("call-one-right", 1);
	for (unsigned i = 0; i < WARM_UP + ROUNDS; i++) {
		uint64_t start = count();
		request_right(BENCH_ECHO, right, MACH_MSG_TYPE_MOVE_SEND);
		call(sizeof(struct bench_right));
		sample(i, start, count());
		right = buffer.right.port.name;
	}
	row("call-right-both-ways", 1);
}

static void measure_memory(const char *name, uint32_t size, unsigned rounds)
{
	char *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED)
		must("memory", KERN_RESOURCE_SHORTAGE);
	memset(memory, 1, size);
	for (unsigned i = 0; i < WARM_UP + rounds; i++) {
		struct bench_memory *message = &buffer.memory;
		uint64_t start = count();
		request(&message->head, BENCH_OUT_OF_LINE, sizeof(*message), MACH_MSGH_BITS_COMPLEX);
		message->body.msgh_descriptor_count = 1;
		message->memory = (mach_msg_ool_descriptor_t){
			.address = memory, .size = size, .copy = MACH_MSG_VIRTUAL_COPY, .type = MACH_MSG_OOL_DESCRIPTOR};
		call(sizeof(*message));
		sample(i, start, count());
	}
	row(name, 1);
	munmap(memory, size);
}

// ---- One way ---------------------------------------------------------------------------------------------------------

static void receive(mach_port_t port)
{
	must("a receive", mach_msg(&buffer.head, MACH_RCV_MSG, 0, sizeof(buffer), port, 0, MACH_PORT_NULL));
}

static void measure_queue(void)
{
	mach_port_t port = port_make();
	for (unsigned i = 0; i < WARM_UP + ROUNDS; i++) {
		uint64_t start = count();
		buffer.head = (mach_msg_header_t){
			.msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_MAKE_SEND, 0), .msgh_remote_port = port, .msgh_id = 1};
		must("a send", mach_msg(&buffer.head, MACH_SEND_MSG, sizeof(mach_msg_header_t), 0, MACH_PORT_NULL, 0, 0));
		receive(port);
		sample(i, start, count());
	}
	row("send-to-queue-receive", 1);
}

// From the end of the last send right to the message that tells of it, received.
static void measure_notification(void)
{
	mach_port_t told = port_make();
	for (unsigned i = 0; i < WARM_UP + ROUNDS; i++) {
		mach_port_t port = port_make(), previous;
		must("a right", kernelrpc_mach_port_insert_right_trap(task, port, port, MACH_MSG_TYPE_MAKE_SEND));
		must("a request", kernelrpc_mach_port_request_notification_trap(task, port, MACH_NOTIFY_NO_SENDERS, 0, told,
										  MACH_MSG_TYPE_MAKE_SEND_ONCE, &previous));
		uint64_t start = count();
		must("no more senders", kernelrpc_mach_port_deallocate_trap(task, port));
		receive(told);
		sample(i, start, count());
		must("a port's end", kernelrpc_mach_port_mod_refs_trap(task, port, MACH_PORT_RIGHT_RECEIVE, -1));
	}
	row("notification", 1);
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
	must("a thread", pthread_create(&partner, NULL, partner_main, NULL));
	for (unsigned i = 0; i < WARM_UP + ROUNDS; i++) {
		uint64_t start = count();
		swtch();
		sample(i, start, count());
	}
	row("context-switch", 2);
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
		must("memory", KERN_RESOURCE_SHORTAGE);
	memset((char *)memory, 1, pages * PAGE);
	uint64_t result = gila_task_clone();
	if ((uint32_t)result == 0 && result >> 32 == 0)
		child_waits();
	must("a clone", (int)(result >> 32));
	for (unsigned i = 0; i < pages; i++) {
		uint64_t start = count();
		memory[(size_t)i * PAGE] = 2;
		sample(i, start, count());
	}
	row("copy-on-write-fault", 1);
	munmap((char *)memory, pages * PAGE);
}

static void measure_clone(void)
{
	for (unsigned i = 0; i < WARM_UP + CLONES; i++) {
		uint64_t start = count();
		uint64_t result = gila_task_clone();
		if ((uint32_t)result == 0 && result >> 32 == 0)
			gila_task_exit(0);
		sample(i, start, count());
		must("a clone", (int)(result >> 32));
		for (unsigned j = 0; j < 4; j++)
			swtch(); // until it is gone
	}
	row("task-clone", 1);
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
	must("kernel/monitor", monitor_kernel(monitor, &kernel));
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
		must("a thread", pthread_create(&thread, &attributes, idle_main, room));
	}
	for (unsigned i = 0; i < 2 * THREADS; i++)
		swtch();
	value("idle-thread-bytes", (kernel_bytes(monitor) - before - ports) / THREADS);
}

int main(void)
{
	mach_port_t monitor;
	value("at-main", count());
	task = task_self_trap();
	must(MONITOR_NAME, gila_seat(MONITOR_NAME, &monitor));
	value("kernel-bytes", kernel_bytes(monitor));
	calibrate();
	reply = port_make();
	must(BENCH_SEAT, gila_seat(BENCH_SEAT, &server));
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
	gila_logf("bench-end");
	return 0;
}
