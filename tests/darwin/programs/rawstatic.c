// SPDX-License-Identifier: MIT
// A program without libSystem: every system call is its own. It ends with status 7, or says in which line it is wrong.
#include "rawcall.h"

static volatile int got, on_other;
static char other[65536];

// What the kernel calls: it calls the handler, and then goes back by a call.
static void trampoline(void (*handler)(int, void *, void *), int style, int number, void *info, void *context)
{
	handler(number, info, context);
	CALL3(184, context, style, 0);
	say("sigreturn came back\n");
}

static void handler(int number, void *info, void *context)
{
	char here;
	(void)context;
	got = *(int *)info == number ? number : -1;
	on_other = &here > other && &here < other + sizeof(other);
}

static void check_signals(int process)
{
	struct {
		void *handler, *trampoline;
		unsigned mask;
		int flags;
	} action = {(void *)handler, (void *)trampoline, 0, 0x40};
	struct {
		void *handler;
		unsigned mask;
		int flags;
	} old;
	struct {
		void *at;
		word size;
		int flags;
	} stack = {other, sizeof(other), 0};
	unsigned mask = 1u << 29, before;
	CHECK(!CALL3(46, 30, &action, 0).failed && !CALL3(37, process, 30, 1).failed && got == 30 && !on_other);
	CHECK(!CALL3(46, 30, 0, &old).failed && old.handler == (void *)handler);
	CHECK(!CALL3(53, &stack, 0, 0).failed);
	action.flags |= 1;
	got = 0;
	CHECK(!CALL3(46, 30, &action, 0).failed && !CALL3(48, 1, &mask, &before).failed && !(before & mask));
	CHECK(!CALL3(37, process, 30, 1).failed && got == 0);
	CHECK(!CALL3(48, 2, &mask, &before).failed && (before & mask));
	CHECK(got == 30);
	CHECK(on_other);
}

__attribute__((used)) static void begin(word *stack)
{
	int status;
	struct result ends = call(42, 0, 0, 0, 0, 0, 0), child, result;
	char text[4] = "";
	CHECK(stack[0] == 2);
	struct result self = CALL3(20, 0, 0, 0);
	CHECK(!self.failed && self.value > 1);
	result = CALL3(5, "/nowhere/at/all", 0, 0);
	CHECK(result.failed && result.value == 2);
	result = call(197, 0, 8192, 3, 0x1002, (word)-1, 0); // mmap
	CHECK(!result.failed && *(word *)(result.value + 4096) == 0);
	CHECK(!CALL3(73, result.value, 8192, 0).failed);
	result = CALL3(599, 0, 0, 0);
	CHECK(result.failed && result.value == 78);
	CHECK(call(0, 20, 0, 0, 0, 0, 0).value == self.value); // by number
	check_signals((int)self.value);
	CHECK(!ends.failed);
	child = CALL3(2, 0, 0, 0);
	if (child.second) {
		CHECK(child.value == self.value && CALL3(39, 0, 0, 0).value == self.value);
		CALL3(4, ends.second, "abc", 3);
		CALL3(1, 5, 0, 0);
	}
	CHECK(CALL3(3, ends.value, text, 3).value == 3 && text[0] == 'a' && text[2] == 'c');
	CHECK(call(7, child.value, (word)&status, 0, 0, 0, 0).value == child.value && status == 5 << 8);
	say("raw calls are fine\n");
	CALL3(1, 7, 0, 0);
}

__asm__(".globl start\n"
	"start:\n"
	"	mov %rsp, %rdi\n"
	"	and $-16, %rsp\n"
	"	call _begin\n"
	"	ud2\n");
