// SPDX-License-Identifier: MIT
// The seam's types on the machine linux; see machine/md.h.
#ifndef MACHINE_LINUX_MD_TYPES_H
#define MACHINE_LINUX_MD_TYPES_H

#include <machine/isa/x86_64/context.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if defined(ISA_CONTEXT_ASAN) || defined(ISA_CONTEXT_TSAN)
#define MD_STACK_SIZE (128u << 10)
#else
#define MD_STACK_SIZE (32u << 10)
#endif

struct channel;
struct process;
struct s2c;

struct md_lock {
	_Atomic uint32_t word; // 0: free, 1: held, 2: held and somebody may sleep (futex)
};

struct md_context {
	struct isa_context isa;
};

struct md_task {
	struct process *_Atomic process; // set once, under the lock; read by everybody. NULL: no program yet
	struct md_lock lock;
	bool killed;             // [lock] md_task_kill came before `process`
};

enum md_thread_state {
	MD_THREAD_NEW,      // no user half known
	MD_THREAD_USER,     // its slot is the client's
	MD_THREAD_KERNEL,   // in a trap
	MD_THREAD_DETACHED, // no user half any more
};

// Guarded by the lock of the process.
struct md_thread {
	struct channel *channel; // a reference, until md_thread_destroy
	int32_t tid;             // Linux's, checked when it was attached
	uint16_t slot;
	uint8_t state;           // enum md_thread_state
	bool dirty;              // the body holds output: it mirrors the input no more
	bool answered;           // md_user_resume came while the slot was busy with an S2C: `result` waits
	uint32_t in_size, out_size, out_begin, out_end; // as in struct channel_slot
	uint64_t in_address, out_address;
	uint64_t result;
	struct s2c *s2c;         // that the slot is busy with
	struct thread *deferred; // the next one on the list of cpu_defer_detach
};

struct md_word {
	uint32_t nothing; // what others want of a client is asked under other locks
};
#define MD_WORD_USER 0u
#define MD_WORD_TRAP 0u

struct md_memory {
	struct md_lock lock;
	int file;      // [lock] a memfd, plus 1; 0: not yet
	uint64_t size; // bytes; changed by resize only
	void *pages;   // [lock] small and never mapped: kernel memory instead of the file
};

struct md_descriptor {
	int file; // plus 1; 0: none
};

#endif
