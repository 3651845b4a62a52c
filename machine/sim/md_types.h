// SPDX-License-Identifier: MIT
// The seam's types on the machine sim; see machine/md.h.
#ifndef MACHINE_SIM_MD_TYPES_H
#define MACHINE_SIM_MD_TYPES_H

#include <machine/isa/x86_64/context.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MD_STACK_SIZE (64u << 10)

struct sim_process;
struct sim_user;

struct md_lock {
	bool held;
	int16_t holder; // CPU
};

struct md_context {
	struct isa_context isa;
};

struct md_task {
	struct sim_process *process; // from md_task_init to md_task_destroy
};

struct md_thread {
	struct sim_user *user; // the scripted client's flow of control; NULL before it is known
	bool killed;           // md_thread_kill came before `user` was known
	bool interrupted;      // so did md_user_interrupt
};

struct md_word {
	_Atomic uint32_t served; // MD_WORD_USER: a quick message is about the client: no report about it is made
};
#define MD_WORD_TRAP 0u
#define MD_WORD_USER 1u

struct md_memory {
	uint32_t *frames; // numbers of page frames, one a page
	uint64_t pages;
	bool fixed;       // md_memory_fix
	bool dma;         // devices may access it
};

struct md_descriptor {
	uint32_t token; // 0: none
};

#endif
