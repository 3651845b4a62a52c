// SPDX-License-Identifier: MIT
// Descriptors that raise no SIGPIPE: SO_NOSIGPIPE and F_SETNOSIGPIPE. Linux has it for a call (MSG_NOSIGNAL), not for a descriptor, so
// a bit for each is kept here; writing functions look at it. Copies have their own bit; it is lost over execve.
#ifndef DARWIN_NOSIGPIPE_H
#define DARWIN_NOSIGPIPE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <sys/uio.h>

extern _Atomic bool nosigpipe_any; // nobody ever asked: nothing to look at

bool nosigpipe_find(int file);
static inline bool nosigpipe_is(int file)
{
	return atomic_load_explicit(&nosigpipe_any, memory_order_relaxed) && nosigpipe_find(file);
}
// Returns an errno of Darwin's.
int nosigpipe_set(int file, bool on);
// The new descriptor is as the old one; -1: it is a new file.
void nosigpipe_copy(int from, int to);
// writev(2) without SIGPIPE; the host's errno.
ssize_t nosigpipe_write(int file, const struct iovec *vectors, int count);

#endif
