// SPDX-License-Identifier: MIT
// The unwinder is the host's (libgcc_s), for all: Debian's libc++abi, too, finds its functions by way of this program (../loader/late.c).
//
// It asks by a function of its own for the record of the code at an address, and finds this one instead, which knows the images.
// Facts: libgcc's unwind-dw2-fde.h: _Unwind_Find_FDE and struct dwarf_eh_bases.
#include "../loader/unwind.h"
#include "frames.h"

struct unwind_bases {
	void *text, *data, *function;
};

const void *late__Unwind_Find_FDE(const void *address, struct unwind_bases *bases); // the host's own
const void *_Unwind_Find_FDE(const void *address, struct unwind_bases *bases);

const void *_Unwind_Find_FDE(const void *address, struct unwind_bases *bases)
{
	bool outside;
	void *function = NULL;
	const void *record = unwind_find(address, &function, &outside);
	if (outside)
		record = frames_find(address, &function);
	if (outside && !record)
		return late__Unwind_Find_FDE(address, bases);
	if (record)
		*bases = (struct unwind_bases){NULL, NULL, function};
	return record;
}
