// SPDX-License-Identifier: MIT
// The terminal that the console server changes: given back as it was when the kernel ends, since servers are then killed.
#include "machine.h"

#include <signal.h>
#include <termios.h>
#include <unistd.h>

static struct termios before;
static bool known;

void host_terminal_save(void) { known = tcgetattr(STDIN_FILENO, &before) == 0; }

void host_terminal_restore(void)
{
	if (!known)
		return;
	signal(SIGTTOU, SIG_IGN); // also in the background
	tcsetattr(STDIN_FILENO, TCSANOW, &before);
}
