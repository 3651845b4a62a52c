// SPDX-License-Identifier: MIT
// Requests to the line, and the answers that come later; see line.h.
#include "line.h"

#include <abi/serial_server.h>
#include <string.h>

static struct line *line_of(struct lpc_request *rq) { return ((struct serve *)rq->context)->context; }

static void refuse(struct serve_reply *reply, kern_return_t error)
{
	struct lpc_request rq;
	if (reply->port == MACH_PORT_NULL)
		return;
	serve_answer_begin(reply, &rq);
	serve_answer_send(reply, &rq, error);
}

kern_return_t serial_serve_info(struct lpc_request *rq, struct serial_info *info)
{
	struct line *line = line_of(rq);
	struct line_memory *memory = line->uart.memory;
	if (!line_ready(line))
		return SERIAL_NO_DEVICE;
	*info = (struct serial_info){
		.read = memory->in.begin,
		.received = memory->in.end,
		.written = memory->out.end,
		.sent = memory->out.begin,
		.lost = memory->lost,
		.damaged = memory->damaged,
		.speed = line->uart.speed,
		.polled = line->uart.way == UART_POLLED,
	};
	return KERN_SUCCESS;
}

// As many bytes as there are and are wanted; 0: none yet.
static uint32_t take(struct line *line, uint64_t position, uint32_t size, uint8_t *data)
{
	struct stream *in = &line->uart.memory->in;
	uint64_t there = in->end - position;
	uint32_t count = there < size ? (uint32_t)there : size;
	stream_look(in, position, data, count);
	return count;
}

kern_return_t serial_serve_read(struct lpc_request *rq, uint64_t position, uint32_t size, uint8_t *data,
				mach_msg_type_number_t *dataCnt)
{
	struct line *line = line_of(rq);
	struct stream *in = &line->uart.memory->in;
	if (!line_ready(line))
		return SERIAL_NO_DEVICE;
	if (size == 0)
		return KERN_INVALID_ARGUMENT;
	if (position < in->begin || position > in->end)
		return SERIAL_POSITION;
	refuse(&line->reader, SERIAL_BUSY);
	stream_move(in, position);
	uart_receive(&line->uart); // there is room now
	if (size > *dataCnt)
		size = *dataCnt;
	*dataCnt = take(line, position, size, data);
	if (*dataCnt > 0)
		return KERN_SUCCESS;
	line->read_position = position;
	line->read_size = size;
	return serve_defer(rq, &line->reader);
}

static bool accept(struct line *line, const uint8_t *data, uint32_t count)
{
	struct stream *out = &line->uart.memory->out;
	if (stream_room(out) < count)
		return false;
	if (stream_count(out) == 0)
		line->progress = gila_time();
	stream_put(out, data, count);
	uart_transmit(&line->uart);
	return true;
}

kern_return_t serial_serve_write(struct lpc_request *rq, uint64_t position, const uint8_t *data, mach_msg_type_number_t dataCnt)
{
	struct line *line = line_of(rq);
	struct stream *out = &line->uart.memory->out;
	if (!line_ready(line))
		return SERIAL_NO_DEVICE;
	if (position != out->end)
		return position + dataCnt == out->end ? KERN_SUCCESS : SERIAL_POSITION; // the same again
	refuse(&line->writer, SERIAL_BUSY);
	if (accept(line, data, dataCnt))
		return KERN_SUCCESS;
	memcpy(line->write_data, data, dataCnt);
	line->write_size = dataCnt;
	return serve_defer(rq, &line->writer);
}

static void feed_reader(struct line *line)
{
	static uint8_t data[SERIAL_DATA_MAX];
	struct lpc_request rq;
	uint32_t count = take(line, line->read_position, line->read_size, data);
	if (count == 0)
		return;
	serve_answer_begin(&line->reader, &rq);
	kern_return_t error = serial_answer_read(&rq, data, count);
	serve_answer_send(&line->reader, &rq, error);
}

static void feed_writer(struct line *line)
{
	struct lpc_request rq;
	if (!accept(line, line->write_data, line->write_size))
		return;
	serve_answer_begin(&line->writer, &rq);
	kern_return_t error = serial_answer_write(&rq);
	serve_answer_send(&line->writer, &rq, error);
}

void line_feed(struct line *line)
{
	if (line->uart.state != UART_WORKS) {
		refuse(&line->reader, SERIAL_NO_DEVICE);
		refuse(&line->writer, SERIAL_NO_DEVICE);
		return;
	}
	if (line->reader.port != MACH_PORT_NULL)
		feed_reader(line);
	if (line->writer.port != MACH_PORT_NULL)
		feed_writer(line);
}
