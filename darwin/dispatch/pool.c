// SPDX-License-Identifier: MIT
// Threads for the global queues; see pool.h. One lock guards the lists of all global queues and the numbers here; it is the last of all.
#include "pool.h"

#include "../libsystem/futex.h"
#include "../libsystem/report.h"
#include "../libsystem/thread.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define POOL_MOST 64u	       // threads, unless the queue says overcommit: as on Darwin
#define POOL_MOST_OVERCOMMIT 512u
#define IDLE_SECONDS 5
#define SEARCH_SPINS 200       // some microseconds
#define MONITOR_LEAST 1000000l // nanoseconds between two looks
#define MONITOR_MOST 32000000l
#define MONITOR_ROUNDS 20u     // without waiting work, until it ends

static struct {
	_Atomic uint32_t lock;
	_Atomic uint32_t wakeups; // threads that were called and have not come yet; they wait on this
	unsigned threads, idle;	  // idle: wait and were not called
	unsigned blocked;	  // wait inside libdispatch
	_Atomic unsigned pending; // pieces of work in all global queues
	unsigned searching;	  // threads that look for work for a moment before they wait
	unsigned width;		  // processors
	bool monitor;
	int ids[POOL_MOST_OVERCOMMIT]; // Linux' numbers of the threads
} pool;

static __thread bool is_worker;

unsigned dispatch_pool_width(void)
{
	cpu_set_t set;
	if (pool.width == 0)
		pool.width = sched_getaffinity(0, sizeof(set), &set) == 0 ? (unsigned)CPU_COUNT(&set) : 1;
	return pool.width;
}

// The first piece of the most urgent global queue.
static struct dispatch_work *take_locked(struct dispatch_queue **from)
{
	static const uint8_t order[] = {0x21, 0x19, 0x15, 0x11, 0x09, 0x05};
	for (unsigned i = 0; i < sizeof(order) * 2; i++) {
		struct dispatch_queue *root = dispatch_root_of(order[i / 2], i % 2 == 0);
		struct dispatch_work *work = root->first;
		if (!work)
			continue;
		root->first = work->next;
		pool.pending--;
		*from = root;
		return work;
	}
	return NULL;
}

// Work often comes soon after work: to find it costs less than to be called. Who adds work calls nobody while enough threads search.
static bool search_locked(void)
{
	if (dispatch_pool_width() == 1)
		return false;
	pool.searching++;
	futex_unlock(&pool.lock);
	for (int i = 0; i < SEARCH_SPINS && atomic_load_explicit(&pool.pending, memory_order_relaxed) == 0; i++)
		__builtin_ia32_pause();
	futex_lock(&pool.lock);
	pool.searching--;
	return pool.pending > 0;
}

// Waits to be called. False: long enough for nothing.
static bool wait_locked(void)
{
	struct timespec until = futex_deadline(IDLE_SECONDS, 0, CLOCK_MONOTONIC);
	pool.idle++;
	for (;;) {
		futex_unlock(&pool.lock);
		int error = futex_wait(&pool.wakeups, 0, &until, false);
		futex_lock(&pool.lock);
		if (pool.wakeups > 0) {
			pool.wakeups--; // who called has counted it as busy
			return true;
		}
		if (error == ETIMEDOUT) {
			pool.idle--;
			return false;
		}
	}
}

// Signals go to the program's own threads, but for those that a thread raises itself.
static void set_signals(bool end)
{
	static const int own[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGSYS, SIGABRT};
	sigset_t set;
	sigfillset(&set);
	for (size_t i = 0; i < sizeof(own) / sizeof(*own) && !end; i++)
		sigdelset(&set, own[i]);
	pthread_sigmask(SIG_SETMASK, &set, NULL);
}

static void *pool_thread(void *argument)
{
	unsigned place = (unsigned)(uintptr_t)argument;
	struct dispatch_queue *root;
	struct dispatch_work *work;
	thread_adopt();
	is_worker = true;
	set_signals(false);
	futex_lock(&pool.lock);
	pool.ids[place] = thread_self()->id;
	do {
		while ((work = take_locked(&root))) {
			struct dispatch_frame frame = {root, NULL};
			futex_unlock(&pool.lock);
			dispatch_frames = &frame;
			dispatch_work_run(work);
			dispatch_frames = NULL;
			futex_lock(&pool.lock);
		}
	} while (search_locked() || wait_locked());
	pool.ids[place] = 0;
	pool.threads--;
	futex_unlock(&pool.lock);
	thread_run_destructors(thread_self());
	set_signals(true);
	return NULL; // its data goes with the host's thread (thread_adopt)
}

static bool place_find_locked(unsigned *place)
{
	for (*place = 0; *place < POOL_MOST_OVERCOMMIT; ++*place)
		if (pool.ids[*place] == 0)
			return true;
	return false;
}

// Without a thread what is in the queues waits for one of those that there are.
static void spawn_locked(void)
{
	pthread_t thread;
	unsigned place;
	if (!place_find_locked(&place))
		return;
	pool.ids[place] = -1;
	pool.threads++;
	futex_unlock(&pool.lock);
	int error = thread_start_helper(&thread, pool_thread, (void *)(uintptr_t)place);
	futex_lock(&pool.lock);
	if (!error)
		return;
	pool.ids[place] = 0;
	if (--pool.threads == 0)
		report_fatal("dispatch: no thread for a queue: %s", strerror(error));
}

// ---- threads that block elsewhere -----------------------------------------------------------------------------------

// Whether Linux runs it, or would: proc(5), the state behind the name in brackets.
static bool thread_runs(int id)
{
	char path[48], text[256];
	snprintf(path, sizeof(path), "/proc/self/task/%d/stat", id);
	int file = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t size = file < 0 ? 0 : read(file, text, sizeof(text) - 1);
	if (file >= 0)
		close(file);
	text[size > 0 ? size : 0] = '\0';
	const char *state = strrchr(text, ')');
	return state && state[1] == ' ' && state[2] == 'R';
}

static unsigned count_running(void)
{
	int ids[POOL_MOST_OVERCOMMIT];
	unsigned running = 0;
	futex_lock(&pool.lock);
	memcpy(ids, pool.ids, sizeof(ids));
	futex_unlock(&pool.lock);
	for (unsigned i = 0; i < POOL_MOST_OVERCOMMIT; i++)
		running += ids[i] == -1 || (ids[i] > 0 && thread_runs(ids[i]));
	return running;
}

static void *monitor_thread(void *argument)
{
	long pause = MONITOR_LEAST;
	unsigned quiet = 0;
	(void)argument;
	for (;;) {
		struct timespec span = {0, pause};
		nanosleep(&span, NULL);
		bool room = count_running() < dispatch_pool_width();
		futex_lock(&pool.lock);
		quiet = pool.pending ? 0 : quiet + 1;
		if (quiet > MONITOR_ROUNDS) {
			pool.monitor = false;
			futex_unlock(&pool.lock);
			return NULL;
		}
		bool more = pool.pending && room && pool.idle == 0 && pool.wakeups == 0 && pool.threads < POOL_MOST;
		if (more)
			spawn_locked();
		futex_unlock(&pool.lock);
		pause = more || quiet ? MONITOR_LEAST : pause < MONITOR_MOST ? pause * 2 : MONITOR_MOST;
	}
}

static void monitor_start_locked(void)
{
	pthread_t thread;
	if (pool.monitor)
		return;
	pool.monitor = true;
	futex_unlock(&pool.lock);
	int error = thread_start_helper(&thread, monitor_thread, NULL);
	futex_lock(&pool.lock);
	if (error)
		pool.monitor = false;
}

// ---- what the rest of libdispatch calls -----------------------------------------------------------------------------

// Somebody takes what was added: who waits, or a new thread if there is a processor for it.
static void call_thread_locked(bool overcommit)
{
	if (pool.pending <= pool.searching + pool.wakeups)
		return;
	if (pool.idle > 0) {
		pool.idle--;
		pool.wakeups++;
		futex_wake(&pool.wakeups, 1);
		return;
	}
	bool free_processor = pool.threads - pool.blocked < dispatch_pool_width() && pool.threads < POOL_MOST;
	if (free_processor || (overcommit && pool.threads < POOL_MOST_OVERCOMMIT))
		spawn_locked();
	else
		monitor_start_locked();
}

void dispatch_pool_push(struct dispatch_queue *root, struct dispatch_work *work)
{
	futex_lock(&pool.lock);
	work->next = NULL;
	if (root->first)
		root->last->next = work;
	else
		root->first = work;
	root->last = work;
	pool.pending++;
	call_thread_locked(root->overcommit);
	futex_unlock(&pool.lock);
}

void dispatch_pool_block(void)
{
	if (!is_worker)
		return;
	futex_lock(&pool.lock);
	pool.blocked++;
	if (pool.pending > 0)
		call_thread_locked(false);
	futex_unlock(&pool.lock);
}

void dispatch_pool_unblock(void)
{
	if (!is_worker)
		return;
	futex_lock(&pool.lock);
	pool.blocked--;
	futex_unlock(&pool.lock);
}

void dispatch_pool_forget(void)
{
	memset(&pool, 0, sizeof(pool));
	is_worker = false; // the thread that forked is the only one: it goes on as the first
}
