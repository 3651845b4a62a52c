// SPDX-License-Identifier: MIT
// The bus: events by topic, kept for each subscriber until it has fetched them.
//
// Requests come in through abi/bus_server.h (bus.c); rq->context is a struct serve whose context is a struct bus. The
// kernel's events come in as messages (bus_kernel.c).
#ifndef BUS_BUS_H
#define BUS_BUS_H

#include <gila/bus.h>
#include <gila/seat.h>
#include <serve/serve.h>

#define BUS_SUBSCRIPTIONS 256u

// Shared by all subscriptions that have not fetched it.
struct bus_item {
	unsigned references;
	struct bus_event_head head;
	char topic[BUS_TOPIC_MAX + 1];
	uint8_t data[]; // head.data_length bytes
};

struct bus_subscription {
	uint64_t badge;
	char pattern[BUS_TOPIC_MAX + 1];
	struct bus_item *items[BUS_BACKLOG]; // a ring
	unsigned first, count;
	uint64_t lost;
	struct serve_reply waiting;
};

struct bus {
	struct bus_subscription *subscriptions[BUS_SUBSCRIPTIONS]; // NULL: free
	uint32_t epoch;    // tells this server's badges from an earlier one's
	uint32_t opened;   // counts subscriptions
	uint64_t sequence; // of the last event
	mach_port_t kernel; // where the kernel's events come in
};

// Gives an event to all who want it. Without memory it is counted as lost for them.
void bus_deliver(struct bus *bus, uint64_t time, const char *topic, const void *data, size_t size);
void bus_gone(struct serve *serve, uint64_t badge);
void bus_close(struct bus *bus);

// serve.start and serve.message.
kern_return_t bus_start(struct serve *serve);
void bus_message(struct serve *serve, const mach_msg_header_t *message, mach_msg_size_t size);
// Publishes what a message of the kernel says.
void bus_kernel_event(struct bus *bus, const struct seat_event *event);

#endif
