// SPDX-License-Identifier: MIT
// ps2: the driver of a PC's keyboard, as a server; see keyboard.h.
#include "keyboard.h"

#include <abi/serial_server.h>

static kern_return_t start(struct serve *serve) { return keyboard_begin(serve->context, serve); }

int main(void)
{
	static bool (*const demux[])(struct lpc_request *) = {serial_demux, NULL};
	static struct keyboard keyboard;
	struct serve serve = {
		.demux = demux, .start = start, .message = keyboard_message, .work = keyboard_work, .context = &keyboard};
	return serve_main(&serve);
}
