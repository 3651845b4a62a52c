// SPDX-License-Identifier: MIT
// The host's terminal: the standard streams that the console was launched with (`terminal = true` in its recipe).
//
// This is the one place in userland that touches the host. A thread reads, because reading blocks; it sends what it
// read to the console's port when the console wants it. Lock: `want_mutex`, over `wanted` alone.
#include "terminal.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
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
static mach_port_t input_port;
static pthread_mutex_t want_mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t want_condition = PTHREAD_COND_INITIALIZER;
static bool wanted;

static void wait_until_wanted(void)
{
	pthread_mutex_lock(&want_mutex);
	while (!wanted)
		pthread_cond_wait(&want_condition, &want_mutex);
	wanted = false;
	pthread_mutex_unlock(&want_mutex);
}

static void want_input(void)
{
	pthread_mutex_lock(&want_mutex);
	wanted = true;
	pthread_cond_signal(&want_condition);
	pthread_mutex_unlock(&want_mutex);
}

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

// Waits while the console's queue is full.
static bool send_input(struct terminal_input *message)
{
	return mach_msg(&message->head, MACH_SEND_MSG, sizeof(*message), 0, MACH_PORT_NULL, 0, MACH_PORT_NULL) ==
	       MACH_MSG_SUCCESS;
}

static void *reader(void *argument)
{
	static struct terminal_input message;
	do {
		wait_until_wanted();
		message.size = read_some(message.bytes, sizeof(message.bytes));
		message.head = (mach_msg_header_t){
			.msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_MAKE_SEND, 0),
			.msgh_size = sizeof(message),
			.msgh_remote_port = input_port,
			.msgh_id = TERMINAL_INPUT_ID,
		};
	} while (send_input(&message) && message.size > 0);
	return NULL;
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
	pthread_t thread;
	input_port = input;
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
	return pthread_create(&thread, NULL, reader, NULL) == 0 ? KERN_SUCCESS : KERN_RESOURCE_SHORTAGE;
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

const struct terminal terminal_host = {
	.open = take,
	.want_input = want_input,
	.write = put,
	.size = get_size,
	.is_interactive = is_interactive,
	.close = give_back,
};
