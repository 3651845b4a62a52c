// SPDX-License-Identifier: MIT
// The front-end's half of vhost-user, against back-ends that a thread plays: one that knows little, and some that misbehave.
#include "vhost_user_message.h"

#include <gila/test.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

static struct back_end {
	int socket;
	uint64_t features, protocol, slots;
	enum {
		HONEST,
		SILENT,      // to GET_CONFIG
		HANGS_UP,    // at GET_CONFIG
		WRONG_ID,    // in answers
		TOO_LARGE,
		REFUSES,     // ADD_MEM_REG
	} manner;
	unsigned messages, descriptors, tables, adds, removes, last_count;
	uint64_t last_address;
	pthread_t thread;
} back;

static struct vhost_user vhost;

static bool get(struct vhost_user_message *message)
{
	union {
		struct cmsghdr head;
		char bytes[CMSG_SPACE(sizeof(int) * 8)];
	} control;
	struct iovec data = {message, VHOST_USER_HEAD};
	struct msghdr head = {.msg_iov = &data, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control)};
	if (recvmsg(back.socket, &head, MSG_WAITALL) != (ssize_t)VHOST_USER_HEAD || message->size > sizeof(*message) - VHOST_USER_HEAD)
		return false;
	if (head.msg_controllen) {
		int descriptors[8];
		size_t count = (control.head.cmsg_len - CMSG_LEN(0)) / sizeof(int);
		memcpy(descriptors, CMSG_DATA(&control.head), count * sizeof(int));
		for (size_t i = 0; i < count; i++)
			close(descriptors[i]);
		back.descriptors += (unsigned)count;
	}
	return message->size == 0 ||
	       recv(back.socket, (char *)message + VHOST_USER_HEAD, message->size, MSG_WAITALL) == (ssize_t)message->size;
}

static bool put(struct vhost_user_message *message, uint32_t size)
{
	message->flags = VHOST_USER_VERSION | VHOST_USER_REPLY;
	message->size = size + (back.manner == TOO_LARGE ? 8 : 0);
	message->request += back.manner == WRONG_ID;
	return send(back.socket, message, VHOST_USER_HEAD + size, MSG_NOSIGNAL) > 0;
}

static bool answer(struct vhost_user_message *message)
{
	bool wants = message->flags & VHOST_USER_NEED_REPLY;
	switch (message->request) {
	case VHOST_USER_GET_FEATURES:
		message->number = back.features;
		return put(message, 8);
	case VHOST_USER_GET_PROTOCOL_FEATURES:
		message->number = back.protocol;
		return put(message, 8);
	case VHOST_USER_GET_MAX_MEM_SLOTS:
		message->number = back.slots;
		return put(message, 8);
	case VHOST_USER_GET_CONFIG:
		if (back.manner == SILENT)
			return true;
		if (back.manner == HANGS_UP)
			return false;
		memset(message->config.bytes, 0x42, message->config.size);
		return put(message, message->size);
	case VHOST_USER_GET_VRING_BASE:
		return put(message, 8);
	case VHOST_USER_SET_MEM_TABLE:
		back.tables++;
		back.last_count = message->table.count;
		back.last_address = message->table.count ? message->table.regions[message->table.count - 1].guest_address : 0;
		break;
	case VHOST_USER_ADD_MEM_REG:
		back.adds++;
		back.last_address = message->memory.region.user_address;
		break;
	case VHOST_USER_REM_MEM_REG:
		back.removes++;
		break;
	default:
		break;
	}
	if (!wants)
		return true;
	message->number = back.manner == REFUSES && message->request == VHOST_USER_ADD_MEM_REG;
	return put(message, 8);
}

static void *serve(void *argument)
{
	struct vhost_user_message message;
	while (get(&message)) {
		back.messages++;
		if (!answer(&message))
			break;
	}
	shutdown(back.socket, SHUT_RDWR);
	return argument;
}

static uint64_t slots = UINT64_MAX; // what the next back-end says

static kern_return_t begin(uint64_t protocol, int manner)
{
	int pair[2];
	memset(&back, 0, sizeof(back));
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
		return KERN_RESOURCE_SHORTAGE;
	back.socket = pair[0];
	back.features = VHOST_USER_F_PROTOCOL_FEATURES | VIRTIO_F_VERSION_1 | 5;
	back.protocol = protocol;
	back.slots = slots;
	back.manner = manner;
	pthread_create(&back.thread, NULL, serve, NULL);
	return vhost_user_open(&vhost, pair[1], manner == SILENT ? 50 : 10000);
}

static void end(void)
{
	if (vhost.socket >= 0)
		vhost.transport.ops->reset(&vhost.transport);
	pthread_join(back.thread, NULL);
	close(back.socket);
}

#define ALL (VHOST_USER_P_REPLY_ACK | VHOST_USER_P_CONFIG | VHOST_USER_P_CONFIGURE_MEM_SLOTS)

static int memory(void) { return memfd_create("test", MFD_CLOEXEC); }

TEST(memory_is_told_of_piece_by_piece)
{
	CHECK_EQ(begin(ALL, HONEST), KERN_SUCCESS);
	struct virtio_transport *t = &vhost.transport;
	for (uint64_t i = 1; i <= VHOST_USER_REGIONS; i++)
		CHECK_EQ(t->ops->memory_add(t, i << 32, 4096, memory()), KERN_SUCCESS);
	CHECK_EQ(t->ops->memory_add(t, 1, 4096, memory()), KERN_FAILURE);
	CHECK_EQ(back.adds, VHOST_USER_REGIONS);
	CHECK_EQ(back.descriptors, VHOST_USER_REGIONS);
	CHECK_EQ(t->ops->memory_remove(t, UINT64_C(3) << 32, 4096), KERN_SUCCESS);
	CHECK_EQ(t->ops->memory_remove(t, UINT64_C(3) << 32, 4096), KERN_FAILURE);
	CHECK_EQ(t->ops->memory_add(t, 7, 4096, memory()), KERN_SUCCESS);
	CHECK_EQ(back.last_address, 7);
	CHECK_EQ(back.removes, 1);
	end();
}

TEST(no_more_memory_than_the_back_end_takes)
{
	slots = 3;
	CHECK_EQ(begin(ALL, HONEST), KERN_SUCCESS);
	struct virtio_transport *t = &vhost.transport;
	CHECK_EQ(t->memory_room, 3);
	for (uint64_t i = 1; i <= 3; i++)
		CHECK_EQ(t->ops->memory_add(t, i << 32, 4096, memory()), KERN_SUCCESS);
	CHECK_EQ(t->ops->memory_add(t, 1, 4096, memory()), KERN_FAILURE);
	CHECK_EQ(back.adds, 3);
	end();
	slots = 0;
	CHECK_EQ(begin(ALL, HONEST), KERN_FAILURE);
	end();
	slots = UINT64_MAX;
}

TEST(memory_is_told_of_in_tables)
{
	CHECK_EQ(begin(VHOST_USER_P_CONFIG | VHOST_USER_P_REPLY_ACK, HONEST), KERN_SUCCESS);
	struct virtio_transport *t = &vhost.transport;
	for (uint64_t i = 1; i <= VHOST_USER_TABLE_MAX; i++)
		CHECK_EQ(t->ops->memory_add(t, i << 32, 4096, memory()), KERN_SUCCESS);
	CHECK_EQ(t->ops->memory_add(t, 1, 4096, memory()), KERN_FAILURE);
	CHECK_EQ(back.tables, VHOST_USER_TABLE_MAX);
	CHECK_EQ(back.descriptors, VHOST_USER_TABLE_MAX * (VHOST_USER_TABLE_MAX + 1) / 2);
	CHECK_EQ(t->ops->memory_remove(t, UINT64_C(1) << 32, 4096), KERN_SUCCESS);
	CHECK_EQ(back.last_count, VHOST_USER_TABLE_MAX - 1);
	CHECK_EQ(back.last_address, UINT64_C(7) << 32); // the last one took the place of the first
	end();
}

TEST(queues_are_set_and_stopped)
{
	uint8_t config[60];
	int call = eventfd(0, EFD_CLOEXEC);
	struct virtio_queue queue = {.index = 0, .size = 16, .interrupt_descriptor = call};
	CHECK_EQ(begin(VHOST_USER_P_CONFIG, HONEST), KERN_SUCCESS);
	struct virtio_transport *t = &vhost.transport;
	uint64_t offered;
	CHECK_EQ(t->ops->features(t, &offered), KERN_SUCCESS);
	CHECK_EQ(offered, VIRTIO_F_VERSION_1 | 5);
	CHECK_EQ(t->ops->accept(t, offered), KERN_SUCCESS);
	CHECK_EQ(t->ops->config(t, 4, config, 60, NULL), KERN_SUCCESS);
	CHECK(config[0] == 0x42 && config[59] == 0x42);
	CHECK_EQ(t->ops->config(t, 200, config, 60, NULL), KERN_FAILURE);
	CHECK_EQ(t->ops->queue_set(t, &queue), KERN_SUCCESS);
	CHECK_EQ(t->ops->queue_set(t, &queue), KERN_FAILURE); // once
	CHECK_EQ(t->ops->start(t), KERN_SUCCESS);
	CHECK(t->ops->alive(t));
	t->ops->notify(t, 0);
	t->ops->reset(t); // the answer to GET_VRING_BASE says that all was read
	CHECK_EQ(back.descriptors, 2);
	end();
	close(call);
}

TEST(back_ends_that_cannot_be_used)
{
	CHECK_EQ(begin(VHOST_USER_P_REPLY_ACK, HONEST), KERN_FAILURE); // no configuration
	end();
	CHECK_EQ(begin(ALL, WRONG_ID), KERN_FAILURE);
	end();
	CHECK_EQ(begin(ALL, TOO_LARGE), KERN_FAILURE);
	end();
	CHECK_EQ(begin(ALL, REFUSES), KERN_SUCCESS);
	CHECK_EQ(vhost.transport.ops->memory_add(&vhost.transport, 1, 4096, memory()), KERN_FAILURE);
	CHECK(strstr(vhost.transport.problem, "refuses") != NULL);
	end();
}

TEST(waits_are_bounded)
{
	uint8_t config[60];
	CHECK_EQ(begin(ALL, SILENT), KERN_SUCCESS);
	CHECK_EQ(vhost.transport.ops->config(&vhost.transport, 0, config, 60, NULL), KERN_FAILURE);
	CHECK(strstr(vhost.transport.problem, "does not answer") != NULL);
	end();
	CHECK_EQ(begin(ALL, HANGS_UP), KERN_SUCCESS);
	CHECK_EQ(vhost.transport.ops->config(&vhost.transport, 0, config, 60, NULL), KERN_FAILURE);
	CHECK(strstr(vhost.transport.problem, "hung up") != NULL);
	CHECK(!vhost.transport.ops->alive(&vhost.transport));
	end();
}
