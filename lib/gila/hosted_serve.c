// SPDX-License-Identifier: MIT
// What the kernel asks of this process (server to client): done by a thread that waits in a trap, or by one that a
// signal made trap. Plain system calls, so that it may happen in a signal handler; only a new thread needs the C library.
#include "hosted.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

static int64_t result_of(long result) { return result < 0 ? -(int64_t)errno : result; }

static int64_t serve_map(struct hosted *hosted, const uint64_t *a)
{
	int file = -1;
	if (a[4] != 0 && (file = hosted_receive(hosted, (uint32_t)a[4])) < 0)
		return file;
	int64_t result = result_of(syscall(SYS_mmap, a[0], a[1], a[2], a[3], file, a[5]));
	if (file >= 0)
		close(file);
	return result;
}

// The child is a process of its own: it checks in with the token and returns from the trap that its parent was in.
static int64_t serve_clone(const uint64_t *a, bool *clone, uint64_t *clone_result)
{
	pid_t pid = fork();
	if (pid != 0)
		return result_of(pid);
	struct hosted *hosted = hosted_page();
	hosted->token = (uint32_t)a[0];
	*clone = true;
	*clone_result = a[1];
	hosted_ready();
	return 0;
}

// ---- New threads ---------------------------------------------------------------------------------------------------

struct start {
	uint64_t entry, stack, argument;
	uint32_t token;
};

// The C library's thread becomes Gila's: its own stack is left alone, the given one is switched to.
__attribute__((noreturn)) static void start_jump(uint64_t entry, uint64_t stack, uint64_t argument)
{
	__asm__ volatile("mov %1, %%rsp\n\txor %%ebp, %%ebp\n\tpush $0\n\tjmp *%0"
			 :
			 : "a"(entry), "d"(stack & ~UINT64_C(15)), "D"(argument)
			 : "memory");
	__builtin_unreachable();
}

static void *start_main(void *argument)
{
	struct start start = *(struct start *)argument;
	free(argument);
	hosted_expect(start.token);
	hosted_trap_plain(0, (const uint64_t[CHANNEL_ARGUMENTS]){0});
	if (start.stack)
		start_jump(start.entry, start.stack, start.argument);
	((void (*)(uint64_t))(uintptr_t)start.entry)(start.argument); // NOLINT
	return NULL;
}

static int64_t serve_start(const uint64_t *a)
{
	struct start *start = malloc(sizeof(*start));
	if (!start)
		return -ENOMEM;
	*start = (struct start){a[0], a[1], a[2], (uint32_t)a[3]};
	pthread_attr_t attributes;
	pthread_t thread;
	pthread_attr_init(&attributes);
	pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	int error = pthread_create(&thread, &attributes, start_main, start);
	pthread_attr_destroy(&attributes);
	if (error)
		free(start);
	return -error;
}

int64_t hosted_serve(struct hosted *hosted, struct channel_slot *slot, bool *clone, uint64_t *clone_result)
{
	uint64_t a[CHANNEL_ARGUMENTS];
	memcpy(a, slot->arguments, sizeof(a));
	int error = errno;
	int64_t result = -ENOSYS;
	switch ((enum channel_operation)slot->operation) {
	case CHANNEL_MAP:
		result = serve_map(hosted, a);
		break;
	case CHANNEL_UNMAP:
		result = result_of(syscall(SYS_munmap, a[0], a[1]));
		break;
	case CHANNEL_PROTECT:
		result = result_of(syscall(SYS_mprotect, a[0], a[1], a[2]));
		break;
	case CHANNEL_TAKE:
		result = hosted_send(hosted, (uint32_t)a[1], (int)a[0]);
		break;
	case CHANNEL_GIVE:
		result = hosted_receive(hosted, (uint32_t)a[0]);
		break;
	case CHANNEL_CLONE:
		result = serve_clone(a, clone, clone_result);
		break;
	case CHANNEL_START_THREAD:
		result = serve_start(a);
		break;
	}
	errno = error;
	return result;
}
