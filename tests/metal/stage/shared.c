// SPDX-License-Identifier: MIT
// Variables that directors and clients share; see stage.h.
#include "stage.h"

uint64_t stage_seed;
bool stage_verbose;
_Atomic bool stage_failed;
_Atomic uint32_t stage_alone;

// main.c changes this where time is that of the guest's instructions. Else a busy host may make anything late.
uint64_t sim_soon = UINT64_C(1) << 60;
unsigned sim_share = 10;

void sim_fail(void) { stage_failed = true; }
uint64_t sim_seed(void) { return stage_seed; }
bool sim_verbose(void) { return stage_verbose; }

// "xorshift64*" (Vigna, An experimental exploration of Marsaglia's xorshift generators, scrambled, 2016).
uint64_t stage_random_next(uint64_t *state)
{
	uint64_t x = *state ? *state : 1;
	x ^= x >> 12;
	x ^= x << 25;
	x ^= x >> 27;
	*state = x;
	return x * UINT64_C(2685821657736338717);
}

// The first task of the test kernel: there, and still.
_Atomic bool stage_ready;
static void init_main(void *argument)
{
	stage_ready = true;
	sim_pause();
}
SIM_PROGRAM(init, init_main);
