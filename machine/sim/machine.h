// SPDX-License-Identifier: MIT
// Inside the machine sim: what its files share. Tests use sim.h.
//
//   schedule.c  entities (coroutines), the seeded scheduler, virtual CPUs, locks, clock, timer, events
//   process.c   processes and their users (threads in user mode), life and death, program launch
//   trap.c      the trap and the way back, in the client's own context
//   address_space.c   a process's address space: ranges, maps, copies
//   frames.c    kernel pages, stacks, page frames and memory objects
//   run.c       beginning and end of a simulation, reports, log
//   archive.c   the boot archive
//   device.c    two devices
//   runtime.c   what clients are linked with instead of lib/gila's run-time
//   client.c    what sim.h offers to tests besides
// Everything runs in one host thread, so nothing here needs a lock; nothing here is preempted except where it calls
// sim_point() or up into the kernel.
#ifndef MACHINE_SIM_MACHINE_H
#define MACHINE_SIM_MACHINE_H

#include "sim.h"

#include <kernel/core/list.h>
#include <machine/isa/x86_64/context.h>
#include <machine/kern.h>
#include <machine/md.h>

// Where things lie in the host's address space: fixed, so that runs of a seed are equal to the last bit.
#define SIM_PAGES_BASE UINT64_C(0x200000000000)
#define SIM_PAGES_LIMIT (UINT64_C(1) << 18) // pages
#define SIM_STACKS_BASE UINT64_C(0x210000000000)
#define SIM_STACKS_LIMIT 16384u
#define SIM_FRAMES_BASE UINT64_C(0x220000000000)
#define SIM_FRAMES_LIMIT (UINT64_C(1) << 18) // pages
#define SIM_SPACES_BASE UINT64_C(0x230000000000)
#define SIM_SPACE_SIZE (UINT64_C(1) << 30)
#define SIM_SPACES_LIMIT 8192u

#define SIM_USER_STACK_SIZE (128u << 10)
#define SIM_ARENA_SIZE (UINT64_C(16) << 20)
#define SIM_STEP_TIME 20u // virtual ns for each scheduling point

enum entity_state {
	ENTITY_RUNNABLE, // in sim.runnable
	ENTITY_LOCK,     // a CPU that waits for `lock`
	ENTITY_IDLE,     // a CPU that waits for an event, timer or kick
	ENTITY_WAITING,  // a user that is in the kernel or not attached yet
	ENTITY_DEAD,
};

// A coroutine: a virtual CPU or a user.
struct entity {
	struct isa_context context;
	enum entity_state state;
	unsigned place;        // index in sim.runnable
	int cpu;               // number, or -1: a user
	struct md_lock *lock;  // with ENTITY_LOCK
	bool kicked;
	unsigned locks_held;
};

enum event_kind { EVENT_CALL, EVENT_ATTACH, EVENT_TRAP, EVENT_DETACH, EVENT_DIED };

// Something that the next idle or polling CPU reports to the kernel.
struct event {
	enum event_kind kind;
	struct sim_user *user;       // ATTACH, TRAP, DETACH
	struct sim_process *process; // DIED
	void (*call)(void *argument);
	void *argument;
};

struct range {
	uint64_t start, end; // whole pages
	vm_prot_t prot;
	bool anonymous;      // memory of its own, else frames
	uint32_t *frames;    // a reference on each
};

enum process_state {
	PROCESS_NEW,     // md_task_init: no program yet
	PROCESS_ALIVE,   // the kernel knows that it runs; a reference on the task
	PROCESS_DYING,   // no user code runs any more; the report is an event
	PROCESS_DEAD,    // reported
};

#define SIM_DESCRIPTORS 64

struct sim_process {
	struct task *task;
	enum process_state state;
	bool killed; // in PROCESS_NEW: die as soon as alive
	struct list users;
	unsigned users_alive;
	unsigned busy; // reports about it and its users under way
	unsigned slot; // of SIM_SPACES_BASE, from 1; 0: no space
	struct range *ranges;
	size_t range_count, range_room;
	uint64_t arena, arena_used;
	enum kern_death death_why;
	int death_code;
	unsigned traps;
	uint32_t self_port; // the client's name for its task: runtime.c
	char **arguments, **environment;
	uint32_t descriptors[SIM_DESCRIPTORS];
};

struct sim_user {
	struct entity entity;
	struct list link; // process->users
	struct sim_process *process;
	struct thread *thread; // its kernel half; a reference; NULL before attached
	void (*function)(void *argument);
	void *argument;
	uint64_t stack; // user address, 0: none
	struct kern_trap_frame frame;
	uint64_t result;
	bool in_kernel;   // trapped, not answered
	bool paused;      // sim_pause
	bool interrupted; // enters with TRAP_ast before it goes on
	bool reported;    // detached
	unsigned busy;    // reports about it that are under way
	bool detach_later; // it ended during that report
	uint32_t reply_port; // the client's own, for LPC: runtime.c
	uint64_t registers[64];
};

struct sim {
	struct sim_options options;
	struct isa_context host; // where sim_run waits
	struct entity *current;  // NULL: the host
	struct entity cpus[MD_CPU_LIMIT];
	unsigned cpu_count;
	bool started_others;
	struct entity **runnable;
	unsigned runnable_count, runnable_room;
	unsigned lock_waiters;
	struct event *events;
	unsigned event_count, event_room;
	uint64_t clock, timer;
	uint64_t random, history, steps;
	uint64_t quick_served; // traps that kern_trap_quick has served
	unsigned switch_rate;   // one point in that many switches
	int countdown, preempt_rate; // basic blocks to the next preemption
	bool booted, reporting, finished;
	bool stopped;                       // by sim_stop
	unsigned fail_every, fail_counter;  // sim_fail_every
	struct entity *suspended;           // in sim_suspend
	void (*thread_entry)(void *);       // sim_thread_entry
	enum sim_status status;
	struct thread *settling;
	// sim_kill_at
	struct sim_process *victim;
	struct sim_user *victim_user; // in the trap in question
	unsigned victim_trap, victim_point, victim_points;
	bool victim_happened;
	const char *victim_name; // sim_kill_next: not launched yet
	unsigned descriptors_in_transit;
	unsigned dma_freed_early; // while a device might access it
};
extern struct sim sim;

// schedule.c
void entity_start(struct entity *entity, int cpu, void *stack, size_t size, void (*entry)(void *), void *argument);
void entity_wake(struct entity *entity);
// The running entity stops being runnable; somebody else goes on. Returns when it is woken.
void entity_sleep(enum entity_state state);
// It will never run again. When it is the running one, does not return.
void entity_end(struct entity *entity);
void event_post(struct event event);
// Forgets the events of a user.
void event_forget_user(struct sim_user *user);

// process.c
struct sim_process *process_current(void); // of the running user; misuse if none runs
struct sim_user *user_current(void);
void process_end(struct sim_process *process, enum kern_death why, int code);
void process_event(struct event *event); // ATTACH, TRAP, DETACH, DIED
struct sim_user *user_create(struct sim_process *process, void (*function)(void *), void *argument);
void user_end(struct sim_user *user);
// Tells that a task is alive: its machine reference is the caller's, handed over.
void process_alive(struct sim_process *process);

// trap.c
void trap_interrupts(struct sim_user *user);

// address_space.c
bool address_space_create(struct sim_process *process);
void address_space_destroy(struct sim_process *process);
// Anonymous memory for the machine's own use; 0: none.
uint64_t address_space_reserve(struct sim_process *process, uint64_t size);
void address_space_release(struct sim_process *process, uint64_t start, uint64_t size);

// frames.c
void frames_init(void);
void frame_reference(uint32_t frame);
void frame_release(uint32_t frame);
// Maps the frames at a host address; private: copy on write.
bool frames_map(const uint32_t *frames, size_t count, uint64_t address, int host_prot, bool private_copy);

// client.c
bool client_shortage(void); // whether a call of the seam is to fail: sim_fail_every
void client_event(void (*call)(void *), void *argument); // EVENT_CALL; NULL: everything has settled
// A NULL-terminated array of strings in the client's arena; `strings` may be NULL. NULL: the arena is full.
char **client_strings(struct sim_process *process, const char *const *strings);

// archive.c
const void *archive_make(size_t *size);

// run.c
// The kernel (or a test) broke a rule of the machine: says so and ends the simulation.
_Noreturn void sim_misuse(const char *format, ...) __attribute__((format(printf, 1, 2)));
// Nothing will ever happen again: says what everybody waits for and ends the simulation.
_Noreturn void sim_hang(const char *why);
// The host ran out of something.
_Noreturn void sim_broken(const char *what);

#endif
