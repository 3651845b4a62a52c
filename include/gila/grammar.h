// SPDX-License-Identifier: MIT
// What a fuzzer must know to make calls and messages that are mostly valid. The table is generated from the .defs files
// (`--emit fuzz-grammar`).
//
// To make a call: choose a trap, give each argument a word that fits its kind, then spoil some. To make a message: write a
// header with msgh_id = id, the descriptors if there are any (with MACH_MSGH_BITS_COMPLEX and their number), and then
// the fields in order, each padded to 4, NDR record first if `ndr`; set msgh_size to what came out; then spoil some.
#ifndef GILA_GRAMMAR_H
#define GILA_GRAMMAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum grammar_kind {
	GRAMMAR_NUMBER,		// `size` bytes of anything
	GRAMMAR_BOOL,		// 0 or 1
	GRAMMAR_NAME,		// of a port
	GRAMMAR_FLAGS,		// a few bits
	GRAMMAR_SIZE,		// a number of bytes or elements
	GRAMMAR_STRUCT,		// `size` bytes of anything
	GRAMMAR_FIXED,		// limit * size bytes of anything
	GRAMMAR_STRING,		// message: offset word 0, count with the NUL, bytes; trap: address of a string
	GRAMMAR_STRING_FIXED,	// limit bytes with a NUL among them
	GRAMMAR_ARRAY,		// count (at most limit), count * size bytes
	GRAMMAR_ROOM,		// how many elements of an out array the caller takes (at most limit)
	GRAMMAR_PORT,		// descriptor with `disposition` (0: any)
	GRAMMAR_MEMORY,		// descriptor of memory: elements of `size` bytes, at most limit (0: any)
	GRAMMAR_PORTS,		// descriptor of ports with `disposition`, at most limit (0: any)
	GRAMMAR_COUNT,		// the number of elements of the descriptor numbered `related`
	GRAMMAR_USER_IN,	// trap: address of `size` bytes; with related >= 0 of as many elements as that says
	GRAMMAR_USER_OUT,	// the same, written
	GRAMMAR_USER_INOUT,	// the same, read and written
};

struct grammar_field {
	const char *name;
	uint8_t kind;	     // enum grammar_kind
	uint8_t disposition; // MACH_MSG_TYPE_* that the sender writes
	int8_t related;	     // another field, or -1
	uint32_t size;	     // bytes of a value or element
	uint32_t limit;	     // elements at most
};

struct grammar_trap {
	const char *name;
	uint32_t number;
	uint8_t count;
	bool may_suspend;
	const struct grammar_field *arguments;
};

struct grammar_message {
	const char *name; // SUBSYSTEM.ROUTINE
	uint32_t id;
	uint8_t descriptors;
	uint8_t fields; // after the descriptors
	bool ndr;
	bool reply; // the sender gives a reply port
	uint8_t destination; // disposition of msgh_remote_port
	uint32_t least, most; // bytes
	const struct grammar_field *field; // descriptors, then fields
};

struct grammar_table {
	const struct grammar_trap *traps;
	size_t trap_count;
	const struct grammar_message *messages;
	size_t message_count;
};

extern const struct grammar_table grammar_table;

#endif
