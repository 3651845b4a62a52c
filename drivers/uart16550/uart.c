// SPDX-License-Identifier: MIT
// The 16550A at work; see uart.h. Section numbers are those of the PC16550D data sheet.
#include "uart.h"
#include "uart_bits.h"

#define SERVICE_MOST 64u  // reasons at once: there are four kinds, but a UART in software sends in no time and asks for more
#define RECEIVE_MOST 256u // bytes of one look: 16 are there, some come meanwhile

static void uart_lost(struct uart *uart, const char *why)
{
	uart->state = UART_ABSENT;
	uart->problem = why;
	uart->memory->phase = LINE_FRESH;
}

// All ones is what a bus answers for nobody. A UART could say so, too, but it also keeps what is written (8.10).
static bool is_gone(struct uart *uart)
{
	uart_write(&uart->registers, UART_SCRATCH, 0x5a);
	return uart_read(&uart->registers, UART_SCRATCH) != 0x5a;
}

static uint8_t uart_status(struct uart *uart)
{
	uint8_t status = uart_read(&uart->registers, UART_LINE_STATUS);
	if (status == 0xff && is_gone(uart)) {
		uart_lost(uart, "it does not answer any more");
		return 0;
	}
	if (status & UART_STATUS_OVERRUN)
		uart->memory->lost++;
	uart->head |= status & UART_STATUS_DAMAGED;
	return status;
}

// While the stream is full the UART keeps what comes, asks nobody, and tells the other side that it is not ready (8.7, RTS).
static void set_interrupts(struct uart *uart)
{
	bool room = stream_room(&uart->memory->in) > 0;
	uint8_t wanted = UART_WANT_TRANSMIT | (room ? UART_WANT_RECEIVE | UART_WANT_STATUS : 0);
	if (uart->way == UART_POLLED)
		wanted = 0;
	uint8_t modem = UART_MODEM_READY | UART_MODEM_OUT2 | (room ? UART_MODEM_SEND : 0);
	if (wanted == uart->interrupts && modem == uart->modem)
		return;
	uart->interrupts = wanted;
	uart->modem = modem;
	uart_write(&uart->registers, UART_MODEM, modem);
	uart_write(&uart->registers, UART_INTERRUPTS, wanted);
}

bool uart_receive(struct uart *uart)
{
	bool some = false;
	for (unsigned i = 0; uart->state == UART_WORKS && i < RECEIVE_MOST && stream_room(&uart->memory->in) > 0; i++) {
		if (!(uart_status(uart) & UART_STATUS_DATA))
			break;
		uint8_t byte = uart_read(&uart->registers, UART_DATA);
		if (uart->head)
			uart->memory->damaged++;
		else
			stream_put(&uart->memory->in, &byte, 1);
		uart->head = 0;
		some = true;
	}
	if (uart->state == UART_WORKS)
		set_interrupts(uart);
	return some;
}

// The transmitter tells when it is empty (8.6.3, THRE), not how much room there is before.
bool uart_transmit(struct uart *uart)
{
	struct stream *out = &uart->memory->out;
	uint32_t count = stream_count(out);
	if (uart->state != UART_WORKS || count == 0 || !(uart_status(uart) & UART_STATUS_TAKES) || uart->state != UART_WORKS)
		return false;
	if (count > uart->memory->fifo)
		count = uart->memory->fifo;
	for (uint32_t i = 0; i < count; i++) {
		uint8_t byte;
		uint64_t position = out->begin;
		stream_look(out, position, &byte, 1);
		uart_write(&uart->registers, UART_DATA, byte);
		stream_move(out, position + 1);
	}
	return true;
}

// Something that changes with each byte.
static uint64_t moved(const struct uart *uart)
{
	return uart->memory->in.end + uart->memory->out.begin + uart->memory->damaged;
}

enum uart_answer uart_service(struct uart *uart)
{
	uint64_t before = moved(uart);
	for (unsigned i = 0; uart->state == UART_WORKS && i < SERVICE_MOST; i++) {
		uint8_t reason = uart_read(&uart->registers, UART_REASON);
		if (reason & UART_REASON_NONE)
			return i == 0 ? UART_QUIET : UART_SERVED;
		switch (reason & UART_REASON_MASK) {
		case UART_REASON_STATUS:
		case UART_REASON_DATA:
		case UART_REASON_OLD_DATA:
			uart_receive(uart);
			break;
		case UART_REASON_TRANSMIT: // reading the reason was enough if there is nothing to send (8.7)
			uart_transmit(uart);
			break;
		default:
			uart_read(&uart->registers, UART_MODEM_STATUS);
			break;
		}
	}
	if (uart->state != UART_WORKS)
		return UART_SERVED;
	if (moved(uart) != before)
		return UART_MORE;
	uart_set_way(uart, UART_POLLED);
	return UART_RESTLESS;
}

void uart_poll(struct uart *uart)
{
	uart_receive(uart);
	uart_transmit(uart);
}

void uart_set_way(struct uart *uart, enum uart_way way)
{
	uart->way = way;
	if (uart->state == UART_WORKS)
		set_interrupts(uart);
}

bool uart_is_empty(struct uart *uart)
{
	return uart->state != UART_WORKS ||
	       (stream_count(&uart->memory->out) == 0 && (uart_status(uart) & UART_STATUS_EMPTY));
}
