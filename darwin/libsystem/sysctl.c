// SPDX-License-Identifier: MIT
// sysctl, uname, sysconf: what the system is. Facts: xnu's bsd/sys/sysctl.h (CTL_*, KERN_*, HW_*), Libc's <unistd.h> (_SC_*).
// The variables are in sysctl_table.c.
#include "abi.h"
#include "errno.h"
#include "sysctl.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int sysctl_answer(const void *from, size_t size, void *to, size_t *room)
{
	if (!to) {
		*room = size;
		return 0;
	}
	size_t fits = *room < size ? *room : size;
	memcpy(to, from, fits);
	*room = fits;
	return fits < size ? errno_set(DARWIN_ENOMEM) : 0;
}

static int sysctl_read(const struct sysctl_variable *variable, void *to, size_t *room)
{
	char host[256] = "";
	const char *text = variable->text;
	if (!room)
		return 0;
	if (variable->write) {
		char block[1024];
		return sysctl_answer(block, variable->write(block), to, room);
	}
	if (variable->size) {
		int64_t value = variable->compute ? variable->compute() : variable->value;
		int32_t narrow = (int32_t)value;
		// Numbers may be asked for in the other size: sysctl(3).
		size_t size = to && *room >= 8 && variable->size == 8	? 8
			      : variable->size == 8 && to && *room == 4 ? 4
									: variable->size;
		return size == 8 ? sysctl_answer(&value, 8, to, room) : sysctl_answer(&narrow, 4, to, room);
	}
	if (!text) {
		gethostname(host, sizeof(host) - 1);
		text = host;
	}
	return sysctl_answer(text, strlen(text) + 1, to, room);
}

static const struct sysctl_variable *variable_named(const char *name)
{
	for (size_t i = 0; i < sysctl_count; i++)
		if (strcmp(sysctl_variables[i].name, name) == 0)
			return &sysctl_variables[i];
	return NULL;
}

// Names of what has further numbers. 0: it is none of them.
static size_t numbers_named(const char *name, int numbers[3])
{
	static const struct {
		const char *name;
		int numbers[3];
	} known[] = {{"kern.proc", {1, 14, -1}},	{"kern.proc.all", {1, 14, 0}}, {"kern.proc.pid", {1, 14, 1}}, {"kern.proc.pgrp", {1, 14, 2}},
		     {"kern.proc.tty", {1, 14, 4}}, {"kern.proc.uid", {1, 14, 5}}, {"kern.proc.ruid", {1, 14, 6}}, {"kern.procargs2", {1, 49, -1}}};
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (strcmp(known[i].name, name) == 0) {
			memcpy(numbers, known[i].numbers, 3 * sizeof(int));
			return numbers[2] < 0 ? 2 : 3;
		}
	return 0;
}

int darwin_sysctlbyname(const char *name, void *to, size_t *room, const void *new, size_t new_size)
{
	const struct sysctl_variable *variable = variable_named(name);
	int further[3];
	(void)new_size;
	if (!variable && !new && numbers_named(name, further) == 3 && further[2] == 0)
		return sysctl_process(0, 0, to, room);
	if (!variable)
		return errno_set(DARWIN_ENOENT);
	return new ? errno_set(DARWIN_EPERM) : sysctl_read(variable, to, room);
}

int darwin_sysctlnametomib(const char *name, int *numbers, size_t *count)
{
	const struct sysctl_variable *variable = variable_named(name);
	int further[3];
	size_t further_count = variable ? 0 : numbers_named(name, further);
	if (!variable && further_count == 0)
		return errno_set(DARWIN_ENOENT);
	if (*count < (variable ? 2 : further_count))
		return errno_set(DARWIN_ENOMEM);
	if (!variable) {
		memcpy(numbers, further, further_count * sizeof(int));
		*count = further_count;
		return 0;
	}
	// Those without numbers get some of their own.
	numbers[0] = variable->group ? variable->group : 99;
	numbers[1] = variable->group ? variable->number : (int)(variable - sysctl_variables);
	*count = 2;
	return 0;
}

int darwin_sysctl(const int *numbers, unsigned count, void *to, size_t *room, const void *new, size_t new_size)
{
	if (count == 2 && numbers[0] == 0 && numbers[1] == 3 &&
	    new) { // the numbers of a name: how sysctlnametomib asks the kernel
		char name[128];
		size_t found = *room / sizeof(int);
		snprintf(name, sizeof(name), "%.*s", (int)(new_size < sizeof(name) ? new_size : sizeof(name) - 1),
			 (const char *)new);
		int result = darwin_sysctlnametomib(name, to, &found);
		*room = found * sizeof(int);
		return result;
	}
	if (count == 6 && numbers[0] == 4 && numbers[1] == 17 && !new)
		return sysctl_route(numbers, to, room);
	if (count == 3 && numbers[0] == 1 && numbers[1] == 14 && numbers[2] == 0 && !new)
		return sysctl_process(0, 0, to, room);
	if (count == 4 && numbers[0] == 1 && numbers[1] == 14 && !new)
		return sysctl_process(numbers[2], numbers[3], to, room);
	if (count == 3 && numbers[0] == 1 && numbers[1] == 49 && !new)
		return sysctl_arguments(numbers[2], to, room);
	for (size_t i = 0; i < sysctl_count && count == 2; i++) {
		const struct sysctl_variable *variable = &sysctl_variables[i];
		bool same = variable->group ? numbers[0] == variable->group && numbers[1] == variable->number
					    : numbers[0] == 99 && numbers[1] == (int)i;
		if (same)
			return new ? errno_set(DARWIN_EPERM) : sysctl_read(variable, to, room);
	}
	return errno_set(DARWIN_ENOENT);
}

int darwin_uname(char names[5][256])
{
	memset(names, 0, 5 * 256);
	strcpy(names[0], "Darwin");
	gethostname(names[1], 255);
	strcpy(names[2], SYSCTL_RELEASE);
	strcpy(names[3], SYSCTL_VERSION);
	strcpy(names[4], "x86_64");
	return 0;
}

int darwin_gethostname(char *to, size_t size)
{
	return (int)errno_result(gethostname(to, size));
}

int darwin_getloadavg(double *to, int count)
{
	return getloadavg(to, count);
}

long darwin_sysconf(int name)
{
	switch (name) {
	case 1: return sysconf(_SC_ARG_MAX);
	case 2: return sysconf(_SC_CHILD_MAX);
	case 3: return 100; // _SC_CLK_TCK
	case 4: return sysconf(_SC_NGROUPS_MAX);
	case 5: return sysconf(_SC_OPEN_MAX);
	case 29: return 4096; // _SC_PAGESIZE
	case 56: return sysconf(_SC_IOV_MAX);
	case 57:
	case 58: return sysctl_cpus(); // _SC_NPROCESSORS_CONF, _ONLN
	case 70: return sysconf(_SC_GETGR_R_SIZE_MAX);
	case 71: return sysconf(_SC_GETPW_R_SIZE_MAX);
	case 72: return 255;			// _SC_HOST_NAME_MAX
	case 200: return sysctl_memory() / 4096; // _SC_PHYS_PAGES
	default: return errno_set(DARWIN_EINVAL);
	}
}

int darwin_getpagesize(void)
{
	return 4096;
}

// Facts: <unistd.h>: _CS_PATH 1, _CS_DARWIN_USER_DIR 65536, _TEMP_DIR 65537, _CACHE_DIR 65538.
size_t darwin_confstr(int name, char *to, size_t room)
{
	char text[300] = "";
	const char *folder = getenv("TMPDIR");
	if (name == 1)
		strcpy(text, "/usr/bin:/bin:/usr/sbin:/sbin");
	else if (name >= 65536 && name <= 65538)
		snprintf(text, sizeof(text), "%s/", folder && *folder ? folder : "/tmp");
	else
		return errno_set(DARWIN_EINVAL), 0;
	if (to && room)
		snprintf(to, room, "%s", text);
	return strlen(text) + 1;
}
