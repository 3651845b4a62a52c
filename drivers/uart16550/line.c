// SPDX-License-Identifier: MIT
// The line: interrupts, time, and what is looked after; see line.h.
#include "line.h"

#include <driver/wait.h>

#include <inttypes.h>

#define SETTLE_LIMIT UINT64_C(2000000000) // ns: a full stream takes 1.4 s at 115200

static kern_return_t open_memory(struct line *line, struct line_memory **memory)
{
	void *address;
	uint64_t size;
	if (gila_seat_recall(&line->memory) || gila_memory_bytes(line->memory, &size) || size < sizeof(struct line_memory)) {
		kern_return_t error = gila_memory_make(sizeof(struct line_memory), &line->memory);
		if (error)
			return error;
		if (gila_seat_save(line->memory))
			gila_logf("what is on its way is lost when the driver ends");
	}
	kern_return_t error = gila_map(line->memory, 0, sizeof(struct line_memory), VM_PROT_READ | VM_PROT_WRITE, &address);
	*memory = address;
	return error;
}

static kern_return_t open_interrupt(struct line *line, struct serve *serve)
{
	kern_return_t error = gila_port_make(&line->interrupt);
	if (!error)
		error = serve_listen(serve, line->interrupt);
	if (!error)
		error = driver_interrupt(0, line->interrupt);
	return error;
}

static void describe(struct line *line, const struct device_info *info)
{
	if (line->uart.state == UART_WORKS)
		gila_logf("%s: UART at %s, %" PRIu32 " bits/s, FIFO of %" PRIu32 ", %s", info->seat, info->address,
			  line->uart.speed, line->uart.memory->fifo,
			  line->uart.way == UART_POLLED ? "no interrupt: polled" : "by interrupts");
	else
		gila_logf("%s: %s: %s", info->seat, info->address, line->uart.problem);
}

kern_return_t line_begin(struct line *line, struct serve *serve)
{
	struct device_info info;
	struct line_memory *memory = NULL;
	const char *what = "launched for no device";
	kern_return_t error = driver_info(&info);
	if (!error) {
		what = "no memory";
		error = open_memory(line, &memory);
	}
	if (error) {
		gila_logf("%s: %s", what, gila_error_text(error));
		return error;
	}
	uart_open(&line->uart, memory);
	bool known = line_memory_open(memory) && memory->phase == LINE_SET_UP;
	line->uart.way = UART_INTERRUPT;
	if (info.interrupt_count == 0 || open_interrupt(line, serve)) {
		line->interrupt = MACH_PORT_NULL;
		line->uart.way = UART_POLLED;
	}
	line->tried = line->progress = gila_time();
	bool works = uart_begin(&line->uart);
	if (!known || !works)
		describe(line, &info);
	return KERN_SUCCESS;
}

bool line_ready(struct line *line)
{
	uint64_t now = gila_time();
	if (line->uart.state == UART_WORKS)
		return true;
	if (now - line->tried < LINE_RETRY)
		return false;
	line->tried = line->progress = now;
	line->uart.way = line->interrupt == MACH_PORT_NULL ? UART_POLLED : UART_INTERRUPT;
	return uart_begin(&line->uart);
}

static void poll_from_now_on(struct line *line, const char *why)
{
	gila_logf("%s: polled from now on", why);
	uart_set_way(&line->uart, UART_POLLED);
	if (driver_interrupt(0, MACH_PORT_NULL))
		gila_logf("its interrupt cannot be turned off");
}

static void interrupt(struct line *line)
{
	enum uart_answer answer = uart_service(&line->uart);
	line->interrupts_quiet = answer == UART_QUIET ? line->interrupts_quiet + 1 : 0;
	line->pending = answer == UART_MORE ? LINE_MORE : LINE_REST;
	if (answer == UART_SERVED || answer == UART_MORE)
		line->progress = gila_time();
	if (answer == UART_MORE)
		return;
	if (answer == UART_RESTLESS)
		poll_from_now_on(line, "the UART does not come to rest");
	else if (line->interrupts_quiet >= LINE_QUIET_MOST)
		poll_from_now_on(line, "interrupts come for no reason");
	else if (driver_interrupt_ack(0))
		poll_from_now_on(line, "the interrupt cannot be acknowledged");
}

void line_message(struct serve *serve, const mach_msg_header_t *message, mach_msg_size_t size)
{
	struct line *line = serve->context;
	if (message->msgh_local_port == line->interrupt && message->msgh_id == DEVICE_INTERRUPT_ID &&
	    size >= sizeof(struct device_interrupt) && line->uart.way == UART_INTERRUPT)
		interrupt(line);
}

// There is something to send.
static bool is_sending(struct line *line)
{
	return line->uart.state == UART_WORKS && stream_count(&line->uart.memory->out) > 0;
}

// Nothing was taken for too long.
static void stalled(struct line *line)
{
	line->progress = gila_time();
	if (!uart_transmit(&line->uart)) {
		gila_logf("the UART takes nothing: given up");
		line->uart.state = UART_ABSENT;
		line->uart.problem = "it takes nothing";
		line->uart.memory->phase = LINE_FRESH;
	} else if (line->uart.way == UART_INTERRUPT && ++line->interrupts_lost >= LINE_LOST_MOST) {
		poll_from_now_on(line, "interrupts are lost");
	}
}

static void poll(struct line *line)
{
	struct line_memory *memory = line->uart.memory;
	uint64_t before = memory->in.end + memory->out.begin;
	uart_poll(&line->uart);
	if (memory->in.end + memory->out.begin != before)
		line->progress = gila_time();
}

uint64_t line_work(struct serve *serve)
{
	struct line *line = serve->context;
	struct uart *uart = &line->uart;
	if (uart->way == UART_INTERRUPT && line->pending == LINE_MORE)
		interrupt(line);
	if (uart->state == UART_WORKS && uart->way == UART_POLLED)
		poll(line);
	line_feed(line);
	uint64_t now = gila_time(); // not before: what moved just now is progress
	if (is_sending(line) && now - line->progress >= LINE_STALL) {
		stalled(line);
		line_feed(line);
	}
	if (uart->state != UART_WORKS)
		return UINT64_MAX;
	if (uart->way == UART_POLLED)
		return now + (is_sending(line) || now - line->progress < LINE_LIVELY ? LINE_POLL : LINE_POLL_IDLE);
	if (line->pending == LINE_MORE)
		return 0;
	return is_sending(line) ? line->progress + LINE_STALL : UINT64_MAX;
}

void line_settle(struct serve *serve)
{
	struct line *line = serve->context;
	struct driver_wait wait = driver_wait_begin(SETTLE_LIMIT);
	do
		uart_transmit(&line->uart);
	while (!uart_is_empty(&line->uart) && driver_wait_more(&wait));
}
