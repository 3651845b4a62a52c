// SPDX-License-Identifier: MIT
// Tests on the machine sim: the whole kernel as one deterministic simulation in one process.
//
// Virtual CPUs and scripted clients are coroutines; a scheduler seeded with a number decides at every lock, kick, copy
// and trap (and in builds with -fsanitize-coverage=trace-pc at any basic block of kernel code) who goes on. One seed,
// one interleaving. Time is virtual: it creeps while something runs, and jumps to the next timer when nothing can.
//
// To write a kernel test put TEST(name) { ... } into x_test.c beside x.c: it runs as a kernel thread of a freshly
// booted kernel (in a process of its own) and may call and block as any kernel code. CHECK works everywhere, also in
// clients. To test with user code:
//     static void client(void *argument)            runs in user mode; enters the kernel by gila_trap() and so by
//     { mach_port_t p = mach_reply_port(); ... }    every ordinary trap stub and LPC stub
//     TEST(x) { struct task *t = sim_client("client", client, NULL); sim_join(t); CHECK_EQ(account_total(...), 0); }
// A client may use its stack, sim_alloc() memory and what it maps; to lend it a global use sim_allow(). What clients
// share with the test (flags, counters) are plain globals: only one coroutine runs at a time.
// sim_settle() waits until nothing but time could change anything any more; sim_sleep() lets virtual time pass.
#ifndef MACHINE_SIM_SIM_H
#define MACHINE_SIM_SIM_H

#include <gila/test.h>
#include <machine/kern.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct task;

// ---- In kernel threads (tests) and in clients -----------------------------------------------------------------------

// A task whose process exists but has no thread yet; parent NULL: a stranger. NULL: refused by the kernel. The caller
// borrows it: valid while the caller knows it to be alive, or holds a task_reference() of its own.
struct task *sim_task(const char *name, struct task *parent);
// A thread of the task that runs function(argument). The process exits with status 0 when its last thread returns.
void sim_thread(struct task *task, void (*function)(void *argument), void *argument);
// Both, with a reference that belongs to the caller: end with sim_join() (or task_release).
struct task *sim_client(const char *name, void (*function)(void *argument), void *argument);
// SIGKILL, as by anybody on the host: at once, without asking the kernel.
void sim_kill(struct task *task);
// Registers a program for md_task_launch: an image whose bytes are "sim:NAME".
void sim_program(const char *name, void (*function)(void *argument));
// At file scope: the same for every simulation of this binary, and the file /system/bin/NAME in its boot archive, so
// that recipes can name it. SIM_PROGRAM(echo, echo_main)
#define SIM_PROGRAM(id, entry)                                                                                         \
	static const struct sim_program_entry sim_program_entry_##id = {#id, entry};                                   \
	static const struct sim_program_entry *const sim_program_pointer_##id                                          \
		__attribute__((section("gila_programs"), used, TEST_UNPADDED)) = &sim_program_entry_##id
struct sim_program_entry {
	const char *name;
	void (*function)(void *argument);
};
// For clients that ask for threads at addresses which are no functions: every md_thread_start begins here instead.
void sim_thread_entry(void (*function)(void *argument));
// Fault injection: every n-th call of the seam that may fail for want of memory fails; 0: none.
void sim_fail_every(unsigned n);
// Memory that every client may use besides its own.
void sim_allow(const void *start, size_t size);
// Another coroutine may go on here. Kernel code and clients may call it; a loop that waits for a flag must.
void sim_point(void);
uint64_t sim_random(void);
uint64_t sim_now(void); // ns since boot
extern uint64_t sim_soon; // ns in which a client that can go on does so: later is a lost wake-up
// Of what a scenario tries one after the other, one in so many is done, from the seed on: 1 on sim, more where time is real.
extern unsigned sim_share;
// The seeded random number below `limit`.
static inline uint64_t sim_random_below(uint64_t limit) { return sim_random() % limit; }

// To be the first thing in a function of what clients share (a model in plain globals): one of them at a time. On sim, where
// none is preempted there, nothing; tests/metal/stage is another matter.
#define SIM_ALONE() __attribute__((cleanup(sim_alone_end), unused)) int sim_alone = sim_alone_begin()
int sim_alone_begin(void);
void sim_alone_end(const int *alone);

// ---- In kernel threads only -----------------------------------------------------------------------------------------

// Blocks until no CPU and no client can go on and only timers are left.
void sim_settle(void);
// The same, and nobody goes on and no time passes until sim_resume(): to look at the kernel's lists at rest. The caller
// must not block meanwhile.
void sim_stop(void);
void sim_resume(void);
// Blocks for `ns` of virtual time.
void sim_sleep(uint64_t ns);
// Blocks until the task is dead and everything it caused has settled, then releases the caller's reference.
void sim_join(struct task *task);
// The task is killed at its process's `trap`-th trap (from 0), at the `point`-th scheduling point (from 0) between the
// entry and the return of that trap.
void sim_kill_at(struct task *task, unsigned trap, unsigned point);
// The same for the next process that is launched as `name` (the launch's name, or its first argument).
void sim_kill_next(unsigned trap, unsigned point, const char *name);
// Whether that happened. Not when the process ended, or the trap returned, before.
bool sim_kill_happened(void);

// Raises an interrupt line, as a device does; a level-triggered one stays masked until it is acknowledged. Also in clients.
void sim_interrupt(uint32_t line, bool level);
bool sim_interrupt_enabled(uint32_t line);
// What one account may have of the machine's memory (md_memory_allows); UINT64_MAX at first.
void sim_memory_allow(uint64_t bytes);
// Whether the device, 0 or 1, may access memory.
bool sim_device_masters(uint32_t number);
// How often memory for devices was freed while one of them might access it.
unsigned sim_dma_freed_early(void);
unsigned sim_interrupt_acks(uint32_t line);
// Host descriptors of devices have these tokens, plus the backend, the line, the first page frame.
#define SIM_TOKEN_BACKEND 0x1000000u
#define SIM_TOKEN_INTERRUPT 0x2000000u
#define SIM_TOKEN_MEMORY 0x4000000u

// ---- In clients only ------------------------------------------------------------------------------------------------

// The trap of the machine: what the stubs in lib/gila end in.
uint64_t gila_trap(unsigned number, uint64_t a0, uint64_t a1, uint64_t a2, uint64_t a3, uint64_t a4, uint64_t a5,
		   uint64_t a6, uint64_t a7, uint64_t a8);
// Zeroed memory of the client, 16-byte aligned, until its process ends; NULL: the arena of 16 MiB is used up.
void *sim_alloc(size_t size);
// What the program was launched with; NULL-terminated.
char **sim_arguments(void);
char **sim_environment(void);
// The client's name for its task port, as mach_task_self() (one right, whatever the number of calls).
uint32_t sim_task_self(void);
// The running client's task (not a reference).
struct task *sim_self(void);
// Does nothing for ever, without traps or timers.
_Noreturn void sim_pause(void);
_Noreturn void sim_exit(int code);
_Noreturn void sim_crash(int signal);
_Noreturn void sim_thread_exit(void);
// A host descriptor of the process, for tests of descriptor passing: numbers 0..63, named by a token.
int sim_descriptor_open(uint32_t token);
// 0: not open.
uint32_t sim_descriptor_token(int number);
void sim_descriptor_close(int number);
// Descriptors on their way between tasks (taken by the kernel and not closed yet).
unsigned sim_descriptors_in_transit(void);

// ---- Around the simulation: test mains ------------------------------------------------------------------------------

enum sim_quick { SIM_QUICK_RANDOM, SIM_QUICK_NEVER, SIM_QUICK_ALWAYS };

struct sim_options {
	uint64_t seed;
	unsigned cpus;             // 0: 1
	uint64_t step_limit;       // 0: 10 million scheduling points
	const char *command_line;  // NULL: ""
	const void *archive;       // the boot archive; NULL: one with the SIM_PROGRAMs and an idle init
	size_t archive_size;
	bool verbose;              // the kernel log goes to standard error as it comes, else only after a failure
	uint64_t page_limit;       // kernel pages that md_pages_alloc gives; 0: 262144
	enum sim_quick quick;      // whether traps are tried by kern_trap_quick first
	// Runs as a kernel thread once the kernel has booted and settled. NULL: nothing but the archive's init. Its return ends the simulation.
	void (*main)(void *argument);
	void *argument;
};

enum sim_status {
	SIM_PASSED = 0,
	SIM_FAILED = 1, // sim_fail() was called
	SIM_PANIC = 3,  // the kernel panicked
	SIM_HANG = 4,   // deadlock, lost wake-up, step limit
	SIM_MISUSE = 5, // the kernel broke a rule of the seam
	SIM_ENDED = 6,  // the kernel ended the machine (md_end) before main returned
	SIM_SUSPENDED = 7, // main called sim_suspend(); sim_continue() goes on
};

// Boots a kernel and runs it to its end. Once per process: the kernel's own state cannot be reset.
enum sim_status sim_run(const struct sim_options *options);
// In main: the host goes on behind its sim_run() or sim_continue(); returns when it calls sim_continue() next.
void sim_suspend(void);
// In the host, with SIM_SUSPENDED: goes on with a fresh seed and step limit, as sim_run() until the next end or suspension.
enum sim_status sim_continue(uint64_t seed);
// The same in a forked child. A child that crashes gives 128 + signal or the sanitizer's exit status.
int sim_run_forked(const struct sim_options *options);
// The last lines of the kernel's log on standard error, unless they went there already.
void sim_print_log(void);
// The simulation will end with SIM_FAILED.
void sim_fail(void);
// What failed CHECKs call the running test.
void sim_check_name(const char *name);
// Ends the simulation now, from anywhere.
_Noreturn void sim_end(enum sim_status status);
uint64_t sim_seed(void);
bool sim_verbose(void);
// A hash over all scheduling decisions so far: equal for equal runs.
uint64_t sim_history(void);
uint64_t sim_steps(void);
// Changes options.quick from now on.
void sim_quick(enum sim_quick mode);
// Traps that kern_trap_quick has served.
uint64_t sim_quick_served(void);

#endif
