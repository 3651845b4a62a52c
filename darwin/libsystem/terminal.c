// SPDX-License-Identifier: MIT
// ioctl and terminals. Facts: xnu's bsd/sys/{ioccom,filio,ttycom,termios}.h; termios(3) of both systems.
#include "abi.h"
#include "errno.h"

#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

struct pair {
	uint32_t darwin, host;
};
static const struct pair input_flags[] = {{0x1, IGNBRK},     {0x2, BRKINT},  {0x4, IGNPAR},  {0x8, PARMRK},
					  {0x10, INPCK},     {0x20, ISTRIP}, {0x40, INLCR},  {0x80, IGNCR},
					  {0x100, ICRNL},    {0x200, IXON},  {0x400, IXOFF}, {0x800, IXANY},
					  {0x2000, IMAXBEL}, {0x4000, IUTF8}};
static const struct pair output_flags[] = {{0x1, OPOST},  {0x2, ONLCR},	  {0x10, OCRNL},
					   {0x20, ONOCR}, {0x40, ONLRET}, {0x80, OFILL}};
static const struct pair control_flags[] = {{0x100, CS6},    {0x200, CS7},     {0x400, CSTOPB},
					    {0x800, CREAD},  {0x1000, PARENB}, {0x2000, PARODD},
					    {0x4000, HUPCL}, {0x8000, CLOCAL}, {0x30000, CRTSCTS}};
static const struct pair local_flags[] = {
	{0x1, ECHOKE},	  {0x2, ECHOE},	      {0x4, ECHOK},	  {0x8, ECHO},		{0x10, ECHONL},
	{0x20, ECHOPRT},  {0x40, ECHOCTL},    {0x80, ISIG},	  {0x100, ICANON},	{0x400, IEXTEN},
	{0x800, EXTPROC}, {0x400000, TOSTOP}, {0x800000, FLUSHO}, {0x20000000, PENDIN}, {0x80000000, NOFLSH}};
// By Darwin's number; -1: Linux has no such character.
static const int8_t characters[20] = {VEOF,  VEOL, VEOL2,  VERASE, VWERASE, VKILL,    VREPRINT, -1,    VINTR, VQUIT,
				      VSUSP, -1,   VSTART, VSTOP,  VLNEXT,  VDISCARD, VMIN,	VTIME, -1,    -1};

#define TO_HOST(table, flags) pairs_to_host(table, sizeof(table) / sizeof(*(table)), flags)
#define TO_DARWIN(table, flags) pairs_to_darwin(table, sizeof(table) / sizeof(*(table)), flags)

static uint32_t pairs_to_host(const struct pair *table, size_t count, uint64_t flags)
{
	uint32_t host = 0;
	for (size_t i = 0; i < count; i++)
		if ((flags & table[i].darwin) == table[i].darwin)
			host |= table[i].host;
	return host;
}

static uint64_t pairs_to_darwin(const struct pair *table, size_t count, uint32_t flags)
{
	uint64_t darwin = 0;
	for (size_t i = 0; i < count; i++)
		if ((flags & table[i].host) == table[i].host)
			darwin |= table[i].darwin;
	return darwin;
}

static void termios_to_darwin(const struct termios *from, struct darwin_termios *to)
{
	memset(to, 0, sizeof(*to));
	to->input = TO_DARWIN(input_flags, from->c_iflag);
	to->output = TO_DARWIN(output_flags, from->c_oflag);
	to->control = TO_DARWIN(control_flags, from->c_cflag & ~(tcflag_t)CSIZE);
	to->control |= (uint64_t)((from->c_cflag & CSIZE) >> 4) << 8; // CS5 to CS8 count up in both
	to->local = TO_DARWIN(local_flags, from->c_lflag);
	for (int i = 0; i < 20; i++)
		to->characters[i] = characters[i] < 0 ? 0xff : from->c_cc[(int)characters[i]];
	to->input_speed = to->output_speed = 38400; // Linux has codes; no program here sets a line's speed
}

static void termios_to_host(const struct darwin_termios *from, struct termios *to)
{
	to->c_iflag = TO_HOST(input_flags, from->input);
	to->c_oflag = (to->c_oflag & (tcflag_t) ~(OPOST | ONLCR | OCRNL | ONOCR | ONLRET | OFILL)) |
		      TO_HOST(output_flags, from->output);
	to->c_cflag = (to->c_cflag & CBAUD) | (TO_HOST(control_flags, from->control & ~0x300u) & ~(tcflag_t)CSIZE) |
		      (tcflag_t)(from->control >> 8 & 3) << 4;
	to->c_lflag = TO_HOST(local_flags, from->local);
	for (int i = 0; i < 20; i++)
		if (characters[i] >= 0)
			to->c_cc[(int)characters[i]] = from->characters[i];
}

int darwin_tcgetattr(int file, struct darwin_termios *to)
{
	struct termios host;
	if (tcgetattr(file, &host) < 0)
		return (int)errno_result(-1);
	termios_to_darwin(&host, to);
	return 0;
}

int darwin_tcsetattr(int file, int when, const struct darwin_termios *from)
{
	struct termios host;
	if (tcgetattr(file, &host) < 0)
		return (int)errno_result(-1);
	termios_to_host(from, &host);
	return (int)errno_result(tcsetattr(file, when & 3, &host)); // TCSANOW 0, TCSADRAIN 1, TCSAFLUSH 2
}

void darwin_cfmakeraw(struct darwin_termios *termios)
{
	termios->input &=
		~(uint64_t)(0x1 | 0x2 | 0x8 | 0x20 | 0x40 | 0x80 | 0x100 | 0x200); // as cfmakeraw(3) lists them
	termios->output &= ~(uint64_t)0x1;
	termios->local &= ~(uint64_t)(0x8 | 0x10 | 0x80 | 0x100 | 0x400);
	termios->control = (termios->control & ~(uint64_t)(0x300 | 0x1000)) | 0x300;
	termios->characters[16] = 1;
	termios->characters[17] = 0;
}

int darwin_tcgetpgrp(int file)
{
	return (int)errno_result(tcgetpgrp(file));
}

int darwin_tcsetpgrp(int file, int group)
{
	return (int)errno_result(tcsetpgrp(file, group));
}

// TIOCPTYGNAME: the name of the other side of a pseudo-terminal, in 128 bytes (xnu's bsd/sys/ttycom.h).
static int terminal_name(int file, char to[128])
{
	int number;
	if (ioctl(file, TIOCGPTN, &number) < 0)
		return (int)errno_result(-1);
	snprintf(to, 128, "/dev/pts/%d", number);
	return 0;
}

static int terminal_unlock(int file)
{
	int locked = 0;
	return (int)errno_result(ioctl(file, TIOCSPTLCK, &locked));
}

int darwin_ioctl(int file, uint64_t request, void *argument)
{
	switch ((uint32_t)request) {
	case 0x40807453: return terminal_name(file, argument);
	case 0x20007454: return 0; // TIOCPTYGRANT: the other side belongs to who opened it
	case 0x20007452: return terminal_unlock(file);
	case 0x8004667e: return (int)errno_result(ioctl(file, FIONBIO, argument));
	case 0x4004667f: return (int)errno_result(ioctl(file, FIONREAD, argument));
	case 0x8004667d: return (int)errno_result(ioctl(file, FIOASYNC, argument));
	case 0x20006601: return (int)errno_result(ioctl(file, FIOCLEX));
	case 0x20006602: return (int)errno_result(ioctl(file, FIONCLEX));
	case 0x40087468: return (int)errno_result(ioctl(file, TIOCGWINSZ, argument)); // struct winsize is the same
	case 0x80087467: return (int)errno_result(ioctl(file, TIOCSWINSZ, argument));
	case 0x40047477: return (int)errno_result(ioctl(file, TIOCGPGRP, argument));
	case 0x80047476: return (int)errno_result(ioctl(file, TIOCSPGRP, argument));
	case 0x20007461: return (int)errno_result(ioctl(file, TIOCSCTTY, 0));
	case 0x20007471: return (int)errno_result(ioctl(file, TIOCNOTTY));
	case 0x40047473: return (int)errno_result(ioctl(file, TIOCOUTQ, argument));
	case 0x40487413: return darwin_tcgetattr(file, argument);
	case 0x80487414: return darwin_tcsetattr(file, 0, argument);
	case 0x80487415: return darwin_tcsetattr(file, 1, argument);
	case 0x80487416: return darwin_tcsetattr(file, 2, argument);
	default: return errno_set(25); // ENOTTY
	}
}
