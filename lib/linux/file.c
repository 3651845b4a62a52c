// SPDX-License-Identifier: MIT
// File descriptors: 0, 1 and 2 as a hosted program has them, an input that is at its end (/dev/null) and outputs that are pipes;
// nothing else can be opened. (Gila's own files are reached by <gila/file.h>.)
#include "calls_c.h"

#include <abi/traps.h>
#include <asm/stat.h>
#include <errno.h>
#include <linux/fcntl.h>
#include <linux/poll.h>
#include <string.h>

#define FILES 3u
#define TYPE_DEVICE 0020000 // inode(7)
#define TYPE_PIPE 0010000
#define NULL_DEVICE 0x103 // 1, 3: /dev/null (null(4))

static bool is_file(uint64_t file) { return (uint32_t)file < FILES; }

int64_t linux_read(struct linux_frame *frame) { return frame->rdi == 0 ? 0 : -EBADF; }
int64_t linux_readv(struct linux_frame *frame) { return frame->rdi == 0 ? 0 : -EBADF; }

// The three stay open; that a program closed them is of no interest to anybody else.
int64_t linux_close(struct linux_frame *frame) { return is_file(frame->rdi) ? 0 : -EBADF; }
int64_t linux_lseek(struct linux_frame *frame) { return !is_file(frame->rdi) ? -EBADF : frame->rdi == 0 ? 0 : -ESPIPE; }
int64_t linux_ioctl(struct linux_frame *frame) { return is_file(frame->rdi) ? -ENOTTY : -EBADF; }

int64_t linux_fcntl(struct linux_frame *frame)
{
	if (!is_file(frame->rdi))
		return -EBADF;
	switch (frame->rsi) {
	case F_GETFD:
	case F_SETFD:
	case F_SETFL:
		return 0;
	case F_GETFL:
		return frame->rdi == 0 ? O_RDONLY : O_WRONLY;
	default:
		return -EINVAL;
	}
}

static int64_t tell(uint64_t file, struct stat *stat)
{
	if (!is_file(file))
		return -EBADF;
	memset(stat, 0, sizeof(*stat));
	stat->st_mode = file == 0 ? TYPE_DEVICE | 0666 : TYPE_PIPE | 0600;
	stat->st_rdev = file == 0 ? NULL_DEVICE : 0;
	stat->st_nlink = 1;
	stat->st_ino = file + 1;
	stat->st_blksize = PAGE_SIZE;
	return 0;
}

int64_t linux_fstat(struct linux_frame *frame)
{
	return tell(frame->rdi, (struct stat *)(uintptr_t)frame->rsi); // NOLINT
}

// As fstat is made by glibc: no path, AT_EMPTY_PATH.
int64_t linux_newfstatat(struct linux_frame *frame)
{
	const char *path = (const char *)(uintptr_t)frame->rsi; // NOLINT
	if (!(frame->r10 & AT_EMPTY_PATH) || *path)
		return linux_missing(frame->rax, "of a path");
	return tell(frame->rdi, (struct stat *)(uintptr_t)frame->rdx); // NOLINT
}

// The three are always ready. Without any it is a way to sleep, in milliseconds.
int64_t linux_poll(struct linux_frame *frame)
{
	struct pollfd *files = (struct pollfd *)(uintptr_t)frame->rdi; // NOLINT
	int64_t ready = 0;
	if (frame->rsi > FILES * 16)
		return -EINVAL;
	for (uint64_t i = 0; i < frame->rsi; i++) {
		short can = files[i].fd == 0 ? POLLIN : POLLOUT;
		files[i].revents = files[i].fd < 0 ? 0 : !is_file((uint32_t)files[i].fd) ? POLLNVAL : files[i].events & can;
		ready += files[i].revents != 0;
	}
	int32_t milliseconds = (int32_t)frame->rdx;
	if (ready || milliseconds == 0)
		return ready;
	uint64_t deadline = milliseconds < 0 ? FOREVER : linux_now() + (uint64_t)milliseconds * 1000000;
	return mach_wait_until_trap(deadline) == KERN_ABORTED ? -EINTR : 0;
}
