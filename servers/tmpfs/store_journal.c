// SPDX-License-Identifier: MIT
// Transactions of the tmpfs store: a redo journal in the superblock.
//
// Words to change are collected outside of the memory, then written to the journal, then SUPER_COMMIT is set by one
// store: from there on the change is made, whoever makes it. Applying it twice does the same as applying it once.
#include "store_layout.h"

void store_put_bytes(struct store *store, uint64_t offset, const void *from, size_t size)
{
	// Somebody who watches the stores sees them in pieces; else one copy is as good.
	size_t most = store->memory->stored ? 64 : size;
	for (size_t done = 0; done < size;) {
		size_t piece = size - done < most ? size - done : most;
		uint8_t *to = store->memory->base + offset + done;
		if (from)
			memcpy(to, (const uint8_t *)from + done, piece);
		else
			memset(to, 0, piece);
		done += piece;
		if (store->memory->stored)
			store->memory->stored(store->memory);
	}
}

void store_tx_begin(struct store *store)
{
	store->tx.count = 0;
	store->tx.full = false;
}

uint64_t store_tx_get(struct store *store, uint64_t offset)
{
	for (unsigned i = store->tx.count; i-- > 0;)
		if (store->tx.words[i].offset == offset)
			return store->tx.words[i].value;
	return store_get(store, offset);
}

void store_tx_put(struct store *store, uint64_t offset, uint64_t value)
{
	struct store_tx *tx = &store->tx;
	for (unsigned i = 0; i < tx->count; i++) {
		if (tx->words[i].offset == offset) {
			tx->words[i].value = value;
			return;
		}
	}
	if (tx->count == STORE_TX_MAX) {
		tx->full = true;
		return;
	}
	tx->words[tx->count].offset = offset;
	tx->words[tx->count++].value = value;
}

static void journal_apply(struct store *store, uint64_t count)
{
	for (uint64_t i = 0; i < count; i++) {
		uint64_t entry = SUPER_JOURNAL + i * 16;
		store_put(store, store_get(store, entry), store_get(store, entry + 8));
	}
	store_put(store, SUPER_COMMIT, 0);
}

bool store_tx_commit(struct store *store)
{
	struct store_tx *tx = &store->tx;
	if (tx->full)
		return false;
	for (unsigned i = 0; i < tx->count; i++) {
		store_put(store, SUPER_JOURNAL + i * 16, tx->words[i].offset);
		store_put(store, SUPER_JOURNAL + i * 16 + 8, tx->words[i].value);
	}
	store_put(store, SUPER_COMMIT, tx->count);
	journal_apply(store, tx->count);
	tx->count = 0;
	return true;
}

bool store_replay(struct store *store)
{
	uint64_t count = store_get(store, SUPER_COMMIT);
	if (count > STORE_TX_MAX)
		return false;
	for (uint64_t i = 0; i < count; i++) {
		uint64_t offset = store_get(store, SUPER_JOURNAL + i * 16);
		bool in_journal = offset >= SUPER_JOURNAL && offset < STORE_BLOCK;
		if (offset % 8 != 0 || offset >= store->memory->size || in_journal || offset == SUPER_COMMIT)
			return false;
	}
	journal_apply(store, count);
	return true;
}
