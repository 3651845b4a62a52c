// SPDX-License-Identifier: MIT
// Of proc_pidinfo: threads and memory of a process. Facts: xnu's bsd/sys/proc_info.h (struct proc_threadinfo, proc_regionwithpathinfo);
// proc(5): /proc/PID/task, maps. A thread's handle is Linux' number of it.
#include "errno.h"
#include "proc_info.h"

#include <ctype.h>
#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct thread_information { // struct proc_threadinfo
	uint64_t user_time, system_time;
	int32_t usage, policy, state, flags, sleep, priority, base_priority, most_priority;
	char name[64];
};
struct region_information { // struct proc_regioninfo
	uint32_t protection, most_protection, inheritance, flags;
	uint64_t offset;
	uint32_t behavior, wired, tag, resident, shared_now_private, swapped, dirtied, references, shadow, share_mode, private_resident,
		shared_resident, object, depth;
	uint64_t address, size;
};
_Static_assert(sizeof(struct thread_information) == 112 && sizeof(struct region_information) == 96, "<sys/proc_info.h>");

int proc_threads_list(int id, void *to, int size)
{
	char path[48];
	int count = 0;
	snprintf(path, sizeof(path), "/proc/%d/task", id);
	DIR *folder = opendir(path);
	if (!folder)
		return errno_set(DARWIN_ESRCH), 0;
	for (const struct dirent *entry; (entry = readdir(folder)) && (!to || (count + 1) * 8 <= size);)
		if (isdigit((unsigned char)entry->d_name[0])) {
			uint64_t thread = (uint64_t)atoi(entry->d_name);
			if (to)
				memcpy((char *)to + 8 * count, &thread, 8);
			count++;
		}
	closedir(folder);
	return count * 8;
}

// TH_STATE_RUNNING 1, STOPPED 2, WAITING 3, UNINTERRUPTIBLE 4
static int32_t state_of(char state)
{
	return state == 'R' ? 1 : state == 'T' || state == 't' ? 2 : state == 'D' ? 4 : 3;
}

int proc_thread_describe(int id, uint64_t thread, void *to, int size)
{
	char path[64], text[512];
	struct thread_information information = {.policy = 1 /* POLICY_TIMESHARE */, .priority = 31, .base_priority = 31, .most_priority = 63};
	unsigned long user, system;
	char state;
	if (size < (int)sizeof(information))
		return errno_set(DARWIN_ENOMEM), 0;
	snprintf(path, sizeof(path), "/proc/%d/task/%lu/stat", id, (unsigned long)thread);
	FILE *file = fopen(path, "re");
	size_t length = file ? fread(text, 1, sizeof(text) - 1, file) : 0;
	if (file)
		fclose(file);
	text[length] = '\0';
	char *name = strchr(text, '('), *end = strrchr(text, ')');
	if (!name || !end || sscanf(end + 2, "%c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &state, &user, &system) != 3)
		return errno_set(DARWIN_ESRCH), 0;
	uint64_t tick = 1000000000u / (uint64_t)sysconf(_SC_CLK_TCK);
	information.user_time = user * tick;
	information.system_time = system * tick;
	information.state = state_of(state);
	*end = '\0';
	snprintf(information.name, sizeof(information.name), "%s", name + 1);
	memcpy(to, &information, sizeof(information));
	return (int)sizeof(information);
}

struct mapping {
	unsigned long start, end, offset;
	char access[8], path[1024];
};

// The mapping that holds the address, or the first behind it. False, and errno is set: there is none.
static bool mapping_find(int id, uint64_t address, struct mapping *found)
{
	char path[40], line[1200];
	snprintf(path, sizeof(path), "/proc/%d/maps", id);
	FILE *file = fopen(path, "re");
	if (!file)
		return errno_set(errno == ENOENT ? DARWIN_ESRCH : errno_to_darwin(errno)) == 0;
	bool done = false;
	while (!done && fgets(line, sizeof(line), file)) {
		found->path[0] = '\0';
		done = sscanf(line, "%lx-%lx %7s %lx %*s %*s %1023[^\n]", &found->start, &found->end, found->access, &found->offset,
			      found->path) >= 4 &&
		       found->end > address;
	}
	fclose(file);
	return done || errno_set(DARWIN_EINVAL) == 0;
}

int proc_region_describe(int id, uint64_t address, bool with_path, void *to, int size)
{
	struct mapping mapping;
	struct stat status;
	struct {
		struct region_information region;
		struct vnode_path file;
	} answer;
	int wanted = with_path ? (int)sizeof(answer) : (int)sizeof(answer.region);
	memset(&answer, 0, sizeof(answer));
	if (size < wanted)
		return errno_set(DARWIN_ENOMEM), 0;
	if (!mapping_find(id, address, &mapping))
		return 0;
	bool shared = mapping.access[3] == 's', is_file = mapping.path[0] == '/';
	uint32_t protection = (mapping.access[0] == 'r' ? 1 : 0) | (mapping.access[1] == 'w' ? 2 : 0) | (mapping.access[2] == 'x' ? 4 : 0);
	answer.region = (struct region_information){.protection = protection,
						    .most_protection = 7,
						    .inheritance = shared ? 0 : 1, // VM_INHERIT_SHARE, COPY
						    .offset = mapping.offset,
						    .references = 1,
						    .share_mode = shared ? 4 : is_file ? 1 : 2, // SM_SHARED, COW, PRIVATE
						    .address = mapping.start,
						    .size = mapping.end - mapping.start};
	if (is_file) {
		if (stat(mapping.path, &status) == 0)
			proc_vnode_of(&status, &answer.file.vnode);
		memcpy(answer.file.path, mapping.path, sizeof(answer.file.path));
	}
	memcpy(to, &answer, (size_t)wanted);
	return wanted;
}

int darwin_proc_regionfilename(int id, uint64_t address, char *to, uint32_t room)
{
	struct mapping mapping;
	if (!mapping_find(id, address, &mapping) || mapping.start > address || mapping.path[0] != '/')
		return 0;
	snprintf(to, room, "%s", mapping.path);
	return (int)strlen(to);
}
