// SPDX-License-Identifier: MIT
// devname: the name in /dev of a device's number. Facts: devname(3); sysfs(5): /sys/dev.
#include "errno.h"

#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

// By the kernel's own list, else by looking through /dev.
static int find(uint32_t number, uint16_t type, char *to, size_t room)
{
	char path[64], line[256];
	unsigned major_number = number >> 24, minor_number = number & 0xffffff;
	snprintf(path, sizeof(path), "/sys/dev/%s/%u:%u/uevent", (type & 0170000) == 0060000 ? "block" : "char", major_number, minor_number);
	FILE *file = fopen(path, "re");
	int found = 0;
	while (file && !found && fgets(line, sizeof(line), file))
		if (strncmp(line, "DEVNAME=", 8) == 0) {
			line[strcspn(line, "\n")] = '\0';
			found = (size_t)snprintf(to, room, "%s", line + 8) < room;
		}
	if (file)
		fclose(file);
	DIR *folder = found ? NULL : opendir("/dev");
	for (const struct dirent *entry; folder && !found && (entry = readdir(folder));) {
		struct stat status;
		if (fstatat(dirfd(folder), entry->d_name, &status, 0) == 0 && (status.st_mode & 0170000) == (type & 0170000) && status.st_rdev == makedev(major_number, minor_number))
			found = (size_t)snprintf(to, room, "%s", entry->d_name) < room;
	}
	if (folder)
		closedir(folder);
	return found;
}

char *darwin_devname_r(int32_t number, uint16_t type, char *to, int room)
{
	return room > 0 && find((uint32_t)number, type, to, (size_t)room) ? to : NULL;
}

char *darwin_devname(int32_t number, uint16_t type)
{
	static __thread char name[256];
	return darwin_devname_r(number, type, name, sizeof(name));
}
