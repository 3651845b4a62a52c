// SPDX-License-Identifier: MIT
// Descriptors that raise no SIGPIPE; see nosigpipe.h. Facts: setsockopt(2) and fcntl(2) of Darwin; send(2), signal(7).
#include "nosigpipe.h"

#include "errno.h"

#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <sys/socket.h>
#include <time.h>

#define FILES 65536 // those beyond have no bit

_Atomic bool nosigpipe_any;
static _Atomic uint32_t bits[FILES / 32];

bool nosigpipe_find(int file)
{
	return file >= 0 && file < FILES && (bits[file / 32] >> (file % 32) & 1);
}

static void bit_set(int file, bool on)
{
	if (file < 0 || file >= FILES)
		return;
	if (on)
		atomic_fetch_or(&bits[file / 32], 1u << (file % 32));
	else
		atomic_fetch_and(&bits[file / 32], ~(1u << (file % 32)));
}

int nosigpipe_set(int file, bool on)
{
	if (fcntl(file, F_GETFD) < 0)
		return DARWIN_EBADF;
	if (file >= FILES)
		return on ? DARWIN_ENOTSUP : 0;
	if (on)
		nosigpipe_any = true;
	bit_set(file, on);
	return 0;
}

void nosigpipe_copy(int from, int to)
{
	if (nosigpipe_any)
		bit_set(to, nosigpipe_find(from));
}

// A pipe: the signal is held back and, if the write raised it, taken.
static ssize_t write_masked(int file, const struct iovec *vectors, int count)
{
	sigset_t pipe, old, pending;
	sigemptyset(&pipe);
	sigaddset(&pipe, SIGPIPE);
	sigpending(&pending);
	pthread_sigmask(SIG_BLOCK, &pipe, &old);
	ssize_t result = writev(file, vectors, count);
	int error = errno;
	if (result < 0 && error == EPIPE && !sigismember(&pending, SIGPIPE))
		sigtimedwait(&pipe, NULL, &(struct timespec){0, 0});
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	errno = error;
	return result;
}

ssize_t nosigpipe_write(int file, const struct iovec *vectors, int count)
{
	struct msghdr message = {.msg_iov = (struct iovec *)(uintptr_t)vectors, .msg_iovlen = (size_t)count};
	ssize_t result = sendmsg(file, &message, MSG_NOSIGNAL);
	return result < 0 && errno == ENOTSOCK ? write_masked(file, vectors, count) : result;
}
