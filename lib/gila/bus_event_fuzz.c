// SPDX-License-Identifier: MIT
// Fuzz target: a batch of events from a hostile bus.
#include <gila/bus.h>
#include <gila/fuzz.h>

#include <stdlib.h>
#include <string.h>

static int fuzz_bus_event(const uint8_t *data, size_t size)
{
	static struct gila_bus_event event;
	kern_return_t error;
	size_t used = 0, before = 0;
	while (gila_bus_take(data, size, &used, &event, &error)) {
		if (used <= before || used > size || event.size > BUS_DATA_MAX || event.data[event.size] != 0)
			abort();
		before = used;
	}
	if (!error && used != size)
		abort();
	return 0;
}

FUZZ_TARGET(fuzz_bus_event)
