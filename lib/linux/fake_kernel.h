// SPDX-License-Identifier: MIT
// The kernel for unit tests of lib/linux: the traps that the tested files make, on top of the host's threads and memory
// (fake_kernel_test.c).
#ifndef LINUX_FAKE_KERNEL_H
#define LINUX_FAKE_KERNEL_H

#include <stdint.h>

// How many semaphores can still be made.
extern _Atomic int fake_semaphores_left;
// One of so many waits is interrupted before it begins; 0: none.
extern unsigned fake_interrupts;
// What was logged: each gila_log with a line feed at its end.
extern char fake_log[8192];
extern uint32_t fake_log_length;

#endif
