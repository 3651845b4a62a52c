// SPDX-License-Identifier: MIT
// Traps of real clients: check-in, buffers, threads, death, and a kernel that dies.
#include "test_system.h"

#include <abi/task.h>
#include <abi/traps.h>
#include <gila/test.h>
#include <gila/trap.h>
#include <lib/gila/hosted.h>
#include <mach/mach.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now_ms(void)
{
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec * 1e3 + (double)time.tv_nsec / 1e6;
}

static bool client_traps(void)
{
	MUST(gila_trap0(0) == 0);
	MUST(gila_task_id() != 0);
	for (int i = 0; i < 1000; i++)
		MUST(gila_trap0(0) == 0);
	return true;
}

TEST(linux_trap_comes_back)
{
	CHECK(system_start());
	CHECK(system_client(client_traps));
}

static bool client_unknown_numbers(void)
{
	static const unsigned numbers[] = {9, 99, 149, 255, 1000, 0x7fffffff, 0xffffffff};
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		MUST(gila_trap9(numbers[i], 1, 2, 3, 4, 5, 6, 7, 8, 9) == KERN_INVALID_ARGUMENT);
	return true;
}

TEST(linux_unknown_trap_is_an_error)
{
	CHECK(system_start());
	CHECK(system_client(client_unknown_numbers));
}

// A message to oneself of each size: within the slot's body, around its end, far beyond.
static bool message_round(mach_port_t port, size_t payload)
{
	size_t size = sizeof(mach_msg_header_t) + payload, room = size + MAX_TRAILER_SIZE;
	char *out = malloc(room), *in = calloc(1, room + 16);
	mach_msg_header_t *head = (mach_msg_header_t *)(void *)out;
	*head = (mach_msg_header_t){
		.msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_MAKE_SEND, 0),
		.msgh_size = (mach_msg_size_t)size,
		.msgh_remote_port = port,
		.msgh_id = 77,
	};
	for (size_t i = 0; i < payload; i++)
		out[sizeof(*head) + i] = (char)(i * 7 + payload);
	memset(in + room, 0x5a, 16);
	MUST(mach_msg(head, MACH_SEND_MSG, head->msgh_size, 0, 0, 0, 0) == MACH_MSG_SUCCESS);
	mach_msg_header_t *got = (mach_msg_header_t *)(void *)in;
	MUST(mach_msg(got, MACH_RCV_MSG, 0, (mach_msg_size_t)room, port, 0, 0) == MACH_MSG_SUCCESS);
	MUST(got->msgh_id == 77 && got->msgh_size == size);
	MUST(memcmp(in + sizeof(*head), out + sizeof(*head), payload) == 0);
	for (int i = 0; i < 16; i++)
		MUST(in[room + (size_t)i] == 0x5a);
	free(out);
	free(in);
	return true;
}

static bool client_messages(void)
{
	mach_port_t port = mach_reply_port();
	MUST(port != MACH_PORT_NULL);
	for (size_t payload = 0; payload < 300; payload += 4)
		MUST(message_round(port, payload));
	for (size_t payload = 1900; payload < 2200; payload += 4)
		MUST(message_round(port, payload));
	for (size_t payload = 4096; payload <= 65536; payload *= 2)
		MUST(message_round(port, payload));
	return true;
}

TEST(linux_messages_of_all_sizes)
{
	CHECK(system_start());
	CHECK(system_client(client_messages));
}

static bool client_bad_pointers(void)
{
	mach_port_t port = mach_reply_port();
	static const uint64_t addresses[] = {0, 8, 0xdead0000, UINT64_MAX - 100, UINT64_C(1) << 63};
	for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
		uint64_t send[CHANNEL_ARGUMENTS] = {addresses[i], MACH_SEND_MSG, 64};
		MUST(hosted_trap_plain(31, send) != MACH_MSG_SUCCESS);
		uint64_t allocate[CHANNEL_ARGUMENTS] = {mach_task_self(), MACH_PORT_RIGHT_RECEIVE, addresses[i]};
		MUST(hosted_trap_plain(16, allocate) != KERN_SUCCESS);
	}
	MUST(message_round(port, 64));
	return true;
}

TEST(linux_bad_pointers_are_errors)
{
	CHECK(system_start());
	CHECK(system_client(client_bad_pointers));
}

// ---- Threads -------------------------------------------------------------------------------------------------------

#define THREADS 50

static _Atomic unsigned thread_failures;

static void *thread_main(void *argument)
{
	mach_port_t port = mach_reply_port();
	for (int i = 0; i < 50; i++)
		if (!message_round(port, 32) || gila_trap0(0) != 0)
			thread_failures++;
	return NULL;
}

static bool client_threads(void)
{
	for (int round = 0; round < 3; round++) {
		pthread_t threads[THREADS];
		for (int i = 0; i < THREADS; i++)
			MUST(pthread_create(&threads[i], NULL, thread_main, NULL) == 0);
		for (int i = 0; i < THREADS; i++)
			pthread_join(threads[i], NULL);
	}
	MUST(thread_failures == 0);
	return true;
}

TEST(linux_many_threads_at_once)
{
	CHECK(system_start());
	CHECK(system_client(client_threads));
}

// Threads that end by the bare system call: the kernel finds out.
static void *thread_vanishes(void *argument)
{
	if (gila_trap0(0) != 0)
		thread_failures++;
	pthread_detach(pthread_self());
	syscall(SYS_exit, 0);
	return NULL;
}

static unsigned threads_known(void)
{
	thread_act_array_t list = NULL;
	mach_msg_type_number_t count = 0;
	return gila_task_threads(mach_task_self(), &list, &count) == KERN_SUCCESS ? count : 0;
}

static bool client_threads_vanish(void)
{
	for (int i = 0; i < 1500; i++) {
		pthread_t thread;
		MUST(pthread_create(&thread, NULL, thread_vanishes, NULL) == 0);
		test_nap(0);
	}
	MUST(thread_failures == 0);
	unsigned known = threads_known();
	MUST(known > 0 && known < 1100);
	return true;
}

TEST(linux_vanished_threads_are_swept)
{
	CHECK(system_start());
	CHECK(system_client(client_threads_vanish));
}

static _Atomic int handled;

static void handler(int number)
{
	if (gila_trap0(0) == 0)
		handled++;
}

// A signal's handler traps while the thread waits in a trap; the trap goes on afterwards.
static bool client_signals(void)
{
	struct sigaction action = {.sa_handler = handler, .sa_flags = SA_RESTART};
	sigaction(SIGUSR1, &action, NULL);
	pid_t self = getpid();
	pid_t other = fork();
	if (other == 0) {
		for (int i = 0; i < 20; i++) {
			test_nap(5);
			kill(self, SIGUSR1);
		}
		_exit(0);
	}
	mach_port_t port = mach_reply_port();
	mach_msg_empty_rcv_t message;
	mach_msg_return_t result =
		mach_msg(&message.header, MACH_RCV_MSG | MACH_RCV_TIMEOUT, 0, sizeof(message), port, 300, 0);
	MUST(result == MACH_RCV_TIMED_OUT);
	waitpid(other, NULL, 0);
	MUST(handled >= 10);
	return true;
}

TEST(linux_traps_nest_in_signal_handlers)
{
	CHECK(system_start());
	CHECK(system_client(client_signals));
}

// ---- Death ---------------------------------------------------------------------------------------------------------

static bool client_blocks(void)
{
	mach_port_t port = mach_reply_port();
	mach_msg_empty_rcv_t message;
	mach_msg(&message.header, MACH_RCV_MSG, 0, sizeof(message), port, 0, 0);
	return false;
}

TEST(linux_death_of_clients_leaves_nothing)
{
	CHECK(system_start());
	CHECK(system_client(client_traps));
	test_nap(200);
	unsigned before = system_descriptors();
	pid_t clients[20];
	for (int round = 0; round < 5; round++) {
		for (int i = 0; i < 20; i++)
			clients[i] = system_client_start(client_blocks);
		test_nap((unsigned)round * 10);
		for (int i = 0; i < 20; i++) {
			kill(clients[i], SIGKILL);
			waitpid(clients[i], NULL, 0);
		}
	}
	CHECK(system_descriptors_return(before));
	CHECK(system_client(client_traps));
}

TEST(linux_sigterm_ends_a_blocked_client)
{
	CHECK(system_start());
	pid_t client = system_client_start(client_blocks);
	test_nap(300); // also past the moment when it begins to watch the kernel
	kill(client, SIGTERM);
	int status = 0;
	for (int i = 0; i < 1000 && waitpid(client, &status, WNOHANG) == 0; i++)
		test_nap(1);
	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
}

static bool client_outlives_kernel(void)
{
	mach_port_t port = mach_reply_port();
	MUST(port != MACH_PORT_NULL);
	mach_msg_empty_rcv_t message;
	mach_msg_return_t result = mach_msg(&message.header, MACH_RCV_MSG, 0, sizeof(message), port, 0, 0);
	MUST(result == MACH_RCV_PORT_DIED);
	MUST(mach_reply_port() == MACH_PORT_NULL);
	MUST(gila_trap0(0) != 0);
	return true;
}

TEST(linux_death_of_the_kernel_fails_all_calls)
{
	CHECK(system_start());
	pid_t young = 0, old = system_client_start(client_outlives_kernel);
	test_nap(500);
	young = system_client_start(client_outlives_kernel); // has not begun to watch
	test_nap(50);
	double start = now_ms();
	system_end(SIGKILL);
	CHECK(system_client_end(old));
	CHECK(system_client_end(young));
	CHECK(now_ms() - start < 1000);
	CHECK(system_start());
	CHECK(system_client(client_traps));
}
