// SPDX-License-Identifier: MIT
// CPUs are worker pthreads; the event loop is their idle loop. All workers wait on one epoll set, edge-triggered, so an
// event wakes one of them, the one that slept last.
//
// 1. A worker says CPU_SLEEPING, then looks at `kicked`, then sleeps; who kicks sets `kicked`, then looks at the state:
//    one of them sees the other. The signal (SIGURG, which debuggers pass on silently) is let in only by epoll_pwait, so
//    that none is lost before it and none disturbs kernel code.
// 2. The timerfd may be set earlier than the deadline that is wanted, never later: re-arming later costs nothing.
// 3. Code runs on microthreads that change workers: cpu_number is read by calls that are not inlined, never kept.
#include "machine.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <unistd.h>

#define EVENTS_AT_ONCE 32
#define POLL_EVERY 16u // reports found by polling between two looks at epoll
#define KICK_SIGNAL SIGURG

enum cpu_state { CPU_RUNNING, CPU_SLEEPING };

static struct worker {
	_Atomic uint32_t state; // enum cpu_state
	_Atomic uint32_t kicked;
	pid_t tid;
	unsigned polled; // reports by polling since the last look at epoll
} __attribute__((aligned(128))) workers[MD_CPU_LIMIT];

static unsigned worker_count;
static int epoll_file = -1, timer_file = -1;
static sigset_t sleep_mask; // everything but the kick
static __thread unsigned cpu_number;

static struct {
	struct md_lock lock;
	uint64_t wanted, programmed;
} timer = {.wanted = UINT64_MAX, .programmed = UINT64_MAX};

static struct {
	struct md_lock lock;
	struct thread *first;
	_Atomic bool any;
} deferred;

unsigned md_cpu_count(void) { return worker_count; }

__attribute__((noinline)) unsigned md_cpu_self(void)
{
	__asm__ volatile(""); // not pure: the answer changes with a context switch
	return cpu_number;
}

unsigned cpu_host_number(void)
{
	int cpu = sched_getcpu();
	return cpu < 0 ? 0 : (unsigned)cpu;
}

// ---- Sources -------------------------------------------------------------------------------------------------------

bool source_add(int file, enum source_kind kind, uint32_t index, uint32_t generation)
{
	struct epoll_event event = {.events = EPOLLIN | EPOLLRDHUP | EPOLLET};
	event.data.u64 = (uint64_t)kind | (uint64_t)index << 8 | (uint64_t)generation << 32;
	return epoll_ctl(epoll_file, EPOLL_CTL_ADD, file, &event) == 0;
}

void source_remove(int file) { epoll_ctl(epoll_file, EPOLL_CTL_DEL, file, NULL); }

static void process_event(enum source_kind kind, struct process *process)
{
	switch (kind) {
	case SOURCE_DOORBELL: {
		md_lock_acquire(&process->lock);
		struct channel *channel = process->channel;
		if (channel)
			atomic_fetch_add(&channel->references, 1);
		md_lock_release(&process->lock);
		if (channel) {
			channel_serve(channel);
			channel_release(channel);
		}
		break;
	}
	case SOURCE_DEATH:
		process_died(process);
		break;
	case SOURCE_SOCKET:
		checkin_socket_event(process);
		break;
	case SOURCE_OUTPUT:
		output_event(process);
		break;
	default:
		break;
	}
}

static void timer_event(void);
static void signal_event(void);

static void source_event(uint64_t data)
{
	enum source_kind kind = data & 0xff;
	if (kind >= SOURCE_PROCESS) {
		struct process *process = process_get(data >> 8 & 0xffffff, (uint32_t)(data >> 32));
		if (!process)
			return;
		process_event(kind, process);
		process_release(process);
	} else if (kind == SOURCE_TIMER) {
		timer_event();
	} else if (kind == SOURCE_LISTEN) {
		checkin_accept();
	} else if (kind == SOURCE_SIGNAL) {
		signal_event();
	} else if (kind == SOURCE_INTERRUPT) {
		interrupt_event(data >> 8 & 0xffffff);
	} else if (kind == SOURCE_IDLE) {
		idle_event();
	} else if (kind == SOURCE_DISK) {
		disk_event(data >> 8 & 0xffffff);
	}
}

// ---- The timer -----------------------------------------------------------------------------------------------------

static void timer_program_locked(uint64_t deadline)
{
	timer.programmed = deadline;
	uint64_t at = deadline + host_clock_base();
	struct itimerspec spec = {.it_value = {(time_t)(at / 1000000000u), (long)(at % 1000000000u)}};
	timerfd_settime(timer_file, TFD_TIMER_ABSTIME, &spec, NULL);
}

void md_timer_arm(uint64_t deadline)
{
	md_lock_acquire(&timer.lock);
	timer.wanted = deadline;
	if (deadline < timer.programmed)
		timer_program_locked(deadline);
	md_lock_release(&timer.lock);
}

static void timer_event(void)
{
	md_lock_acquire(&timer.lock);
	bool due = timer.wanted <= md_clock_now();
	timer.programmed = UINT64_MAX;
	if (due)
		timer.wanted = UINT64_MAX;
	else if (timer.wanted != UINT64_MAX)
		timer_program_locked(timer.wanted);
	md_lock_release(&timer.lock);
	if (due)
		kern_timer_due();
}

// ---- Deferred detaches ---------------------------------------------------------------------------------------------

void cpu_defer_detach(struct thread *thread)
{
	md_lock_acquire(&deferred.lock);
	thread->md.deferred = deferred.first;
	deferred.first = thread;
	atomic_store(&deferred.any, true);
	md_lock_release(&deferred.lock);
}

static void deferred_run(void)
{
	if (likely(!atomic_load_explicit(&deferred.any, memory_order_relaxed)))
		return;
	md_lock_acquire(&deferred.lock);
	struct thread *thread = deferred.first;
	deferred.first = NULL;
	atomic_store(&deferred.any, false);
	md_lock_release(&deferred.lock);
	while (thread) {
		struct thread *next = thread->md.deferred;
		kern_thread_detach(thread);
		thread = next;
	}
}

// ---- Idling --------------------------------------------------------------------------------------------------------

static void cpu_look(int timeout, const sigset_t *mask)
{
	struct epoll_event events[EVENTS_AT_ONCE];
	int count = epoll_pwait(epoll_file, events, EVENTS_AT_ONCE, timeout, mask);
	struct worker *self = &workers[md_cpu_self()];
	atomic_store_explicit(&self->state, CPU_RUNNING, memory_order_relaxed);
	self->polled = 0;
	for (int i = 0; i < count; i++)
		source_event(events[i].data.u64);
}

static bool cpu_is_kicked(void) { return atomic_load_explicit(&workers[md_cpu_self()].kicked, memory_order_relaxed); }

static bool cpu_take_kick(struct worker *self)
{
	return atomic_load_explicit(&self->kicked, memory_order_relaxed) && atomic_exchange(&self->kicked, 0);
}

void md_cpu_idle(void)
{
	struct worker *self = &workers[md_cpu_self()];
	deferred_run();
	if (cpu_take_kick(self))
		return;
	if (spin_wait(cpu_is_kicked)) {
		if (++self->polled >= POLL_EVERY)
			cpu_look(0, NULL);
		return;
	}
	atomic_store(&self->state, CPU_SLEEPING);
	if (cpu_take_kick(self)) {
		atomic_store_explicit(&self->state, CPU_RUNNING, memory_order_relaxed);
		return;
	}
	cpu_look(-1, &sleep_mask);
	cpu_take_kick(self);
}

void md_cpu_poll(void)
{
	deferred_run();
	spin_serve();
	cpu_look(0, NULL);
}

void md_cpu_kick(unsigned cpu)
{
	struct worker *target = &workers[cpu];
	atomic_store(&target->kicked, 1);
	if (atomic_load(&target->state) == CPU_SLEEPING)
		syscall(SYS_tgkill, getpid(), target->tid, KICK_SIGNAL);
}

// ---- Workers -------------------------------------------------------------------------------------------------------

static void kick_handler(int signal) {}

static void cpu_block_signals(void)
{
	sigset_t mask;
	sigfillset(&mask);
	static const int own[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGABRT, SIGPROF};
	for (size_t i = 0; i < array_count(own); i++)
		sigdelset(&mask, own[i]);
	pthread_sigmask(SIG_SETMASK, &mask, NULL);
	sigdelset(&mask, KICK_SIGNAL);
	sleep_mask = mask;
}

void cpu_enter(unsigned number)
{
	cpu_number = number;
	workers[number].tid = (pid_t)syscall(SYS_gettid);
}

static void *worker_main(void *argument)
{
	unsigned number = (unsigned)(uintptr_t)argument;
	char name[16];
	snprintf(name, sizeof(name), "gila-cpu%u", number);
	pthread_setname_np(pthread_self(), name);
	cpu_enter(number);
	kern_cpu_main();
}

void md_cpu_start_others(void)
{
	for (unsigned i = 1; i < worker_count; i++) {
		pthread_t thread;
		int error = pthread_create(&thread, NULL, worker_main, (void *)(uintptr_t)i); // NOLINT
		if (error)
			panic("worker %u of %u cannot be started: %s", i, worker_count, strerror(error));
		pthread_detach(thread);
	}
}

static int signal_file = -1;

static void signal_event(void)
{
	struct signalfd_siginfo info;
	while (read(signal_file, &info, sizeof(info)) == (ssize_t)sizeof(info))
		kern_shutdown_requested(info.ssi_signo == SIGINT   ? "SIGINT"
					: info.ssi_signo == SIGHUP ? "SIGHUP"
								   : "SIGTERM");
}

bool cpu_module_init(unsigned count)
{
	worker_count = count;
	cpu_block_signals();
	struct sigaction kick = {.sa_handler = kick_handler};
	sigaction(KICK_SIGNAL, &kick, NULL);
	struct sigaction ignore = {.sa_handler = SIG_IGN};
	sigaction(SIGPIPE, &ignore, NULL);
	epoll_file = epoll_create1(EPOLL_CLOEXEC);
	timer_file = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	sigset_t end;
	sigemptyset(&end);
	sigaddset(&end, SIGINT);
	sigaddset(&end, SIGTERM);
	sigaddset(&end, SIGHUP);
	signal_file = signalfd(-1, &end, SFD_CLOEXEC | SFD_NONBLOCK);
	return epoll_file >= 0 && timer_file >= 0 && signal_file >= 0 && source_add(timer_file, SOURCE_TIMER, 0, 0) &&
	       source_add(signal_file, SOURCE_SIGNAL, 0, 0);
}
