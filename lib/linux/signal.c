// SPDX-License-Identifier: MIT
// Signals: what programs ask for is remembered, nobody sends any, and what a program sends to itself does what it does by default.
// Handlers do not run yet (docs/linux-calls.md).
#include "calls_c.h"
#include "mutex.h"

#include <errno.h>
#include <linux/signal.h>
#include <string.h>

#define SIGNALS 64u
#define SET_SIZE 8u // bytes of the kernel's sigset_t

// The kernel's struct sigaction (rt_sigaction(2), "C library/kernel differences").
struct action {
	uint64_t handler, flags, restorer, mask;
};

static struct mutex lock;
static struct action actions[SIGNALS + 1]; // [lock]

int64_t linux_rt_sigaction(struct linux_frame *frame)
{
	uint64_t signal = frame->rdi;
	const struct action *new = (const struct action *)(uintptr_t)frame->rsi; // NOLINT
	struct action *old = (struct action *)(uintptr_t)frame->rdx;		 // NOLINT
	if (frame->r10 != SET_SIZE || signal < 1 || signal > SIGNALS)
		return -EINVAL;
	if (new && (signal == SIGKILL || signal == SIGSTOP))
		return -EINVAL;
	mutex_acquire(&lock);
	struct action before = actions[signal];
	if (new)
		actions[signal] = *new;
	mutex_release(&lock);
	if (old)
		*old = before;
	return 0;
}

// Nothing is ever delivered, so nothing is ever blocked.
int64_t linux_rt_sigprocmask(struct linux_frame *frame)
{
	if (frame->r10 != SET_SIZE)
		return -EINVAL;
	if (frame->rdx)
		memset((void *)(uintptr_t)frame->rdx, 0, SET_SIZE); // NOLINT
	return 0;
}

int64_t linux_sigaltstack(struct linux_frame *frame)
{
	if (frame->rsi)
		*(stack_t *)(uintptr_t)frame->rsi = (stack_t){.ss_flags = SS_DISABLE}; // NOLINT
	return 0;
}

// ---- Sending ---------------------------------------------------------------------------------------------------------

static bool is_ignored(uint64_t signal, uint64_t handler)
{
	if (handler == (uint64_t)(uintptr_t)SIG_IGN)
		return true;
	// signal(7), "Standard signals"
	return handler == 0 && (signal == SIGCHLD || signal == SIGCONT || signal == SIGURG || signal == SIGWINCH);
}

static int64_t send(uint64_t number, uint64_t signal)
{
	if (signal > SIGNALS)
		return -EINVAL;
	if (signal == 0)
		return 0;
	mutex_acquire(&lock);
	uint64_t handler = actions[signal].handler;
	mutex_release(&lock);
	if (is_ignored(signal, handler))
		return 0;
	if (handler > 1)
		return linux_missing(number, "to a handler");
	linux_end_by_signal((int)signal);
}

int64_t linux_kill(struct linux_frame *frame)
{
	int32_t id = (int32_t)frame->rdi;
	if (id != 0 && id != (int32_t)linux_program.id)
		return -ESRCH;
	return send(frame->rax, frame->rsi);
}

int64_t linux_tkill(struct linux_frame *frame) { return send(frame->rax, frame->rsi); }

int64_t linux_tgkill(struct linux_frame *frame)
{
	return (uint32_t)frame->rdi == linux_program.id ? send(frame->rax, frame->rdx) : -ESRCH;
}
