// SPDX-License-Identifier: MIT
// The machine linux for its one user, `gila boot`: a Gila kernel in this process.
#ifndef MACHINE_LINUX_LINUX_H
#define MACHINE_LINUX_LINUX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct linux_disk {
	const char *path;
	bool read_only;
};

struct linux_options {
	const char *image;        // path of the boot archive; NULL: none
	const char *socket;       // where programs find the kernel; NULL: linux_socket_default()
	int listening;            // a socket that is bound there and listens already; 0: none
	uint64_t idle;            // ns without clients after which the kernel ends; 0: never
	const char *log;          // file that log text is appended to; NULL: none
	const char *command_line; // of the kernel; NULL: ""
	const struct linux_disk *disks;
	unsigned disk_count;
	const char *const *trees; // paths of device trees
	unsigned tree_count;
	unsigned workers;         // CPUs; 0: as many as the process may use, at most 8
	bool verbose;             // log text goes to standard error
};

// Runs the kernel until its end: does not return unless it could not start; then standard error says why, and the
// result is the exit status to use. The strings must stay valid.
int linux_boot(const struct linux_options *options);
// The path of qemu-storage-daemon, which serves disks; NULL: it is not there.
const char *linux_disk_daemon(void);
// The default socket path: $XDG_RUNTIME_DIR (or /tmp) /gila-UID/session. False when it does not fit.
bool linux_socket_default(char *path, size_t room);

#endif
