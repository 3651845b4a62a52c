// SPDX-License-Identifier: MIT
// What a machine tells the kernel: the up-calls of the seam (md.h is the other direction).
//
// They may be called from md_cpu_idle, md_cpu_poll and (where it says so) md_ functions that may suspend, on any CPU,
// with no lock held. None of them blocks; what must block is deferred to a kernel thread.
#ifndef MACHINE_KERN_H
#define MACHINE_KERN_H

#include <mach/kern_return.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct task;
struct thread;

// Entry of CPU 0, once the machine can do all of md.h. Never returns.
_Noreturn void kern_main(void);
// Entry of every other CPU.
_Noreturn void kern_cpu_main(void);

#define KERN_TRAP_ARGUMENTS 9
// What a thread asked when it entered the kernel: copied once by the machine, before kern_trap().
struct kern_trap_frame {
	uint32_t number;
	uint64_t arguments[KERN_TRAP_ARGUMENTS];
};

// The user thread has entered the kernel; its frame was stored by thread_trap_frame(). The kernel will answer with
// md_user_resume(). A hosted machine calls it from its event loop; a bare machine at its trap entry.
void kern_trap(struct thread *thread);
// Where the machine stores the frame of a thread that is about to be reported.
struct kern_trap_frame *kern_trap_frame(struct thread *thread);

// The same for a machine whose CPU has just left the thread's user mode and could go on in it: the kernel serves the trap at
// once, if that takes neither a stack of its own nor patience. `next` is the thread whose user mode goes on on this CPU, with
// `result` as the result of the trap that it is in. NULL: nothing was done, and the machine calls kern_trap. `arguments`: the
// first KERN_QUICK_ARGUMENTS, which md_user_arguments finds as long as the thread is in the trap. A machine need not call them at all.
#define KERN_QUICK_ARGUMENTS 6
struct kern_quick {
	struct thread *next;
	uint64_t result;
};
// mach_msg_trap (number KERN_QUICK_MESSAGE), with those of its arguments that matter in registers where most machines have them:
// `next` may be another thread, for which md_user_switch was called.
#define KERN_QUICK_MESSAGE 31
struct kern_quick kern_message_quick(uint64_t address, uint32_t option, uint32_t send_size, struct thread *thread);
// Every other trap: `next` is the same thread.
struct kern_quick kern_trap_quick(struct thread *thread, uint32_t number, const uint64_t *arguments);

// The deadline of md_timer_arm() has come.
void kern_timer_due(void);

// A user thread of the task exists and needs its kernel half: returned with one reference for the machine, in user
// mode (the kernel expects kern_trap next). NULL: refused (no memory, limits, the task is dying).
struct thread *kern_thread_attach(struct task *task);
// The user half is gone; the machine drops its reference with this call.
void kern_thread_detach(struct thread *thread);

// Hosted machines: a process that the kernel did not launch asks to become a task. parent: the task whose child it is
// (fork), or NULL for a stranger of the same user, who gets the session's rights. NULL: refused. One reference.
struct task *kern_task_attach(struct task *parent, const char *name);
// The process that an attached task is, before it has a thread: what receivers are told of who sends (audit tokens).
void kern_task_process(struct task *task, uint32_t user, uint32_t group, uint32_t pid);
// The program was replaced (exec): the task keeps its identity, loses its threads and names.
void kern_task_execed(struct task *task, const char *name);

enum kern_death { KERN_DEATH_EXIT, KERN_DEATH_SIGNAL, KERN_DEATH_LOAD, KERN_DEATH_PROTOCOL };
// The user half of the task is gone. code: exit status or signal number. The machine drops its reference.
void kern_task_died(struct task *task, enum kern_death why, int code);

// An interrupt line that was enabled (md_interrupt_enable) has been raised.
void kern_interrupt(uint32_t line);

// For people at the machine itself, when no task could tell them: 't' tasks and threads, 's' seats, 'm' memory, 'l' the end of the log,
// as lines. False: `what` is none of these. May be called where kern_interrupt may, if no other CPU is in the kernel with a lock.
bool kern_tell(char what, void (*put)(const char *text, size_t size));

// An orderly end was asked of the machine (hosted: SIGTERM, SIGINT, SIGHUP to the kernel server; ACPI power button).
void kern_shutdown_requested(const char *who);

#endif
