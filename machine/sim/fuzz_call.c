// SPDX-License-Identifier: MIT
// Traps and routines of the generated grammar, with parameters that the details of a record may spoil; see fuzz.h.
#include "fuzz.h"

#include <abi/trap_numbers.h>
#include <abi/traps.h>
#include <kernel/task/task.h>
#include <mach/mig_errors.h>
#include <mach/ndr.h>
#include <stdlib.h>
#include <string.h>

#define TIMEOUT 20u // ms, of calls to the kernel
#define UNKNOWN_TRAP 0x8000u // in a selection: the other bits are the number, whatever it is
#define SHUTDOWN_ID 72010
#define KILL_ID 72009

struct fuzz_count *fuzz_trap_counts, *fuzz_message_counts;

// ---- Traps ----------------------------------------------------------------------------------------------------------

// The end of the machine would be the end of the fuzzing.
static bool would_end_machine(unsigned number, const uint64_t *words)
{
	struct {
		mach_msg_header_t head;
		NDR_record_t ndr;
		uint32_t argument;
	} message;
	if (number == TRAP_task_for_pid)
		return (uint32_t)words[1] == fuzz.init_id;
	if (number != TRAP_mach_msg_trap && number != TRAP_mach_msg_overwrite_trap)
		return false;
	if (!(words[1] & MACH_SEND_MSG) || !fuzz_peek(words[0], &message.head, sizeof(message.head)))
		return false;
	if (message.head.msgh_id == SHUTDOWN_ID)
		return true;
	return message.head.msgh_id == KILL_ID && fuzz_peek(words[0], &message, sizeof(message)) &&
	       message.argument == fuzz.init_id;
}

// A result is a name or a number, not a kern_return_t alone.
static bool returns_value(const char *name)
{
	static const char *const parts[] = {"_self_trap", "reply_port", "_create", "mint", "lookup", "take",
					    "kept",       "clone",      "y_size",  "get_time", "_id"};
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++)
		if (strstr(name, parts[i]))
			return true;
	return false;
}

static bool succeeded(const char *name, uint64_t result)
{
	if (!returns_value(name))
		return (uint32_t)result == 0;
	return result != 0 && result >> 32 == 0;
}

uint64_t fuzz_call_trap(struct fuzz_actor *actor, unsigned number, const uint64_t words[KERN_TRAP_ARGUMENTS])
{
	uint64_t w[KERN_TRAP_ARGUMENTS];
	for (unsigned i = 0; i < KERN_TRAP_ARGUMENTS; i++)
		w[i] = fuzz_tame(words[i]);
	if (fuzz.ending)
		sim_pause();
	if (would_end_machine(number, w))
		return (uint64_t)KERN_DENIED;
	size_t at = 0;
	while (at < grammar_table.trap_count && grammar_table.traps[at].number != number)
		at++;
	if (at < grammar_table.trap_count)
		fuzz_trap_counts[at].calls++;
	uint64_t result = gila_trap(number, w[0], w[1], w[2], w[3], w[4], w[5], w[6], w[7], w[8]);
	if (at < grammar_table.trap_count && succeeded(grammar_table.traps[at].name, result))
		fuzz_trap_counts[at].successes++;
	return result;
}

static uint64_t guessed(struct fuzz_actor *actor, const struct fuzz_guess *guess)
{
	struct fuzz_bytes none = {NULL, 0};
	const struct fuzz_task *peer = &fuzz.tasks[(actor->task->number + 1) % fuzz.task_count];
	switch (guess->kind) {
	case GUESS_PLACE:
		return fuzz_place(actor, &none) + guess->number * MD_PAGE_SIZE;
	case GUESS_TIME:
		return sim.clock + 1000;
	case GUESS_TASK_ID:
		return peer->task ? peer->task->id : 0;
	case GUESS_SEAT_ID:
		return fuzz.next_seat;
	case GUESS_NUMBER:
		return guess->number;
	case GUESS_RIGHT:
		return fuzz_name_of(actor, (enum fuzz_right)guess->number);
	default:
		return 0;
	}
}

static uint64_t value(struct fuzz_actor *actor, struct fuzz_bytes *bytes, const struct fuzz_guess *guess)
{
	uint8_t how = fuzz_u8(bytes);
	if (how == 0)
		return guessed(actor, guess);
	if (how < 24)
		return guessed(actor, guess) ^ UINT64_C(1) << how;
	if (how < 32)
		return guessed(actor, guess) - 4 + how - 24;
	if (guess->kind == GUESS_PLACE)
		return fuzz_place(actor, bytes);
	return guess->kind == GUESS_TIME ? sim.clock + fuzz_number(bytes) : fuzz_number(bytes);
}

static bool is_user(const struct grammar_field *field)
{
	return field->kind == GRAMMAR_USER_IN || field->kind == GRAMMAR_USER_OUT || field->kind == GRAMMAR_USER_INOUT;
}

static uint64_t user_word(struct fuzz_actor *actor, const char *call, const struct grammar_field *field, unsigned index,
			  const uint64_t *words, struct fuzz_bytes *bytes)
{
	struct fuzz_guess guess = fuzz_guess(call, field, index);
	uint8_t content[64] = {0};
	uint64_t number;
	size_t size = field->size;
	if (field->related >= 0)
		size = words[field->related] < FUZZ_BUFFER / 2 ? words[field->related] : FUZZ_BUFFER / 2;
	switch (guess.kind) {
	case GUESS_BYTES:
		if (guess.bytes)
			memcpy(content, guess.bytes, guess.size < sizeof(content) ? guess.size : sizeof(content));
		break;
	case GUESS_NUMBER:
	case GUESS_PLACE:
		number = value(actor, bytes, &guess);
		number = fuzz_tame(number);
		memcpy(content, &number, sizeof(number));
		break;
	default:
		return fuzz_user(actor, bytes, size, NULL);
	}
	return fuzz_user(actor, bytes, size, size <= sizeof(content) ? content : NULL);
}

static const struct grammar_trap *trap_choose(uint16_t select)
{
	for (size_t i = 0; i < grammar_table.trap_count; i++)
		if (grammar_table.traps[i].number == select)
			return &grammar_table.traps[i];
	return &grammar_table.traps[select % grammar_table.trap_count];
}

// What a trap that was successful has made.
static void take_result(struct fuzz_actor *actor, const char *name, uint64_t result)
{
	static const struct {
		const char *part;
		enum fuzz_right right;
	} makers[] = {{"port_mint", FUZZ_BADGED},
		      {"semaphore_create", FUZZ_SEMAPHORE},
		      {"memory_create", FUZZ_MEMORY},
		      {"timer_create", FUZZ_TIMER},
		      {"reply_port", FUZZ_REPLY},
		      {"seat_take", FUZZ_REPLY},
		      {"seat_lookup", FUZZ_SEAT},
		      {"seat_kept", FUZZ_MEMORY}};
	for (size_t i = 0; i < sizeof(makers) / sizeof(*makers); i++)
		if (strstr(name, makers[i].part) && succeeded(name, result))
			fuzz_name_add(actor, makers[i].right, (mach_port_name_t)result);
}

void fuzz_act_trap(struct fuzz_actor *actor, struct fuzz_record *record)
{
	struct fuzz_bytes *bytes = &record->bytes;
	const struct grammar_trap *trap = trap_choose(record->select);
	uint64_t words[KERN_TRAP_ARGUMENTS] = {0};
	if (record->select & UNKNOWN_TRAP) {
		fuzz_call_trap(actor, record->select & (UNKNOWN_TRAP - 1), words);
		return;
	}
	if (trap->number == TRAP_mach_msg_trap || trap->number == TRAP_mach_msg_overwrite_trap) {
		record->select = trap->number == TRAP_mach_msg_trap ? 0 : 0x8000;
		fuzz_act_message(actor, record);
		return;
	}
	for (unsigned i = 0; i < trap->count; i++) {
		const struct grammar_field *field = &trap->arguments[i];
		struct fuzz_guess guess = fuzz_guess(trap->name, field, i);
		if (field->kind == GRAMMAR_NAME)
			words[i] = fuzz_name(actor, bytes,
					     guess.kind == GUESS_RIGHT ? (enum fuzz_right)guess.number : FUZZ_RIGHTS);
		else if (!is_user(field))
			words[i] = value(actor, bytes, &guess);
	}
	for (unsigned i = 0; i < trap->count; i++)
		if (is_user(&trap->arguments[i]))
			words[i] = user_word(actor, trap->name, &trap->arguments[i], i, words, bytes);
	take_result(actor, trap->name, fuzz_call_trap(actor, trap->number, words));
}

// ---- Routines -------------------------------------------------------------------------------------------------------

struct composer {
	struct fuzz_actor *actor;
	struct fuzz_bytes *bytes;
	const char *call;
	uint8_t *start;
	size_t size;
};

static void put(struct composer *to, const void *data, size_t size)
{
	if (size > FUZZ_BUFFER - to->size)
		size = FUZZ_BUFFER - to->size;
	if (data)
		memcpy(to->start + to->size, data, size);
	else
		memset(to->start + to->size, 0, size);
	to->size += size;
}

static void put_u32(struct composer *to, uint32_t word) { put(to, &word, sizeof(word)); }

static void put_padding(struct composer *to) { put(to, NULL, -to->size & 3); }

static mach_port_name_t right_of(struct composer *to, const struct fuzz_guess *guess, unsigned disposition)
{
	enum fuzz_right likely = guess->kind == GUESS_RIGHT ? (enum fuzz_right)guess->number : FUZZ_RECEIVE_RIGHT;
	if (disposition == MACH_MSG_TYPE_MOVE_SEND_ONCE)
		likely = FUZZ_SEND_ONCE;
	return fuzz_name(to->actor, to->bytes, likely);
}

static void put_descriptor(struct composer *to, const struct grammar_field *field, unsigned index, uint32_t *count)
{
	struct fuzz_guess guess = fuzz_guess(to->call, field, index);
	unsigned disposition = field->disposition ? field->disposition
			       : strcmp(field->name, "poly") ? MACH_MSG_TYPE_MAKE_SEND_ONCE
							     : MACH_MSG_TYPE_MAKE_SEND;
	if (field->kind == GRAMMAR_PORT) {
		mach_msg_port_descriptor_t port = {.disposition = disposition, .type = MACH_MSG_PORT_DESCRIPTOR};
		port.name = right_of(to, &guess, disposition);
		*count = 1;
		put(to, &port, sizeof(port));
		return;
	}
	bool ports = field->kind == GRAMMAR_PORTS;
	uint32_t names[8];
	*count = fuzz_u8(to->bytes) % 8 + (ports ? 0 : 16);
	for (uint32_t i = 0; ports && i < *count; i++)
		names[i] = right_of(to, &guess, disposition);
	uint8_t how = fuzz_u8(to->bytes);
	size_t size = ports ? *count * sizeof(*names) : *count * field->size;
	mach_msg_ool_ports_descriptor64_t ool = {
		.address = fuzz_user(to->actor, to->bytes, size, ports ? names : NULL) + (how & 1 ? 1 : 0),
		.copy = how >> 1 & 3,
		.deallocate = how >> 3 & 1,
		.disposition = ports ? disposition : 0,
		.type = ports ? MACH_MSG_OOL_PORTS_DESCRIPTOR : MACH_MSG_OOL_DESCRIPTOR,
		.count = ports ? *count : (uint32_t)size};
	put(to, &ool, sizeof(ool));
}

static void put_array(struct composer *to, const struct grammar_field *field, const struct fuzz_guess *guess)
{
	uint8_t how = fuzz_u8(to->bytes);
	uint64_t count = guess->kind == GUESS_BYTES ? guess->size / field->size : how & 7;
	bool string = field->kind == GRAMMAR_STRING;
	if (how >= 128)
		count = how == 255 ? field->limit + 1 : fuzz_number(to->bytes) % (field->limit + 2);
	if (string) {
		put_u32(to, 0);
		count += count == 0;
	}
	put_u32(to, (uint32_t)count);
	size_t start = to->size, size = count * field->size;
	put(to, NULL, size);
	uint8_t *data = to->start + start;
	if (guess->kind == GUESS_BYTES && guess->bytes)
		memcpy(data, guess->bytes, size < guess->size ? size : guess->size);
	// Details over it: pairs of place and byte, or (bit 6) one byte after the other.
	size = to->size - start;
	for (size_t i = 0; to->bytes->left > 0 && size > 0 && i < (how & 63); i++) {
		size_t place = how & 64 ? i : fuzz_u8(to->bytes);
		if (place < size - string)
			data[place] = fuzz_u8(to->bytes);
	}
	put_padding(to);
}

static void put_field(struct composer *to, const struct grammar_field *field, unsigned index, const uint32_t *counts)
{
	struct fuzz_guess guess = fuzz_guess(to->call, field, index);
	uint64_t word;
	switch (field->kind) {
	case GRAMMAR_STRING:
	case GRAMMAR_ARRAY:
		put_array(to, field, &guess);
		return;
	case GRAMMAR_STRUCT:
	case GRAMMAR_FIXED:
	case GRAMMAR_STRING_FIXED:
		word = field->size * (field->limit ? field->limit : 1u);
		for (uint64_t i = 0; i < word; i++)
			put(to, &(uint8_t){fuzz_u8(to->bytes)}, 1);
		put_padding(to);
		return;
	case GRAMMAR_NAME:
		put_u32(to, guess.kind == GUESS_NUMBER ? (uint32_t)value(to->actor, to->bytes, &guess)
						       : right_of(to, &guess, 0));
		return;
	case GRAMMAR_ROOM:
		word = fuzz_u8(to->bytes);
		put_u32(to, word == 0 ? field->limit : (uint32_t)fuzz_number(to->bytes));
		return;
	case GRAMMAR_COUNT:
		word = fuzz_u8(to->bytes);
		put_u32(to, counts[(uint8_t)field->related % 8] + (uint32_t)word);
		return;
	default:
		word = fuzz_tame(value(to->actor, to->bytes, &guess));
		put(to, &word, field->size > sizeof(word) ? sizeof(word) : field->size);
		put_padding(to);
	}
}

// One thing of many that may be wrong with a message.
static void spoil(struct composer *to)
{
	mach_msg_base_t *base = (void *)to->start;
	uint8_t detail = fuzz_u8(to->bytes), how = detail & 15;
	if (how == 1)
		to->size += 4;
	else if (how == 2)
		to->size -= 4;
	else if (how == 3)
		to->size = 24 + 4 * (size_t)(detail >> 4);
	else if (how == 4)
		base->header.msgh_bits ^= MACH_MSGH_BITS_COMPLEX;
	else if (how == 5)
		base->body.msgh_descriptor_count ^= 1u << (detail >> 4);
	else if (how == 6)
		base->header.msgh_bits ^= 1u << (detail >> 4);
	else if (how == 7)
		base->header.msgh_id += detail >> 4;
	else if (how == 8)
		base->header.msgh_local_port = MACH_PORT_NULL;
	else if (how >= 9)
		to->start[24 + fuzz_u8(to->bytes)] ^= (uint8_t)(1 << (detail >> 4 & 7));
}

static size_t compose(struct fuzz_actor *actor, const struct grammar_message *message, struct fuzz_bytes *bytes)
{
	struct composer to = {actor, bytes, message->name, actor->scratch, 0};
	uint32_t counts[8] = {0};
	mach_msg_header_t head = {.msgh_id = (mach_msg_id_t)message->id};
	uint8_t spoils = fuzz_u8(bytes);
	head.msgh_remote_port = fuzz_name(actor, bytes, fuzz_guess_destination(message->name));
	head.msgh_bits = MACH_MSGH_BITS(message->destination, 0) | (message->descriptors ? MACH_MSGH_BITS_COMPLEX : 0);
	if (message->reply && !(spoils & 128)) {
		head.msgh_bits |= MACH_MSGH_BITS(0, MACH_MSG_TYPE_MAKE_SEND_ONCE);
		head.msgh_local_port = fuzz_name_of(actor, FUZZ_REPLY);
	}
	put(&to, &head, sizeof(head));
	if (message->descriptors)
		put_u32(&to, message->descriptors);
	for (unsigned i = 0; i < message->descriptors; i++)
		put_descriptor(&to, &message->field[i], i, &counts[i % 8]);
	if (message->ndr)
		put(&to, &NDR_record, sizeof(NDR_record));
	for (unsigned i = 0; i < message->fields; i++)
		put_field(&to, &message->field[message->descriptors + i], i, counts);
	for (unsigned i = 0; i < (spoils & 3); i++)
		spoil(&to);
	fuzz_tame_bytes(to.start, to.size);
	return to.size;
}

static size_t message_choose(uint16_t select)
{
	for (size_t i = 0; i < grammar_table.message_count; i++)
		if ((uint16_t)grammar_table.messages[i].id == select)
			return i;
	return select % grammar_table.message_count;
}

void fuzz_act_routine(struct fuzz_actor *actor, struct fuzz_record *record)
{
	size_t at = message_choose(record->select);
	const struct grammar_message *message = &grammar_table.messages[at];
	size_t size = compose(actor, message, &record->bytes);
	uint64_t buffer = actor->buffer;
	mig_reply_error_t reply = {0};
	bool kernel = fuzz_guess_destination(message->name) != FUZZ_RECEIVE_RIGHT;
	if (!fuzz_poke(buffer, actor->scratch, size < FUZZ_BUFFER ? size : FUZZ_BUFFER))
		return;
	uint64_t option = MACH_SEND_MSG | MACH_SEND_TIMEOUT | (kernel ? MACH_RCV_MSG | MACH_RCV_TIMEOUT : 0);
	uint64_t words[KERN_TRAP_ARGUMENTS] = {buffer, option, size, kernel ? FUZZ_BUFFER : 0,
					       kernel ? fuzz_name_of(actor, FUZZ_REPLY) : 0, kernel ? TIMEOUT : 1};
	fuzz_message_counts[at].calls++;
	uint64_t result = fuzz_call_trap(actor, TRAP_mach_msg_trap, words);
	if (result || !kernel) {
		fuzz_message_counts[at].successes += result == 0;
		return;
	}
	bool read = fuzz_peek(buffer, &reply, sizeof(reply)) || fuzz_peek(buffer, &reply.Head, sizeof(reply.Head));
	bool complex = reply.Head.msgh_bits & MACH_MSGH_BITS_COMPLEX;
	if (read && reply.Head.msgh_id == (mach_msg_id_t)message->id + 100 && (complex || reply.RetCode == KERN_SUCCESS))
		fuzz_message_counts[at].successes++;
	fuzz_take_in(actor, buffer);
}
