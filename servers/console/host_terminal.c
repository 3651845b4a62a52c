// SPDX-License-Identifier: MIT
// The host's terminal: the standard streams that the console was launched with (`terminal = true` in its recipe).
//
// This is the one place in userland that touches the host.
#include "terminal.h"
#include "terminal_reader.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <termios.h>
#include <unistd.h>

#define KEPT_MAGIC UINT64_C(0x6c6f736e6f636c67) // "glconsol"

// What the kernel keeps for the seat.
struct kept {
	uint64_t magic;
	uint64_t size;
	struct termios before;
};

static struct termios before; // the terminal as it was
static bool interactive, changed;

static uint32_t read_some(uint8_t *to, size_t most)
{
	for (;;) {
		ssize_t got = read(STDIN_FILENO, to, most);
		if (got >= 0)
			return (uint32_t)got;
		if (errno == EAGAIN)
			poll(&(struct pollfd){.fd = STDIN_FILENO, .events = POLLIN}, 1, -1);
		else if (errno != EINTR)
			return 0; // a terminal that has gone away
	}
}

// ---- The terminal's mode -----------------------------------------------------------------------------------------------

// What an earlier console found, if it had no time to put it back.
static bool recall(void)
{
	struct kept kept;
	mach_port_t memory;
	if (gila_seat_recall(&memory))
		return false;
	kern_return_t error = gila_memory_get(memory, 0, &kept, sizeof(kept));
	gila_port_drop(memory);
	if (error || kept.magic != KEPT_MAGIC || kept.size != sizeof(kept))
		return false;
	before = kept.before;
	return true;
}

static void keep(void)
{
	struct kept kept = {.magic = KEPT_MAGIC, .size = sizeof(kept), .before = before};
	mach_port_t memory;
	kern_return_t error = gila_memory_make(sizeof(kept), &memory);
	if (!error) {
		error = gila_memory_put(memory, 0, &kept, sizeof(kept));
		if (!error)
			error = gila_seat_save(memory);
		gila_port_drop(memory);
	}
	if (error)
		gila_logf("the terminal's mode cannot be kept: %s", gila_error_text(error));
}

static void set_raw(void)
{
	struct termios raw = before;
	raw.c_iflag &= ~(tcflag_t)(IXON | ICRNL | INLCR | IGNCR | BRKINT | ISTRIP);
	raw.c_lflag &= ~(tcflag_t)(ECHO | ECHONL | ICANON | ISIG | IEXTEN);
	raw.c_cc[VMIN] = 1;
	raw.c_cc[VTIME] = 0;
	changed = tcsetattr(STDIN_FILENO, TCSANOW, &raw) == 0;
}

static void give_back(void)
{
	if (changed)
		tcsetattr(STDIN_FILENO, TCSANOW, &before);
	changed = false;
}

static void give_back_and_end(int signal_number)
{
	// tcsetattr and _exit may be called from signal handlers (POSIX.1-2017, 2.4.3).
	give_back();
	_exit(0);
}

static kern_return_t take(mach_port_t input)
{
	signal(SIGPIPE, SIG_IGN);
	signal(SIGTTOU, SIG_IGN); // a console in the background still sets its terminal
	if (!recall()) {
		interactive = tcgetattr(STDIN_FILENO, &before) == 0;
		if (interactive)
			keep();
	} else {
		interactive = isatty(STDIN_FILENO);
	}
	if (interactive) {
		signal(SIGTERM, give_back_and_end);
		signal(SIGHUP, give_back_and_end);
		set_raw();
	}
	return terminal_reader_start(input, read_some);
}

static kern_return_t put(const void *data, size_t size)
{
	const char *at = data;
	while (size > 0) {
		ssize_t done = write(STDOUT_FILENO, at, size);
		if (done >= 0) {
			at += done;
			size -= (size_t)done;
		} else if (errno == EAGAIN) {
			poll(&(struct pollfd){.fd = STDOUT_FILENO, .events = POLLOUT}, 1, -1);
		} else if (errno != EINTR) {
			return CONSOLE_CLOSED;
		}
	}
	return KERN_SUCCESS;
}

static void get_size(uint32_t *rows, uint32_t *columns)
{
	struct winsize size = {0};
	*rows = *columns = 0;
	if (!interactive)
		return;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_row == 0 || size.ws_col == 0) {
		size.ws_row = 24;
		size.ws_col = 80;
	}
	*rows = size.ws_row;
	*columns = size.ws_col;
}

static bool is_interactive(void) { return interactive; }

// A program that is launched without a terminal has the null device (null(4)) and a pipe to the kernel's log.
bool terminal_host_given(void)
{
	struct stat input, output;
	bool null = fstat(STDIN_FILENO, &input) == 0 && S_ISCHR(input.st_mode) && input.st_rdev == makedev(1, 3);
	return !null || fstat(STDOUT_FILENO, &output) != 0 || !S_ISFIFO(output.st_mode);
}

const struct terminal terminal_host = {
	.open = take,
	.want_input = terminal_reader_want,
	.write = put,
	.size = get_size,
	.is_interactive = is_interactive,
	.close = give_back,
};
