// SPDX-License-Identifier: MIT
// framebuffer: text on the framebuffer that the bootloader left, as a server; see picture.h.
#include "picture.h"

#include <abi/serial_server.h>

static kern_return_t start(struct serve *serve) { return picture_begin(serve->context); }

int main(void)
{
	static bool (*const demux[])(struct lpc_request *) = {serial_demux, NULL};
	static struct picture picture;
	struct serve serve = {.demux = demux, .start = start, .context = &picture};
	return serve_main(&serve);
}
