// SPDX-License-Identifier: MIT
// qemu-storage-daemon, one for each disk: started at boot and again when it is found dead, ended with the machine.
//
// It gets the image as descriptor 3, the listening socket as 4, no input, and a pipe as its output, whose lines go to the
// log. It dies with the kernel (PR_SET_PDEATHSIG), and is in a session of its own, so that Ctrl-C is not for it.
// qemu-storage-daemon(1) explains its options.
#include "disk.h"

#include <errno.h>
#include <fcntl.h>
#include <lib/gila/hosted_clone.h>
#include <linux/close_range.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define END_TIME 1000     // ms until a daemon that was asked to end is killed
#define LOCK_TIME 100     // ms that the end waits for a disk's lock
#define PIECES_AT_ONCE 64 // of its output

// The pids that there have been, newest kept: process_end_all reaps whatever child it finds.
static _Atomic pid_t pids[DISKS_MAX];

const char *daemon_path(void)
{
	static char path[256];
	const char *list = getenv("PATH");
	if (path[0])
		return path;
	for (const char *at = list && *list ? list : "/usr/bin:/bin"; *at;) {
		size_t length = strcspn(at, ":");
		int size = snprintf(path, sizeof(path), "%.*s/" DAEMON_NAME, (int)length, at);
		if (length > 0 && size > 0 && (size_t)size < sizeof(path) && access(path, X_OK) == 0)
			return path;
		at += length;
		at += *at == ':';
	}
	path[0] = 0;
	return NULL;
}

// ---- Starting ------------------------------------------------------------------------------------------------------

struct daemon_child {
	int image, listener, null, output;
	pid_t kernel;
	const char *path;
	char *arguments[8];
	char **environment;
	_Atomic int error;
};

// In the memory of the kernel, which waits, as launch.c's: plain system calls on its argument. First out of the way of the
// targets, then to them.
BARE static void daemon_child_main(void *argument)
{
	struct daemon_child *child = argument;
	launch_child_prepare();
	if (syscall(SYS_getppid) != child->kernel)
		_exit(127);
	syscall(SYS_setsid);
	long image = syscall(SYS_fcntl, child->image, F_DUPFD, 16), listener = syscall(SYS_fcntl, child->listener, F_DUPFD, 16);
	long null = syscall(SYS_fcntl, child->null, F_DUPFD, 16), output = syscall(SYS_fcntl, child->output, F_DUPFD, 16);
	if (image < 0 || listener < 0 || null < 0 || output < 0 || syscall(SYS_dup3, null, 0, 0) < 0 ||
	    syscall(SYS_dup3, output, 1, 0) < 0 || syscall(SYS_dup3, output, 2, 0) < 0 ||
	    syscall(SYS_dup3, image, 3, 0) < 0 || syscall(SYS_dup3, listener, 4, 0) < 0 ||
	    syscall(SYS_close_range, 5, ~0u, 0) < 0)
		goto failed;
	syscall(SYS_execve, child->path, child->arguments, child->environment);
failed:
	atomic_store(&child->error, errno);
	_exit(127);
}

static int daemon_run(struct disk *disk, int output)
{
	static char blockdev[] = "--blockdev", export[] = "--export";
	char file[160], raw[96], vhost[160];
	const char *mode = disk->read_only ? ",read-only=on" : ",discard=unmap";
	snprintf(file, sizeof(file), "driver=%s,node-name=file,filename=/proc/self/fd/3%s",
		 disk->block ? "host_device" : "file", mode);
	snprintf(raw, sizeof(raw), "driver=raw,node-name=disk,file=file%s", mode);
	snprintf(vhost, sizeof(vhost), "type=vhost-user-blk,id=disk,node-name=disk,writable=%s,addr.type=fd,addr.str=4",
		 disk->read_only ? "off" : "on");
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC), error = errno;
	if (null < 0)
		return error;
	struct daemon_child child = {
		.image = disk->image,
		.listener = disk->listener,
		.null = null,
		.output = output,
		.kernel = getpid(),
		.path = daemon_path(),
		.arguments = {(char *)(uintptr_t)daemon_path(), blockdev, file, blockdev, raw, export, vhost, NULL},
		.environment = environ,
	};
	disk->pid = launch_bare(daemon_child_main, &child, &disk->pidfd);
	error = disk->pid < 0 ? errno : atomic_load(&child.error);
	close(null);
	return error;
}

static void daemon_forget_locked(struct disk *disk)
{
	int *files[] = {&disk->pidfd, &disk->output};
	for (unsigned i = 0; i < array_count(files); i++) {
		if (*files[i] < 0)
			continue;
		source_remove(*files[i]);
		close(*files[i]);
		*files[i] = -1;
	}
}

int daemon_start_locked(struct disk *disk)
{
	int ends[2];
	uint32_t number = (uint32_t)(disk - disk_get(0));
	if (disk->ended)
		return ECANCELED;
	if (pipe2(ends, O_CLOEXEC) < 0)
		return errno;
	fcntl(ends[0], F_SETFL, O_NONBLOCK);
	int error = daemon_run(disk, ends[1]);
	close(ends[1]);
	disk->output = ends[0];
	if (!error && !(source_add(disk->output, SOURCE_DISK, number, 0) && source_add(disk->pidfd, SOURCE_DISK, number, 0)))
		error = errno;
	if (error) {
		if (disk->pidfd >= 0) {
			siginfo_t info;
			syscall(SYS_pidfd_send_signal, disk->pidfd, SIGKILL, NULL, 0);
			waitid(P_PIDFD, (id_t)disk->pidfd, &info, WEXITED);
		}
		daemon_forget_locked(disk);
		return error;
	}
	disk->starts++;
	atomic_store(&pids[number], disk->pid);
	return 0;
}

bool daemon_was(pid_t pid)
{
	for (unsigned i = 0; i < DISKS_MAX; i++)
		if (atomic_load(&pids[i]) == pid)
			return true;
	return false;
}

// ---- What it says, and its end -------------------------------------------------------------------------------------

static void daemon_say_locked(struct disk *disk)
{
	if (disk->line_length > 0)
		log_line("disk", "%s: %.*s", disk->path, (int)disk->line_length, disk->line);
	disk->line_length = 0;
}

static void daemon_read_locked(struct disk *disk)
{
	char text[1024];
	for (int piece = 0; piece < PIECES_AT_ONCE; piece++) {
		ssize_t size = read(disk->output, text, sizeof(text));
		for (ssize_t i = 0; i < size; i++) {
			if (text[i] == '\n' || disk->line_length == DAEMON_LINE)
				daemon_say_locked(disk);
			if (text[i] != '\n')
				disk->line[disk->line_length++] = (unsigned char)text[i] >= ' ' ? text[i] : ' ';
		}
		if (size <= 0)
			return;
	}
	// More is there, and no further event will say so.
	source_remove(disk->output);
	if (!source_add(disk->output, SOURCE_DISK, (uint32_t)(disk - disk_get(0)), 0))
		log_line("disk", "%s: what " DAEMON_NAME " says is lost from here on", disk->path);
}

void daemon_reap_locked(struct disk *disk)
{
	siginfo_t info = {.si_pid = 0};
	if (disk->pidfd < 0 || disk->ended)
		return;
	daemon_read_locked(disk);
	if (waitid(P_PIDFD, (id_t)disk->pidfd, &info, WEXITED | WNOHANG) < 0 || info.si_pid == 0)
		return;
	daemon_read_locked(disk);
	daemon_say_locked(disk);
	daemon_forget_locked(disk);
	log_line("disk", "%s: " DAEMON_NAME " has ended by %s %d", disk->path,
		 info.si_code == CLD_EXITED ? "exit status" : "signal", info.si_status);
}

// The descriptor of the daemon, which is the caller's now; -1: there is none. After a panic the lock may be held for ever.
static int daemon_take(struct disk *disk)
{
	const struct timespec pause = {0, 1000000};
	bool locked = md_lock_try(&disk->lock);
	for (int i = 0; !locked && i < LOCK_TIME; i++) {
		nanosleep(&pause, NULL);
		locked = md_lock_try(&disk->lock);
	}
	int pidfd = disk->ended ? -1 : disk->pidfd;
	disk->ended = true;
	if (locked)
		md_lock_release(&disk->lock);
	return pidfd;
}

static void daemon_end(int pidfd)
{
	siginfo_t info;
	struct pollfd ended = {.fd = pidfd, .events = POLLIN};
	if (pidfd < 0)
		return;
	if (poll(&ended, 1, END_TIME) != 1)
		syscall(SYS_pidfd_send_signal, pidfd, SIGKILL, NULL, 0);
	waitid(P_PIDFD, (id_t)pidfd, &info, WEXITED);
}

void daemon_end_all(void)
{
	int ending[DISKS_MAX];
	// In an orderly way, so that what it was given is with the host's kernel.
	for (unsigned i = 0; i < disk_count(); i++) {
		ending[i] = daemon_take(disk_get(i));
		if (ending[i] >= 0)
			syscall(SYS_pidfd_send_signal, ending[i], SIGTERM, NULL, 0);
	}
	for (unsigned i = 0; i < disk_count(); i++)
		daemon_end(ending[i]);
}
