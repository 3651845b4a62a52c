// SPDX-License-Identifier: MIT
// The trap channel by hand; see raw.h.
#include "raw.h"

#include <errno.h>
#include <linux/futex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

bool raw_connect(struct raw *raw)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	const char *path = getenv(CHANNEL_VARIABLE_SOCKET);
	*raw = (struct raw){.socket = -1, .doorbell = -1};
	if (!path || strlen(path) >= sizeof(address.sun_path))
		return false;
	strcpy(address.sun_path, path);
	raw->socket = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	return raw->socket >= 0 && connect(raw->socket, (struct sockaddr *)&address, sizeof(address)) == 0;
}

bool raw_send(struct raw *raw, const void *data, size_t size)
{
	return send(raw->socket, data, size, MSG_NOSIGNAL) == (ssize_t)size;
}

bool raw_hello(struct raw *raw, const char *name)
{
	struct channel_hello hello = {.kind = CHANNEL_HELLO, .version = CHANNEL_VERSION};
	snprintf(hello.name, sizeof(hello.name), "%s", name);
	return raw_send(raw, &hello, sizeof(hello));
}

bool raw_welcome(struct raw *raw)
{
	char control[CMSG_SPACE(2 * sizeof(int))];
	int files[2] = {-1, -1};
	struct iovec vector = {&raw->welcome, sizeof(raw->welcome)};
	struct msghdr message = {
		.msg_iov = &vector, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control)};
	ssize_t size = recvmsg(raw->socket, &message, MSG_CMSG_CLOEXEC);
	if (size <= 0)
		return false;
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);
	if (raw->welcome.kind != CHANNEL_WELCOME || !header || header->cmsg_len != CMSG_LEN(sizeof(files)))
		return false;
	memcpy(files, CMSG_DATA(header), sizeof(files));
	void *map = mmap(NULL, CHANNEL_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, files[0], 0);
	close(files[0]);
	raw->doorbell = files[1];
	raw->header = map == MAP_FAILED ? NULL : map;
	return raw->header != NULL;
}

void raw_open(struct raw *raw, const char *name)
{
	if (raw_connect(raw) && raw_hello(raw, name) && raw_welcome(raw))
		return;
	printf("%s is not welcome: %s\n", name, raw->welcome.reason[0] ? raw->welcome.reason : strerror(errno));
	exit(1);
}

void raw_close(struct raw *raw)
{
	if (raw->header)
		munmap(raw->header, CHANNEL_SIZE);
	if (raw->doorbell >= 0)
		close(raw->doorbell);
	if (raw->socket >= 0)
		close(raw->socket);
	*raw = (struct raw){.socket = -1, .doorbell = -1};
}

struct channel_slot *raw_slot(struct raw *raw, unsigned slot)
{
	char *base = (char *)raw->header;
	return (struct channel_slot *)(void *)(base + CHANNEL_SLOTS_OFFSET + (size_t)slot * CHANNEL_SLOT_SIZE);
}

void *raw_body(struct raw *raw, unsigned slot)
{
	return (char *)raw->header + CHANNEL_BODIES_OFFSET + (size_t)slot * CHANNEL_BODY_SIZE;
}

void raw_fill(struct raw *raw, unsigned slot, uint32_t number, const uint64_t *arguments, unsigned count)
{
	struct channel_slot *s = raw_slot(raw, slot);
	s->number = number;
	for (unsigned i = 0; i < CHANNEL_ARGUMENTS; i++)
		s->arguments[i] = i < count ? arguments[i] : 0;
	s->in_size = s->out_size = 0;
	s->token = 0;
	s->tid = (uint32_t)syscall(SYS_gettid);
}

void raw_ring(struct raw *raw, unsigned slot, uint32_t state)
{
	uint64_t one = 1;
	atomic_store(&raw_slot(raw, slot)->state, state);
	atomic_fetch_or(&raw->header->pending[slot / 64], 1ull << slot % 64);
	atomic_fetch_or(&raw->header->summary[slot / 4096], 1ull << slot / 64 % 64);
	if (write(raw->doorbell, &one, sizeof(one)) < 0)
		perror("doorbell");
}

bool raw_wait(struct raw *raw, unsigned slot, unsigned milliseconds, uint32_t *state)
{
	_Atomic uint32_t *word = &raw_slot(raw, slot)->state;
	static const struct timespec tick = {0, 10000000};
	for (unsigned waited = 0; waited <= milliseconds; waited += 10) {
		*state = atomic_load(word);
		if ((*state & CHANNEL_STATE_MASK) != CHANNEL_RUNG && (*state & CHANNEL_STATE_MASK) != CHANNEL_LEAVE)
			return true;
		if (*state & CHANNEL_SLEEPING)
			syscall(SYS_futex, word, FUTEX_WAIT, *state, &tick, NULL, 0);
		else
			atomic_compare_exchange_strong(word, state, *state | CHANNEL_SLEEPING);
	}
	return false;
}

bool raw_trap(struct raw *raw, unsigned slot, uint32_t number, const uint64_t *arguments, unsigned count, uint64_t *result)
{
	uint32_t state;
	raw_fill(raw, slot, number, arguments, count);
	raw_ring(raw, slot, CHANNEL_RUNG);
	if (!raw_wait(raw, slot, 5000, &state) || (state & CHANNEL_STATE_MASK) != CHANNEL_DONE)
		return false;
	*result = raw_slot(raw, slot)->result;
	return true;
}
