// SPDX-License-Identifier: MIT
// A 16550A as the PC16550D data sheet (National Semiconductor, June 1995) describes it, without a word about who is served.
//
// uart_open once, uart_begin to get it to work; uart_service at each interrupt, uart_poll without one; uart_transmit when there is
// more to send, uart_receive when there is room again. Bytes come from and go to struct line_memory.
// 1. No loop here is longer than a constant, whatever the registers say; only uart_begin waits, at most UART_PATIENCE.
// 2. A UART that was set up by an earlier driver is not reset: what is in its FIFOs goes on.
// 3. Each read of the line status takes its error bits away (8.6.3), so only uart_status does it, and remembers them.
#ifndef UART16550_UART_H
#define UART16550_UART_H

#include "registers.h"
#include "stream.h"

#define UART_CLOCK 1843200u     // Hz, of every PC; else the property clock-frequency
#define UART_SPEED 115200u      // else current-speed
#define UART_FIFO_BYTES 16u
#define UART_PATIENCE UINT64_C(20000000) // ns

enum uart_state {
	UART_ABSENT, // -> WORKS by uart_begin
	UART_WORKS,  // -> ABSENT when it makes no sense any more
};

enum uart_way { // how it is told that something has happened
	UART_INTERRUPT, // -> POLLED when it does not come to rest
	UART_POLLED,
};

struct uart {
	struct uart_registers registers;
	struct line_memory *memory;
	enum uart_state state;
	enum uart_way way;
	uint32_t clock, speed;
	uint8_t interrupts; // IER
	uint8_t modem;      // MCR
	uint8_t head;       // error bits of the byte that is read next
	const char *problem; // why it is absent
};

// `way` is set by the caller. A device without registers that are understood is an absent UART.
void uart_open(struct uart *uart, struct line_memory *memory);
// Finds out whether a UART is there, and sets it up if no driver has yet. False: absent.
bool uart_begin(struct uart *uart);
enum uart_answer {
	UART_QUIET, // there was no reason for the interrupt
	UART_SERVED,
	UART_MORE,     // bytes go on moving as fast as they are served: come again soon
	UART_RESTLESS, // reasons do not end, and nothing moves; it is polled from now on
};
enum uart_answer uart_service(struct uart *uart);
void uart_poll(struct uart *uart);
// Gives the transmitter what it takes. True: it took something.
bool uart_transmit(struct uart *uart);
// Takes what there is room for, and lets the line go on. True: there was something.
bool uart_receive(struct uart *uart);
void uart_set_way(struct uart *uart, enum uart_way way);
// All that was given to it is on the line.
bool uart_is_empty(struct uart *uart);

#endif
