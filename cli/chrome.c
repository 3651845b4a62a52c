// SPDX-License-Identifier: MIT
// Trace events for Chrome and Perfetto; see chrome.h.
#include "chrome.h"

#include <inttypes.h>
#include <mach/notify.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static size_t thread_slot(const struct chrome *chrome, uint32_t thread)
{
	size_t slot = (thread * UINT32_C(2654435761)) & (chrome->room - 1); // Knuth's multiplicative hash
	while (chrome->threads[slot].used && chrome->threads[slot].thread != thread)
		slot = (slot + 1) & (chrome->room - 1);
	return slot;
}

static void threads_grow(struct chrome *chrome)
{
	struct chrome_thread *old = chrome->threads;
	size_t room = chrome->room;
	chrome->room = room ? room * 2 : 64;
	chrome->threads = memory_get(chrome->room * sizeof(*old));
	memset(chrome->threads, 0, chrome->room * sizeof(*old));
	for (size_t i = 0; i < room; i++)
		if (old[i].used)
			chrome->threads[thread_slot(chrome, old[i].thread)] = old[i];
	free(old);
}

// ---- Records of the format -----------------------------------------------------------------------------------------

static void put_begin(struct chrome *chrome, const char *phase, const char *name, uint32_t task, uint32_t thread,
		      uint64_t time)
{
	struct json *json = &chrome->json;
	json_object(json, NULL);
	json_string(json, "ph", phase);
	json_string(json, "name", name);
	json_number(json, "pid", task);
	json_number(json, "tid", thread);
	json_micros(json, "ts", time);
}

static void put_end(struct chrome *chrome)
{
	json_end(&chrome->json);
	text_add_byte(chrome->json.out, '\n'); // a record a line
}

// A slice; the caller adds members of "args" and calls put_end twice.
static void put_slice(struct chrome *chrome, const struct chrome_thread *thread, const char *category, const char *name,
		      uint64_t from, uint64_t to)
{
	put_begin(chrome, "X", name, thread->task, thread->thread, from);
	json_string(&chrome->json, "cat", category);
	json_micros(&chrome->json, "dur", to > from ? to - from : 0);
	json_object(&chrome->json, "args");
}

static void put_slice_end(struct chrome *chrome)
{
	json_end(&chrome->json);
	put_end(chrome);
}

static void put_name(struct chrome *chrome, const char *what, uint32_t task, uint32_t thread, const char *name)
{
	struct json *json = &chrome->json;
	json_object(json, NULL);
	json_string(json, "ph", "M");
	json_string(json, "name", what);
	json_number(json, "pid", task);
	json_number(json, "tid", thread);
	json_object(json, "args");
	json_string(json, "name", name);
	json_end(json);
	put_end(chrome);
}

static void put_instant(struct chrome *chrome, const struct monitor_trace *event, const char *scope, const char *name)
{
	put_begin(chrome, "i", name, event->task, event->thread, event->time);
	json_string(&chrome->json, "s", scope);
	put_end(chrome);
}

static void put_id(struct chrome *chrome, uint64_t number)
{
	char id[24];
	snprintf(id, sizeof(id), "0x%" PRIx64, number);
	json_string(&chrome->json, "id", id);
}

static void put_flow(struct chrome *chrome, const struct monitor_trace *event, const char *phase, uint64_t flow)
{
	char name[EVENT_NAME_ROOM];
	put_begin(chrome, phase, event_message_name(name, event->a), event->task, event->thread, event->time);
	json_string(&chrome->json, "cat", "message");
	put_id(chrome, flow);
	if (*phase == 'f')
		json_string(&chrome->json, "bp", "e");
	put_end(chrome);
}

// ---- Messages in flight --------------------------------------------------------------------------------------------

static void flight_take(struct chrome *chrome, size_t at)
{
	chrome->flight_count--;
	memmove(chrome->flights + at, chrome->flights + at + 1,
		(chrome->flight_count - at) * sizeof(chrome->flights[0]));
}

// A message leaves: returns the number of its arrow.
static uint64_t flight_begin(struct chrome *chrome, const struct monitor_trace *event)
{
	if (chrome->flight_count == CHROME_FLIGHT)
		flight_take(chrome, 0);
	chrome->flights[chrome->flight_count++] = (struct chrome_flight){event->b, event->a, ++chrome->flows};
	return chrome->flows;
}

// It arrives: the arrow that it left with; 0: that was not seen.
static uint64_t flight_end(struct chrome *chrome, const struct monitor_trace *event)
{
	for (size_t i = 0; i < chrome->flight_count; i++)
		if (chrome->flights[i].port == event->b && chrome->flights[i].id == event->a) {
			uint64_t flow = chrome->flights[i].flow;
			flight_take(chrome, i);
			return flow;
		}
	return 0;
}

// ---- Threads -------------------------------------------------------------------------------------------------------

static struct chrome_thread *thread_of(struct chrome *chrome, const struct monitor_trace *event)
{
	if (chrome->used * 2 >= chrome->room)
		threads_grow(chrome);
	struct chrome_thread *thread = &chrome->threads[thread_slot(chrome, event->thread)];
	if (!thread->used) {
		char name[32];
		*thread = (struct chrome_thread){.used = true, .thread = event->thread, .task = event->task};
		chrome->used++;
		snprintf(name, sizeof(name), "thread %u", event->thread);
		put_name(chrome, "thread_name", event->task, event->thread, name);
	}
	return thread;
}

static void trap_begins(struct chrome_thread *thread, const struct monitor_trace *event)
{
	thread->in_trap = true;
	thread->traps++;
	thread->trap_number = event->a;
	thread->trap_argument = event->b;
	thread->trap_time = event->time;
}

static void trap_ends(struct chrome *chrome, struct chrome_thread *thread, uint64_t time, const uint64_t *result)
{
	char name[EVENT_NAME_ROOM];
	if (!thread->in_trap)
		return;
	put_slice(chrome, thread, "trap", event_trap_name(name, thread->trap_number), thread->trap_time, time);
	json_number(&chrome->json, "argument", thread->trap_argument);
	if (result)
		json_number(&chrome->json, "result", *result);
	else
		json_bool(&chrome->json, "unfinished", true);
	put_slice_end(chrome);
	thread->in_trap = false;
}

// ---- Messages ------------------------------------------------------------------------------------------------------

static void message_push(struct chrome_message list[CHROME_OPEN], unsigned *count, const struct monitor_trace *event,
			 const struct chrome_thread *thread, uint64_t flow)
{
	if (*count == CHROME_OPEN) {
		memmove(list, list + 1, (CHROME_OPEN - 1) * sizeof(*list));
		--*count;
	}
	list[(*count)++] = (struct chrome_message){event->a, event->time, thread->traps, flow};
}

// Takes the newest request that the event answers off the list. A send-once notification answers any. False: none.
static bool message_pop(struct chrome_message list[CHROME_OPEN], unsigned *count, const struct monitor_trace *event,
			struct chrome_message *found)
{
	for (unsigned i = *count; i-- > 0;) {
		if (event->a != MACH_NOTIFY_SEND_ONCE && list[i].id + 100 != event->a)
			continue;
		*found = list[i];
		memmove(list + i, list + i + 1, (*count - i - 1) * sizeof(*list));
		--*count;
		return true;
	}
	return false;
}

static void put_call(struct chrome *chrome, const struct chrome_thread *thread, const struct chrome_message *call,
		     const struct monitor_trace *end, bool died)
{
	char name[EVENT_NAME_ROOM];
	event_message_name(name, call->id);
	if (thread->in_trap && call->trap == thread->traps) {
		put_slice(chrome, thread, "call", name, call->time, end->time);
		json_number(&chrome->json, "message", call->flow);
		if (died)
			json_bool(&chrome->json, "server_died", true);
		put_slice_end(chrome);
		return;
	}
	for (int i = 0; i < 2; i++) {
		put_begin(chrome, i ? "e" : "b", name, thread->task, thread->thread, i ? end->time : call->time);
		json_string(&chrome->json, "cat", "call");
		put_id(chrome, call->flow);
		put_end(chrome);
	}
}

static void put_serve(struct chrome *chrome, const struct chrome_thread *thread, const struct chrome_message *request,
		      const struct monitor_trace *reply)
{
	char name[EVENT_NAME_ROOM];
	bool left = thread->in_trap && request->trap != thread->traps; // it was in user mode in between
	uint64_t from = left && thread->user_time >= request->time ? thread->user_time : request->time;
	put_slice(chrome, thread, "serve", event_message_name(name, request->id), from,
		  left ? thread->trap_time : reply->time);
	json_number(&chrome->json, "message", request->flow);
	put_slice_end(chrome);
}

static void message_sent(struct chrome *chrome, struct chrome_thread *thread, const struct monitor_trace *event)
{
	struct chrome_message request;
	uint64_t flow = flight_begin(chrome, event);
	put_flow(chrome, event, "s", flow);
	if (message_pop(thread->serves, &thread->serve_count, event, &request))
		put_serve(chrome, thread, &request, event);
	else
		message_push(thread->calls, &thread->call_count, event, thread, flow);
}

static void message_received(struct chrome *chrome, struct chrome_thread *thread, const struct monitor_trace *event)
{
	struct chrome_message call;
	uint64_t flow = flight_end(chrome, event);
	if (flow)
		put_flow(chrome, event, "f", flow);
	if (message_pop(thread->calls, &thread->call_count, event, &call))
		put_call(chrome, thread, &call, event, event->a == MACH_NOTIFY_SEND_ONCE);
	else
		message_push(thread->serves, &thread->serve_count, event, thread, flow);
}

// ---- The document --------------------------------------------------------------------------------------------------

void chrome_begin(struct chrome *chrome, struct text *out)
{
	*chrome = (struct chrome){.json = {.out = out}};
	json_object(&chrome->json, NULL);
	json_string(&chrome->json, "displayTimeUnit", "ns");
	json_array(&chrome->json, "traceEvents");
	text_add_byte(out, '\n');
}

void chrome_name(struct chrome *chrome, uint32_t task, const char *name)
{
	put_name(chrome, "process_name", task, 0, name);
}

static void seat_changed(struct chrome *chrome, const struct monitor_trace *event)
{
	struct text name = {0};
	event_describe(event, &name);
	put_instant(chrome, event, "g", text_string(&name));
	text_free(&name);
}

// Its threads are in no trap any more.
static void task_ended(struct chrome *chrome, const struct monitor_trace *event)
{
	for (size_t i = 0; i < chrome->room; i++)
		if (chrome->threads[i].used && chrome->threads[i].task == event->a)
			trap_ends(chrome, &chrome->threads[i], event->time, NULL);
}

void chrome_event(struct chrome *chrome, const struct monitor_trace *event)
{
	struct chrome_thread *thread = thread_of(chrome, event);
	chrome->last_time = event->time;
	switch (event->event) {
	case MONITOR_EVENT_TRAP_ENTER:
		trap_ends(chrome, thread, event->time, NULL);
		trap_begins(thread, event);
		break;
	case MONITOR_EVENT_TRAP_EXIT:
		trap_ends(chrome, thread, event->time, &event->b);
		thread->user_time = event->time;
		break;
	case MONITOR_EVENT_SEND:
		message_sent(chrome, thread, event);
		break;
	case MONITOR_EVENT_RECEIVE:
		message_received(chrome, thread, event);
		break;
	case MONITOR_EVENT_TASK_START:
		chrome_name(chrome, (uint32_t)event->a, event->text);
		seat_changed(chrome, event);
		break;
	case MONITOR_EVENT_TASK_END:
		task_ended(chrome, event);
		__attribute__((fallthrough));
	case MONITOR_EVENT_SEAT_STATE:
	case MONITOR_EVENT_SEAT_LOOKUP:
		seat_changed(chrome, event);
		break;
	default:
		break;
	}
}

void chrome_lost(struct chrome *chrome, uint64_t count)
{
	char name[48];
	snprintf(name, sizeof(name), "%" PRIu64 " records lost", count);
	put_instant(chrome, &(struct monitor_trace){.time = chrome->last_time}, "g", name);
}

void chrome_end(struct chrome *chrome)
{
	for (size_t i = 0; i < chrome->room; i++)
		if (chrome->threads[i].used)
			trap_ends(chrome, &chrome->threads[i], chrome->last_time, NULL);
	json_end(&chrome->json);
	json_end(&chrome->json);
	free(chrome->threads);
	*chrome = (struct chrome){0};
}
