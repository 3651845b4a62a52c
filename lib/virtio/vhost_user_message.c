// SPDX-License-Identifier: MIT
// Messages of vhost-user; see vhost_user_message.h.
#include "vhost_user_message.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

kern_return_t vhost_user_fail(struct vhost_user *vhost, uint32_t request, const char *why)
{
	snprintf(vhost->text, sizeof(vhost->text), "vhost-user request %u: %s", request, why);
	vhost->transport.problem = vhost->text;
	return KERN_FAILURE;
}

static int64_t milliseconds(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

// Until something can be read or written. False: not in time.
static bool wait_for(int socket, short events, int64_t until)
{
	struct pollfd wait = {.fd = socket, .events = events};
	for (;;) {
		int64_t left = until - milliseconds();
		int ready = poll(&wait, 1, left > 0 ? (int)left : 0);
		if (ready > 0)
			return true;
		if (ready == 0 || errno != EINTR)
			return false;
	}
}

static kern_return_t send_message(struct vhost_user *vhost, struct vhost_user_message *message, const int *descriptors, unsigned count)
{
	union {
		struct cmsghdr head;
		char bytes[CMSG_SPACE(sizeof(int) * VHOST_USER_TABLE_MAX)];
	} control = {0};
	struct iovec data = {.iov_base = message, .iov_len = VHOST_USER_HEAD + message->size};
	struct msghdr head = {.msg_iov = &data, .msg_iovlen = 1};
	if (count) {
		head.msg_control = &control;
		head.msg_controllen = CMSG_SPACE(sizeof(int) * count);
		control.head.cmsg_level = SOL_SOCKET;
		control.head.cmsg_type = SCM_RIGHTS;
		control.head.cmsg_len = CMSG_LEN(sizeof(int) * count);
		memcpy(CMSG_DATA(&control.head), descriptors, sizeof(int) * count);
	}
	int64_t until = milliseconds() + vhost->timeout_ms;
	for (;;) {
		ssize_t sent = sendmsg(vhost->socket, &head, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (sent == (ssize_t)data.iov_len)
			return KERN_SUCCESS;
		if (sent >= 0)
			return vhost_user_fail(vhost, message->request, "the socket takes no whole message");
		bool again = errno == EAGAIN || errno == EINTR;
		if (!again || !wait_for(vhost->socket, POLLOUT, until))
			return vhost_user_fail(vhost, message->request, again ? "the back-end does not read" : strerror(errno));
	}
}

static kern_return_t receive(struct vhost_user *vhost, uint32_t request, void *to, size_t size, int64_t until)
{
	uint8_t *at = to;
	while (size) {
		ssize_t got = recv(vhost->socket, at, size, MSG_DONTWAIT);
		if (got == 0)
			return vhost_user_fail(vhost, request, "the back-end has hung up");
		if (got < 0 && errno != EAGAIN && errno != EINTR)
			return vhost_user_fail(vhost, request, strerror(errno));
		if (got < 0 && !wait_for(vhost->socket, POLLIN, until))
			return vhost_user_fail(vhost, request, "the back-end does not answer");
		if (got > 0) {
			at += got;
			size -= (size_t)got;
		}
	}
	return KERN_SUCCESS;
}

static kern_return_t receive_reply(struct vhost_user *vhost, struct vhost_user_message *message, uint32_t size)
{
	uint32_t request = message->request;
	int64_t until = milliseconds() + vhost->timeout_ms;
	kern_return_t error = receive(vhost, request, message, VHOST_USER_HEAD, until);
	if (error)
		return error;
	if (message->request != request || (message->flags & VHOST_USER_VERSION_MASK) != VHOST_USER_VERSION ||
	    !(message->flags & VHOST_USER_REPLY) || message->size != size)
		return vhost_user_fail(vhost, request, "the answer is not one to it");
	return receive(vhost, request, (uint8_t *)message + VHOST_USER_HEAD, size, until);
}

kern_return_t vhost_user_tell(struct vhost_user *vhost, struct vhost_user_message *message, const int *descriptors, unsigned count)
{
	message->flags = VHOST_USER_VERSION;
	return send_message(vhost, message, descriptors, count);
}

kern_return_t vhost_user_call(struct vhost_user *vhost, struct vhost_user_message *message, const int *descriptors, unsigned count)
{
	bool acknowledged = vhost->protocol & VHOST_USER_P_REPLY_ACK;
	uint32_t request = message->request;
	message->flags = VHOST_USER_VERSION | (acknowledged ? VHOST_USER_NEED_REPLY : 0);
	kern_return_t error = send_message(vhost, message, descriptors, count);
	if (error || !acknowledged)
		return error;
	error = receive_reply(vhost, message, sizeof(message->number));
	return !error && message->number ? vhost_user_fail(vhost, request, "the back-end refuses") : error;
}

kern_return_t vhost_user_ask(struct vhost_user *vhost, struct vhost_user_message *message, uint32_t size)
{
	message->flags = VHOST_USER_VERSION;
	kern_return_t error = send_message(vhost, message, NULL, 0);
	return error ? error : receive_reply(vhost, message, size);
}
