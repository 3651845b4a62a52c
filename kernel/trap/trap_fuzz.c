// SPDX-License-Identifier: MIT
// Fuzz target: what several tasks ask of the kernel by all its traps and routines, with parameters that are mostly
// right, while they are killed and memory runs out. The input is described in machine/sim/fuzz.h.
#include <gila/fuzz.h>
#include <machine/sim/fuzz.h>

static const struct fuzz_target target = {.name = "trap", .acts = (1u << FUZZ_ACTS) - 1, .instead = FUZZ_TRAP};

static int fuzz_trap(const uint8_t *data, size_t size) { return fuzz_target(data, size, &target); }
FUZZ_TARGET(fuzz_trap)
