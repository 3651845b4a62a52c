// SPDX-License-Identifier: MIT
// kqueue with each kind of event, and sockets.
#include "check.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/event.h>
#include <sys/socket.h>
#include <unistd.h>

static int queue;
static const struct timespec now = {0, 0}, long_time = {10, 0};

static int change(uintptr_t ident, short filter, unsigned short flags, unsigned fflags, long data)
{
	struct kevent event = {ident, filter, flags, fflags, data, (void *)0x77};
	return kevent(queue, &event, 1, NULL, 0, NULL);
}

static struct kevent next(const struct timespec *limit)
{
	struct kevent event = {0};
	int count = kevent(queue, NULL, 0, &event, 1, limit);
	CHECK(count >= 0);
	if (count == 0)
		event.filter = 0;
	return event;
}

static void check_descriptors(void)
{
	int ends[2];
	struct kevent event;
	CHECK(pipe(ends) == 0 && change(ends[0], EVFILT_READ, EV_ADD, 0, 0) == 0 && next(&now).filter == 0);
	CHECK(write(ends[1], "abc", 3) == 3);
	event = next(&long_time);
	CHECK(event.ident == (uintptr_t)ends[0] && event.filter == EVFILT_READ && event.data == 3 &&
	      event.udata == (void *)0x77);
	CHECK(next(&now).filter == EVFILT_READ); // it stays while there is something to read
	close(ends[1]);
	event = next(&long_time);
	CHECK(event.flags & EV_EOF);
	close(ends[0]); // which takes it out
	CHECK(next(&now).filter == 0);
	CHECK(change(ends[0], EVFILT_READ, EV_ADD, 0, 0) == -1 && errno == EBADF);
	CHECK(change(5000, EVFILT_TIMER, EV_DELETE, 0, 0) == -1 && errno == ENOENT);
}

static void check_edges(void)
{
	int ends[2];
	char text[8];
	CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
	CHECK(change(ends[0], EVFILT_READ, EV_ADD | EV_CLEAR, 0, 0) == 0 && write(ends[1], "x", 1) == 1);
	CHECK(next(&long_time).filter == EVFILT_READ && next(&now).filter == 0);
	CHECK(write(ends[1], "y", 1) == 1 && next(&long_time).data == 2 && read(ends[0], text, 8) == 2);
	CHECK(change(ends[0], EVFILT_WRITE, EV_ADD | EV_ONESHOT, 0, 0) == 0 &&
	      next(&long_time).filter == EVFILT_WRITE && next(&now).filter == 0);
	struct kevent receipt = {ends[1], EVFILT_READ, EV_ADD | EV_RECEIPT, 0, 0, NULL}, answer;
	CHECK(kevent(queue, &receipt, 1, &answer, 1, NULL) == 1 && (answer.flags & EV_ERROR) && answer.data == 0);
	close(ends[0]);
	close(ends[1]);
}

static void check_others(void)
{
	struct kevent event;
	CHECK(change(1, EVFILT_TIMER, EV_ADD | EV_ONESHOT, 0, 10) == 0);
	event = next(&long_time);
	CHECK(event.filter == EVFILT_TIMER && event.ident == 1 && event.data == 1);
	CHECK(change(2, EVFILT_USER, EV_ADD | EV_CLEAR, 0, 0) == 0 && next(&now).filter == 0);
	CHECK(change(2, EVFILT_USER, 0, NOTE_TRIGGER, 0) == 0 && next(&long_time).filter == EVFILT_USER &&
	      next(&now).filter == 0);
	int file = open("watched", O_RDWR | O_CREAT, 0600);
	CHECK(change(file, EVFILT_VNODE, EV_ADD | EV_CLEAR, NOTE_WRITE | NOTE_DELETE, 0) == 0);
	CHECK(write(file, "x", 1) == 1 && next(&long_time).fflags == NOTE_WRITE);
	CHECK(unlink("watched") == 0 && next(&long_time).fflags == NOTE_DELETE);
	close(file);
	pid_t child = fork();
	if (child == 0) {
		usleep(10000);
		_exit(3);
	}
	CHECK(change(child, EVFILT_PROC, EV_ADD, NOTE_EXIT | NOTE_EXITSTATUS, 0) == 0);
	event = next(&long_time);
	CHECK(event.filter == EVFILT_PROC && event.ident == (uintptr_t)child && (event.fflags & NOTE_EXIT) &&
	      event.data == 3 << 8);
}

static int handled;

static void on_signal(int number)
{
	handled = number;
}

// A signal that is ignored is counted, one with a handler, too.
static void check_signals(void)
{
	struct sigaction action = {.sa_handler = SIG_IGN}, old;
	struct kevent event;
	CHECK(sigaction(SIGUSR1, &action, NULL) == 0 && change(SIGUSR1, EVFILT_SIGNAL, EV_ADD, 0, 0) == 0);
	CHECK(sigaction(SIGUSR1, NULL, &old) == 0 && old.sa_handler == SIG_IGN && next(&now).filter == 0);
	kill(getpid(), SIGUSR1);
	kill(getpid(), SIGUSR1);
	event = next(&long_time);
	CHECK(event.filter == EVFILT_SIGNAL && event.ident == SIGUSR1 && event.data == 2 && next(&now).filter == 0);
	action.sa_handler = on_signal;
	CHECK(sigaction(SIGUSR1, &action, &old) == 0 && old.sa_handler == SIG_IGN);
	kill(getpid(), SIGUSR1);
	CHECK(handled == SIGUSR1 && next(&long_time).data == 1);
	CHECK(change(SIGUSR1, EVFILT_SIGNAL, EV_DELETE, 0, 0) == 0 && change(99, EVFILT_SIGNAL, EV_ADD, 0, 0) == -1 && errno == EINVAL);
}

static void check_internet(void)
{
	struct sockaddr_in address = {sizeof(address), AF_INET, 0, 0x0100007f, {0}}, peer;
	socklen_t size = sizeof(address);
	int listener = socket(AF_INET, SOCK_STREAM, 0), one = 1, type;
	CHECK(setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) == 0);
	CHECK(bind(listener, (struct sockaddr *)&address, size) == 0 && listen(listener, 5) == 0);
	CHECK(getsockname(listener, (struct sockaddr *)&address, &size) == 0 && address.sin_len == 16 &&
	      address.sin_family == AF_INET && address.sin_port);
	int client = socket(AF_INET, SOCK_STREAM, 0);
	CHECK(connect(client, (struct sockaddr *)&address, sizeof(address)) == 0);
	int server = accept(listener, (struct sockaddr *)&peer, &size);
	CHECK(server >= 0 && peer.sin_len == 16 && peer.sin_addr == 0x0100007f);
	CHECK(getsockopt(server, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_STREAM);
	// A descriptor goes through a socket.
	int ends[2], carried;
	struct {
		struct cmsghdr head;
		int file;
	} control = {{sizeof(control), SOL_SOCKET, SCM_RIGHTS}, client};
	char byte = 'b';
	struct iovec vector = {&byte, 1};
	struct msghdr message = {NULL, 0, &vector, 1, &control, sizeof(control), 0};
	CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0 && sendmsg(ends[0], &message, 0) == 1);
	control.file = -1;
	message.msg_controllen = sizeof(control);
	CHECK(recvmsg(ends[1], &message, 0) == 1 && message.msg_controllen == 16 &&
	      control.head.cmsg_type == SCM_RIGHTS);
	carried = control.file;
	CHECK(carried >= 0 && write(carried, "hi", 2) == 2);
	char text[4];
	CHECK(read(server, text, 4) == 2);
}

int main(void)
{
	queue = kqueue();
	CHECK(queue >= 0);
	check_descriptors();
	check_edges();
	check_others();
	check_signals();
	check_internet();
	puts("events are fine");
	return 0;
}
