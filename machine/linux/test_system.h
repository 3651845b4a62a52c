// SPDX-License-Identifier: MIT
// A kernel for tests of the machine linux: it runs in a child of the test program, without an image; clients are further
// children. The test program itself never traps.
#ifndef MACHINE_LINUX_TEST_SYSTEM_H
#define MACHINE_LINUX_TEST_SYSTEM_H

#include <stdbool.h>
#include <sys/types.h>

// Starts a kernel (once; later calls find it running) and points $GILA_SOCKET to it. False: it does not come up.
bool system_start(void);
// Ends it by a signal and forgets it.
void system_end(int signal);
pid_t system_pid(void);
const char *system_socket(void);
// Runs function() in a child that may trap. Its result: true is what the test hopes for. False as well when the child
// dies or takes longer than 20 seconds.
bool system_client(bool (*function)(void));
// The same without waiting.
pid_t system_client_start(bool (*function)(void));
bool system_client_end(pid_t client);
// How many descriptors, and how much private memory (KiB), the kernel has.
unsigned system_descriptors(void);
unsigned system_memory(void);
// Waits until that number of descriptors is reached again; false: not within 5 seconds.
bool system_descriptors_return(unsigned count);
// Has a kernel thread move a descriptor: taken from the task `from` (by its own help if `by_client`) and given to the task
// `to`. The number there, or minus a kern_return_t. Called by the test program.
int system_move_descriptor(unsigned from, int number, bool by_client, unsigned to);
void test_nap(unsigned milliseconds);

// In clients: says where it went wrong.
#define MUST(expression)                                                                                               \
	do {                                                                                                           \
		if (!(expression)) {                                                                                   \
			dprintf(2, "%s:%d: in a client: %s is false\n", __FILE__, __LINE__, #expression);              \
			return false;                                                                                  \
		}                                                                                                      \
	} while (0)

#endif
