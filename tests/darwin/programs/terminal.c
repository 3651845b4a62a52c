// SPDX-License-Identifier: MIT
// At a terminal: says what it reads, the terminal's size when it changes, and that it goes on after a stop.
#include "check.h"

#include <errno.h>
#include <fcntl.h>
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

// A terminal of its own, as openpty makes one by the calls of Darwin's kernel.
static int check_pty(void)
{
	char name[128], line[16];
	unsigned short size[4] = {30, 90}, got[4];
	int main_side = open("/dev/ptmx", O_RDWR), other;
	CHECK(main_side >= 0 && ioctl(main_side, 0x20007454) == 0 && ioctl(main_side, 0x20007452) == 0);
	CHECK(ioctl(main_side, 0x40807453, name) == 0 && (other = open(name, O_RDWR | 0x20000 /* O_NOCTTY */)) >= 0);
	CHECK(isatty(other) && ioctl(main_side, 0x80087467, size) == 0 && ioctl(other, 0x40087468, got) == 0);
	CHECK(got[0] == 30 && got[1] == 90);
	CHECK(write(main_side, "word\n", 5) == 5 && read(other, line, sizeof(line)) == 5);
	CHECK(ioctl(0, 0x40807453, name) == -1 && errno == ENOTTY);
	puts("a terminal of its own is fine");
	return 0;
}

int main(int count, char **words)
{
	char line[100];
	if (count > 1 && strcmp(words[1], "pty") == 0)
		return check_pty();
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
