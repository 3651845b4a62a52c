// SPDX-License-Identifier: MIT
// Inside the client side of the trap channel (hosted_channel.h). Programs call the stubs of <abi/traps.h>, which end in
// hosted_gila_trap() (hosted.c), unless the program runs on the metal: then nothing of this is ever called.
//
// 1. Everything here may run in a signal handler, in any thread, at any time: no locks of others, no malloc.
// 2. The state lies in a page that fork wipes (MADV_WIPEONFORK), the channel's memory is not inherited: whichever way
//    a child came to be, it finds nothing and checks in by itself when it first traps.
// 3. A thread uses one slot for good, and a second one for traps of what it looks at while it waits in a trap (look.h). Any other trap
//    inside a trap (signal handlers) takes another one for its time.
#ifndef GILA_HOSTED_H
#define GILA_HOSTED_H

#include "hosted_channel.h"

#include <stdbool.h>
#include <stddef.h>

enum hosted_phase {
	HOSTED_NONE,       // fresh, or wiped
	HOSTED_CONNECTING, // by one thread, others wait
	HOSTED_READY,
	HOSTED_DEAD,       // the kernel was there and is gone
	HOSTED_REFUSED,    // the kernel is not to be had
};

// One page. Its content does not survive a fork.
struct hosted {
	_Atomic uint32_t phase;      // enum hosted_phase; a futex word
	uint32_t generation;         // pid; tells threads' memory of another process from ours
	struct channel_header *header;
	int doorbell, socket;
	int signal;                  // that makes us trap
	_Atomic uint32_t sleeps;     // traps that slept while nobody watched the kernel
	_Atomic uint32_t watched;    // a thread waits for the kernel's end
	uint32_t token;              // for the check-in, if this is a clone
	_Atomic uint64_t used[CHANNEL_SLOTS / 64]; // slots that threads have claimed
};

// In a child of fork: closes what it inherited of its parent's. Else that happens when it first traps.
void hosted_forget(void);
// A descriptor of the library's own, by which this process talks to the kernel.
bool hosted_owns(int file);

// A program that starts a kernel where none is sets this before its first trap: it returns a socket on which the hello was sent, or -1.
// NULL: the kernel is looked for at GILA_SOCKET or the default path. Signals are blocked while it runs.
extern int (*hosted_dial)(const struct channel_hello *hello);

// The page, made on first use; NULL: no memory.
struct hosted *hosted_page(void);
// Connects if that has not been done. The page when it is READY, else NULL.
struct hosted *hosted_ready(void);
// The kernel is gone: whoever waits gets an error.
void hosted_died(struct hosted *hosted);
// Starts the thread that waits for the kernel's end, once.
void hosted_watch(struct hosted *hosted);
// Does what the kernel asks and returns the result. *clone: this is the child of a fork now, and the trap that carried
// the request returns *clone_result.
int64_t hosted_serve(struct hosted *hosted, struct channel_slot *slot, bool *clone, uint64_t *clone_result);
// A new thread with a kernel half that waits for it under the token.
void hosted_expect(uint32_t token);
// The descriptor that comes with the request; -errno.
int hosted_receive(struct hosted *hosted, uint32_t id);
int hosted_send(struct hosted *hosted, uint32_t id, int file);
// The handler of hosted->signal.
void hosted_signal(int number);

static inline struct channel_slot *hosted_slot(struct hosted *hosted, unsigned slot)
{
	return (struct channel_slot *)(void *)((char *)hosted->header + CHANNEL_SLOTS_OFFSET +
					       (size_t)slot * CHANNEL_SLOT_SIZE);
}
static inline char *hosted_body(struct hosted *hosted, unsigned slot)
{
	return (char *)hosted->header + CHANNEL_BODIES_OFFSET + (size_t)slot * CHANNEL_BODY_SIZE;
}

// gila_trap() when hosted.
uint64_t hosted_gila_trap(unsigned number, uint64_t a0, uint64_t a1, uint64_t a2, uint64_t a3, uint64_t a4, uint64_t a5,
			  uint64_t a6, uint64_t a7, uint64_t a8);

// What the user's memory of a trap is, as far as the stub may touch it itself; NULL: the kernel reaches for it.
struct hosted_windows {
	const void *in;
	size_t in_size;
	void *out;
	size_t out_size;
};
// gila_trap with windows: both are plain memory of the caller, valid for their whole size.
uint64_t hosted_trap(unsigned number, const uint64_t arguments[CHANNEL_ARGUMENTS], const struct hosted_windows *windows);
// gila_trap without: also with pointers that are not valid, which the kernel then refuses.
uint64_t hosted_trap_plain(unsigned number, const uint64_t arguments[CHANNEL_ARGUMENTS]);

#endif
