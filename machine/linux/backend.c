// SPDX-License-Identifier: MIT
// What stands behind devices: Unix sockets of vhost-user backends, by number. A disk's is served by its daemon, which is
// started again here if it has died; others (the property gila,socket of a device tree) are somebody else's.
//
// Connecting to a Unix socket does not wait: it succeeds when there is room in the listener's queue, and else it is refused
// at once (O_NONBLOCK, connect(2)).
#include "disk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#define BACKENDS_MAX 256u

static struct backend {
	struct disk *disk;    // [I] NULL: only a socket
	const char *path;     // [I] of the socket
} backends[BACKENDS_MAX];
static unsigned count;

static uint32_t backend_add(struct backend backend)
{
	if (count == BACKENDS_MAX)
		return UINT32_MAX;
	backends[count] = backend;
	return count++;
}

uint32_t backend_add_disk(struct disk *disk)
{
	return backend_add((struct backend){.disk = disk, .path = disk->address.sun_path});
}

uint32_t backend_add_socket(const char *path) { return backend_add((struct backend){.path = path}); }

static bool daemon_ensure(struct disk *disk)
{
	int error = 0;
	md_lock_acquire(&disk->lock);
	daemon_reap_locked(disk);
	if (disk->pidfd < 0 && !disk->ended) {
		error = daemon_start_locked(disk);
		if (error)
			log_line("disk", "%s: %s cannot be started again: %s", disk->path, daemon_path(), strerror(error));
		else
			log_line("disk", "%s: " DAEMON_NAME " is started again", disk->path);
	}
	md_lock_release(&disk->lock);
	return error == 0;
}

// The connection, blocking; -1: errno.
static int backend_connect(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	if (snprintf(address.sun_path, sizeof(address.sun_path), "%s", path) >= (int)sizeof(address.sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	int file = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (file < 0)
		return -1;
	if (connect(file, (struct sockaddr *)&address, sizeof(address)) < 0) {
		int error = errno;
		close(file);
		errno = error;
		return -1;
	}
	fcntl(file, F_SETFL, 0);
	return file;
}

kern_return_t md_descriptor_backend(struct md_descriptor *descriptor, uint32_t number)
{
	descriptor->file = 0;
	if (number >= count)
		return KERN_NOT_FOUND;
	struct backend *backend = &backends[number];
	if (backend->disk && !daemon_ensure(backend->disk))
		return KERN_FAILURE;
	int file = backend_connect(backend->path);
	if (file < 0) {
		int error = errno;
		log_line("linux", "the backend %s cannot be reached: %s", backend->path, strerror(error));
		return error == EAGAIN || error == EMFILE || error == ENFILE ? KERN_RESOURCE_SHORTAGE : KERN_FAILURE;
	}
	descriptor->file = file + 1;
	return KERN_SUCCESS;
}
