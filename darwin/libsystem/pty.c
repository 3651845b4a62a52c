// SPDX-License-Identifier: MIT
// Pseudo-terminals, speeds and queues of terminals, passphrases. Facts: openpty(3), tcflush(3), cfsetspeed(3), readpassphrase(3) of
// Darwin, xnu's bsd/sys/termios.h (TCIFLUSH 1 to TCIOFLUSH 3, TCOOFF 1 to TCION 4: one more than Linux').
#include "abi.h"
#include "errno.h"
#include "file.h"

#include <ctype.h>
#include <fcntl.h>
#include <pty.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>
#include <utmp.h>

int darwin_tcsetattr(int file, int when, const struct darwin_termios *from);
int darwin_fork(void);

int darwin_openpty(int *controller, int *terminal, char *name, const struct darwin_termios *termios, const struct winsize *size)
{
	if (openpty(controller, terminal, name, NULL, size) < 0)
		return (int)errno_result(-1);
	if (termios)
		darwin_tcsetattr(*terminal, 0, termios);
	return 0;
}

int darwin_login_tty(int file)
{
	return (int)errno_result(login_tty(file));
}

int darwin_forkpty(int *controller, char *name, const struct darwin_termios *termios, const struct winsize *size)
{
	int terminal;
	if (darwin_openpty(controller, &terminal, name, termios, size) < 0)
		return -1;
	int child = darwin_fork();
	if (child == 0) {
		close(*controller);
		if (login_tty(terminal) < 0)
			_exit(1);
		return 0;
	}
	close(terminal);
	if (child < 0)
		close(*controller);
	return child;
}

int darwin_posix_openpt(int flags)
{
	return (int)errno_result(posix_openpt(file_flags_to_host(flags)));
}

int darwin_grantpt(int file) { return (int)errno_result(grantpt(file)); }
int darwin_unlockpt(int file) { return (int)errno_result(unlockpt(file)); }

char *darwin_ptsname(int file)
{
	char *name = ptsname(file);
	if (!name)
		errno_result(-1);
	return name;
}

int darwin_ptsname_r(int file, char *to, size_t room)
{
	int error = ptsname_r(file, to, room);
	return error ? errno_set(errno_to_darwin(error)) : 0;
}

int darwin_ttyname_r(int file, char *to, size_t room)
{
	return errno_to_darwin(ttyname_r(file, to, room));
}

int darwin_tcflush(int file, int queue) { return (int)errno_result(tcflush(file, queue - 1)); }
int darwin_tcflow(int file, int action) { return (int)errno_result(tcflow(file, action - 1)); }
int darwin_tcdrain(int file) { return (int)errno_result(tcdrain(file)); }
int darwin_tcsendbreak(int file, int span) { return (int)errno_result(tcsendbreak(file, span)); }
int darwin_tcgetsid(int file) { return (int)errno_result(tcgetsid(file)); }
int darwin_tcgetwinsize(int file, struct winsize *to) { return (int)errno_result(ioctl(file, TIOCGWINSZ, to)); }
int darwin_tcsetwinsize(int file, const struct winsize *from) { return (int)errno_result(ioctl(file, TIOCSWINSZ, from)); }

// Speeds are numbers of bits a second.
uint64_t darwin_cfgetispeed(const struct darwin_termios *termios) { return termios->input_speed; }
uint64_t darwin_cfgetospeed(const struct darwin_termios *termios) { return termios->output_speed; }

int darwin_cfsetispeed(struct darwin_termios *termios, uint64_t speed)
{
	termios->input_speed = speed;
	return 0;
}

int darwin_cfsetospeed(struct darwin_termios *termios, uint64_t speed)
{
	termios->output_speed = speed;
	return 0;
}

int darwin_cfsetspeed(struct darwin_termios *termios, uint64_t speed)
{
	termios->input_speed = termios->output_speed = speed;
	return 0;
}

// ---- passphrases ----------------------------------------------------------------------------------------------------

enum { ECHO_ON = 1, REQUIRE_TTY = 2, FORCE_LOWER = 4, FORCE_UPPER = 8, SEVEN_BIT = 0x10, USE_STDIN = 0x20 };

static ssize_t read_line(int file, char *to, size_t room, int flags)
{
	size_t used = 0;
	char byte;
	ssize_t got;
	while ((got = read(file, &byte, 1)) == 1 && byte != '\n' && byte != '\r') {
		if (used + 1 >= room)
			continue; // the rest of the line is read, not kept
		byte = flags & SEVEN_BIT ? byte & 0x7f : byte;
		to[used++] = (char)(flags & FORCE_LOWER	  ? tolower((unsigned char)byte)
				    : flags & FORCE_UPPER ? toupper((unsigned char)byte)
							  : byte);
	}
	to[used] = '\0';
	return got < 0 ? -1 : (ssize_t)used;
}

char *darwin_readpassphrase(const char *prompt, char *to, size_t room, int flags)
{
	struct termios before, quiet;
	int file = flags & USE_STDIN ? -1 : open("/dev/tty", O_RDWR | O_CLOEXEC);
	if (room == 0 || (file < 0 && (flags & REQUIRE_TTY)))
		return errno_set(room == 0 ? DARWIN_EINVAL : 25), NULL;
	int input = file < 0 ? 0 : file, output = file < 0 ? 2 : file;
	bool hide = !(flags & ECHO_ON) && tcgetattr(input, &before) == 0;
	if (hide) {
		quiet = before;
		quiet.c_lflag &= ~(tcflag_t)(ECHO | ECHONL);
		tcsetattr(input, TCSAFLUSH, &quiet);
	}
	ssize_t got = write(output, prompt, strlen(prompt)) < 0 && file >= 0 ? -1 : read_line(input, to, room, flags);
	if (got < 0)
		errno_result(-1);
	if (hide) {
		tcsetattr(input, TCSAFLUSH, &before);
		if (write(output, "\n", 1) < 0)
			got = got < 0 ? got : 0;
	}
	if (file >= 0)
		close(file);
	return got < 0 ? NULL : to;
}
