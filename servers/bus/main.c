// SPDX-License-Identifier: MIT
// bus: publish and subscribe.
#include "bus.h"

#include <abi/bus_server.h>

int main(void)
{
	static bool (*const demux[])(struct lpc_request *) = {bus_demux, NULL};
	static struct bus bus;
	struct serve serve = {
		.demux = demux, .start = bus_start, .gone = bus_gone, .message = bus_message, .context = &bus};
	return serve_main(&serve);
}
