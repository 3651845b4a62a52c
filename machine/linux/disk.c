// SPDX-License-Identifier: MIT
// --disk: the images, checked before anything starts; see disk.h.
//
// flock(2) keeps two Gila kernels apart. Virtual machines of QEMU use locks of their own on bytes of the file; theirs are
// looked for (block/file-posix.c of QEMU 7.2 documents them: byte 100 + N says "I do N", 200 + N "nobody else may do N",
// N = 0 consistent read, 1 write).
#include "disk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <linux/fs.h>
#include <time.h>
#include <unistd.h>

#define LOCK_TRIES 300 // of 10 ms: the daemon of a kernel that was killed may need as long to end

static struct disk disks[DISKS_MAX];
static unsigned count;

unsigned disk_count(void) { return count; }
struct disk *disk_get(unsigned number) { return &disks[number]; }

static bool refuse(const struct disk *disk, const char *why)
{
	host_complain("--disk%s %s: %s", disk->read_only ? "-readonly" : "", disk->path, why);
	return false;
}

// ---- The image -----------------------------------------------------------------------------------------------------

static bool qemu_uses(int file, off_t byte)
{
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = byte, .l_len = 1};
	return fcntl(file, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
}

// Who writes, or (if we want to) wants nobody to write.
static bool qemu_conflicts(const struct disk *disk)
{
	return qemu_uses(disk->image, 101) || qemu_uses(disk->image, 200) ||
	       (!disk->read_only && qemu_uses(disk->image, 201));
}

static bool image_lock(struct disk *disk)
{
	const struct timespec pause = {0, 10000000};
	int kind = (disk->read_only ? LOCK_SH : LOCK_EX) | LOCK_NB;
	for (int i = 0; flock(disk->image, kind) < 0; i++) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return refuse(disk, strerror(errno));
		if (i == LOCK_TRIES)
			return refuse(disk, "another system uses it (it is locked)");
		nanosleep(&pause, NULL);
	}
	return !qemu_conflicts(disk) || refuse(disk, "a virtual machine uses it (QEMU has locked it)");
}

// Said at once, where waiting for the lock would be in vain.
static bool image_is_twice(const struct disk *disk, const struct stat *status)
{
	struct stat other;
	for (unsigned i = 0; i < count; i++)
		if (!(disk->read_only && disks[i].read_only) && fstat(disks[i].image, &other) == 0 &&
		    other.st_dev == status->st_dev && other.st_ino == status->st_ino)
			return true;
	return false;
}

static bool image_open(struct disk *disk)
{
	struct stat status;
	uint64_t size = 0;
	if (stat(disk->path, &status) < 0)
		return refuse(disk, strerror(errno));
	disk->block = S_ISBLK(status.st_mode);
	if (!disk->block && !S_ISREG(status.st_mode))
		return refuse(disk, S_ISDIR(status.st_mode) ? "is a directory" : "is neither a file nor a block device");
	disk->image = open(disk->path, (disk->read_only ? O_RDONLY : O_RDWR) | O_CLOEXEC);
	if (disk->image < 0 || fstat(disk->image, &status) < 0)
		return refuse(disk, errno == EACCES && !disk->read_only && access(disk->path, R_OK) == 0
					    ? "cannot be written; --disk-readonly only reads it"
					    : strerror(errno));
	if (disk->block)
		(void)ioctl(disk->image, BLKGETSIZE64, &size);
	else
		size = (uint64_t)status.st_size;
	if (size == 0)
		return refuse(disk, "is empty");
	if (size % 512 != 0)
		return refuse(disk, "its size is no multiple of 512 bytes");
	if (image_is_twice(disk, &status))
		return refuse(disk, "is given twice");
	return image_lock(disk);
}

// ---- The socket ----------------------------------------------------------------------------------------------------

static bool listener_make(struct disk *disk)
{
	disk->address.sun_family = AF_UNIX;
	int size = snprintf(disk->address.sun_path, sizeof(disk->address.sun_path), "%s.disk%u", checkin_path(), count);
	if (size < 0 || (size_t)size >= sizeof(disk->address.sun_path))
		return refuse(disk, "the path of the session's socket is too long for a disk's beside it");
	unlink(disk->address.sun_path); // of a kernel that was killed: checkin_listen found none that lives
	disk->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	mode_t mask = umask(0077);
	bool bound = disk->listener >= 0 &&
		     bind(disk->listener, (struct sockaddr *)&disk->address, sizeof(disk->address)) == 0;
	int error = errno;
	umask(mask);
	if (!bound || listen(disk->listener, 16) < 0) {
		host_complain("the socket %s cannot be made: %s", disk->address.sun_path, strerror(bound ? errno : error));
		return false;
	}
	return true;
}

void disk_unlink(void)
{
	for (unsigned i = 0; i < count; i++)
		unlink(disks[i].address.sun_path);
}

// ---- Events and beginning ------------------------------------------------------------------------------------------

void disk_event(uint32_t number)
{
	if (number >= count)
		return;
	md_lock_acquire(&disks[number].lock);
	daemon_reap_locked(&disks[number]);
	md_lock_release(&disks[number].lock);
}

static bool disk_prepare(struct disk *disk, const struct linux_disk *wish)
{
	*disk = (struct disk){
		.path = wish->path, .read_only = wish->read_only, .image = -1, .listener = -1, .pidfd = -1, .output = -1};
	md_lock_init(&disk->lock);
	if (!image_open(disk) || !listener_make(disk))
		return false;
	count++;
	int error = daemon_start_locked(disk);
	if (error)
		host_complain("%s cannot be started: %s", daemon_path(), strerror(error));
	return error == 0;
}

bool disk_module_init(const struct linux_options *options)
{
	if (options->disk_count > DISKS_MAX) {
		host_complain("more than %u disks", DISKS_MAX);
		return false;
	}
	if (options->disk_count > 0 && !daemon_path()) {
		host_complain("--disk needs " DAEMON_NAME ", which is not there: install Debian's package qemu-system-common");
		return false;
	}
	for (unsigned i = 0; i < options->disk_count; i++)
		if (!disk_prepare(&disks[i], &options->disks[i])) {
			daemon_end_all();
			disk_unlink();
			return false;
		}
	return true;
}
