// SPDX-License-Identifier: MIT
// What travels in the bus interface (abi/bus.defs). Programs use bus.h.
//
// A topic is a name of components between slashes, as a seat's name is; a pattern is a topic in which * stands for any
// text, "/" included. Topics that begin with "seat/" and "task/" are the kernel's events: only the bus publishes them.
#ifndef GILA_BUS_TYPES_H
#define GILA_BUS_TYPES_H

#include <gila/error.h>
#include <stddef.h>
#include <stdint.h>

#define BUS_TOPIC_MAX 127u   // bytes of a topic or pattern
#define BUS_DATA_MAX 1024u   // bytes of one event's data
#define BUS_BATCH_MAX 4096u  // bytes of events in one answer of bus_wait
#define BUS_BACKLOG 256u     // events kept for a subscriber that does not fetch them; the oldest go first

// One event in an answer of bus_wait: this head, the topic, the data, padded to a multiple of 8 bytes.
struct bus_event_head {
	uint64_t sequence; // counts what was published since the bus was started, from 1
	uint64_t time;     // ns since boot
	uint32_t topic_length;
	uint32_t data_length;
};

_Static_assert(sizeof(struct bus_event_head) == 24, "struct bus_event_head has no padding");

#endif
