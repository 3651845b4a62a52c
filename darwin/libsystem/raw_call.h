// SPDX-License-Identifier: MIT
// Calls of Darwin's kernel that a program makes by itself, past libSystem.
//
// Go's syscall.Syscall does (libraries for terminals use it); Linux takes its `syscall` for a call of its own, which is not there.
// raw_call_catch makes that instruction trap; raw_call_answer, in the handler of the trap, does what it asks for.
// 1. The place of the instruction is written once, before it can trap. 2. A program without a handler for SIGILL stays as it is.
#ifndef DARWIN_RAW_CALL_H
#define DARWIN_RAW_CALL_H

#include <stdbool.h>
#include <ucontext.h>

// Looks for Go's instruction in the program, once. For those who see that raw calls will come: looking costs a millisecond.
void raw_call_catch(void);
// True: the trap was a raw call, which is answered; the program goes on behind it.
bool raw_call_answer(ucontext_t *context);

#endif
