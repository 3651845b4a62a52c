// SPDX-License-Identifier: MIT
// The scheduler; see sched.h for the three ways out of a CPU.
//
// A CPU that is in its loop has no current thread; its stack (cpu->stack) carries nothing that must be kept. A thread
// that blocks with its stack takes cpu->stack along and the CPU continues on its spare or a fresh one. A thread that
// resumes a kept stack brings it to the CPU, whose own becomes the spare.
#include "sched.h"

#include "../task/thread.h"
#include "lock.h"
#include "trace.h"

#define SPARE_STACKS 4
#define QUEUE_HERE 4u  // threads that wait here before another CPU is woken
#define POLL_EVERY 16u // threads run between two looks at events, on a CPU that never idles

struct cpu {
	struct lock lock;             // RANK_RUN_QUEUE
	struct list ready;            // [l] threads
	_Atomic unsigned ready_count; // [l] to change
	unsigned number;              // [I]
	struct thread *current;       // [o: this CPU]
	struct thread *next;          // [o] to run before the queue
	struct thread *leaving;       // [o] it blocks; not off the CPU yet
	void *stack;                  // [o] the pooled stack that the CPU runs on
	void *spare[SPARE_STACKS];    // [o]
	unsigned spares;              // [o]
	unsigned runs;                // [o] since the last poll
	struct md_context loop;       // [o] scratch: the context of a fresh stack
	struct md_context discarded;  // [o] where a context goes that nobody resumes
} __attribute__((aligned(128)));

static struct cpu cpus[MD_CPU_LIMIT];
static unsigned cpus_count;
static _Atomic uint64_t cpus_idle; // bit per CPU

static struct cpu *cpu_self(void) { return &cpus[md_cpu_self()]; }

void sched_module_init(void)
{
	cpus_count = md_cpu_count();
	for (unsigned i = 0; i < cpus_count; i++) {
		lock_init(&cpus[i].lock, RANK_RUN_QUEUE);
		list_init(&cpus[i].ready);
		cpus[i].number = i;
	}
}

struct thread *thread_current(void) { return cpu_self()->current; }

static void *stack_take(struct cpu *cpu)
{
	if (cpu->spares > 0)
		return cpu->spare[--cpu->spares];
	void *stack = md_stack_alloc();
	if (!stack)
		panic("no memory for a kernel stack");
	return stack;
}

static void stack_give(struct cpu *cpu, void *stack)
{
	// It may be the one that this code runs on: kept for now, an older one goes instead.
	if (cpu->spares == SPARE_STACKS)
		md_stack_free(cpu->spare[--cpu->spares]);
	cpu->spare[cpu->spares++] = stack;
}

static void queue_push(struct cpu *cpu, struct thread *thread)
{
	lock_acquire(&cpu->lock);
	list_push_back(&cpu->ready, &thread->ready_link);
	atomic_fetch_add_explicit(&cpu->ready_count, 1, memory_order_relaxed);
	lock_release(&cpu->lock);
}

static struct thread *queue_pop(struct cpu *cpu)
{
	// A look without the lock: a thread that is pushed now comes with a kick.
	if (atomic_load_explicit(&cpu->ready_count, memory_order_relaxed) == 0)
		return NULL;
	lock_acquire(&cpu->lock);
	struct list *link = list_pop(&cpu->ready);
	if (link)
		atomic_fetch_sub_explicit(&cpu->ready_count, 1, memory_order_relaxed);
	lock_release(&cpu->lock);
	return link ? container_of(link, struct thread, ready_link) : NULL;
}

// An idle CPU takes from the one whose queue it finds first; own queue before.
static struct thread *sched_pick(struct cpu *cpu)
{
	struct thread *thread = cpu->next;
	if (thread) {
		cpu->next = NULL;
		return thread;
	}
	thread = queue_pop(cpu);
	for (unsigned i = 1; !thread && i < cpus_count; i++)
		thread = queue_pop(&cpus[(cpu->number + i) % cpus_count]);
	return thread;
}

// Kernel work is short and waking an idle CPU is not: others are called only when some have queued up here.
static void sched_enqueue(struct thread *thread)
{
	struct cpu *self = cpu_self();
	uint64_t idle = atomic_load_explicit(&cpus_idle, memory_order_relaxed) & ~(1ull << self->number);
	struct cpu *target = self;
	if (idle && atomic_load_explicit(&self->ready_count, memory_order_relaxed) >= QUEUE_HERE)
		target = &cpus[__builtin_ctzll(idle)];
	queue_push(target, thread);
	if (target != self)
		md_cpu_kick(target->number);
}

// What thread_ready makes of each state; THREAD_READY is the one that queues it.
static uint8_t ready_next_state(uint8_t state)
{
	switch (state) {
	case THREAD_RUNNING:
		return THREAD_WOKEN;
	case THREAD_BLOCKING:
		return THREAD_WAKING;
	case THREAD_BLOCKED:
	case THREAD_NEW:
		return THREAD_READY;
	default:
		panic("a thread in state %s was made ready", thread_state_name(state));
	}
}

void thread_ready(struct thread *thread)
{
	uint8_t state = atomic_load(&thread->state), next;
	do
		next = ready_next_state(state);
	while (!atomic_compare_exchange_weak(&thread->state, &state, next));
	if (next == THREAD_READY)
		sched_enqueue(thread);
}

void sched_entered(struct thread *thread)
{
	struct cpu *cpu = cpu_self();
	if (!cpu->current && !cpu->next)
		cpu->next = thread;
	else
		sched_enqueue(thread);
}

void thread_ready_next(struct thread *thread)
{
	struct cpu *cpu = cpu_self();
	uint8_t state = THREAD_BLOCKED;
	if (cpu->next || !atomic_compare_exchange_strong(&thread->state, &state, THREAD_READY)) {
		thread_ready(thread);
		return;
	}
	cpu->next = thread;
}

// The thread that blocked is off this CPU now: if it was woken meanwhile, it may be queued.
static void sched_left(struct cpu *cpu)
{
	struct thread *thread = cpu->leaving;
	if (!thread)
		return;
	cpu->leaving = NULL;
	uint8_t state = THREAD_BLOCKING;
	if (!atomic_compare_exchange_strong(&thread->state, &state, THREAD_BLOCKED)) {
		assert(state == THREAD_WAKING);
		atomic_store(&thread->state, THREAD_READY);
		queue_push(cpu, thread);
	}
}

// Runs a ready thread on this CPU; comes back only by the CPU's loop being restarted.
_Noreturn static void sched_run(struct cpu *cpu, struct thread *thread)
{
	atomic_store_explicit(&thread->state, THREAD_RUNNING, memory_order_relaxed);
	cpu->current = thread;
	cpu->runs++;
	thread->last_cpu = (uint8_t)cpu->number;
	if (thread->stack) {
		stack_give(cpu, cpu->stack);
		cpu->stack = thread->stack;
		thread->stack = NULL;
		md_context_switch(&cpu->discarded, &thread->context);
		panic("a discarded context was resumed");
	}
	void (*continuation)(struct thread *) = thread->continuation;
	thread->continuation = NULL;
	continuation(thread);
	panic("the continuation of thread %u returned", thread->id);
}

// The top of the CPU's stack: picks and runs, or idles.
_Noreturn static void sched_loop(void *argument)
{
	struct cpu *cpu = argument;
	sched_left(cpu);
	cpu->current = NULL;
	for (;;) {
		if (cpu->runs >= POLL_EVERY) {
			cpu->runs = 0;
			md_cpu_poll();
		}
		struct thread *thread = sched_pick(cpu);
		if (thread)
			sched_run(cpu, thread);
		// Idle is announced before the last look, so that whoever queues after the look sees it and kicks.
		uint64_t bit = 1ull << cpu->number;
		atomic_fetch_or(&cpus_idle, bit);
		thread = sched_pick(cpu);
		if (!thread)
			md_cpu_idle();
		atomic_fetch_and(&cpus_idle, ~bit);
		cpu->runs = 0;
		if (thread)
			sched_run(cpu, thread);
	}
}

_Noreturn static void sched_restart(struct cpu *cpu)
{
	lock_assert_none();
	md_stack_restart(cpu->stack, sched_loop, cpu);
}

_Noreturn void sched_cpu_start(void)
{
	struct cpu *cpu = cpu_self();
	cpu->stack = stack_take(cpu);
	md_context_make(&cpu->loop, cpu->stack, sched_loop, cpu);
	md_context_switch(&cpu->discarded, &cpu->loop);
	panic("the boot stack was resumed");
}

// Keeps the stack for the current thread and continues the CPU's loop on another.
static void sched_keep_stack(struct cpu *cpu, struct thread *self)
{
	lock_assert_none();
	cpu->leaving = self;
	self->stack = cpu->stack;
	cpu->stack = stack_take(cpu);
	md_context_make(&cpu->loop, cpu->stack, sched_loop, cpu);
	md_context_switch(&self->context, &cpu->loop);
}

enum wait_result thread_block(void)
{
	struct cpu *cpu = cpu_self();
	struct thread *self = cpu->current;
	uint8_t state = THREAD_RUNNING;
	if (atomic_compare_exchange_strong(&self->state, &state, THREAD_BLOCKING))
		sched_keep_stack(cpu, self);
	else
		atomic_store(&self->state, THREAD_RUNNING); // was WOKEN
	return (enum wait_result)atomic_load(&self->wait);
}

_Noreturn void thread_block_continue(void (*continuation)(struct thread *thread))
{
	struct cpu *cpu = cpu_self();
	struct thread *self = cpu->current;
	self->continuation = continuation;
	cpu->leaving = self;
	uint8_t state = THREAD_RUNNING;
	if (!atomic_compare_exchange_strong(&self->state, &state, THREAD_BLOCKING))
		atomic_store(&self->state, THREAD_WAKING); // was WOKEN
	sched_restart(cpu);
}

_Noreturn void thread_block_handoff(void (*continuation)(struct thread *thread), struct thread *next)
{
	thread_ready_next(next);
	thread_block_continue(continuation);
}

void thread_yield(void)
{
	struct cpu *cpu = cpu_self();
	struct thread *self = cpu->current;
	// As one who was woken while leaving: the CPU queues it behind the others.
	atomic_store(&self->state, THREAD_WAKING);
	sched_keep_stack(cpu, self);
}

_Noreturn void sched_leave(void)
{
	struct cpu *cpu = cpu_self();
	cpu->current = NULL;
	sched_restart(cpu);
}

_Noreturn void kern_cpu_main(void) { sched_cpu_start(); }
