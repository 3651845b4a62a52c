// SPDX-License-Identifier: MIT
// Files by descriptor: open, read, write, close and their kin. Facts: xnu's bsd/sys/fcntl.h; open(2) and fcntl(2) of both systems.
#include "abi.h"
#include "errno.h"
#include "file.h"
#include "kqueue.h"
#include "mach_names.h"
#include "name.h"
#include "nosigpipe.h"
#include "raw_call.h"
#include "thread.h"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/sendfile.h>
#include <sys/uio.h>
#include <unistd.h>

int file_at_to_host(int folder)
{
	return folder == DARWIN_AT_FDCWD ? AT_FDCWD : folder;
}

static const struct {
	int darwin, host;
} open_flags[] = {
	{DARWIN_O_NONBLOCK, O_NONBLOCK},
	{DARWIN_O_APPEND, O_APPEND},
	{DARWIN_O_ASYNC, O_ASYNC},
	{DARWIN_O_SYNC, O_SYNC},
	{DARWIN_O_NOFOLLOW, O_NOFOLLOW},
	{DARWIN_O_CREAT, O_CREAT},
	{DARWIN_O_TRUNC, O_TRUNC},
	{DARWIN_O_EXCL, O_EXCL},
	{DARWIN_O_NOCTTY, O_NOCTTY},
	{DARWIN_O_DIRECTORY, O_DIRECTORY},
	{DARWIN_O_DSYNC, O_DSYNC},
	{DARWIN_O_CLOEXEC, O_CLOEXEC},
	{DARWIN_O_SYMLINK, O_PATH | O_NOFOLLOW},
};

int file_flags_to_host(int darwin)
{
	int host = darwin & 3; // O_RDONLY, O_WRONLY, O_RDWR
	for (size_t i = 0; i < sizeof(open_flags) / sizeof(*open_flags); i++)
		if (darwin & open_flags[i].darwin)
			host |= open_flags[i].host;
	return host;
}

static int file_flags_to_darwin(int host)
{
	int darwin = host & 3;
	for (size_t i = 0; i < sizeof(open_flags) / sizeof(*open_flags) - 1; i++)
		if ((host & open_flags[i].host) == open_flags[i].host)
			darwin |= open_flags[i].darwin;
	return darwin;
}

static int file_open(int folder, const char *path, int flags, int mode)
{
	char other[PATH_MAX];
	int host_folder = file_at_to_host(folder), host_flags = file_flags_to_host(flags);
	if ((flags & DARWIN_O_CREAT) && host_folder == AT_FDCWD)
		path = name_existing(path, other);
	int file = (int)WITH_NAME(path, openat(host_folder, name, host_flags, mode));
	if (file >= 0 && (flags & (DARWIN_O_SHLOCK | DARWIN_O_EXLOCK))) {
		int lock = (flags & DARWIN_O_EXLOCK ? LOCK_EX : LOCK_SH) | (flags & DARWIN_O_NONBLOCK ? LOCK_NB : 0);
		if (flock(file, lock) < 0) {
			errno_result(-1);
			close(file);
			return -1;
		}
	}
	if (file >= 0 && strcmp(path, "/dev/ptmx") == 0)
		raw_call_catch(); // Go's library for pseudo-terminals goes on with raw calls
	return (int)errno_result(file);
}

int darwin_open(const char *path, int flags, ...)
{
	va_list arguments;
	va_start(arguments, flags);
	int mode = flags & DARWIN_O_CREAT ? va_arg(arguments, int) : 0;
	va_end(arguments);
	return file_open(DARWIN_AT_FDCWD, path, flags, mode);
}

int darwin_openat(int folder, const char *path, int flags, ...)
{
	va_list arguments;
	va_start(arguments, flags);
	int mode = flags & DARWIN_O_CREAT ? va_arg(arguments, int) : 0;
	va_end(arguments);
	return file_open(folder, path, flags, mode);
}

int darwin_creat(const char *path, int mode)
{
	return file_open(DARWIN_AT_FDCWD, path, 1 | DARWIN_O_CREAT | DARWIN_O_TRUNC, mode);
}

int darwin_close(int file)
{
	if (mach_owns_file(file))
		return errno_set(DARWIN_EBADF);
	if (kqueue_exists())
		kqueue_forget(file);
	nosigpipe_copy(-1, file);
	return (int)errno_result(close(file));
}

long darwin_read(int file, void *to, size_t size)
{
	thread_cancel_point();
	return errno_result(read(file, to, size));
}

long darwin_write(int file, const void *from, size_t size)
{
	thread_cancel_point();
	if (nosigpipe_is(file))
		return errno_result(nosigpipe_write(file, &(struct iovec){(void *)(uintptr_t)from, size}, 1));
	return errno_result(write(file, from, size));
}

long darwin_pread(int file, void *to, size_t size, int64_t offset)
{
	return errno_result(pread(file, to, size, offset));
}

long darwin_pwrite(int file, const void *from, size_t size, int64_t offset)
{
	return errno_result(pwrite(file, from, size, offset));
}

long darwin_readv(int file, const struct iovec *vectors, int count)
{
	thread_cancel_point();
	return errno_result(readv(file, vectors, count));
}

long darwin_writev(int file, const struct iovec *vectors, int count)
{
	return errno_result(nosigpipe_is(file) ? nosigpipe_write(file, vectors, count) : writev(file, vectors, count));
}

int64_t darwin_lseek(int file, int64_t offset, int whence)
{
	// SEEK_HOLE is 3 and SEEK_DATA 4 on Darwin, the other way round on Linux.
	return errno_result(lseek(file, offset, whence == 3 ? SEEK_HOLE : whence == 4 ? SEEK_DATA : whence));
}

static int file_copied(int from, int to)
{
	if (to >= 0 && kqueue_exists())
		kqueue_copied(from, to);
	if (to >= 0)
		nosigpipe_copy(from, to);
	return (int)errno_result(to);
}

int darwin_dup(int file)
{
	return file_copied(file, dup(file));
}

int darwin_dup2(int from, int to)
{
	if (mach_owns_file(from) || mach_owns_file(to))
		return errno_set(DARWIN_EBADF);
	if (from != to && kqueue_exists())
		kqueue_forget(to);
	return from != to ? file_copied(from, dup2(from, to)) : (int)errno_result(dup2(from, to));
}

int darwin_pipe(int ends[2])
{
	return (int)errno_result(pipe(ends));
}

int darwin_fsync(int file)
{
	return (int)errno_result(fsync(file));
}

int darwin_ftruncate(int file, int64_t size)
{
	return (int)errno_result(ftruncate(file, size));
}

int darwin_truncate(const char *path, int64_t size)
{
	return (int)errno_result(WITH_NAME(path, truncate(name, size)));
}

int darwin_flock(int file, int operation)
{
	return (int)errno_result(flock(file, operation)); // LOCK_* have the same values
}

int darwin_isatty(int file)
{
	int is = isatty(file);
	if (!is)
		errno_result(-1);
	return is;
}

char *darwin_ttyname(int file)
{
	char *name = ttyname(file);
	if (!name)
		errno_result(-1);
	return name;
}

int darwin_poll(struct pollfd *files, unsigned count, int milliseconds)
{
	thread_cancel_point();
	// POLLIN, POLLPRI, POLLOUT, POLLERR, POLLHUP, POLLNVAL are the same bits; the others are not: Darwin's RDNORM 0x40, RDBAND 0x80, WRBAND 0x100.
	return (int)errno_result(poll(files, count, milliseconds));
}

// Facts: sendfile(2) of Darwin: *length is what to send (0: up to the end) and then what was sent, with what goes before and after.
struct darwin_sendfile_vectors { // struct sf_hdtr
	struct iovec *before;
	int32_t before_count, pad;
	struct iovec *after;
	int32_t after_count, pad2;
};

static int sendfile_vectors(int socket, const struct iovec *vectors, int count, int64_t *sent)
{
	long result = vectors && count > 0 ? darwin_writev(socket, vectors, count) : 0;
	*sent += result > 0 ? result : 0;
	return result < 0 ? -1 : 0;
}

int darwin_sendfile(int file, int socket, int64_t offset, int64_t *length, const struct darwin_sendfile_vectors *vectors, int flags)
{
	int64_t want = *length > 0 ? *length : INT64_MAX, sent = 0, other = 0;
	if (flags)
		return errno_set(DARWIN_EINVAL);
	int result = vectors ? sendfile_vectors(socket, vectors->before, vectors->before_count, &other) : 0;
	while (result == 0 && sent < want) {
		off_t at = offset + sent;
		size_t piece = want - sent < 0x7ffff000 ? (size_t)(want - sent) : 0x7ffff000;
		ssize_t size = sendfile(socket, file, &at, piece);
		if (size == 0)
			break;
		result = size < 0 ? (int)errno_result(-1) : 0;
		sent += size > 0 ? size : 0;
	}
	if (result == 0 && vectors)
		result = sendfile_vectors(socket, vectors->after, vectors->after_count, &other);
	*length = sent + other;
	return result;
}

// ---- fcntl ----------------------------------------------------------------------------------------------------------

enum {
	F_SETSIZE = 43,
	F_RDADVISE,
	F_RDAHEAD,
	F_PREALLOCATE = 42,
	F_NOCACHE_D = 48,
	F_GETPATH = 50,
	F_FULLFSYNC = 51,
	F_DUPFD_CLOEXEC_D = 67,
	F_SETNOSIGPIPE = 73,
	F_GETNOSIGPIPE = 74,
	F_BARRIERFSYNC = 85,
	F_OFD_SETLK_D = 90,
	F_OFD_SETLKW_D,
	F_OFD_GETLK_D,
	F_PUNCHHOLE = 99,
	F_GETPATH_NOFIRMLINK = 102
};

struct darwin_fstore {
	uint32_t flags;
	int32_t position_mode;
	int64_t offset, length, allocated;
};

static int fcntl_lock(int file, int command, struct darwin_flock *lock)
{
	static const short types[] = {0, F_RDLCK, F_UNLCK, F_WRLCK}; // by Darwin's numbers
	if (lock->type < 1 || lock->type > 3)
		return errno_set(DARWIN_EINVAL);
	struct flock host = {
		.l_type = types[lock->type], .l_whence = lock->whence, .l_start = lock->start, .l_len = lock->length};
	static const int own[] = {F_GETLK, F_SETLK, F_SETLKW}, shared[] = {F_OFD_SETLK, F_OFD_SETLKW, F_OFD_GETLK};
	int result = fcntl(file, command >= F_OFD_SETLK_D ? shared[command - F_OFD_SETLK_D] : own[command - 7], &host);
	if (result == 0 && (command == 7 || command == F_OFD_GETLK_D)) {
		lock->type = host.l_type == F_RDLCK ? 1 : host.l_type == F_UNLCK ? 2 : 3;
		lock->whence = host.l_whence;
		lock->start = host.l_start;
		lock->length = host.l_len;
		lock->process = host.l_pid;
	}
	return (int)errno_result(result);
}

struct darwin_punch_hole { // struct fpunchhole
	uint32_t flags, reserved;
	int64_t offset, length;
};

static int fcntl_punch(int file, const struct darwin_punch_hole *hole)
{
	if (hole->flags || hole->reserved || hole->offset < 0 || hole->length <= 0)
		return errno_set(DARWIN_EINVAL);
	return (int)errno_result(fallocate(file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, hole->offset, hole->length));
}

static int fcntl_path(int file, char *to)
{
	char link[40], path[PATH_MAX];
	snprintf(link, sizeof(link), "/proc/self/fd/%d", file);
	ssize_t length = readlink(link, path, sizeof(path) - 1);
	if (length < 0)
		return (int)errno_result(-1);
	path[length] = '\0';
	memcpy(to, path, (size_t)length + 1 > 1024 ? 1024 : (size_t)length + 1); // MAXPATHLEN
	return 0;
}

static int fcntl_preallocate(int file, struct darwin_fstore *store)
{
	off_t end = store->position_mode == 3 /* F_PEOFPOSMODE */ ? lseek(file, 0, SEEK_END) : store->offset;
	if (end < 0 || fallocate(file, FALLOC_FL_KEEP_SIZE, end, store->length) < 0)
		return (int)errno_result(-1);
	store->allocated = store->length;
	return 0;
}

int darwin_fcntl(int file, int command, long argument)
{
	switch (command) {
	case 0: return file_copied(file, fcntl(file, F_DUPFD, (int)argument));
	case F_DUPFD_CLOEXEC_D: return file_copied(file, fcntl(file, F_DUPFD_CLOEXEC, (int)argument));
	case 1: return (int)errno_result(fcntl(file, F_GETFD));
	case 2: return (int)errno_result(fcntl(file, F_SETFD, (int)argument));
	case 3: {
		long flags = errno_result(fcntl(file, F_GETFL));
		return flags < 0 ? -1 : file_flags_to_darwin((int)flags);
	}
	case 4: return (int)errno_result(fcntl(file, F_SETFL, file_flags_to_host((int)argument)));
	case 5: return (int)errno_result(fcntl(file, F_GETOWN));
	case 6: return (int)errno_result(fcntl(file, F_SETOWN, (int)argument));
	case 7:
	case 8:
	case 9:
	case F_OFD_SETLK_D:
	case F_OFD_SETLKW_D:
	case F_OFD_GETLK_D: return fcntl_lock(file, command, (struct darwin_flock *)argument);
	case F_PUNCHHOLE: return fcntl_punch(file, (const struct darwin_punch_hole *)argument);
	case F_GETPATH_NOFIRMLINK:
	case F_GETPATH: return fcntl_path(file, (char *)argument);
	case F_FULLFSYNC:
	case F_BARRIERFSYNC: return (int)errno_result(fsync(file));
	case F_PREALLOCATE: return fcntl_preallocate(file, (struct darwin_fstore *)argument);
	case F_RDADVISE:
	case F_RDAHEAD:
	case 55:  // F_GLOBAL_NOCACHE
	case 62:  // F_NODIRECT
	case 76:  // F_SINGLE_WRITER
	case 100: // F_TRIM_ACTIVE_FILE
	case 101: // F_SPECULATIVE_READ
	case F_NOCACHE_D: return fcntl(file, F_GETFD) < 0 ? (int)errno_result(-1) : 0; // hints
	case F_SETNOSIGPIPE: {
		int error = nosigpipe_set(file, argument != 0);
		return error ? errno_set(error) : 0;
	}
	case F_GETNOSIGPIPE: return nosigpipe_is(file);
	default: return errno_set(DARWIN_EINVAL);
	}
}
