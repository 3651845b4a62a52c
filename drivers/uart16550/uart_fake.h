// SPDX-License-Identifier: MIT
// A UART in software, after the PC16550D data sheet: FIFOs, loopback, reasons of interrupts by rank (8.5, table V), and the ways in
// which real ones and absent ones misbehave. Include it in one file of a test program, after serve_fake.h.
//
// Time goes on in uart_fake_step, by that of one byte on the line, and by a nanosecond with each access of a register. These are
// counted, and each can be the driver's last (uart_fake.kill_at, setjmp at uart_fake.killed).
#ifndef UART16550_UART_FAKE_H
#define UART16550_UART_FAKE_H

#include "uart_bits.h"
#include "registers.h"

#include <driver/mmio.h>
#include <driver/wait.h>
#include <serve/serve.h>
#include <setjmp.h>
#include <string.h>

#define UART_FAKE_BYTE UINT64_C(86806) // ns: ten bits at 115200
#define UART_FAKE_BASE UINT64_C(0x500000000000)

enum uart_fake_kind {
	UART_FAKE_RIGHT,
	UART_FAKE_ABSENT,    // a bus where nobody answers
	UART_FAKE_ZEROS,     // memory that is always 0
	UART_FAKE_MEMORY,    // eight bytes of plain memory
	UART_FAKE_NO_LOOP,   // outputs are never inputs
	UART_FAKE_DUMB,      // nothing comes back in loopback
	UART_FAKE_STUCK,     // sends nothing
	UART_FAKE_RESTLESS,  // always has the reason "modem status"
	UART_FAKE_SILENT,    // its interrupts do not arrive
	UART_FAKE_RANDOM,    // every read gives any number
};

static struct uart_fake {
	enum uart_fake_kind kind;
	bool has_fifo, in_memory, instant; // instant: what is sent is on the line at once, as QEMU has it
	uint32_t shift, clock, speed; // 0: no such property
	uint8_t ier, lcr, mcr, scr, fcr, low, high, plain[8];
	uint8_t in[16], in_errors[16];
	unsigned in_count, idle;     // idle: byte times since the last byte came or was taken
	uint8_t out[16];
	unsigned out_count;
	bool overrun, thre, level, edge;
	uint8_t sent[65536];
	unsigned sent_count, lost;
	uint64_t accesses, kill_at;
	jmp_buf killed;
	mach_port_t bound;
	unsigned acks;
	uint32_t interrupt_count;
	uint64_t random;
} uart_fake;

static void uart_fake_begin(enum uart_fake_kind kind)
{
	memset(&uart_fake, 0, sizeof(uart_fake));
	uart_fake.kind = kind;
	uart_fake.has_fifo = true;
	uart_fake.interrupt_count = 1;
	uart_fake.random = 1;
	fake_now = 1000000000;
}

static uint8_t uart_fake_random(void)
{
	uart_fake.random = uart_fake.random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint8_t)(uart_fake.random >> 33);
}

static bool uart_fake_fifo(void) { return uart_fake.has_fifo && (uart_fake.fcr & 1); }
static unsigned uart_fake_room(void) { return uart_fake_fifo() ? 16 : 1; }
static unsigned uart_fake_trigger(void)
{
	static const unsigned levels[] = {1, 4, 8, 14};
	return uart_fake_fifo() ? levels[uart_fake.fcr >> 6] : 1;
}

static uint8_t uart_fake_lsr(void)
{
	struct uart_fake *u = &uart_fake;
	return (u->in_count ? 1 : 0) | (u->overrun ? 2 : 0) | (u->in_count ? u->in_errors[0] : 0) |
	       (u->out_count == 0 ? 0x60 : 0);
}

static uint8_t uart_fake_reason(void)
{
	struct uart_fake *u = &uart_fake;
	if (u->kind == UART_FAKE_RESTLESS && (u->ier & 7))
		return 0;
	if ((u->ier & 4) && (uart_fake_lsr() & 0x1e))
		return 6;
	if ((u->ier & 1) && u->in_count >= uart_fake_trigger())
		return 4;
	if ((u->ier & 1) && uart_fake_fifo() && u->in_count > 0 && u->idle >= 4)
		return 12;
	return (u->ier & 2) && u->thre ? 2 : 1;
}

// The line to the interrupt controller, which sees edges.
static void uart_fake_line(void)
{
	bool level = !(uart_fake_reason() & 1) && (uart_fake.mcr & 8) && !(uart_fake.mcr & 16);
	if (level && !uart_fake.level)
		uart_fake.edge = true;
	uart_fake.level = level;
}

// A byte comes in; errors: bits of the line status that go with it.
static void uart_fake_input(uint8_t byte, uint8_t errors)
{
	struct uart_fake *u = &uart_fake;
	u->idle = 0;
	if (u->in_count == uart_fake_room()) {
		u->overrun = true;
		u->lost++;
	} else {
		u->in[u->in_count] = byte;
		u->in_errors[u->in_count++] = errors;
	}
	uart_fake_line();
}

static void uart_fake_step(void)
{
	struct uart_fake *u = &uart_fake;
	fake_now += UART_FAKE_BYTE;
	u->idle++;
	if (u->out_count > 0 && u->kind != UART_FAKE_STUCK) {
		uint8_t byte = u->out[0];
		memmove(u->out, u->out + 1, --u->out_count);
		u->thre |= u->out_count == 0;
		if (!(u->mcr & 16))
			u->sent[u->sent_count++ % sizeof(u->sent)] = byte;
		else if (u->kind != UART_FAKE_DUMB)
			uart_fake_input(byte, 0);
	}
	uart_fake_line();
}

static void uart_fake_access(void)
{
	fake_now++; // it takes time
	if (++uart_fake.accesses == uart_fake.kill_at)
		longjmp(uart_fake.killed, 1);
}

static uint8_t uart_fake_data(void)
{
	struct uart_fake *u = &uart_fake;
	uint8_t byte = u->in[0];
	if (u->in_count > 0) {
		u->in_count--;
		memmove(u->in, u->in + 1, u->in_count);
		memmove(u->in_errors, u->in_errors + 1, u->in_count);
	}
	u->idle = 0;
	return byte;
}

static uint8_t uart_fake_value(unsigned number)
{
	struct uart_fake *u = &uart_fake;
	uint8_t value;
	switch (number) {
	case 0:
		return u->lcr & 0x80 ? u->low : uart_fake_data();
	case 1:
		return u->lcr & 0x80 ? u->high : u->ier;
	case 2:
		value = uart_fake_reason();
		if (value == 2)
			u->thre = false;
		return value | (uart_fake_fifo() ? 0xc0 : 0);
	case 3:
		return u->lcr;
	case 4:
		return u->mcr;
	case 5:
		value = uart_fake_lsr();
		u->overrun = false;
		if (u->in_count)
			u->in_errors[0] = 0;
		return value;
	case 6: // the other side is ready, or in loopback its own outputs
		if (!(u->mcr & 16) || u->kind == UART_FAKE_NO_LOOP)
			return 0xb0;
		return (u->mcr & 2 ? 0x10 : 0) | (u->mcr & 1 ? 0x20 : 0) | (u->mcr & 4 ? 0x40 : 0) | (u->mcr & 8 ? 0x80 : 0);
	default:
		return u->scr;
	}
}

static uint8_t uart_fake_read(unsigned number)
{
	struct uart_fake *u = &uart_fake;
	uint8_t value = u->kind == UART_FAKE_ABSENT   ? 0xff
			: u->kind == UART_FAKE_ZEROS  ? 0
			: u->kind == UART_FAKE_MEMORY ? u->plain[number]
			: u->kind == UART_FAKE_RANDOM ? uart_fake_random()
						      : uart_fake_value(number);
	uart_fake_line();
	uart_fake_access();
	return value;
}

static void uart_fake_send(uint8_t byte)
{
	struct uart_fake *u = &uart_fake;
	if (u->instant && !(u->mcr & 16)) {
		u->sent[u->sent_count++ % sizeof(u->sent)] = byte;
		u->thre = true;
		return;
	}
	if (u->out_count < uart_fake_room())
		u->out[u->out_count++] = byte;
	else
		u->lost++;
	u->thre = false;
}

static void uart_fake_fifo_control(uint8_t value)
{
	struct uart_fake *u = &uart_fake;
	u->fcr = u->has_fifo ? value & 0xc9 : 0;
	if (value & 2)
		u->in_count = 0;
	if (value & 4)
		u->out_count = 0;
}

static void uart_fake_write(unsigned number, uint8_t value)
{
	struct uart_fake *u = &uart_fake;
	u->plain[number] = value;
	if (number == 0 && (u->lcr & 0x80))
		u->low = value;
	else if (number == 0)
		uart_fake_send(value);
	else if (number == 1 && (u->lcr & 0x80))
		u->high = value;
	else if (number == 1) {
		u->thre |= (value & 2) && !(u->ier & 2) && u->out_count == 0;
		u->ier = value & 0x0f;
	} else if (number == 2)
		uart_fake_fifo_control(value);
	else if (number == 3)
		u->lcr = value;
	else if (number == 4)
		u->mcr = value & 0x1f;
	else if (number == 7)
		u->scr = value;
	uart_fake_line();
	uart_fake_access();
}

// ---- lib/driver ----------------------------------------------------------------------------------------------------------

kern_return_t driver_info(struct device_info *info)
{
	*info = (struct device_info){.id = 1, .interrupt_count = uart_fake.interrupt_count, .seat = "serial/0", .address = "isa:3f8"};
	return KERN_SUCCESS;
}

static kern_return_t uart_fake_cell(uint32_t cell, uint8_t *value, size_t room, size_t *size)
{
	if (cell == 0)
		return KERN_NOT_FOUND;
	for (size_t i = 0; i < 4 && i < room; i++)
		value[i] = (uint8_t)(cell >> (24 - 8 * i));
	*size = 4;
	return KERN_SUCCESS;
}

kern_return_t driver_property(const char *name, void *value, size_t room, size_t *size)
{
	static const uint8_t ports[] = {0, 0, 0, 0, 0, 0, 3, 0xf8, 0, 0, 0, 8};
	if (strcmp(name, "clock-frequency") == 0)
		return uart_fake_cell(uart_fake.clock, value, room, size);
	if (strcmp(name, "current-speed") == 0)
		return uart_fake_cell(uart_fake.speed, value, room, size);
	if (strcmp(name, "reg-shift") == 0)
		return uart_fake_cell(uart_fake.shift, value, room, size);
	if (strcmp(name, "reg-io-width") == 0)
		return uart_fake_cell(uart_fake.shift ? 4 : 0, value, room, size);
	if (uart_fake.in_memory || strcmp(name, "gila,ports") != 0)
		return KERN_NOT_FOUND;
	*size = sizeof(ports);
	memcpy(value, ports, room < sizeof(ports) ? room : sizeof(ports));
	return KERN_SUCCESS;
}

kern_return_t driver_map(uint32_t region, void **address, uint64_t *size)
{
	*address = (void *)(uintptr_t)UART_FAKE_BASE; // NOLINT
	*size = UINT64_C(8) << uart_fake.shift;
	return uart_fake.in_memory && region == 0 ? KERN_SUCCESS : KERN_INVALID_ARGUMENT;
}

kern_return_t driver_port_read(uint32_t range, uint32_t offset, unsigned width, uint32_t *value)
{
	if (uart_fake.in_memory || range != 0 || offset >= 8 || width != 1)
		abort();
	*value = uart_fake_read(offset);
	return KERN_SUCCESS;
}

kern_return_t driver_port_write(uint32_t range, uint32_t offset, unsigned width, uint32_t value)
{
	if (uart_fake.in_memory || range != 0 || offset >= 8 || width != 1)
		abort();
	uart_fake_write(offset, (uint8_t)value);
	return KERN_SUCCESS;
}

static unsigned uart_fake_register(const void *address)
{
	uint64_t at = (uint64_t)(uintptr_t)address - UART_FAKE_BASE;
	if (!uart_fake.in_memory || at % (1u << uart_fake.shift) || at >> uart_fake.shift >= 8)
		abort();
	return (unsigned)(at >> uart_fake.shift);
}

uint8_t mmio_read8(const void *address) { return uart_fake_read(uart_fake_register(address)); }
uint32_t mmio_read32(const void *address) { return uart_fake_read(uart_fake_register(address)); }
void mmio_write8(void *address, uint8_t value) { uart_fake_write(uart_fake_register(address), value); }
void mmio_write32(void *address, uint32_t value) { uart_fake_write(uart_fake_register(address), (uint8_t)value); }

kern_return_t driver_interrupt(uint32_t index, mach_port_t receive)
{
	uart_fake.bound = receive;
	uart_fake.edge |= uart_fake.level;
	return index == 0 ? KERN_SUCCESS : KERN_INVALID_ARGUMENT;
}

kern_return_t driver_interrupt_ack(uint32_t index)
{
	uart_fake.acks++;
	return KERN_SUCCESS;
}

struct driver_wait driver_wait_begin(uint64_t nanoseconds) { return (struct driver_wait){fake_now, nanoseconds}; }
bool driver_wait_more(struct driver_wait *wait)
{
	uart_fake_step();
	return fake_now - wait->begun <= wait->limit;
}

#endif
