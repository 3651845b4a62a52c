// SPDX-License-Identifier: MIT
// The trap channel without lib/gila: for clients that lie, stop half-way or write where they should not. Protocol:
// lib/gila/hosted_channel.h. A process uses either this or lib/gila, not both.
#ifndef TESTS_RAW_H
#define TESTS_RAW_H

#include <lib/gila/hosted_channel.h>
#include <stdbool.h>
#include <stddef.h>

struct raw {
	int socket, doorbell;
	struct channel_header *header; // NULL: not welcome
	struct channel_welcome welcome;
};

// Connects to $GILA_SOCKET. False: errno.
bool raw_connect(struct raw *raw);
// Sends `size` bytes as the hello. Returns whether Linux took them.
bool raw_send(struct raw *raw, const void *data, size_t size);
// A proper hello with the name.
bool raw_hello(struct raw *raw, const char *name);
// Waits for the answer, and maps the channel if it is a welcome. False: refused (raw->welcome.reason), or the socket ended.
bool raw_welcome(struct raw *raw);
// All three; ends the program when the kernel does not welcome it.
void raw_open(struct raw *raw, const char *name);
// Gives the channel back to Linux, as a process that ends would.
void raw_close(struct raw *raw);

struct channel_slot *raw_slot(struct raw *raw, unsigned slot);
void *raw_body(struct raw *raw, unsigned slot);
// Fills a slot: number and arguments, the caller's tid, no windows.
void raw_fill(struct raw *raw, unsigned slot, uint32_t number, const uint64_t *arguments, unsigned count);
void raw_ring(struct raw *raw, unsigned slot, uint32_t state);
// Waits for the slot's state to leave RUNG; milliseconds at most. False: it did not.
bool raw_wait(struct raw *raw, unsigned slot, unsigned milliseconds, uint32_t *state);
// A whole trap without windows. False: no answer within five seconds, or another state than DONE.
bool raw_trap(struct raw *raw, unsigned slot, uint32_t number, const uint64_t *arguments, unsigned count, uint64_t *result);

#endif
