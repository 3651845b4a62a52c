// SPDX-License-Identifier: MIT
// Requests, and the answers that come later; see keyboard.h.
#include "keyboard.h"

#include <abi/serial_server.h>

static struct keyboard *keyboard_of(struct lpc_request *rq) { return ((struct serve *)rq->context)->context; }

kern_return_t serial_serve_info(struct lpc_request *rq, struct serial_info *info)
{
	struct keyboard *keyboard = keyboard_of(rq);
	struct line_memory *memory = keyboard->memory;
	*info = (struct serial_info){.read = memory->in.begin,
				     .received = memory->in.end,
				     .lost = memory->lost,
				     .polled = keyboard->interrupt == MACH_PORT_NULL};
	return KERN_SUCCESS;
}

static uint32_t take(struct keyboard *keyboard, uint64_t position, uint32_t size, uint8_t *data)
{
	struct stream *in = &keyboard->memory->in;
	uint64_t there = in->end - position;
	uint32_t count = there < size ? (uint32_t)there : size;
	stream_look(in, position, data, count);
	return count;
}

kern_return_t serial_serve_read(struct lpc_request *rq, uint64_t position, uint32_t size, uint8_t *data,
				mach_msg_type_number_t *dataCnt)
{
	struct keyboard *keyboard = keyboard_of(rq);
	struct stream *in = &keyboard->memory->in;
	struct lpc_request before;
	if (size == 0)
		return KERN_INVALID_ARGUMENT;
	if (position < in->begin || position > in->end)
		return SERIAL_POSITION;
	if (keyboard->reader.port != MACH_PORT_NULL) {
		serve_answer_begin(&keyboard->reader, &before);
		serve_answer_send(&keyboard->reader, &before, SERIAL_BUSY);
	}
	stream_move(in, position);
	*dataCnt = take(keyboard, position, size < *dataCnt ? size : *dataCnt, data);
	if (*dataCnt > 0)
		return KERN_SUCCESS;
	keyboard->read_position = position;
	keyboard->read_size = size < SERIAL_DATA_MAX ? size : SERIAL_DATA_MAX;
	return serve_defer(rq, &keyboard->reader);
}

// A keyboard shows nothing.
kern_return_t serial_serve_write(struct lpc_request *rq, uint64_t position, const uint8_t *data, mach_msg_type_number_t dataCnt)
{
	return SERIAL_NO_DEVICE;
}

void keyboard_feed(struct keyboard *keyboard)
{
	static uint8_t data[SERIAL_DATA_MAX];
	struct lpc_request rq;
	if (keyboard->reader.port == MACH_PORT_NULL)
		return;
	uint32_t count = take(keyboard, keyboard->read_position, keyboard->read_size, data);
	if (count == 0)
		return;
	serve_answer_begin(&keyboard->reader, &rq);
	kern_return_t error = serial_answer_read(&rq, data, count);
	serve_answer_send(&keyboard->reader, &rq, error);
}
