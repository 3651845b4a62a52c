// SPDX-License-Identifier: MIT
// Semaphores of this program alone: they need no kernel, and no call while nobody waits. One that travels in a message
// becomes the kernel's, under the name that it has here (semaphore_port). Names have the form of mach_names.h that no
// kernel's name has.
#ifndef DARWIN_SEMAPHORE_H
#define DARWIN_SEMAPHORE_H

#include <mach/kern_return.h>
#include <mach/port.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

static inline bool semaphore_is_name(mach_port_t name)
{
	return (name >> 31) && (name & 3) == 1;
}

kern_return_t semaphore_make(int policy, int value, mach_port_t *name);
// In a child of fork, which inherits none.
void semaphore_forget_all(void);
// Waiters get KERN_TERMINATED.
kern_return_t semaphore_end(mach_port_t name);
// The kernel's name of it, once it is the kernel's; MACH_PORT_NULL: it is not. *error: there is no such semaphore.
mach_port_t semaphore_moved(mach_port_t name, kern_return_t *error);
// Makes it the kernel's: those that wait go on waiting there. MACH_PORT_NULL: no such semaphore, or no kernel.
mach_port_t semaphore_port(mach_port_t name);

// Of one that has not moved. KERN_NOT_RECEIVER: it moves just now, the call is to be repeated.
kern_return_t semaphore_raise(mach_port_t name);
kern_return_t semaphore_raise_all(mach_port_t name);
// `until`: on CLOCK_MONOTONIC, or NULL. KERN_OPERATION_TIMED_OUT, KERN_ABORTED (a signal), KERN_TERMINATED.
kern_return_t semaphore_lower(mach_port_t name, const struct timespec *until);

#endif
