// SPDX-License-Identifier: MIT
// Signals that an instruction raises: which one, its code and address, that the context goes both ways; and SIGPIPE switched off.
// faults            checks all of it
// faults bus|segv|null|abort|trap|ill|fpe   ends by that
#include "check.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile int got, code, skip, mask_has_it, calls;
static void *volatile address;
static char *page;
static const char constant = 1; // in memory that cannot be written
static void (*volatile nowhere)(void);

static void on_fault(int number, siginfo_t *info, void *context)
{
	ucontext_t *user = context;
	sigset_t mask;
	sigprocmask(SIG_BLOCK, NULL, &mask);
	mask_has_it = mask >> (number - 1) & 1;
	got = number;
	code = info->si_code;
	address = info->si_addr;
	calls++;
	CHECK(info->si_signo == number && user->uc_mcsize >= 712);
	user->uc_mcontext->rip += (unsigned long)skip;
	// xmm0 lies behind 8 bytes of the state, 32 of FXSAVE's and 8 registers of the x87.
	*(double *)(user->uc_mcontext->floats + 8 + 32 + 128) = 2.5;
}

static void handle(int number, int flags)
{
	struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | flags};
	CHECK(sigaction(number, &action, NULL) == 0);
}

static void check_memory(void)
{
	double before = 1.5;
	page = mmap(NULL, 8192, PROT_READ, MAP_PRIVATE | MAP_ANON, -1, 0);
	CHECK(page != MAP_FAILED && munmap(page + 4096, 4096) == 0);
	handle(SIGBUS, 0);
	skip = 2;
	__asm__ volatile("movb %%al, (%%rdi)" : : "a"(1), "D"(page + 5) : "memory"); // SIGSEGV is not handled
	CHECK(got == SIGBUS && code == BUS_ADRERR && address == page + 5 && mask_has_it);
	handle(SIGSEGV, SA_RESETHAND);
	__asm__ volatile("movb %%al, (%%rdi)" : "+x"(before) : "a"(1), "D"(page + 4096) : "memory");
	CHECK(got == SIGSEGV && code == SEGV_MAPERR && address == page + 4096 && mask_has_it);
	struct sigaction now;
	CHECK(sigaction(SIGSEGV, NULL, &now) == 0 && now.sa_handler == SIG_DFL);
	CHECK(sigaction(SIGBUS, NULL, &now) == 0 && now.sa_sigaction == on_fault);
	handle(SIGSEGV, SA_NODEFER);
	register double changed __asm__("xmm0") = 1.5;
	__asm__ volatile("movb %%al, (%%rdi)" : "+x"(changed) : "a"(1), "D"(page + 4096) : "memory");
	CHECK(changed == 2.5 && !mask_has_it);
	sigset_t mask;
	CHECK(sigprocmask(SIG_BLOCK, NULL, &mask) == 0 && mask == 0);
}

static void check_others(void)
{
	handle(SIGILL, 0), handle(SIGTRAP, 0), handle(SIGFPE, 0), handle(SIGEMT, 0), handle(SIGINFO, 0);
	skip = 2;
	__asm__ volatile("1: ud2" : : : "memory");
	CHECK(got == SIGILL && code == ILL_ILLOPC && address);
	skip = 0;
	__asm__ volatile("int3" : : : "memory");
	CHECK(got == SIGTRAP && code == TRAP_BRKPT);
	skip = 2;
	unsigned quotient = 1, rest = 0;
	__asm__ volatile("div %%ecx" : "+a"(quotient), "+d"(rest) : "c"(0));
	CHECK(got == SIGFPE && code == FPE_INTDIV);
	skip = 0;
	CHECK(raise(SIGEMT) == 0 && got == SIGEMT && code == 0);
	CHECK(kill(getpid(), SIGINFO) == 0 && got == SIGINFO);
	CHECK(strcmp(strsignal(SIGSEGV), "Segmentation fault: 11") == 0 && strcmp(sys_signame[SIGINFO], "info") == 0);
}

static void nothing(int number)
{
	got = number;
}

static void *interrupt(void *thread)
{
	usleep(30000);
	pthread_kill(thread, SIGUSR1);
	usleep(30000);
	return (void *)write(*(int *)&page, "x", 1);
}

static void check_calls(void)
{
	int ends[2], number = 0;
	char byte;
	pthread_t thread;
	sigset_t set = 1u << (SIGUSR2 - 1), pending, none = 0;
	struct sigaction action = {.sa_handler = nothing};
	CHECK(pipe(ends) == 0);
	*(int *)&page = ends[1];
	CHECK(sigaction(SIGUSR1, &action, NULL) == 0 && sigaction(SIGUSR2, &action, NULL) == 0);
	CHECK(pthread_create(&thread, NULL, interrupt, pthread_self()) == 0);
	CHECK(read(ends[0], &byte, 1) == -1 && errno == EINTR && got == SIGUSR1);
	CHECK(read(ends[0], &byte, 1) == 1 && pthread_join(thread, NULL) == 0);
	CHECK(siginterrupt(SIGUSR1, 0) == 0 && pthread_create(&thread, NULL, interrupt, pthread_self()) == 0);
	CHECK(read(ends[0], &byte, 1) == 1 && pthread_join(thread, NULL) == 0); // it went on
	CHECK(sighold(SIGUSR2) == 0 && kill(getpid(), SIGUSR2) == 0 && sigpending(&pending) == 0 && pending == set);
	CHECK(sigwait(&set, &number) == 0 && number == SIGUSR2 && sigpending(&pending) == 0 && pending == 0);
	got = 0;
	CHECK(kill(getpid(), SIGUSR2) == 0 && got == 0 && sigsuspend(&none) == -1 && errno == EINTR && got == SIGUSR2);
	CHECK(sigrelse(SIGUSR2) == 0);
	CHECK(sigaction(SIGKILL, &action, NULL) == -1 && errno == EINVAL);
}

static void check_pipes(void)
{
	int ends[2], one = 1, copy;
	unsigned size = sizeof(one);
	CHECK(signal(SIGPIPE, nothing) == SIG_DFL);
	CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0 && close(ends[1]) == 0);
	got = 0;
	CHECK(write(ends[0], "x", 1) == -1 && errno == EPIPE && got == SIGPIPE);
	got = 0;
	CHECK(setsockopt(ends[0], SOL_SOCKET, SO_NOSIGPIPE, &one, sizeof(one)) == 0);
	one = 0;
	CHECK(getsockopt(ends[0], SOL_SOCKET, SO_NOSIGPIPE, &one, &size) == 0 && one == 1);
	copy = fcntl(ends[0], F_DUPFD, 20);
	CHECK(write(ends[0], "x", 1) == -1 && errno == EPIPE && send(copy, "x", 1, 0) == -1 && errno == EPIPE &&
	      got == 0);
	CHECK(close(ends[0]) == 0 && pipe(ends) == 0 && close(ends[0]) == 0 && fcntl(ends[1], F_GETNOSIGPIPE) == 0);
	CHECK(fcntl(ends[1], F_SETNOSIGPIPE, 1) == 0 && write(ends[1], "x", 1) == -1 && errno == EPIPE && got == 0);
	CHECK(fcntl(ends[1], F_SETNOSIGPIPE, 0) == 0 && write(ends[1], "x", 1) == -1 && got == SIGPIPE);
}

__attribute__((noinline)) void die_here(const char *how)
{
	if (strcmp(how, "bus") == 0)
		*(volatile char *)(unsigned long)&constant = 1;
	if (strcmp(how, "segv") == 0)
		*(volatile char *)0x1234000 = 1;
	if (strcmp(how, "null") == 0)
		nowhere();
	if (strcmp(how, "libc") == 0)
		strlen((const char *)(unsigned long)(how[0] - 'l'));
	if (strcmp(how, "trap") == 0)
		__asm__ volatile("int3");
	if (strcmp(how, "ill") == 0)
		__asm__ volatile("ud2");
	if (strcmp(how, "fpe") == 0)
		__asm__ volatile("div %%ecx" : : "a"(1), "d"(0), "c"(0));
	abort();
}

static void check_deaths(void)
{
	static const struct {
		const char *how;
		int number;
	} deaths[] = {{"bus", SIGBUS}, {"segv", SIGSEGV}, {"null", SIGSEGV}, {"trap", SIGTRAP},
		      {"ill", SIGILL}, {"fpe", SIGFPE},	  {"abort", SIGABRT}};
	for (int i = 0; i < 7; i++) {
		int status;
		pid_t child = fork();
		if (child == 0) {
			for (int number = SIGILL; number <= SIGSEGV; number++)
				if (number != SIGKILL)
					signal(number, SIG_DFL);
			die_here(deaths[i].how);
		}
		CHECK(waitpid(child, &status, 0) == child && WIFSIGNALED(status) &&
		      WTERMSIG(status) == deaths[i].number);
	}
	int status;
	pid_t child = fork();
	if (child == 0) { // sent, not raised: ignored
		signal(SIGSEGV, SIG_IGN);
		kill(getpid(), SIGSEGV);
		_exit(3);
	}
	CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 3);
}

int main(int count, char **words)
{
	if (count > 1)
		die_here(words[1]);
	check_memory();
	check_others();
	check_calls();
	check_pipes();
	check_deaths();
	puts("faults are fine");
	return 0;
}
