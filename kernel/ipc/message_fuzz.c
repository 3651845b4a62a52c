// SPDX-License-Identifier: MIT
// Fuzz target: messages of every shape, with rights and memory in them, between several tasks; and their receipt. The
// input is described in machine/sim/fuzz.h.
#include <gila/fuzz.h>
#include <machine/sim/fuzz.h>

static const struct fuzz_target target = {
	.name = "message",
	.acts = 1u << FUZZ_MESSAGE | 1u << FUZZ_RECEIVE | 1u << FUZZ_TRAP | 1u << FUZZ_DIRECTOR,
	.instead = FUZZ_MESSAGE,
};

static int fuzz_message(const uint8_t *data, size_t size) { return fuzz_target(data, size, &target); }
FUZZ_TARGET(fuzz_message)
