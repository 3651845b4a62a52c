// SPDX-License-Identifier: MIT
// buscalm SECONDS: the control group. Publishes events on the bus and takes each of them from a subscription, while other servers meet
// faults: every event must come, once, and in order; the bus must not be restarted. Prints how many there were and how long it took.
#include "client.h"

#include <gila/bus.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define TOPIC "calm/tick"

static void take(struct gila_bus *bus, uint64_t number)
{
	struct gila_bus_event event;
	uint64_t got = 0;
	kern_return_t error = gila_bus_next(bus, &event);
	if (error) {
		client_fail("event %" PRIu64 ": %s", number, gila_error_text(error));
		return;
	}
	memcpy(&got, event.data, event.size < sizeof(got) ? event.size : sizeof(got));
	if (got != number || event.restarted || event.lost || strcmp(event.topic, TOPIC) != 0)
		client_fail("event %" PRIu64 " came as %" PRIu64 " of %s%s, %" PRIu64 " lost", number, got, event.topic,
			    event.restarted ? ", after a restart" : "", event.lost);
}

int main(int argc, char **argv)
{
	static struct gila_bus bus;
	uint64_t count = 0, slowest = 0;
	if (argc != 2)
		return 2;
	client_limit((unsigned)atoi(argv[1]) + 60);
	client_must("a subscription", gila_bus_open(&bus, "calm/*"));
	uint64_t end = client_now() + (uint64_t)atoi(argv[1]) * 1000000000u;
	for (uint64_t start; (start = client_now()) < end && client_status() == 0; count++) {
		client_must("publish", gila_bus_publish(TOPIC, &count, sizeof(count)));
		take(&bus, count);
		uint64_t took = client_now() - start;
		slowest = took > slowest ? took : slowest;
		nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
	}
	gila_bus_close(&bus);
	if (slowest > CLIENT_HUNG)
		client_fail("an event took %" PRIu64 " ms", slowest / 1000000);
	printf("%" PRIu64 " events, slowest %" PRIu64 " us\n", count, slowest / 1000);
	return client_status();
}
