// SPDX-License-Identifier: MIT
// Looking instead of sleeping; see spin.h.
#include "spin.h"

#include <gila/gila.h>
#include <sched.h>

#define SPIN_NS UINT64_C(400000)
#define SPIN_LOOKS 3000u
#define SPIN_LATE_NS UINT64_C(50000)
#define SPIN_HOG_NS UINT64_C(300000)
#define SPIN_SKIP_MAX 15u

static void fail(struct block_spin *spin)
{
	spin->began = 0;
	spin->late = false;
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
	if (spin->late) {
		fail(spin); // others had the core for long, and not for us
		return false;
	}
	sched_yield();
	uint64_t took = gila_time() - now;
	spin->late = took > SPIN_LATE_NS; // one more look
	if (took > SPIN_HOG_NS)
		fail(spin);
	return true;
}

void block_spin_found(struct block_spin *spin)
{
	if (spin->began)
		spin->failures = 0;
	spin->late = false;
	spin->began = 0;
}
