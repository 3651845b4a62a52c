// SPDX-License-Identifier: MIT
// Stores: what memory objects and maps share. A store has frames that come when they are touched, or is the registers
// of a device. The memory object and each range that maps it hold a reference, so maps outlive objects.
#ifndef MACHINE_BARE_STORE_H
#define MACHINE_BARE_STORE_H

#include "bare.h"

struct store {
	_Atomic uint32_t references;
	struct account *payer; // [I] a reference: of its frames
	bool device;       // [I] no frames: registers from `physical` on
	uint64_t physical; // [I] with device
	struct md_lock lock;
	bool fixed;        // [lock]
	uint64_t pages;    // [lock]
	uint32_t *frames;  // [lock] numbers of frames, 0: not touched yet
};

static inline struct store *store_reference(struct store *store)
{
	atomic_fetch_add(&store->references, 1);
	return store;
}
void store_release(struct store *store);
// The physical address of a page of the store, with a reference on its frame (none on a device's); 0: the store has
// no such page, or there is no memory.
uint64_t store_page(struct store *store, uint64_t page);
bool store_holds(struct store *store, uint64_t offset, uint64_t size);

#endif
