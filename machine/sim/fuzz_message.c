// SPDX-License-Identifier: MIT
// Messages of any shape, rights of any kind in them, and their receipt; see fuzz.h.
//
// The 16 bits of a record's selection are its options: see the bits SELECT_*.
#include "fuzz.h"

#include <abi/trap_numbers.h>
#include <string.h>

enum {
	SELECT_RECEIVE = 1 << 0, // too
	SELECT_FOREVER = 1 << 1, // no timeout
	SELECT_NOTIFY = 1 << 2,
	SELECT_LARGE = 1 << 3,
	SELECT_IDENTITY = 1 << 4,
	SELECT_INTERRUPT = 1 << 5,
	SELECT_GUARDED = 1 << 6,
	SELECT_STRICT = 1 << 7,
	SELECT_TRAILER_SHIFT = 8, // four bits
	SELECT_RAW = 1 << 12,	  // further bits from the details
	SELECT_SPOILED = 1 << 13,
	SELECT_SET = 1 << 14,	   // receive from a set
	SELECT_OVERWRITE = 1 << 15, // the other trap
};

static const uint8_t dispositions[] = {MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_MAKE_SEND, MACH_MSG_TYPE_MAKE_SEND_ONCE,
				       MACH_MSG_TYPE_MOVE_SEND, MACH_MSG_TYPE_MOVE_SEND_ONCE,
				       MACH_MSG_TYPE_MOVE_RECEIVE};

static uint32_t disposition(struct fuzz_bytes *bytes)
{
	uint8_t how = fuzz_u8(bytes);
	return how < 200 ? dispositions[how % sizeof(dispositions)] : how & 31;
}

static enum fuzz_right fitting(uint32_t disposition)
{
	switch (disposition) {
	case MACH_MSG_TYPE_MOVE_SEND_ONCE:
		return FUZZ_SEND_ONCE;
	case MACH_MSG_TYPE_MOVE_SEND:
		return FUZZ_BADGED;
	default:
		return FUZZ_RECEIVE_RIGHT;
	}
}

// ---- Composing ------------------------------------------------------------------------------------------------------

struct letter {
	struct fuzz_actor *actor;
	struct fuzz_bytes *bytes;
	uint8_t *start;
	size_t size;
};

static void put(struct letter *letter, const void *data, size_t size)
{
	if (size > FUZZ_BUFFER - letter->size)
		return;
	if (data)
		memcpy(letter->start + letter->size, data, size);
	else
		memset(letter->start + letter->size, 0, size);
	letter->size += size;
}

static void put_memory(struct letter *letter, unsigned type)
{
	struct fuzz_bytes *bytes = letter->bytes;
	uint8_t how = fuzz_u8(bytes);
	uint64_t size = how & 128 ? fuzz_number(bytes) : (uint64_t)(how & 31) * 16;
	mach_msg_ool_descriptor64_t memory = {
		.deallocate = how >> 5 & 1, .copy = how >> 6 & 1, .type = type, .size = (uint32_t)size};
	memory.address = how & 32 ? fuzz_place(letter->actor, bytes)
				  : fuzz_user(letter->actor, bytes, size < 4096 ? size : 4096, NULL);
	put(letter, &memory, sizeof(memory));
}

static void put_ports(struct letter *letter)
{
	struct fuzz_bytes *bytes = letter->bytes;
	uint32_t names[16], kind = disposition(bytes);
	uint8_t how = fuzz_u8(bytes);
	for (unsigned i = 0; i < (how & 15u); i++)
		names[i] = fuzz_name(letter->actor, bytes, fitting(kind));
	mach_msg_ool_ports_descriptor64_t ports = {.deallocate = how >> 5 & 1,
						   .copy = how >> 6 & 1,
						   .disposition = kind,
						   .type = MACH_MSG_OOL_PORTS_DESCRIPTOR,
						   .count = how & 128 ? (uint32_t)fuzz_number(bytes) : how & 15u};
	ports.address = fuzz_user(letter->actor, bytes, (how & 15u) * sizeof(*names), names);
	put(letter, &ports, sizeof(ports));
}

static void put_descriptor(struct letter *letter)
{
	struct fuzz_bytes *bytes = letter->bytes;
	uint8_t type = fuzz_u8(bytes);
	type = type < 250 ? type % 5 : type;
	switch (type) {
	case MACH_MSG_OOL_DESCRIPTOR:
	case MACH_MSG_OOL_VOLATILE_DESCRIPTOR:
		put_memory(letter, type);
		return;
	case MACH_MSG_OOL_PORTS_DESCRIPTOR:
		put_ports(letter);
		return;
	case MACH_MSG_GUARDED_PORT_DESCRIPTOR: {
		uint8_t how = fuzz_u8(bytes);
		mach_msg_guarded_port_descriptor_t guarded = {.context = how >> 4,
							      .flags = how & 4 ? fuzz_u8(bytes) : 1,
							      .disposition = how & 8 ? disposition(bytes)
										     : MACH_MSG_TYPE_MOVE_RECEIVE,
							      .type = type};
		guarded.name = fuzz_name(letter->actor, bytes, how & 1 ? FUZZ_GUARDED : FUZZ_RECEIVE_RIGHT);
		put(letter, &guarded, sizeof(guarded));
		return;
	}
	default: {
		mach_msg_port_descriptor_t port = {.disposition = disposition(bytes), .type = type};
		port.name = fuzz_name(letter->actor, bytes, fitting(port.disposition));
		put(letter, &port, sizeof(port));
	}
	}
}

static void put_header(struct letter *letter, bool complex)
{
	struct fuzz_bytes *bytes = letter->bytes;
	mach_msg_header_t head = {.msgh_id = 400};
	uint32_t to = disposition(bytes), back = 0, voucher = 0;
	head.msgh_remote_port = fuzz_name(letter->actor, bytes, fitting(to));
	uint8_t how = fuzz_u8(bytes);
	if (how & 1) {
		back = how & 2 ? disposition(bytes) : MACH_MSG_TYPE_MAKE_SEND_ONCE;
		head.msgh_local_port =
			fuzz_name(letter->actor, bytes, back == MACH_MSG_TYPE_MAKE_SEND_ONCE ? FUZZ_REPLY : fitting(back));
	}
	if (how & 4)
		head.msgh_id = (mach_msg_id_t)fuzz_number(bytes);
	if (how & 8) {
		voucher = fuzz_u8(bytes) & 31;
		head.msgh_voucher_port = fuzz_name(letter->actor, bytes, FUZZ_RIGHTS);
	}
	if (how & 16)
		head.msgh_size = (mach_msg_size_t)fuzz_number(bytes);
	head.msgh_bits = MACH_MSGH_BITS_SET(to, back, voucher, complex ? MACH_MSGH_BITS_COMPLEX : 0);
	put(letter, &head, sizeof(head));
}

static size_t compose(struct fuzz_actor *actor, struct fuzz_bytes *bytes, bool spoiled)
{
	struct letter letter = {actor, bytes, actor->scratch, 0};
	uint8_t how = fuzz_u8(bytes);
	uint32_t count = how & 15;
	put_header(&letter, count > 0 || how & 16);
	if (count > 0 || how & 16)
		put(&letter, &count, sizeof(count));
	for (unsigned i = 0; i < count; i++)
		put_descriptor(&letter);
	if (how >= 64)
		put(&letter, NULL, how >= 250 ? 4000u : (how >> 6) * 64u);
	for (unsigned i = spoiled ? 1 + (fuzz_u8(bytes) & 3) : 0; i > 0; i--) {
		uint8_t place = fuzz_u8(bytes), what = fuzz_u8(bytes);
		if (place == 255)
			letter.size = letter.size - 8 + what % 16;
		else
			letter.start[place] = what;
	}
	fuzz_tame_bytes(letter.start, letter.size);
	return letter.size;
}

// ---- Sending and receiving ------------------------------------------------------------------------------------------

static uint32_t options(struct fuzz_bytes *bytes, uint16_t select)
{
	static const uint32_t bits[] = {0,
					0,
					MACH_SEND_NOTIFY,
					MACH_RCV_LARGE,
					MACH_RCV_LARGE_IDENTITY,
					MACH_SEND_INTERRUPT | MACH_RCV_INTERRUPT,
					MACH_RCV_GUARDED_DESC,
					MACH_MSG_STRICT_REPLY};
	uint32_t option = select & SELECT_FOREVER ? 0 : MACH_SEND_TIMEOUT | MACH_RCV_TIMEOUT;
	for (unsigned i = 0; i < 8; i++)
		if (select >> i & 1)
			option |= bits[i];
	option |= (uint32_t)MACH_RCV_TRAILER_ELEMENTS(select >> SELECT_TRAILER_SHIFT & 15u);
	if (select & SELECT_RAW)
		option ^= fuzz_u32(bytes);
	return option;
}

static void transfer(struct fuzz_actor *actor, struct fuzz_record *record, uint32_t option, size_t size)
{
	struct fuzz_bytes *bytes = &record->bytes;
	uint16_t select = record->select;
	uint64_t words[KERN_TRAP_ARGUMENTS] = {actor->buffer, option, size};
	if (option & MACH_RCV_MSG) {
		words[4] = fuzz_name(actor, bytes, select & SELECT_SET ? FUZZ_SET : FUZZ_RECEIVE_RIGHT);
		uint8_t how = fuzz_u8(bytes);
		words[3] = how == 0 ? FUZZ_BUFFER : how < 192 ? how : fuzz_number(bytes);
	}
	words[5] = fuzz_u8(bytes) & 15;
	words[6] = select & SELECT_RAW ? fuzz_name(actor, bytes, FUZZ_RIGHTS) : 0;
	unsigned number = TRAP_mach_msg_trap;
	uint64_t into = actor->buffer;
	if (select & SELECT_OVERWRITE) {
		number = TRAP_mach_msg_overwrite_trap;
		into = words[7] = fuzz_user(actor, bytes, 256, NULL);
	} else if (fuzz_u8(bytes) >= 240) {
		into = words[0] = fuzz_user(actor, bytes, 256, NULL);
	}
	uint64_t result = fuzz_call_trap(actor, number, words);
	if ((option & MACH_RCV_MSG) && result == MACH_MSG_SUCCESS)
		fuzz_take_in(actor, into);
}

void fuzz_act_message(struct fuzz_actor *actor, struct fuzz_record *record)
{
	uint32_t option = MACH_SEND_MSG | options(&record->bytes, record->select);
	size_t size = compose(actor, &record->bytes, record->select & SELECT_SPOILED);
	if (record->select & SELECT_RECEIVE)
		option |= MACH_RCV_MSG;
	if (fuzz_poke(actor->buffer, actor->scratch, size < FUZZ_BUFFER ? size : FUZZ_BUFFER))
		transfer(actor, record, option, size);
}

void fuzz_act_receive(struct fuzz_actor *actor, struct fuzz_record *record)
{
	transfer(actor, record, MACH_RCV_MSG | options(&record->bytes, record->select), 0);
}

// ---- What came ------------------------------------------------------------------------------------------------------

static void take_name(struct fuzz_actor *actor, mach_port_name_t name, uint32_t kind)
{
	if (kind == MACH_MSG_TYPE_PORT_RECEIVE)
		fuzz_name_add(actor, FUZZ_REPLY, name);
	else if (kind == MACH_MSG_TYPE_PORT_SEND_ONCE)
		fuzz_name_add(actor, FUZZ_SEND_ONCE, name);
	else if (kind == MACH_MSG_TYPE_PORT_SEND)
		fuzz_name_add(actor, FUZZ_RECEIVED, name);
}

void fuzz_take_in(struct fuzz_actor *actor, uint64_t buffer)
{
	mach_msg_base_t base;
	if (!fuzz_peek(buffer, &base, sizeof(base)))
		return;
	take_name(actor, base.header.msgh_remote_port, MACH_MSGH_BITS_REMOTE(base.header.msgh_bits));
	if (!(base.header.msgh_bits & MACH_MSGH_BITS_COMPLEX))
		return;
	uint64_t at = buffer + sizeof(base);
	for (uint32_t i = 0; i < base.body.msgh_descriptor_count && i < 16; i++) {
		mach_msg_guarded_port_descriptor_t descriptor;
		if (!fuzz_peek(at, &descriptor, sizeof(mach_msg_port_descriptor_t)))
			return;
		if (descriptor.type == MACH_MSG_PORT_DESCRIPTOR) {
			mach_msg_port_descriptor_t port;
			memcpy(&port, &descriptor, sizeof(port));
			take_name(actor, port.name, port.disposition);
			at += sizeof(port);
			continue;
		}
		if (descriptor.type == MACH_MSG_GUARDED_PORT_DESCRIPTOR && fuzz_peek(at, &descriptor, sizeof(descriptor)))
			take_name(actor, descriptor.name, descriptor.disposition);
		at += sizeof(descriptor);
	}
}
