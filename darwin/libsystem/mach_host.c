// SPDX-License-Identifier: MIT
// The host: processors, memory and load, from /proc (proc(5)). Facts: xnu's
// osfmk/mach/{host_info,processor_info,vm_statistics}.h.
#include "mach_names.h"
#include "mach_proc.h"

#include <mach/host_info.h>
#include <mach/kern_return.h>
#include <mach/mach_types.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define TEXT 65536u // of /proc/stat, /proc/vmstat

static int processors(void)
{
	cpu_set_t set;
	return sched_getaffinity(0, sizeof(set), &set) == 0 ? CPU_COUNT(&set) : (int)sysconf(_SC_NPROCESSORS_ONLN);
}

kern_return_t darwin_host_info(mach_port_t host, host_flavor_t flavor, integer_t *out, mach_msg_type_number_t *count)
{
	if (host != MACH_HOST_SELF)
		return KERN_INVALID_ARGUMENT;
	uint64_t memory = (uint64_t)sysconf(_SC_PHYS_PAGES) * (uint64_t)sysconf(_SC_PAGESIZE);
	int cpus = processors();
	struct host_basic_info basic = {.max_cpus = cpus,
					.avail_cpus = cpus,
					.memory_size = (natural_t)(memory < 0x80000000u ? memory : 0x80000000u),
					.cpu_type = CPU_TYPE_X86, // on Intel, whatever the program is
					.cpu_subtype = CPU_SUBTYPE_X86_64_H,
					.cpu_threadtype = CPU_THREADTYPE_INTEL_HTT,
					.physical_cpu = cpus,
					.physical_cpu_max = cpus,
					.logical_cpu = cpus,
					.logical_cpu_max = cpus,
					.max_mem = memory};
	struct host_sched_info sched = {10, 10};
	struct host_priority_info priority = {80, 80, 64, 31, 0, 0, 0, 127};
	switch (flavor) {
	case HOST_BASIC_INFO:
		return mach_info_give(&basic, HOST_BASIC_INFO_COUNT, 5, out,
				      count); // older callers end before cpu_threadtype
	case HOST_SCHED_INFO: return mach_info_give(&sched, HOST_SCHED_INFO_COUNT, HOST_SCHED_INFO_COUNT, out, count);
	case HOST_PRIORITY_INFO:
		return mach_info_give(&priority, HOST_PRIORITY_INFO_COUNT, HOST_PRIORITY_INFO_COUNT, out, count);
	default: return KERN_INVALID_ARGUMENT;
	}
}

kern_return_t darwin_host_page_size(mach_port_t host, uint64_t *size)
{
	if (host != MACH_HOST_SELF)
		return KERN_INVALID_ARGUMENT;
	*size = 4096;
	return KERN_SUCCESS;
}

kern_return_t darwin_host_kernel_version(mach_port_t host, char version[KERNEL_VERSION_MAX])
{
	int darwin_sysctlbyname(const char *name, void *to, size_t *size, const void *from, size_t length);
	size_t room = KERNEL_VERSION_MAX;
	if (host != MACH_HOST_SELF)
		return KERN_INVALID_ARGUMENT;
	return darwin_sysctlbyname("kern.version", version, &room, NULL, 0) == 0 ? KERN_SUCCESS : KERN_FAILURE;
}

// ---- statistics -----------------------------------------------------------------------------------------------------

struct ticks {
	unsigned long user, nice, system, idle;
};

// The line of all processors ("cpu") or of one ("cpu3"). Darwin counts in hundredths of a second, too.
static bool ticks_read(const char *text, const char *word, struct ticks *ticks)
{
	unsigned long wait = 0, interrupt = 0, soft = 0, stolen = 0;
	size_t length = strlen(word);
	for (const char *line = text; line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL) {
		if (strncmp(line, word, length) || line[length] != ' ')
			continue;
		if (sscanf(line + length, "%lu %lu %lu %lu %lu %lu %lu %lu", &ticks->user, &ticks->nice, &ticks->system,
			   &ticks->idle, &wait, &interrupt, &soft, &stolen) < 4)
			return false;
		ticks->idle += wait;
		ticks->system += interrupt + soft + stolen;
		return true;
	}
	return false;
}

static void ticks_put(const struct ticks *ticks, natural_t *to)
{
	to[CPU_STATE_USER] = (natural_t)ticks->user;
	to[CPU_STATE_SYSTEM] = (natural_t)ticks->system;
	to[CPU_STATE_IDLE] = (natural_t)ticks->idle;
	to[CPU_STATE_NICE] = (natural_t)ticks->nice;
}

static kern_return_t give_cpu_load(integer_t *out, mach_msg_type_number_t *count)
{
	struct host_cpu_load_info load;
	struct ticks ticks;
	char *text = malloc(TEXT);
	bool known = text && proc_read("/proc/stat", text, TEXT) && ticks_read(text, "cpu", &ticks);
	free(text);
	if (!known)
		return KERN_FAILURE;
	ticks_put(&ticks, load.cpu_ticks);
	return mach_info_give(&load, HOST_CPU_LOAD_INFO_COUNT, HOST_CPU_LOAD_INFO_COUNT, out, count);
}

static kern_return_t give_load(integer_t *out, mach_msg_type_number_t *count)
{
	struct host_load_info load;
	double average[3];
	if (getloadavg(average, 3) != 3)
		return KERN_FAILURE;
	for (int i = 0; i < 3; i++) {
		load.avenrun[i] = (integer_t)(average[i] * LOAD_SCALE);
		load.mach_factor[i] = (integer_t)(processors() * LOAD_SCALE / (1 + average[i]));
	}
	return mach_info_give(&load, HOST_LOAD_INFO_COUNT, HOST_LOAD_INFO_COUNT, out, count);
}

static natural_t pages(const char *meminfo, const char *word)
{
	return (natural_t)(proc_number(meminfo, word) / 4);
}

static bool memory_read(struct vm_statistics64 *to)
{
	char *info = malloc(TEXT), *events = malloc(TEXT);
	bool known =
		info && events && proc_read("/proc/meminfo", info, TEXT) && proc_read("/proc/vmstat", events, TEXT);
	if (known) {
		natural_t files = pages(info, "Cached:") + pages(info, "Buffers:"), shared = pages(info, "Shmem:");
		*to = (struct vm_statistics64){.free_count = pages(info, "MemFree:"),
					       .active_count = pages(info, "Active:"),
					       .inactive_count = pages(info, "Inactive:"),
					       .wire_count = pages(info, "Unevictable:") + pages(info, "SUnreclaim:") +
							     pages(info, "KernelStack:") + pages(info, "PageTables:"),
					       .zero_fill_count = proc_number(events, "pgfault "),
					       .reactivations = proc_number(events, "pgactivate "),
					       .pageins = proc_number(events, "pgpgin ") / 4, // KiB
					       .pageouts = proc_number(events, "pgpgout ") / 4,
					       .faults = proc_number(events, "pgfault "),
					       .swapins = proc_number(events, "pswpin "),
					       .swapouts = proc_number(events, "pswpout "),
					       .external_page_count = files > shared ? files - shared : 0,
					       .internal_page_count = pages(info, "AnonPages:")};
	}
	free(info);
	free(events);
	return known;
}

kern_return_t darwin_host_statistics64(mach_port_t host, host_flavor_t flavor, integer_t *out,
				       mach_msg_type_number_t *count)
{
	struct vm_statistics64 memory;
	if (host != MACH_HOST_SELF)
		return KERN_INVALID_ARGUMENT;
	switch (flavor) {
	case HOST_CPU_LOAD_INFO: return give_cpu_load(out, count);
	case HOST_LOAD_INFO: return give_load(out, count);
	case HOST_VM_INFO64:
		// The first revision ended before decompressions.
		return !memory_read(&memory)
			       ? KERN_FAILURE
			       : mach_info_give(&memory, HOST_VM_INFO64_COUNT,
						offsetof(struct vm_statistics64, decompressions) / sizeof(integer_t),
						out, count);
	default: return KERN_INVALID_ARGUMENT;
	}
}

kern_return_t darwin_host_statistics(mach_port_t host, host_flavor_t flavor, integer_t *out,
				     mach_msg_type_number_t *count)
{
	struct vm_statistics64 now;
	if (host != MACH_HOST_SELF || flavor != HOST_VM_INFO)
		return darwin_host_statistics64(host, flavor == HOST_VM_INFO64 ? -1 : flavor, out, count);
	if (!memory_read(&now))
		return KERN_FAILURE;
	struct vm_statistics memory = {.free_count = now.free_count,
				       .active_count = now.active_count,
				       .inactive_count = now.inactive_count,
				       .wire_count = now.wire_count,
				       .zero_fill_count = (natural_t)now.zero_fill_count,
				       .reactivations = (natural_t)now.reactivations,
				       .pageins = (natural_t)now.pageins,
				       .pageouts = (natural_t)now.pageouts,
				       .faults = (natural_t)now.faults};
	return mach_info_give(&memory, HOST_VM_INFO_COUNT,
			      offsetof(struct vm_statistics, purgeable_count) / sizeof(integer_t), out, count);
}

// ---- processors -----------------------------------------------------------------------------------------------------

enum { PROCESSOR_BASIC_INFO = 1, PROCESSOR_CPU_LOAD_INFO = 2 };
struct processor_basic_info {
	cpu_type_t type;
	cpu_subtype_t subtype;
	boolean_t running;
	int slot;
	boolean_t is_master;
};

// Memory for the array is the caller's, to be given back by vm_deallocate.
kern_return_t darwin_host_processor_info(mach_port_t host, int flavor, natural_t *processor_count, integer_t **info,
					 mach_msg_type_number_t *count)
{
	if (host != MACH_HOST_SELF || (flavor != PROCESSOR_BASIC_INFO && flavor != PROCESSOR_CPU_LOAD_INFO))
		return KERN_INVALID_ARGUMENT;
	unsigned most = (unsigned)sysconf(_SC_NPROCESSORS_CONF), found = 0;
	unsigned words = flavor == PROCESSOR_BASIC_INFO ? sizeof(struct processor_basic_info) / 4 : CPU_STATE_MAX;
	integer_t *array =
		mmap(NULL, most * words * sizeof(*array), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *text = malloc(TEXT), word[16];
	bool known = array != MAP_FAILED && text && proc_read("/proc/stat", text, TEXT);
	for (unsigned i = 0; known && i < most; i++) {
		struct processor_basic_info basic = {CPU_TYPE_X86, CPU_SUBTYPE_X86_64_H, true, (int)i, i == 0};
		struct ticks ticks;
		snprintf(word, sizeof(word), "cpu%u", i);
		if (!ticks_read(text, word, &ticks)) // not there now
			continue;
		if (flavor == PROCESSOR_BASIC_INFO)
			memcpy(array + words * found, &basic, sizeof(basic));
		else
			ticks_put(&ticks, (natural_t *)array + words * found);
		found++;
	}
	free(text);
	if (found == 0)
		return KERN_FAILURE;
	*processor_count = found;
	*info = array;
	*count = words * found;
	return KERN_SUCCESS;
}

kern_return_t darwin_processor_set_default(mach_port_t host, mach_port_t *set)
{
	*set = MACH_PROCESSORS;
	return host == MACH_HOST_SELF ? KERN_SUCCESS : KERN_INVALID_ARGUMENT;
}
