// SPDX-License-Identifier: MIT
// System calls that a program makes by itself, with the `syscall` instruction and Darwin's numbers, instead of through libSystem.
//
// Linux sends SIGSYS for calls from below RAW_HOST (Syscall User Dispatch, Linux 5.11), where programs lie; above it lie Debian's
// libraries and this program, whose calls cost what they always do. It is switched on for programs that need no libSystem, and on request.
#ifndef DARWIN_RAW_H
#define DARWIN_RAW_H

#include <stdbool.h>

// Once, before the program starts. False: Linux cannot.
bool raw_begin(void);
// In a thread that was made, and in a child of fork: the switch is a thread's own. Nothing if raw_begin was not called.
void raw_begin_thread(void);

#endif
