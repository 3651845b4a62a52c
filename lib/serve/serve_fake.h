// SPDX-License-Identifier: MIT
// A kernel for unit tests of servers and their clients, in one process: include it in one file of the test program.
//
// fake_begin(&serve) makes the server reachable as the seat serve->seat: client stubs then run its handlers directly. Ports
// are numbers, rights are counted, badges work; memory objects are plain memory. fake_settle() delivers the
// no-more-senders notifications that are due. Answers that come later land in fake_answer. Ports that are not the seat's have
// a queue: lpc_send to a right of theirs fills it, mach_msg with MACH_RCV_MSG takes from it; who finds it empty calls fake_idle. The answer
// to a request that was sent with lpc_send goes into the queue of its reply port.
#ifndef SERVE_SERVE_FAKE_H
#define SERVE_SERVE_FAKE_H

#include "serve.h"
#include <lib/gila/file_buffer.h>
#include <lib/gila/file_lane.h>
#include <serve/serve_buffer.h>
#include <serve/serve_lane.h>

#include <gila/test.h>
#include <mach/mach_init.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FAKE_PORTS = 512, FAKE_SEAT = 1, FAKE_REPLY = 2, FAKE_FIRST = 3, FAKE_MESSAGE = 128 };

// What a name stands for. A right to a port (the seat's, or `to`) with a badge, a memory object, or a port with a queue.
static struct fake_port {
	unsigned rights;
	mach_port_t to;
	uint64_t badge;
	uint8_t *memory;
	bool mapped; // by the test, and not to be freed
	unsigned maps; // of it, which keep it
	uint64_t size;
	struct fake_message {
		union {
			mach_msg_header_t head;
			uint8_t bytes[FAKE_MESSAGE];
		};
		uint64_t badge;
	} queue[8];
	unsigned queued;
	bool fixed;
} fake_ports[FAKE_PORTS];
static struct fake_watch {
	mach_port_t port, notify;
	uint64_t badge;
} fake_watched[FAKE_PORTS];
static unsigned fake_watched_count;
static bool (*fake_idle)(void);      // somebody waits for a message: let others run. False: nobody has anything to do
static bool (*fake_lose)(void);      // whether the message that lpc_send is about to send is lost
static uint64_t fake_now;            // what gila_time says, if not 0
static struct serve *fake_server;
static union {
	mach_msg_header_t head;
	uint8_t bytes[SERVE_MESSAGE_MAX];
} fake_answer; // what was sent last with mach_msg
static unsigned fake_answers;
static unsigned fake_deaths;    // so many of the next requests find the server dying without an answer
static mach_port_t fake_kept;
static uint64_t fake_time = 1000;     // gila_time
static int64_t fake_calendar = 5;     // gila_time_calendar

// What the client library and the server keep mapped for later requests.
static void __attribute__((unused)) fake_buffers_drop(void)
{
	serve_lanes_drop_all();
	serve_buffer_drop_all();
	file_lanes_drop();
	file_buffers_drop();
}

static void __attribute__((unused)) fake_begin(struct serve *serve)
{
	fake_buffers_drop();
	for (mach_port_t i = 0; i < FAKE_PORTS; i++)
		if (fake_ports[i].memory && !fake_ports[i].mapped)
			free(fake_ports[i].memory);
	fake_idle = fake_lose = NULL;
	fake_now = 0;
	memset(fake_ports, 0, sizeof(fake_ports));
	fake_watched_count = fake_answers = fake_deaths = 0;
	fake_kept = MACH_PORT_NULL;
	fake_server = serve;
	serve->port = FAKE_SEAT;
	serve->notify = FAKE_PORTS;
	fake_ports[FAKE_SEAT].rights = 1;
}

// Rights that the test still has, the seat's own handle not counted.
static unsigned __attribute__((unused)) fake_rights(void)
{
	unsigned count = 0;
	for (mach_port_t i = FAKE_FIRST; i < FAKE_PORTS; i++)
		count += fake_ports[i].rights;
	return count;
}

static mach_port_t fake_new(struct fake_port port)
{
	for (mach_port_t i = FAKE_FIRST; i < FAKE_PORTS; i++) {
		if (fake_ports[i].rights == 0 && fake_ports[i].maps == 0) {
			port.rights = 1;
			fake_ports[i] = port;
			return i;
		}
	}
	abort();
}

static bool fake_held(mach_port_t to, uint64_t badge)
{
	for (mach_port_t i = FAKE_FIRST; i < FAKE_PORTS; i++)
		if (fake_ports[i].rights && fake_ports[i].to == to && fake_ports[i].badge == badge && !fake_ports[i].memory)
			return true;
	return false;
}

static bool fake_put_message(mach_port_t port, const mach_msg_header_t *message, uint64_t badge)
{
	struct fake_port *to = &fake_ports[port];
	if (to->rights == 0 || to->queued == 8)
		return false;
	if (message->msgh_size > FAKE_MESSAGE)
		abort();
	struct fake_message *put = &to->queue[to->queued++];
	memcpy(put->bytes, message, message->msgh_size);
	put->head.msgh_local_port = port;
	put->badge = badge;
	return true;
}

static bool fake_put(mach_port_t port, mach_msg_id_t id, uint64_t badge)
{
	return fake_put_message(port, &(mach_msg_header_t){.msgh_id = id, .msgh_size = sizeof(mach_msg_header_t)}, badge);
}

static void __attribute__((unused)) fake_settle(void)
{
	for (unsigned i = 0; i < fake_watched_count;) {
		struct fake_watch watch = fake_watched[i];
		if (fake_held(watch.port, watch.badge)) {
			i++;
			continue;
		}
		fake_watched[i] = fake_watched[--fake_watched_count];
		if (watch.port == FAKE_SEAT)
			fake_server->gone(fake_server, watch.badge);
		else
			fake_put(watch.notify, MACH_NOTIFY_NO_SENDERS, watch.badge);
	}
}

// ---- <gila/lpc.h> and <mach/message.h> -------------------------------------------------------------------------------------

// Copied rights get a right of their own for the server.
static void fake_copy_rights(mach_msg_header_t *message)
{
	if (!(message->msgh_bits & MACH_MSGH_BITS_COMPLEX))
		return;
	mach_msg_base_t *base = (mach_msg_base_t *)(void *)message;
	mach_msg_port_descriptor_t *port = (mach_msg_port_descriptor_t *)(void *)(base + 1);
	for (unsigned i = 0; i < base->body.msgh_descriptor_count; i++, port++) {
		if (port->type == MACH_MSG_PORT_DESCRIPTOR && (port->disposition == MACH_MSG_TYPE_COPY_SEND ||
							       port->disposition == MACH_MSG_TYPE_MAKE_SEND)) {
			if (port->name != MACH_PORT_NULL)
				fake_ports[port->name].rights++;
			port->disposition = MACH_MSG_TYPE_PORT_SEND;
		}
	}
}

// The server has moved its rights into the answer.
static void fake_take_rights(mach_msg_header_t *message)
{
	if (!(message->msgh_bits & MACH_MSGH_BITS_COMPLEX))
		return;
	mach_msg_base_t *base = (mach_msg_base_t *)(void *)message;
	mach_msg_port_descriptor_t *port = (mach_msg_port_descriptor_t *)(void *)(base + 1);
	for (unsigned i = 0; i < base->body.msgh_descriptor_count; i++)
		port[i].disposition = MACH_MSG_TYPE_PORT_SEND;
}

// An answer that comes later: whoever must run for it runs.
static bool fake_await_answer(mach_msg_header_t *answer)
{
	unsigned before = fake_answers;
	while (fake_idle && fake_answers == before)
		if (!fake_idle())
			break;
	if (fake_answers == before)
		return false;
	memcpy(answer, &fake_answer, fake_answer.head.msgh_size);
	return true;
}

mach_msg_return_t lpc_call(mach_msg_header_t *request, mach_msg_size_t send_size, mach_msg_header_t *reply,
			   mach_msg_size_t receive_limit, mach_msg_timeout_t timeout_ms, unsigned flags)
{
	static union {
		mach_msg_header_t head;
		uint8_t bytes[SERVE_MESSAGE_MAX];
	} in, out;
	mach_port_t to = request->msgh_remote_port;
	if (to >= FAKE_PORTS || !fake_ports[to].rights || fake_ports[to].memory)
		return MACH_SEND_INVALID_DEST;
	while (fake_deaths > 0) {
		fake_deaths--;
		if (!(flags & LPC_IDEMPOTENT))
			return MIG_SERVER_DIED;
	}
	memcpy(&in, request, send_size);
	in.head.msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_MOVE_SEND_ONCE, MACH_MSG_TYPE_PORT_SEND) |
			    (request->msgh_bits & MACH_MSGH_BITS_COMPLEX);
	in.head.msgh_remote_port = FAKE_REPLY;
	in.head.msgh_local_port = FAKE_SEAT;
	in.head.msgh_size = send_size;
	fake_copy_rights(&in.head);
	bool answer = serve_dispatch(fake_server, &in.head, send_size, fake_ports[to].badge, &out.head);
	if (!answer && !fake_await_answer(&out.head))
		return MACH_RCV_TIMED_OUT;
	fake_take_rights(&out.head);
	memcpy(reply, &out, out.head.msgh_size);
	return out.head.msgh_size <= receive_limit ? KERN_SUCCESS : MACH_RCV_TOO_LARGE;
}

kern_return_t lpc_reply_refuse(mach_msg_header_t *reply, kern_return_t why) { return why; }

// To the seat: served at once. To another port: queued there.
mach_msg_return_t lpc_send(mach_msg_header_t *request, mach_msg_size_t send_size, mach_msg_timeout_t timeout_ms,
			   unsigned flags)
{
	static union {
		mach_msg_header_t head;
		uint8_t bytes[SERVE_MESSAGE_MAX];
	} in, out;
	mach_port_t to = request->msgh_remote_port;
	if (to >= FAKE_PORTS || !fake_ports[to].rights || fake_ports[to].memory)
		return MACH_SEND_INVALID_DEST;
	mach_port_t answer = request->msgh_local_port;
	if (answer == MACH_PORT_NULL && fake_lose && fake_lose())
		return KERN_SUCCESS;
	if (to != FAKE_SEAT && fake_ports[to].to != FAKE_SEAT)
		return fake_put(fake_ports[to].to, request->msgh_id, fake_ports[to].badge) ? KERN_SUCCESS : MACH_SEND_TIMED_OUT;
	memcpy(&in, request, send_size);
	in.head.msgh_remote_port = answer;
	in.head.msgh_local_port = FAKE_SEAT;
	fake_copy_rights(&in.head);
	if (!serve_dispatch(fake_server, &in.head, send_size, fake_ports[to].badge, &out.head) || answer == MACH_PORT_NULL)
		return KERN_SUCCESS;
	fake_take_rights(&out.head);
	if (!fake_put_message(answer, &out.head, 0))
		abort();
	return KERN_SUCCESS;
}

static mach_msg_return_t fake_receive(mach_msg_header_t *message, mach_port_t from)
{
	struct fake_port *port = &fake_ports[from];
	if (port->queued == 0 && fake_idle)
		fake_idle();
	if (port->queued == 0)
		return MACH_RCV_TIMED_OUT;
	const struct fake_message *first = &port->queue[0];
	mach_msg_badge_trailer_t trailer = {.msgh_badge = first->badge};
	memcpy(message, first->bytes, first->head.msgh_size);
	memcpy((uint8_t *)message + round_msg(first->head.msgh_size), &trailer, sizeof(trailer));
	port->queued--;
	memmove(&port->queue[0], &port->queue[1], port->queued * sizeof(port->queue[0]));
	return MACH_MSG_SUCCESS;
}

mach_msg_return_t mach_msg(mach_msg_header_t *message, mach_msg_option_t option, mach_msg_size_t send_size,
			   mach_msg_size_t limit, mach_port_name_t from, mach_msg_timeout_t timeout, mach_port_name_t notify)
{
	if (option & MACH_RCV_MSG)
		return fake_receive(message, from);
	if (message->msgh_remote_port >= FAKE_FIRST && message->msgh_remote_port < FAKE_PORTS) {
		fake_take_rights(message);
		return fake_put_message(message->msgh_remote_port, message, 0) ? MACH_MSG_SUCCESS : MACH_SEND_TIMED_OUT;
	}
	memcpy(&fake_answer, message, send_size);
	fake_answers++;
	return MACH_MSG_SUCCESS;
}

// The loop of a server does not run here.
mach_msg_return_t mach_msg_overwrite(mach_msg_header_t *message, mach_msg_option_t option, mach_msg_size_t send_size,
				     mach_msg_size_t limit, mach_port_name_t from, mach_msg_timeout_t timeout,
				     mach_port_name_t notify, mach_msg_header_t *to, mach_msg_size_t to_limit)
{
	abort();
}

void mach_msg_destroy(mach_msg_header_t *message)
{
	if (!(message->msgh_bits & MACH_MSGH_BITS_COMPLEX))
		return;
	mach_msg_base_t *base = (mach_msg_base_t *)(void *)message;
	mach_msg_port_descriptor_t *port = (mach_msg_port_descriptor_t *)(void *)(base + 1);
	for (unsigned i = 0; i < base->body.msgh_descriptor_count; i++)
		gila_port_drop(port[i].name);
}

// ---- <gila/gila.h> -------------------------------------------------------------------------------------------------------

kern_return_t gila_seat(const char *name, mach_port_t *handle)
{
	*handle = FAKE_SEAT;
	return strcmp(name, fake_server->seat) == 0 ? KERN_SUCCESS : KERN_NOT_FOUND;
}
kern_return_t gila_seat_save(mach_port_t memory)
{
	fake_kept = memory;
	return KERN_SUCCESS;
}
kern_return_t gila_seat_recall(mach_port_t *memory)
{
	*memory = fake_kept;
	return fake_kept ? KERN_SUCCESS : KERN_NOT_FOUND;
}
kern_return_t gila_badge_make(mach_port_t receive, uint64_t badge, mach_port_t *send)
{
	*send = fake_new((struct fake_port){.badge = badge, .to = receive});
	return KERN_SUCCESS;
}
kern_return_t gila_badge_watch(mach_port_t receive, uint64_t badge, mach_port_t notify)
{
	fake_watched[fake_watched_count++] = (struct fake_watch){.port = receive, .notify = notify, .badge = badge};
	return KERN_SUCCESS;
}
void gila_check_in(void) {}
kern_return_t gila_seat_sit(const char *name, mach_port_t *port) { return KERN_NOT_SUPPORTED; }
kern_return_t gila_seat_name(char name[SEAT_NAME_MAX + 1]) { return KERN_NOT_FOUND; }
kern_return_t gila_port_make(mach_port_t *receive) { return gila_port_make_deep(MACH_PORT_QLIMIT_BASIC, receive); }
kern_return_t gila_set_make(mach_port_t *set) { return gila_port_make_deep(0, set); }
void gila_port_drop_receive(mach_port_t name)
{
	for (unsigned i = 0; name < FAKE_PORTS && i < fake_ports[name].queued; i++)
		mach_msg_destroy(&fake_ports[name].queue[i].head);
	if (name < FAKE_PORTS)
		fake_ports[name].queued = 0;
	gila_port_drop(name);
}
kern_return_t gila_port_make_deep(mach_port_msgcount_t limit, mach_port_t *receive)
{
	*receive = fake_new((struct fake_port){0});
	return KERN_SUCCESS;
}
kern_return_t gila_set_add(mach_port_t set, mach_port_t receive) { return KERN_SUCCESS; }
kern_return_t gila_port_copy(mach_port_t send)
{
	fake_ports[send].rights++;
	return KERN_SUCCESS;
}
// Memory goes with its last right or map.
static void fake_memory_end(struct fake_port *port)
{
	if (port->rights > 0 || port->maps > 0)
		return;
	if (!port->mapped)
		free(port->memory);
	port->memory = NULL;
}
void gila_port_drop(mach_port_t name)
{
	if (name < FAKE_FIRST || name >= FAKE_PORTS)
		return;
	if (fake_ports[name].rights == 0)
		abort(); // dropped twice
	fake_ports[name].rights--;
	fake_memory_end(&fake_ports[name]);
}
void gila_port_drop_many(mach_port_t send, uint32_t count)
{
	for (; count > 0; count--)
		gila_port_drop(send);
}
kern_return_t gila_memory_make(uint64_t size, mach_port_t *memory)
{
	size = (size + 4095) / 4096 * 4096;
	*memory = fake_new((struct fake_port){.memory = calloc(1, size), .size = size});
	return KERN_SUCCESS;
}
static bool fake_inside(mach_port_t memory, uint64_t offset, uint64_t size)
{
	struct fake_port *port = &fake_ports[memory];
	return memory < FAKE_PORTS && port->memory && offset <= port->size && size <= port->size - offset;
}
kern_return_t gila_memory_get(mach_port_t memory, uint64_t offset, void *to, size_t size)
{
	if (!fake_inside(memory, offset, size))
		return KERN_INVALID_ARGUMENT;
	memcpy(to, fake_ports[memory].memory + offset, size);
	return KERN_SUCCESS;
}
kern_return_t gila_memory_put(mach_port_t memory, uint64_t offset, const void *from, size_t size)
{
	if (!fake_inside(memory, offset, size))
		return KERN_INVALID_ARGUMENT;
	memcpy(fake_ports[memory].memory + offset, from, size);
	return KERN_SUCCESS;
}
kern_return_t gila_memory_bytes(mach_port_t memory, uint64_t *size)
{
	*size = fake_ports[memory].size;
	return KERN_SUCCESS;
}
kern_return_t gila_memory_fix(mach_port_t memory)
{
	if (memory >= FAKE_PORTS || !fake_ports[memory].memory)
		return KERN_INVALID_CAPABILITY;
	fake_ports[memory].fixed = true;
	return KERN_SUCCESS;
}
kern_return_t gila_memory_grow(mach_port_t memory, uint64_t size)
{
	struct fake_port *port = &fake_ports[memory];
	if (port->fixed)
		return KERN_PROTECTION_FAILURE;
	port->memory = realloc(port->memory, size);
	memset(port->memory + port->size, 0, size - port->size);
	port->size = size;
	return KERN_SUCCESS;
}
kern_return_t gila_map(mach_port_t memory, uint64_t offset, uint64_t size, vm_prot_t prot, void **address)
{
	*address = fake_ports[memory].memory + offset;
	fake_ports[memory].maps++;
	return KERN_SUCCESS;
}
void gila_unmap(void *address, uint64_t size)
{
	for (mach_port_t i = FAKE_FIRST; i < FAKE_PORTS; i++) {
		struct fake_port *port = &fake_ports[i];
		if (!port->memory || (uint8_t *)address < port->memory || (uint8_t *)address >= port->memory + port->size)
			continue;
		port->maps--;
		fake_memory_end(port);
		return;
	}
}
uint64_t gila_time(void) { return fake_now ? fake_now : fake_time; }
int sched_yield(void) { return 0; } // whoever spins (block/spin.h) is alone in the process: there is nobody to wait for
int64_t gila_time_calendar(void) { return fake_calendar; }
void gila_logf(const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	if (getenv("FAKE_LOG")) {
		vprintf(format, arguments);
		printf("\n");
	}
	va_end(arguments);
}

#endif
