// SPDX-License-Identifier: MIT
// A bit of a program's text is flipped (md_task_flip). The text is mapped from the memfd that all processes of the program share, private
// and not writable; a write to /proc/PID/mem gives the process a page of its own and changes that (proc(5), "forced" writes).
// Needs CONFIG_PROC_MEM_ALWAYS_FORCE or what it was before Linux 6.12; without it the answer is KERN_PROTECTION_FAILURE.
#include "machine.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define IMAGE "/memfd:" // launch.c executes programs from a memfd

// One line of /proc/PID/maps: is it executable memory of the program?
static bool is_text(const char *line, uint64_t *begin, uint64_t *end)
{
	char permissions[5];
	return sscanf(line, "%" SCNx64 "-%" SCNx64 " %4s", begin, end, permissions) == 3 && permissions[2] == 'x' &&
	       strstr(line, IMAGE) != NULL;
}

// The address of the byte with that number among all bytes of text; `number` is reduced to how many there are. 0: there are none.
static uint64_t find_byte(FILE *maps, uint64_t *number)
{
	char line[512];
	uint64_t begin, end, total = 0;
	while (fgets(line, sizeof(line), maps))
		if (is_text(line, &begin, &end))
			total += end - begin;
	if (total == 0)
		return 0;
	*number %= total;
	rewind(maps);
	for (uint64_t before = 0; fgets(line, sizeof(line), maps);) {
		if (!is_text(line, &begin, &end))
			continue;
		if (*number < before + (end - begin))
			return begin + (*number - before);
		before += end - begin;
	}
	return 0;
}

static uint64_t choose(pid_t pid, uint64_t choice)
{
	char path[64];
	snprintf(path, sizeof(path), "/proc/%d/maps", (int)pid);
	FILE *maps = fopen(path, "re");
	if (!maps)
		return 0;
	uint64_t address = find_byte(maps, &choice);
	fclose(maps);
	return address;
}

kern_return_t md_task_flip(struct task *task, uint64_t choice, uint64_t *address, unsigned *bit)
{
	char path[64];
	uint8_t byte = 0;
	pid_t pid = task_pid(task);
	*address = pid ? choose(pid, choice >> 3) : 0;
	*bit = choice & 7;
	if (*address == 0)
		return KERN_NOT_SUPPORTED; // gone, or nothing that the kernel launched
	snprintf(path, sizeof(path), "/proc/%d/mem", (int)pid);
	int memory = open(path, O_RDWR | O_CLOEXEC);
	bool done = memory >= 0 && pread(memory, &byte, 1, (off_t)*address) == 1;
	byte ^= (uint8_t)(1u << *bit);
	done = done && pwrite(memory, &byte, 1, (off_t)*address) == 1;
	if (memory >= 0)
		close(memory);
	return done ? KERN_SUCCESS : KERN_PROTECTION_FAILURE;
}
