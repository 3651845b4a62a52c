// SPDX-License-Identifier: MIT
// The scheduler: which thread a CPU runs next, and the three ways a thread gives the CPU up.
//
// Each CPU runs cpu_loop() at the top of a pooled stack: pick a ready thread, run it, idle when there is none.
//   thread_block            keeps the stack; it becomes the thread's, and the CPU takes another from the pool.
//   thread_block_continue   gives it back: the CPU goes on with cpu_loop on the same stack; when the thread is ready
//                           again, its continuation is called at the top of whatever stack the CPU runs on.
//   thread_return           back to user mode with a result; the thread is out of the kernel.
// 1. No lock is held when a thread gives the CPU up.
// 2. A thread that is made ready while it is still leaving its CPU is queued by that CPU once it has left.
// 3. Every ready thread runs after a bounded number of others: queues are first in, first out.
#ifndef KERNEL_CORE_SCHED_H
#define KERNEL_CORE_SCHED_H

#include "base.h"
#include "wait.h"

struct thread;

void sched_module_init(void);
// The CPU's main loop; called once by kern_main and kern_cpu_main.
_Noreturn void sched_cpu_start(void);
// The thread whose kernel code this CPU runs; NULL in the idle loop and in up-calls.
struct thread *thread_current(void);

// Blocks until the wait that wait_begin announced is over.
enum wait_result thread_block(void);
_Noreturn void thread_block_continue(void (*continuation)(struct thread *thread));
// As thread_block_continue, but `next` (claimed, its continuation set) runs at once on this CPU, past the run queue.
_Noreturn void thread_block_handoff(void (*continuation)(struct thread *thread), struct thread *next);
// A claimed or new thread may run: to the queue of an idle CPU if there is one, else of this one.
void thread_ready(struct thread *thread);
// Runs `next` when the current thread next leaves the CPU, before the queue (a hint: it is queued if that is not
// soon). Used when a reply wakes somebody who is about to be waited for.
void thread_ready_next(struct thread *next);
// For thread.c: a thread that has entered the kernel (state READY, continuation set) is run by this CPU next, or queued.
void sched_entered(struct thread *thread);
// For thread.c: the current thread is in user mode or dead and must not be touched any more; the CPU goes on.
_Noreturn void sched_leave(void);
// Lets others run; keeps the stack.
void thread_yield(void);
// Ends the current thread's trap: back to user mode with the result (or to its end, if it is to die).
_Noreturn void thread_return(uint64_t result);
// A kernel thread: runs function(argument) once, then ends. KERN_RESOURCE_SHORTAGE.
kern_return_t must_check thread_create_kernel(const char *name, void (*function)(void *), void *argument);

#endif
