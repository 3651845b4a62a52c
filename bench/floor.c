// SPDX-License-Identifier: MIT
// Floors; see floor.h. Futex: futex(2), FUTEX_WAIT and FUTEX_WAKE on shared memory, as a kernel server and its client would
// use it at best. Datagram: unix(7), SOCK_DGRAM, 64 bytes each way, as most RPC between processes does it.
#include "floor.h"

#include <linux/futex.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define WARM_UP 1000u
#define DATAGRAM 64u
#define COPY (1u << 20)

struct pair {
	_Atomic uint32_t ask __attribute__((aligned(128)));
	_Atomic uint32_t answer __attribute__((aligned(128)));
};

static void fail(const char *what)
{
	perror(what);
	exit(2);
}

static void futex_await(_Atomic uint32_t *word)
{
	while (atomic_load(word) == 0)
		syscall(SYS_futex, word, FUTEX_WAIT, 0, NULL, NULL, 0);
	atomic_store(word, 0);
}

static void futex_post(_Atomic uint32_t *word)
{
	atomic_store(word, 1);
	syscall(SYS_futex, word, FUTEX_WAKE, 1, NULL, NULL, 0);
}

static void end_child(pid_t child)
{
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
}

void floor_futex(int here, int there, unsigned rounds, struct stats *stats)
{
	struct pair *pair = mmap(NULL, sizeof(*pair), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (pair == MAP_FAILED)
		fail("bench: mmap");
	pid_t child = fork();
	if (child < 0)
		fail("bench: fork");
	if (child == 0) {
		pin_to(there);
		for (;;) {
			futex_await(&pair->ask);
			futex_post(&pair->answer);
		}
	}
	pin_to(here);
	stats_begin(stats);
	for (unsigned i = 0; i < WARM_UP + rounds; i++) {
		uint64_t start = clock_now();
		futex_post(&pair->ask);
		futex_await(&pair->answer);
		if (i >= WARM_UP)
			stats_add(stats, (double)(clock_now() - start) / 1000);
	}
	end_child(child);
	munmap(pair, sizeof(*pair));
}

void floor_datagram(int here, int there, unsigned rounds, struct stats *stats)
{
	int ends[2];
	char data[DATAGRAM] = {0};
	if (socketpair(AF_UNIX, SOCK_DGRAM, 0, ends) < 0)
		fail("bench: socketpair");
	pid_t child = fork();
	if (child < 0)
		fail("bench: fork");
	if (child == 0) {
		pin_to(there);
		for (;;)
			if (recv(ends[1], data, sizeof(data), 0) <= 0 || send(ends[1], data, sizeof(data), 0) <= 0)
				_exit(1);
	}
	pin_to(here);
	stats_begin(stats);
	for (unsigned i = 0; i < WARM_UP + rounds; i++) {
		uint64_t start = clock_now();
		if (send(ends[0], data, sizeof(data), 0) <= 0 || recv(ends[0], data, sizeof(data), 0) <= 0)
			fail("bench: datagram");
		if (i >= WARM_UP)
			stats_add(stats, (double)(clock_now() - start) / 1000);
	}
	end_child(child);
	close(ends[0]);
	close(ends[1]);
}

void floor_copy(unsigned rounds, struct stats *stats)
{
	char *from = malloc(COPY), *to = malloc(COPY);
	if (!from || !to)
		fail("bench: malloc");
	memset(from, 1, COPY);
	memset(to, 2, COPY);
	stats_begin(stats);
	for (unsigned i = 0; i < rounds; i++) {
		uint64_t start = clock_now();
		memcpy(to, from, COPY);
		__asm__ volatile("" ::"r"(to) : "memory");
		stats_add(stats, (double)(clock_now() - start) / 1000);
	}
	free(from);
	free(to);
}
