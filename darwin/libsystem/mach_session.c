// SPDX-License-Identifier: MIT
// The session's kernel: one for a user and a session, which the first program that needs Mach starts, and which ends
// when nobody has used it for a while. See mach_session.h.
//
// It is found at GILA_SOCKET, or in $XDG_RUNTIME_DIR/gila-UID or /tmp/gila-UID: the same place as any other kernel of
// Gila, so `gila ps` shows it, and a system that `gila boot` started serves macOS programs, too.
// 1. Who finds no kernel takes the lock file beside the socket, looks again, and binds the socket itself: the kernel
// inherits it and
//    listens from its first moment, so nobody waits for it to be ready or asks twice.
// 2. The folder belongs to this user alone, and so does who answers at the socket. Both are checked by whoever
// connects.
// 3. The kernel is no child of the program: two forks, a session of its own, no signal when the first of them ends.
#include "mach_session.h"

#include "report.h"

#include <errno.h>
#include <fcntl.h>
#include <lib/gila/hosted.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define PATIENCE 10 // seconds that a kernel has to answer
#define TRIES 3	    // a kernel that is just ending refuses; the next one may do the same
#define LISTENING 3 // the socket in the kernel to be

// ---- connecting -----------------------------------------------------------------------------------------------------

static bool session_path(char *path, size_t room)
{
	const char *given = getenv(CHANNEL_VARIABLE_SOCKET), *base = getenv("XDG_RUNTIME_DIR");
	int size =
		given ? snprintf(path, room, "%s", given)
		      : snprintf(path, room, "%s/gila-%u/session", base && *base ? base : "/tmp", (unsigned)geteuid());
	return size > 0 && (size_t)size < room;
}

// False: somebody else could have put the socket there.
static bool folder_is_ours(const char *path)
{
	char folder[sizeof(((struct sockaddr_un *)0)->sun_path)];
	struct stat status;
	snprintf(folder, sizeof(folder), "%s", path);
	char *slash = strrchr(folder, '/');
	if (!slash || slash == folder)
		return false;
	*slash = '\0';
	if (lstat(folder, &status) < 0 &&
	    (errno != ENOENT || (mkdir(folder, 0700) < 0 && errno != EEXIST) || lstat(folder, &status) < 0)) {
		report_once("mach: %s: %s", folder, strerror(errno));
		return false;
	}
	if (S_ISDIR(status.st_mode) && status.st_uid == geteuid() && !(status.st_mode & 022))
		return true;
	report_once("mach: %s is not a folder of this user alone", folder);
	return false;
}

static bool peer_is_ours(int file)
{
	struct ucred peer;
	socklen_t size = sizeof(peer);
	return getsockopt(file, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && peer.uid == geteuid();
}

// 0: for ever.
static void set_patience(int file, time_t seconds)
{
	struct timeval limit = {seconds, 0};
	setsockopt(file, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	setsockopt(file, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit)); // of connect(2), too
}

enum absence {
	ABSENT_NONE,
	ABSENT_ENDING,
	ABSENT_REFUSED
}; // no kernel; one that is just ending; none for us, or silent

// Says hello and waits until the welcome is there, which is left in the socket. -1: *why.
static int session_connect(const struct sockaddr_un *address, const struct channel_hello *hello, enum absence *why)
{
	char byte;
	ssize_t size = -1;
	int file = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	*why = ABSENT_REFUSED;
	if (file < 0)
		return -1;
	set_patience(file, PATIENCE); // with a kernel that is stopped, say
	if (connect(file, (const struct sockaddr *)address, sizeof(*address)) < 0)
		*why = errno == ENOENT || errno == ECONNREFUSED ? ABSENT_NONE : ABSENT_REFUSED;
	else if (peer_is_ours(file)) {
		if (send(file, hello, sizeof(*hello), MSG_NOSIGNAL) == (ssize_t)sizeof(*hello))
			do
				size = recv(file, &byte, 1, MSG_PEEK);
			while (size < 0 && errno == EINTR);
		if (size == 0 || errno == EPIPE || errno == ECONNRESET)
			*why = ABSENT_ENDING;
	}
	if (size > 0) {
		set_patience(file, 0);
		return file;
	}
	close(file);
	return -1;
}

// ---- starting -------------------------------------------------------------------------------------------------------

// In the child: nothing of the C library that looks at other threads or at memory.
_Noreturn static void become_kernel(int listening, int null, const char *path, char *const words[],
				    char *const environment[])
{
	syscall(SYS_setsid);
	if (syscall(SYS_clone, 0, 0, 0, 0, 0) != 0)
		syscall(SYS_exit_group, 0);
	prctl(PR_SET_TIMERSLACK, 50000ul); // as usual: the program may have changed its own
	for (int file = 0; file < LISTENING; file++)
		syscall(SYS_dup3, null, file, 0);
	syscall(SYS_dup3, listening, LISTENING, 0);
	syscall(SYS_close_range, LISTENING + 1, ~0u, 0);
	syscall(SYS_chdir, "/");
	syscall(SYS_execve, path, words, environment);
	syscall(SYS_exit_group, 127);
	__builtin_trap();
}

// The kernel is `gila boot` of the program beside this one.
static bool kernel_start(int listening, const char *socket_path)
{
	static char runtime[PATH_MAX];
	char path[PATH_MAX], idle[16], number[8];
	const char *seconds = getenv("GILA_IDLE"), *base = getenv("XDG_RUNTIME_DIR");
	ssize_t length = readlink("/proc/self/exe", path, sizeof(path) - sizeof("gila"));
	if (length < 0)
		return false;
	path[length] = '\0';
	strcpy(strrchr(path, '/') + 1, "gila");
	snprintf(idle, sizeof(idle), "%d", seconds && atoi(seconds) > 0 ? atoi(seconds) : MACH_SESSION_IDLE);
	snprintf(number, sizeof(number), "%d", LISTENING);
	snprintf(runtime, sizeof(runtime), "XDG_RUNTIME_DIR=%s", base ? base : "");
	char *const words[] = {"gila",	 "boot",     "--alone",
			       "--idle", idle,	     "--listening",
			       number,	 "--socket", (char *)(uintptr_t)socket_path,
			       NULL};
	char *const environment[] = {"PATH=/usr/bin:/bin", runtime, NULL};
	int high = fcntl(listening, F_DUPFD_CLOEXEC, 16), null = open("/dev/null", O_RDWR | O_CLOEXEC);
	int null_high = null < 0 ? -1 : fcntl(null, F_DUPFD_CLOEXEC, 16);
	// Not fork(): what the program registered for that is not about this, and it is to see no SIGCHLD.
	long child = high < 0 || null_high < 0 || access(path, X_OK) < 0 ? -1 : syscall(SYS_clone, 0, 0, 0, 0, 0);
	if (child == 0)
		become_kernel(high, null_high, path, words, environment);
	while (child > 0 && waitpid((pid_t)child, NULL, __WCLONE) < 0 && errno == EINTR)
		;
	close(high);
	close(null_high);
	close(null);
	if (child < 0)
		report_once("mach: %s cannot be started: %s", path, strerror(errno));
	return child > 0;
}

static int socket_listen(const struct sockaddr_un *address)
{
	int file = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	unlink(address->sun_path); // a leftover: nobody listens there, and nobody else binds while the lock is held
	if (file >= 0 && bind(file, (const struct sockaddr *)address, sizeof(*address)) == 0 && listen(file, 512) == 0)
		return file;
	report_once("mach: %s cannot be made: %s", address->sun_path, strerror(errno));
	if (file >= 0)
		close(file);
	return -1;
}

// With the lock held: connects to a kernel that another program has started meanwhile, or starts one.
static int session_start_locked(const struct sockaddr_un *address, const struct channel_hello *hello)
{
	enum absence why;
	int file = session_connect(address, hello, &why);
	if (file >= 0 || why != ABSENT_NONE)
		return file;
	int listening = socket_listen(address);
	bool started = listening >= 0 && kernel_start(listening, address->sun_path);
	if (listening >= 0)
		close(listening); // if the kernel cannot start either, nobody has it any more, and connecting fails
	return started ? session_connect(address, hello, &why) : -1;
}

static int session_start(const struct sockaddr_un *address, const struct channel_hello *hello)
{
	char path[sizeof(address->sun_path) + 8];
	snprintf(path, sizeof(path), "%s.lock", address->sun_path);
	int lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600), result;
	if (lock < 0) {
		report_once("mach: %s: %s", path, strerror(errno));
		return -1;
	}
	do
		result = flock(lock, LOCK_EX);
	while (result < 0 && errno == EINTR);
	int file = result < 0 ? -1 : session_start_locked(address, hello);
	close(lock);
	return file;
}

static int session_dial(const struct channel_hello *hello)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	enum absence why = ABSENT_ENDING;
	if (!session_path(address.sun_path, sizeof(address.sun_path)) || !folder_is_ours(address.sun_path))
		return -1;
	for (int i = 0; i < TRIES && why != ABSENT_REFUSED; i++) {
		int file = session_connect(&address, hello, &why);
		if (file < 0 && why == ABSENT_NONE)
			file = session_start(&address, hello);
		if (file >= 0)
			return file;
	}
	return -1;
}

void mach_session_begin(void)
{
	hosted_dial = session_dial;
}
