// SPDX-License-Identifier: MIT
// The scenarios of machine/sim on the metal: machine/sim/sim.h with a real kernel, real page tables and real CPUs behind it.
//
// The scenarios' objects are joined once (group.ld) and linked twice: into a test kernel, where directors run as kernel
// threads, and as a program for user mode, where clients run (user.ld). Their text and constants lie at the same offsets in
// both, so a function that a director names is found in the clients; their variables are the kernel's very pages, mapped into
// every client, so that a model in plain globals is one model.
//
//   kernel.c   sim.h for directors: time, deaths, rest        user.c   sim.h for clients: traps, memory, threads
//   client.c   clients: address space, program, first thread  shared.c  variables of both
//   kill.c     kills at the n-th trap                         text.c    printf for both
//   main.c     which scenario runs, and the end
#ifndef TESTS_METAL_STAGE_H
#define TESTS_METAL_STAGE_H

#include <machine/sim/scenario.h>
#include <stdatomic.h>

// Addresses in clients, as user.ld has them.
#define STAGE_TEXT UINT64_C(0x10000000)
#define STAGE_RODATA UINT64_C(0x10080000)
#define STAGE_RUNTIME UINT64_C(0x100c0000)
#define STAGE_DATA UINT64_C(0x10100000)
#define STAGE_OWN UINT64_C(0x10200000) // variables of each client's runtime, zero at first
#define STAGE_OWN_SIZE UINT64_C(0x1000)
#define STAGE_HEAP UINT64_C(0x20000000)
#define STAGE_HEAP_SIZE UINT64_C(0x1000000)
#define STAGE_STACK_SIZE UINT64_C(0x10000)

#define STAGE_ARGUMENTS 4u
#define STAGE_ARGUMENT_SIZE 64u

// What a client finds on its stack.
struct stage_start {
	uint64_t function, argument;
	uint64_t arguments[STAGE_ARGUMENTS + 1]; // addresses, the last one 0
	char texts[STAGE_ARGUMENTS][STAGE_ARGUMENT_SIZE];
};

// Shared by the kernel and all clients.
extern uint64_t stage_seed;
extern bool stage_verbose;
extern _Atomic bool stage_failed;
extern _Atomic bool stage_ready; // init runs
extern _Atomic uint32_t stage_alone; // whoever set it to 1 is in the model
uint64_t stage_random_next(uint64_t *state);

// To the log.
void stage_put(const char *text, size_t size);

// ---- In the kernel only ----

// client.c: once, before the first client; lets those run that have been made since the last time.
void stage_clients_init(void);
void stage_clients_begin(void);
// kill.c: a process begins that sim_kill_next may have named.
void stage_kill_begins(struct task *task, const char *name);
// kernel.c: sim_settle is waiting; nobody may be busy.
extern _Atomic bool stage_resting;

#endif
