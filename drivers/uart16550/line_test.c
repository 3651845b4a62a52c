// SPDX-License-Identifier: MIT
// The driver with a UART in software, by the calls of its clients.
#include "line_test.h"

// ---- Getting to work -------------------------------------------------------------------------------------------------------

TEST(a_uart_is_set_up)
{
	CHECK(begin(UART_FAKE_RIGHT));
	CHECK_EQ(line.uart.state, UART_WORKS);
	CHECK_EQ(uart_fake.low, 1);
	CHECK_EQ(uart_fake.high, 0);
	CHECK_EQ(uart_fake.lcr, UART_LINE_8N1);
	CHECK_EQ(uart_fake.ier, UART_WANT_RECEIVE | UART_WANT_TRANSMIT | UART_WANT_STATUS);
	CHECK_EQ(uart_fake.mcr, UART_MODEM_READY | UART_MODEM_SEND | UART_MODEM_OUT2);
	CHECK_EQ(uart_fake.fcr, 0x81);
	CHECK_EQ(info().speed, 115200);
	CHECK_EQ(info().polled, 0);
	CHECK_EQ(uart_fake.sent_count, 0); // nothing of the test is on the line
	CHECK_EQ(due, UINT64_MAX);
}

static uint32_t divisor_of(uint32_t clock, uint32_t speed)
{
	fake_begin(&serve);
	uart_fake_begin(UART_FAKE_RIGHT);
	fake_kept = MACH_PORT_NULL;
	uart_fake.clock = clock;
	uart_fake.speed = speed;
	return driver_starts() && line.uart.state == UART_WORKS ? uart_fake.low | uart_fake.high << 8 : 0;
}

TEST(the_divisor_follows_from_the_clock)
{
	CHECK_EQ(divisor_of(0, 9600), 12);
	CHECK_EQ(divisor_of(0, 300), 384);
	CHECK_EQ(divisor_of(24000000, 0), 13);
	CHECK_EQ(divisor_of(UINT32_MAX, 0), 2330);
	CHECK_EQ(divisor_of(1843200, 115200 * 2), 0);
	CHECK_EQ(divisor_of(1843200, 80000), 0); // neither 1 nor 2 is near
	CHECK_EQ(divisor_of(1843200, UINT32_MAX), 0);
	CHECK_EQ(divisor_of(1, 1), 0);
	CHECK_EQ(divisor_of(1843200, 1), 0);
}

TEST(what_is_no_uart_is_said_and_looked_for_again)
{
	static const enum uart_fake_kind kinds[] = {UART_FAKE_ABSENT, UART_FAKE_ZEROS, UART_FAKE_MEMORY, UART_FAKE_NO_LOOP,
						    UART_FAKE_DUMB,   UART_FAKE_STUCK};
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		CHECK(begin(kinds[i]));
		CHECK_EQ(line.uart.state, UART_ABSENT);
		CHECK(line.uart.problem != NULL);
		CHECK(uart_fake.accesses < 1000);
		CHECK_EQ(writes("x", 1), SERIAL_NO_DEVICE);
		CHECK(strcmp(reads(1), "(none)") == 0);
		CHECK_EQ(info().speed, UINT32_MAX);
		CHECK_EQ(due, UINT64_MAX);
		uart_fake.kind = UART_FAKE_RIGHT;
		uart_fake.out_count = uart_fake.in_count = 0;
		uint64_t before = uart_fake.accesses;
		CHECK_EQ(writes("x", 1), SERIAL_NO_DEVICE); // it is not time yet
		CHECK_EQ(uart_fake.accesses, before);
		fake_now += LINE_RETRY;
		CHECK_EQ(writes("x", 1), KERN_SUCCESS);
		steps(3);
		CHECK(sent_is("x", 1));
	}
}

TEST(registers_may_be_in_memory)
{
	for (uint32_t shift = 0; shift <= 2; shift += 2) {
		fake_begin(&serve);
		uart_fake_begin(UART_FAKE_RIGHT);
		fake_kept = MACH_PORT_NULL;
		uart_fake.in_memory = true;
		uart_fake.shift = shift;
		reading = writing = 0;
		CHECK(driver_starts());
		CHECK_EQ(writes("memory", 6), KERN_SUCCESS);
		CHECK_EQ(types("back", 4), 4);
		CHECK(sent_is("memory", 6));
		CHECK(strcmp(reads(10), "back") == 0);
	}
	uart_fake.shift = 5; // what nobody has: no registers, and served all the same
	CHECK(driver_starts());
	CHECK_EQ(writes("x", 1), SERIAL_NO_DEVICE);
	fake_now += LINE_RETRY;
	CHECK_EQ(info().speed, UINT32_MAX);
}

// ---- Bytes ------------------------------------------------------------------------------------------------------------------

TEST(what_is_written_goes_out)
{
	static uint8_t data[4 * SERIAL_DATA_MAX];
	pattern(data, sizeof(data));
	CHECK(begin(UART_FAKE_RIGHT));
	for (unsigned i = 0; i < 4; i++)
		CHECK_EQ(writes(data + i * SERIAL_DATA_MAX, SERIAL_DATA_MAX), KERN_SUCCESS);
	unsigned acks = uart_fake.acks;
	steps(sizeof(data) + 1100);
	CHECK(sent_is(data, sizeof(data)));
	CHECK_EQ(uart_fake.lost, 0);
	CHECK(uart_fake.acks - acks <= sizeof(data) / 16 + 2); // sixteen at a time
	CHECK_EQ(info().sent, sizeof(data));
	CHECK_EQ(due, UINT64_MAX);
}

TEST(a_uart_that_sends_in_no_time_is_not_restless)
{
	static uint8_t data[4 * SERIAL_DATA_MAX];
	pattern(data, sizeof(data));
	CHECK(begin(UART_FAKE_RIGHT));
	for (unsigned i = 0; i < 4; i++)
		CHECK_EQ(writes(data + i * SERIAL_DATA_MAX, SERIAL_DATA_MAX), KERN_SUCCESS);
	uart_fake.instant = true;
	uint64_t before = uart_fake.accesses;
	step();
	steps(16);
	CHECK(uart_fake.accesses - before < 100 + 2 * sizeof(data));
	CHECK_EQ(info().polled, 0);
	CHECK(sent_is(data, sizeof(data)));
	CHECK_EQ(line.pending, LINE_REST);
	CHECK_EQ(due, UINT64_MAX);
	CHECK_EQ(types("end", 3), 3);
	CHECK(strcmp(reads(9), "end") == 0);
}

TEST(who_writes_more_than_there_is_room_for_waits)
{
	static uint8_t data[SERIAL_DATA_MAX];
	CHECK(begin(UART_FAKE_RIGHT));
	for (unsigned i = 0; i < STREAM_SIZE / SERIAL_DATA_MAX; i++)
		CHECK_EQ(writes(data, sizeof(data)), KERN_SUCCESS);
	CHECK_EQ(writes(data, 100), MACH_RCV_TIMED_OUT);
	steps(50);
	CHECK_EQ(fake_answers, 0);
	steps(100);
	CHECK_EQ(fake_answers, 1);
	writing += 100;
	fake_idle = idle_step;
	CHECK_EQ(writes(data, sizeof(data)), KERN_SUCCESS);
	CHECK_EQ(info().written, STREAM_SIZE + 100 + sizeof(data));
}

TEST(what_comes_in_is_read)
{
	static char data[3000];
	pattern((uint8_t *)data, sizeof(data));
	CHECK(begin(UART_FAKE_RIGHT));
	CHECK_EQ(types("a", 1), 1); // less than the trigger level
	CHECK(strcmp(reads(100), "a") == 0);
	CHECK(strcmp(reads(100), "(waits)") == 0);
	CHECK_EQ(types("b", 1), 1);
	CHECK_EQ(fake_answers, 1);
	CHECK(strcmp(reads(1), "b") == 0); // nobody has said that it arrived
	CHECK_EQ(types(data, sizeof(data)), sizeof(data));
	CHECK(reads(sizeof(data)) == (const char *)got);
	CHECK(memcmp(got, data, sizeof(data)) == 0);
	CHECK_EQ(info().lost, 0);
}

TEST(lost_and_damaged_bytes_are_counted)
{
	CHECK(begin(UART_FAKE_RIGHT));
	for (unsigned i = 0; i < 20; i++)
		uart_fake_input((uint8_t)('a' + i), 0); // all at once: four are too many
	steps(6);
	CHECK(strcmp(reads(100), "abcdefghijklmnop") == 0);
	CHECK_EQ(info().lost, 1);
	uart_fake_input('x', 0);
	uart_fake_input('y', 0x04); // parity
	uart_fake_input('z', 0);
	uart_fake_input(0, 0x18); // a break
	uart_fake_input('!', 0);
	steps(6);
	CHECK(strcmp(reads(100), "xz!") == 0);
	CHECK_EQ(info().damaged, 2);
}

TEST(a_full_stream_stops_the_other_side)
{
	static char data[2 * STREAM_SIZE];
	pattern((uint8_t *)data, sizeof(data));
	CHECK(begin(UART_FAKE_RIGHT));
	unsigned typed = types(data, sizeof(data)), at = 0;
	CHECK(typed >= STREAM_SIZE && typed < STREAM_SIZE + 32);
	CHECK(!(uart_fake.mcr & UART_MODEM_SEND));
	CHECK_EQ(uart_fake.ier, UART_WANT_TRANSMIT);
	uint64_t before = uart_fake.accesses;
	steps(100);
	CHECK_EQ(uart_fake.accesses, before); // at rest
	while (at < sizeof(data)) {
		const char *text = reads(SERIAL_DATA_MAX);
		CHECK(text == (const char *)got || typed < sizeof(data));
		if (text == (const char *)got) {
			unsigned count = (unsigned)(reading - at);
			CHECK(memcmp(got, data + at, count) == 0);
			at += count;
		}
		typed += types(data + typed, (unsigned)sizeof(data) - typed);
	}
	CHECK_EQ(info().lost, 0);
	CHECK(uart_fake.mcr & UART_MODEM_SEND);
}

TEST(a_write_is_done_once)
{
	CHECK(begin(UART_FAKE_RIGHT));
	CHECK_EQ(serial_write(FAKE_SEAT, 0, (const uint8_t *)"once", 4), KERN_SUCCESS);
	CHECK_EQ(serial_write(FAKE_SEAT, 0, (const uint8_t *)"once", 4), KERN_SUCCESS);
	CHECK_EQ(serial_write(FAKE_SEAT, 1, (const uint8_t *)"once", 4), SERIAL_POSITION);
	CHECK_EQ(serial_write(FAKE_SEAT, 5, (const uint8_t *)"once", 4), SERIAL_POSITION);
	CHECK_EQ(serial_write(FAKE_SEAT, UINT64_MAX, (const uint8_t *)"once", 4), SERIAL_POSITION);
	steps(30);
	CHECK(sent_is("once", 4));
}

TEST(reads_go_on_from_where_they_say)
{
	CHECK(begin(UART_FAKE_RIGHT));
	CHECK_EQ(types("abcdef", 6), 6);
	CHECK(strcmp(reads(3), "abc") == 0);
	reading = 0;
	CHECK(strcmp(reads(4), "abcd") == 0); // the answer was lost
	CHECK(strcmp(reads(1), "e") == 0);
	reading = 3;
	CHECK(strcmp(reads(1), "(position)") == 0);
	reading = 7;
	CHECK(strcmp(reads(1), "(position)") == 0);
	reading = 6;
	CHECK(strcmp(reads(0), "(error)") == 0);
	CHECK(strcmp(reads(1), "(waits)") == 0);
	CHECK(strcmp(reads(1), "(waits)") == 0); // takes the place of the first
	CHECK_EQ(fake_answers, 1);
	CHECK_EQ(((mig_reply_error_t *)&fake_answer)->RetCode, SERIAL_BUSY);
	CHECK_EQ(types("g", 1), 1);
	CHECK_EQ(fake_answers, 2);
}

// ---- What misbehaves ---------------------------------------------------------------------------------------------------------

TEST(without_an_interrupt_it_is_polled)
{
	static uint8_t data[500];
	pattern(data, sizeof(data));
	fake_begin(&serve);
	uart_fake_begin(UART_FAKE_RIGHT);
	uart_fake.interrupt_count = 0;
	fake_kept = MACH_PORT_NULL;
	reading = writing = 0;
	CHECK(driver_starts());
	CHECK_EQ(info().polled, 1);
	CHECK_EQ(uart_fake.ier, 0);
	CHECK_EQ(writes(data, sizeof(data)), KERN_SUCCESS);
	steps(sizeof(data) * 3);
	CHECK(sent_is(data, sizeof(data)));
	steps(3000);
	CHECK(due - fake_now > LINE_POLL && due - fake_now <= LINE_POLL_IDLE);
	CHECK(strcmp(reads(10), "(waits)") == 0);
	uart_fake_input('q', 0);
	steps(LINE_POLL_IDLE / UART_FAKE_BYTE + 2);
	CHECK_EQ(fake_answers, 1);
}

TEST(lost_interrupts_cost_a_second_and_then_it_is_polled)
{
	static uint8_t data[300];
	CHECK(begin(UART_FAKE_SILENT));
	CHECK_EQ(writes(data, sizeof(data)), KERN_SUCCESS);
	steps(4 * LINE_STALL / UART_FAKE_BYTE);
	CHECK_EQ(uart_fake.sent_count, sizeof(data));
	CHECK_EQ(info().polled, 1);
	CHECK_EQ(uart_fake.bound, MACH_PORT_NULL);
}

TEST(a_uart_that_takes_nothing_is_given_up)
{
	static uint8_t data[SERIAL_DATA_MAX];
	CHECK(begin(UART_FAKE_RIGHT));
	uart_fake.kind = UART_FAKE_STUCK;
	for (unsigned i = 0; i < STREAM_SIZE / SERIAL_DATA_MAX; i++)
		CHECK_EQ(writes(data, sizeof(data)), KERN_SUCCESS);
	CHECK_EQ(writes(data, sizeof(data)), MACH_RCV_TIMED_OUT);
	CHECK(strcmp(reads(1), "(waits)") == 0);
	steps(LINE_STALL / UART_FAKE_BYTE + 10);
	CHECK_EQ(fake_answers, 2); // SERIAL_NO_DEVICE both
	CHECK_EQ(((mig_reply_error_t *)&fake_answer)->RetCode, SERIAL_NO_DEVICE);
	CHECK_EQ(due, UINT64_MAX);
	uart_fake.kind = UART_FAKE_RIGHT;
	fake_now += LINE_RETRY;
	CHECK_EQ(info().polled, 0);
	steps(STREAM_SIZE + 1100);
	CHECK_EQ(info().sent, info().written);
}

TEST(reasons_without_end_and_interrupts_without_reason)
{
	CHECK(begin(UART_FAKE_RIGHT));
	uart_fake.kind = UART_FAKE_RESTLESS;
	uint64_t before = uart_fake.accesses;
	uart_fake.edge = true;
	step();
	CHECK(uart_fake.accesses - before < 300);
	CHECK_EQ(info().polled, 1);
	CHECK_EQ(writes("still", 5), KERN_SUCCESS);
	steps(100);
	CHECK(sent_is("still", 5));

	CHECK(begin(UART_FAKE_RIGHT));
	steps(3);
	for (unsigned i = 0; i < LINE_QUIET_MOST - 1; i++) {
		uart_fake.edge = true;
		step();
	}
	CHECK_EQ(info().polled, 0);
	uart_fake.edge = true;
	step();
	CHECK_EQ(info().polled, 1);
}

TEST(a_uart_without_fifo_works)
{
	fake_begin(&serve);
	uart_fake_begin(UART_FAKE_RIGHT);
	uart_fake.has_fifo = false;
	fake_kept = MACH_PORT_NULL;
	reading = writing = 0;
	CHECK(driver_starts());
	CHECK_EQ(writes("sixteen and more bytes", 22), KERN_SUCCESS);
	CHECK_EQ(types("one by one", 10), 10);
	steps(30);
	CHECK(sent_is("sixteen and more bytes", 22));
	CHECK(strcmp(reads(100), "one by one") == 0);
	CHECK_EQ(uart_fake.lost, 0);
}

TEST(a_uart_that_goes_away_is_noticed)
{
	CHECK(begin(UART_FAKE_RIGHT));
	CHECK(strcmp(reads(1), "(waits)") == 0);
	uart_fake.kind = UART_FAKE_ABSENT;
	CHECK_EQ(writes("x", 1), KERN_SUCCESS); // taken, and then found out
	CHECK_EQ(fake_answers, 1);
	CHECK_EQ(((mig_reply_error_t *)&fake_answer)->RetCode, SERIAL_NO_DEVICE);
	CHECK_EQ(writes("x", 1), SERIAL_NO_DEVICE);
	uart_fake.kind = UART_FAKE_RIGHT;
	fake_now += LINE_RETRY;
	CHECK_EQ(writes("y", 1), KERN_SUCCESS);
	steps(20);
	CHECK(sent_is("xy", 2));
}

TEST(registers_that_say_anything_do_no_harm)
{
	static uint8_t data[SERIAL_DATA_MAX];
	for (uint64_t seed = 1; seed <= 3000; seed++) {
		CHECK(begin(UART_FAKE_RIGHT));
		uart_fake.kind = UART_FAKE_RANDOM;
		uart_fake.random = seed * 77;
		for (unsigned i = 0; i < 20; i++) {
			uint64_t before = uart_fake.accesses;
			uart_fake.edge = true;
			if (i % 3 == 0)
				writes(data, i * 100);
			else
				reads(100);
			fake_now += i % 5 == 0 ? LINE_RETRY : 0;
			step();
			reading = line.uart.memory->in.begin;
			writing = line.uart.memory->out.end;
			CHECK(uart_fake.accesses - before <= 200000);
			CHECK(line.uart.memory->in.end - reading <= STREAM_SIZE);
		}
	}
}

// ---- Drivers that are killed -------------------------------------------------------------------------------------------------

static uint8_t outgoing[600], incoming[300];

// `more` is `less`, or has one byte more somewhere.
static bool at_most_one_more(const uint8_t *more, unsigned more_size, const uint8_t *less, unsigned less_size)
{
	unsigned same = 0;
	while (same < less_size && more[same] == less[same])
		same++;
	return (more_size == less_size && same == less_size) ||
	       (more_size == less_size + 1 && memcmp(more + same + 1, less + same, less_size - same) == 0);
}

// The driver is killed at its `at`-th access of a register, while bytes go out and come in; the call that it was in is made again.
static bool killed_at(uint64_t at, bool *happened)
{
	static volatile unsigned done, fed;
	static uint8_t arrived[sizeof(incoming)];
	done = fed = 0;
	*happened = false;
	if (!begin(UART_FAKE_RIGHT))
		return false;
	uart_fake.kill_at = uart_fake.accesses + at;
	if (setjmp(uart_fake.killed)) {
		*happened = true;
		uart_fake.kill_at = 0;
		if (!driver_starts())
			return false;
	}
	while (done < sizeof(outgoing) || fed < sizeof(incoming)) {
		if (done < sizeof(outgoing) && serial_write(FAKE_SEAT, done, outgoing + done, 200) == KERN_SUCCESS)
			done += 200;
		work();
		for (unsigned i = 0; i < 100 && fed < sizeof(incoming); i++) {
			uart_fake_input(incoming[fed], 0);
			fed++;
			step();
		}
	}
	steps(1000);
	struct stream *in = &line.uart.memory->in;
	uint64_t count = in->end < sizeof(arrived) ? in->end : sizeof(arrived);
	stream_look(in, 0, arrived, (uint32_t)count);
	return at_most_one_more(uart_fake.sent, uart_fake.sent_count, outgoing, sizeof(outgoing)) &&
	       at_most_one_more(incoming, sizeof(incoming), arrived, (unsigned)count) && uart_fake.lost == 0;
}

TEST(a_killed_driver_goes_on)
{
	bool happened = true;
	uint64_t at = 1;
	pattern(outgoing, sizeof(outgoing));
	pattern(incoming, sizeof(incoming));
	for (; happened && at < 100000; at++) {
		CHECK(killed_at(at, &happened));
	}
	CHECK(at > 1000 && !happened); // all of them
}

TEST(a_driver_that_is_killed_while_it_sets_up_is_no_harm)
{
	static volatile uint64_t at;
	for (at = 1; at < 60; at++) {
		fake_begin(&serve);
		uart_fake_begin(UART_FAKE_RIGHT);
		fake_kept = MACH_PORT_NULL;
		uart_fake.kill_at = at;
		if (setjmp(uart_fake.killed) == 0)
			CHECK(driver_starts());
		uart_fake.kill_at = 0;
		CHECK(driver_starts());
		reading = writing = 0;
		CHECK_EQ(writes("set up", 6), KERN_SUCCESS);
		CHECK_EQ(types("again", 5), 5);
		CHECK(sent_is("set up", 6));
		CHECK(strcmp(reads(10), "again") == 0);
	}
}

TEST(kept_memory_that_makes_no_sense_begins_anew)
{
	CHECK(begin(UART_FAKE_RIGHT));
	for (unsigned i = 0; i < 6; i++) {
		struct line_memory *memory = line.uart.memory;
		CHECK_EQ(writes("abc", 3), KERN_SUCCESS);
		steps(30);
		if (i == 0)
			memory->magic++;
		else if (i == 1)
			memory->phase = 7;
		else if (i == 2)
			memory->in.begin = 1;
		else if (i == 3)
			memory->out.end = memory->out.begin + STREAM_SIZE + 1;
		else if (i == 4)
			memory->out.begin = memory->out.end = UINT64_MAX;
		else
			memory->fifo = 257;
		CHECK(driver_starts());
		CHECK_EQ(info().written, 0);
		CHECK_EQ(writes("abc", 3), SERIAL_POSITION);
		writing = 0;
	}
}

TEST(what_was_written_goes_out_before_the_end)
{
	static uint8_t data[SERIAL_DATA_MAX];
	pattern(data, sizeof(data));
	CHECK(begin(UART_FAKE_SILENT));
	CHECK_EQ(writes(data, sizeof(data)), KERN_SUCCESS);
	line_settle(&serve);
	CHECK(sent_is(data, sizeof(data)));
	CHECK_EQ(writes(data, sizeof(data)), KERN_SUCCESS);
	uart_fake.kind = UART_FAKE_STUCK;
	uint64_t before = fake_now;
	line_settle(&serve);
	CHECK(fake_now - before < UINT64_C(3000000000));
}
