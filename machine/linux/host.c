// SPDX-License-Identifier: MIT
// What the host gives without ado: clocks, pages, stacks, random bytes, and somewhere to write the log.
//
// Log text goes to the log file, to standard error when that is wanted, and to a small tail that is kept for a panic. A
// full disk or a closed terminal costs text (counted), never time: nothing is written to what would block.
#include "machine.h"

#include <errno.h>
#include <fcntl.h>
#include <kernel/core/poison.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#define STACKS_KEPT 64u
#define LOG_TAIL 8192u
#define LOG_PIECE 512u // at most this much at once to a terminal: what poll promises fits

// ---- Time ----------------------------------------------------------------------------------------------------------

static uint64_t clock_read(clockid_t clock)
{
	struct timespec time;
	clock_gettime(clock, &time);
	return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

uint64_t host_clock_base(void)
{
	static _Atomic uint64_t base;
	uint64_t start = atomic_load_explicit(&base, memory_order_relaxed);
	if (likely(start != 0))
		return start;
	uint64_t now = clock_read(CLOCK_MONOTONIC) - 1;
	return atomic_compare_exchange_strong(&base, &start, now) ? now : start;
}

uint64_t md_clock_now(void)
{
	uint64_t base = host_clock_base();
	return clock_read(CLOCK_MONOTONIC) - base;
}

int64_t md_clock_calendar(void) { return (int64_t)clock_read(CLOCK_REALTIME); }

// ---- Pages and stacks ----------------------------------------------------------------------------------------------

void *md_pages_alloc(size_t count)
{
	if (count == 0 || count > SIZE_MAX / MD_PAGE_SIZE)
		return NULL;
	void *pages = mmap(NULL, count * MD_PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (pages == MAP_FAILED)
		return NULL;
	// Linux may give addresses that were a stack before (a launched child's, a pthread's): ASan still marks its frames.
	unpoison(pages, count * MD_PAGE_SIZE);
	return pages;
}

void md_pages_free(void *pages, size_t count) { munmap(pages, count * MD_PAGE_SIZE); }

// Free stacks, linked through their lowest word.
static struct md_lock stacks_lock;
static void *stacks_free;
static unsigned stacks_kept;

void *md_stack_alloc(void)
{
	md_lock_acquire(&stacks_lock);
	void *stack = stacks_free;
	if (stack) {
		stacks_free = *(void **)stack;
		stacks_kept--;
	}
	md_lock_release(&stacks_lock);
	if (stack)
		return stack;
	char *base = mmap(NULL, MD_STACK_SIZE + MD_PAGE_SIZE, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (base == MAP_FAILED)
		return NULL;
	mprotect(base, MD_PAGE_SIZE, PROT_NONE);
	stack = base + MD_PAGE_SIZE;
	unpoison(stack, MD_STACK_SIZE);
	isa_stack_prepare(stack, MD_STACK_SIZE);
	return stack;
}

void md_stack_free(void *stack)
{
	isa_stack_forget(stack, MD_STACK_SIZE);
	md_lock_acquire(&stacks_lock);
	bool keep = stacks_kept < STACKS_KEPT;
	if (keep) {
		*(void **)stack = stacks_free;
		stacks_free = stack;
		stacks_kept++;
	}
	md_lock_release(&stacks_lock);
	if (!keep)
		munmap((char *)stack - MD_PAGE_SIZE, MD_STACK_SIZE + MD_PAGE_SIZE);
}

void md_context_make(struct md_context *context, void *stack, void (*entry)(void *), void *argument)
{
	isa_context_make(&context->isa, stack, MD_STACK_SIZE, entry, argument);
}

void md_context_switch(struct md_context *save, struct md_context *resume)
{
	isa_context_switch(&save->isa, &resume->isa);
}

_Noreturn void md_stack_restart(void *stack, void (*entry)(void *), void *argument)
{
	isa_stack_restart(stack, MD_STACK_SIZE, entry, argument);
}

void md_entropy(void *to, size_t size)
{
	char *bytes = to;
	while (size > 0) {
		ssize_t got = getrandom(bytes, size, 0);
		if (got < 0 && errno != EINTR)
			panic("getrandom: %d", errno);
		if (got > 0) {
			bytes += got;
			size -= (size_t)got;
		}
	}
}

// ---- Log -----------------------------------------------------------------------------------------------------------

static struct {
	struct md_lock lock;
	int file; // the log file, or -1
	bool terminal;
	uint64_t dropped; // bytes
	char tail[LOG_TAIL];
	uint64_t end; // of the tail, counted since boot
} host_log = {.file = -1};

static bool log_writable(int file)
{
	struct pollfd poll_file = {.fd = file, .events = POLLOUT};
	return poll(&poll_file, 1, 0) == 1 && (poll_file.revents & POLLOUT);
}

// As much as can be written without waiting; the rest is counted as dropped.
static void log_put(int file, const char *text, size_t size)
{
	while (size > 0) {
		size_t piece = size < LOG_PIECE ? size : LOG_PIECE;
		ssize_t done = log_writable(file) ? write(file, text, piece) : -1;
		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			break;
		text += done;
		size -= (size_t)done;
	}
	host_log.dropped += size;
}

void md_log_write(const char *text, size_t size)
{
	md_lock_acquire(&host_log.lock);
	for (size_t i = 0; i < size; i++)
		host_log.tail[host_log.end++ % LOG_TAIL] = text[i];
	if (host_log.file >= 0)
		log_put(host_log.file, text, size);
	if (host_log.terminal)
		log_put(STDERR_FILENO, text, size);
	md_lock_release(&host_log.lock);
}

void host_log_open(const struct linux_options *options)
{
	host_log.terminal = options->verbose;
	if (!options->log)
		return;
	host_log.file = open(options->log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK, 0600);
	if (host_log.file < 0)
		fprintf(stderr, "gila: the log file %s cannot be opened: %s; going on without it\n", options->log,
			strerror(errno));
}

void host_log_tail(void)
{
	md_lock_acquire(&host_log.lock);
	if (!host_log.terminal) {
		uint64_t start = host_log.end > LOG_TAIL ? host_log.end - LOG_TAIL : 0;
		for (uint64_t at = start; at < host_log.end;) {
			size_t place = at % LOG_TAIL;
			size_t piece = host_log.end - at < LOG_TAIL - place ? (size_t)(host_log.end - at) : LOG_TAIL - place;
			log_put(STDERR_FILENO, host_log.tail + place, piece);
			at += piece;
		}
		host_log.terminal = true;
	}
	md_lock_release(&host_log.lock);
}

void host_complain(const char *format, ...)
{
	char text[512];
	va_list list;
	va_start(list, format);
	vsnprintf(text, sizeof(text), format, list);
	va_end(list);
	fprintf(stderr, "gila: %s\n", text);
}
