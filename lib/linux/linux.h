// SPDX-License-Identifier: MIT
// lib/linux answers the Linux calls of an ordinary static-PIE program on the metal, with Gila's traps; docs/linux-calls.md.
//
// A `syscall` of the program that is no trap comes to linux_entry (entry.S), on the program's own stack. It saves the registers
// in a struct linux_frame and calls linux_call() (call.c), which goes to the function linux_X by calls.h.
// 1. Nothing here uses thread-local storage, vector registers, %gs, or the red zone of who called.
// 2. No relocations: no pointer is initialised with an address. tools/no-relocations.sh checks it.
// 3. A call returns 0 or more, or -errno. Errors are those of the Linux man pages (section 2) unless docs/linux-calls.md says so.
// 4. Locks: spin locks (spin.h) are innermost and held for a few instructions; a mutex (mutex.h) may be held during traps.
#ifndef LINUX_LINUX_H
#define LINUX_LINUX_H

#include <mach/kern_return.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// The registers of a thread in a Linux call, as entry.S stores them. Number in rax, arguments in rdi rsi rdx r10 r8 r9
// (syscall(2), "Architecture calling conventions"); rip is where the program goes on.
struct linux_frame {
	uint64_t r15, r14, r13, r12, rbp, rbx, r9, r8, r10, rdx, rsi, rdi, rax, rip, rsp, padding;
};

#define PAGE_SIZE UINT64_C(4096)
#define NS UINT64_C(1000000000) // of a second
#define FOREVER UINT64_MAX      // a time that never comes
#define LINUX_START UINT64_MAX  // the number with which the machine enters here before the program's first instruction

static inline uint64_t page_up(uint64_t size) { return (size + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1); }

struct spin;

// ---- entry.S ---------------------------------------------------------------------------------------------------------

// Where threads begin that linux_clone starts: the argument is a struct linux_frame, above the new stack pointer.
void linux_thread_entry(void);
// Goes to the exit stack, whose lock the caller holds, calls linux_thread_wake(word), lets go of the lock and ends the thread.
_Noreturn void linux_thread_leave(uint32_t *word);
extern struct spin linux_exit_lock;

// ---- call.c ----------------------------------------------------------------------------------------------------------

// Runs the call in the frame.
int64_t linux_call(struct linux_frame *frame);
// -ENOSYS. What is missing is logged once for each number; `what` says more than the call's name, or is NULL.
int64_t linux_missing(uint64_t number, const char *what);
// names.c: the name of a Linux call; NULL: there is none with that number.
const char *linux_name(uint64_t number);

// ---- start.c ---------------------------------------------------------------------------------------------------------

// What the program was started with.
struct linux_program {
	uint32_t id;      // the process's: that of its first thread
	uint32_t task;    // the name of its task's port
	const char *path; // absolute (glibc ends programs whose path is not: _dl_get_origin); NULL: not known
	bool fsgsbase;    // the program may set its FS base itself
};
extern struct linux_program linux_program;
// The first thread, before the program's first instruction; `stack`: argc, argv, environment, aux vector; 0: not known.
void linux_start(const uint64_t *stack);

// ---- Shared by several files -----------------------------------------------------------------------------------------

int64_t linux_error(kern_return_t code); // error.c: -errno for a code of the kernel
// output.c: what was written and has no line feed yet goes to the log.
void linux_output_flush(void);
// process.c
_Noreturn void linux_end(int code);
_Noreturn void linux_end_by_signal(int signal);
// clock.c: nanoseconds of a clock since boot, or since 1970.
uint64_t linux_now(void);
uint64_t linux_now_calendar(void);
// The clock's time (clock_gettime(2)); false: there is no such clock here.
bool linux_clock(uint64_t number, uint64_t *time);

#endif
