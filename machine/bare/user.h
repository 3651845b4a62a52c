// SPDX-License-Identifier: MIT
// Threads in user mode: who waits for a turn, and turns.
//
// A thread's user half goes round: QUEUED on some CPU, RUNNING there, KERNEL (the kernel has it, until md_user_resume).
// `asked` is what others want of it; who asks and finds it RUNNING nudges the CPU; it is looked at before each step
// into user mode and after each step out of it.
#ifndef MACHINE_BARE_USER_H
#define MACHINE_BARE_USER_H

#include "bare.h"

#include <kernel/task/task.h>
#include <kernel/task/thread.h>

struct cpu_state;

enum user_asked {
	USER_ASKED_END = 1,   // its user half is to go
	USER_ASKED_ENTER = 2, // md_user_interrupt
	USER_ASKED_WHOLE = 4, // its registers were changed while it was in a trap: no quick message is for it
};

enum user_exit_why {
	USER_CONTINUES,   // nothing for anybody: a page was brought
	USER_INTERRUPTED, // an interrupt, which has been served
	USER_TRAPPED,
	USER_FAULTED,     // it did what it must not; `signal`
};
struct user_exit {
	enum user_exit_why why;
	int signal;
};

// Lets the thread, whose state is KERNEL, run when its turn comes.
void user_queue(struct thread *thread);
// The next thread for this CPU, RUNNING; NULL: none.
struct thread *user_take(struct cpu_state *cpu);
// A turn of a thread that user_take gave; reports to the kernel how it ended.
void user_turn(struct cpu_state *cpu, struct thread *thread);
bool user_any_waits(void);
// Something is asked of it.
void user_ask(struct thread *thread, enum user_asked what);

// ---- The architecture's part ----------------------------------------------------------------------------------------

// What a thread needs to be in user mode at all. False: no memory.
bool arch_user_make(struct thread *thread);
void arch_user_free(struct thread *thread);
// Registers of a fresh thread.
void arch_user_begin(struct thread *thread, uint64_t entry, uint64_t stack, uint64_t argument);
// Those of `thread`, which is in a trap, as they are now (floating point too), for a fresh one.
void arch_user_copy_registers(struct thread *to, struct thread *from);
// User mode on this CPU, whose address space is the thread's, until it comes back.
struct user_exit arch_user_run(struct thread *thread);
// The thread whose user mode is this CPU's: after arch_user_run it may be another one than before (md_user_switch).
struct thread *arch_user_turn(void);
void arch_user_here(struct thread *thread);
// What is only in registers is loaded, unless it is there.
void arch_user_enter(struct thread *thread);
// It leaves this CPU: what is only in registers is saved.
void arch_user_leave(struct thread *thread);
// What a thread asks that has left user mode by its call instruction: a trap of Gila, or a call of another system.
bool arch_user_is_trap(const struct thread *thread);
void arch_user_frame(struct thread *thread, struct kern_trap_frame *frame);
// Sends the thread to `entry`, which serves the foreign call in user mode.
void arch_user_divert(struct thread *thread, uint64_t entry);
void arch_user_result(struct thread *thread, uint64_t result);
// Whether it waits for the result of a trap, and was not interrupted nor given other registers.
bool arch_user_in_trap(const struct thread *thread);

#endif
