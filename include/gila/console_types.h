// SPDX-License-Identifier: MIT
// What travels in the console interface (abi/console.defs).
#ifndef GILA_CONSOLE_TYPES_H
#define GILA_CONSOLE_TYPES_H

#include <gila/error.h>
#include <mach/message.h>
#include <mach/ndr.h>
#include <stdint.h>

#define CONSOLE_DATA_MAX 4096u // bytes of one read or write

enum console_mode {
	CONSOLE_LINE = 1, // whole lines, edited and echoed by the console, each with its "\n"
	CONSOLE_RAW = 2,  // bytes as they are typed, no echo; Ctrl-C alone is no byte: it ends the read
};

// What the port of console_watch receives when its queue has room.
#define CONSOLE_EVENT_ID 73290

enum console_event_kind {
	CONSOLE_EVENT_INTERRUPT = 1, // Ctrl-C while the session was in the foreground
	CONSOLE_EVENT_CLOSED,        // the terminal is gone
};

struct console_event {
	mach_msg_header_t head;
	NDR_record_t ndr;
	uint32_t kind; // enum console_event_kind
};

_Static_assert(sizeof(struct console_event) == 36, "console events have no padding");

#endif
