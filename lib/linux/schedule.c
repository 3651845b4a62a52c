// SPDX-License-Identifier: MIT
// CPUs. How many there are is asked of the host's port once, by a message.
#include "calls_c.h"

#include <abi/mach_host.h>
#include <abi/traps.h>
#include <errno.h>
#include <mach/host_info.h>

int64_t linux_sched_yield(struct linux_frame *frame)
{
	swtch_pri(0);
	return 0;
}

static uint32_t cpus_count(void)
{
	static _Atomic uint32_t known;
	uint32_t count = known;
	if (count)
		return count;
	struct host_basic_info info = {.avail_cpus = 1};
	mach_msg_type_number_t words = HOST_BASIC_INFO_COUNT;
	mach_port_t host = host_self_trap();
	kern_return_t error = host_info(host, HOST_BASIC_INFO, (integer_t *)&info, &words);
	(void)kernelrpc_mach_port_deallocate_trap(linux_program.task, host);
	if (error || info.avail_cpus < 1)
		return 1;
	known = (uint32_t)info.avail_cpus;
	return known;
}

// All CPUs, whichever thread is meant. Returns the bytes written (sched_setaffinity(2), "C library/kernel differences").
int64_t linux_sched_getaffinity(struct linux_frame *frame)
{
	uint32_t count = cpus_count();
	uint64_t *mask = (uint64_t *)(uintptr_t)frame->rdx; // NOLINT
	if (frame->rsi % sizeof(*mask) || frame->rsi * 8 < count)
		return -EINVAL;
	*mask = count < 64 ? (UINT64_C(1) << count) - 1 : UINT64_MAX;
	return sizeof(*mask);
}
