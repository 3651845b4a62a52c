// SPDX-License-Identifier: MIT
// A vhost-user disk without a kernel; see vhost_direct.h.
#include "vhost_direct.h"

#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define BUS UINT64_C(0x100000000) // where the memory is for the device; any address would do

static kern_return_t fail(struct vhost_direct *direct, const char *why)
{
	direct->vhost.transport.problem = why;
	return KERN_FAILURE;
}

static int connect_to(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	if (strlen(path) >= sizeof(address.sun_path))
		return -1;
	strcpy(address.sun_path, path);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof(address))) {
		close(fd);
		fd = -1;
	}
	return fd;
}

static kern_return_t make_memory(struct vhost_direct *direct, int *descriptor)
{
	direct->size = virtio_blk_bytes() + direct->data_size;
	*descriptor = memfd_create("vhost-direct", MFD_CLOEXEC);
	if (*descriptor < 0 || ftruncate(*descriptor, (off_t)direct->size))
		return fail(direct, "no memory");
	void *memory = mmap(NULL, direct->size, PROT_READ | PROT_WRITE, MAP_SHARED, *descriptor, 0);
	if (memory == MAP_FAILED)
		return fail(direct, "no memory");
	direct->memory = memory;
	direct->data = direct->memory + virtio_blk_bytes();
	return KERN_SUCCESS;
}

static kern_return_t open_device(struct vhost_direct *direct, int descriptor)
{
	struct virtio_transport *transport = &direct->vhost.transport;
	struct virtio_queue queue = {.interrupt_descriptor = direct->call};
	kern_return_t error = transport->ops->memory_add(transport, BUS, direct->size, descriptor);
	return error ? error : virtio_blk_open(&direct->blk, transport, direct->memory, BUS, &queue);
}

kern_return_t vhost_direct_open(struct vhost_direct *direct, const char *path, uint64_t data_size)
{
	int descriptor;
	memset(direct, 0, sizeof(*direct));
	direct->data_size = data_size;
	int socket = connect_to(path);
	if (socket < 0)
		return fail(direct, "nobody serves the socket");
	kern_return_t error = vhost_user_open(&direct->vhost, socket, VHOST_USER_TIMEOUT_MS);
	if (error)
		return error;
	direct->call = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	error = make_memory(direct, &descriptor);
	if (!error)
		error = open_device(direct, descriptor);
	if (error)
		vhost_direct_close(direct);
	return error;
}

bool vhost_direct_submit(struct vhost_direct *direct, enum virtio_blk_type type, uint64_t sector, uint64_t place, uint32_t bytes,
			 void *token)
{
	struct virtqueue_segment data = {.bus_address = BUS + virtio_blk_bytes() + place, .size = bytes};
	bool has_data = type == VIRTIO_BLK_READ || type == VIRTIO_BLK_WRITE;
	return virtio_blk_submit(&direct->blk, type, sector, bytes / 512, &data, has_data, token);
}

static unsigned take(struct vhost_direct *direct)
{
	enum virtio_blk_status status;
	unsigned count = 0;
	for (void *token; (token = virtio_blk_take(&direct->blk, &status)); count++)
		if (direct->done)
			direct->done(token, status);
	return count;
}

unsigned vhost_direct_poll(struct vhost_direct *direct, int timeout_ms)
{
	struct pollfd wait = {.fd = direct->call, .events = POLLIN};
	uint64_t calls;
	virtio_blk_publish(&direct->blk);
	unsigned count = take(direct);
	while (count == 0 && virtio_blk_in_flight(&direct->blk)) {
		if (!virtio_blk_sleep(&direct->blk)) {
			if (poll(&wait, 1, timeout_ms) <= 0)
				return 0;
			if (read(direct->call, &calls, sizeof(calls)) < 0)
				return 0;
		}
		if (virtio_blk_problem(&direct->blk))
			return 0;
		count = take(direct);
	}
	return count;
}

void vhost_direct_close(struct vhost_direct *direct)
{
	direct->vhost.transport.ops->reset(&direct->vhost.transport);
	close(direct->call);
	if (direct->memory)
		munmap(direct->memory, direct->size);
	direct->memory = NULL;
}
