// SPDX-License-Identifier: MIT
// Volumes: the file system that a file is on. Facts: CFURL.h (kCFURLVolume*Key); statfs(2); proc(5) (mountinfo); sysfs' block/removable.
#include "constant.h"
#include "url.h"

#include <limits.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>

CONSTANT(darwin_kCFURLVolumeNameKey, "NSURLVolumeNameKey");
CONSTANT(darwin_kCFURLVolumeTotalCapacityKey, "NSURLVolumeTotalCapacityKey");
CONSTANT(darwin_kCFURLVolumeAvailableCapacityKey, "NSURLVolumeAvailableCapacityKey");
CONSTANT(darwin_kCFURLVolumeAvailableCapacityForImportantUsageKey, "NSURLVolumeAvailableCapacityForImportantUsageKey");
CONSTANT(darwin_kCFURLVolumeIsReadOnlyKey, "NSURLVolumeIsReadOnlyKey");
CONSTANT(darwin_kCFURLVolumeIsLocalKey, "NSURLVolumeIsLocalKey");
CONSTANT(darwin_kCFURLVolumeIsInternalKey, "NSURLVolumeIsInternalKey");
CONSTANT(darwin_kCFURLVolumeIsRemovableKey, "NSURLVolumeIsRemovableKey");
CONSTANT(darwin_kCFURLVolumeIsEjectableKey, "NSURLVolumeIsEjectableKey");
CONSTANT(darwin_kCFURLVolumeIsBrowsableKey, "NSURLVolumeIsBrowsableKey");

static const void *boolean(bool value)
{
	return value ? darwin_kCFBooleanTrue : darwin_kCFBooleanFalse;
}

static bool is_local(const char *path)
{
	struct statfs status;
	if (statfs(path, &status))
		return true;
	return status.f_type != NFS_SUPER_MAGIC && status.f_type != SMB_SUPER_MAGIC &&
	       status.f_type != CIFS_SUPER_MAGIC && status.f_type != SMB2_SUPER_MAGIC &&
	       status.f_type != AFS_SUPER_MAGIC;
}

// Of a partition its disk says so. What is no disk is not removable.
static bool is_removable(uint64_t device)
{
	static const char *const places[] = {"removable", "../removable"};
	char path[128];
	int value = 0;
	for (int i = 0; i < 2; i++) {
		snprintf(path, sizeof(path), "/sys/dev/block/%u:%u/%s", major(device), minor(device), places[i]);
		FILE *file = fopen(path, "re");
		bool read = file && fscanf(file, "%d", &value) == 1;
		if (file)
			fclose(file);
		if (read)
			break;
	}
	return value == 1;
}

bool volume_mount_point(unsigned wanted_major, unsigned wanted_minor, char point[PATH_MAX])
{
	char line[PATH_MAX * 2];
	unsigned this_major, this_minor;
	bool found = false;
	FILE *file = fopen("/proc/self/mountinfo", "re");
	while (file && !found && fgets(line, sizeof(line), file))
		found = sscanf(line, "%*d %*d %u:%u %*s %4095s", &this_major, &this_minor, point) == 3 &&
			this_major == wanted_major && this_minor == wanted_minor;
	if (file)
		fclose(file);
	return found;
}

// Linux' file systems need no names: the last part of where it is mounted stands for one.
static struct string *volume_name(uint64_t device)
{
	char point[PATH_MAX];
	if (!volume_mount_point(major(device), minor(device), point))
		return NULL;
	const char *slash = strrchr(point, '/');
	return string_from_text(slash && slash[1] ? slash + 1 : point);
}

const void *url_volume_value(const char *path, uint64_t device, const void *key)
{
	struct statvfs volume;
	if (darwin_CFEqual(key, darwin_kCFURLVolumeNameKey))
		return volume_name(device);
	if (darwin_CFEqual(key, darwin_kCFURLVolumeIsLocalKey))
		return boolean(is_local(path));
	if (darwin_CFEqual(key, darwin_kCFURLVolumeIsRemovableKey) ||
	    darwin_CFEqual(key, darwin_kCFURLVolumeIsEjectableKey))
		return boolean(is_removable(device));
	if (darwin_CFEqual(key, darwin_kCFURLVolumeIsInternalKey))
		return boolean(is_local(path) && !is_removable(device));
	if (darwin_CFEqual(key, darwin_kCFURLVolumeIsBrowsableKey))
		return boolean(true);
	if (statvfs(path, &volume))
		return NULL;
	if (darwin_CFEqual(key, darwin_kCFURLVolumeTotalCapacityKey))
		return number_make((int64_t)(volume.f_blocks * volume.f_frsize));
	if (darwin_CFEqual(key, darwin_kCFURLVolumeAvailableCapacityKey) ||
	    darwin_CFEqual(key, darwin_kCFURLVolumeAvailableCapacityForImportantUsageKey))
		return number_make((int64_t)(volume.f_bavail * volume.f_frsize));
	return darwin_CFEqual(key, darwin_kCFURLVolumeIsReadOnlyKey) ? boolean(volume.f_flag & ST_RDONLY) : NULL;
}
