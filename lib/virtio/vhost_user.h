// SPDX-License-Identifier: MIT
// virtio over vhost-user: the front-end's half of the protocol (QEMU, docs/interop/vhost-user.rst) over a connected Unix socket.
// Hosted only.
//
// To use one: vhost_user_open with a connected socket, then virtio_transport's operations (transport.h).
// 1. The back-end is not believed: replies are checked, and none is waited for longer than timeout_ms.
// 2. To the back-end a bus address is both the guest's and the front-end's: it sees one address for each byte.
// 3. What changes memory, and the start, is acknowledged if the back-end can (REPLY_ACK): memory_add and start have happened when they
//    have succeeded.
#ifndef VIRTIO_VHOST_USER_H
#define VIRTIO_VHOST_USER_H

#include "transport.h"

#define VHOST_USER_TIMEOUT_MS 3000 // is long: a back-end first ends what an earlier connection left
#define VHOST_USER_REGIONS 64u  // pieces of memory, if the back-end takes as many; 8 if it cannot be told of one at a time
#define VHOST_USER_QUEUES 1u

struct vhost_user_region {
	uint64_t address, size;
	int descriptor; // kept when whole tables must be sent; else -1
};

struct vhost_user {
	struct virtio_transport transport; // the first member
	int socket, timeout_ms;
	uint64_t offered;   // virtio's features and VHOST_USER_F_PROTOCOL_FEATURES
	uint64_t protocol;  // features of the protocol in use
	int kick[VHOST_USER_QUEUES];
	uint32_t queues;    // that were set
	uint32_t regions;
	struct vhost_user_region region[VHOST_USER_REGIONS];
	char text[128];     // of transport.problem
};

// The socket becomes the transport's, also on an error: KERN_FAILURE, with the reason in transport.problem.
kern_return_t vhost_user_open(struct vhost_user *vhost, int socket, int timeout_ms) VIRTIO_CHECKED;

#endif
