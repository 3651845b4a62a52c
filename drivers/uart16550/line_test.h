// SPDX-License-Identifier: MIT
// For tests of the driver: its loop with a UART in software, a client, and the other side of the line. Include it in one file of a
// test program.
//
// begin(kind) starts a driver; step() is the time of a byte, in which the driver sees interrupts and what is due; writes(), reads()
// and types() are the client's and the other side's.
#ifndef UART16550_LINE_TEST_H
#define UART16550_LINE_TEST_H

#include "line.h"

#include <abi/serial.h>
#include <abi/serial_server.h>
#include <serve/serve_fake.h>

#include "uart_fake.h"

static bool (*const demux[])(struct lpc_request *) = {serial_demux, NULL};
static struct line line;
static struct serve serve = {.seat = "serial/0", .demux = demux, .message = line_message, .context = &line};
static uint64_t due, reading, writing; // reading, writing: numbers of the client's streams

static void work(void) { due = line_work(&serve); }

// One byte time; then the driver's loop, if anything wakes it.
static void step(void)
{
	struct device_interrupt interrupt = {.head = {.msgh_id = DEVICE_INTERRUPT_ID, .msgh_local_port = uart_fake.bound}, .count = 1};
	uart_fake_step();
	for (unsigned i = 0; i < 100 && uart_fake.edge && uart_fake.bound != MACH_PORT_NULL; i++) {
		uart_fake.edge = false;
		if (uart_fake.kind == UART_FAKE_SILENT)
			break;
		line_message(&serve, &interrupt.head, sizeof(interrupt));
		work();
	}
	for (unsigned i = 0; i < 100 && fake_now >= due; i++)
		work();
}

static void steps(unsigned count)
{
	for (; count > 0; count--)
		step();
}

static bool idle_step(void)
{
	step();
	return true;
}

// Another driver, with what the kernel keeps.
static bool driver_starts(void)
{
	memset(&line, 0, sizeof(line));
	uart_fake.bound = MACH_PORT_NULL;
	bool fine = line_begin(&line, &serve) == KERN_SUCCESS;
	if (fine)
		work();
	return fine;
}

static bool begin(enum uart_fake_kind kind)
{
	fake_begin(&serve);
	uart_fake_begin(kind);
	fake_kept = MACH_PORT_NULL;
	reading = writing = 0;
	return driver_starts();
}

static kern_return_t writes(const void *data, uint32_t size)
{
	kern_return_t error = serial_write(FAKE_SEAT, writing, data, size);
	work();
	if (!error)
		writing += size;
	return error;
}

static uint8_t got[SERIAL_DATA_MAX + 1];

// "(waits)", "(position)", ..., or what was read.
static const char *reads(uint32_t size)
{
	mach_msg_type_number_t count = SERIAL_DATA_MAX;
	kern_return_t error = serial_read(FAKE_SEAT, reading, size, got, &count);
	work();
	if (error)
		return error == MACH_RCV_TIMED_OUT ? "(waits)"
		       : error == SERIAL_POSITION  ? "(position)"
		       : error == SERIAL_NO_DEVICE ? "(none)"
						   : "(error)";
	got[count] = 0;
	reading += count;
	return (const char *)got;
}

// The other side types, a byte a byte time, if this one is ready.
static unsigned types(const char *text, unsigned size)
{
	unsigned i = 0;
	for (; i < size && (uart_fake.mcr & UART_MODEM_SEND); i++) {
		uart_fake_input((uint8_t)text[i], 0);
		step();
	}
	steps(6);
	return i;
}

static struct serial_info info(void)
{
	struct serial_info about = {0};
	if (serial_info(FAKE_SEAT, &about))
		about.speed = UINT32_MAX;
	return about;
}

static bool sent_is(const void *data, unsigned size)
{
	return uart_fake.sent_count == size && memcmp(uart_fake.sent, data, size) == 0;
}

static void pattern(uint8_t *data, unsigned size)
{
	for (unsigned i = 0; i < size; i++)
		data[i] = (uint8_t)(i * 7 + i / 251);
}

#endif
