// SPDX-License-Identifier: MIT
// Looking again for a short time instead of sleeping at once: both sides of the block interface do so, because a sleep and a wake-up
// cost more than most requests take.
//
// To use it: call block_spin_found whenever looking found something, and block_spin_more when it did not: true: look again; false:
// sleep.
// 1. Nothing is found within SPIN_NS, or SPIN_LOOKS: that many more chances pass before the next try, up to SPIN_SKIP_MAX. So who waits for a slow
//    device, or for nobody, does not burn.
// 2. Between two looks the CPU is given to whoever wants it. When it comes back late there is one more look: those who had it may be those
//    who are waited for. If that finds nothing, or the CPU came back very late (others want it for long), the try has failed: waking up is
//    then quicker than waiting for a turn.
#ifndef BLOCK_SPIN_H
#define BLOCK_SPIN_H

#include <stdbool.h>
#include <stdint.h>

struct block_spin {
	uint64_t began;    // when the present try began; 0: there is none
	uint32_t looks;    // in it
	uint32_t failures; // grows with tries that found nothing
	uint32_t skip;     // chances that still pass
	bool late;         // the CPU came back late; one more look
};

bool block_spin_more(struct block_spin *spin);
void block_spin_found(struct block_spin *spin);

#endif
