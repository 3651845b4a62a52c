// SPDX-License-Identifier: MIT
// sysctl, uname, sysconf: what the system is. Facts: xnu's bsd/sys/sysctl.h (CTL_*, KERN_*, HW_*), Libc's <unistd.h> (_SC_*).
//
// The version is that of macOS 12.6 (Darwin 21.6.0): what programs that ask for at least 12.0 accept.
#include "abi.h"
#include "errno.h"

#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysinfo.h>
#include <time.h>
#include <unistd.h>

#define RELEASE "21.6.0"
#define VERSION "Darwin Kernel Version 21.6.0: root:xnu/RELEASE_X86_64"

static int64_t value_cpus(void)
{
	cpu_set_t set;
	return sched_getaffinity(0, sizeof(set), &set) == 0 ? CPU_COUNT(&set) : sysconf(_SC_NPROCESSORS_ONLN);
}

static int64_t value_memory(void)
{
	return (int64_t)sysconf(_SC_PHYS_PAGES) * sysconf(_SC_PAGESIZE);
}

static int64_t value_argmax(void)
{
	return sysconf(_SC_ARG_MAX);
}

static int64_t value_files(void)
{
	return sysconf(_SC_OPEN_MAX);
}

static const struct variable {
	const char *name;
	int8_t group, number;	  // 0: only by name
	uint8_t size;		  // of a number: 4 or 8; 0: text
	int64_t (*compute)(void); // or
	int64_t value;		  // or
	const char *text;	  // NULL: the name of the host
} variables[] = {
	{"kern.ostype", 1, 1, 0, NULL, 0, "Darwin"},
	{"kern.osrelease", 1, 2, 0, NULL, 0, RELEASE},
	{"kern.osrevision", 1, 3, 4, NULL, 199506, NULL},
	{"kern.version", 1, 4, 0, NULL, 0, VERSION},
	{"kern.argmax", 1, 8, 4, value_argmax, 0, NULL},
	{"kern.hostname", 1, 10, 0, NULL, 0, NULL},
	{"kern.maxfilesperproc", 1, 29, 4, value_files, 0, NULL},
	{"kern.maxfiles", 1, 7, 4, value_files, 0, NULL},
	{"kern.osversion", 1, 65, 0, NULL, 0, "21G115"},
	{"kern.osproductversion", 0, 0, 0, NULL, 0, "12.6"},
	{"hw.machine", 6, 1, 0, NULL, 0, "x86_64"},
	{"hw.model", 6, 2, 0, NULL, 0, "Gila"},
	{"hw.ncpu", 6, 3, 4, value_cpus, 0, NULL},
	{"hw.byteorder", 6, 4, 4, NULL, 1234, NULL},
	{"hw.pagesize", 6, 7, 8, NULL, 4096, NULL},
	{"hw.memsize", 6, 24, 8, value_memory, 0, NULL},
	{"hw.activecpu", 6, 25, 4, value_cpus, 0, NULL},
	{"hw.logicalcpu", 0, 0, 4, value_cpus, 0, NULL},
	{"hw.logicalcpu_max", 0, 0, 4, value_cpus, 0, NULL},
	{"hw.physicalcpu", 0, 0, 4, value_cpus, 0, NULL},
	{"hw.physicalcpu_max", 0, 0, 4, value_cpus, 0, NULL},
	{"hw.cachelinesize", 0, 0, 8, NULL, 64, NULL},
	{"hw.cputype", 0, 0, 4, NULL, 7, NULL},
	{"hw.cpu64bit_capable", 0, 0, 4, NULL, 1, NULL},
	{"sysctl.proc_translated", 0, 0, 4, NULL, 0, NULL},
};

static int sysctl_answer(const void *from, size_t size, void *to, size_t *room)
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

static int sysctl_read(const struct variable *variable, void *to, size_t *room)
{
	char host[256] = "";
	const char *text = variable->text;
	if (!room)
		return 0;
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

static const struct variable *variable_named(const char *name)
{
	for (size_t i = 0; i < sizeof(variables) / sizeof(*variables); i++)
		if (strcmp(variables[i].name, name) == 0)
			return &variables[i];
	return NULL;
}

int darwin_sysctlbyname(const char *name, void *to, size_t *room, const void *new, size_t new_size)
{
	const struct variable *variable = variable_named(name);
	(void)new_size;
	if (!variable)
		return errno_set(DARWIN_ENOENT);
	return new ? errno_set(DARWIN_EPERM) : sysctl_read(variable, to, room);
}

int darwin_sysctlnametomib(const char *name, int *numbers, size_t *count)
{
	const struct variable *variable = variable_named(name);
	if (!variable)
		return errno_set(DARWIN_ENOENT);
	if (*count < 2)
		return errno_set(DARWIN_ENOMEM);
	// Those without numbers get some of their own.
	numbers[0] = variable->group ? variable->group : 99;
	numbers[1] = variable->group ? variable->number : (int)(variable - variables);
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
	for (size_t i = 0; i < sizeof(variables) / sizeof(*variables) && count == 2; i++) {
		const struct variable *variable = &variables[i];
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
	strcpy(names[2], RELEASE);
	strcpy(names[3], VERSION);
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
	case 58: return value_cpus(); // _SC_NPROCESSORS_CONF, _ONLN
	case 70: return sysconf(_SC_GETGR_R_SIZE_MAX);
	case 71: return sysconf(_SC_GETPW_R_SIZE_MAX);
	case 72: return 255;			// _SC_HOST_NAME_MAX
	case 200: return value_memory() / 4096; // _SC_PHYS_PAGES
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
