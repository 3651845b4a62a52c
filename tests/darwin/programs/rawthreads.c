// SPDX-License-Identifier: MIT
// Threads without libSystem, as Go up to 1.11 makes them: bsdthread_register and _create, %gs of each thread, semaphores by messages to
// the task, times of the commpage, all signals blocked. It ends with status 7, or says in which line it is wrong.
#include "rawcall.h"

#define MACH(number) (0x1000000u + (number))
#define THREADS 4
#define FLAG_CUSTOM 0x1000000

struct thread {
	word gs[2]; // what %gs:0 and %gs:8 are
	unsigned port;
	int ended;
};
static volatile struct thread threads[THREADS];
static char stacks[THREADS][65536] __attribute__((aligned(16)));
static unsigned turn, done, reply_port;

static word gs_first(void)
{
	word value;
	__asm__ volatile("mov %%gs:0, %0" : "=r"(value));
	return value;
}

static void gs_set(volatile word *to)
{
	to[0] = (word)to;
	call(0x3000003, (word)to, 0, 0, 0, 0, 0);
}

struct message {
	unsigned bits, size, remote, local, voucher, id;
	unsigned body[16];
};

// semaphore_create, message 3418 of osfmk/mach/task.defs.
static unsigned semaphore(void)
{
	struct message message = {.bits = 19 | 21 << 8, .size = 40, .remote = (unsigned)call(MACH(28), 0, 0, 0, 0, 0, 0).value, .local = reply_port, .id = 3418, .body = {[1] = 1}};
	CHECK(call(MACH(31), (word)&message, 3, message.size, sizeof(message), reply_port, 0).value == 0);
	CHECK(message.id == 3518 && (message.bits & 0x80000000) && message.body[0] == 1 && message.body[1]);
	return message.body[1];
}

static void thread_body(word argument)
{
	volatile struct thread *thread = &threads[argument];
	char here;
	gs_set(thread->gs);
	CHECK(&here > stacks[argument] && &here < stacks[argument + 1]);
	CHECK(call(MACH(36), turn, 0, 0, 0, 0, 0).value == 0); // semaphore_wait
	CHECK(gs_first() == (word)thread->gs);
	thread->ended = 1;
	call(MACH(33), done, 0, 0, 0, 0, 0);
	call(361, 0, 0, 0, 0, 0, 0);
	say("a thread went on after its end\n");
}

// What the kernel calls in a new thread: pthread, port, function, argument, stack, flags.
__attribute__((used)) static void thread_started(word pthread, unsigned port, void (*function)(word), word argument)
{
	(void)pthread;
	threads[argument].port = port;
	function(argument);
}
__asm__(".globl thread_start\n"
	"thread_start:\n"
	"	and $-16, %rsp\n"
	"	call _thread_started\n"
	"	ud2\n");
void thread_start(void) __asm__("thread_start");

static word nanoseconds(void)
{
	volatile struct {
		word tsc_base;
		unsigned scale, shift;
		word base;
		unsigned generation;
	} *times = (void *)0x7fffffe00050;
	unsigned low, high;
	CHECK(times->generation != 0);
	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
	return times->base + (word)((unsigned __int128)(((word)high << 32 | low) - times->tsc_base) * times->scale >> 32);
}

__attribute__((used)) static void begin(void)
{
	static word own[2];
	word before = nanoseconds(), now;
	unsigned all = ~0u, old;
	struct {
		word seconds;
		unsigned microseconds;
	} pause = {0, 30000};
	CHECK(!CALL3(329, 3, &all, &old).failed); // SIG_SETMASK
	gs_set(own);
	CHECK(!CALL3(366, thread_start, 0, 4096).failed);
	reply_port = (unsigned)call(MACH(26), 0, 0, 0, 0, 0, 0).value;
	turn = semaphore(), done = semaphore();
	for (word i = 0; i < THREADS; i++)
		CHECK(!call(360, (word)thread_body, i, (word)stacks[i + 1], 0, FLAG_CUSTOM, 0).failed);
	CHECK(call(MACH(38), done, 0, 1000000, 0, 0, 0).value == 49); // KERN_OPERATION_TIMED_OUT
	for (int i = 0; i < THREADS; i++)
		CHECK(call(MACH(33), turn, 0, 0, 0, 0, 0).value == 0);
	for (int i = 0; i < THREADS; i++)
		CHECK(call(MACH(36), done, 0, 0, 0, 0, 0).value == 0);
	for (int i = 0; i < THREADS; i++)
		CHECK(threads[i].ended && threads[i].port && threads[i].port != threads[(i + 1) % THREADS].port);
	CHECK(gs_first() == (word)own);
	CHECK(!call(93, 0, 0, 0, 0, (word)&pause, 0).failed); // select
	now = nanoseconds();
	CHECK(now - before > 30000000 && now - before < 60000000000);
	CHECK(!CALL3(329, 3, &old, 0).failed);
	say("raw threads are fine\n");
	CALL3(1, 7, 0, 0);
}

__asm__(".globl start\n"
	"start:\n"
	"	and $-16, %rsp\n"
	"	call _begin\n"
	"	ud2\n");
