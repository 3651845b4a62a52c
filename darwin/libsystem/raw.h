// SPDX-License-Identifier: MIT
// System calls that a program makes by itself, with the `syscall` instruction and Darwin's numbers, instead of through libSystem.
//
// Linux sends SIGSYS for calls from below RAW_HOST (Syscall User Dispatch, Linux 5.11), where programs lie; above it lie Debian's
// libraries and this program. Every call of the process then costs 30 ns more, so it is switched on only for programs that need
// no libSystem and on request (--raw). Go's syscall.Syscall at a terminal is caught for less: raw_call.h.
#ifndef DARWIN_RAW_H
#define DARWIN_RAW_H

#include <stdbool.h>
#include <ucontext.h>

// Makes the call of BSD's class that the registers ask for, and puts the answer there.
void raw_answer(ucontext_t *context);
// Once, before the program starts. False: Linux cannot.
bool raw_begin(void);
bool raw_is_on(void);
// In a thread that was made, and in a child of fork: the switch is a thread's own. Nothing if raw_begin was not called.
void raw_begin_thread(void);

#endif
