// SPDX-License-Identifier: MIT
// Sets of signals, which are a word, and the older calls that change the mask by it. Facts: <signal.h>; sigsetops(3), sigblock(2),
// sigpause(2) and siginterrupt(3) of Darwin; names and texts: Libc's gen/siglist.c says what they mean, strsignal(3).
#include "abi.h"
#include "errno.h"
#include "signals.h"

#include <stdio.h>
#include <string.h>

int darwin_sigaction(int number, const struct darwin_sigaction *new, struct darwin_sigaction *old);
int darwin_pthread_sigmask(int how, const uint32_t *new, uint32_t *old);
int darwin_sigsuspend(const uint32_t *set);

int darwin_sigemptyset(uint32_t *set)
{
	*set = 0;
	return 0;
}

int darwin_sigfillset(uint32_t *set)
{
	*set = ~0u;
	return 0;
}

int darwin_sigaddset(uint32_t *set, int number)
{
	if (number < 1 || number > 32)
		return errno_set(DARWIN_EINVAL);
	*set |= 1u << (number - 1);
	return 0;
}

int darwin_sigdelset(uint32_t *set, int number)
{
	if (number < 1 || number > 32)
		return errno_set(DARWIN_EINVAL);
	*set &= ~(1u << (number - 1));
	return 0;
}

int darwin_sigismember(const uint32_t *set, int number)
{
	return number < 1 || number > 32 ? errno_set(DARWIN_EINVAL) : (int)(*set >> (number - 1) & 1);
}

// ---- BSD's calls ----------------------------------------------------------------------------------------------------

int darwin_sigblock(int set)
{
	uint32_t new = (uint32_t)set, old = 0;
	darwin_pthread_sigmask(1, &new, &old);
	return (int)old;
}

int darwin_sigsetmask(int set)
{
	uint32_t new = (uint32_t)set, old = 0;
	darwin_pthread_sigmask(3, &new, &old);
	return (int)old;
}

// X/Open's, which takes the number of a signal: what programs of 64 bits get.
int darwin_sigpause(int number)
{
	uint32_t now = 0;
	darwin_pthread_sigmask(1, NULL, &now);
	return darwin_sigdelset(&now, number) < 0 ? -1 : darwin_sigsuspend(&now);
}

static int mask_change(int how, int number)
{
	uint32_t set = 0;
	return darwin_sigaddset(&set, number) < 0 ? -1 : darwin_pthread_sigmask(how, &set, NULL);
}

int darwin_sighold(int number)
{
	return mask_change(1, number);
}

int darwin_sigrelse(int number)
{
	return mask_change(2, number);
}

int darwin_sigignore(int number)
{
	struct darwin_sigaction ignore = {(void *)1, 0, 0};
	return darwin_sigaction(number, &ignore, NULL);
}

int darwin_siginterrupt(int number, int interrupt)
{
	struct darwin_sigaction action;
	if (darwin_sigaction(number, NULL, &action) < 0)
		return -1;
	action.flags = interrupt ? action.flags & ~DARWIN_SA_RESTART : action.flags | DARWIN_SA_RESTART;
	return darwin_sigaction(number, &action, NULL);
}

// ---- names ----------------------------------------------------------------------------------------------------------

const char *const darwin_sys_signame[32] = {"Signal 0", "hup",	"int",	  "quit", "ill",   "trap", "abrt", "emt",
					    "fpe",	"kill", "bus",	  "segv", "sys",   "pipe", "alrm", "term",
					    "urg",	"stop", "tstp",	  "cont", "chld",  "ttin", "ttou", "io",
					    "xcpu",	"xfsz", "vtalrm", "prof", "winch", "info", "usr1", "usr2"};

const char *const darwin_sys_siglist[32] = {"Signal 0",
					    "Hangup",
					    "Interrupt",
					    "Quit",
					    "Illegal instruction",
					    "Trace/BPT trap",
					    "Abort trap",
					    "EMT trap",
					    "Floating point exception",
					    "Killed",
					    "Bus error",
					    "Segmentation fault",
					    "Bad system call",
					    "Broken pipe",
					    "Alarm clock",
					    "Terminated",
					    "Urgent I/O condition",
					    "Suspended (signal)",
					    "Suspended",
					    "Continued",
					    "Child exited",
					    "Stopped (tty input)",
					    "Stopped (tty output)",
					    "I/O possible",
					    "Cputime limit exceeded",
					    "Filesize limit exceeded",
					    "Virtual timer expired",
					    "Profiling timer expired",
					    "Window size changes",
					    "Information request",
					    "User defined signal 1",
					    "User defined signal 2"};

char *darwin_strsignal(int number)
{
	static __thread char text[64];
	if (number > 0 && number < 32)
		snprintf(text, sizeof(text), "%s: %d", darwin_sys_siglist[number], number);
	else
		snprintf(text, sizeof(text), "Unknown signal: %d", number);
	return text;
}

void darwin_psignal(unsigned number, const char *what)
{
	if (what && *what)
		fprintf(stderr, "%s: ", what);
	fprintf(stderr, "%s\n", darwin_strsignal((int)number));
}
