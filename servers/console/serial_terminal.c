// SPDX-License-Identifier: MIT
// The terminal at the other end of a serial line (abi/serial.defs): the seat serial/0, which the console alone is granted.
//
// A line says nothing about who is at its end: it is taken for a terminal of 24 lines of 80. Asking it (a cursor position report) would
// show in the output of whoever is no terminal.
// 1. Both directions go on from numbers, so a driver that was killed is not noticed: the stub asks the next one again. A console that
//    was killed goes on where the line says that the one before it was.
// 2. When the line does not work, output is refused as CONSOLE_CLOSED, and input is waited for: the console does not end.
// The reading thread has `reading`, the console's `writing`; `line` never changes.
#include "serial_terminal.h"
#include "terminal_reader.h"

#include <abi/serial.h>
#include <time.h>

#define SEAT "serial/0"
#define ROWS 24u
#define COLUMNS 80u

static mach_port_t line;
static uint64_t reading, writing; // numbers of the next bytes

static void pause_a_second(void) { nanosleep(&(struct timespec){.tv_sec = 1}, NULL); }
void (*serial_terminal_pause)(void) = pause_a_second;

bool terminal_serial_there(void)
{
	struct serial_info info;
	kern_return_t error = gila_seat(SEAT, &line);
	if (error == KERN_NOT_FOUND || error == KERN_DENIED)
		return false;
	if (!error)
		error = serial_info(line, &info);
	if (error) {
		gila_logf("%s: %s", SEAT, gila_error_text(error));
		return false;
	}
	reading = info.read;
	writing = info.written;
	return true;
}

static kern_return_t take(mach_port_t input) { return terminal_reader_start(input, serial_terminal_read); }

// ---- Input -----------------------------------------------------------------------------------------------------------

// After a read that failed. False: there is no such seat any more.
static bool find_reading(kern_return_t why)
{
	struct serial_info info;
	if (why == MACH_SEND_INVALID_DEST)
		return false;
	if (why == SERIAL_POSITION && serial_info(line, &info) == KERN_SUCCESS)
		reading = info.read;
	else
		serial_terminal_pause();
	return true;
}

uint32_t serial_terminal_read(uint8_t *to, size_t most)
{
	kern_return_t error;
	do {
		mach_msg_type_number_t count = most < SERIAL_DATA_MAX ? (mach_msg_type_number_t)most : SERIAL_DATA_MAX;
		error = serial_read(line, reading, count, to, &count);
		if (!error) {
			reading += count;
			return count;
		}
	} while (find_reading(error));
	return 0;
}

// ---- Output ----------------------------------------------------------------------------------------------------------

// After a write that failed: where the line is now. KERN_SUCCESS: all of it had been taken.
static kern_return_t find_writing(uint32_t size, kern_return_t why)
{
	struct serial_info info;
	if (serial_info(line, &info))
		return CONSOLE_CLOSED;
	bool taken = info.written == writing + size;
	writing = info.written;
	return taken ? KERN_SUCCESS : why;
}

static kern_return_t send(const uint8_t *data, uint32_t size)
{
	kern_return_t error = KERN_FAILURE;
	for (int tries = 0; error && error != CONSOLE_CLOSED && tries < 2; tries++) {
		error = serial_write(line, writing, data, size);
		if (!error)
			writing += size;
		else
			error = find_writing(size, error);
	}
	return error ? CONSOLE_CLOSED : KERN_SUCCESS;
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
