// SPDX-License-Identifier: MIT
// The kernel's events on the bus: seat/STATE, seat/crashed, task/start, task/end, device/added, device/removed, kernel/lost.
#include "bus.h"

#include <abi/seat.h>
#include <stdio.h>
#include <string.h>

static const char *state_name(uint32_t state)
{
	static const char *const names[] = {"none", "vacant", "starting", "occupied", "backing-off", "disabled"};
	return state < sizeof(names) / sizeof(names[0]) ? names[state] : "removed";
}

static const char *reason_name(uint32_t reason)
{
	static const char *const names[] = {"none",	 "exit", "signal",  "load",	"start-timeout",
					    "heartbeat", "left", "stopped", "protocol"};
	return reason < sizeof(names) / sizeof(names[0]) ? names[reason] : "unknown";
}

// The state changed because the server ended in a way that nobody asked for.
static bool is_crash(const struct seat_event *event)
{
	bool ended = (event->before == SEAT_OCCUPIED || event->before == SEAT_STARTING) && event->state != SEAT_OCCUPIED &&
		     event->state != SEAT_DISABLED;
	bool asked = event->reason == SEAT_REASON_NONE || event->reason == SEAT_REASON_STOPPED ||
		     event->reason == SEAT_REASON_LEFT || (event->reason == SEAT_REASON_EXIT && event->code == 0);
	return ended && !asked;
}

static void publish_seat(struct bus *bus, const struct seat_event *event)
{
	char topic[BUS_TOPIC_MAX + 1], text[512];
	int length = snprintf(text, sizeof(text), "seat=%s state=%s before=%s reason=%s code=%d task=%u generation=%u restarts=%u",
			      event->name, state_name(event->state), state_name(event->before), reason_name(event->reason),
			      event->code, event->task, event->generation, event->restarts);
	if (is_crash(event))
		bus_deliver(bus, event->time, "seat/crashed", text, (size_t)length);
	snprintf(topic, sizeof(topic), "seat/%s", state_name(event->state));
	bus_deliver(bus, event->time, topic, text, (size_t)length);
}

static void publish_task(struct bus *bus, const struct seat_event *event)
{
	char text[256];
	bool start = event->kind == SEAT_EVENT_TASK_START;
	int length = start ? snprintf(text, sizeof(text), "task=%u name=%s", event->task, event->name)
			   : snprintf(text, sizeof(text), "task=%u name=%s reason=%s code=%d", event->task, event->name,
				      reason_name(event->reason), event->code);
	bus_deliver(bus, event->time, start ? "task/start" : "task/end", text, (size_t)length);
}

static void publish_device(struct bus *bus, const struct seat_event *event)
{
	char text[128];
	int length = snprintf(text, sizeof(text), "seat=%s", event->name);
	bus_deliver(bus, event->time, event->kind == SEAT_EVENT_DEVICE_ADDED ? "device/added" : "device/removed", text, (size_t)length);
}

void bus_kernel_event(struct bus *bus, const struct seat_event *event)
{
	if (event->lost > 0) {
		char text[32];
		int length = snprintf(text, sizeof(text), "lost=%u", event->lost);
		bus_deliver(bus, event->time, "kernel/lost", text, (size_t)length);
	}
	if (event->kind == SEAT_EVENT_STATE)
		publish_seat(bus, event);
	else if (event->kind == SEAT_EVENT_TASK_START || event->kind == SEAT_EVENT_TASK_END)
		publish_task(bus, event);
	else if (event->kind == SEAT_EVENT_DEVICE_ADDED || event->kind == SEAT_EVENT_DEVICE_REMOVED)
		publish_device(bus, event);
}

void bus_message(struct serve *serve, const mach_msg_header_t *message, mach_msg_size_t size)
{
	struct bus *bus = serve->context;
	struct seat_event event;
	if (message->msgh_local_port != bus->kernel || message->msgh_id != SEAT_EVENT_ID || size != sizeof(event))
		return;
	memcpy(&event, message, sizeof(event));
	event.name[sizeof(event.name) - 1] = 0;
	bus_kernel_event(bus, &event);
}

kern_return_t bus_start(struct serve *serve)
{
	struct bus *bus = serve->context;
	mach_port_t seats;
	bus->epoch = (uint32_t)(gila_time_calendar() / 1000);
	kern_return_t error = gila_seat(SEAT_GRANT_MANAGE, &seats);
	if (!error)
		error = gila_port_make_deep(MACH_PORT_QLIMIT_LARGE, &bus->kernel);
	if (!error)
		error = serve_listen(serve, bus->kernel);
	if (!error)
		error = gila_seat_watch(seats, bus->kernel);
	if (error)
		gila_logf("%s: the kernel's events cannot be had: %s", serve->seat, gila_error_text(error));
	return KERN_SUCCESS; // without them it is still a bus
}
