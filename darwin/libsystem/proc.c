// SPDX-License-Identifier: MIT
// Processes of /proc (see proc.h), and what sysctl says of them. Facts: proc(5); xnu's bsd/sys/{sysctl,proc}.h: struct kinfo_proc has
// 648 bytes; KERN_PROC_ALL 0, PID 1, PGRP 2, SESSION 3, TTY 4, UID 5, RUID 6.
#include "proc.h"

#include "errno.h"
#include "proc_program.h"
#include "sysctl.h"

#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

bool proc_stat_read(int id, struct proc *to)
{
	char path[40], text[1024];
	struct stat status;
	snprintf(path, sizeof(path), "/proc/%d/stat", id);
	FILE *file = fopen(path, "re");
	size_t size = file ? fread(text, 1, sizeof(text) - 1, file) : 0;
	if (file && fstat(fileno(file), &status) == 0) {
		to->user = status.st_uid;
		to->group_id = status.st_gid;
	}
	if (file)
		fclose(file);
	text[size] = '\0';
	char *name = strchr(text, '('), *end = strrchr(text, ')');
	if (!name || !end)
		return errno_set(DARWIN_ESRCH) == 0;
	*end = '\0';
	snprintf(to->name, sizeof(to->name), "%s", name + 1);
	unsigned long long user, system, start, faults, major, virtual;
	long resident;
	int terminal;
	if (sscanf(end + 2, "%c %d %d %d %d %d %*u %llu %*u %llu %*u %llu %llu %*d %*d %*d %ld %d %*d %llu %llu %ld", &to->state, &to->parent,
		   &to->group, &to->session, &terminal, &to->terminal_group, &faults, &major, &user, &system, &to->nice, &to->threads, &start, &virtual, &resident) != 15)
		return errno_set(DARWIN_ESRCH) == 0;
	uint64_t tick = 1000000000u / (uint64_t)sysconf(_SC_CLK_TCK);
	to->id = id;
	// Linux has the minor number in bits 0 to 7 and 20 up, the major in 8 to 19; Darwin in 0 to 23 and 24 up.
	to->terminal = terminal ? (terminal & 0xfff00) << 16 | (terminal & 0xff) | (terminal >> 12 & 0xfff00) : -1;
	to->user_time = user * tick;
	to->system_time = system * tick;
	to->start = start * tick;
	to->faults = faults;
	to->major_faults = major;
	to->virtual_size = virtual;
	to->resident = (uint64_t)resident * 4096;
	return true;
}

uint64_t proc_boot_time(void)
{
	struct timespec now, up;
	clock_gettime(CLOCK_REALTIME, &now);
	clock_gettime(CLOCK_BOOTTIME, &up);
	return (uint64_t)(now.tv_sec - up.tv_sec) * 1000000000u + (uint64_t)now.tv_nsec - (uint64_t)up.tv_nsec;
}

// ---- struct kinfo_proc: offsets of what programs read ---------------------------------------------------------------

enum {
	KINFO_SIZE = 648,
	START = 0, // of kp_proc: p_un.p_starttime
	FLAG = 32,
	STAT = 36,
	PID = 40,
	NICE = 242,
	COMM = 243,
	REAL_USER = 392, // of kp_eproc: e_pcred.p_ruid
	USER = 420,	 // e_ucred.cr_uid
	PARENT = 560,
	GROUP = 564,
	TERMINAL = 572
};

static void put32(char *to, int at, uint32_t value)
{
	memcpy(to + at, &value, sizeof(value));
}

static void kinfo_write(const struct proc *process, char *to)
{
	uint64_t start = proc_boot_time() + process->start;
	const int64_t time[2] = {(int64_t)(start / 1000000000u), (int64_t)(start / 1000 % 1000000)};
	memset(to, 0, KINFO_SIZE);
	memcpy(to + START, time, sizeof(time));
	put32(to, FLAG, 0x4); // P_LP64, and not P_TRACED 0x800
	to[STAT] = process->state == 'Z' ? 5 : process->state == 'T' || process->state == 't' ? 4 : 2;
	put32(to, PID, (uint32_t)process->id);
	to[NICE] = (char)process->nice;
	memcpy(to + COMM, process->name, strnlen(process->name, 16)); // MAXCOMLEN
	put32(to, REAL_USER, process->user);
	put32(to, USER, process->user);
	put32(to, REAL_USER + 4, process->user);	// saved
	put32(to, REAL_USER + 8, process->group_id); // p_rgid, p_svgid
	put32(to, REAL_USER + 12, process->group_id);
	to[USER + 4] = 1; // cr_ngroups, cr_groups
	put32(to, USER + 8, process->group_id);
	put32(to, PARENT, (uint32_t)process->parent);
	put32(to, GROUP, (uint32_t)process->group);
	put32(to, TERMINAL, (uint32_t)process->terminal);
	put32(to, TERMINAL + 4, (uint32_t)process->terminal_group);
}

static bool proc_wanted(const struct proc *process, int kind, int value)
{
	switch (kind) {
	case 0: return true;
	case 1: return process->id == value;
	case 2: return process->group == value;
	case 3: return process->session == value;
	case 4: return process->terminal == value;
	case 5:
	case 6: return process->user == (unsigned)value;
	default: return false;
	}
}

int sysctl_process(int kind, int value, void *to, size_t *room)
{
	struct proc process;
	size_t used = 0;
	if (!room)
		return 0;
	if (kind == 1) { // one by number needs no search
		char one[KINFO_SIZE];
		if (!proc_stat_read(value, &process)) {
			*room = 0; // Darwin answers with nothing
			return 0;
		}
		kinfo_write(&process, one);
		return sysctl_answer(one, sizeof(one), to, room);
	}
	DIR *folder = opendir("/proc");
	if (!folder)
		return (int)errno_result(-1);
	int error = 0;
	for (const struct dirent *entry; (entry = readdir(folder)) && !error;) {
		int id = isdigit((unsigned char)entry->d_name[0]) ? atoi(entry->d_name) : 0;
		if (id == 0 || !proc_stat_read(id, &process) || !proc_wanted(&process, kind, value))
			continue;
		if (to && used + KINFO_SIZE > *room)
			error = DARWIN_ENOMEM;
		else if (to)
			kinfo_write(&process, (char *)to + used);
		used += error ? 0 : KINFO_SIZE;
	}
	closedir(folder);
	*room = to ? used : used + used / 8; // some more than there are now, as on Darwin
	return error ? errno_set(error) : 0;
}

static size_t file_read(int process, const char *name, char *to, size_t room)
{
	char path[48];
	snprintf(path, sizeof(path), "/proc/%d/%s", process, name);
	FILE *file = fopen(path, "re");
	size_t size = file ? fread(to, 1, room, file) : 0;
	if (file)
		fclose(file);
	return size;
}

// argc, the path, zeros up to a word, arguments, environment: xnu's bsd/kern/kern_sysctl.c (sysctl_procargsx).
int sysctl_arguments(int process, void *to, size_t *room)
{
	enum { MOST = 1 << 20 };
	struct proc_program program;
	char *block = room ? malloc(MOST) : NULL, *words = room ? malloc(MOST / 2) : NULL;
	if (!block || !words) {
		free(block);
		free(words);
		return room ? errno_set(DARWIN_ENOMEM) : 0;
	}
	size_t size = file_read(process, "cmdline", words, MOST / 2 - 1);
	words[size] = '\0';
	bool known = proc_program_find(process, words, size, &program);
	size_t used = 4, count = size > 0;
	if (known) {
		used += (size_t)sprintf(block + used, "%s", program.path) + 1;
		while (used % 8)
			block[used++] = '\0';
		if (size > 0)
			used += (size_t)sprintf(block + used, "%s", program.name) + 1;
		for (size_t i = 0; i < program.words_size; i++)
			count += program.words[i] == '\0';
		memcpy(block + used, program.words_size > 0 ? program.words : "", program.words_size);
		used += program.words_size;
		put32(block, 0, (uint32_t)count);
		used += file_read(process, "environ", block + used, MOST / 4);
	}
	int result = known ? sysctl_answer(block, used, to, room) : errno_set(DARWIN_EINVAL);
	free(words);
	free(block);
	return result;
}
