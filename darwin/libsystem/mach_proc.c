// SPDX-License-Identifier: MIT
// Reading /proc; see mach_proc.h.
#include "mach_proc.h"

#include <dirent.h>
#include <fcntl.h>
#include <mach/kern_return.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool proc_read(const char *path, char *text, size_t room)
{
	size_t used = 0;
	ssize_t size = 0;
	int file = open(path, O_RDONLY | O_CLOEXEC);
	while (file >= 0 && used + 1 < room && (size = read(file, text + used, room - 1 - used)) > 0)
		used += (size_t)size;
	text[used] = '\0';
	if (file >= 0)
		close(file);
	return used > 0;
}

uint64_t proc_number(const char *text, const char *word)
{
	size_t length = strlen(word);
	for (const char *line = text; line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL)
		if (strncmp(line, word, length) == 0)
			return strtoull(line + length, NULL, 10);
	return 0;
}

bool proc_read_thread(int id, struct proc_thread *thread)
{
	char path[64], text[1024];
	unsigned long user, system;
	uint64_t tick = 1000000000u / (uint64_t)sysconf(_SC_CLK_TCK);
	snprintf(path, sizeof(path), "/proc/self/task/%d/stat", id);
	if (!proc_read(path, text, sizeof(text)))
		return false;
	const char *rest = strrchr(text, ')'); // the name before it may hold anything
	// state, ten numbers, utime (14th field), stime, cutime, cstime, priority
	if (!rest || sscanf(rest + 1, " %c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu %*d %*d %d", &thread->state,
			    &user, &system, &thread->priority) != 4)
		return false;
	thread->user = user * tick;
	thread->system = system * tick;
	return true;
}

unsigned proc_threads(int *ids, unsigned room)
{
	unsigned count = 0;
	DIR *folder = opendir("/proc/self/task");
	struct dirent *entry;
	while (folder && (entry = readdir(folder))) {
		if (entry->d_name[0] == '.')
			continue;
		if (count < room)
			ids[count] = atoi(entry->d_name);
		count++;
	}
	if (folder)
		closedir(folder);
	return count;
}

int mach_info_give(const void *info, mach_msg_type_number_t words, mach_msg_type_number_t least, integer_t *out,
		   mach_msg_type_number_t *count)
{
	if (*count < least)
		return KERN_INVALID_ARGUMENT;
	if (*count > words)
		*count = words;
	memcpy(out, info, *count * sizeof(integer_t));
	return KERN_SUCCESS;
}
