// SPDX-License-Identifier: MIT
// libproc: what /proc says of processes. Facts: xnu's libsyscall/wrappers/libproc/libproc.h, bsd/sys/proc_info.h, bsd/sys/resource.h
// (struct rusage_info_v*).
#include "errno.h"
#include "proc.h"
#include "proc_info.h"
#include "proc_program.h"

#include <ctype.h>
#include <dirent.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/klog.h>
#include <unistd.h>

// ---- names ----------------------------------------------------------------------------------------------------------

int darwin_proc_pidpath(int id, char *to, uint32_t room)
{
	char path[40], words[8192];
	struct proc_program program;
	int darwin_NSGetExecutablePath(char *, uint32_t *);
	if (id == getpid() && darwin_NSGetExecutablePath(to, &room) == 0)
		return (int)strlen(to);
	snprintf(path, sizeof(path), "/proc/%d/cmdline", id);
	FILE *file = fopen(path, "re");
	size_t size = file ? fread(words, 1, sizeof(words) - 1, file) : 0;
	if (file)
		fclose(file);
	words[size] = '\0';
	if (!proc_program_find(id, words, size, &program))
		return errno_set(errno == ENOENT ? DARWIN_ESRCH : errno_to_darwin(errno)), 0;
	int length = snprintf(to, room, "%s", program.path);
	return length < (int)room ? length : (errno_set(DARWIN_ENOMEM), 0);
}

int darwin_proc_name(int id, char *to, uint32_t room)
{
	struct proc process;
	if (!proc_stat_read(id, &process))
		return 0;
	snprintf(to, room, "%.31s", process.name);
	return (int)strlen(to);
}

// ---- lists ----------------------------------------------------------------------------------------------------------

enum { ALL_PIDS = 1, PGRP_ONLY, TTY_ONLY, UID_ONLY, RUID_ONLY, PPID_ONLY };

static bool process_wanted(int id, uint32_t kind, uint32_t value)
{
	struct proc process;
	if (kind == ALL_PIDS)
		return true;
	if (!proc_stat_read(id, &process))
		return false;
	return kind == PGRP_ONLY ? process.group == (int)value : kind == PPID_ONLY ? process.parent == (int)value : process.user == value;
}

// Bytes written; to NULL: bytes that there would be.
int darwin_proc_listpids(uint32_t kind, uint32_t value, int *to, int size)
{
	DIR *folder = opendir("/proc");
	int count = 0, room = size / (int)sizeof(int);
	if (!folder)
		return (int)errno_result(-1);
	for (const struct dirent *entry; (entry = readdir(folder)) && (!to || count < room);) {
		int id = isdigit((unsigned char)entry->d_name[0]) ? atoi(entry->d_name) : 0;
		if (id == 0 || !process_wanted(id, kind, value))
			continue;
		if (to)
			to[count] = id;
		count++;
	}
	closedir(folder);
	return count * (int)sizeof(int);
}

int darwin_proc_listallpids(int *to, int size)
{
	return darwin_proc_listpids(ALL_PIDS, 0, to, size) / (int)sizeof(int);
}

int darwin_proc_listchildpids(int parent, int *to, int size)
{
	return darwin_proc_listpids(PPID_ONLY, (uint32_t)parent, to, size) / (int)sizeof(int);
}

int darwin_proc_listpgrppids(int group, int *to, int size)
{
	return darwin_proc_listpids(PGRP_ONLY, (uint32_t)group, to, size) / (int)sizeof(int);
}

// ---- what they do ---------------------------------------------------------------------------------------------------

struct task_information { // struct proc_taskinfo
	uint64_t virtual_size, resident, user_time, system_time, threads_user, threads_system;
	int32_t policy, faults, pageins, cow_faults, sent, received, mach_calls, unix_calls, switches, threads, running, priority;
};
struct bsd_information { // struct proc_bsdinfo
	uint32_t flags, status, exit_status, id, parent, user, group_id, real_user, real_group, saved_user, saved_group, reserved;
	char short_name[16], name[32];
	uint32_t files, group, jobs, terminal, terminal_group;
	int32_t nice;
	uint64_t start_seconds, start_microseconds;
};
_Static_assert(sizeof(struct task_information) == 96 && sizeof(struct bsd_information) == 136, "<sys/proc_info.h>");

static struct task_information task_of(const struct proc *process)
{
	return (struct task_information){.virtual_size = process->virtual_size, .resident = process->resident, .user_time = process->user_time, .system_time = process->system_time, .policy = 1 /* POLICY_TIMESHARE */, .faults = (int32_t)process->faults, .pageins = (int32_t)process->major_faults, .threads = process->threads, .running = process->state == 'R', .priority = 31};
}

static struct bsd_information bsd_of(const struct proc *process)
{
	uint64_t start = proc_boot_time() + process->start;
	// SIDL 1, SRUN 2, SSLEEP 3, SSTOP 4, SZOMB 5; Darwin says SRUN of whatever is not stopped.
	uint32_t status = process->state == 'Z' ? 5 : process->state == 'T' || process->state == 't' ? 4 : 2;
	struct bsd_information to = {.flags = 0x10 /* PROC_FLAG_LP64 */, .status = status, .id = (uint32_t)process->id, .parent = (uint32_t)process->parent, .user = process->user, .group_id = process->group_id, .real_user = process->user, .real_group = process->group_id, .saved_user = process->user, .saved_group = process->group_id, .group = (uint32_t)process->group, .terminal = (uint32_t)process->terminal, .terminal_group = (uint32_t)process->terminal_group, .nice = (int32_t)process->nice, .start_seconds = start / 1000000000u, .start_microseconds = start / 1000 % 1000000};
	snprintf(to.short_name, sizeof(to.short_name), "%.15s", process->name);
	snprintf(to.name, sizeof(to.name), "%.31s", process->name);
	return to;
}

// Pairs of a descriptor and its kind: ATALK 0, VNODE 1, SOCKET 2, PIPE 6, KQUEUE 5.
static int files_of(int id, uint32_t *to, int size)
{
	char path[64], target[64];
	int count = 0, room = size / 8;
	snprintf(path, sizeof(path), "/proc/%d/fd", id);
	DIR *folder = opendir(path);
	if (!folder)
		return (int)errno_result(-1) + 1;
	for (const struct dirent *entry; (entry = readdir(folder)) && (!to || count < room);) {
		if (!isdigit((unsigned char)entry->d_name[0]) || (id == getpid() && atoi(entry->d_name) == dirfd(folder)))
			continue;
		ssize_t length = readlinkat(dirfd(folder), entry->d_name, target, sizeof(target) - 1);
		target[length > 0 ? length : 0] = '\0';
		if (to) {
			to[2 * count] = (uint32_t)atoi(entry->d_name);
			to[2 * count + 1] = (uint32_t)proc_descriptor_type(target);
		}
		count++;
	}
	closedir(folder);
	return count * 8;
}

static int folders_of(int id, struct vnode_path *to, int size) // struct proc_vnodepathinfo
{
	static const char *const names[] = {"cwd", "root"};
	char link[64];
	struct stat status;
	if (size < 2 * (int)sizeof(*to))
		return errno_set(DARWIN_ENOMEM), 0;
	memset(to, 0, 2 * sizeof(*to));
	for (int i = 0; i < 2; i++) {
		snprintf(link, sizeof(link), "/proc/%d/%s", id, names[i]);
		if (readlink(link, to[i].path, sizeof(to[i].path) - 1) < 0)
			return (int)errno_result(-1) + 1;
		if (stat(link, &status) == 0)
			proc_vnode_of(&status, &to[i].vnode);
	}
	return 2 * (int)sizeof(*to);
}

// struct proc_bsdshortinfo: the same of fewer fields.
static int short_of(int id, void *to, int size)
{
	struct {
		uint32_t id, parent, group, status;
		char name[16];
		uint32_t flags, user, group_id, real_user, real_group, saved_user, saved_group, unused;
	} answer;
	struct proc process;
	if (size < (int)sizeof(answer))
		return errno_set(DARWIN_ENOMEM), 0;
	if (!proc_stat_read(id, &process))
		return 0;
	struct bsd_information bsd = bsd_of(&process);
	memset(&answer, 0, sizeof(answer));
	answer.id = bsd.id;
	answer.parent = bsd.parent;
	answer.group = bsd.group;
	answer.status = bsd.status;
	memcpy(answer.name, bsd.short_name, sizeof(answer.name));
	answer.flags = bsd.flags;
	answer.user = answer.real_user = answer.saved_user = bsd.user;
	answer.group_id = answer.real_group = answer.saved_group = bsd.group_id;
	memcpy(to, &answer, sizeof(answer));
	return (int)sizeof(answer);
}

int darwin_proc_pidinfo(int id, int flavor, uint64_t argument, void *to, int size)
{
	struct proc process;
	struct {
		struct bsd_information bsd;
		struct task_information task;
	} all;
	switch (flavor) {
	case 1: return files_of(id, to, size); // PROC_PIDLISTFDS
	case 5:
	case 15: return proc_thread_describe(id, argument, to, size); // PROC_PIDTHREADINFO, PROC_PIDTHREADID64INFO
	case 6:
	case 28: return proc_threads_list(id, to, size); // PROC_PIDLISTTHREADS, PROC_PIDLISTTHREADIDS
	case 7:
	case 8: return proc_region_describe(id, argument, flavor == 8, to, size); // PROC_PIDREGIONINFO, _PIDREGIONPATHINFO
	case 9: return folders_of(id, to, size); // PROC_PIDVNODEPATHINFO
	case 11: return darwin_proc_pidpath(id, to, (uint32_t)size); // PROC_PIDPATHINFO
	case 13: return short_of(id, to, size); // PROC_PIDT_SHORTBSDINFO
	case 2:
	case 3:
	case 4: break;
	default: return errno_set(DARWIN_EINVAL), 0;
	}
	int wanted = flavor == 2 ? (int)sizeof(all) : flavor == 3 ? (int)sizeof(all.bsd) : (int)sizeof(all.task);
	if (size < wanted)
		return errno_set(DARWIN_ENOMEM), 0;
	if (!proc_stat_read(id, &process))
		return 0;
	all.bsd = bsd_of(&process);
	all.task = task_of(&process);
	memcpy(to, flavor == 4 ? (void *)&all.task : (void *)&all, (size_t)wanted);
	return wanted;
}

// Bytes read from and written to disks: proc(5), /proc/PID/io, of processes of the same user.
static void disk_of(int id, uint64_t to[2])
{
	char path[40], line[128];
	unsigned long value;
	snprintf(path, sizeof(path), "/proc/%d/io", id);
	FILE *file = fopen(path, "re");
	while (file && fgets(line, sizeof(line), file)) {
		if (sscanf(line, "read_bytes: %lu", &value) == 1)
			to[0] = value;
		if (sscanf(line, "write_bytes: %lu", &value) == 1)
			to[1] = value;
	}
	if (file)
		fclose(file);
}

int darwin_proc_pid_rusage(int id, int flavor, uint64_t *to)
{
	static const uint16_t sizes[] = {96, 144, 160, 232, 296, 304, 464};
	struct proc process;
	if (flavor < 0 || flavor >= (int)(sizeof(sizes) / sizeof(*sizes)))
		return errno_set(DARWIN_EINVAL);
	if (!proc_stat_read(id, &process))
		return -1;
	memset(to, 0, sizes[flavor]);
	to[2] = process.user_time; // after 16 bytes of uuid
	to[3] = process.system_time;
	to[6] = process.major_faults;
	to[8] = process.resident;
	to[9] = process.resident; // footprint
	to[10] = process.start;
	if (flavor >= 2)
		disk_of(id, &to[18]);
	if (flavor >= 4)
		to[30] = process.resident; // the most that the footprint was, as far as is known
	return 0;
}

int darwin_proc_libversion(int *major, int *minor) // as macOS 12's says
{
	*major = *minor = 1;
	return 0;
}

int darwin_proc_kmsgbuf(void *to, uint32_t room)
{
	int size = klogctl(3 /* SYSLOG_ACTION_READ_ALL */, to, (int)room);
	return size < 0 ? errno_set(errno_to_darwin(errno)) + 1 : size;
}
