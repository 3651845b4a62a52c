// SPDX-License-Identifier: MIT
// What is typed, on its way to who reads.
#include "console.h"

#include "terminal.h"

#include <abi/console_server.h>
#include <mach/mach_init.h>
#include <string.h>

#define KEY_INTERRUPT 3

// What is typed is shown as it is read.
static const struct terminal *shown_on;

static void echo(const char *text, size_t size)
{
	// A terminal that has gone away shows up as the end of the input.
	if (shown_on->write(text, size))
		return;
}

static void send_event(const struct console_session *session, enum console_event_kind kind)
{
	struct console_event event = {
		.head = {.msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, 0),
			 .msgh_size = sizeof(event),
			 .msgh_remote_port = session->watcher,
			 .msgh_id = CONSOLE_EVENT_ID},
		.ndr = NDR_record,
		.kind = kind,
	};
	if (session->watcher == MACH_PORT_NULL)
		return;
	// A watcher without room has an event of the same kind to read already.
	mach_msg_return_t result = mach_msg(&event.head, MACH_SEND_MSG | MACH_SEND_TIMEOUT, sizeof(event), 0, MACH_PORT_NULL, 0,
					    MACH_PORT_NULL);
	if (result == MACH_SEND_TIMED_OUT)
		mach_msg_destroy(&event.head);
}

static void answer(struct console_session *session, const uint8_t *data, size_t size, kern_return_t error)
{
	struct lpc_request rq;
	serve_answer_begin(&session->waiting, &rq);
	if (!error)
		error = console_answer_read(&rq, data, (mach_msg_type_number_t)size);
	serve_answer_send(&session->waiting, &rq, error);
}

// Ctrl-C: what was typed before it is void.
static void interrupt(struct console *console)
{
	struct console_session *session = console->foreground;
	console->count = 0;
	if (!session)
		return;
	if (session->mode == CONSOLE_LINE) {
		session->line.length = 0;
		shown_on = console->terminal;
		echo("^C\n", 3);
	}
	if (session->waiting.port != MACH_PORT_NULL)
		answer(session, NULL, 0, CONSOLE_INTERRUPTED);
	else if (session->mode == CONSOLE_RAW)
		session->interrupted = true;
	send_event(session, CONSOLE_EVENT_INTERRUPT);
}

static void ask_for_input(struct console *console)
{
	if (console->input_wanted || console->ended || CONSOLE_RING - console->count < TERMINAL_INPUTS * TERMINAL_INPUT_MAX)
		return;
	console->input_wanted = true;
	console->terminal->want_input();
}

void console_input(struct console *console, const uint8_t *bytes, size_t size)
{
	console->input_wanted = false;
	if (size == 0) {
		console->ended = true;
		for (struct console_session *session = console->foreground; session; session = session->next)
			send_event(session, CONSOLE_EVENT_CLOSED);
	}
	for (size_t i = 0; i < size; i++) {
		if (bytes[i] == KEY_INTERRUPT && console->terminal->is_interactive())
			interrupt(console);
		else if (console->count < CONSOLE_RING)
			console->ring[(console->first + console->count++) % CONSOLE_RING] = bytes[i];
	}
	console_feed(console);
	ask_for_input(console);
}

static uint8_t pop(struct console *console)
{
	uint8_t byte = console->ring[console->first];
	console->first = (console->first + 1) % CONSOLE_RING;
	console->count--;
	return byte;
}

// A finished line (or as much of it as is wanted) moves to `to`.
static size_t take_line(struct line *line, uint8_t *to, size_t most)
{
	size_t size = line->length < most ? line->length : most;
	memcpy(to, line->text, size);
	memmove(line->text, line->text + size, line->length - size);
	line->length -= size;
	return size;
}

static bool line_is_finished(const struct line *line)
{
	return line->length > 0 && (line->text[line->length - 1] == '\n' || line->length >= LINE_MAX_BYTES);
}

size_t console_take(struct console *console, struct console_session *session, uint8_t *to, size_t most, bool *end)
{
	size_t size = 0;
	*end = false;
	if (session->mode == CONSOLE_RAW) {
		while (size < most && console->count > 0)
			to[size++] = pop(console);
		*end = size == 0 && console->ended;
		return size;
	}
	shown_on = console->terminal;
	enum line_event event = line_is_finished(&session->line) ? LINE_DONE : LINE_MORE;
	while (event == LINE_MORE && console->count > 0)
		event = line_take(&session->line, pop(console), console->terminal->is_interactive() ? echo : NULL);
	bool last = event == LINE_MORE && console->ended && session->line.length > 0; // a line without "\n"
	if (event == LINE_DONE || last)
		return take_line(&session->line, to, most);
	*end = event == LINE_END_OF_INPUT || console->ended;
	return 0;
}

void console_feed(struct console *console)
{
	static uint8_t data[CONSOLE_DATA_MAX];
	struct console_session *session = console->foreground;
	bool end;
	if (!session || session->waiting.port == MACH_PORT_NULL)
		return;
	size_t size = console_take(console, session, data, session->wanted, &end);
	if (size > 0 || end)
		answer(session, data, size, end ? CONSOLE_CLOSED : KERN_SUCCESS);
	ask_for_input(console);
}

void console_message(struct serve *serve, const mach_msg_header_t *message, mach_msg_size_t size)
{
	struct console *console = serve->context;
	const struct terminal_input *input = (const struct terminal_input *)message;
	if (message->msgh_local_port == console->input && message->msgh_id == TERMINAL_INPUT_ID && size == sizeof(*input) &&
	    input->size <= TERMINAL_INPUT_MAX)
		console_input(console, input->bytes, input->size);
}
