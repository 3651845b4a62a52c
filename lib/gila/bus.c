// SPDX-License-Identifier: MIT
// The bus for programs; see bus.h.
#include <gila/bus.h>

#include <abi/bus.h>
#include <mach/mig_errors.h>
#include <string.h>

kern_return_t gila_bus_publish(const char *topic, const void *data, size_t size)
{
	mach_port_t bus;
	if (size > BUS_DATA_MAX)
		return KERN_INVALID_ARGUMENT;
	kern_return_t error = gila_seat("bus", &bus);
	return error ? error : bus_publish(bus, topic, data, (mach_msg_type_number_t)size);
}

static kern_return_t subscribe(struct gila_bus *bus)
{
	mach_port_t server;
	kern_return_t error = gila_seat("bus", &server);
	return error ? error : bus_subscribe(server, bus->pattern, &bus->subscription);
}

kern_return_t gila_bus_open(struct gila_bus *bus, const char *pattern)
{
	memset(bus, 0, sizeof(*bus));
	if (strlen(pattern) > BUS_TOPIC_MAX)
		return BUS_BAD_TOPIC;
	strcpy(bus->pattern, pattern);
	return subscribe(bus);
}

// Another server does not know the subscription.
static kern_return_t begin_again(struct gila_bus *bus)
{
	gila_bus_close(bus);
	bus->after = bus->lost = 0;
	bus->restarted = true;
	return subscribe(bus);
}

// Waits for a batch; *lost is what was dropped since the one before.
static kern_return_t fetch(struct gila_bus *bus, uint64_t *lost)
{
	for (;;) {
		uint64_t total;
		mach_msg_type_number_t count = sizeof(bus->batch);
		kern_return_t error = bus_wait(bus->subscription, bus->after, &total, bus->batch, &count);
		bool stale = error == BUS_STALE || error == MACH_SEND_INVALID_DEST || error == MIG_SERVER_DIED;
		if (stale)
			error = begin_again(bus);
		if (error)
			return error;
		if (stale)
			continue;
		*lost = total - bus->lost;
		bus->lost = total;
		bus->used = 0;
		bus->size = count;
		return KERN_SUCCESS;
	}
}

kern_return_t gila_bus_next(struct gila_bus *bus, struct gila_bus_event *event)
{
	kern_return_t error = KERN_SUCCESS;
	event->lost = 0;
	event->restarted = false;
	while (!gila_bus_take(bus->batch, bus->size, &bus->used, event, &error)) {
		if (!error)
			error = fetch(bus, &event->lost);
		if (error)
			return error;
	}
	event->restarted = bus->restarted;
	bus->restarted = false;
	bus->after = event->sequence;
	return KERN_SUCCESS;
}

void gila_bus_close(struct gila_bus *bus)
{
	gila_port_drop(bus->subscription);
	bus->subscription = MACH_PORT_NULL;
	bus->used = bus->size = 0;
}
