// SPDX-License-Identifier: MIT
// The bench's side of a booted system: the echo server's handle, ports, accounts. link_open first; whatever fails ends the
// program with a line that says what.
#ifndef BENCH_LINK_H
#define BENCH_LINK_H

#include "protocol.h"

#include <mach/mach.h>
#include <stdbool.h>
#include <sys/types.h>

struct link {
	mach_port_t server;  // send right to BENCH_SEAT
	mach_port_t reply;   // receive right for answers
	mach_port_t task;    // the caller's own task
	mach_port_t monitor; // kernel/monitor
	pid_t pid;           // of the echo server, as Linux counts
};

void link_open(struct link *link);
// Ends the program unless `code` is KERN_SUCCESS.
void link_must(const char *what, int code);
mach_port_t link_port(struct link *link); // a fresh receive right
void link_drop_port(struct link *link, mach_port_t receive);
// A port of which up to `limit` messages queue.
mach_port_t link_deep_port(struct link *link, unsigned limit);

// Sends `size` bytes to the echo server and waits for the answer in the same buffer. mach_msg's code.
int link_call(struct link *link, struct bench_buffer *buffer, enum bench_id id, mach_msg_size_t size);
// The same with one right, which is moved there and back (its name may change).
int link_call_right(struct link *link, struct bench_buffer *buffer, enum bench_id id, mach_port_t *right);
// Asks the server who it is, until it answers; sets link->pid.
void link_find_server(struct link *link);

// Kernel-wide count of a kind (kernel/core/account.c), or bytes of kernel memory.
uint64_t link_kernel_bytes(struct link *link);

#endif
