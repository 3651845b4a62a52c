// SPDX-License-Identifier: MIT
// The host's calls (abi/mach_host.defs).
#include "task.h"

#include <abi/mach_host_server.h>
#include <gila/version.h>
#include <mach/host_info.h>
#include <mach/thread_status.h>

// Gives the caller as much of a structure as it asked for; a count that is too small is an error, as on macOS.
static kern_return_t give(const void *info, mach_msg_type_number_t words, integer_t *out, mach_msg_type_number_t *count)
{
	if (*count < words)
		return KERN_FAILURE;
	memcpy(out, info, words * sizeof(integer_t));
	*count = words;
	return KERN_SUCCESS;
}

static kern_return_t give_basic(integer_t *out, mach_msg_type_number_t *count)
{
	integer_t cpus = (integer_t)md_cpu_count();
	bool x86 = MACHINE_THREAD_STATE == x86_THREAD_STATE;
	struct host_basic_info info = {
		.max_cpus = cpus,
		.avail_cpus = cpus,
		.cpu_type = x86 ? CPU_TYPE_X86_64 : CPU_TYPE_ARM64,
		.cpu_subtype = x86 ? CPU_SUBTYPE_X86_64_ALL : CPU_SUBTYPE_ARM64_ALL,
		.physical_cpu = cpus,
		.physical_cpu_max = cpus,
		.logical_cpu = cpus,
		.logical_cpu_max = cpus,
	};
	return give(&info, HOST_BASIC_INFO_COUNT, out, count);
}

kern_return_t host_call_host_info(struct lpc_request *rq, host_flavor_t flavor, integer_t *out,
				  mach_msg_type_number_t *count)
{
	struct host_sched_info sched = {.min_timeout = 1, .min_quantum = 1};
	struct host_priority_info priority = {.user_priority = 31, .maximum_priority = 127};
	switch (flavor) {
	case HOST_BASIC_INFO:
		return give_basic(out, count);
	case HOST_SCHED_INFO:
		return give(&sched, HOST_SCHED_INFO_COUNT, out, count);
	case HOST_PRIORITY_INFO:
		return give(&priority, HOST_PRIORITY_INFO_COUNT, out, count);
	default:
		return KERN_INVALID_ARGUMENT;
	}
}

kern_return_t host_call_host_kernel_version(struct lpc_request *rq, char version[512])
{
	format_text(version, 512, "%s", GILA_VERSION);
	return KERN_SUCCESS;
}

kern_return_t host_call_host_page_size(struct lpc_request *rq, mach_vm_size_t *size)
{
	*size = MD_PAGE_SIZE;
	return KERN_SUCCESS;
}
