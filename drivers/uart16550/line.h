// SPDX-License-Identifier: MIT
// The driver of a UART as the server of a serial line (abi/serial.defs): one reader and one writer that may wait, between them and
// the UART (uart.h) the streams of the kept memory (stream.h).
//
// 1. A UART that is not there, or not any more, is looked for again when somebody asks, every LINE_RETRY at most; the answer is
//    SERIAL_NO_DEVICE meanwhile. The driver does not end: it would be launched again for the same.
// 2. What is sent and not taken for LINE_STALL: an interrupt was lost (then it is polled from the third time on), or the UART is
//    broken.
// One thread.
#ifndef UART16550_LINE_H
#define UART16550_LINE_H

#include "uart.h"

#include <gila/serial.h>
#include <serve/serve.h>

#define LINE_RETRY UINT64_C(1000000000) // ns
#define LINE_STALL UINT64_C(1000000000)
#define LINE_POLL UINT64_C(1000000)         // while there is something to do, and LINE_LIVELY after that
#define LINE_POLL_IDLE UINT64_C(10000000)
#define LINE_LIVELY UINT64_C(100000000)
#define LINE_LOST_MOST 3u
#define LINE_QUIET_MOST 1000u // interrupts in a row for no reason: the line belongs to somebody else as well, or is broken

struct line {
	struct uart uart;
	mach_port_t memory;
	mach_port_t interrupt;   // MACH_PORT_NULL: there is none
	struct serve_reply reader, writer; // who waits
	uint64_t read_position;
	uint32_t read_size;
	uint32_t write_size;
	uint8_t write_data[SERIAL_DATA_MAX];
	uint64_t tried;          // when the UART was last looked for
	uint64_t progress;       // when something last came in or went out, or there was nothing to send
	unsigned interrupts_lost, interrupts_quiet;
	enum line_interrupt { LINE_REST, LINE_MORE } pending; // whether the interrupt is still being served, between requests
};

// Makes everything; errors are logged. An absent UART is none.
kern_return_t line_begin(struct line *line, struct serve *serve) GILA_CHECKED;
void line_message(struct serve *serve, const mach_msg_header_t *message, mach_msg_size_t size);
uint64_t line_work(struct serve *serve);
void line_settle(struct serve *serve);
// Looks for the UART if it is time. False: there is none.
bool line_ready(struct line *line);
// Answers who waits, as far as there is something to say.
void line_feed(struct line *line);

#endif
