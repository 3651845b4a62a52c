// SPDX-License-Identifier: MIT
// hostile scribble | malformed | names | queues | memory | threads | flood  SECONDS: a client at its worst for so long.
//
// It may be refused or killed by the kernel: its own fault. Exit status 0 unless it could not even begin, or got no error
// where limits must hold. That others go on as usual is checked by tests/system/hostile.sh with `calm`.
#include "client.h"
#include "raw.h"

#include <abi/trap_numbers.h>
#include <abi/traps.h>
#include <gila/gila.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static uint64_t end, seed;

static bool over(void) { return client_now() >= end; }

// ---- The channel -----------------------------------------------------------------------------------------------------------

#define SCRIBBLED_SLOTS 256u

static struct raw raw;

// Not what would end it, or multiply it, at once.
static uint32_t harmless(uint64_t number)
{
	return number == TRAP_task_exit || number == TRAP_task_clone ? TRAP_null : (uint32_t)number;
}

static void *scribble(void *argument)
{
	uint64_t random = seed + (uintptr_t)argument;
	while (!over()) {
		for (unsigned i = 0; i < 10000; i++) {
			uint64_t word = client_random(&random);
			unsigned slot = word % SCRIBBLED_SLOTS;
			uint64_t *at = (void *)raw_slot(&raw, slot);
			switch (word >> 61) {
			case 0: // header: polled, summaries, pending bits
				((volatile uint64_t *)raw.header)[(word >> 8) % (CHANNEL_HEADER_SIZE / 8)] = client_random(&random);
				break;
			case 1:
				((volatile uint64_t *)raw_body(&raw, slot))[(word >> 8) % (CHANNEL_BODY_SIZE / 8)] = client_random(&random);
				break;
			case 2: // plausible states
				atomic_store(&raw_slot(&raw, slot)->state, (word >> 8) % 8 | (word >> 16 & CHANNEL_SLEEPING));
				break;
			case 3: // plausible numbers
				raw_slot(&raw, slot)->number = harmless((word >> 8) % 150);
				break;
			default:
				((volatile uint64_t *)at)[(word >> 8) % (CHANNEL_SLOT_SIZE / 8)] = client_random(&random);
			}
		}
	}
	return NULL;
}

// Rings everything, with words that are right at the time.
static void *ring(void *argument)
{
	uint64_t random = seed * 31 + (uintptr_t)argument;
	while (!over()) {
		unsigned slot = client_random(&random) % SCRIBBLED_SLOTS;
		uint64_t arguments[CHANNEL_ARGUMENTS];
		for (unsigned i = 0; i < CHANNEL_ARGUMENTS; i++)
			arguments[i] = client_random(&random) >> (client_random(&random) % 64);
		raw_fill(&raw, slot, harmless(client_random(&random) % 150), arguments, CHANNEL_ARGUMENTS);
		raw_ring(&raw, slot, client_random(&random) % 8 == 0 ? CHANNEL_LEAVE : CHANNEL_RUNG);
	}
	return NULL;
}

static void hostile_scribble(void)
{
	pthread_t threads[3];
	raw_open(&raw, "scribble");
	pthread_create(&threads[0], NULL, scribble, (void *)1);
	pthread_create(&threads[1], NULL, scribble, (void *)2);
	pthread_create(&threads[2], NULL, ring, (void *)3);
	for (unsigned i = 0; i < 3; i++)
		pthread_join(threads[i], NULL);
}

// ---- Messages ----------------------------------------------------------------------------------------------------------------

#define PORTS 8u

static mach_port_t pick_port(const mach_port_t *ports, uint64_t random)
{
	static const mach_port_t odd[] = {MACH_PORT_NULL, MACH_PORT_DEAD, 1, 0x103, 0x7fffffff};
	return random % 4 == 0 ? odd[(random >> 8) % 5] : ports[(random >> 8) % (PORTS + 3)];
}

static void make_message(uint32_t *words, unsigned count, const mach_port_t *ports)
{
	static const uint8_t kinds[] = {MACH_MSG_PORT_DESCRIPTOR, MACH_MSG_OOL_DESCRIPTOR, MACH_MSG_OOL_PORTS_DESCRIPTOR,
					MACH_MSG_OOL_VOLATILE_DESCRIPTOR, MACH_MSG_GUARDED_PORT_DESCRIPTOR, 77};
	mach_msg_base_t *base = (void *)words;
	for (unsigned i = 0; i < count; i++)
		words[i] = client_random(&seed) % 3 ? (uint32_t)client_random(&seed) : pick_port(ports, client_random(&seed));
	uint64_t random = client_random(&seed);
	base->header.msgh_bits = (mach_msg_bits_t)(15 + random % 9) | (mach_msg_bits_t)(15 + (random >> 8) % 9) << 8 |
				 (random >> 16 & 1 ? MACH_MSGH_BITS_COMPLEX : 0) |
				 (random >> 20) % 16 / 15 * (mach_msg_bits_t)client_random(&seed);
	base->header.msgh_remote_port = pick_port(ports, client_random(&seed));
	base->header.msgh_local_port = pick_port(ports, client_random(&seed));
	base->header.msgh_voucher_port = 0;
	base->header.msgh_id = (mach_msg_id_t)(random >> 32) % 100;
	base->body.msgh_descriptor_count = random >> 40 & 3 ? (random >> 42) % 6 : (uint32_t)(random >> 32);
	for (unsigned at = 7; at + 4 <= count && at < 28; at += 3) {
		words[at] = pick_port(ports, client_random(&seed));
		words[at + 2] = (uint32_t)kinds[client_random(&seed) % 6] << 24 | (uint32_t)(15 + client_random(&seed) % 9) << 16;
	}
}

static void hostile_malformed(void)
{
	mach_port_t ports[PORTS + 3];
	uint32_t words[512];
	for (unsigned i = 0; i < PORTS; i++)
		ports[i] = client_port();
	ports[PORTS] = client_seat("probe/serve");
	ports[PORTS + 1] = client_seat("fs/tmp");
	client_must("a set", gila_set_make(&ports[PORTS + 2]));
	while (!over()) {
		unsigned count = 6 + client_random(&seed) % 120;
		make_message(words, count, ports);
		mach_msg_option_t options = (mach_msg_option_t)(client_random(&seed) & 0x0f0f17df) | MACH_SEND_TIMEOUT |
					    MACH_RCV_TIMEOUT;
		uint32_t size = client_random(&seed) % 16 ? count * 4 : (uint32_t)client_random(&seed) % 4096;
		mach_msg_trap(words, options, size < sizeof(words) ? size : sizeof(words),
			      (mach_msg_size_t)(client_random(&seed) % sizeof(words)), pick_port(ports, client_random(&seed)), 0,
			      pick_port(ports, client_random(&seed)));
		for (unsigned i = 0; i < PORTS; i++) { // what was moved away or destroyed is made anew
			mach_port_type_t type = 0;
			if (kernelrpc_mach_port_type_trap(mach_task_self(), ports[i], &type) || !(type & MACH_PORT_TYPE_RECEIVE))
				if (kernelrpc_mach_port_allocate_trap(mach_task_self(), MACH_PORT_RIGHT_RECEIVE, &ports[i]))
					return; // its limit is reached: enough
		}
	}
}

static void hostile_flood(void)
{
	mach_port_t probe = client_seat("probe/serve"), reply = client_port();
	while (!over()) {
		struct {
			mach_msg_header_t head;
			uint32_t words[4];
		} message = {.head = {.msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_MAKE_SEND_ONCE),
				      .msgh_size = sizeof(message),
				      .msgh_remote_port = probe,
				      .msgh_local_port = reply,
				      .msgh_id = 91000}};
		mach_msg(&message.head, MACH_SEND_MSG | MACH_SEND_TIMEOUT, sizeof(message), 0, MACH_PORT_NULL, 0, MACH_PORT_NULL);
	}
}

// ---- Limits ------------------------------------------------------------------------------------------------------------------

// Takes until it is refused, and goes on asking.
static void exhaust(const char *what, int (*take)(void))
{
	uint64_t taken = 0;
	int error = 0;
	while (!error) { // SIGALRM ends it if there is no limit
		error = take();
		taken += !error;
	}
	while (!over())
		take();
	printf("%s: %llu, then %s\n", what, (unsigned long long)taken, gila_error_text(error));
}

static int take_name(void)
{
	mach_port_t port;
	return kernelrpc_mach_port_allocate_trap(mach_task_self(), MACH_PORT_RIGHT_RECEIVE, &port);
}

static int take_queue(void)
{
	static mach_port_t port;
	static unsigned queued;
	struct {
		mach_msg_header_t head;
		char rest[4000];
	} message;
	if (queued++ % 1024 == 0) {
		struct mach_port_options options = {.flags = MPO_QLIMIT, .mpl.mpl_qlimit = 1024};
		int error = kernelrpc_mach_port_construct_trap(mach_task_self(), &options, 0, &port);
		if (error)
			return error;
	}
	message.head = (mach_msg_header_t){
		.msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_MAKE_SEND, 0), .msgh_size = sizeof(message), .msgh_remote_port = port};
	int error = mach_msg(&message.head, MACH_SEND_MSG | MACH_SEND_TIMEOUT, sizeof(message), 0, MACH_PORT_NULL, 0,
			     MACH_PORT_NULL);
	return error == MACH_SEND_TIMED_OUT ? KERN_SUCCESS : error;
}

static int take_memory(void)
{
	mach_port_t memory;
	return gila_memory_make(16u << 20, &memory);
}

static void *trap_once(void *argument)
{
	gila_null();
	return NULL;
}

static void hostile_threads(void)
{
	while (!over()) {
		pthread_t threads[256];
		unsigned count = 0;
		while (count < 256 && pthread_create(&threads[count], NULL, trap_once, NULL) == 0)
			count++;
		while (count > 0)
			pthread_join(threads[--count], NULL);
	}
}

int main(int argc, char **argv)
{
	if (argc != 3)
		return 2;
	const char *mode = argv[1];
	seed = client_now() | 1;
	end = client_now() + (uint64_t)atoi(argv[2]) * 1000000000u;
	client_limit((unsigned)atoi(argv[2]) + 30);
	if (strcmp(mode, "scribble") == 0)
		hostile_scribble();
	else if (strcmp(mode, "malformed") == 0)
		hostile_malformed();
	else if (strcmp(mode, "flood") == 0)
		hostile_flood();
	else if (strcmp(mode, "names") == 0)
		exhaust("ports", take_name);
	else if (strcmp(mode, "queues") == 0)
		exhaust("queued messages", take_queue);
	else if (strcmp(mode, "memory") == 0)
		exhaust("16 MiB memory objects", take_memory);
	else if (strcmp(mode, "threads") == 0)
		hostile_threads();
	else
		return 2;
	return client_status();
}
