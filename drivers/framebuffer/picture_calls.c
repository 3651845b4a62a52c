// SPDX-License-Identifier: MIT
// Requests; see picture.h.
#include "picture.h"

#include <abi/serial_server.h>

static struct picture *picture_of(struct lpc_request *rq) { return ((struct serve *)rq->context)->context; }

kern_return_t serial_serve_info(struct lpc_request *rq, struct serial_info *info)
{
	struct picture *picture = picture_of(rq);
	if (!picture->works)
		return SERIAL_NO_DEVICE;
	uint64_t written = picture->memory->written;
	*info = (struct serial_info){
		.written = written, .sent = written, .rows = picture->screen.rows, .columns = picture->screen.columns};
	return KERN_SUCCESS;
}

// Nothing comes in from a screen.
kern_return_t serial_serve_read(struct lpc_request *rq, uint64_t position, uint32_t size, uint8_t *data,
				mach_msg_type_number_t *dataCnt)
{
	struct picture *picture = picture_of(rq);
	struct lpc_request before;
	if (!picture->works)
		return SERIAL_NO_DEVICE;
	if (size == 0)
		return KERN_INVALID_ARGUMENT;
	if (position != 0)
		return SERIAL_POSITION;
	if (picture->reader.port != MACH_PORT_NULL) {
		serve_answer_begin(&picture->reader, &before);
		serve_answer_send(&picture->reader, &before, SERIAL_BUSY);
	}
	return serve_defer(rq, &picture->reader);
}

kern_return_t serial_serve_write(struct lpc_request *rq, uint64_t position, const uint8_t *data, mach_msg_type_number_t dataCnt)
{
	struct picture *picture = picture_of(rq);
	struct picture_memory *memory = picture->memory;
	if (!picture->works)
		return SERIAL_NO_DEVICE;
	uint64_t written = memory->written;
	if (position != written)
		return position + dataCnt == written ? KERN_SUCCESS : SERIAL_POSITION; // the same again
	for (uint32_t i = 0; i < dataCnt; i++)
		memory->bytes[(written + i) % PICTURE_KEPT] = data[i];
	atomic_store(&memory->written, written + dataCnt);
	screen_write(&picture->screen, (const char *)data, dataCnt);
	return KERN_SUCCESS;
}
