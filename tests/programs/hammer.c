// SPDX-License-Identifier: MIT
// hammer [--beside] SEAT KILLS [THREADS [SEED]]: threads call a probe while it is killed so many times at random moments.
//
// Every idempotent call must succeed; every other succeeds or says MIG_SERVER_DIED; none hangs; what the kernel counts is at
// the end what it was before (--beside others who come and go it is not looked at). Prints how many calls of each kind there were.
#include "client.h"

#include <abi/probe.h>
#include <gila/gila.h>
#include <inttypes.h>
#include <mach/mig.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define THREADS_MAX 16u
#define PAUSE_MAX 2000u     // µs between two kills, at most

static struct hammer {
	mach_port_t probe;
	unsigned kills;
	uint64_t seed; // as given
	_Atomic bool over;
	_Atomic uint64_t echoes, counts, died, carries, sums, slowest;
} hammer;

static void note_time(uint64_t start)
{
	uint64_t took = client_now() - start, slowest = hammer.slowest;
	while (took > slowest && !atomic_compare_exchange_weak(&hammer.slowest, &slowest, took))
		;
	if (took > CLIENT_HUNG)
		client_fail("a call took %" PRIu64 " ms", took / 1000000);
}

static void call_echo(uint64_t value)
{
	uint64_t same = 0;
	uint32_t pid;
	kern_return_t error = probe_echo(hammer.probe, value, &same, &pid);
	hammer.echoes++;
	if (error || same != value)
		client_fail("echo (idempotent): %s", error ? gila_error_text(error) : "another answer");
}

static void call_count(void)
{
	uint64_t total;
	kern_return_t error = probe_count(hammer.probe, &total);
	hammer.counts++;
	if (error == MIG_SERVER_DIED)
		hammer.died++;
	else if (error)
		client_fail("count: %s", gila_error_text(error));
}

// The right comes back as one more reference to the same name.
static void call_carry(mach_port_t right)
{
	mach_port_t back = MACH_PORT_NULL;
	kern_return_t error = probe_carry(hammer.probe, right, &back);
	hammer.carries++;
	if (error || back != right)
		client_fail("carry (idempotent): %s", error ? gila_error_text(error) : "another right");
	gila_port_drop(back);
}

static void call_sum(mach_port_t memory)
{
	uint64_t total = 0;
	kern_return_t error = probe_sum(hammer.probe, memory, 4096, &total);
	hammer.sums++;
	if (error || total != 4096)
		client_fail("sum (idempotent): %s", error ? gila_error_text(error) : "another sum");
}

static void *call_all(void *argument)
{
	uint64_t seed = hammer.seed * 1000003 + (uintptr_t)argument;
	uint8_t ones[4096];
	mach_port_t port = client_port(), right, memory;
	memset(ones, 1, sizeof(ones));
	client_must("a badge", gila_badge_make(port, 7, &right));
	client_must("a memory object", gila_memory_make(sizeof(ones), &memory));
	client_must("its content", gila_memory_put(memory, 0, ones, sizeof(ones)));
	while (!hammer.over) {
		uint64_t number = client_random(&seed), start = client_now();
		switch (number >> 60 & 7) {
		case 0:
			call_carry(right);
			break;
		case 1:
			call_sum(memory);
			break;
		case 2:
		case 3:
			call_count();
			break;
		default:
			call_echo(number);
		}
		note_time(start);
	}
	gila_port_drop(memory);
	gila_port_drop(right);
	client_drop_port(port);
	mig_dealloc_reply_port(mig_get_reply_port());
	return NULL;
}

// Only ever a process that has just answered as the probe.
static void kill_all(void)
{
	uint32_t last = 0;
	uint64_t same, seed = hammer.seed;
	for (unsigned i = 0; i < hammer.kills; i++) {
		uint32_t pid = 0;
		kern_return_t error = probe_echo(hammer.probe, i, &same, &pid);
		if (error) {
			client_fail("the probe does not come back after kill %u: %s", i, gila_error_text(error));
			return;
		}
		usleep((useconds_t)(client_random(&seed) % PAUSE_MAX));
		if (pid != last)
			kill((pid_t)pid, SIGKILL);
		else
			i--; // it answered before it died of the kill before
		last = pid;
	}
}

static void run(unsigned threads, unsigned kills)
{
	pthread_t thread[THREADS_MAX];
	uint64_t same;
	uint32_t pid;
	hammer.over = false;
	hammer.kills = kills;
	for (uintptr_t i = 0; i < threads; i++)
		client_must("a thread", pthread_create(&thread[i], NULL, call_all, (void *)(i + 1)));
	kill_all();
	hammer.over = true;
	for (unsigned i = 0; i < threads; i++)
		pthread_join(thread[i], NULL);
	client_must("the last call", probe_echo(hammer.probe, 1, &same, &pid));
}

int main(int argc, char **argv)
{
	struct client_accounts before;
	bool alone = argc < 2 || strcmp(argv[1], "--beside") != 0;
	argc -= !alone;
	argv += !alone;
	unsigned threads = argc > 3 ? (unsigned)atoi(argv[3]) : 4;
	if (argc < 3 || threads > THREADS_MAX)
		return 2;
	client_limit(600);
	hammer.seed = argc > 4 ? strtoull(argv[4], NULL, 10) : client_now() | 1;
	hammer.probe = client_seat(argv[1]);
	run(threads, 2); // tables grow to their size
	if (alone)
		client_accounts_read(&before);
	run(threads, (unsigned)atoi(argv[2]));
	if (alone)
		client_accounts_await(&before, 30);
	printf("%u kills; echo %" PRIu64 ", carry %" PRIu64 ", sum %" PRIu64 ", count %" PRIu64 " (%" PRIu64
	       " MIG_SERVER_DIED); slowest %" PRIu64 " ms; seed %" PRIu64 "\n",
	       hammer.kills, hammer.echoes, hammer.carries, hammer.sums, hammer.counts, hammer.died,
	       hammer.slowest / 1000000, hammer.seed);
	return client_status();
}
