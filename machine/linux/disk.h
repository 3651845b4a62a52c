// SPDX-License-Identifier: MIT
// Inside machine/linux: disks (--disk), the qemu-storage-daemon that serves each, and other backends of devices.
//
// A disk's image is opened, checked and locked at boot (disk.c). Its daemon inherits that descriptor, so the lock lasts as
// long as anybody can write: a kernel that is started after another one was killed waits for the daemon to be gone. The
// listening socket is made here as well, so that connecting never waits for a daemon that starts, nor races with it.
#ifndef MACHINE_LINUX_DISK_H
#define MACHINE_LINUX_DISK_H

#include "machine.h"

#include <sys/un.h>

#define DISKS_MAX 64u
#define DAEMON_NAME "qemu-storage-daemon"
#define DAEMON_LINE 256u

struct disk {
	const char *path;   // [I]
	bool read_only;     // [I]
	bool block;         // [I] a block device, not a file
	int image;          // [I] descriptor, locked with flock(2)
	int listener;       // [I] socket that the daemon accepts from
	struct sockaddr_un address; // [I] of the listener
	struct md_lock lock;
	pid_t pid;          // [lock] of the daemon
	int pidfd, output;  // [lock] -1: there is none
	bool ended;         // [lock] the machine ends: nobody starts or reaps a daemon any more
	unsigned starts;    // [lock]
	char line[DAEMON_LINE]; // [lock] unfinished line of its output
	size_t line_length; // [lock]
};

// ---- disk.c ---------------------------------------------------------------------------------------------------------

// All of --disk: the files are checked and locked, the sockets listen, the daemons are started. False: standard error says
// why.
bool disk_module_init(const struct linux_options *options);
unsigned disk_count(void);
struct disk *disk_get(unsigned number);
// Removes the sockets.
void disk_unlink(void);

// ---- daemon.c -------------------------------------------------------------------------------------------------------

// Where the program is; NULL: nowhere in $PATH.
const char *daemon_path(void);
// Starts the disk's daemon. 0, or errno. Lock held.
int daemon_start_locked(struct disk *disk);
// Notices the end of the daemon, with a line in the log. Lock held.
void daemon_reap_locked(struct disk *disk);
// True when the pid was a daemon's, which has been reaped by somebody.
bool daemon_was(pid_t pid);
// Ends all of them and waits until they are gone: the end of the machine.
void daemon_end_all(void);

// ---- backend.c ------------------------------------------------------------------------------------------------------

// A number for md_descriptor_backend. UINT32_MAX: too many.
uint32_t backend_add_disk(struct disk *disk);
uint32_t backend_add_socket(const char *path); // stays valid

// ---- tree.c ---------------------------------------------------------------------------------------------------------

// Reads --dtb, and makes the tree of the disks. False: standard error says why.
bool tree_module_init(const struct linux_options *options);

#endif
