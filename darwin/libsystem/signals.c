// SPDX-License-Identifier: MIT
// Signal numbers and sets; see signals.h.
#include "signals.h"

static const uint8_t host_of[32] = {
	0,	 SIGHUP,  SIGINT,    SIGQUIT, SIGILL,	SIGTRAP,	   SIGABRT, SIGSTKFLT /* EMT */,
	SIGFPE,	 SIGKILL, SIGBUS,    SIGSEGV, SIGSYS,	SIGPIPE,	   SIGALRM, SIGTERM,
	SIGURG,	 SIGSTOP, SIGTSTP,   SIGCONT, SIGCHLD,	SIGTTIN,	   SIGTTOU, SIGIO,
	SIGXCPU, SIGXFSZ, SIGVTALRM, SIGPROF, SIGWINCH, SIGPWR /* INFO */, SIGUSR1, SIGUSR2,
};

int signals_to_host(int darwin)
{
	return darwin > 0 && darwin < 32 ? host_of[darwin] : 0;
}

int signals_to_darwin(int host)
{
	for (int i = 1; i < 32; i++)
		if (host_of[i] == host)
			return i;
	return 0;
}

void signals_set_to_host(uint32_t darwin, sigset_t *host)
{
	sigemptyset(host);
	for (int i = 1; i < 32; i++)
		if (darwin >> (i - 1) & 1)
			sigaddset(host, host_of[i]);
}

uint32_t signals_set_to_darwin(const sigset_t *host)
{
	uint32_t set = 0;
	for (int i = 1; i < 32; i++)
		if (sigismember(host, host_of[i]) == 1)
			set |= 1u << (i - 1);
	return set;
}

int signals_status_to_darwin(int host)
{
	if (host == 0xffff) // continued: on Darwin, stopped by SIGCONT
		return 0x137f;
	if ((host & 0xff) == 0x7f)
		return signals_to_darwin(host >> 8 & 0xff) << 8 | 0x7f;
	return (host & ~0x7f) | (host & 0x7f ? signals_to_darwin(host & 0x7f) : 0);
}
