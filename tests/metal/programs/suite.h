// SPDX-License-Identifier: MIT
// What the programs of the metal's own tests stand on: no C library, only traps and messages. Tests are TEST() of
// <gila/test.h>; main.c runs them as the first task of a booted kernel and ends the machine with the verdict.
#ifndef TESTS_METAL_SUITE_H
#define TESTS_METAL_SUITE_H

#include <abi/task.h>
#include <abi/thread_act.h>
#include <abi/traps.h>
#include <gila/task.h>
#include <gila/test.h>
#include <mach/thread_status.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define PAGE UINT64_C(4096)

// start.c: the stack that the program began with: argc, arguments, environment, aux vector.
extern const uint64_t *start_stack;
// An entry of the aux vector; UINT64_MAX: it is not there.
uint64_t start_auxiliary(uint64_t type);
mach_port_t self_task(void);
void say(const char *text);
void say_number(const char *text, uint64_t number);

struct child {
	mach_port_t port; // MACH_PORT_NULL: there is none
	uint32_t id;
};
// A copy of this task that runs function(argument) and exits with what that returns (at most 255).
struct child child_start(int (*function)(void *argument), void *argument);
// How it ended, as one number: why * 1000 + code. NOT_ENDED: not within 20 s. A port dies with its task: of one that
// was ended before this was called, and not by itself, nothing is known but that it is GONE.
uint32_t child_end(struct child child);
// Is ended by us if it has not within that time: ENDED_LATE.
uint32_t child_end_within(struct child child, uint32_t ms);
uint32_t child_run(int (*function)(void *argument), void *argument);
#define NOT_ENDED UINT32_MAX
#define GONE (UINT32_MAX - 1)
#define ENDED_LATE (UINT32_MAX - 2)
#define EXITED(code) (GILA_DEATH_EXIT * 1000 + (code))
#define DIED_BY(signal) (GILA_DEATH_SIGNAL * 1000 + (signal))

// Fresh memory of this task; 0: none.
uint64_t pages_make(uint64_t count);
kern_return_t pages_protect(uint64_t address, uint64_t count, int prot);
// A thread of this task with a stack of its own; its port, 0: there is none.
mach_port_t thread_run(void (*function)(void *argument), void *argument);
_Noreturn void thread_end(void);
void sleep_ms(uint64_t ms);
uint64_t now_ns(void);

#endif
