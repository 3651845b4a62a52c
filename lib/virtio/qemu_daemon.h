// SPDX-License-Identifier: MIT
// qemu-storage-daemon for tests: serves a temporary image as vhost-user-blk. Include it in one file of a test program.
#ifndef VIRTIO_QEMU_DAEMON_H
#define VIRTIO_QEMU_DAEMON_H

#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { QEMU_IMAGE = 32 << 20 }; // bytes of the image

static char qemu_folder[64], qemu_image[96], qemu_socket[96];
static pid_t qemu_pid;

static void qemu_launch(bool writable)
{
	char blockdev[256], export[256];
	snprintf(blockdev, sizeof(blockdev), "driver=file,node-name=d,filename=%s,discard=unmap,read-only=%s", qemu_image,
		 writable ? "off" : "on");
	snprintf(export, sizeof(export), "type=vhost-user-blk,id=e,node-name=d,addr.type=unix,addr.path=%s,writable=%s", qemu_socket,
		 writable ? "on" : "off");
	qemu_pid = fork();
	if (qemu_pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL); // also when a check fails
		execlp("qemu-storage-daemon", "qemu-storage-daemon", "--blockdev", blockdev, "--export", export, (char *)NULL);
		perror("qemu-storage-daemon");
		_exit(127);
	}
}

static bool qemu_answers(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	strcpy(address.sun_path, qemu_socket);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool connected = connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0;
	close(fd);
	return connected;
}

// Waits until it takes connections. False: it ended.
static bool qemu_start(bool writable)
{
	struct timespec pause = {.tv_nsec = 2000000};
	for (qemu_launch(writable); !qemu_answers(); nanosleep(&pause, NULL)) {
		if (waitpid(qemu_pid, NULL, WNOHANG) == qemu_pid) {
			qemu_pid = 0;
			return false;
		}
	}
	return true;
}

static void qemu_stop(int signal)
{
	if (qemu_pid > 0) {
		kill(qemu_pid, signal);
		waitpid(qemu_pid, NULL, 0);
	}
	qemu_pid = 0;
	unlink(qemu_socket);
}

// Fills `model` and an image with the same bytes, and has it served.
static bool qemu_begin(uint8_t *model, bool writable)
{
	strcpy(qemu_folder, "/tmp/gila-vhost-XXXXXX");
	if (!mkdtemp(qemu_folder))
		return false;
	snprintf(qemu_image, sizeof(qemu_image), "%s/image", qemu_folder);
	snprintf(qemu_socket, sizeof(qemu_socket), "%s/socket", qemu_folder);
	int fd = open(qemu_image, O_CREAT | O_RDWR, 0600);
	for (size_t i = 0; i < QEMU_IMAGE; i++)
		model[i] = (uint8_t)(i * 2654435761u >> 13);
	bool written = fd >= 0 && write(fd, model, QEMU_IMAGE) == QEMU_IMAGE;
	close(fd);
	return written && qemu_start(writable);
}

static bool qemu_image_is(const uint8_t *model)
{
	uint8_t *contents = malloc(QEMU_IMAGE);
	int fd = open(qemu_image, O_RDONLY);
	bool right = fd >= 0 && contents && read(fd, contents, QEMU_IMAGE) == QEMU_IMAGE && memcmp(contents, model, QEMU_IMAGE) == 0;
	close(fd);
	free(contents);
	return right;
}

static void qemu_end(void)
{
	qemu_stop(SIGTERM);
	unlink(qemu_image);
	rmdir(qemu_folder);
}

#endif
