// SPDX-License-Identifier: MIT
// Trace records in words; see event.h. Names come from the generated dictionary (<gila/decode.h>).
#include "event.h"

#include <gila/decode.h>
#include <gila/device.h>
#include <gila/error.h>
#include <gila/seat.h>
#include <mach/notify.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

const char *event_kind_name(uint32_t kind)
{
	static const char *const names[] = {"none",	    "trap",	"trap-exit",  "send",	     "receive",
					    "task-start", "task-end", "seat-state", "seat-lookup", "switch",
					    "interrupt"};
	return kind < sizeof(names) / sizeof(names[0]) ? names[kind] : "unknown";
}

static const struct decode_entry *entry_find(const struct decode_entry *entries, size_t count, uint64_t number)
{
	size_t low = 0, high = count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (entries[middle].number < number)
			low = middle + 1;
		else
			high = middle;
	}
	return low < count && entries[low].number == number ? &entries[low] : NULL;
}

const char *event_trap_name(char out[EVENT_NAME_ROOM], uint64_t number)
{
	const struct decode_entry *entry = entry_find(decode_table.traps, decode_table.trap_count, number);
	if (entry)
		snprintf(out, EVENT_NAME_ROOM, "%s", entry->name);
	else
		snprintf(out, EVENT_NAME_ROOM, "trap %" PRIu64, number);
	return out;
}

static const char *notification_name(uint64_t id)
{
	switch (id) {
	case MACH_NOTIFY_PORT_DELETED:
		return "notify port-deleted";
	case MACH_NOTIFY_SEND_POSSIBLE:
		return "notify send-possible";
	case MACH_NOTIFY_PORT_DESTROYED:
		return "notify port-destroyed";
	case MACH_NOTIFY_NO_SENDERS:
		return "notify no-senders";
	case MACH_NOTIFY_SEND_ONCE:
		return "notify send-once";
	case MACH_NOTIFY_DEAD_NAME:
		return "notify dead-name";
	case SEAT_PING_ID:
		return "heartbeat ping";
	case SEAT_PONG_ID:
		return "heartbeat answer";
	case SEAT_EVENT_ID:
		return "seat event";
	case DEVICE_INTERRUPT_ID:
		return "interrupt";
	default:
		return NULL;
	}
}

const char *event_message_name(char out[EVENT_NAME_ROOM], uint64_t id)
{
	const struct decode_entry *routines = decode_table.routines, *entry;
	const char *known = notification_name(id);
	if (known)
		snprintf(out, EVENT_NAME_ROOM, "%s", known);
	else if ((entry = entry_find(routines, decode_table.routine_count, id)))
		snprintf(out, EVENT_NAME_ROOM, "%s.%s", entry->set, entry->name);
	else if (id >= 100 && (entry = entry_find(routines, decode_table.routine_count, id - 100)))
		snprintf(out, EVENT_NAME_ROOM, "%s.%s reply", entry->set, entry->name);
	else
		snprintf(out, EVENT_NAME_ROOM, "message %" PRIu64, id);
	return out;
}

const char *seat_state_word(uint32_t state)
{
	static const char *const words[] = {"?",	   "vacant",   "starting", "occupied",
					    "backing off", "disabled", "removed"};
	return state < sizeof(words) / sizeof(words[0]) ? words[state] : words[0];
}

const char *seat_reason_words(char out[EVENT_NAME_ROOM], uint32_t reason, int32_t code)
{
	static const char *const words[] = {
		[SEAT_REASON_NONE] = "",
		[SEAT_REASON_START_TIMEOUT] = "took too long to start",
		[SEAT_REASON_HEARTBEAT] = "did not answer",
		[SEAT_REASON_LEFT] = "left its seat",
		[SEAT_REASON_STOPPED] = "stopped",
		[SEAT_REASON_PROTOCOL] = "broke the protocol",
	};
	if (reason == SEAT_REASON_EXIT)
		snprintf(out, EVENT_NAME_ROOM, "exit %d", code);
	else if (reason == SEAT_REASON_SIGNAL)
		snprintf(out, EVENT_NAME_ROOM, "signal %d", code);
	else if (reason == SEAT_REASON_LOAD)
		snprintf(out, EVENT_NAME_ROOM, "not launched: %s", gila_error_text(code));
	else if (reason < sizeof(words) / sizeof(words[0]))
		snprintf(out, EVENT_NAME_ROOM, "%s", words[reason]);
	else
		snprintf(out, EVENT_NAME_ROOM, "reason %u", reason);
	return out;
}

static const char *death_word(uint64_t why)
{
	static const char *const words[] = {"exit", "signal", "not loaded:", "broke the protocol:"}; // enum kern_death
	return why < sizeof(words) / sizeof(words[0]) ? words[why] : "?";
}

void event_describe(const struct monitor_trace *event, struct text *out)
{
	char name[EVENT_NAME_ROOM];
	switch (event->event) {
	case MONITOR_EVENT_TRAP_ENTER:
		text_format(out, "trap %s(0x%" PRIx64 ", ...)", event_trap_name(name, event->a), event->b);
		break;
	case MONITOR_EVENT_TRAP_EXIT:
		text_format(out, "trap %s = 0x%" PRIx64, event_trap_name(name, event->a), event->b);
		break;
	case MONITOR_EVENT_SEND:
	case MONITOR_EVENT_RECEIVE:
		text_format(out, "%s %s %s port %" PRIu64 ", %u bytes", event_kind_name(event->event),
			    event_message_name(name, event->a), event->event == MONITOR_EVENT_SEND ? "to" : "at", event->b,
			    event->c);
		break;
	case MONITOR_EVENT_INTERRUPT:
		text_format(out, "interrupt of line %" PRIu64, event->a);
		break;
	case MONITOR_EVENT_TASK_START:
		text_format(out, "task %" PRIu64 " starts: ", event->a);
		text_add_clean(out, event->text);
		break;
	case MONITOR_EVENT_TASK_END:
		text_format(out, "task %" PRIu64 " (", event->a);
		text_add_clean(out, event->text);
		text_format(out, ") ends: %s %d", death_word(event->b), (int32_t)event->c);
		break;
	case MONITOR_EVENT_SEAT_STATE:
	case MONITOR_EVENT_SEAT_LOOKUP:
		text_add(out, "seat ");
		text_add_clean(out, event->text);
		text_format(out, " %s",
			    event->event == MONITOR_EVENT_SEAT_STATE ? seat_state_word((uint32_t)event->b) : "is looked up");
		break;
	default:
		text_format(out, "%s %" PRIu64 " %" PRIu64, event_kind_name(event->event), event->a, event->b);
		break;
	}
}

static void event_json_details(const struct monitor_trace *event, struct json *json)
{
	char name[EVENT_NAME_ROOM];
	switch (event->event) {
	case MONITOR_EVENT_TRAP_ENTER:
	case MONITOR_EVENT_TRAP_EXIT:
		json_number(json, "number", event->a);
		json_string(json, "name", event_trap_name(name, event->a));
		json_number(json, event->event == MONITOR_EVENT_TRAP_ENTER ? "argument" : "result", event->b);
		break;
	case MONITOR_EVENT_SEND:
	case MONITOR_EVENT_RECEIVE:
		json_number(json, "id", event->a);
		json_string(json, "name", event_message_name(name, event->a));
		json_number(json, "port", event->b);
		json_number(json, "size", event->c);
		break;
	case MONITOR_EVENT_TASK_START:
		json_number(json, "subject", event->a);
		json_string(json, "name", event->text);
		break;
	case MONITOR_EVENT_TASK_END:
		json_number(json, "subject", event->a);
		json_string(json, "name", event->text);
		json_number(json, "why", event->b);
		json_signed(json, "code", (int32_t)event->c);
		break;
	case MONITOR_EVENT_SEAT_STATE:
		json_string(json, "state", seat_state_word((uint32_t)event->b));
		__attribute__((fallthrough));
	case MONITOR_EVENT_SEAT_LOOKUP:
		json_number(json, "seat", event->a);
		json_string(json, "name", event->text);
		break;
	default:
		json_number(json, "a", event->a);
		json_number(json, "b", event->b);
		break;
	}
}

void event_json(const struct monitor_trace *event, struct json *json)
{
	json_object(json, NULL);
	json_number(json, "time", event->time);
	json_number(json, "sequence", event->sequence);
	json_number(json, "cpu", event->cpu);
	json_number(json, "task", event->task);
	json_number(json, "thread", event->thread);
	json_string(json, "event", event_kind_name(event->event));
	event_json_details(event, json);
	json_end(json);
}
