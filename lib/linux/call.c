// SPDX-License-Identifier: MIT
// From the number of a Linux call to the function that answers it, and what becomes of those that nobody answers.
#include "calls_c.h"
#include "text.h"

#include <abi/traps.h>
#include <asm/unistd_64.h>
#include <errno.h>
#include <stdatomic.h>

#define NUMBERS 512u

static _Atomic uint64_t missed[NUMBERS / 64]; // bits: calls whose absence was logged

int64_t linux_call(struct linux_frame *frame)
{
	if (!linux_program.id && frame->rax != LINUX_START)
		linux_start(NULL);
	switch (frame->rax) {
#define LINUX_CALL(number, name)                                                                                       \
	case number:                                                                                                   \
		return linux_##name(frame);
#include "calls.h"
#undef LINUX_CALL
	case LINUX_START:
		linux_start((const uint64_t *)(uintptr_t)frame->rsp); // NOLINT
		return 0;
	default:
		return linux_missing(frame->rax, NULL);
	}
}

int64_t linux_missing(uint64_t number, const char *what)
{
	uint64_t slot = number < NUMBERS ? number : 0;
	if (atomic_fetch_or(&missed[slot / 64], UINT64_C(1) << slot % 64) >> slot % 64 & 1)
		return -ENOSYS;
	struct text text = {.length = 0};
	const char *name = linux_name(number);
	text_add(&text, "Linux call ");
	if (name)
		text_add(&text, name);
	else
		text_add_number(&text, number);
	if (what) {
		text_add(&text, ": ");
		text_add(&text, what);
	}
	text_add(&text, " is not answered (ENOSYS)");
	gila_log(text.bytes, text.length);
	return -ENOSYS;
}
