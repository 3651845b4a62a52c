// SPDX-License-Identifier: MIT
// At a terminal: says what it reads, the terminal's size when it changes, and that it goes on after a stop.
#include "check.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

int ioctl(int, unsigned long, ...);

// What handlers see they say themselves: the read that they interrupt, or not, goes on.
static void on_cont(int number)
{
	(void)number;
	printf("goes on\n");
}

static void on_winch(int number)
{
	unsigned short size[4] = {0};
	(void)number;
	if (ioctl(0, 0x40087468, size) == 0)
		printf("size %d %d\n", size[0], size[1]);
}

int main(int count, char **words)
{
	char line[100];
	struct sigaction action = {.sa_handler = on_cont, .sa_flags = SA_RESTART};
	setvbuf(stdout, NULL, 2, 0);
	if (count > 1 && strcmp(words[1], "handles") == 0)
		signal(SIGINT, SIG_IGN);
	CHECK(sigaction(SIGCONT, &action, NULL) == 0);
	action.sa_handler = on_winch;
	CHECK(sigaction(SIGWINCH, &action, NULL) == 0);
	CHECK(isatty(0) && getpgrp() == getpid() && (tcgetpgrp(0) == getpid() || count > 1));
	printf("ready\n");
	for (;;) {
		ssize_t length = read(0, line, sizeof(line) - 1);
		if (length < 0)
			return 3;
		if (length == 0)
			return 9;
		if (length > 0) {
			line[length] = '\0';
			printf("read %s", line);
		}
	}
}
