// SPDX-License-Identifier: MIT
// What of Mach a task asks about itself and Linux can answer: names of itself, its memory. Facts: xnu's osfmk/mach/{mach_traps,vm_region}.h.
#include "errno.h"
#include "thread.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { KERN_SUCCESS = 0, KERN_INVALID_ADDRESS = 1, KERN_INVALID_ARGUMENT = 4, KERN_FAILURE = 5 };
#define TASK_SELF 0x103u // as a task's first name usually is

uint32_t darwin_mach_task_self_ = TASK_SELF;
uint64_t darwin_vm_page_size = 4096, darwin_vm_page_mask = 4095;
int darwin_vm_page_shift = 12;

uint32_t darwin_mach_thread_self(void)
{
	return (uint32_t)thread_self()->id;
}

uint32_t darwin_mach_host_self(void)
{
	return TASK_SELF + 0x100;
}

int darwin_mach_port_deallocate(uint32_t task, uint32_t name)
{
	(void)task, (void)name; // names of threads and of the host are not counted here
	return KERN_SUCCESS;
}

struct region {
	uint64_t start, end;
	uint32_t protection;
	char path[512];
};

// The first mapping at or above the address.
static bool region_find(uint64_t address, struct region *region)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	char line[768], access[8];
	bool found = false;
	while (maps && !found && fgets(line, sizeof(line), maps)) {
		region->path[0] = '\0';
		if (sscanf(line, "%lx-%lx %7s %*s %*s %*s %511[^\n]", &region->start, &region->end, access,
			   region->path) < 3 ||
		    region->end <= address)
			continue;
		region->protection =
			(access[0] == 'r' ? 1u : 0) | (access[1] == 'w' ? 2u : 0) | (access[2] == 'x' ? 4u : 0);
		found = true;
	}
	if (maps)
		fclose(maps);
	return found;
}

struct region_info { // vm_region_basic_info_64
	int32_t protection, most_protection;
	uint32_t inheritance, shared, reserved;
	uint64_t offset;
	int32_t behavior;
	uint16_t wired;
} __attribute__((packed, aligned(4)));

int darwin_mach_vm_region(uint32_t task, uint64_t *address, uint64_t *size, int flavor, int32_t *info, uint32_t *count,
			  uint32_t *object)
{
	struct region region;
	if (task != TASK_SELF || flavor != 9 || *count < sizeof(struct region_info) / 4) // VM_REGION_BASIC_INFO_64
		return KERN_INVALID_ARGUMENT;
	if (!region_find(*address, &region))
		return KERN_INVALID_ADDRESS;
	struct region_info answer = {.protection = (int32_t)region.protection, .most_protection = 7, .inheritance = 1};
	memcpy(info, &answer, sizeof(answer));
	*count = sizeof(answer) / 4;
	*address = region.start;
	*size = region.end - region.start;
	if (object)
		*object = 0;
	return KERN_SUCCESS;
}

int darwin_proc_regionfilename(int process, uint64_t address, char *to, uint32_t room)
{
	struct region region;
	if (process != getpid() || !region_find(address, &region) || region.start > address || region.path[0] != '/')
		return 0;
	snprintf(to, room, "%s", region.path);
	return (int)strlen(to);
}

// task_info and the like fail rather than invent numbers.
int darwin_task_info(uint32_t task, uint32_t flavor, int32_t *info, uint32_t *count)
{
	(void)task, (void)flavor, (void)info, (void)count;
	return KERN_FAILURE;
}
