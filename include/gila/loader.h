// SPDX-License-Identifier: MIT
// The seat `loader`, which fetches programs from file systems (abi/loader.defs): messages as the kernel, which has no stubs for
// calls of its own, makes and takes them.
#ifndef GILA_LOADER_H
#define GILA_LOADER_H

#include <gila/seat.h>
#include <mach/mig_errors.h>

#define LOADER_SEAT "loader"
#define LOADER_FETCH_ID 78000
#define LOADER_ANSWERED_ID (LOADER_FETCH_ID + 100)

#pragma pack(push, 4)
struct loader_fetch {
	mach_msg_header_t head;
	NDR_record_t ndr;
	char seat[SEAT_NAME_MAX + 1];
	char program[SEAT_PROGRAM_MAX + 1];
	uint32_t request;
};

struct loader_answered {
	mach_msg_header_t head;
	NDR_record_t ndr;
	kern_return_t code;
	uint32_t request;
};
#pragma pack(pop)

_Static_assert(sizeof(struct loader_fetch) == 356, "header, NDR record, two strings, a number");
_Static_assert(sizeof(struct loader_answered) == 40, "header, NDR record, code, a number");

#endif
