// SPDX-License-Identifier: MIT
// Goes past libSystem for a call, as syscall.Syscall of Go does, in a program with the section that Go's linker makes; and SIGSYS stays
// a signal that can be handled.
#include "check.h"

#include <signal.h>
#include <unistd.h>

__attribute__((used, section("__DATA,__go_buildinfo"))) static char info[16] = "made by hand";
static volatile int got;

static long raw(long number)
{
	__asm__ volatile("add $0x2000000, %%rax\n\tsyscall" : "+a"(number) : : "rcx", "r11", "rdx", "memory");
	return number;
}

static void on_sys(int number)
{
	got = number;
}

int main(void)
{
	CHECK(raw(20) == getpid());
	CHECK(signal(SIGSYS, on_sys) == SIG_DFL && raw(39) == getppid() && got == 0);
	CHECK(raise(SIGSYS) == 0 && got == SIGSYS && signal(SIGSYS, SIG_DFL) == on_sys);
	puts("raw calls of Go are fine");
	return 0;
}
