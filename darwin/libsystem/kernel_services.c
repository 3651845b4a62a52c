// SPDX-License-Identifier: MIT
// What Darwin's kernel offers its own tools: tracing (which nobody has switched on), protection of the system (there is none), memory's
// level, and calls on volumes. Facts: xnu's bsd/sys/kdebug_signpost.h, csr.h, kern_memorystatus.h, fsctl.h; sync_volume_np(3).
#include "errno.h"
#include "sysctl.h"

#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

uint8_t darwin_kdebug_is_enabled(uint32_t event) { return (void)event, 0; }
int darwin_kdebug_nothing(void) { return 0; } // an event that nobody listens to
uint8_t darwin_os_variant_no(const char *subsystem) { return (void)subsystem, 0; }

// System Integrity Protection is off: each thing it could forbid is allowed.
int darwin_csr_check(uint32_t mask) { return (void)mask, 0; }
int darwin_csr_get_active_config(uint32_t *allowed) { return *allowed = 0xfff, 0; } // CSR_VALID_FLAGS

int darwin_sysctlbyname(const char *name, void *to, size_t *room, const void *new, size_t new_size);
int darwin_memorystatus_get_level(uint32_t *level)
{
	return darwin_sysctlbyname("kern.memorystatus_level", level, &(size_t){sizeof(*level)}, NULL, 0);
}

// ---- volumes --------------------------------------------------------------------------------------------------------

enum { SYNC_VOLUME = 0x80044101 }; // FSIOC_SYNC_VOLUME: _IOW('A', 1, uint32_t)

int darwin_fsync_volume_np(int file, int flags)
{
	(void)flags; // syncfs waits for all
	return (int)errno_result(syncfs(file));
}

int darwin_sync_volume_np(const char *path, int flags)
{
	int file = open(path, O_RDONLY | O_CLOEXEC);
	if (file < 0)
		return (int)errno_result(-1);
	int result = darwin_fsync_volume_np(file, flags);
	close(file);
	return result;
}

// Requests of Darwin's own file systems are unknown to all that are here: ENOTTY.
int darwin_ffsctl(int file, unsigned long request, void *data, unsigned options)
{
	(void)data, (void)options;
	if (fcntl(file, F_GETFD) < 0)
		return (int)errno_result(-1);
	return (uint32_t)request == (uint32_t)SYNC_VOLUME ? darwin_fsync_volume_np(file, 0) : errno_set(25);
}

int darwin_fsctl(const char *path, unsigned long request, void *data, unsigned options)
{
	int file = open(path, O_RDONLY | O_CLOEXEC | (options & 1 ? O_NOFOLLOW : 0)); // FSOPT_NOFOLLOW
	if (file < 0)
		return (int)errno_result(-1);
	int result = darwin_ffsctl(file, request, data, options);
	close(file);
	return result;
}

int darwin_unmount(const char *path, int flags)
{
	return (int)errno_result(umount2(path, flags & 0x80000 ? MNT_FORCE : 0)); // MNT_FORCE of Darwin
}
