// SPDX-License-Identifier: MIT
// What lies where in an NVMe driver's memory. Every part begins on a page, as queues must (NVM Express Base Specification 1.4, 5.3, 5.4).
#ifndef NVME_MEMORY_H
#define NVME_MEMORY_H

#include "nvme.h"

enum {
	NVME_ADMIN_SIZE = 16,   // entries
	NVME_IO_SIZE = 256,     // entries, at most
	NVME_LIST_BYTES = 2048, // of PRP entries: two lists in a page, each with one entry less than NVME_PAGES

	NVME_AT_ADMIN_SQ = 0,
	NVME_AT_ADMIN_CQ = NVME_AT_ADMIN_SQ + NVME_PAGE,
	NVME_AT_IDENTIFY = NVME_AT_ADMIN_CQ + NVME_PAGE,
	NVME_AT_RANGES = NVME_AT_IDENTIFY + NVME_PAGE,
	NVME_AT_IO_SQ = NVME_AT_RANGES + NVME_PAGE,
	NVME_AT_IO_CQ = NVME_AT_IO_SQ + NVME_IO_SIZE * NVME_SUBMISSION,
	NVME_AT_LISTS = NVME_AT_IO_CQ + NVME_IO_SIZE * NVME_COMPLETION,
	NVME_AT_END = NVME_AT_LISTS + NVME_COMMANDS * NVME_LIST_BYTES,
};

_Static_assert((NVME_PAGES - 1) * 8 <= NVME_LIST_BYTES && NVME_PAGE % NVME_LIST_BYTES == 0, "a list lies in one page");
_Static_assert(NVME_COMMANDS * sizeof(struct nvme_range) <= NVME_PAGE, "the ranges");
_Static_assert(NVME_AT_LISTS % NVME_PAGE == 0 && NVME_AT_IO_CQ % NVME_PAGE == 0, "parts begin on pages");

// Of command `id`.
static inline uint64_t nvme_list_place(uint16_t id) { return NVME_AT_LISTS + (uint64_t)id * NVME_LIST_BYTES; }
static inline uint64_t nvme_range_place(uint16_t id) { return NVME_AT_RANGES + id * sizeof(struct nvme_range); }

#endif
