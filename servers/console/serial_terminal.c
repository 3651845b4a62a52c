// SPDX-License-Identifier: MIT
// The terminal at the other ends of lines (abi/serial.defs), which the console alone is granted: the serial line serial/0, and the
// PC's own screen/0 with keyboard/0. What is written goes to all that are there, what is typed comes from any of them.
//
// The size is that of a screen, if there is one. A serial line says nothing about who is at its end: alone it is taken for a terminal of
// 24 lines of 80. Asking it (a cursor position report) would show in the output of whoever is no terminal.
// 1. Both directions go on from numbers, so a driver that was killed is not noticed: the stub asks the next one again. A console that
//    was killed goes on where the line says that the one before it was.
// 2. When no line works, output is refused as CONSOLE_CLOSED, and input is waited for: the console does not end.
// A line's reading thread has its `reading`, the console's has `writing`; the rest never changes once it was looked for.
#include "serial_terminal.h"
#include "terminal_reader.h"

#include <abi/serial.h>
#include <time.h>

#define ROWS 24u
#define COLUMNS 80u

enum { SERIAL, SCREEN, KEYBOARD, LINES };
static struct line {
	const char *seat;
	bool there;
	mach_port_t port;
	uint64_t reading, writing; // numbers of the next bytes
	uint32_t rows, columns;    // as its driver says; 0: it does not know
} lines[LINES] = {{.seat = "serial/0"}, {.seat = "screen/0"}, {.seat = "keyboard/0"}};

static void pause_a_second(void) { nanosleep(&(struct timespec){.tv_sec = 1}, NULL); }
void (*serial_terminal_pause)(void) = pause_a_second;

static bool find(struct line *line)
{
	struct serial_info info;
	kern_return_t error = gila_seat(line->seat, &line->port);
	line->there = !error; // even if it does not work now
	if (error == KERN_NOT_FOUND || error == KERN_DENIED)
		return false;
	if (!error)
		error = serial_info(line->port, &info);
	if (error) {
		gila_logf("%s: %s", line->seat, gila_error_text(error));
		return false;
	}
	line->reading = info.read;
	line->writing = info.written;
	line->rows = info.rows;
	line->columns = info.columns;
	return true;
}

// Without a screen nobody looks at what is typed on the keyboard.
bool terminal_serial_there(void)
{
	bool serial = find(&lines[SERIAL]), screen = find(&lines[SCREEN]);
	if (screen)
		(void)find(&lines[KEYBOARD]);
	return serial || screen;
}

// ---- Input -----------------------------------------------------------------------------------------------------------

// After a read that failed. False: there is no such seat any more.
static bool find_reading(struct line *line, kern_return_t why)
{
	struct serial_info info;
	if (why == MACH_SEND_INVALID_DEST)
		return false;
	if (why == SERIAL_POSITION && serial_info(line->port, &info) == KERN_SUCCESS)
		line->reading = info.read;
	else
		serial_terminal_pause();
	return true;
}

static uint32_t read_line(struct line *line, uint8_t *to, size_t most)
{
	kern_return_t error;
	do {
		mach_msg_type_number_t count = most < SERIAL_DATA_MAX ? (mach_msg_type_number_t)most : SERIAL_DATA_MAX;
		error = serial_read(line->port, line->reading, count, to, &count);
		if (!error) {
			line->reading += count;
			return count;
		}
	} while (find_reading(line, error));
	return 0;
}

uint32_t serial_terminal_read(uint8_t *to, size_t most) { return read_line(&lines[SERIAL], to, most); }
uint32_t serial_terminal_read_keyboard(uint8_t *to, size_t most) { return read_line(&lines[KEYBOARD], to, most); }

static kern_return_t take(mach_port_t input)
{
	kern_return_t error = KERN_SUCCESS;
	if (lines[SERIAL].there)
		error = terminal_reader_start(input, serial_terminal_read);
	if (!error && lines[KEYBOARD].there)
		error = terminal_reader_start(input, serial_terminal_read_keyboard);
	return error;
}

// ---- Output ----------------------------------------------------------------------------------------------------------

// After a write that failed: where the line is now. KERN_SUCCESS: all of it had been taken.
static kern_return_t find_writing(struct line *line, uint32_t size, kern_return_t why)
{
	struct serial_info info;
	if (serial_info(line->port, &info))
		return CONSOLE_CLOSED;
	bool taken = info.written == line->writing + size;
	line->writing = info.written;
	return taken ? KERN_SUCCESS : why;
}

static kern_return_t send_line(struct line *line, const uint8_t *data, uint32_t size)
{
	kern_return_t error = KERN_FAILURE;
	for (int tries = 0; error && error != CONSOLE_CLOSED && tries < 2; tries++) {
		error = serial_write(line->port, line->writing, data, size);
		if (!error)
			line->writing += size;
		else
			error = find_writing(line, size, error);
	}
	return error ? CONSOLE_CLOSED : KERN_SUCCESS;
}

// It was written if anybody can see it.
static kern_return_t send(const uint8_t *data, uint32_t size)
{
	kern_return_t error = CONSOLE_CLOSED;
	for (unsigned i = SERIAL; i <= SCREEN; i++)
		if (lines[i].there && send_line(&lines[i], data, size) == KERN_SUCCESS)
			error = KERN_SUCCESS;
	return error;
}

// A line feed only goes down: a terminal wants a carriage return before it, as the host's adds it.
static kern_return_t put(const void *data, size_t size)
{
	static uint8_t piece[SERIAL_DATA_MAX];
	const uint8_t *bytes = data;
	uint32_t count = 0;
	kern_return_t error = KERN_SUCCESS;
	for (size_t i = 0; i < size && !error; i++) {
		if (bytes[i] == '\n')
			piece[count++] = '\r';
		piece[count++] = bytes[i];
		if (count < sizeof(piece) - 1 && i + 1 < size)
			continue;
		error = send(piece, count);
		count = 0;
	}
	return error;
}

static void get_size(uint32_t *rows, uint32_t *columns)
{
	*rows = ROWS;
	*columns = COLUMNS;
	for (unsigned i = SERIAL; i <= SCREEN; i++)
		if (lines[i].there && lines[i].rows > 0 && lines[i].columns > 0) {
			*rows = lines[i].rows;
			*columns = lines[i].columns;
		}
}

static bool is_interactive(void) { return true; }
static void give_back(void) {}

const struct terminal terminal_serial = {
	.open = take,
	.want_input = terminal_reader_want,
	.write = put,
	.size = get_size,
	.is_interactive = is_interactive,
	.close = give_back,
};
