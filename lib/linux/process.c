// SPDX-License-Identifier: MIT
// The process: who it is, what it may use, how it ends.
#include "calls_c.h"
#include "text.h"

#include <abi/traps.h>
#include <errno.h>
#include <linux/fcntl.h>
#include <linux/resource.h>
#include <string.h>

_Noreturn void linux_end(int code)
{
	linux_output_flush();
	gila_task_exit(code);
	__builtin_trap();
}

_Noreturn void linux_end_by_signal(int signal)
{
	linux_output_flush();
	gila_task_abort(signal);
	__builtin_trap();
}

int64_t linux_exit_group(struct linux_frame *frame) { linux_end((int)(frame->rdi & 0xff)); }

int64_t linux_getpid(struct linux_frame *frame) { return linux_program.id; }
int64_t linux_getppid(struct linux_frame *frame) { return 0; } // started by somebody outside of what can be seen (getppid(2))
int64_t linux_getuid(struct linux_frame *frame) { return 0; }
int64_t linux_geteuid(struct linux_frame *frame) { return 0; }
int64_t linux_getgid(struct linux_frame *frame) { return 0; }
int64_t linux_getegid(struct linux_frame *frame) { return 0; }

#define UTS_SIZE 65 // __NEW_UTS_LEN + 1, linux/utsname.h

// The release is that of the Linux whose calls these are; C libraries refuse old ones.
int64_t linux_uname(struct linux_frame *frame)
{
	char(*fields)[UTS_SIZE] = (char(*)[UTS_SIZE])(uintptr_t)frame->rdi; // NOLINT
	memset(fields, 0, 6 * sizeof(*fields));
	memcpy(fields[0], "Linux", 6);
	memcpy(fields[1], "gila", 5);
	memcpy(fields[2], "6.1.0-gila", 11);
	memcpy(fields[3], "Gila", 5);
	memcpy(fields[4], "x86_64", 7);
	memcpy(fields[5], "(none)", 7);
	return 0;
}

// ---- Limits ----------------------------------------------------------------------------------------------------------

#define STACK_LIMIT (UINT64_C(8) << 20) // what C libraries give new threads
#define FILES_LIMIT 3

struct limit {
	uint64_t current, most;
};

static bool limit_of(uint64_t resource, struct limit *limit)
{
	*limit = (struct limit){UINT64_MAX, UINT64_MAX}; // RLIM64_INFINITY
	if (resource >= RLIM_NLIMITS)
		return false;
	if (resource == RLIMIT_STACK)
		limit->current = STACK_LIMIT;
	if (resource == RLIMIT_NOFILE)
		*limit = (struct limit){FILES_LIMIT, FILES_LIMIT};
	if (resource == RLIMIT_CORE)
		*limit = (struct limit){0, 0};
	return true;
}

static int64_t limit_tell(uint64_t resource, uint64_t to)
{
	struct limit limit;
	if (!limit_of(resource, &limit))
		return -EINVAL;
	if (to)
		*(struct limit *)(uintptr_t)to = limit; // NOLINT
	return 0;
}

int64_t linux_getrlimit(struct linux_frame *frame) { return limit_tell(frame->rdi, frame->rsi); }

// Limits are the kernel's, by the task's recipe: they can be read, not set.
int64_t linux_prlimit64(struct linux_frame *frame)
{
	if (frame->rdi != 0 && frame->rdi != linux_program.id)
		return -ESRCH;
	return frame->rdx ? -EPERM : limit_tell(frame->rsi, frame->r10);
}

// ---- Its own file ----------------------------------------------------------------------------------------------------

static int64_t read_link(const char *path, char *to, uint64_t size)
{
	static const char self[] = "/proc/self/exe";
	if (size == 0 || size > INT32_MAX)
		return -EINVAL;
	if (text_length(path) + 1 != sizeof(self) || memcmp(path, self, sizeof(self)) != 0)
		return -ENOENT;
	if (!linux_program.path)
		return -ENOENT;
	size_t length = text_length(linux_program.path);
	length = length < size ? length : size;
	memcpy(to, linux_program.path, length);
	return (int64_t)length;
}

int64_t linux_readlink(struct linux_frame *frame)
{
	return read_link((const char *)(uintptr_t)frame->rdi, (char *)(uintptr_t)frame->rsi, frame->rdx); // NOLINT
}

int64_t linux_readlinkat(struct linux_frame *frame)
{
	return read_link((const char *)(uintptr_t)frame->rsi, (char *)(uintptr_t)frame->rdx, frame->r10); // NOLINT
}

// ---- Chance ----------------------------------------------------------------------------------------------------------

#define RANDOM_PIECE 256u // gila_random's most

int64_t linux_getrandom(struct linux_frame *frame)
{
	char *to = (char *)(uintptr_t)frame->rdi; // NOLINT
	uint64_t size = frame->rsi < INT32_MAX ? frame->rsi : INT32_MAX;
	for (uint64_t at = 0; at < size; at += RANDOM_PIECE) {
		uint32_t piece = size - at < RANDOM_PIECE ? (uint32_t)(size - at) : RANDOM_PIECE;
		kern_return_t error = gila_random(to + at, piece);
		if (error)
			return linux_error(error);
	}
	return (int64_t)size;
}
