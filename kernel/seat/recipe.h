// SPDX-License-Identifier: MIT
// Recipes: how a seat's server is launched and kept alive. Immutable once parsed, shared by reference.
//
// To make one from the packed bytes of seat_register (include/gila/seat.h) call recipe_parse, which checks everything;
// its complaint names the field and the value. recipe_backoff computes waits. Locks: none. May suspend: never.
#ifndef KERNEL_SEAT_RECIPE_H
#define KERNEL_SEAT_RECIPE_H

#include "../core/alloc.h"
#include "grants.h"

#include <gila/seat.h>

#define RECIPE_COMPLAINT_MAX 160u

struct recipe {
	_Atomic uint32_t references;
	size_t size;                     // of this allocation
	struct seat_recipe_head head;    // [I] defaults filled in
	const char *name, *program;      // [I]
	bool from_file;                  // [I] SEAT_PROGRAM_FILE, and the boot archive has no such program
	const char *const *arguments;    // [I] argument 0 (the program's path) first, NULL-terminated
	const char *const *environment;  // [I] NULL-terminated
	const char *const *uses;         // [I] head.uses_count patterns
	struct grants *grants;           // [I] made of `uses`; a reference
};

// Parses `size` packed bytes. KERN_INVALID_ARGUMENT: malformed, with a reason in `complaint` (RECIPE_COMPLAINT_MAX);
// KERN_RESOURCE_SHORTAGE. The recipe is charged to the kernel and comes with one reference.
kern_return_t must_check recipe_parse(const void *data, size_t size, struct recipe **recipe, char *complaint);
struct recipe *recipe_reference(struct recipe *recipe);
void recipe_release(struct recipe *recipe);

// So many pings a request may see without an answer; 0: any number.
uint32_t recipe_answers(const struct recipe *recipe);
// The wait before the next launch, in ns, after `failures` unstable runs in a row (1: the first, which costs nothing).
uint64_t recipe_backoff(const struct recipe *recipe, uint32_t failures);

#endif
