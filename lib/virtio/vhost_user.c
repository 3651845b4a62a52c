// SPDX-License-Identifier: MIT
// virtio over vhost-user; see vhost_user.h. Names of requests are those of docs/interop/vhost-user.rst.
#include "vhost_user_message.h"

#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#define CALL_OK(expression)                                                                                            \
	do {                                                                                                           \
		kern_return_t error_ = (expression);                                                                   \
		if (error_)                                                                                            \
			return error_;                                                                                 \
	} while (0)

static struct vhost_user *vhost_of(struct virtio_transport *transport) { return (struct vhost_user *)(void *)transport; }

static kern_return_t set_number(struct vhost_user *vhost, uint32_t request, uint64_t number)
{
	struct vhost_user_message message = {.request = request, .size = sizeof(message.number), .number = number};
	return vhost_user_tell(vhost, &message, NULL, 0);
}

static kern_return_t get_number(struct vhost_user *vhost, uint32_t request, uint64_t *number)
{
	struct vhost_user_message message = {.request = request, .size = 0};
	kern_return_t error = vhost_user_ask(vhost, &message, sizeof(message.number));
	*number = message.number;
	return error;
}

static kern_return_t set_vring(struct vhost_user *vhost, uint32_t request, uint32_t index, uint32_t number)
{
	struct vhost_user_message message = {.request = request, .size = sizeof(message.vring), .vring = {index, number}};
	if (request == VHOST_USER_SET_VRING_ENABLE)
		return vhost_user_call(vhost, &message, NULL, 0); // all before it has been taken, too
	return vhost_user_tell(vhost, &message, NULL, 0);
}

static kern_return_t set_descriptor(struct vhost_user *vhost, uint32_t request, uint32_t index, int descriptor)
{
	struct vhost_user_message message = {.request = request, .size = sizeof(message.number), .number = index};
	return vhost_user_tell(vhost, &message, &descriptor, 1);
}

// ---- Features ------------------------------------------------------------------------------------------------------------

static kern_return_t set_protocol(struct vhost_user *vhost)
{
	const uint64_t wanted = VHOST_USER_P_REPLY_ACK | VHOST_USER_P_CONFIG | VHOST_USER_P_CONFIGURE_MEM_SLOTS;
	uint64_t offered;
	CALL_OK(get_number(vhost, VHOST_USER_GET_PROTOCOL_FEATURES, &offered));
	if (!(offered & VHOST_USER_P_CONFIG))
		return vhost_user_fail(vhost, VHOST_USER_GET_PROTOCOL_FEATURES, "the back-end cannot tell its configuration");
	CALL_OK(set_number(vhost, VHOST_USER_SET_PROTOCOL_FEATURES, offered & wanted));
	vhost->protocol = offered & wanted;
	return KERN_SUCCESS;
}

static kern_return_t vhost_features(struct virtio_transport *transport, uint64_t *offered)
{
	struct vhost_user *vhost = vhost_of(transport);
	*offered = vhost->offered & ~VHOST_USER_F_PROTOCOL_FEATURES;
	return KERN_SUCCESS;
}

static kern_return_t vhost_accept(struct virtio_transport *transport, uint64_t features)
{
	struct vhost_user *vhost = vhost_of(transport);
	return set_number(vhost, VHOST_USER_SET_FEATURES, features | VHOST_USER_F_PROTOCOL_FEATURES);
}

static kern_return_t vhost_config(struct virtio_transport *transport, uint32_t offset, void *to, uint32_t size,
				  const uint8_t *widths)
{
	struct vhost_user *vhost = vhost_of(transport);
	struct vhost_user_message message = {.request = VHOST_USER_GET_CONFIG, .config = {.offset = 0, .size = offset + size}};
	if (size > VHOST_USER_CONFIG_MAX || offset > VHOST_USER_CONFIG_MAX - size)
		return vhost_user_fail(vhost, VHOST_USER_GET_CONFIG, "more than a message takes");
	message.size = 12 + offset + size;
	CALL_OK(vhost_user_ask(vhost, &message, message.size));
	if (message.config.size != offset + size)
		return vhost_user_fail(vhost, VHOST_USER_GET_CONFIG, "the back-end has less");
	memcpy(to, message.config.bytes + offset, size);
	return KERN_SUCCESS;
}

// ---- Memory --------------------------------------------------------------------------------------------------------------

static struct vhost_user_memory_region describe(const struct vhost_user_region *region)
{
	return (struct vhost_user_memory_region){
		.guest_address = region->address, .size = region->size, .user_address = region->address};
}

static kern_return_t send_table(struct vhost_user *vhost)
{
	struct vhost_user_message message = {.request = VHOST_USER_SET_MEM_TABLE, .table = {.count = vhost->regions}};
	int descriptors[VHOST_USER_TABLE_MAX];
	for (uint32_t i = 0; i < vhost->regions; i++) {
		message.table.regions[i] = describe(&vhost->region[i]);
		descriptors[i] = vhost->region[i].descriptor;
	}
	message.size = 8 + vhost->regions * (uint32_t)sizeof(message.table.regions[0]);
	return vhost_user_call(vhost, &message, descriptors, vhost->regions);
}

static kern_return_t change_region(struct vhost_user *vhost, uint32_t request, const struct vhost_user_region *region)
{
	struct vhost_user_message message = {.request = request, .size = sizeof(message.memory), .memory = {.region = describe(region)}};
	return vhost_user_call(vhost, &message, &region->descriptor, request == VHOST_USER_ADD_MEM_REG);
}

static bool by_slots(const struct vhost_user *vhost) { return vhost->protocol & VHOST_USER_P_CONFIGURE_MEM_SLOTS; }

static kern_return_t vhost_memory_add(struct virtio_transport *transport, uint64_t bus_address, uint64_t size, int descriptor)
{
	struct vhost_user *vhost = vhost_of(transport);
	struct vhost_user_region region = {.address = bus_address, .size = size, .descriptor = descriptor};
	kern_return_t error;
	if (vhost->regions == transport->memory_room) {
		close(descriptor);
		return vhost_user_fail(vhost, VHOST_USER_ADD_MEM_REG, "no room for more memory");
	}
	vhost->region[vhost->regions++] = region;
	error = by_slots(vhost) ? change_region(vhost, VHOST_USER_ADD_MEM_REG, &region) : send_table(vhost);
	if (error)
		vhost->regions--;
	if (error || by_slots(vhost)) {
		close(descriptor);
		vhost->region[vhost->regions - !error].descriptor = -1;
	}
	return error;
}

static kern_return_t vhost_memory_remove(struct virtio_transport *transport, uint64_t bus_address, uint64_t size)
{
	struct vhost_user *vhost = vhost_of(transport);
	for (uint32_t i = 0; i < vhost->regions; i++) {
		struct vhost_user_region region = vhost->region[i];
		if (region.address != bus_address || region.size != size)
			continue;
		vhost->region[i] = vhost->region[--vhost->regions];
		if (region.descriptor >= 0)
			close(region.descriptor);
		return by_slots(vhost) ? change_region(vhost, VHOST_USER_REM_MEM_REG, &region) : send_table(vhost);
	}
	return vhost_user_fail(vhost, VHOST_USER_REM_MEM_REG, "no such memory");
}

// ---- Queues --------------------------------------------------------------------------------------------------------------

static kern_return_t vhost_queue_set(struct virtio_transport *transport, const struct virtio_queue *queue)
{
	struct vhost_user *vhost = vhost_of(transport);
	uint32_t index = queue->index;
	struct vhost_user_message message = {
		.request = VHOST_USER_SET_VRING_ADDR,
		.size = sizeof(message.address),
		.address = {.index = index, .descriptors = queue->descriptors, .used = queue->used, .available = queue->available},
	};
	if (index >= VHOST_USER_QUEUES || index != vhost->queues)
		return vhost_user_fail(vhost, VHOST_USER_SET_VRING_ADDR, "no such queue");
	vhost->kick[index] = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (vhost->kick[index] < 0)
		return vhost_user_fail(vhost, VHOST_USER_SET_VRING_KICK, "no descriptor is left");
	vhost->queues = index + 1;
	CALL_OK(set_vring(vhost, VHOST_USER_SET_VRING_NUM, index, queue->size));
	CALL_OK(set_vring(vhost, VHOST_USER_SET_VRING_BASE, index, 0));
	CALL_OK(vhost_user_tell(vhost, &message, NULL, 0));
	CALL_OK(set_descriptor(vhost, VHOST_USER_SET_VRING_CALL, index, queue->interrupt_descriptor));
	return set_descriptor(vhost, VHOST_USER_SET_VRING_KICK, index, vhost->kick[index]);
}

// With protocol features a queue begins disabled.
static kern_return_t vhost_start(struct virtio_transport *transport)
{
	struct vhost_user *vhost = vhost_of(transport);
	for (uint32_t i = 0; i < vhost->queues; i++)
		CALL_OK(set_vring(vhost, VHOST_USER_SET_VRING_ENABLE, i, 1));
	return KERN_SUCCESS;
}

static void vhost_notify(struct virtio_transport *transport, uint16_t queue)
{
	uint64_t one = 1;
	ssize_t written = write(vhost_of(transport)->kick[queue], &one, sizeof(one));
	(void)written; // a full counter has notified already
}

static bool vhost_alive(struct virtio_transport *transport)
{
	struct pollfd wait = {.fd = vhost_of(transport)->socket, .events = POLLIN | POLLRDHUP};
	// It has nothing to say unless asked: what can be read now is its end.
	return poll(&wait, 1, 0) == 0;
}

// GET_VRING_BASE stops a queue; the end of the connection makes the back-end forget the rest.
static void vhost_reset(struct virtio_transport *transport)
{
	struct vhost_user *vhost = vhost_of(transport);
	bool alive = true;
	for (uint32_t i = 0; i < vhost->queues; i++) {
		struct vhost_user_message message = {
			.request = VHOST_USER_GET_VRING_BASE, .size = sizeof(message.vring), .vring = {.index = i}};
		alive = alive && vhost_user_ask(vhost, &message, message.size) == KERN_SUCCESS;
		close(vhost->kick[i]);
	}
	for (uint32_t i = 0; i < vhost->regions; i++)
		if (vhost->region[i].descriptor >= 0)
			close(vhost->region[i].descriptor);
	close(vhost->socket);
	vhost->queues = vhost->regions = 0;
	vhost->socket = -1;
}

static const struct virtio_transport_ops vhost_ops = {
	.features = vhost_features,
	.accept = vhost_accept,
	.config = vhost_config,
	.memory_add = vhost_memory_add,
	.memory_remove = vhost_memory_remove,
	.queue_set = vhost_queue_set,
	.start = vhost_start,
	.notify = vhost_notify,
	.alive = vhost_alive,
	.reset = vhost_reset,
};

// How much memory the back-end takes note of.
static kern_return_t ask_room(struct vhost_user *vhost)
{
	uint64_t slots = VHOST_USER_TABLE_MAX;
	if (by_slots(vhost))
		CALL_OK(get_number(vhost, VHOST_USER_GET_MAX_MEM_SLOTS, &slots));
	vhost->transport.memory_room = slots < VHOST_USER_REGIONS ? (uint32_t)slots : VHOST_USER_REGIONS;
	return slots ? KERN_SUCCESS : vhost_user_fail(vhost, VHOST_USER_GET_MAX_MEM_SLOTS, "no room for memory");
}

static kern_return_t begin(struct vhost_user *vhost)
{
	struct vhost_user_message owner = {.request = VHOST_USER_SET_OWNER};
	CALL_OK(get_number(vhost, VHOST_USER_GET_FEATURES, &vhost->offered));
	if (!(vhost->offered & VHOST_USER_F_PROTOCOL_FEATURES))
		return vhost_user_fail(vhost, VHOST_USER_GET_FEATURES, "the back-end has no protocol features");
	CALL_OK(set_protocol(vhost));
	CALL_OK(ask_room(vhost));
	return vhost_user_tell(vhost, &owner, NULL, 0);
}

kern_return_t vhost_user_open(struct vhost_user *vhost, int socket, int timeout_ms)
{
	memset(vhost, 0, sizeof(*vhost));
	vhost->transport.ops = &vhost_ops;
	vhost->socket = socket;
	vhost->timeout_ms = timeout_ms;
	kern_return_t error = begin(vhost);
	if (error) {
		close(socket);
		vhost->socket = -1;
	}
	return error;
}
