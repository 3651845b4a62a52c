// SPDX-License-Identifier: MIT
// Process-context identifiers (Intel SDM volume 3, 4.10.1): the spaces that a CPU had last keep their translations; see processor.h.
#include "processor.h"

uint64_t pcid_choose(struct pcid_slots *slots, uint64_t tag, uint64_t flushes)
{
	unsigned oldest = 0;
	slots->turn++;
	for (unsigned i = 0; i < PCID_SLOTS; i++) {
		if (slots->tag[i] == tag) {
			bool keep = slots->flushes[i] == flushes;
			slots->flushes[i] = flushes;
			slots->used[i] = slots->turn;
			return (i + 1) | (keep ? PCID_KEEP : 0);
		}
		if (slots->used[i] < slots->used[oldest])
			oldest = i;
	}
	slots->tag[oldest] = tag;
	slots->flushes[oldest] = flushes;
	slots->used[oldest] = slots->turn;
	return oldest + 1;
}
