// SPDX-License-Identifier: MIT
// Older calls for signals. Facts: sigvec(2), sigset(3) of Darwin (SIG_HOLD 5), bsd_signal of POSIX.1-2001, strsignal(3).
#include "abi.h"
#include "errno.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

int darwin_sigaction(int number, const struct darwin_sigaction *new, struct darwin_sigaction *old);
int darwin_sigprocmask(int how, const uint32_t *set, uint32_t *old);
char *darwin_strsignal(int number);

enum { BLOCK = 1, UNBLOCK = 2 };
#define HOLD ((void *)5)
#define FAILED ((void *)-1)

// The handler, or SIG_HOLD if it was blocked; a handler is set with the signal unblocked.
void *darwin_sigset(int number, void *function)
{
	struct darwin_sigaction new = {function, 0, 0}, old;
	uint32_t bit = 1u << (number - 1), before;
	if (number < 1 || number > 31)
		return errno_set(DARWIN_EINVAL), FAILED;
	if (darwin_sigprocmask(function == HOLD ? BLOCK : UNBLOCK, &bit, &before) < 0 || darwin_sigaction(number, function == HOLD ? NULL : &new, &old) < 0)
		return FAILED;
	return before & bit ? HOLD : old.handler;
}

struct vector { // struct sigvec: SV_ONSTACK 1, SV_INTERRUPT 2, SV_RESETHAND 4
	void *handler;
	int32_t mask, flags;
};

int darwin_sigvec(int number, const struct vector *new, struct vector *old)
{
	struct darwin_sigaction action, before;
	if (new)
		action = (struct darwin_sigaction){new->handler, (uint32_t) new->mask,
						   (new->flags & 1 ? DARWIN_SA_ONSTACK : 0) | (new->flags & 2 ? 0 : DARWIN_SA_RESTART) |
							   (new->flags & 4 ? DARWIN_SA_RESETHAND : 0)};
	if (darwin_sigaction(number, new ? &action : NULL, &before) < 0)
		return -1;
	if (old)
		*old = (struct vector){before.handler, (int32_t)before.mask,
				       (before.flags & DARWIN_SA_ONSTACK ? 1 : 0) | (before.flags & DARWIN_SA_RESTART ? 0 : 2) |
					       (before.flags & DARWIN_SA_RESETHAND ? 4 : 0)};
	return 0;
}

int darwin_strsignal_r(int number, char *to, size_t room)
{
	if ((size_t)snprintf(to, room, "%s", darwin_strsignal(number)) >= room)
		return DARWIN_ERANGE;
	return number > 0 && number < 32 ? 0 : DARWIN_EINVAL;
}
