// SPDX-License-Identifier: MIT
// Is a UART there, and getting it to work; see uart.h. Section numbers are those of the PC16550D data sheet.
#include "uart.h"
#include "uart_bits.h"

#include <driver/wait.h>

void uart_open(struct uart *uart, struct line_memory *memory)
{
	uart->memory = memory;
	uart->state = UART_ABSENT;
	uart->clock = uart_property("clock-frequency", UART_CLOCK);
	uart->speed = uart_property("current-speed", UART_SPEED);
	if (uart_registers_open(&uart->registers))
		uart->registers.width = 0;
}

// 8.3: the clock divided by 16 times the divisor is the speed. 0: there is none that is near enough (3 %).
static uint16_t divisor_for(uint32_t clock, uint32_t speed)
{
	if (speed == 0 || speed > clock / 16)
		return 0;
	uint64_t divisor = ((uint64_t)clock + 8 * (uint64_t)speed) / (16 * (uint64_t)speed);
	uint64_t is = divisor * 16 * speed, off = is > clock ? is - clock : clock - is;
	return divisor > UINT16_MAX || off * 100 > (uint64_t)clock * 3 ? 0 : (uint16_t)divisor;
}

static void set_divisor(struct uart *uart, uint16_t divisor)
{
	uart_write(&uart->registers, UART_LINE, UART_LINE_DIVISOR | UART_LINE_8N1);
	uart_write(&uart->registers, UART_DIVISOR_LOW, (uint8_t)divisor);
	uart_write(&uart->registers, UART_DIVISOR_HIGH, (uint8_t)(divisor >> 8));
	uart_write(&uart->registers, UART_LINE, UART_LINE_8N1);
}

// In loopback the four outputs are the four inputs (8.7).
static bool outputs_are_inputs(struct uart *uart)
{
	const struct uart_registers *r = &uart->registers;
	uart_write(r, UART_MODEM, UART_MODEM_LOOP | UART_MODEM_SEND | UART_MODEM_OUT2);
	if ((uart_read(r, UART_MODEM_STATUS) & UART_MODEM_INPUTS) != 0x90)
		return false;
	uart_write(r, UART_MODEM, UART_MODEM_LOOP | UART_MODEM_READY | UART_MODEM_OUT1);
	return (uart_read(r, UART_MODEM_STATUS) & UART_MODEM_INPUTS) == 0x60;
}

// And what is sent is received. At 115200 a byte takes 87 us; patience is enough for 1200.
static bool byte_comes_back(struct uart *uart, uint8_t byte)
{
	const struct uart_registers *r = &uart->registers;
	struct driver_wait wait = driver_wait_begin(UART_PATIENCE);
	uart_write(r, UART_DATA, byte);
	while (!(uart_read(r, UART_LINE_STATUS) & UART_STATUS_DATA))
		if (!driver_wait_more(&wait))
			return false;
	return uart_read(r, UART_DATA) == byte;
}

static void clear_fifos(struct uart *uart)
{
	uart_write(&uart->registers, UART_FIFO, UART_FIFO_ON | UART_FIFO_CLEAR | UART_FIFO_TRIGGER_8);
}

// Bytes that the transmitter takes when it is empty. A 16450 has no FIFO; the first 16550 had one that does not work and says
// so by one of the two bits only: it is turned off.
static uint32_t fifo_of(struct uart *uart)
{
	if ((uart_read(&uart->registers, UART_REASON) & UART_REASON_FIFOS) == UART_REASON_FIFOS)
		return UART_FIFO_BYTES;
	uart_write(&uart->registers, UART_FIFO, 0);
	return 1;
}

// NULL: it works.
static const char *set_up(struct uart *uart)
{
	const struct uart_registers *r = &uart->registers;
	uint16_t divisor = divisor_for(uart->clock, uart->speed);
	if (r->width == 0)
		return "it has neither eight I/O ports nor registers in memory";
	if (!divisor)
		return "its clock does not give this speed";
	uart_write(r, UART_LINE, UART_LINE_8N1);
	uart_write(r, UART_INTERRUPTS, 0);
	if (uart_read(r, UART_LINE) != UART_LINE_8N1 || (uart_read(r, UART_INTERRUPTS) & UART_WANT_ZEROS))
		return "no UART is there";
	set_divisor(uart, divisor);
	clear_fifos(uart);
	if (!outputs_are_inputs(uart))
		return "its loopback does not work: no UART is there";
	uart->memory->fifo = fifo_of(uart);
	bool back = byte_comes_back(uart, 0xa5) && byte_comes_back(uart, 0x5a);
	uart_write(r, UART_MODEM, 0);
	if (!back)
		return "it does not receive what it sends in loopback";
	if (uart->memory->fifo > 1)
		clear_fifos(uart);
	return NULL;
}

bool uart_begin(struct uart *uart)
{
	const struct uart_registers *r = &uart->registers;
	uart->problem = NULL;
	if (r->width == 0)
		uart->memory->phase = LINE_FRESH;
	if (uart->memory->phase == LINE_SET_UP) {
		// As the driver before left it; only its interrupts may be anything.
		uart_write(r, UART_INTERRUPTS, 0);
		if (uart_read(r, UART_LINE) != UART_LINE_8N1)
			uart->memory->phase = LINE_FRESH;
	}
	if (uart->memory->phase == LINE_FRESH)
		uart->problem = set_up(uart);
	uart->state = uart->problem ? UART_ABSENT : UART_WORKS;
	if (uart->problem)
		return false;
	uart->memory->phase = LINE_SET_UP;
	uart->head = 0;
	uart->interrupts = uart->modem = 0;
	uart_poll(uart);
	return uart->state == UART_WORKS;
}
