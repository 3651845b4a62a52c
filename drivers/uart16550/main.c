// SPDX-License-Identifier: MIT
// uart16550: the driver of 16550A UARTs as a server; see line.h.
#include "line.h"

#include <abi/serial_server.h>

static kern_return_t start(struct serve *serve) { return line_begin(serve->context, serve); }

int main(void)
{
	static bool (*const demux[])(struct lpc_request *) = {serial_demux, NULL};
	static struct line line;
	struct serve serve = {.demux = demux, .start = start, .message = line_message, .settle = line_settle, .work = line_work,
			      .context = &line};
	return serve_main(&serve);
}
