// SPDX-License-Identifier: MIT
// Noticing that the kernel is gone. A thread sleeps on its slot, whose word nobody would ever change again; so one thread
// per process waits for the socket to hang up, and then wakes all sleepers. It costs no CPU time. It exists only in
// processes that sleep long or often; before that, sleeps have a limit after which it is made.
//
// The thread is a bare one (clone): it can be made in a signal handler, and it runs nothing of the C library. All signals
// are blocked in it. It is not instrumented, because the sanitizers do not know it.
#include "hosted.h"
#include "hosted_clone.h"

#include <linux/futex.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#define STACK_SIZE (16u << 10)

BARE static inline long bare_call(long number, long a, long b, long c, long d)
{
	long result;
	register long r10 __asm__("r10") = d;
	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10)
			 : "rcx", "r11", "memory");
	return result;
}

BARE static void wake_all(struct hosted *hosted)
{
	__atomic_store_n((uint32_t *)&hosted->phase, HOSTED_DEAD, __ATOMIC_SEQ_CST);
	for (unsigned slot = 0; slot < CHANNEL_SLOTS; slot++) {
		if (!(__atomic_load_n((uint64_t *)&hosted->used[slot / 64], __ATOMIC_RELAXED) >> slot % 64 & 1))
			continue;
		uint32_t *word = (uint32_t *)&hosted_slot(hosted, slot)->state;
		__atomic_store_n(word, CHANNEL_DEAD, __ATOMIC_SEQ_CST);
		bare_call(SYS_futex, (long)word, FUTEX_WAKE, 1, 0);
	}
}

BARE static void watch_main(void *argument)
{
	struct hosted *hosted = argument;
	// POLLHUP and POLLERR are always waited for; what comes to be read is not.
	struct pollfd socket = {.fd = hosted->socket, .events = 0};
	while (bare_call(SYS_poll, (long)&socket, 1, -1, 0) <= 0)
		;
	wake_all(hosted);
	bare_call(SYS_exit, 0, 0, 0, 0);
}

void hosted_died(struct hosted *hosted) { wake_all(hosted); }

void hosted_watch(struct hosted *hosted)
{
	if (atomic_exchange(&hosted->watched, 1))
		return;
	char *stack = mmap(NULL, STACK_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
	sigset_t all, mask;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &mask);
	unsigned long flags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM;
	if (stack == MAP_FAILED || bare_clone(flags, stack + STACK_SIZE, NULL, watch_main, hosted) < 0)
		atomic_store(&hosted->watched, 0); // sleeps keep their limit
	pthread_sigmask(SIG_SETMASK, &mask, NULL);
}
