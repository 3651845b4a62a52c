// SPDX-License-Identifier: MIT
// Notes of processes; see process_notes.h. Facts: xnu's bsd/sys/event.h; unix(7).
#include "process_notes.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

struct note_message {
	uint32_t note;
	int32_t signal;
};

// Abstract: it goes with the socket. Returns its size.
static socklen_t name_make(struct sockaddr_un *name, int process)
{
	*name = (struct sockaddr_un){.sun_family = AF_UNIX};
	int length = snprintf(name->sun_path + 1, sizeof(name->sun_path) - 1, "gila-process-%u-%d", geteuid(), process);
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)length);
}

void process_note(int process, uint32_t note, int signal)
{
	struct sockaddr_un name;
	struct note_message message = {note, signal};
	int error = errno, file = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (file >= 0) {
		socklen_t size = name_make(&name, process ? process : getpid());
		sendto(file, &message, sizeof(message), MSG_NOSIGNAL, (struct sockaddr *)&name, size);
		close(file);
	}
	errno = error;
}

int process_notes_open(int process)
{
	struct sockaddr_un name;
	int on = 1, file = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (file < 0)
		return -1;
	socklen_t size = name_make(&name, process);
	if (setsockopt(file, SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)) < 0 || bind(file, (struct sockaddr *)&name, size) < 0) {
		int error = errno;
		close(file);
		errno = error;
		return -1;
	}
	return file;
}

// Of the same user: anybody can send to an abstract name.
static int is_trusted(struct msghdr *head)
{
	struct ucred sender = {.uid = (uid_t)-1};
	struct cmsghdr *control = CMSG_FIRSTHDR(head);
	if (control && control->cmsg_level == SOL_SOCKET && control->cmsg_type == SCM_CREDENTIALS &&
	    control->cmsg_len == CMSG_LEN(sizeof(sender)))
		memcpy(&sender, CMSG_DATA(control), sizeof(sender));
	return sender.uid == geteuid() || sender.uid == 0;
}

uint32_t process_notes_take(int file, int *signal)
{
	uint32_t notes = 0;
	for (;;) {
		_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(struct ucred))];
		struct note_message message;
		struct iovec part = {&message, sizeof(message)};
		struct msghdr head = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control)};
		if (recvmsg(file, &head, MSG_DONTWAIT) < 0)
			return notes;
		if (part.iov_len != sizeof(message) || (head.msg_flags & MSG_TRUNC) || !is_trusted(&head))
			continue;
		notes |= message.note & (NOTE_FORK | NOTE_EXEC | NOTE_SIGNAL);
		if (message.note & NOTE_SIGNAL)
			*signal = message.signal;
	}
}
