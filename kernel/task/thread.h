// SPDX-License-Identifier: MIT
// A thread: one flow of control. A user thread has a user half that the machine runs; the kernel half exists while it
// is registered and has a stack only while it runs or blocks in kernel code without a continuation.
//
// 1. `state` is changed only by the transitions named at enum thread_state.
// 2. A thread in THREAD_USER is not touched by any CPU; whoever moves it out of that state by compare-and-swap owns it.
// 3. `ast` bits are looked at on each return to user mode; setting one and then seeing THREAD_USER obliges the setter
//    to md_user_interrupt() it.
#ifndef KERNEL_TASK_THREAD_H
#define KERNEL_TASK_THREAD_H

#include "../core/list.h"
#include "../core/lock.h"
#include "../core/object.h"
#include "../core/timer.h"
#include "../core/wait.h"
#include "../ipc/ipc_thread.h"
#include <machine/kern.h>
#include <machine/md.h>

enum thread_state {
	THREAD_NEW,      // created, never ran                          -> READY, USER (attached), DEAD
	THREAD_READY,    // on a run queue, or handed to a CPU          -> RUNNING
	THREAD_RUNNING,  // on a CPU, in the kernel                     -> WOKEN, BLOCKING, USER, WAKING (yield), DEAD
	THREAD_WOKEN,    // made ready after wait_begin, before it blocked -> RUNNING (its blocking ends at once)
	THREAD_BLOCKING, // has said it will block, still on its CPU    -> BLOCKED, WAKING
	THREAD_WAKING,   // was made ready while BLOCKING               -> READY (by the CPU that it leaves)
	THREAD_BLOCKED,  // off all CPUs                                -> READY
	THREAD_USER,     // in user mode                                -> READY (trap, death)
	THREAD_DEAD,
};

// Things to be done before the next return to user mode.
enum thread_ast {
	AST_DIE = 1,     // end the thread
	AST_SUSPEND = 2, // suspend_count > 0, the thread's or the task's
	AST_ABORT = 4,   // thread_abort came while it did not wait: the next interruptible wait ends at once
};

struct space;

struct thread {
	struct md_thread md;                       // the machine's; first, so that it finds the thread by its own
	union {
		struct {
			_Atomic uint8_t state;     // [a] enum thread_state
			_Atomic uint8_t ast;       // [a] enum thread_ast
			_Atomic uint16_t wait;     // [a] enum wait_result; claimed by compare-and-swap
			struct md_word md_word;    // [a] the machine's
		};
		_Atomic uint64_t word;             // [a] all four: quick.c takes a thread from one state to another by one swap
	};
	struct object object;
	uint32_t id;                               // [I] unique while the kernel runs
	struct task *task;                         // [I] a reference
	struct space *space;                       // [I] the task's
	struct list task_link;                     // [task lock]
	void (*continuation)(struct thread *self); // [o] where it goes on when it has no stack
	void *stack;                               // [o] its own while it blocks with it
	struct md_context context;                 // [o] valid while `stack` is
	struct list ready_link;                    // [s]
	struct list wait_link;                     // [lock of the wait queue's owner]
	const char *wait_why;                      // [o] for people
	struct timer wait_timer;                   // [o]
	uint8_t last_cpu;                          // [s]
	bool registered;                           // [task lock] among its task's threads
	uint16_t suspend_count;                    // [task lock]
	struct kern_trap_frame frame;              // [machine until kern_trap, then o]
	uint64_t result;                           // [o] of the trap, while the return to user mode is held up
	uint64_t traps;                            // [o] how often it entered the kernel
	uint64_t who;                              // [I] for the trace: its id, and its task's times 2^32
	void (*function)(void *);                  // [I] kernel threads: what they run
	void *argument;                            // [I]
	struct port *self_port;                    // [task lock] its kernel port, made when first asked for; a reference
	struct ipc_thread ipc;                     // [o, and the sender that claimed it] message being received
	char name[24];                             // [task lock]
};
_Static_assert(sizeof(struct md_word) == 4 && offsetof(struct thread, md_word) == offsetof(struct thread, word) + 4, "in one word");

// struct thread.word without asts: where the thread is, by its kernel half and its machine's.
static inline uint64_t thread_word(enum thread_state state, unsigned wait, uint32_t machine)
{
	return (uint64_t)state | (uint64_t)wait << 16 | (uint64_t)machine << 32;
}

extern const struct object_kind thread_kind;

// A user thread's kernel half: in state THREAD_NEW, registered with its task. NULL: no memory, limit, task dying.
// Two references: one for the caller, one that the thread itself holds until it ends.
struct thread *thread_create(struct task *task, const char *name);
// Suspends and resumes: counted; a suspended thread does not return to user mode. thread_resume without a suspend is
// KERN_FAILURE, too many suspends are KERN_FAILURE too.
kern_return_t must_check thread_suspend(struct thread *thread);
kern_return_t must_check thread_resume(struct thread *thread);
// Sets or clears AST_SUSPEND by the counts of thread and task and wakes who may go on. The task's lock is held.
void thread_update_suspension(struct thread *thread);
// Ends it: at once if it is in user mode or blocked, else at its next return to user mode.
void thread_terminate(struct thread *thread);
// Ends an interruptible wait (or the next one) with WAIT_INTERRUPTED.
void thread_abort(struct thread *thread);
// The next return to user mode does what `bits` say; a thread in user mode is brought into the kernel.
void thread_post_ast(struct thread *thread, enum thread_ast bits);
static inline struct thread *thread_reference(struct thread *thread)
{
	object_reference(&thread->object);
	return thread;
}
static inline void thread_release(struct thread *thread) { object_release(&thread->object); }
const char *thread_state_name(enum thread_state state);
// What it waits for, for people; NULL: it does not wait.
const char *thread_wait_why(const struct thread *thread);

#endif
