// SPDX-License-Identifier: MIT
// Looking at channels instead of being woken by them. A channel that a CPU looks at says so in header->polled, and its
// clients ring without a system call. There are two occasions:
//   lingering  A CPU that has just answered a client is about to look again. A client on the same Linux CPU, which often
//              runs at once and preempts the worker, needs no doorbell: when it sleeps, the worker goes on and looks.
//   spinning   A CPU that would sleep looks for a while at the channels of clients on other Linux CPUs: they are answered
//              in well under a microsecond, where waking an idle core takes tens of microseconds.
// 1. Spinning is tried only when a client rang from another Linux CPU. Each try that found nothing doubles the number
//    of chances that are let pass before the next, up to 1024. A try ends early when the core turns out to be wanted by
//    somebody else (sched_yield came back late).
// 2. A worker that lingers can be trusted only by who gives it the CPU by sleeping: others ring the doorbell.
// 3. header->polled is cleared before the last look, so that a ring is seen or the doorbell is written.
#include "machine.h"

#include <sched.h>
#include <unistd.h>

#define HOT_LIMIT 8u
#define SPIN_TIME 120000u // ns: an idle core may take half of this to wake the client
#define SPIN_ROUND 64u    // looks between two readings of the clock
#define YIELD_LATE 20000u // ns
#define MISSES_LIMIT 10u
#define YIELD_LONG 200000u // ns
#define YIELD_MISSES_LIMIT 6u

struct hot {
	struct channel *channel; // a reference
	bool far;                // rang from another Linux CPU
};

static struct spinner {
	struct hot hot[HOT_LIMIT];
	unsigned count, next, far;
	unsigned skip, misses;             // of spinning
	unsigned yield_skip, yield_misses; // of lingering
} __attribute__((aligned(128))) spinners[MD_CPU_LIMIT];

static void hot_drop(struct hot *hot)
{
	uint64_t one = 1;
	struct channel *channel = hot->channel;
	if (atomic_exchange(&channel->header->polled, 0) && channel_rung(channel))
		(void)!write(channel->doorbell, &one, sizeof(one));
	channel_release(channel);
}

// The entry of the channel, made if there is none.
static struct hot *hot_find(struct spinner *self, struct channel *channel)
{
	for (unsigned i = 0; i < self->count; i++)
		if (self->hot[i].channel == channel)
			return &self->hot[i];
	unsigned place = self->count;
	if (place < HOT_LIMIT) {
		self->count++;
	} else {
		place = self->next++ % HOT_LIMIT;
		self->far -= self->hot[place].far;
		hot_drop(&self->hot[place]);
	}
	atomic_fetch_add_explicit(&channel->references, 1, memory_order_relaxed);
	self->hot[place] = (struct hot){channel, false};
	return &self->hot[place];
}

void spin_heat(struct channel *channel, uint32_t client_cpu)
{
	if (client_cpu == cpu_host_number())
		return;
	struct spinner *self = &spinners[md_cpu_self()];
	struct hot *hot = hot_find(self, channel);
	self->far += !hot->far;
	hot->far = true;
}

void spin_linger(struct channel *channel)
{
	hot_find(&spinners[md_cpu_self()], channel);
	if (atomic_load_explicit(&channel->header->polled, memory_order_relaxed) == 0)
		atomic_store_explicit(&channel->header->polled, CHANNEL_LINGERS | (cpu_host_number() + 1),
				      memory_order_relaxed);
}

bool spin_serve(void)
{
	struct spinner *self = &spinners[md_cpu_self()];
	bool found = false;
	for (unsigned i = 0; i < self->count; i++)
		if (channel_rung(self->hot[i].channel))
			found |= channel_serve(self->hot[i].channel);
	return found;
}

static void spin_publish(struct spinner *self)
{
	uint32_t cpu = cpu_host_number() + 1;
	for (unsigned i = 0; i < self->count; i++)
		atomic_store_explicit(&self->hot[i].channel->header->polled, cpu, memory_order_relaxed);
}

// Nothing is polled any more; a last look. True: something was there after all, and all stays as it is.
static bool spin_withdraw(struct spinner *self)
{
	if (self->count == 0)
		return false;
	for (unsigned i = 0; i < self->count; i++)
		atomic_store_explicit(&self->hot[i].channel->header->polled, 0, memory_order_relaxed);
	atomic_thread_fence(memory_order_seq_cst);
	if (spin_serve())
		return true;
	while (self->count > 0)
		channel_release(self->hot[--self->count].channel);
	self->far = 0;
	return false;
}

static void spin_missed(struct spinner *self)
{
	if (self->misses < MISSES_LIMIT)
		self->misses++;
	self->skip = 1u << self->misses;
}

static bool spin_try(struct spinner *self, bool (*stop)(void))
{
	uint64_t start = md_clock_now(), now = start;
	bool late = false; // those who had the core may have been the clients: one more look
	while (now - start < SPIN_TIME || late) {
		for (unsigned i = 0; i < SPIN_ROUND; i++) {
			if (spin_serve()) {
				self->misses = 0;
				return true;
			}
			if (stop())
				return true;
			__builtin_ia32_pause();
		}
		if (late)
			break;
		uint64_t before = md_clock_now();
		sched_yield();
		now = md_clock_now();
		late = now - before > YIELD_LATE;
	}
	spin_missed(self);
	return false;
}

// Lets the clients that were just answered run, if they are waiting for this Linux CPU: they will ring and sleep, which
// brings the worker back without either side having woken the other. A core that others want for long is no place
// for that: who sleeps is preferred when it wakes, who yields waits for its turn.
static bool spin_yield(struct spinner *self)
{
	if (self->yield_skip > 0) {
		self->yield_skip--;
		return false;
	}
	uint64_t before = md_clock_now();
	sched_yield();
	bool found = spin_serve();
	if (found && md_clock_now() - before < YIELD_LONG) {
		self->yield_misses = 0;
		return true;
	}
	if (self->yield_misses < YIELD_MISSES_LIMIT)
		self->yield_misses++;
	self->yield_skip = (1u << self->yield_misses) - 1;
	return found;
}

bool spin_wait(bool (*stop)(void))
{
	struct spinner *self = &spinners[md_cpu_self()];
	if (spin_serve())
		return true;
	if (self->count > 0 && spin_yield(self))
		return true;
	if (self->far == 0)
		return spin_withdraw(self);
	if (self->skip > 0) {
		self->skip--;
		return spin_withdraw(self);
	}
	spin_publish(self);
	return spin_try(self, stop) || spin_withdraw(self);
}
