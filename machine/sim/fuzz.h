// SPDX-License-Identifier: MIT
// Fuzzing the kernel by what its clients do: inputs are turned into tasks, threads and their calls on the machine sim.
//
// A fuzz target calls fuzz_target(data, size, &target): the kernel is booted at the first call and kept. Within a
// simulation (a kernel test) call fuzz_run(data, size, &target). Each input ends with every task dead, all rights
// conserved and all accounts where they were, or with a complaint, a panic or a hang, which are findings.
//
// Input: seed; shape (bits 0-1: tasks - 1, bits 2-3: more threads, bit 4: failures are the machine's, not the kernel's);
// failures (0: none; n: every n-th allocation); then records: actor (low 3 bits) and enum fuzz_act (the rest), 16 bits
// that select, a length, as many bytes of details.
// Missing bytes read as 0, and 0 always means the most sensible choice: "every trap, sensibly" is records of no details.
//   fuzz_kernel.c the director: begin, disturbances, end, checks         fuzz_input.c bytes to values, user memory
//   fuzz_names.c  rights that an actor has or makes when it needs them fuzz_guess.c what a parameter most sensibly is
//   fuzz_call.c   traps and routines from the generated grammar       fuzz_message.c messages of any shape
//   fuzz_mutate.c mutations by records
#ifndef MACHINE_SIM_FUZZ_H
#define MACHINE_SIM_FUZZ_H

#include "machine.h"

#include <gila/grammar.h>
#include <mach/message.h>

#define FUZZ_TASKS 4u
#define FUZZ_ACTORS 6u
#define FUZZ_RECORDS 48u
#define FUZZ_NAMES 48u
#define FUZZ_BUFFER 32768u // bytes for a message in user memory, and as many for what else calls need

// The playground of a task, where its calls may do what they like: the upper half of its address space. At its start
// are the buffers of the actors, then:
#define FUZZ_HALF (SIM_SPACE_SIZE / 2)
#define FUZZ_EDGE (UINT64_C(1) << 20)     // a page with nothing behind it
#define FUZZ_CONSTANT (UINT64_C(2) << 20) // a page that can only be read
#define FUZZ_FREE (UINT64_C(3) << 20)     // two pages, and room

// What the records of an input are about.
enum fuzz_act { FUZZ_TRAP, FUZZ_ROUTINE, FUZZ_MESSAGE, FUZZ_RECEIVE, FUZZ_CLIENT, FUZZ_DIRECTOR, FUZZ_ACTS };

struct fuzz_bytes {
	const uint8_t *at;
	size_t left;
};

// Rights by what they are good for; a name is known under one of them.
enum fuzz_right {
	FUZZ_SELF_TASK,
	FUZZ_SELF_THREAD,
	FUZZ_HOST,
	FUZZ_RECEIVE_RIGHT, // with a send right
	FUZZ_SET,
	FUZZ_BADGED,
	FUZZ_SEND_ONCE,
	FUZZ_DEAD,
	FUZZ_SEMAPHORE,
	FUZZ_MEMORY,
	FUZZ_TIMER,
	FUZZ_REPLY, // a receive right
	FUZZ_SPECIAL_REPLY,
	FUZZ_GUARDED,
	FUZZ_SEATS,
	FUZZ_MONITOR,
	FUZZ_ARCHIVE,
	FUZZ_SEAT,
	FUZZ_PEER_TASK,
	FUZZ_PEER_SEND,
	FUZZ_OTHER_THREAD, // of the same task, doing nothing
	FUZZ_RECEIVED, // by a message
	FUZZ_DEVICES,
	FUZZ_DMA, // memory of the device whose driver the task is
	FUZZ_RIGHTS,
};

struct fuzz_name {
	mach_port_name_t name;
	enum fuzz_right right;
};

struct fuzz_task {
	struct task *task; // a reference; NULL: refused
	unsigned number;
	uint64_t playground;
	struct fuzz_name names[FUZZ_NAMES];
	unsigned name_count;
};

struct fuzz_record {
	enum fuzz_act act;
	unsigned actor;
	uint16_t select;
	struct fuzz_bytes bytes;
};

struct fuzz_actor {
	struct fuzz_task *task;
	unsigned number;
	uint64_t buffer;  // in the playground: FUZZ_BUFFER bytes for a message, then as many for other things
	unsigned used;    // of the latter, by this record
	uint8_t *scratch; // FUZZ_BUFFER bytes (and a little), where messages are composed
	unsigned records_done;
};

// What an input may contain: bits 1 << enum fuzz_act. Other records are taken for `instead`.
struct fuzz_target {
	const char *name;
	uint32_t acts;
	enum fuzz_act instead;
};

struct fuzz_state {
	struct fuzz_task tasks[FUZZ_TASKS];
	struct fuzz_actor actors[FUZZ_ACTORS];
	struct fuzz_record records[FUZZ_RECORDS];
	unsigned task_count, actor_count, record_count;
	uint32_t init_id; // of the task whose end would be the end of the machine
	uint32_t next_seat; // the id of the first seat that this input makes
	bool ending;        // no more calls
};
extern struct fuzz_state fuzz;

// How often each trap and message of grammar_table was called, and with what looks like success.
struct fuzz_count {
	unsigned calls, successes;
};
extern struct fuzz_count *fuzz_trap_counts, *fuzz_message_counts;

// fuzz_kernel.c
int fuzz_target(const uint8_t *data, size_t size, const struct fuzz_target *target);
// False: something was left over or broken; it has been printed.
bool fuzz_run(const uint8_t *data, size_t size, const struct fuzz_target *target);

// fuzz_input.c
uint8_t fuzz_u8(struct fuzz_bytes *bytes);
uint32_t fuzz_u32(struct fuzz_bytes *bytes);
uint64_t fuzz_u64(struct fuzz_bytes *bytes);
// A number that is likely to be on some edge; 0 when the bytes are 0.
uint64_t fuzz_number(struct fuzz_bytes *bytes);
// The same value, or the one in the upper half of its address space: what lies in the lower half (stacks) is spared.
uint64_t fuzz_tame(uint64_t value);
// The same for all words of memory that the kernel might take for addresses.
void fuzz_tame_bytes(void *data, size_t size);
// A user address for `size` bytes, of which the details say how valid it is, and `content` (NULL: details).
uint64_t fuzz_user(struct fuzz_actor *actor, struct fuzz_bytes *bytes, size_t size, const void *content);
// An address for calls that change mappings.
uint64_t fuzz_place(const struct fuzz_actor *actor, struct fuzz_bytes *bytes);
bool fuzz_poke(uint64_t address, const void *data, size_t size);
bool fuzz_peek(uint64_t address, void *data, size_t size);

// fuzz_names.c
// A name of that kind; made now if there is none. MACH_PORT_NULL: cannot be.
mach_port_name_t fuzz_name_of(struct fuzz_actor *actor, enum fuzz_right right);
// What the details say; 0: of the kind `likely`.
mach_port_name_t fuzz_name(struct fuzz_actor *actor, struct fuzz_bytes *bytes, enum fuzz_right likely);
void fuzz_name_add(struct fuzz_actor *actor, enum fuzz_right right, mach_port_name_t name);

// fuzz_guess.c
enum fuzz_guess_kind { GUESS_NONE, GUESS_NUMBER, GUESS_RIGHT, GUESS_PLACE, GUESS_TIME, GUESS_BYTES, GUESS_TASK_ID, GUESS_SEAT_ID };
struct fuzz_guess {
	enum fuzz_guess_kind kind;
	uint64_t number; // or enum fuzz_right
	const void *bytes;
	size_t size;
};
// `call`: a trap, or SUBSYSTEM.ROUTINE.
struct fuzz_guess fuzz_guess(const char *call, const struct grammar_field *field, unsigned index);
// The right that a routine's destination is.
enum fuzz_right fuzz_guess_destination(const char *call);

// fuzz_call.c
uint64_t fuzz_call_trap(struct fuzz_actor *actor, unsigned number, const uint64_t words[KERN_TRAP_ARGUMENTS]);
void fuzz_act_trap(struct fuzz_actor *actor, struct fuzz_record *record);
void fuzz_act_routine(struct fuzz_actor *actor, struct fuzz_record *record);

// fuzz_message.c
void fuzz_act_message(struct fuzz_actor *actor, struct fuzz_record *record);
void fuzz_act_receive(struct fuzz_actor *actor, struct fuzz_record *record);
// Remembers what a message that was received into `buffer` brought.
void fuzz_take_in(struct fuzz_actor *actor, uint64_t buffer);

#endif
