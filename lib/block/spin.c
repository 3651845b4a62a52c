// SPDX-License-Identifier: MIT
// Looking instead of sleeping; see spin.h.
#include "spin.h"

#include <gila/gila.h>
#include <sched.h>

#define SPIN_NS UINT64_C(150000)
#define SPIN_LOOKS 1000u
#define SPIN_LATE_NS UINT64_C(50000)
#define SPIN_SKIP_MAX 15u

static void fail(struct block_spin *spin)
{
	spin->began = 0;
	spin->failures = spin->failures * 2 + 1 < SPIN_SKIP_MAX ? spin->failures * 2 + 1 : SPIN_SKIP_MAX;
	spin->skip = spin->failures;
}

bool block_spin_more(struct block_spin *spin)
{
	uint64_t now = gila_time();
	if (spin->began == 0) {
		if (spin->skip) {
			spin->skip--;
			return false;
		}
		spin->began = now;
		spin->looks = 0;
	} else if (now - spin->began >= SPIN_NS || ++spin->looks >= SPIN_LOOKS) {
		fail(spin);
		return false;
	}
	sched_yield();
	if (gila_time() - now > SPIN_LATE_NS)
		fail(spin); // looks once more and sleeps then
	return true;
}

void block_spin_found(struct block_spin *spin)
{
	if (spin->began)
		spin->failures = 0;
	spin->began = 0;
}
