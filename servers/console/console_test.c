// SPDX-License-Identifier: MIT
// The console with a scripted terminal.
#include "console.h"

#include "serial_terminal.h"

#include <abi/console.h>
#include <abi/console_server.h>
#include <abi/serial_server.h>
#include <gila/console.h>
#include <serve/serve_fake.h>

static char shown[4096];
static bool interactive;
static unsigned wanted;

static kern_return_t fake_open(mach_port_t input) { return KERN_SUCCESS; }
static void fake_want_input(void) { wanted++; }
static kern_return_t fake_write(const void *data, size_t size)
{
	size_t used = strlen(shown);
	memcpy(shown + used, data, size);
	shown[used + size] = 0;
	return KERN_SUCCESS;
}
static void fake_size(uint32_t *rows, uint32_t *columns) { *rows = *columns = interactive ? 80 : 0; }
static bool fake_is_interactive(void) { return interactive; }
static void fake_close(void) {}

static const struct terminal terminal_fake = {.open = fake_open,
					      .want_input = fake_want_input,
					      .write = fake_write,
					      .size = fake_size,
					      .is_interactive = fake_is_interactive,
					      .close = fake_close};

static bool (*const demux[])(struct lpc_request *) = {console_demux, NULL};
static struct console console;
static struct serve serve = {.seat = "console", .demux = demux, .gone = console_gone, .message = console_message, .context = &console};

static void begin(bool is_interactive)
{
	memset(&console, 0, sizeof(console));
	console.terminal = &terminal_fake;
	console.input_wanted = true;
	fake_begin(&serve);
	shown[0] = 0;
	wanted = 0;
	interactive = is_interactive;
}

static void type(const char *text) { console_input(&console, (const uint8_t *)text, strlen(text)); }

static mach_port_t open_session(void)
{
	mach_port_t session;
	return gila_console_open(&session) ? MACH_PORT_NULL : session;
}

// Reads; "(waits)" when there is nothing yet, "(error)" otherwise.
static const char *reads(mach_port_t session, enum console_mode mode)
{
	static char text[CONSOLE_DATA_MAX + 1];
	size_t got;
	kern_return_t error = gila_console_read(session, mode, text, CONSOLE_DATA_MAX, &got);
	text[got] = 0;
	return error == MACH_RCV_TIMED_OUT ? "(waits)" : error == CONSOLE_CLOSED ? "(closed)" : error ? "(error)" : text;
}

// What was answered later: a read's reply is header, NDR, code, count, data.
static const char *answered(void)
{
	static char text[CONSOLE_DATA_MAX + 1];
	const uint8_t *at = fake_answer.bytes;
	uint32_t count;
	if (((mig_reply_error_t *)&fake_answer)->RetCode)
		return ((mig_reply_error_t *)&fake_answer)->RetCode == CONSOLE_INTERRUPTED ? "(interrupted)" : "(error)";
	memcpy(&count, at + 36, 4);
	memcpy(text, at + 40, count);
	text[count] = 0;
	return text;
}

TEST(lines_are_edited_and_echoed)
{
	begin(true);
	mach_port_t session = open_session();
	type("hellp\x7fo wor\x17you\r");
	CHECK(strcmp(reads(session, CONSOLE_LINE), "hello you\n") == 0);
	CHECK(strcmp(shown, "hellp\b \bo wor\b \b\b \b\b \byou\n") == 0);
	CHECK(strcmp(reads(session, CONSOLE_LINE), "(waits)") == 0);
	type("ab\x15xy");
	CHECK_EQ(fake_answers, 0);
	type("\n");
	CHECK_EQ(fake_answers, 1);
	CHECK(strcmp(answered(), "xy\n") == 0);
	type("\x04");
	CHECK(strcmp(reads(session, CONSOLE_LINE), "(closed)") == 0);
	gila_port_drop(session);
	fake_settle();
	CHECK(console.foreground == NULL);
	CHECK_EQ(fake_rights(), 0);
}

TEST(erasing_takes_whole_characters)
{
	struct line line = {0};
	static const char text[] = "a\xc3\xa4\x7f\n";
	for (size_t i = 0; i < sizeof(text) - 2; i++)
		CHECK_EQ(line_take(&line, (uint8_t)text[i], NULL), LINE_MORE);
	CHECK_EQ(line_take(&line, '\n', NULL), LINE_DONE);
	CHECK_EQ(line.length, 2);
	CHECK(memcmp(line.text, "a\n", 2) == 0);
}

TEST(raw_mode_gives_bytes)
{
	begin(true);
	mach_port_t session = open_session();
	type("\x1b[A\x04");
	CHECK(strcmp(reads(session, CONSOLE_RAW), "\x1b[A\x04") == 0);
	CHECK(strcmp(shown, "") == 0);
	CHECK(strcmp(reads(session, CONSOLE_RAW), "(waits)") == 0);
	type("x");
	CHECK(strcmp(answered(), "x") == 0);
	gila_port_drop(session);
	fake_settle();
}

TEST(a_pipe_is_given_out_by_lines_to_its_end)
{
	begin(false);
	mach_port_t session = open_session();
	type("one\ntwo\x03\nthree");
	console_input(&console, NULL, 0);
	CHECK(strcmp(reads(session, CONSOLE_LINE), "one\n") == 0);
	CHECK(strcmp(reads(session, CONSOLE_LINE), "two\n") == 0); // control characters are not part of a line
	CHECK(strcmp(reads(session, CONSOLE_LINE), "three") == 0);
	CHECK(strcmp(reads(session, CONSOLE_LINE), "(closed)") == 0);
	CHECK(strcmp(shown, "") == 0);
	gila_port_drop(session);
	fake_settle();
}

TEST(the_last_session_is_in_the_foreground)
{
	begin(true);
	mach_port_t first = open_session(), second = open_session();
	CHECK(strcmp(reads(first, CONSOLE_LINE), "(waits)") == 0);
	type("for second\n");
	CHECK_EQ(fake_answers, 0);
	CHECK(strcmp(reads(second, CONSOLE_LINE), "for second\n") == 0);
	gila_port_drop(second);
	fake_settle();
	type("for first\n");
	CHECK(strcmp(answered(), "for first\n") == 0);
	second = open_session();
	CHECK_EQ(console_foreground(first), KERN_SUCCESS);
	type("again\n");
	CHECK(strcmp(reads(second, CONSOLE_LINE), "(waits)") == 0);
	CHECK(strcmp(reads(first, CONSOLE_LINE), "again\n") == 0);
	gila_port_drop(first);
	gila_port_drop(second);
	fake_settle();
}

// The kind of the event that waits in the port; 0: none, or something else.
static uint32_t event_told(mach_port_t events)
{
	static union {
		mach_msg_header_t head;
		struct console_event event;
		uint8_t room[FAKE_MESSAGE + sizeof(mach_msg_badge_trailer_t)];
	} got;
	if (mach_msg(&got.head, MACH_RCV_MSG, 0, sizeof(got), events, MACH_MSG_TIMEOUT_NONE, MACH_PORT_NULL))
		return 0;
	return got.head.msgh_id == CONSOLE_EVENT_ID ? got.event.kind : 0;
}

TEST(interrupts_reach_the_foreground)
{
	begin(true);
	mach_port_t session = open_session(), events;
	CHECK_EQ(gila_port_make_deep(1, &events), KERN_SUCCESS);
	CHECK_EQ(console_watch(session, events), KERN_SUCCESS);
	CHECK(strcmp(reads(session, CONSOLE_LINE), "(waits)") == 0);
	type("half a line");
	type("\x03");
	CHECK(strcmp(answered(), "(interrupted)") == 0);
	CHECK_EQ(event_told(events), CONSOLE_EVENT_INTERRUPT);
	CHECK(strcmp(shown, "half a line^C\n") == 0);
	type("next\n");
	CHECK(strcmp(reads(session, CONSOLE_LINE), "next\n") == 0);
	console_input(&console, NULL, 0);
	CHECK_EQ(event_told(events), CONSOLE_EVENT_CLOSED);
	gila_port_drop(session);
	fake_settle();
}

TEST(an_interrupt_between_two_raw_reads_is_not_lost)
{
	begin(true);
	mach_port_t session = open_session(), events;
	type("a");
	CHECK(strcmp(reads(session, CONSOLE_RAW), "a") == 0);
	type("\x03");
	size_t got;
	char text[CONSOLE_DATA_MAX];
	CHECK_EQ(gila_console_read(session, CONSOLE_RAW, text, sizeof(text), &got), CONSOLE_INTERRUPTED);
	type("b");
	CHECK(strcmp(reads(session, CONSOLE_RAW), "b") == 0);
	// Whoever asks to be told anew has seen to the one before.
	type("\x03");
	CHECK_EQ(gila_port_make_deep(1, &events), KERN_SUCCESS);
	CHECK_EQ(console_watch(session, events), KERN_SUCCESS);
	type("c");
	CHECK(strcmp(reads(session, CONSOLE_RAW), "c") == 0);
	gila_port_drop(session);
	fake_settle();
}

TEST(input_is_held_back_when_nobody_reads)
{
	begin(false);
	static char much[TERMINAL_INPUT_MAX + 1];
	memset(much, 'm', TERMINAL_INPUT_MAX);
	unsigned sent = 0;
	do {
		sent++;
		console.input_wanted = true;
		type(much);
	} while (wanted == sent && sent < 1000);
	CHECK(sent < 1000 && sent * TERMINAL_INPUT_MAX <= CONSOLE_RING);
	mach_port_t session = open_session();
	CHECK(strcmp(reads(session, CONSOLE_RAW), "(waits)") != 0);
	gila_port_drop(session);
	fake_settle();
}

TEST(sessions_of_an_earlier_console_go_on)
{
	begin(true);
	mach_port_t session = open_session();
	memset(&console, 0, sizeof(console)); // another server
	console.terminal = &terminal_fake;
	console.epoch = 5;
	type("still\n");
	CHECK(strcmp(reads(session, CONSOLE_LINE), "still\n") == 0);
	gila_port_drop(session);
	fake_settle();
	CHECK(console.foreground == NULL);
	CHECK_EQ(console_foreground(FAKE_SEAT), KERN_INVALID_ARGUMENT);
	size_t got;
	CHECK_EQ(gila_console_read(FAKE_SEAT, CONSOLE_LINE, &got, 1, &got), KERN_INVALID_ARGUMENT);
}

// ---- The terminal at a serial line -----------------------------------------------------------------------------------------

// A line whose driver does what it is told to, at its end the test.
static struct {
	char sent[4 * SERIAL_DATA_MAX], typed[64];
	uint64_t written, read, received; // ends of the streams; `typed` has bytes `received` - strlen(typed) on
	kern_return_t error;       // of all calls, if not 0
	kern_return_t write_error; // of the next write...
	bool write_taken;          // ...which is done all the same
	unsigned refused;          // so many reads are SERIAL_BUSY
	uint32_t rows, columns;
} fake_line;

kern_return_t serial_serve_info(struct lpc_request *rq, struct serial_info *info)
{
	*info = (struct serial_info){.read = fake_line.read, .received = fake_line.received, .written = fake_line.written,
				     .rows = fake_line.rows, .columns = fake_line.columns};
	return fake_line.error;
}

kern_return_t serial_serve_read(struct lpc_request *rq, uint64_t position, uint32_t size, uint8_t *data,
				mach_msg_type_number_t *dataCnt)
{
	if (fake_line.error)
		return fake_line.error;
	if (fake_line.refused > 0) {
		fake_line.refused--;
		return SERIAL_BUSY;
	}
	if (position < fake_line.read || position > fake_line.received)
		return SERIAL_POSITION;
	fake_line.read = position;
	uint64_t count = fake_line.received - position;
	*dataCnt = count < size ? (uint32_t)count : size;
	memcpy(data, fake_line.typed + strlen(fake_line.typed) - count, *dataCnt);
	return KERN_SUCCESS;
}

kern_return_t serial_serve_write(struct lpc_request *rq, uint64_t position, const uint8_t *data, mach_msg_type_number_t dataCnt)
{
	kern_return_t error = fake_line.error ? fake_line.error : fake_line.write_error;
	fake_line.write_error = KERN_SUCCESS;
	if (!error && position != fake_line.written)
		return position + dataCnt == fake_line.written ? KERN_SUCCESS : SERIAL_POSITION;
	if (!error || fake_line.write_taken) {
		memcpy(fake_line.sent + strlen(fake_line.sent), data, dataCnt);
		fake_line.written += dataCnt;
	}
	return error;
}

static bool (*const line_demux[])(struct lpc_request *) = {serial_demux, NULL};
static struct serve line_serve = {.seat = "serial/0", .demux = line_demux};
static unsigned pauses;

static void paused(void)
{
	pauses++;
	fake_line.error = KERN_SUCCESS; // meanwhile somebody has seen to it
}

static void begin_line(void)
{
	memset(&fake_line, 0, sizeof(fake_line));
	fake_begin(&line_serve);
	fake_line.written = 1000;
	fake_line.read = fake_line.received = 50;
	serial_terminal_pause = paused;
	pauses = 0;
}

static void line_types(const char *text)
{
	strcat(fake_line.typed, text);
	fake_line.received += strlen(text);
}

// Reads of the terminal; "(end)".
static const char *line_reads(size_t most)
{
	static char text[64];
	uint32_t got = serial_terminal_read((uint8_t *)text, most);
	text[got] = 0;
	return got ? text : "(end)";
}

TEST(a_serial_line_is_a_terminal)
{
	uint32_t rows, columns;
	begin_line();
	CHECK(terminal_serial_there());
	CHECK_EQ(terminal_serial.write("one\ntwo\r\n", 9), KERN_SUCCESS);
	CHECK(strcmp(fake_line.sent, "one\r\ntwo\r\r\n") == 0);
	CHECK_EQ(terminal_serial.write("", 0), KERN_SUCCESS);
	line_types("typed\r\x03");
	CHECK(strcmp(line_reads(3), "typ") == 0);
	CHECK(strcmp(line_reads(63), "ed\r\x03") == 0);
	terminal_serial.size(&rows, &columns);
	CHECK(rows == 24 && columns == 80);
	CHECK(terminal_serial.is_interactive());
	terminal_serial.close();
}

TEST(a_screen_says_how_large_it_is)
{
	uint32_t rows, columns;
	begin_line();
	fake_line.rows = 48;
	fake_line.columns = 128;
	CHECK(terminal_serial_there());
	terminal_serial.size(&rows, &columns);
	CHECK(rows == 48 && columns == 128);
	fake_line.columns = 0; // half of an answer is none
	CHECK(terminal_serial_there());
	terminal_serial.size(&rows, &columns);
	CHECK(rows == 24 && columns == 80);
}

TEST(long_output_goes_in_pieces)
{
	static char text[SERIAL_DATA_MAX];
	memset(text, '\n', sizeof(text));
	begin_line();
	CHECK(terminal_serial_there());
	CHECK_EQ(terminal_serial.write(text, sizeof(text)), KERN_SUCCESS);
	CHECK_EQ(fake_line.written, 1000 + 2 * sizeof(text));
	for (size_t i = 0; i < 2 * sizeof(text); i++)
		CHECK_EQ(fake_line.sent[i], i % 2 ? '\n' : '\r');
}

TEST(a_driver_that_dies_is_not_noticed)
{
	begin_line();
	CHECK(terminal_serial_there());
	fake_deaths = 3;
	CHECK_EQ(terminal_serial.write("still here", 10), KERN_SUCCESS);
	CHECK(strcmp(fake_line.sent, "still here") == 0);
	line_types("x");
	fake_deaths = 3;
	CHECK(strcmp(line_reads(9), "x") == 0);
	CHECK_EQ(pauses, 0);
	// It dies again and again: what it took last is not known, and asked for.
	fake_line.write_error = MIG_SERVER_DIED;
	fake_line.write_taken = true;
	CHECK_EQ(terminal_serial.write("1", 1), KERN_SUCCESS);
	fake_line.write_error = MIG_SERVER_DIED;
	fake_line.write_taken = false;
	CHECK_EQ(terminal_serial.write("2", 1), KERN_SUCCESS);
	CHECK(strcmp(fake_line.sent, "still here12") == 0);
}

TEST(streams_that_are_elsewhere_are_found)
{
	begin_line();
	CHECK(terminal_serial_there());
	fake_line.written = 7; // its memory was lost
	fake_line.read = fake_line.received = 0;
	line_types("new");
	CHECK_EQ(terminal_serial.write("old", 3), KERN_SUCCESS);
	CHECK(strcmp(fake_line.sent, "old") == 0);
	CHECK(strcmp(line_reads(9), "new") == 0);
	// Another console goes on where this one was.
	CHECK(terminal_serial_there());
	line_types("er");
	CHECK(strcmp(line_reads(1), "n") == 0); // nobody has told the line that "new" arrived
	CHECK_EQ(terminal_serial.write("!", 1), KERN_SUCCESS);
	CHECK(strcmp(fake_line.sent, "old!") == 0);
}

TEST(a_line_that_does_not_work_ends_nothing)
{
	begin_line();
	CHECK(terminal_serial_there());
	fake_line.error = SERIAL_NO_DEVICE;
	CHECK(!terminal_serial_there());
	CHECK_EQ(terminal_serial.write("lost", 4), CONSOLE_CLOSED);
	line_types("y");
	fake_line.refused = 2;
	CHECK(strcmp(line_reads(9), "y") == 0);
	CHECK_EQ(pauses, 3);
	CHECK_EQ(terminal_serial.write("found", 5), KERN_SUCCESS);
	CHECK(strcmp(fake_line.sent, "found") == 0);
	fake_ports[FAKE_SEAT].rights = 0; // the seat was removed
	CHECK(strcmp(line_reads(9), "(end)") == 0);
	CHECK_EQ(terminal_serial.write("no", 2), CONSOLE_CLOSED);
}

TEST(a_screen_is_a_terminal)
{
	begin_line();
	line_serve.seat = "screen/0";
	CHECK(terminal_serial_there());
	CHECK_EQ(terminal_serial.write("seen\n", 5), KERN_SUCCESS);
	CHECK(strcmp(fake_line.sent, "seen\r\n") == 0); // once: there is no serial line
	line_serve.seat = "keyboard/0"; // alone it is none
	CHECK(!terminal_serial_there());
	CHECK_EQ(terminal_serial.write("lost", 4), CONSOLE_CLOSED);
	line_serve.seat = "serial/0";
}

TEST(without_a_line_there_is_no_serial_terminal)
{
	begin(true); // the only seat is the console
	CHECK(!terminal_serial_there());
}
