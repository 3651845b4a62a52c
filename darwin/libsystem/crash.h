// SPDX-License-Identifier: MIT
// What is written when a program dies by a signal that it does not handle, if GILA_BACKTRACE is set (`gila run --backtrace`).
// macOS itself writes nothing to standard error then, so nobody gets it without asking.
#ifndef DARWIN_CRASH_H
#define DARWIN_CRASH_H

#include <signal.h>
#include <stdbool.h>
#include <sys/ucontext.h>

bool crash_wanted(void);
// Before the program starts.
void crash_begin(void);
// In the handler of the signal: signal, place, registers and frames, to standard error. Nothing if it is not wanted.
void crash_report(int darwin_signal, const siginfo_t *info, const ucontext_t *context);

#endif
