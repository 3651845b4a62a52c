// SPDX-License-Identifier: MIT
// Messages of vhost-user as they lie on the wire (QEMU, docs/interop/vhost-user.rst, "Message Specification"), and sending and
// receiving them.
#ifndef VIRTIO_VHOST_USER_MESSAGE_H
#define VIRTIO_VHOST_USER_MESSAGE_H

#include "vhost_user.h"

enum vhost_user_request {
	VHOST_USER_GET_FEATURES = 1,
	VHOST_USER_SET_FEATURES = 2,
	VHOST_USER_SET_OWNER = 3,
	VHOST_USER_SET_MEM_TABLE = 5,
	VHOST_USER_SET_VRING_NUM = 8,
	VHOST_USER_SET_VRING_ADDR = 9,
	VHOST_USER_SET_VRING_BASE = 10,
	VHOST_USER_GET_VRING_BASE = 11,
	VHOST_USER_SET_VRING_KICK = 12,
	VHOST_USER_SET_VRING_CALL = 13,
	VHOST_USER_GET_PROTOCOL_FEATURES = 15,
	VHOST_USER_SET_PROTOCOL_FEATURES = 16,
	VHOST_USER_SET_VRING_ENABLE = 18,
	VHOST_USER_GET_CONFIG = 24,
	VHOST_USER_GET_MAX_MEM_SLOTS = 36,
	VHOST_USER_ADD_MEM_REG = 37,
	VHOST_USER_REM_MEM_REG = 38,
};

#define VHOST_USER_VERSION 1u        // of flags
#define VHOST_USER_VERSION_MASK 3u
#define VHOST_USER_REPLY 4u
#define VHOST_USER_NEED_REPLY 8u

#define VHOST_USER_F_PROTOCOL_FEATURES (UINT64_C(1) << 30)
#define VHOST_USER_P_REPLY_ACK (UINT64_C(1) << 3)
#define VHOST_USER_P_CONFIG (UINT64_C(1) << 9)
#define VHOST_USER_P_CONFIGURE_MEM_SLOTS (UINT64_C(1) << 15)

#define VHOST_USER_TABLE_MAX 8u      // regions of SET_MEM_TABLE
#define VHOST_USER_CONFIG_MAX 256u

struct vhost_user_memory_region {
	uint64_t guest_address, size, user_address, offset;
};

struct vhost_user_message {
	uint32_t request, flags, size;
	union {
		uint64_t number;
		struct {
			uint32_t index, number;
		} vring;
		struct {
			uint32_t index, flags;
			uint64_t descriptors, used, available, log;
		} address;
		struct {
			uint32_t count, padding;
			struct vhost_user_memory_region regions[VHOST_USER_TABLE_MAX];
		} table;
		struct {
			uint64_t padding;
			struct vhost_user_memory_region region;
		} memory;
		struct {
			uint32_t offset, size, flags;
			uint8_t bytes[VHOST_USER_CONFIG_MAX];
		} config;
	} __attribute__((packed));
} __attribute__((packed));

#define VHOST_USER_HEAD 12u

_Static_assert(sizeof(((struct vhost_user_message *)0)->table) == 264, "memory table");
_Static_assert(sizeof(((struct vhost_user_message *)0)->address) == 40, "vring address");
_Static_assert(__builtin_offsetof(struct vhost_user_message, number) == VHOST_USER_HEAD, "the payload follows the header");

// Keeps the reason, returns KERN_FAILURE.
kern_return_t vhost_user_fail(struct vhost_user *vhost, uint32_t request, const char *why);
// Sends it with descriptors and does not wait: the back-end takes messages in order, so the next acknowledgement counts for it too.
kern_return_t vhost_user_tell(struct vhost_user *vhost, struct vhost_user_message *message, const int *descriptors,
			      unsigned count) VIRTIO_CHECKED;
// The same, and waits for the acknowledgement if the back-end gives them.
kern_return_t vhost_user_call(struct vhost_user *vhost, struct vhost_user_message *message, const int *descriptors,
			      unsigned count) VIRTIO_CHECKED;
// Sends it and waits for the answer, whose payload has `size` bytes. The answer replaces the message.
kern_return_t vhost_user_ask(struct vhost_user *vhost, struct vhost_user_message *message, uint32_t size) VIRTIO_CHECKED;

#endif
