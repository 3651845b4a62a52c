// SPDX-License-Identifier: MIT
// A task: an address space (the machine's), a port space, threads, an account, and grants (which seats it may look up).
//
// Tasks form a tree of parents and children; each has an id that is never used again. To start a program call
// task_create, then task_launch (or task_clone); to end a task call task_terminate.
// A task is DEAD when its user half is gone (kern_task_died), its threads have unwound and its names are gone; that is
// told to its waiters, its seat, and everybody who asked for a notification through its task port.
// 1. `state` is changed only by task.c. The table holds one reference on every task that is not DEAD.
// 2. While `user_half` is set the machine holds a reference and will call kern_task_died exactly once.
#ifndef KERNEL_TASK_TASK_H
#define KERNEL_TASK_TASK_H

#include "../core/alloc.h"
#include "../core/list.h"
#include "../core/lock.h"
#include "../core/object.h"
#include "../core/tree.h"
#include "../core/wait.h"
#include "../core/work.h"
#include "../ipc/right.h"
#include "../ipc/space.h"
#include <machine/kern.h>
#include <machine/md.h>

enum task_state {
	TASK_NEW,      // made, no user half yet                                -> ALIVE, DYING
	TASK_ALIVE,    // has a user half, or is being given one                -> DYING
	TASK_DYING,    // told to end; threads unwind, the user half is ending  -> CLEARING
	TASK_CLEARING, // no user half, no threads; its names are being destroyed -> DEAD
	TASK_DEAD,     // nothing is left; kept only for references
};

enum { TASK_SPECIAL_PORTS = 16, TASK_REGISTERED_PORTS = 3 };

struct grants; // seat/grants.h: immutable, shared list of patterns
struct seat;

struct task {
	struct object object;
	uint32_t id;                    // [I] also the Mach "pid" within Gila
	char name[32];                  // [l] program name, for people
	audit_token_t audit;            // [I] who receivers are told that it is: its id, or a process of a hosted machine
	struct lock lock;               // RANK_TASK
	enum task_state state;          // [l]
	bool user_half;                 // [l] the machine has one, or is making it
	struct account *account;        // [I] a reference
	struct account *payer;          // [I] who pays for the task itself; a reference
	struct task *parent;            // [RANK_TASK_TABLE] a reference; NULL for the first and for strangers
	struct list children;           // [RANK_TASK_TABLE] of sibling_link
	struct list sibling_link;       // [RANK_TASK_TABLE]
	struct tree_node table_node;    // [RANK_TASK_TABLE] by id
	struct list threads;            // [l] of thread.task_link
	unsigned thread_count;          // [l]
	uint16_t suspend_count;         // [l]
	struct wait_queue death_waiters; // [l] task_wait
	struct wait_queue suspended;    // [l] threads held up on their way to user mode
	enum kern_death death_why;      // [l] valid when DYING or DEAD
	int death_code;                 // [l]
	struct space space;             // its own lock
	struct port *self_port;         // [I] the task port; a reference; dead when the task is
	struct right special[TASK_SPECIAL_PORTS];       // [l] send rights (TASK_BOOTSTRAP_PORT...)
	struct right registered[TASK_REGISTERED_PORTS]; // [l] mach_ports_register
	struct grants *grants;          // [I] what it may look up; a reference
	struct seat *seat;              // [l] the seat it was launched for or holds; a reference, NULL: none
	struct list stops;              // [l] suspensions that end by themselves (debug/inject.c)
	struct work ending;             // carries CLEARING to DEAD; posted once
	uint64_t started_at;            // [I] ns since boot
	struct md_task md;              // the machine's
};

extern const struct object_kind task_kind;
// The task of the kernel's own threads: no user half, never ends.
extern struct task *task_kernel;

void task_module_init(void);
// A task without threads, child of `parent` (NULL: none), with `grants` (a reference is taken). NULL: no memory, limits.
struct task *task_create(struct task *parent, const char *name, struct grants *grants);
struct md_launch;
// Loads a program into a NEW task and lets it run. On errors the task ends (KERN_DEATH_LOAD); the caller keeps its
// reference. May suspend. KERN_TERMINATED: it was ended meanwhile; else the machine's reason.
kern_return_t must_check task_launch(struct task *task, const struct md_launch *launch);
// A copy-on-write clone of the current task, running in a copy of the current thread with `result` as the result of
// its trap; its space is empty. *child: with a reference. May suspend.
kern_return_t must_check task_clone(uint64_t result, struct task **child);
// Suspends or resumes all threads: counted. KERN_FAILURE: too many, or none to undo.
kern_return_t must_check task_suspend(struct task *task);
kern_return_t must_check task_resume(struct task *task);
// Ends it: threads unwind, names go, the machine ends the user half. `why`/`code` are what waiters see. Idempotent.
void task_terminate(struct task *task, enum kern_death why, int code);
// The last thread of a task that is DYING has ended (called by thread.c, no lock held).
void task_threads_gone(struct task *task);
// Blocks until the task is DEAD. KERN_ABORTED when interrupted, KERN_OPERATION_TIMED_OUT.
kern_return_t must_check task_wait(struct task *task, uint64_t deadline, enum kern_death *why, int *code);
// The live (not DEAD) task with the id, with a reference; NULL: none.
struct task *task_find(uint32_t id);
// The next live task with an id > `after`, with a reference; NULL: none.
struct task *task_next(uint32_t after);
// Up to `room` threads of the task with ids > `after`, each with a reference, oldest first. Returns how many.
uint32_t task_list_threads(struct task *task, uint32_t after, struct thread **threads, uint32_t room);
// The parent's id; 0: none.
uint32_t task_parent_id(struct task *task);
const char *task_state_name(enum task_state state);
static inline struct task *task_reference(struct task *task)
{
	object_reference(&task->object);
	return task;
}
static inline void task_release(struct task *task) { object_release(&task->object); }

#endif
