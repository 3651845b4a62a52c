// SPDX-License-Identifier: MIT
// The tracer's dictionary: what the words of a trap and the bytes of a message mean. The table is generated from the .defs
// files (`--emit decoder`); it is plain constant data and may be linked anywhere.
//
// To name a trap or message look its number up in decode_table. To print an argument of a message, in message order:
// take `offset` if it is known, else the end of the argument before it, rounded up to 4 (DECODE_FOLLOWS). A counted
// argument (DECODE_ARRAY, or DECODE_STRING with `varies`) has its count in the 32 bits before its data; a string that
// varies has one more word before that. Never trust a count: it is at most `limit`, and the message ends at its size.
#ifndef GILA_DECODE_H
#define GILA_DECODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum decode_kind {
	DECODE_UNSIGNED,
	DECODE_SIGNED,
	DECODE_BOOL,
	DECODE_NAME,   // of a port, as a number: no right travels
	DECODE_FLAGS,  // print in hexadecimal
	DECODE_SIZE,   // bytes or elements
	DECODE_STRUCT, // `size` bytes
	DECODE_FIXED,  // `limit` elements of `size` bytes
	DECODE_STRING, // at most `limit` bytes with the NUL
	DECODE_ARRAY,  // counted elements of `size` bytes
	DECODE_PORT,   // descriptor: one right
	DECODE_MEMORY, // descriptor: out-of-line memory
	DECODE_PORTS,  // descriptor: out-of-line rights
	DECODE_USER,   // trap: an address in the calling task, of `size` bytes or, with count_of, elements of `size` bytes
};

enum decode_direction { DECODE_IN = 1, DECODE_OUT = 2, DECODE_INOUT = 3 };

#define DECODE_ABSENT 0xffffffffu  // not in this message
#define DECODE_FOLLOWS 0xfffffffeu // right after the argument before it

struct decode_argument {
	const char *name;
	const char *type;    // as declared
	uint8_t kind;	     // enum decode_kind
	uint8_t direction;   // enum decode_direction
	bool varies;	     // string: only as many bytes as it has
	int8_t count_of;     // trap: the argument with the number of elements, or -1
	uint32_t size;	     // bytes of a value or element
	uint32_t limit;	     // elements at most, 0: no limit or no elements
	uint32_t in_offset;  // in the request, of the data or descriptor; trap: which argument it is
	uint32_t out_offset; // in the reply
};

#define DECODE_ONE_WAY 0x1
#define DECODE_IDEMPOTENT 0x2
#define DECODE_MAY_SUSPEND 0x4
#define DECODE_INTERRUPTIBLE 0x8

struct decode_entry {
	const char *set;    // subsystem, or set of traps
	const char *name;
	uint32_t number;    // trap number, or msgh_id of the request (the reply has 100 more)
	uint16_t flags;	    // DECODE_ONE_WAY, ...
	uint16_t count;	    // of arguments; the server port is not among them
	const struct decode_argument *arguments;
	const char *result; // trap: type of the result, or NULL
};

struct decode_table {
	const struct decode_entry *traps; // ordered by number
	size_t trap_count;
	const struct decode_entry *routines; // ordered by number
	size_t routine_count;
};

extern const struct decode_table decode_table;

#endif
