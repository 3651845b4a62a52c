// SPDX-License-Identifier: MIT
// Frames of the calling thread, by frame pointers, as Darwin's backtrace(3) finds them.
#ifndef DARWIN_BACKTRACE_H
#define DARWIN_BACKTRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/ucontext.h>

#define BACKTRACE_LINE 1280u

// Of the context of a signal's handler, its own instruction first; NULL: of the caller of libSystem. Returns how many there are.
int backtrace_of(const ucontext_t *context, void **frames, int room);
// "NUMBER IMAGE ADDRESS SYMBOL + OFFSET", of BACKTRACE_LINE bytes at most with a byte left for a line's end. `returns`: the address is
// one that a call returns to, so the symbol is that of the byte before it. Returns the length.
size_t backtrace_line(char *to, int number, const void *address, bool returns);

#endif
