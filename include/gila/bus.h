// SPDX-License-Identifier: MIT
// The bus for programs: publish, subscribe, wait (abi/bus.defs).
//
// To listen: gila_bus_open(&bus, "seat/*"); while (!gila_bus_next(&bus, &event)) use event.topic, event.data; gila_bus_close.
#ifndef GILA_BUS_H
#define GILA_BUS_H

#include <gila/bus_types.h>
#include <gila/gila.h>

struct gila_bus_event {
	uint64_t sequence;
	uint64_t time; // ns since boot
	uint64_t lost; // events that were dropped before this one because nobody fetched them in time
	bool restarted; // the bus was restarted before this one: an unknown number was lost
	char topic[BUS_TOPIC_MAX + 1];
	size_t size;
	uint8_t data[BUS_DATA_MAX + 1]; // a NUL follows
};

struct gila_bus {
	mach_port_t subscription;
	uint64_t after;      // the last event that was given out
	uint64_t lost;       // as the bus last said
	bool restarted;
	size_t used, size;
	uint8_t batch[BUS_BATCH_MAX];
	char pattern[BUS_TOPIC_MAX + 1];
};

kern_return_t gila_bus_publish(const char *topic, const void *data, size_t size) GILA_CHECKED;
// Subscribes to what is published from now on. BUS_BAD_TOPIC.
kern_return_t gila_bus_open(struct gila_bus *bus, const char *pattern) GILA_CHECKED;
// Waits for the next event. Subscribes again when the bus was restarted.
kern_return_t gila_bus_next(struct gila_bus *bus, struct gila_bus_event *event) GILA_CHECKED;
void gila_bus_close(struct gila_bus *bus);

// ---- For the bus server and tests ------------------------------------------------------------------------------------

// Appends an event to a batch. False: it does not fit into `room` bytes in all.
bool gila_bus_put(uint8_t *batch, size_t room, size_t *used, const struct bus_event_head *head, const char *topic,
		  const void *data) GILA_CHECKED;
// Takes the event at *used; lost and restarted are left alone. False at the end, or with FILE_DAMAGED in *error.
bool gila_bus_take(const uint8_t *batch, size_t size, size_t *used, struct gila_bus_event *event, kern_return_t *error)
	GILA_CHECKED;

#endif
