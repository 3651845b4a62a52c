// SPDX-License-Identifier: MIT
// Complaints; see complaint.h. Two CPUs that enter a new second at once may let a few lines more through; that is fine.
#include "complaint.h"

#include <machine/md.h>

#define SECOND UINT64_C(1000000000)

bool complaint_allowed(struct complaint *complaint)
{
	uint64_t second = md_clock_now() / SECOND + 1, before = atomic_load(&complaint->second);
	if (before != second && atomic_compare_exchange_strong(&complaint->second, &before, second))
		atomic_store(&complaint->count, 0);
	if (atomic_fetch_add(&complaint->count, 1) >= COMPLAINTS_PER_SECOND) {
		atomic_fetch_add(&complaint->left_out, 1);
		return false;
	}
	uint32_t left_out = atomic_exchange(&complaint->left_out, 0);
	if (left_out)
		log_line("log", "%u complaints like the next were left out", left_out);
	return true;
}
