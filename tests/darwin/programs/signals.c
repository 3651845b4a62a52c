// SPDX-License-Identifier: MIT
// Signals: numbers, information, another stack, and that what a handler changes in the context is what goes on; jumps.
#include "check.h"

#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

static char stack[131072];
static volatile int got, code, from;
static void *volatile address, *volatile frame;
static jmp_buf back;

static void on_signal(int number, siginfo_t *info, void *context)
{
	char here;
	got = number;
	code = info->si_code;
	from = info->si_pid;
	address = info->si_addr;
	frame = &here;
	(void)context;
}

// The fault is at `mov (%rdi), %eax`, of two bytes: the handler goes on behind it, with another rax.
static void on_fault(int number, siginfo_t *info, void *context)
{
	ucontext_t *user = context;
	on_signal(number, info, context);
	CHECK(user->uc_mcontext->rdi == (unsigned long)info->si_addr &&
	      user->uc_mcontext->faultvaddr == user->uc_mcontext->rdi);
	user->uc_mcontext->rip += 2;
	user->uc_mcontext->rax = 4711;
}

static void on_jump(int number)
{
	(void)number;
	longjmp(back, 5);
}

static void handle(int number, void (*function)(int, siginfo_t *, void *), int flags)
{
	struct sigaction action = {.sa_sigaction = function, .sa_flags = SA_SIGINFO | flags}, old;
	CHECK(sigaction(number, &action, &old) == 0);
	CHECK(sigaction(number, NULL, &old) == 0 && old.sa_sigaction == function && old.sa_flags == action.sa_flags);
}

int main(void)
{
	unsigned long result;
	sigset_t set = 1u << (SIGUSR2 - 1), old;
	stack_t other = {stack, sizeof(stack), 0}, before;
	CHECK(sigaltstack(&other, &before) == 0 && (before.ss_flags & SS_DISABLE));
	handle(SIGUSR1, on_signal, SA_ONSTACK);
	CHECK(kill(getpid(), SIGUSR1) == 0 && got == SIGUSR1 && from == getpid());
	CHECK((char *)frame > stack && (char *)frame < stack + sizeof(stack));
	handle(SIGUSR2, on_signal, 0);
	CHECK(sigprocmask(SIG_BLOCK, &set, &old) == 0 && raise(SIGUSR2) == 0 && got == SIGUSR1);
	CHECK(sigprocmask(SIG_SETMASK, &old, &set) == 0 && got == SIGUSR2 && (set & 1u << (SIGUSR2 - 1)));
	CHECK((char *)frame < stack || (char *)frame > stack + sizeof(stack));
	handle(SIGSEGV, on_fault, SA_ONSTACK);
	__asm__ volatile("mov (%%rdi), %%eax" : "=a"(result) : "D"(0x1234000ul) : "memory");
	CHECK(got == SIGSEGV && address == (void *)0x1234000 && code == 1 && result == 4711);
	handle(SIGFPE, on_signal, SA_RESETHAND);
	CHECK(pthread_kill(pthread_self(), SIGFPE) == 0 && got == SIGFPE);
	struct sigaction jump = {.sa_handler = on_jump};
	CHECK(sigaction(SIGABRT, &jump, NULL) == 0);
	int value = setjmp(back);
	if (value == 0)
		raise(SIGABRT);
	CHECK(value == 5 && sigprocmask(SIG_BLOCK, NULL, &set) == 0 &&
	      !(set & 1u << (SIGABRT - 1))); // the mask is as it was
	CHECK(kill(getpid(), 99) == -1 && errno == EINVAL);
	puts("signals are fine");
	return 0;
}
