// SPDX-License-Identifier: MIT
// The console: sessions, and who gets what is typed.
//
// Requests come in through abi/console_server.h (console_calls.c); rq->context is a struct serve whose context is a struct
// console. Input is fed in by console_input (console_input.c).
// 1. Sessions stand in a list, the foreground first; only that one is given input, the rest waits.
// 2. Bytes wait raw in the ring until somebody reads: how they are cooked is decided then, by the reader's mode. Ctrl-C
//    alone is taken out as it arrives, from a terminal.
// 3. Input is never dropped: when the ring is full, no more is asked for.
#ifndef CONSOLE_CONSOLE_H
#define CONSOLE_CONSOLE_H

#include "line.h"

#include <gila/console_types.h>
#include <serve/serve.h>

struct terminal; // terminal.h

#define CONSOLE_SESSIONS 64u
#define CONSOLE_RING 65536u

struct console_session {
	uint64_t badge;              // 0: free
	enum console_mode mode;
	mach_port_t watcher;         // send right, MACH_PORT_NULL: none
	struct serve_reply waiting;  // for input
	uint32_t wanted;             // bytes, while it waits
	bool interrupted;            // Ctrl-C came between two raw reads: the next one is told
	struct line line;            // typed so far, in line mode
	struct console_session *next; // the one before in the foreground
};

struct console {
	const struct terminal *terminal;    // [I]
	struct console_session sessions[CONSOLE_SESSIONS];
	struct console_session *foreground; // [list] NULL: nobody
	uint32_t epoch, opened;             // see badge
	uint8_t ring[CONSOLE_RING];
	size_t first, count;
	bool input_wanted;                  // the terminal was asked for more
	bool ended;                         // there will be no more input
	mach_port_t input;                  // where the terminal's input comes in
};

// Bytes of the terminal; none: the end of all input.
void console_input(struct console *console, const uint8_t *bytes, size_t size);
// Answers the foreground session if it waits and there is something for it.
void console_feed(struct console *console);
// Takes up to `most` bytes for the session. 0: nothing to be had yet; *end: and there never will be.
size_t console_take(struct console *console, struct console_session *session, uint8_t *to, size_t most, bool *end);
// The session with the badge; NULL: none.
struct console_session *console_find(struct console *console, uint64_t badge);
void console_session_end(struct console *console, struct console_session *session);
void console_gone(struct serve *serve, uint64_t badge);
void console_message(struct serve *serve, const mach_msg_header_t *message, mach_msg_size_t size);

#endif
