// SPDX-License-Identifier: MIT
// How a process becomes a task: at its first trap it takes the socket that it was started with (GILA_FD), or connects
// to the kernel (GILA_SOCKET, else the default path), and gets the channel's memory and the doorbell.
#include "hosted.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#define HIGH_DESCRIPTOR 200 // out of the way of programs that think they know which numbers are free

static _Atomic(struct hosted *) page;
// Survives a fork, so that the child can close what it inherited; -1: none.
static int old_socket = -1, old_doorbell = -1;

struct hosted *hosted_page(void)
{
	struct hosted *hosted = atomic_load_explicit(&page, memory_order_acquire);
	if (hosted)
		return hosted;
	_Static_assert(sizeof(struct hosted) <= 4096, "one page");
	hosted = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (hosted == MAP_FAILED)
		return NULL;
	madvise(hosted, 4096, MADV_WIPEONFORK);
	struct hosted *first = NULL;
	if (atomic_compare_exchange_strong(&page, &first, hosted))
		return hosted;
	munmap(hosted, 4096);
	return first;
}

// ---- The socket ----------------------------------------------------------------------------------------------------

static int inherited_socket(void)
{
	const char *text = getenv(CHANNEL_VARIABLE_FD);
	if (!text)
		return -1;
	int file = atoi(text), type;
	socklen_t size = sizeof(type);
	unsetenv(CHANNEL_VARIABLE_FD);
	if (getsockopt(file, SOL_SOCKET, SO_TYPE, &type, &size) < 0 || type != SOCK_SEQPACKET)
		return -1;
	return file;
}

static void hello_name(char *name)
{
	prctl(PR_GET_NAME, name);
	name[15] = 0;
}

int (*hosted_dial)(const struct channel_hello *hello);

static int connected_socket(uint32_t token)
{
	struct channel_hello hello = {.kind = CHANNEL_HELLO, .version = CHANNEL_VERSION, .token = token};
	hello_name(hello.name);
	if (hosted_dial)
		return hosted_dial(&hello);
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	const char *path = getenv(CHANNEL_VARIABLE_SOCKET), *base = getenv("XDG_RUNTIME_DIR");
	int size = path ? snprintf(address.sun_path, sizeof(address.sun_path), "%s", path)
			: snprintf(address.sun_path, sizeof(address.sun_path), "%s/gila-%u/session",
				   base && *base ? base : "/tmp", (unsigned)geteuid());
	if (size <= 0 || (size_t)size >= sizeof(address.sun_path))
		return -1;
	int file = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (file < 0)
		return -1;
	if (connect(file, (struct sockaddr *)&address, sizeof(address)) == 0 &&
	    send(file, &hello, sizeof(hello), MSG_NOSIGNAL) == (ssize_t)sizeof(hello))
		return file;
	close(file);
	return -1;
}

// A message and the descriptors that came with it, at most two; the rest is -1. False: the end, or an error.
static bool receive_message(int socket, void *data, size_t size, int files[2])
{
	char control[CMSG_SPACE(2 * sizeof(int))];
	struct iovec vector = {data, size};
	struct msghdr message = {
		.msg_iov = &vector, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control)};
	ssize_t got;
	files[0] = files[1] = -1;
	do
		got = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
	while (got < 0 && errno == EINTR);
	if (got <= 0)
		return false;
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);
	if (header && header->cmsg_type == SCM_RIGHTS)
		memcpy(files, CMSG_DATA(header), header->cmsg_len - CMSG_LEN(0));
	return got == (ssize_t)size;
}

int hosted_receive(struct hosted *hosted, uint32_t id)
{
	struct channel_descriptor message;
	int files[2];
	while (receive_message(hosted->socket, &message, sizeof(message), files)) {
		if (message.kind == CHANNEL_DESCRIPTOR && message.id == id && files[0] >= 0)
			return files[0];
		if (files[0] >= 0)
			close(files[0]); // of a request that the kernel gave up
	}
	return -EPROTO;
}

int hosted_send(struct hosted *hosted, uint32_t id, int file)
{
	struct channel_descriptor data = {CHANNEL_DESCRIPTOR, id};
	char control[CMSG_SPACE(sizeof(int))] = {0};
	struct iovec vector = {&data, sizeof(data)};
	struct msghdr message = {
		.msg_iov = &vector, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control)};
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);
	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(header), &file, sizeof(int));
	return sendmsg(hosted->socket, &message, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

// ---- Check-in ------------------------------------------------------------------------------------------------------

static int move_high(int file)
{
	int high = fcntl(file, F_DUPFD_CLOEXEC, HIGH_DESCRIPTOR);
	if (high < 0) {
		fcntl(file, F_SETFD, FD_CLOEXEC);
		return file;
	}
	close(file);
	return high;
}

static void close_old(int *file)
{
	if (*file >= 0)
		close(*file);
	*file = -1;
}

void hosted_forget(void)
{
	struct hosted *hosted = hosted_page();
	if (hosted && atomic_load(&hosted->phase) != HOSTED_NONE)
		return; // they are this process' own
	close_old(&old_socket);
	close_old(&old_doorbell);
}

bool hosted_owns(int file)
{
	struct hosted *hosted = hosted_page();
	return file >= 0 && hosted && atomic_load(&hosted->phase) == HOSTED_READY && (file == hosted->socket || file == hosted->doorbell);
}

static bool welcome_take(struct hosted *hosted, int socket)
{
	struct channel_welcome welcome;
	int files[2];
	if (!receive_message(socket, &welcome, sizeof(welcome), files) || welcome.kind != CHANNEL_WELCOME ||
	    welcome.version != CHANNEL_VERSION || files[0] < 0 || files[1] < 0)
		return false;
	void *map = mmap(NULL, CHANNEL_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, files[0], 0);
	close(files[0]);
	if (map == MAP_FAILED)
		return false;
	madvise(map, CHANNEL_SIZE, MADV_DONTFORK);
	hosted->header = map;
	hosted->doorbell = old_doorbell = move_high(files[1]);
	hosted->socket = old_socket = move_high(socket);
	hosted->signal = (int)welcome.signal;
	prctl(PR_SET_PTRACER, (unsigned long)welcome.server, 0, 0, 0); // Yama: the kernel may read our memory
	struct sigaction action = {.sa_handler = hosted_signal, .sa_flags = SA_RESTART};
	sigaction(hosted->signal, &action, NULL);
	return true;
}

static void checkin(struct hosted *hosted)
{
	close_old(&old_socket);
	close_old(&old_doorbell);
	int socket = hosted->token ? -1 : inherited_socket();
	if (socket < 0)
		socket = connected_socket(hosted->token);
	bool welcome = socket >= 0 && welcome_take(hosted, socket);
	if (!welcome && socket >= 0)
		close(socket);
	hosted->token = 0;
	hosted->generation = (uint32_t)getpid();
	atomic_store(&hosted->phase, welcome ? HOSTED_READY : HOSTED_REFUSED);
	syscall(SYS_futex, &hosted->phase, FUTEX_WAKE, INT32_MAX, NULL, NULL, 0);
}

static struct hosted *hosted_slow(struct hosted *hosted)
{
	sigset_t all, mask;
	int error = errno;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &mask); // a handler that traps would wait for us
	uint32_t phase = HOSTED_NONE;
	if (atomic_compare_exchange_strong(&hosted->phase, &phase, HOSTED_CONNECTING))
		checkin(hosted);
	pthread_sigmask(SIG_SETMASK, &mask, NULL);
	while ((phase = atomic_load(&hosted->phase)) == HOSTED_CONNECTING)
		syscall(SYS_futex, &hosted->phase, FUTEX_WAIT, HOSTED_CONNECTING, NULL, NULL, 0);
	errno = error;
	return phase == HOSTED_READY ? hosted : NULL;
}

struct hosted *hosted_ready(void)
{
	struct hosted *hosted = hosted_page();
	if (hosted && atomic_load_explicit(&hosted->phase, memory_order_acquire) == HOSTED_READY)
		return hosted;
	return hosted ? hosted_slow(hosted) : NULL;
}
