// SPDX-License-Identifier: MIT
// Names of seats as traps carry them: eight words. To look up or take a seat call gila_seat_lookup_name or
// gila_seat_take_name with a string.
#ifndef GILA_SEAT_NAME_H
#define GILA_SEAT_NAME_H

#include <gila/seat.h>
#include <mach/kern_return.h>
#include <mach/port.h>
#include <stdbool.h>

#define SEAT_NAME_WORDS 8u

struct seat_name {
	uint64_t words[SEAT_NAME_WORDS];
};

_Static_assert(sizeof(struct seat_name) == SEAT_NAME_MAX + 1, "a name fills the words");

// False: the name is longer than SEAT_NAME_MAX.
static inline bool seat_name_pack(struct seat_name *packed, const char *name)
{
	char *to = (char *)packed->words;
	unsigned length = 0;
	for (; name[length]; length++) {
		if (length == SEAT_NAME_MAX)
			return false;
		to[length] = name[length];
	}
	for (; length <= SEAT_NAME_MAX; length++)
		to[length] = 0;
	return true;
}

// What the traps return: a code and a port name.
static inline uint64_t seat_result(kern_return_t code, mach_port_name_t name)
{
	return (uint64_t)(uint32_t)code << 32 | name;
}
static inline kern_return_t seat_result_code(uint64_t result) { return (kern_return_t)(result >> 32); }
static inline mach_port_name_t seat_result_name(uint64_t result) { return (mach_port_name_t)result; }

#endif
