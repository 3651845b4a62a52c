// SPDX-License-Identifier: MIT
// System calls of the program become traps of Gila or calls of lib/linux; see metal.h.
#include "metal.h"

#include <abi/trap_numbers.h>
#include <abi/traps.h>
#include <errno.h>
#include <lib/gila/hosted.h>
#include <lib/linux/fsbase.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/ucontext.h>
#include <unistd.h>

#ifndef PR_SET_SYSCALL_USER_DISPATCH // linux/prctl.h, Linux 5.11
#define PR_SET_SYSCALL_USER_DISPATCH 59
#define PR_SYS_DISPATCH_ON 1
#endif
#ifndef SYSCALL_DISPATCH_FILTER_ALLOW
#define SYSCALL_DISPATCH_FILTER_ALLOW 0
#define SYSCALL_DISPATCH_FILTER_BLOCK 1
#endif

#define HANDLER_STACK (64u << 10)
#define LOST UINT64_C(0x0badc0de0badc0de) // what a register holds that the instruction does not preserve

extern const char own_text_start[] __asm__("__executable_start"), own_text_end[] __asm__("etext"); // ld's symbols

static uint64_t library_start, library_end, library_entry;
static __thread volatile char selector __attribute__((tls_model("initial-exec")));

static uint64_t gs_base_read(void)
{
	uint64_t base;
	__asm__ volatile("rdgsbase %0" : "=r"(base));
	return base;
}

// ---- Traps -----------------------------------------------------------------------------------------------------------

struct start {
	uint64_t entry, stack, argument;
};

static void thread_main(uint64_t argument)
{
	struct start start = *(struct start *)(uintptr_t)argument; // NOLINT
	free((void *)(uintptr_t)argument);			    // NOLINT
	if (!metal_thread_prepare())
		abort();
	metal_enter(start.entry, start.stack, start.argument, 0, 0);
}

static uint64_t thread_start(const uint64_t *a)
{
	struct start *start = malloc(sizeof(*start));
	if (!start)
		return (uint64_t)KERN_RESOURCE_SHORTAGE << 32;
	*start = (struct start){a[0], a[1], a[2]};
	return gila_trap(TRAP_thread_start, (uintptr_t)thread_main, a[1], (uintptr_t)start, a[3], 0, 0, 0, 0, 0);
}

_Noreturn static void end_by(int number)
{
	signal(number, SIG_DFL);
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, number);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	kill(getpid(), number);
	abort();
}

// The end of the task is told to Linux, so that who started this process sees it as well.
static uint64_t trap(unsigned number, const uint64_t *a)
{
	switch (number) {
	case TRAP_task_exit:
		_exit((int)a[0]);
	case TRAP_task_abort:
		end_by((int)a[0]);
	case TRAP_thread_exit:
		// The first thread of a Linux process that ended could not be read by the kernel any more, nor could the others.
		while (syscall(SYS_gettid) == getpid())
			pause();
		return gila_trap0(TRAP_thread_exit);
	case TRAP_thread_start:
		return thread_start(a);
	default:
		return gila_trap(number, a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7], a[8]);
	}
}

// ---- The handlers ----------------------------------------------------------------------------------------------------

static __attribute__((noinline)) void handle_call(ucontext_t *context)
{
	greg_t *r = context->uc_mcontext.gregs;
	uint64_t number = (uint64_t)r[REG_RAX], at = (uint64_t)r[REG_RIP];
	if (number >> 24 == 1) {
		const uint64_t *stack = (const uint64_t *)r[REG_RSP]; // NOLINT
		uint64_t arguments[] = {(uint64_t)r[REG_RDI], (uint64_t)r[REG_RSI], (uint64_t)r[REG_RDX], (uint64_t)r[REG_R10],
					(uint64_t)r[REG_R8], (uint64_t)r[REG_R9], stack[1], stack[2], stack[3]};
		r[REG_RAX] = (greg_t)trap(number & 0xffffff, arguments);
		r[REG_RCX] = r[REG_R11] = (greg_t)LOST;
		return;
	}
	if (at >= library_start && at < library_end)
		metal_fail("lib/linux itself makes the Linux call %llu", (unsigned long long)number);
	r[REG_RCX] = (greg_t)at;
	r[REG_R11] = (greg_t)LOST;
	r[REG_RIP] = (greg_t)library_entry;
}

// Built without stack protector, whose canary is thread-local.
static void on_call(int number, siginfo_t *info, void *context)
{
	uint64_t program = fs_base_read();
	fs_base_write(gs_base_read());
	selector = SYSCALL_DISPATCH_FILTER_ALLOW;
	handle_call(context);
	selector = SYSCALL_DISPATCH_FILTER_BLOCK;
	fs_base_write(program);
}

static void on_kernel(int number)
{
	uint64_t program = fs_base_read();
	fs_base_write(gs_base_read());
	char before = selector;
	selector = SYSCALL_DISPATCH_FILTER_ALLOW;
	hosted_signal(number);
	selector = before;
	fs_base_write(program);
}

// ---- Threads ---------------------------------------------------------------------------------------------------------

bool metal_thread_prepare(void)
{
	uint64_t own = fs_base_read();
	sigset_t set;
	stack_t stack = {.ss_size = HANDLER_STACK};
	stack.ss_sp = mmap(NULL, HANDLER_STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	__asm__ volatile("wrgsbase %0" : : "r"(own));
	selector = SYSCALL_DISPATCH_FILTER_ALLOW;
	if (stack.ss_sp == MAP_FAILED || sigaltstack(&stack, NULL) != 0)
		return false;
	if (prctl(PR_SET_SYSCALL_USER_DISPATCH, PR_SYS_DISPATCH_ON, own_text_start, own_text_end - own_text_start, &selector) != 0)
		return false;
	sigfillset(&set);
	return sigprocmask(SIG_UNBLOCK, &set, NULL) == 0;
}

void metal_dispatch_begin(const struct metal_image *library)
{
	library_start = library->base;
	library_end = library->base + library->size;
	library_entry = library->entry;
	struct sigaction call = {.sa_sigaction = on_call, .sa_flags = SA_SIGINFO | SA_ONSTACK};
	struct sigaction kernel = {.sa_handler = on_kernel, .sa_flags = SA_RESTART | SA_ONSTACK};
	// Threads are made in the handler and must be left alone until they are prepared.
	sigaddset(&call.sa_mask, hosted_page()->signal);
	if (sigaction(SIGSYS, &call, NULL) != 0 || sigaction(hosted_page()->signal, &kernel, NULL) != 0)
		metal_fail("no signal handlers");
}

void metal_enter(uint64_t where, uint64_t stack, uint64_t argument, uint64_t number, uint64_t next)
{
	selector = SYSCALL_DISPATCH_FILTER_BLOCK;
	register uint64_t target __asm__("r11") = where;
	__asm__ volatile("mov %[stack], %%rsp\n\t"
			 "xor %%ebx, %%ebx\n\txor %%ebp, %%ebp\n\txor %%edx, %%edx\n\t"
			 "wrfsbase %%rdx\n\t"
			 "jmp *%[target]"
			 :
			 : [stack] "S"(stack), [target] "r"(target), "D"(argument), "a"(number), "c"(next)
			 : "memory");
	__builtin_unreachable();
}
