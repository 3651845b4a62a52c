// SPDX-License-Identifier: MIT
// Polling instead of sleeping: a CPU that would sleep looks for a while at the channels of clients that recently rang
// from other Linux CPUs. A client whose channel is polled rings without a system call and gets its answer in well under
// a microsecond; a sleeping CPU on an idle core takes tens of microseconds to wake up.
//
// 1. It is tried only when the process may use more than one Linux CPU and the client was on another one.
// 2. Each try that found nothing doubles the number of chances that are let pass before the next, up to 1024.
// 3. A try ends early when the core turns out to be wanted by somebody else (sched_yield came back late).
// 4. header->polled is cleared before the last look, so that a ring is seen or the doorbell is written.
#include "machine.h"

#include <sched.h>
#include <unistd.h>

#define HOT_LIMIT 4u
#define SPIN_TIME 120000u // ns: an idle core may take half of this to wake the client
#define SPIN_ROUND 64u    // looks between two readings of the clock
#define YIELD_LATE 3000u  // ns
#define MISSES_LIMIT 10u

static struct spinner {
	struct channel *hot[HOT_LIMIT]; // references
	unsigned count, next;
	bool published;
	unsigned skip, misses;
} __attribute__((aligned(128))) spinners[MD_CPU_LIMIT];

static bool spin_allowed;

void spin_module_init(unsigned workers)
{
	cpu_set_t set;
	spin_allowed = sched_getaffinity(0, sizeof(set), &set) == 0 && CPU_COUNT(&set) > 1;
}

void spin_heat(struct channel *channel, uint32_t client_cpu)
{
	if (!spin_allowed || client_cpu == cpu_host_number())
		return;
	struct spinner *self = &spinners[md_cpu_self()];
	for (unsigned i = 0; i < self->count; i++)
		if (self->hot[i] == channel)
			return;
	atomic_fetch_add(&channel->references, 1);
	if (self->count < HOT_LIMIT) {
		self->hot[self->count++] = channel;
		return;
	}
	unsigned place = self->next++ % HOT_LIMIT;
	struct channel *old = self->hot[place];
	self->hot[place] = channel;
	uint64_t one = 1;
	if (atomic_exchange(&old->header->polled, 0) && write(old->doorbell, &one, sizeof(one)) < 0)
		(void)channel_serve(old);
	channel_release(old);
}

bool spin_serve(void)
{
	struct spinner *self = &spinners[md_cpu_self()];
	bool found = false;
	for (unsigned i = 0; i < self->count; i++)
		if (channel_rung(self->hot[i]))
			found |= channel_serve(self->hot[i]);
	return found;
}

static void spin_publish(struct spinner *self)
{
	uint32_t cpu = cpu_host_number() + 1;
	for (unsigned i = 0; i < self->count; i++)
		atomic_store_explicit(&self->hot[i]->header->polled, cpu, memory_order_relaxed);
	self->published = true;
}

// Nothing is polled any more; a last look.
static bool spin_withdraw(struct spinner *self)
{
	bool found = false;
	if (self->published) {
		for (unsigned i = 0; i < self->count; i++)
			atomic_store(&self->hot[i]->header->polled, 0);
		found = spin_serve();
	}
	self->published = false;
	while (self->count > 0)
		channel_release(self->hot[--self->count]);
	return found;
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
	while (now - start < SPIN_TIME) {
		for (unsigned i = 0; i < SPIN_ROUND; i++) {
			if (spin_serve()) {
				self->misses = 0;
				return true;
			}
			if (stop())
				return true;
			__builtin_ia32_pause();
		}
		uint64_t before = md_clock_now();
		sched_yield();
		now = md_clock_now();
		if (now - before > YIELD_LATE)
			break;
	}
	spin_missed(self);
	return false;
}

bool spin_wait(bool (*stop)(void))
{
	struct spinner *self = &spinners[md_cpu_self()];
	if (self->count == 0)
		return false;
	if (self->skip > 0) {
		self->skip--;
		return spin_withdraw(self);
	}
	spin_publish(self);
	return spin_try(self, stop) || spin_withdraw(self);
}
