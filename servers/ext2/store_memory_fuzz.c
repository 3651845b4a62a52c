// SPDX-License-Identifier: MIT
// Fuzz target: the kept memory of the store with any words of its head and tables changed. What the checks let pass must
// then work: no access outside, no endless loop, and a store that can be used and restarted.
//
// Input: records of 12 bytes, a place (in words of what is not a frame, modulo their number) and a value.
#include "store_fake_test.c"
#include "store_test.h"

#include <gila/fuzz.h>

#define must(true_here) ((true_here) ? (void)0 : (fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #true_here), abort()))

static struct bench bench;
static uint8_t *kept;                                        // a memory with everything in it, made once
static struct fake_disk disk;                                // and the disk with it
enum { KEPT_WORDS = (PAGE_TABLE * BLOCK_PAGE + 512 * 8) / 8 }; // and the first frames' words in the table

static void furnish(void)
{
	const uint8_t *data;
	bench_make(&bench, 1024, 0, 1);
	must(bench_open(&bench) == NULL);
	for (uint32_t i = 0; i < 20; i++)
		must(store_get(bench.store, i, &data) == KERN_SUCCESS);
	for (uint32_t i = 0; i < 5; i++)
		must(bench_put(&bench, 30 + i, 'l') == KERN_SUCCESS);
	must(store_commit(bench.store) == KERN_SUCCESS);
	must(bench_put(&bench, 30, 'm') == KERN_SUCCESS && bench_put(&bench, 40, 'm') == KERN_SUCCESS);
	must(store_begin(bench.store) == KERN_SUCCESS && store_free(bench.store, 31, 2) == KERN_SUCCESS);
	must(store_free(bench.store, 1500, 9) == KERN_SUCCESS);
	must(store_data(bench.store, 1600, 3, "c", 1, true) == KERN_SUCCESS);
	must(store_put(bench.store, 41, bench_letter(&bench, 'n')) == KERN_SUCCESS);
	store_end(bench.store);
	kept = malloc(bench.client.data_size);
	must(kept != NULL);
	memcpy(kept, bench.client.data, bench.client.data_size);
	fake_disk_copy(&disk, &bench.disk);
	bench_free(&bench);
}

static void use(void)
{
	const uint8_t *data;
	for (uint32_t round = 0; round < 2; round++) {
		for (uint64_t block = 0; block < 45; block++)
			must(store_get(bench.store, block, &data) == KERN_SUCCESS);
		kern_return_t error = bench_put(&bench, 5, 'u');
		must(error == KERN_SUCCESS || error == KERN_RESOURCE_SHORTAGE || error == KERN_INVALID_ARGUMENT);
		error = store_data(bench.store, 1700, 0, "u", 1, true);
		must(error == KERN_SUCCESS || error == KERN_INVALID_ARGUMENT);
		if (store_begin(bench.store) == KERN_SUCCESS) {
			(void)!store_free(bench.store, 1800, 3);
			store_end(bench.store);
		}
		must(store_commit(bench.store) == KERN_SUCCESS);
		bench_kill_server(&bench);
		must(bench_open(&bench) == NULL && bench.found == STORE_FOUND_CACHE);
	}
	must(store_commit(bench.store) == KERN_SUCCESS && store_journal_stop(bench.store) == KERN_SUCCESS);
}

static int fuzz_store_memory(const uint8_t *data, size_t size)
{
	if (!kept)
		furnish();
	memset(&bench, 0, sizeof(bench));
	bench.block_size = 1024;
	for (uint32_t i = 0; i < BENCH_LENGTH; i++)
		bench.journal[i] = BENCH_JOURNAL + i;
	fake_disk_copy(&bench.disk, &disk);
	fake_client_make(&bench.client, &bench.disk, STORE_MEMORY_MIN);
	memcpy(bench.client.data, kept, (KEPT_WORDS + 512 * 100) * 8); // and the first frames
	for (; size >= 12; data += 12, size -= 12) {
		uint32_t place;
		memcpy(&place, data, 4);
		memcpy(bench.client.data + place % KEPT_WORDS * UINT64_C(8), data + 4, 8);
	}
	if (bench_open(&bench) == NULL) {
		use();
	} else {
		// The journal is not the one that the memory speaks of: it is forgotten.
		must(bench.store != NULL);
		store_forget(bench.store);
		store_close(bench.store);
		must(bench_open(&bench) == NULL);
		use();
	}
	bench_free(&bench);
	return 0;
}

FUZZ_TARGET(fuzz_store_memory)
