// SPDX-License-Identifier: MIT
// task_info and task_threads of oneself, from Linux; those of other tasks are the kernel's. Facts: xnu's
// osfmk/mach/task_info.h.
#include "mach_names.h"
#include "mach_proc.h"

#include "thread.h"

#include <abi/task.h>
#include <mach/kern_return.h>
#include <mach/task_info.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

static uint64_t nanoseconds(struct timeval time)
{
	return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_usec * 1000u;
}

struct memory { // bytes
	uint64_t size, size_peak, resident, resident_peak, anonymous, file, swapped;
};

static struct memory memory_read(void)
{
	char text[8192] = "";
	proc_read("/proc/self/status", text, sizeof(text));
	return (struct memory){.size = proc_number(text, "VmSize:") * 1024,
			       .size_peak = proc_number(text, "VmPeak:") * 1024,
			       .resident = proc_number(text, "VmRSS:") * 1024,
			       .resident_peak = proc_number(text, "VmHWM:") * 1024,
			       .anonymous = proc_number(text, "RssAnon:") * 1024,
			       .file = (proc_number(text, "RssFile:") + proc_number(text, "RssShmem:")) * 1024,
			       .swapped = proc_number(text, "VmSwap:") * 1024};
}

// Times of all threads that there are; those of threads that have ended are the rest of the process'.
static void times_read(uint64_t *user, uint64_t *system, uint64_t *user_ended, uint64_t *system_ended)
{
	struct rusage usage;
	struct proc_thread thread;
	unsigned count = proc_threads(NULL, 0) + 16;
	int *ids = calloc(count, sizeof(*ids));
	unsigned found = ids ? proc_threads(ids, count) : 0;
	*user = *system = 0;
	for (unsigned i = 0; i < found && i < count; i++)
		if (proc_read_thread(ids[i], &thread)) {
			*user += thread.user;
			*system += thread.system;
		}
	free(ids);
	getrusage(RUSAGE_SELF, &usage);
	uint64_t all_user = nanoseconds(usage.ru_utime), all_system = nanoseconds(usage.ru_stime);
	if (found == 1) { // more exact than /proc's ticks
		*user = all_user;
		*system = all_system;
	}
	*user_ended = all_user > *user ? all_user - *user : 0;
	*system_ended = all_system > *system ? all_system - *system : 0;
}

static kern_return_t give_basic(task_flavor_t flavor, integer_t *out, mach_msg_type_number_t *count)
{
	struct memory memory = memory_read();
	uint64_t user, system, user_ended, system_ended;
	times_read(&user, &system, &user_ended, &system_ended);
	if (flavor == MACH_TASK_BASIC_INFO) {
		struct mach_task_basic_info info = {.virtual_size = memory.size,
						    .resident_size = memory.resident,
						    .resident_size_max = memory.resident_peak,
						    .user_time = proc_time(user_ended),
						    .system_time = proc_time(system_ended),
						    .policy = POLICY_TIMESHARE};
		return mach_info_give(&info, MACH_TASK_BASIC_INFO_COUNT, MACH_TASK_BASIC_INFO_COUNT, out, count);
	}
	struct task_basic_info_64 info = {.virtual_size = memory.size,
					  .resident_size = memory.resident,
					  .user_time = proc_time(user_ended),
					  .system_time = proc_time(system_ended),
					  .policy = POLICY_TIMESHARE};
	if (flavor == TASK_BASIC_INFO_64 || flavor == TASK_BASIC_INFO_64_2)
		return mach_info_give(&info, TASK_BASIC_INFO_64_COUNT, TASK_BASIC_INFO_64_COUNT, out, count);
	struct task_basic_info_32 small = {
		.virtual_size = (natural_t)(info.virtual_size < UINT32_MAX ? info.virtual_size : UINT32_MAX),
		.resident_size = (natural_t)(info.resident_size < UINT32_MAX ? info.resident_size : UINT32_MAX),
		.user_time = info.user_time,
		.system_time = info.system_time,
		.policy = POLICY_TIMESHARE};
	return mach_info_give(&small, TASK_BASIC_INFO_32_COUNT, TASK_BASIC_INFO_32_COUNT, out, count);
}

static unsigned count_regions(void)
{
	unsigned count = 0;
	FILE *maps = fopen("/proc/self/maps", "re");
	for (int byte; maps && (byte = getc(maps)) != EOF;)
		count += byte == '\n';
	if (maps)
		fclose(maps);
	return count;
}

// What Darwin counts as the footprint is what only this process needs: anonymous memory, in core or not.
static kern_return_t give_memory(integer_t *out, mach_msg_type_number_t *count)
{
	struct memory memory = memory_read();
	struct task_vm_info info = {.virtual_size = memory.size,
				    .region_count = (integer_t)count_regions(),
				    .page_size = 4096,
				    .resident_size = memory.resident,
				    .resident_size_peak = memory.resident_peak,
				    .internal = memory.anonymous,
				    .internal_peak = memory.anonymous,
				    .external = memory.file,
				    .external_peak = memory.file,
				    .compressed = memory.swapped,
				    .compressed_peak = memory.swapped,
				    .phys_footprint = memory.anonymous + memory.swapped,
				    .min_address = 4096,
				    .max_address = 0x7fffffe00000};
	info.ledger_phys_footprint_peak =
		(int64_t)(memory.resident_peak > memory.file ? memory.resident_peak - memory.file
							     : info.phys_footprint);
	return mach_info_give(&info, TASK_VM_INFO_COUNT, TASK_VM_INFO_REV0_COUNT, out, count);
}

static kern_return_t give_times(task_flavor_t flavor, integer_t *out, mach_msg_type_number_t *count)
{
	uint64_t user, system, user_ended, system_ended;
	times_read(&user, &system, &user_ended, &system_ended);
	struct task_thread_times_info times = {proc_time(user), proc_time(system)};
	struct task_absolutetime_info absolute = {user + user_ended, system + system_ended, user, system};
	struct task_power_info power = {.total_user = absolute.total_user, .total_system = absolute.total_system};
	if (flavor == TASK_THREAD_TIMES_INFO)
		return mach_info_give(&times, TASK_THREAD_TIMES_INFO_COUNT, TASK_THREAD_TIMES_INFO_COUNT, out, count);
	if (flavor == TASK_ABSOLUTETIME_INFO)
		return mach_info_give(&absolute, TASK_ABSOLUTETIME_INFO_COUNT, TASK_ABSOLUTETIME_INFO_COUNT, out,
				      count);
	return mach_info_give(&power, TASK_POWER_INFO_COUNT, TASK_POWER_INFO_COUNT, out, count);
}

static kern_return_t give_events(integer_t *out, mach_msg_type_number_t *count)
{
	struct rusage usage;
	getrusage(RUSAGE_SELF, &usage);
	struct task_events_info info = {.faults = (integer_t)(usage.ru_minflt + usage.ru_majflt),
					.pageins = (integer_t)usage.ru_majflt,
					.csw = (integer_t)(usage.ru_nvcsw + usage.ru_nivcsw)};
	return mach_info_give(&info, TASK_EVENTS_INFO_COUNT, TASK_EVENTS_INFO_COUNT, out, count);
}

// bsm's order: audit id, euid, egid, uid, gid, pid, session, version of the pid.
static kern_return_t give_token(integer_t *out, mach_msg_type_number_t *count)
{
	audit_token_t token = {.val = {getuid(), geteuid(), getegid(), getuid(), getgid(), (unsigned)getpid(), 0, 1}};
	return mach_info_give(&token, TASK_AUDIT_TOKEN_COUNT, TASK_AUDIT_TOKEN_COUNT, out, count);
}

kern_return_t darwin_task_info(mach_port_t task, task_flavor_t flavor, integer_t *out, mach_msg_type_number_t *count)
{
	if (task != MACH_TASK_SELF)
		return mach_ready() && MACH_PORT_VALID(task) ? gila_task_info(task, flavor, out, count)
							     : KERN_INVALID_ARGUMENT;
	struct task_flags_info flags = {TF_LP64 | TF_64B_DATA};
	security_token_t security = {{geteuid(), getegid()}};
	switch (flavor) {
	case MACH_TASK_BASIC_INFO:
	case TASK_BASIC_INFO_32:
	case TASK_BASIC2_INFO_32:
	case TASK_BASIC_INFO_64:
	case TASK_BASIC_INFO_64_2: return give_basic(flavor, out, count);
	case TASK_VM_INFO:
	case TASK_VM_INFO_PURGEABLE: return give_memory(out, count);
	case TASK_THREAD_TIMES_INFO:
	case TASK_ABSOLUTETIME_INFO:
	case TASK_POWER_INFO: return give_times(flavor, out, count);
	case TASK_EVENTS_INFO: return give_events(out, count);
	case TASK_AUDIT_TOKEN: return give_token(out, count);
	case TASK_SECURITY_TOKEN:
		return mach_info_give(&security, TASK_SECURITY_TOKEN_COUNT, TASK_SECURITY_TOKEN_COUNT, out, count);
	case TASK_FLAGS_INFO: return mach_info_give(&flags, TASK_FLAGS_INFO_COUNT, TASK_FLAGS_INFO_COUNT, out, count);
	default: return KERN_INVALID_ARGUMENT;
	}
}

// Memory for the list is the caller's, to be given back by vm_deallocate.
kern_return_t darwin_task_threads(mach_port_t task, mach_port_t **list, mach_msg_type_number_t *count)
{
	if (task != MACH_TASK_SELF)
		return mach_ready() && MACH_PORT_VALID(task) ? gila_task_threads(task, list, count)
							     : KERN_INVALID_ARGUMENT;
	unsigned room = proc_threads(NULL, 0) + 16;
	mach_port_t *names =
		mmap(NULL, room * sizeof(*names), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (names == MAP_FAILED)
		return KERN_RESOURCE_SHORTAGE;
	unsigned found = proc_threads((int *)names, room);
	*count = found < room ? found : room;
	for (unsigned i = 0; i < *count; i++)
		names[i] = mach_thread_name((int)names[i]);
	*list = names;
	return KERN_SUCCESS;
}

kern_return_t darwin_task_suspend(mach_port_t task)
{
	// Of oneself: there would be nobody left to resume it.
	return task != MACH_TASK_SELF && mach_ready() ? gila_task_suspend(task) : KERN_FAILURE;
}

kern_return_t darwin_task_resume(mach_port_t task)
{
	return task != MACH_TASK_SELF && mach_ready() ? gila_task_resume(task) : KERN_FAILURE;
}

kern_return_t darwin_task_terminate(mach_port_t task)
{
	if (task == MACH_TASK_SELF)
		kill(getpid(), SIGKILL);
	return mach_ready() ? gila_task_terminate(task) : KERN_INVALID_ARGUMENT;
}

// Quality of service and roles are advice that Linux has no use for.
kern_return_t darwin_task_policy_set(mach_port_t task, int flavor, integer_t *policy, mach_msg_type_number_t count)
{
	(void)flavor, (void)policy, (void)count;
	return task == MACH_TASK_SELF ? KERN_SUCCESS : KERN_INVALID_ARGUMENT;
}
