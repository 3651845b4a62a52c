// SPDX-License-Identifier: MIT
// What a record of the kernel's trace says, in words and as JSON; and the words for states and reasons of seats.
//
// Records come from the monitor (trace.c) or, in tests, from tables; <gila/monitor.h> says what a to d mean in each. Their texts
// must be terminated.
#ifndef CLI_EVENT_H
#define CLI_EVENT_H

#include "json.h"
#include "text.h"

#include <gila/monitor.h>
#include <stdint.h>

const char *event_kind_name(uint32_t kind);
// The name of a trap, or of the request or reply that has a message id ("read", "read reply", "notify no-senders"),
// in `out`; "trap N", "message N" when it is not known. Returns `out`.
#define EVENT_NAME_ROOM 64
const char *event_trap_name(char out[EVENT_NAME_ROOM], uint64_t number);
const char *event_message_name(char out[EVENT_NAME_ROOM], uint64_t id);
// What happened, without time and place: "send file.read to port 12, 84 bytes".
void event_describe(const struct monitor_trace *event, struct text *out);
// One object with everything that the kind has.
void event_json(const struct monitor_trace *event, struct json *json);
// "vacant", ...
const char *seat_state_word(uint32_t state);
// "exit 3", "signal 9", "no answer", ...; "" for none.
const char *seat_reason_words(char out[EVENT_NAME_ROOM], uint32_t reason, int32_t code);

#endif
