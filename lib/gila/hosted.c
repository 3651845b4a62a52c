// SPDX-License-Identifier: MIT
// The trap of a hosted program: fill the slot, ring, wait. One system call each to ring and to sleep, none while the
// kernel polls. hosted_channel.h has the protocol.
//
// mach_msg's buffers travel in the slot's body, so that the kernel need not reach into this process; they are touched
// here, as memcpy would touch them. All other pointers are the kernel's to check.
#include "hosted.h"

#include "look.h"

#include <abi/trap_numbers.h>
#include <errno.h>
#include <gila/trap.h>
#include <gila/trap_entry.h>
#include <linux/futex.h>
#include <mach/message.h>
#include <pthread.h>
#include <sched.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define SPIN_TIME 5000          // ns to look for an answer that usually takes long
#define SPIN_QUICK 100000       // ns: who is usually answered within this looks for twice as long as usual
#define SPIN_ALONE 1000         // ns to look without yielding: a kernel that spins on another CPU answers its own traps within that
#define SPIN_LATE 20000         // ns: a yield that takes this long says that somebody else needs the core
#define SPIN_LOOKS 16           // between two readings of the clock
#define WATCH_AFTER 256u        // sleeps after which the kernel's end is watched for by a thread
#define WATCH_TIME 200000000    // ns of one sleep after which it is
#define SLOT_NONE UINT32_MAX
#define NOWHERE (UINT32_MAX - 1) // a Linux CPU that the kernel is never on

// What a thread remembers.
static __thread struct {
	uint32_t generation; // 0: nothing
	uint32_t slot;
	uint32_t token;
	uint32_t usual; // ns that an answer takes these days
	volatile bool busy;
	uint32_t inner_generation, inner; // as generation and slot: for traps of what is looked at while this thread waits in a trap
	enum look (*look)(void *context); // NULL: nothing is
	void *look_context;
	bool looking;                     // in it
	volatile bool inner_busy;         // in a trap of it
} self __attribute__((tls_model("initial-exec")));

static pthread_key_t leave_key; // its destructor runs when a thread that trapped ends
static bool leave_key_made;

static long futex(_Atomic uint32_t *word, int operation, uint32_t value, const struct timespec *time)
{
	return syscall(SYS_futex, word, operation, value, time, NULL, 0);
}

// ---- Slots ---------------------------------------------------------------------------------------------------------

static uint32_t slot_claim(struct hosted *hosted)
{
	for (unsigned word = 0; word < CHANNEL_SLOTS / 64; word++) {
		uint64_t used = atomic_load_explicit(&hosted->used[word], memory_order_relaxed);
		while (~used) {
			unsigned bit = (unsigned)__builtin_ctzll(~used);
			if (!atomic_compare_exchange_weak(&hosted->used[word], &used, used | 1ull << bit))
				continue;
			uint32_t slot = word * 64 + bit;
			// One that is being left is not free before the kernel says so.
			if (atomic_load(&hosted_slot(hosted, slot)->state) == CHANNEL_FREE)
				return slot;
			atomic_fetch_and(&hosted->used[word], ~(1ull << bit));
			used |= 1ull << bit;
		}
	}
	return SLOT_NONE;
}

static void slot_unclaim(struct hosted *hosted, uint32_t slot)
{
	atomic_fetch_and(&hosted->used[slot / 64], ~(1ull << slot % 64));
}

static void doorbell_ring(struct hosted *hosted)
{
	uint64_t one = 1;
	int error = errno;
	(void)!write(hosted->doorbell, &one, sizeof(one));
	errno = error;
}

// The kernel is looking by itself: all the time, or as soon as this thread sleeps.
static bool is_looked_at(struct hosted *hosted, uint32_t cpu)
{
	uint32_t polled = atomic_load(&hosted->header->polled);
	return polled & CHANNEL_LINGERS ? polled == (CHANNEL_LINGERS | (cpu + 1)) : polled != 0;
}

static void slot_ring(struct hosted *hosted, uint32_t slot, uint32_t state, uint32_t cpu)
{
	struct channel_header *header = hosted->header;
	atomic_store_explicit(&hosted_slot(hosted, slot)->state, state, memory_order_release);
	atomic_fetch_or(&header->pending[slot / 64], 1ull << slot % 64);
	atomic_fetch_or(&header->summary[slot / 4096], 1ull << slot / 64 % 64);
	if (!is_looked_at(hosted, cpu))
		doorbell_ring(hosted);
}

static void slot_leave(struct hosted *hosted, uint32_t slot)
{
	slot_ring(hosted, slot, CHANNEL_LEAVE, NOWHERE);
	slot_unclaim(hosted, slot);
}

static void thread_leave(void *value)
{
	struct hosted *hosted = hosted_page();
	bool ready = hosted && atomic_load(&hosted->phase) == HOSTED_READY;
	if (ready && self.generation == hosted->generation)
		slot_leave(hosted, self.slot);
	if (ready && self.inner_generation == hosted->generation)
		slot_leave(hosted, self.inner);
	self.generation = self.inner_generation = 0;
}

__attribute__((constructor)) static void leave_key_make(void)
{
	if (!gila_trap_bare)
		leave_key_made = pthread_key_create(&leave_key, thread_leave) == 0;
}

void hosted_expect(uint32_t token) { self.token = token; }

// ---- Waiting -------------------------------------------------------------------------------------------------------

static bool is_waiting(uint32_t state)
{
	state &= CHANNEL_STATE_MASK;
	return state == CHANNEL_RUNG || state == CHANNEL_S2C_DONE;
}

static void slot_sleep(struct hosted *hosted, _Atomic uint32_t *word, uint32_t state)
{
	static const struct timespec limit = {0, WATCH_TIME};
	if (atomic_load_explicit(&hosted->watched, memory_order_relaxed)) {
		futex(word, FUTEX_WAIT, state, NULL);
		return;
	}
	bool often = atomic_fetch_add_explicit(&hosted->sleeps, 1, memory_order_relaxed) >= WATCH_AFTER;
	if (often || (futex(word, FUTEX_WAIT, state, &limit) < 0 && errno == ETIMEDOUT))
		hosted_watch(hosted);
}

static uint64_t clock_read(void)
{
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

// How long this thread's waits take these days, on the way to what the last one took.
static void spin_learn(uint64_t took)
{
	uint64_t most = 4 * SPIN_QUICK, capped = took < most ? took : most;
	self.usual = (uint32_t)((3 * (uint64_t)self.usual + capped) / 4);
}

// Looks for the answer for a while; returns the last state. A core that goes idle is slow to wake, so who is usually answered soon
// keeps it awake, and yields between looks to those it waits for: they often have the same core.
static uint32_t slot_spin(_Atomic uint32_t *word, uint64_t start)
{
	uint64_t limit = self.usual < SPIN_QUICK ? SPIN_TIME + 2 * (uint64_t)self.usual : SPIN_TIME, now = start;
	while (now - start < limit) {
		for (int i = 0; i < SPIN_LOOKS; i++) {
			uint32_t state = atomic_load_explicit(word, memory_order_acquire);
			if (!is_waiting(state))
				return state;
			__builtin_ia32_pause();
		}
		uint64_t before = now = clock_read();
		if (now - start < SPIN_ALONE)
			continue;
		sched_yield();
		now = clock_read();
		if (now - before > SPIN_LATE)
			break;
	}
	return atomic_load_explicit(word, memory_order_acquire);
}

bool look_set(enum look (*look)(void *context), void *context)
{
	self.look = look;
	self.look_context = context;
	return !gila_trap_bare;
}

void look_sleep(_Atomic uint32_t *word, uint32_t value, uint64_t time)
{
	struct timespec limit = {.tv_sec = (time_t)(time / 1000000000u), .tv_nsec = (long)(time % 1000000000u)};
	futex(word, FUTEX_WAIT, value, &limit);
}

void look_wake(_Atomic uint32_t *word) { futex(word, FUTEX_WAKE, 1, NULL); }

static bool is_to_look(void) { return self.look && !self.looking; }

// Looks at the program's own things as long as those may bring something; returns the last state.
static uint32_t slot_look(_Atomic uint32_t *word)
{
	enum look found = LOOK_MORE;
	uint32_t state;
	self.looking = true;
	do {
		if (found == LOOK_MORE)
			sched_yield();
		found = self.look(self.look_context);
		state = atomic_load_explicit(word, memory_order_acquire);
	} while (found != LOOK_OVER && is_waiting(state));
	self.looking = false;
	return state;
}

static uint32_t slot_wait(struct hosted *hosted, struct channel_slot *slot)
{
	_Atomic uint32_t *word = &slot->state;
	uint32_t state = atomic_load_explicit(word, memory_order_acquire);
	if (!is_waiting(state))
		return state;
	bool looks = is_to_look();
	if (looks)
		state = slot_look(word);
	uint64_t start = clock_read();
	if (!looks && !(state & CHANNEL_SLEEPING))
		state = slot_spin(word, start);
	int error = errno;
	while (is_waiting(state)) {
		if (!(state & CHANNEL_SLEEPING)) {
			if (atomic_compare_exchange_strong(word, &state, state | CHANNEL_SLEEPING))
				state |= CHANNEL_SLEEPING;
			continue;
		}
		if (atomic_load(&hosted->phase) != HOSTED_READY)
			return CHANNEL_DEAD;
		slot_sleep(hosted, word, state);
		state = atomic_load_explicit(word, memory_order_acquire);
	}
	if (!looks)
		spin_learn(clock_read() - start);
	errno = error;
	return state;
}

// ---- The trap ------------------------------------------------------------------------------------------------------

// A result that says in the trap's own terms that there is no kernel.
static uint64_t result_without_kernel(unsigned number, const uint64_t *arguments)
{
	switch (number) {
	case TRAP_mach_reply_port:
	case TRAP_thread_self_trap:
	case TRAP_task_self_trap:
	case TRAP_host_self_trap:
	case TRAP_thread_get_special_reply_port:
	case TRAP_mk_timer_create_trap:
	case TRAP_task_id:
	case TRAP_thread_id:
		return 0; // MACH_PORT_NULL, no id
	case TRAP_mach_msg_trap:
	case TRAP_mach_msg_overwrite_trap:
		return arguments[1] & MACH_SEND_MSG ? MACH_SEND_INVALID_DEST : MACH_RCV_PORT_DIED;
	default:
		return KERN_TERMINATED;
	}
}

// Rings and says at once that it will sleep, unless a kernel looks all the time, or this thread has something to look at. One that does so on this very CPU gets it.
static void slot_ring_and_wait(struct hosted *hosted, uint32_t index, uint32_t state)
{
	uint32_t cpu = (uint32_t)sched_getcpu(), polled = atomic_load_explicit(&hosted->header->polled, memory_order_relaxed);
	hosted_slot(hosted, index)->cpu = cpu;
	bool spins = (polled != 0 && !(polled & CHANNEL_LINGERS)) || is_to_look();
	slot_ring(hosted, index, spins ? state : state | CHANNEL_SLEEPING, cpu);
	if (polled == cpu + 1)
		sched_yield();
}

static void slot_fill(struct hosted *hosted, uint32_t index, unsigned number, const uint64_t *arguments,
		      const struct hosted_windows *windows)
{
	struct channel_slot *slot = hosted_slot(hosted, index);
	slot->number = number;
	for (unsigned i = 0; i < CHANNEL_ARGUMENTS; i++)
		slot->arguments[i] = arguments[i];
	slot->in_size = slot->out_size = 0;
	if (windows->in_size > 0 && windows->in_size <= CHANNEL_BODY_SIZE) {
		memcpy(hosted_body(hosted, index), windows->in, windows->in_size);
		slot->in_address = (uintptr_t)windows->in;
		slot->in_size = (uint32_t)windows->in_size;
	}
	if (windows->out_size > 0) {
		slot->out_address = (uintptr_t)windows->out;
		slot->out_size = (uint32_t)(windows->out_size < CHANNEL_BODY_SIZE ? windows->out_size : CHANNEL_BODY_SIZE);
	}
}

// The kernel's offsets are clipped: it is trusted, but an off-by-one there should not overflow a buffer here.
static uint64_t slot_finish(struct hosted *hosted, uint32_t index, const struct hosted_windows *windows)
{
	struct channel_slot *slot = hosted_slot(hosted, index);
	uint32_t begin = slot->out_begin, end = slot->out_end;
	if (begin < end && end <= slot->out_size)
		memcpy((char *)windows->out + begin, hosted_body(hosted, index) + begin, end - begin);
	return slot->result;
}

static uint64_t slot_trap(struct hosted *hosted, uint32_t index, unsigned number, const uint64_t *arguments,
			  const struct hosted_windows *windows)
{
	struct channel_slot *slot = hosted_slot(hosted, index);
	slot_fill(hosted, index, number, arguments, windows);
	slot_ring_and_wait(hosted, index, CHANNEL_RUNG);
	for (;;) {
		switch (slot_wait(hosted, slot) & CHANNEL_STATE_MASK) {
		case CHANNEL_DONE:
			return slot_finish(hosted, index, windows);
		case CHANNEL_S2C: {
			bool clone = false;
			uint64_t clone_result;
			int64_t result = hosted_serve(hosted, slot, &clone, &clone_result);
			if (clone)
				return clone_result;
			slot->result = (uint64_t)result;
			slot_ring_and_wait(hosted, index, CHANNEL_S2C_DONE);
			break;
		}
		case CHANNEL_KILL:
			atomic_store(&slot->state, CHANNEL_FREE);
			slot_unclaim(hosted, index);
			syscall(SYS_exit, 0);
			__builtin_trap();
		default:
			return result_without_kernel(number, arguments);
		}
	}
}

// The slot of a thread that has none, or whose own is in use below this frame.
static uint32_t slot_make(struct hosted *hosted)
{
	uint32_t index = slot_claim(hosted);
	if (index == SLOT_NONE)
		return SLOT_NONE;
	struct channel_slot *slot = hosted_slot(hosted, index);
	slot->tid = (uint32_t)syscall(SYS_gettid);
	slot->token = self.token;
	self.token = 0;
	return index;
}

static bool thread_attach(struct hosted *hosted)
{
	uint32_t slot = slot_make(hosted);
	if (slot == SLOT_NONE)
		return false;
	self.slot = slot;
	self.generation = hosted->generation;
	if (leave_key_made)
		pthread_setspecific(leave_key, &self);
	return true;
}

// A trap of what a waiting thread looks at; it keeps a slot for these.
static uint64_t inner_trap(struct hosted *hosted, unsigned number, const uint64_t *arguments, const struct hosted_windows *windows)
{
	if (self.inner_generation != hosted->generation) {
		self.inner = slot_make(hosted);
		if (self.inner == SLOT_NONE)
			return result_without_kernel(number, arguments);
		self.inner_generation = hosted->generation;
	}
	return slot_trap(hosted, self.inner, number, arguments, windows);
}

static uint64_t nested_trap(struct hosted *hosted, unsigned number, const uint64_t *arguments,
			    const struct hosted_windows *windows)
{
	uint32_t slot = slot_make(hosted);
	if (slot == SLOT_NONE)
		return result_without_kernel(number, arguments);
	uint32_t generation = hosted->generation;
	uint64_t result = slot_trap(hosted, slot, number, arguments, windows);
	// Not in the child of a clone: the slot was its parent's.
	if (atomic_load(&hosted->phase) == HOSTED_READY && hosted->generation == generation)
		slot_leave(hosted, slot);
	return result;
}

uint64_t hosted_trap(unsigned number, const uint64_t arguments[CHANNEL_ARGUMENTS], const struct hosted_windows *windows)
{
	struct hosted *hosted = hosted_ready();
	if (!hosted)
		return result_without_kernel(number, arguments);
	if (self.generation != hosted->generation) {
		self.busy = false;
		if (!thread_attach(hosted))
			return result_without_kernel(number, arguments);
	}
	if (self.busy && self.looking && !self.inner_busy) {
		self.inner_busy = true;
		uint64_t result = inner_trap(hosted, number, arguments, windows);
		self.inner_busy = false;
		return result;
	}
	if (self.busy)
		return nested_trap(hosted, number, arguments, windows);
	self.busy = true;
	atomic_signal_fence(memory_order_seq_cst);
	struct channel_registers *registers = &hosted_slot(hosted, self.slot)->registers;
	registers->instruction = (uintptr_t)__builtin_return_address(0);
	registers->frame = registers->stack = (uintptr_t)__builtin_frame_address(0);
	uint64_t result = slot_trap(hosted, self.slot, number, arguments, windows);
	atomic_signal_fence(memory_order_seq_cst);
	self.busy = false;
	return result;
}

uint64_t hosted_trap_plain(unsigned number, const uint64_t arguments[CHANNEL_ARGUMENTS])
{
	return hosted_trap(number, arguments, &(struct hosted_windows){.in = NULL});
}

uint64_t hosted_gila_trap(unsigned number, uint64_t a0, uint64_t a1, uint64_t a2, uint64_t a3, uint64_t a4, uint64_t a5,
			  uint64_t a6, uint64_t a7, uint64_t a8)
{
	uint64_t arguments[CHANNEL_ARGUMENTS] = {a0, a1, a2, a3, a4, a5, a6, a7, a8};
	struct hosted_windows windows = {.in = NULL};
	if (number == TRAP_mach_msg_trap || number == TRAP_mach_msg_overwrite_trap) {
		if (a1 & MACH_SEND_MSG) {
			windows.in = (const void *)(uintptr_t)a0; // NOLINT
			windows.in_size = (uint32_t)a2;
		}
		if (a1 & MACH_RCV_MSG) {
			uint64_t out = number == TRAP_mach_msg_overwrite_trap && a7 ? a7 : a0;
			windows.out = (void *)(uintptr_t)out; // NOLINT
			windows.out_size = (uint32_t)a3;
		}
	}
	return hosted_trap(number, arguments, &windows);
}

void hosted_signal(int number)
{
	int error = errno;
	gila_trap0(TRAP_ast);
	errno = error;
}
