// SPDX-License-Identifier: MIT
// futex(2): the operations that C libraries use. Words are private to the task, whether they were said to be or not.
#include "calls_c.h"
#include "futex_table.h"
#include "timespec.h"

#include <errno.h>
#include <linux/futex.h>

// The deadline of a wait. FUTEX_WAIT has a duration, FUTEX_WAIT_BITSET a time of the clock that the operation names.
static int64_t deadline_of(const struct linux_frame *frame, uint64_t *deadline)
{
	const struct linux_timespec *time = (const struct linux_timespec *)(uintptr_t)frame->r10; // NOLINT
	uint64_t ns;
	*deadline = FOREVER;
	if (!time)
		return 0;
	if (!timespec_read(time, &ns))
		return -EINVAL;
	bool absolute = (frame->rsi & FUTEX_CMD_MASK) == FUTEX_WAIT_BITSET;
	*deadline = absolute && !(frame->rsi & FUTEX_CLOCK_REALTIME) ? ns
		    : absolute ? time_from_calendar(ns) : time_after(linux_now(), ns);
	return 0;
}

static int64_t wait(const struct linux_frame *frame, uint32_t bits)
{
	uint64_t deadline;
	int64_t error = deadline_of(frame, &deadline);
	if (error || bits == 0)
		return error ? error : -EINVAL;
	return futex_wait((const uint32_t *)(uintptr_t)frame->rdi, (uint32_t)frame->rdx, bits, deadline); // NOLINT
}

static int64_t wake(const struct linux_frame *frame, uint32_t bits)
{
	int32_t count = (int32_t)frame->rdx;
	if (bits == 0)
		return -EINVAL;
	return futex_wake((const uint32_t *)(uintptr_t)frame->rdi, count > 1 ? (uint32_t)count : 1, bits); // NOLINT
}

int64_t linux_futex(struct linux_frame *frame)
{
	if (frame->rdi % 4)
		return -EINVAL;
	switch (frame->rsi & FUTEX_CMD_MASK) {
	case FUTEX_WAIT:
		return wait(frame, FUTEX_ANY);
	case FUTEX_WAIT_BITSET:
		return wait(frame, (uint32_t)frame->r9);
	case FUTEX_WAKE:
		return wake(frame, FUTEX_ANY);
	case FUTEX_WAKE_BITSET:
		return wake(frame, (uint32_t)frame->r9);
	default:
		return linux_missing(frame->rax, "with this operation");
	}
}
