// SPDX-License-Identifier: MIT
// Traps, calls and messages between two processes; see calls.h. Every sample is one operation, with the clock read before
// and after it, as the floors are taken.
#include "calls.h"
#include "report.h"

#include <abi/traps.h>
#include <gila/gila.h>
#include <gila/seat_name.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#define WARM_UP 200u
#define SENDERS_MAX 8u

static struct stats stats;

static void add_since(unsigned round, uint64_t start)
{
	if (round >= WARM_UP)
		stats_add(&stats, (double)(clock_now() - start) / 1000);
}

static bool same_core(const struct plan *plan) { return plan->here == plan->there; }

static void measure_look_up(struct link *link, const struct plan *plan, double null_trap)
{
	struct seat_name name;
	if (!seat_name_pack(&name, BENCH_SEAT))
		return;
	const uint64_t *w = name.words;
	stats_begin(&stats);
	for (unsigned i = 0; i < WARM_UP + plan->rounds; i++) {
		uint64_t start = clock_now();
		uint64_t result = gila_seat_lookup(w[0], w[1], w[2], w[3], w[4], w[5], w[6], w[7]);
		add_since(i, start);
		link_must("a look-up of " BENCH_SEAT, seat_result_code(result));
		link_must("dropping a handle", kernelrpc_mach_port_deallocate_trap(link->task, seat_result_name(result)));
	}
	report_figure("seat look-up (floor: null trap)", "us", &stats, null_trap, 2 * null_trap);
}

void measure_traps(struct link *link, const struct plan *plan)
{
	stats_begin(&stats);
	for (unsigned i = 0; i < WARM_UP + plan->rounds; i++) {
		uint64_t start = clock_now();
		gila_null();
		add_since(i, start);
	}
	double null_trap = stats_median(&stats);
	report_figure("null trap", "us", &stats, plan->floors.futex, same_core(plan) ? 1.3 * plan->floors.futex : 1);
	measure_look_up(link, plan, null_trap);
}

static void measure_call(struct link *link, const struct plan *plan, unsigned bytes)
{
	struct bench_buffer buffer;
	char what[64];
	memset(&buffer, 0, sizeof(buffer));
	stats_begin(&stats);
	for (unsigned i = 0; i < WARM_UP + plan->rounds; i++) {
		uint64_t start = clock_now();
		int error = link_call(link, &buffer, BENCH_ECHO, (mach_msg_size_t)sizeof(buffer.head) + bytes);
		add_since(i, start);
		link_must("a call", error);
	}
	snprintf(what, sizeof(what), "call and reply, %u bytes", bytes);
	report_figure(what, "us", &stats, plan->floors.futex, 2.2 * plan->floors.futex);
	if (bytes == 64)
		report_figure("  the same (floor: Unix datagrams)", "us", &stats, plan->floors.datagram, 0);
}

static void measure_call_right(struct link *link, const struct plan *plan)
{
	struct bench_buffer buffer;
	mach_port_t port = link_port(link), right = port;
	link_must("a send right",
		  kernelrpc_mach_port_insert_right_trap(link->task, port, port, MACH_MSG_TYPE_MAKE_SEND));
	stats_begin(&stats);
	for (unsigned i = 0; i < WARM_UP + plan->rounds; i++) {
		uint64_t start = clock_now();
		int error = link_call_right(link, &buffer, BENCH_ECHO, &right);
		add_since(i, start);
		link_must("a call with a right", error);
	}
	report_figure("call and reply, one right each way", "us", &stats, plan->floors.futex, 2.2 * plan->floors.futex);
	link_must("dropping a right", kernelrpc_mach_port_deallocate_trap(link->task, right));
	link_drop_port(link, port);
}

static void measure_memory(struct link *link, const struct plan *plan)
{
	static char data[BENCH_MEMORY_SIZE];
	struct bench_buffer buffer;
	mach_port_t memory;
	unsigned rounds = plan->rounds / 20 + 10;
	memset(data, 1, sizeof(data));
	link_must("a memory object", gila_memory_make(BENCH_MEMORY_SIZE, &memory));
	stats_begin(&stats);
	for (unsigned i = 0; i < rounds; i++) {
		uint64_t start = clock_now();
		int error = gila_memory_put(memory, 0, data, sizeof(data));
		if (!error)
			error = link_call_right(link, &buffer, BENCH_MEMORY, &memory);
		stats_add(&stats, (double)(clock_now() - start) / 1000);
		link_must("1 MiB by memory object", error ? error : buffer.head.msgh_id != BENCH_MEMORY);
	}
	report_figure("1 MiB by memory object (floor: 2 copies + futex)", "us", &stats, 2 * plan->floors.copy + plan->floors.futex,
		      0);
	gila_port_drop(memory);
}

void measure_messages(struct link *link, const struct plan *plan)
{
	measure_call(link, plan, 0);
	measure_call(link, plan, 64);
	measure_call(link, plan, 1024);
	measure_call_right(link, plan);
	measure_memory(link, plan);
}

// ---- One-way messages ------------------------------------------------------------------------------------------------

struct sender {
	struct link link;
	unsigned messages;
	pthread_t thread;
};

// The queue is in order: when the call at the end is answered, all that was sent before it has been received.
static void *send_all(void *argument)
{
	struct sender *sender = argument;
	struct bench_buffer buffer;
	for (unsigned i = 0; i < sender->messages; i++) {
		buffer.head = (mach_msg_header_t){
			.msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, 0),
			.msgh_size = sizeof(buffer.head) + 64,
			.msgh_remote_port = sender->link.server,
			.msgh_id = BENCH_ECHO,
		};
		link_must("a one-way message", mach_msg(&buffer.head, MACH_SEND_MSG, buffer.head.msgh_size, 0, MACH_PORT_NULL, 0,
							MACH_PORT_NULL));
	}
	link_must("the last call of a sender", link_call(&sender->link, &buffer, BENCH_ECHO, sizeof(buffer.head)));
	return NULL;
}

void measure_one_way(struct link *link, const struct plan *plan)
{
	for (unsigned count = 1; count <= SENDERS_MAX; count *= 2) {
		struct sender senders[SENDERS_MAX];
		char what[64];
		stats_begin(&stats);
		for (unsigned round = 0; round < 5; round++) {
			for (unsigned i = 0; i < count; i++) {
				senders[i] = (struct sender){.link = *link, .messages = plan->rounds / count + 1};
				senders[i].link.reply = link_port(link);
			}
			uint64_t start = clock_now();
			for (unsigned i = 0; i < count; i++)
				link_must("a sender", pthread_create(&senders[i].thread, NULL, send_all, &senders[i]));
			for (unsigned i = 0; i < count; i++)
				pthread_join(senders[i].thread, NULL);
			stats_add(&stats, (double)(clock_now() - start) / 1000 / (count * senders[0].messages));
			for (unsigned i = 0; i < count; i++)
				link_drop_port(link, senders[i].link.reply);
		}
		snprintf(what, sizeof(what), "one-way message, 64 bytes, %u senders (%.0f/s)", count, 1e6 / stats_median(&stats));
		report_figure(what, "us", &stats, plan->floors.futex, 0);
	}
}

// ---- Semaphores --------------------------------------------------------------------------------------------------------

static mach_port_t make_semaphore(void)
{
	uint64_t result = gila_semaphore_create(SYNC_POLICY_FIFO, 0);
	link_must("a semaphore", seat_result_code(result));
	return seat_result_name(result);
}

struct partner {
	mach_port_t ask, answer;
	unsigned rounds;
};

static void *hand_back(void *argument)
{
	struct partner *partner = argument;
	for (unsigned i = 0; i < partner->rounds; i++) {
		link_must("semaphore_wait", semaphore_wait_trap(partner->ask));
		link_must("semaphore_signal", semaphore_signal_trap(partner->answer));
	}
	return NULL;
}

void measure_semaphores(struct link *link, const struct plan *plan)
{
	struct partner partner = {make_semaphore(), make_semaphore(), WARM_UP + plan->rounds};
	pthread_t thread;
	stats_begin(&stats);
	for (unsigned i = 0; i < partner.rounds; i++) {
		uint64_t start = clock_now();
		link_must("semaphore_signal", semaphore_signal_trap(partner.ask));
		link_must("semaphore_wait", semaphore_wait_trap(partner.ask));
		add_since(i, start);
	}
	report_figure("semaphore signal and wait, one thread", "us", &stats, plan->floors.futex, 0);
	link_must("a thread", pthread_create(&thread, NULL, hand_back, &partner));
	stats_begin(&stats);
	for (unsigned i = 0; i < partner.rounds; i++) {
		uint64_t start = clock_now();
		link_must("semaphore_signal", semaphore_signal_trap(partner.ask));
		link_must("semaphore_wait", semaphore_wait_trap(partner.answer));
		add_since(i, start);
	}
	pthread_join(thread, NULL);
	report_figure("semaphore hand-over there and back, two threads", "us", &stats, plan->floors.futex, 0);
	link_must("end of a semaphore", gila_semaphore_destroy(partner.ask));
	link_must("end of a semaphore", gila_semaphore_destroy(partner.answer));
	gila_port_drop(partner.ask);
	gila_port_drop(partner.answer);
}
