// SPDX-License-Identifier: MIT
// The terminal under the console: what differs between a host's terminal and a serial line.
//
// Input comes as messages to a port of the console: TERMINAL_INPUT_ID, struct terminal_input. Output is written at once.
// The terminal is unbuffered, without echo, and Ctrl-C is a byte.
#ifndef CONSOLE_TERMINAL_H
#define CONSOLE_TERMINAL_H

#include <gila/gila.h>
#include <mach/message.h>

#define TERMINAL_INPUT_ID 73280
#define TERMINAL_INPUT_MAX 1024u

struct terminal_input {
	mach_msg_header_t head;
	uint32_t size; // 0: there will be no more
	uint8_t bytes[TERMINAL_INPUT_MAX];
};

// One kind of terminal. The same console binary runs on every machine and takes the kind that is there.
struct terminal {
	// Takes the terminal; input goes to the port whose receive right is `input`. An earlier console may have been killed:
	// what the terminal was like before that one is kept by the kernel for the seat.
	kern_return_t (*open)(mach_port_t input);
	// The console has room for one more message of input. Called once at first, then after each message.
	void (*want_input)(void);
	// Writes everything. CONSOLE_CLOSED: nobody is there any more.
	kern_return_t (*write)(const void *data, size_t size);
	// Both 0: no terminal but a file or a pipe.
	void (*size)(uint32_t *rows, uint32_t *columns);
	// It is a terminal, so lines are edited and echoed.
	bool (*is_interactive)(void);
	// Gives it back as it was.
	void (*close)(void);
};

extern const struct terminal terminal_host;   // host_terminal.c: the standard streams
extern const struct terminal terminal_serial; // serial_terminal.c: what is at the other end of the seat serial/0

// False: the standard streams are surely none of a terminal's. (True may be a script's.)
bool terminal_host_given(void);
// There is a serial line, and it works.
bool terminal_serial_there(void);

#endif
