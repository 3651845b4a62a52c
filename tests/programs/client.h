// SPDX-License-Identifier: MIT
// What the test programs of tests/system have in common. They run on the host and are tasks of the system at $GILA_SOCKET.
// Each prints what failed and exits with 1, or prints nothing or figures and exits with 0; 2: it could not be run.
#ifndef TESTS_CLIENT_H
#define TESTS_CLIENT_H

#include <mach/mach.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

// A failure that is counted; the program goes on.
void client_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));
// 1 if client_fail was called, else 0: the exit status.
int client_status(void);
// Ends the program unless `code` is KERN_SUCCESS.
void client_must(const char *what, int code);

mach_port_t client_seat(const char *name);
mach_port_t client_port(void);
void client_drop_port(mach_port_t receive);
// Ends the program by SIGALRM after so many seconds: nothing in these tests may hang.
void client_limit(unsigned seconds);
uint64_t client_now(void); // ns, CLOCK_MONOTONIC
// A call that takes longer, in ns, counts as hung, however busy the machine is.
#define CLIENT_HUNG UINT64_C(20000000000)

// xorshift64*: the same seed gives the same numbers. Not 0.
uint64_t client_random(uint64_t *seed);

// ---- The kernel's own accounting ----------------------------------------------------------------------------------

#define CLIENT_KINDS 24u
struct client_accounts {
	unsigned count;
	char kind[CLIENT_KINDS][17];
	uint64_t value[CLIENT_KINDS];
};

// Kernel-wide counts of all kinds.
void client_accounts_read(struct client_accounts *accounts);
// Waits until every count is what it was, for at most so many seconds; else tells each difference by client_fail, and is false.
bool client_accounts_await(const struct client_accounts *before, unsigned seconds);

#endif
