// SPDX-License-Identifier: MIT
// The tables: messages made from the grammar are accepted, the decoder finds arguments where stubs put them, traps arrive.
#include "transport.h"

#include "file_user.h"
#include "sample_trap.h"
#include "sample_trap_numbers.h"
#include "sample_trap_table.h"

#include <gila/decode.h>
#include <gila/grammar.h>
#include <gila/test.h>
#include <gila/trap_entry.h>
#include <string.h>

static uint64_t seed;
static uint32_t draw(uint32_t below)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(seed >> 33) % below;
}

static uint8_t message[TRANSPORT_LARGEST];
static mach_msg_size_t at;

static void put_word(uint32_t word)
{
	memcpy(message + at, &word, 4);
	at += 4;
}

static void put_noise(uint32_t size)
{
	for (uint32_t i = 0; i < size; i++)
		message[at + i] = (uint8_t)(1 + draw(255));
	for (at += size; at & 3; at++)
		message[at] = 0;
}

static mach_msg_type_name_t as_received(uint8_t disposition)
{
	static const uint8_t table[] = {[MACH_MSG_TYPE_COPY_SEND] = MACH_MSG_TYPE_PORT_SEND,
					[MACH_MSG_TYPE_MAKE_SEND] = MACH_MSG_TYPE_PORT_SEND,
					[MACH_MSG_TYPE_MAKE_SEND_ONCE] = MACH_MSG_TYPE_PORT_SEND_ONCE};
	return disposition < sizeof(table) && table[disposition] ? table[disposition] : disposition;
}

static void put_descriptor(const struct grammar_field *field, uint32_t count)
{
	if (field->kind == GRAMMAR_PORT) {
		mach_msg_port_descriptor_t port = {.name = draw(99), .disposition = as_received(field->disposition)};
		memcpy(message + at, &port, sizeof(port));
		at += sizeof(port);
	} else if (field->kind == GRAMMAR_MEMORY) {
		mach_msg_ool_descriptor_t memory = {.type = MACH_MSG_OOL_DESCRIPTOR, .size = count * field->size};
		memcpy(message + at, &memory, sizeof(memory));
		at += sizeof(memory);
	} else {
		mach_msg_ool_ports_descriptor_t ports = {.type = MACH_MSG_OOL_PORTS_DESCRIPTOR, .count = count,
							 .disposition = as_received(field->disposition)};
		memcpy(message + at, &ports, sizeof(ports));
		at += sizeof(ports);
	}
}

static void put_field(const struct grammar_field *field, const uint32_t *counts)
{
	uint32_t count = field->limit ? draw(field->limit) : 0;
	switch (field->kind) {
	case GRAMMAR_STRING:
		put_word(0);
		put_word(count + 1);
		put_noise(count + 1);
		message[at - ((count + 1 + 3) & ~3u) + count] = 0;
		break;
	case GRAMMAR_STRING_FIXED:
		put_noise(field->limit);
		message[at - ((field->limit + 3) & ~3u) + count] = 0;
		break;
	case GRAMMAR_ARRAY:
		put_word(count);
		put_noise(count * field->size);
		break;
	case GRAMMAR_COUNT:
		put_word(counts[field->related]);
		break;
	case GRAMMAR_ROOM:
		put_word(count);
		break;
	case GRAMMAR_FIXED:
		put_noise(field->limit * field->size);
		break;
	default:
		put_noise(field->size);
	}
}

static void make(const struct grammar_message *grammar)
{
	uint32_t counts[16];
	memset(message, 0, sizeof(message));
	at = sizeof(mach_msg_header_t);
	if (grammar->descriptors)
		put_word(grammar->descriptors);
	for (unsigned i = 0; i < grammar->descriptors; i++) {
		counts[i] = draw(grammar->field[i].limit ? grammar->field[i].limit : 1000);
		put_descriptor(&grammar->field[i], counts[i]);
	}
	if (grammar->ndr)
		at += sizeof(NDR_record_t);
	for (unsigned i = 0; i < grammar->fields; i++)
		put_field(&grammar->field[grammar->descriptors + i], counts);
	mach_msg_header_t head = {.msgh_bits = grammar->descriptors ? MACH_MSGH_BITS_COMPLEX : 0, .msgh_size = at,
				  .msgh_id = (mach_msg_id_t)grammar->id};
	memcpy(message, &head, sizeof(head));
}

TEST(messages_made_from_the_grammar_are_accepted)
{
	seed = 1;
	served.inert = true;
	CHECK_EQ(grammar_table.message_count, 15);
	for (unsigned i = 0; i < grammar_table.message_count; i++) {
		const struct grammar_message *grammar = &grammar_table.messages[i];
		for (unsigned n = 0; n < 50; n++) {
			make(grammar);
			CHECK(at >= grammar->least && at <= grammar->most);
			served.calls = 0;
			CHECK(transport_dispatch((mach_msg_header_t *)message, at, TRANSPORT_LARGEST));
			CHECK_EQ(served.calls, 1);
		}
	}
	served.inert = false;
}

TEST(messages_from_the_grammar_with_noise_do_no_harm)
{
	seed = 2;
	served.inert = true;
	for (unsigned n = 0; n < 20000; n++) {
		make(&grammar_table.messages[draw((uint32_t)grammar_table.message_count)]);
		for (unsigned spoil = draw(4); spoil; spoil--)
			message[draw(at)] = (uint8_t)draw(256);
		transport_dispatch((mach_msg_header_t *)message, at + draw(2) * 4, 36 + draw(9000));
	}
	served.inert = false;
}

static const struct decode_entry *routine(const char *name)
{
	for (size_t i = 0; i < decode_table.routine_count; i++)
		if (!strcmp(decode_table.routines[i].name, name))
			return &decode_table.routines[i];
	return NULL;
}

TEST(the_decoder_knows_where_arguments_are)
{
	char data[200];
	uint32_t written;
	mach_msg_type_number_t count = sizeof(data);
	(void)!file_read(1, 0x1122334455667788, 77, data, &count);
	const struct decode_entry *entry = routine("read");
	uint64_t offset;
	memcpy(&offset, (char *)transport.request + entry->arguments[0].in_offset, 8);
	CHECK_EQ(offset, 0x1122334455667788);
	CHECK(!memcmp((char *)transport.reply + entry->arguments[2].out_offset, data, 77));
	CHECK_EQ(entry->flags, DECODE_IDEMPOTENT);
	(void)!file_write(1, 9, "hello", 5, 3, &written);
	entry = routine("write");
	CHECK(!memcmp((char *)transport.request + entry->arguments[1].in_offset, "hello", 5));
	CHECK_EQ(entry->arguments[2].in_offset, DECODE_FOLLOWS);
	CHECK_EQ(entry->arguments[2].out_offset, DECODE_ABSENT);
	CHECK_EQ(decode_table.trap_count, 5);
	CHECK(decode_table.traps[4].number == TRAP_msg && decode_table.traps[4].arguments[0].count_of == 2);
}

// Traps: stub -> gila_trap -> table -> thunk -> function.

static struct thread *const me = (struct thread *)0x1000;
static uint64_t seen[9];
unsigned char gila_trap_bare; // never: the stubs lead here

uint64_t gila_trap(unsigned number, uint64_t a0, uint64_t a1, uint64_t a2, uint64_t a3, uint64_t a4, uint64_t a5,
		   uint64_t a6, uint64_t a7, uint64_t a8)
{
	uint64_t words[TRAP_ARGUMENTS] = {a0, a1, a2, a3, a4, a5, a6, a7, a8};
	return trap_table[number].thunk(me, words);
}

kern_return_t trap_lookup(struct thread *self, user_addr_t name, user_addr_t info, user_addr_t count, user_addr_t names,
			  sample_mode_t mode, int32_t delta, boolean_t quick)
{
	uint64_t all[9] = {name, info, count, names, mode, (uint64_t)delta, (uint64_t)quick};
	memcpy(seen, all, sizeof(seen));
	return self == me ? -5 : 0;
}

void trap_leave(struct thread *self, int code, mach_port_t port)
{
	seen[0] = (uint64_t)code;
	seen[1] = port;
}

int64_t trap_write(struct thread *self, user_addr_t data, uint64_t length, uint32_t flags)
{
	return -(int64_t)length;
}

mach_port_name_t trap_reply_port(struct thread *self)
{
	return 0xfffffff3;
}

mach_msg_return_t trap_msg(struct thread *self, user_addr_t buffer, mach_msg_option_t option, mach_msg_size_t send_size,
			   mach_msg_size_t receive_size, mach_port_name_t receive_name, mach_msg_timeout_t timeout,
			   mach_port_name_t notify, uint32_t priority, uint64_t extra)
{
	uint64_t all[9] = {buffer, (uint64_t)option, send_size, receive_size, receive_name, timeout, notify, priority, extra};
	memcpy(seen, all, sizeof(seen));
	return MACH_RCV_TIMED_OUT;
}

TEST(traps_arrive_with_their_arguments)
{
	char buffer[4];
	struct sample_info info;
	uint32_t count;
	mach_port_name_t names[2];
	CHECK_EQ(sample_lookup("x", &info, &count, names, 5, -6, 1), -5);
	CHECK(seen[1] == (uintptr_t)&info && seen[3] == (uintptr_t)names && seen[4] == 5 && (int64_t)seen[5] == -6);
	CHECK_EQ(sample_msg(buffer, -2, 3, 4, 5, 6, 7, 8, UINT64_MAX), MACH_RCV_TIMED_OUT);
	CHECK(seen[0] == (uintptr_t)buffer && (int64_t)seen[1] == -2 && seen[7] == 8 && seen[8] == UINT64_MAX);
	CHECK_EQ(sample_reply_port(), 0xfffffff3);
	CHECK_EQ(sample_write(buffer, 1ull << 40, 0), -(1ll << 40));
	sample_leave(-1, 9);
	CHECK((int64_t)seen[0] == -1 && seen[1] == 9);
	_Static_assert(TRAP_LIMIT == TRAP_ENTRIES && TRAP_msg == 31, "numbers");
	CHECK(!trap_table[0].name && !trap_table[30].thunk);
	CHECK_EQ(trap_table[TRAP_msg].flags, TRAP_MAY_SUSPEND | TRAP_INTERRUPTIBLE);
	CHECK_EQ(trap_table[TRAP_lookup].argc, 7);
}
