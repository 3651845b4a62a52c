// SPDX-License-Identifier: MIT
// The trap channel: how a Linux process and the kernel server share memory, and what they say on their socket.
// Both sides include this file: machine/linux (the kernel) and lib/gila/hosted*.c (the client).
//
// A process has one channel: a page of header, CHANNEL_SLOTS slots (one for each thread that ever traps), and as many
// bodies. To trap, a thread fills its slot, sets `state` to RUNG, sets its bit in `pending` and then `summary`, and if
// the kernel does not poll the channel, writes to the doorbell (an eventfd). The kernel answers in the slot.
// 1. `state` is written by one side at a time: the client's turn in FREE, DONE, S2C and KILL; the kernel's turn in RUNG,
//    S2C_DONE and LEAVE. CHANNEL_SLEEPING in a word of the kernel's turn asks for a futex wake with the answer.
// 2. The client may write anything anywhere at any time. The kernel reads each field once and believes none.
// 3. Who sleeps announces it before the last look (polled, CHANNEL_SLEEPING); who rings looks after ringing.
// Identity never comes from here: it is the socket's peer credentials, or the process that the kernel itself started.
#ifndef GILA_HOSTED_CHANNEL_H
#define GILA_HOSTED_CHANNEL_H

#include <stdatomic.h>
#include <stdint.h>

#define CHANNEL_MAGIC 0x616c6947u
#define CHANNEL_VERSION 1u
#define CHANNEL_SLOTS 16384u
#define CHANNEL_SLOT_SIZE 256u
#define CHANNEL_BODY_SIZE 2048u
#define CHANNEL_ARGUMENTS 9u
#define CHANNEL_HEADER_SIZE 4096u
#define CHANNEL_SLOTS_OFFSET CHANNEL_HEADER_SIZE
#define CHANNEL_BODIES_OFFSET (CHANNEL_SLOTS_OFFSET + CHANNEL_SLOTS * CHANNEL_SLOT_SIZE)
#define CHANNEL_SIZE (CHANNEL_BODIES_OFFSET + CHANNEL_SLOTS * CHANNEL_BODY_SIZE)

// In channel_header.polled: the kernel will look again before it sleeps, as soon as it gets that Linux CPU. To be relied
// on by who runs on that CPU and is about to sleep.
#define CHANNEL_LINGERS 0x80000000u

enum channel_state {
	CHANNEL_FREE,     // no thread uses the slot
	CHANNEL_RUNG,     // a trap for the kernel; of a thread it does not know yet if the slot was FREE
	CHANNEL_DONE,     // the result is there
	CHANNEL_S2C,      // the kernel asks the client to do something first: `operation`, `arguments`
	CHANNEL_S2C_DONE, // done: `result`
	CHANNEL_LEAVE,    // the thread is going; the kernel makes it FREE
	CHANNEL_KILL,     // the thread is to end itself at once
	CHANNEL_DEAD,     // the kernel is gone (set by the client's own watcher)
	CHANNEL_STATE_MASK = 0xff,
	CHANNEL_SLEEPING = 0x100,
};

struct channel_header {
	uint32_t magic, version;
	_Atomic uint32_t polled __attribute__((aligned(64))); // [kernel] Linux CPU that looks at the summary, plus 1; 0: none
	_Atomic uint64_t summary[CHANNEL_SLOTS / 4096] __attribute__((aligned(64))); // a bit for each word of `pending`
	_Atomic uint64_t pending[CHANNEL_SLOTS / 64] __attribute__((aligned(64)));   // a bit for each slot
};
_Static_assert(sizeof(struct channel_header) <= CHANNEL_HEADER_SIZE, "the header is one page");

// Callee-saved registers of the trap's caller (System V ABI), for thread_get_state.
struct channel_registers {
	uint64_t instruction, stack, frame, rbx, r12, r13, r14, r15;
};

struct channel_slot {
	_Atomic uint32_t state; // enum channel_state; a futex word
	uint32_t number;        // trap
	uint64_t arguments[CHANNEL_ARGUMENTS];
	uint64_t result;
	// The user range [in_address, in_address + in_size) is mirrored in the body, from its start. The kernel may write
	// what belongs to [out_address, out_address + out_size) to the body as well, and says which part it did.
	uint64_t in_address, out_address;
	uint32_t in_size, out_size;
	uint32_t out_begin, out_end; // [kernel] bytes of the out window that the client copies to their place
	uint32_t tid;
	uint32_t cpu;       // Linux CPU that the thread rang from
	uint32_t operation; // [kernel] enum channel_operation
	uint32_t token;     // of the thread to be (CHANNEL_START_THREAD), when it rings first; else 0
	struct channel_registers registers;
} __attribute__((aligned(64)));
_Static_assert(sizeof(struct channel_slot) == CHANNEL_SLOT_SIZE, "slots are where the offsets say");

// Server to client: what only a process can do to itself. Arguments as of the Linux call that is named; the result is
// that call's result, or -errno.
enum channel_operation {
	CHANNEL_MAP = 1,      // mmap: address, size, prot, flags, request id (a descriptor comes by socket), offset
	CHANNEL_UNMAP,        // munmap: address, size
	CHANNEL_PROTECT,      // mprotect: address, size, prot
	CHANNEL_TAKE,         // send the descriptor `arguments[0]` by socket, with the request id arguments[1]
	CHANNEL_GIVE,         // receive a descriptor (request id arguments[0]); result: its number
	CHANNEL_CLONE,        // fork; the child checks in with the token arguments[0], its trap's result is arguments[1]
	CHANNEL_START_THREAD, // a thread: entry, stack, argument, token
};

// ---- The socket (SOCK_SEQPACKET) -----------------------------------------------------------------------------------

#define CHANNEL_NAME_SIZE 32u
// Environment: the number of an inherited, already accepted socket; the path of the kernel's listening socket.
#define CHANNEL_VARIABLE_FD "GILA_FD"
#define CHANNEL_VARIABLE_SOCKET "GILA_SOCKET"

enum channel_message { CHANNEL_HELLO = 1, CHANNEL_WELCOME, CHANNEL_REFUSED, CHANNEL_DESCRIPTOR };

// Client to kernel, once, on a socket that it connected itself.
struct channel_hello {
	uint32_t kind, version;
	uint32_t token; // of CHANNEL_CLONE, or 0
	char name[CHANNEL_NAME_SIZE];
};
// Kernel to client: CHANNEL_WELCOME with the channel's memory and the doorbell (SCM_RIGHTS), or CHANNEL_REFUSED.
struct channel_welcome {
	uint32_t kind, version;
	uint32_t server; // pid of the kernel
	uint32_t signal; // that the kernel may send to make a thread trap
	char reason[80]; // with CHANNEL_REFUSED
};
// Either way: one descriptor (SCM_RIGHTS) that belongs to a request.
struct channel_descriptor {
	uint32_t kind, id;
};

#endif
