// SPDX-License-Identifier: MIT
// How threads begin and end: clone(2) and clone3(2) as pthread_create uses them, exit(2).
//
// The new thread begins at linux_thread_entry with a copy of the caller's registers, which lies below its stack pointer; it sets
// its FS base, enters itself into the table and goes on where the caller goes on, with 0.
// At the end the word of CLONE_CHILD_CLEARTID is cleared on a stack that is nobody's, since whoever waits for it (pthread_join)
// takes the thread's own stack away.
#include "calls_c.h"
#include "fsbase.h"
#include "futex_table.h"
#include "spin.h"
#include "thread.h"

#include <abi/traps.h>
#include <asm/unistd_64.h>
#include <errno.h>
#include <linux/sched.h>

#define THREAD_FLAGS (CLONE_VM | CLONE_SIGHAND | CLONE_THREAD)
#define DONE_FLAGS                                                                                                     \
	(THREAD_FLAGS | CLONE_FS | CLONE_FILES | CLONE_SYSVSEM | CLONE_SETTLS | CLONE_PARENT_SETTID |                  \
	 CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID | CLONE_DETACHED)

struct birth {
	struct linux_frame frame; // first: linux_thread_entry goes on with it
	struct linux_thread *record;
	uint64_t flags, thread_area;
	uint32_t *child_id;
	uint64_t padding[4];
} __attribute__((aligned(16)));

void linux_thread_wake(uint32_t *word);
int64_t linux_thread_begin(struct birth *birth);

struct wanted {
	uint64_t flags, stack, thread_area;
	uint32_t *parent_id, *child_id;
};

static int64_t thread_make(const struct linux_frame *frame, const struct wanted *wanted)
{
	struct linux_thread *record = thread_expect();
	if (!record)
		return -EAGAIN;
	struct birth *birth = (struct birth *)((wanted->stack - sizeof(*birth)) & ~UINT64_C(15)); // NOLINT
	birth->frame = *frame;
	birth->frame.rsp = wanted->stack;
	birth->record = record;
	birth->flags = wanted->flags;
	birth->thread_area = wanted->flags & CLONE_SETTLS ? wanted->thread_area : fs_base_read();
	birth->child_id = wanted->child_id;
	record->clear = wanted->flags & CLONE_CHILD_CLEARTID ? wanted->child_id : NULL;
	uint64_t result = gila_thread_start((uintptr_t)linux_thread_entry, (uintptr_t)birth, (uintptr_t)birth,
					    wanted->flags & CLONE_PARENT_SETTID ? wanted->parent_id : NULL);
	if (result >> 32 == 0)
		return (int64_t)result;
	thread_forget(record);
	return -EAGAIN;
}

int64_t linux_thread_begin(struct birth *birth)
{
	uint32_t id = gila_thread_id();
	fs_base_write(birth->thread_area);
	thread_add(birth->record, id);
	if (birth->flags & CLONE_CHILD_SETTID)
		__atomic_store_n(birth->child_id, id, __ATOMIC_SEQ_CST);
	return 0;
}

static int64_t clone(const struct linux_frame *frame, const struct wanted *wanted)
{
	if ((wanted->flags & THREAD_FLAGS) != THREAD_FLAGS)
		return linux_missing(frame->rax, "of a process");
	if (wanted->flags & ~(uint64_t)DONE_FLAGS)
		return linux_missing(frame->rax, "with these flags");
	if (!linux_program.fsgsbase)
		return linux_missing(frame->rax, "on a CPU without FSGSBASE");
	return wanted->stack ? thread_make(frame, wanted) : -EINVAL;
}

int64_t linux_clone(struct linux_frame *frame)
{
	return clone(frame, &(struct wanted){
				    .flags = frame->rdi & ~(uint64_t)CSIGNAL,
				    .stack = frame->rsi,
				    .parent_id = (uint32_t *)(uintptr_t)frame->rdx, // NOLINT
				    .child_id = (uint32_t *)(uintptr_t)frame->r10,  // NOLINT
				    .thread_area = frame->r8,
			    });
}

int64_t linux_clone3(struct linux_frame *frame)
{
	const struct clone_args *arguments = (const struct clone_args *)(uintptr_t)frame->rdi; // NOLINT
	if (frame->rsi < CLONE_ARGS_SIZE_VER0)
		return -EINVAL;
	return clone(frame, &(struct wanted){
				    .flags = arguments->flags,
				    .stack = arguments->stack ? arguments->stack + arguments->stack_size : 0,
				    .parent_id = (uint32_t *)(uintptr_t)arguments->parent_tid, // NOLINT
				    .child_id = (uint32_t *)(uintptr_t)arguments->child_tid,   // NOLINT
				    .thread_area = arguments->tls,
			    });
}

// ---- The end ---------------------------------------------------------------------------------------------------------

void linux_thread_wake(uint32_t *word)
{
	__atomic_store_n(word, 0, __ATOMIC_SEQ_CST);
	futex_wake(word, 1, FUTEX_ANY);
}

int64_t linux_exit(struct linux_frame *frame)
{
	struct linux_thread *self = thread_self();
	uint32_t *word = self ? self->clear : NULL;
	if (self && thread_remove(self))
		linux_end((int)(frame->rdi & 0xff));
	if (word) {
		spin_acquire(&linux_exit_lock);
		linux_thread_leave(word);
	}
	gila_thread_exit();
	__builtin_trap();
}

// ---- FS base ---------------------------------------------------------------------------------------------------------

// asm/prctl.h; arch_prctl(2)
#define ARCH_SET_FS 0x1002
#define ARCH_GET_FS 0x1003

int64_t linux_arch_prctl(struct linux_frame *frame)
{
	switch (frame->rdi) {
	case ARCH_SET_FS:
	case ARCH_GET_FS:
		if (!linux_program.fsgsbase)
			return linux_missing(frame->rax, "on a CPU without FSGSBASE");
		if (frame->rdi == ARCH_SET_FS)
			fs_base_write(frame->rsi);
		else
			*(uint64_t *)(uintptr_t)frame->rsi = fs_base_read(); // NOLINT
		return 0;
	default: // also what glibc asks for at its start: whether there is a shadow stack (ARCH_CET_STATUS)
		return -EINVAL;
	}
}
