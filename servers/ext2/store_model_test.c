// SPDX-License-Identifier: MIT
// The model of store_model_test.h.
#include "store_model_test.h"

enum { NO_SLOT = UINT32_MAX };

static uint64_t block_of(uint32_t slot) { return slot < BENCH_JOURNAL ? slot : BENCH_FIRST + slot - BENCH_JOURNAL; }

static uint32_t choice(struct model *model, uint32_t count) { return (uint32_t)(fake_random(&model->random) >> 20) % count; }

// ---- Sectors ----------------------------------------------------------------------------------------------

static void sector_fill(uint8_t *bytes, uint64_t block, uint32_t sector, uint32_t version)
{
	uint64_t words[BLOCK_SECTOR / 8];
	for (unsigned i = 0; i < BLOCK_SECTOR / 8; i++)
		words[i] = version ? (block << 40 ^ (uint64_t)sector << 32 ^ version) + i * UINT64_C(0x123456789) : 0;
	if (version)
		words[1] = version;
	if (version % 5 == 1) // looks like a block of the journal, which must be escaped there
		be32_put((uint8_t *)words, JBD2_MAGIC);
	memcpy(bytes, words, sizeof(words));
}

// The version of the sector; UINT32_MAX: it is none of this block's.
static uint32_t sector_version(const uint8_t *bytes, uint64_t block, uint32_t sector)
{
	uint8_t right[BLOCK_SECTOR];
	uint64_t version;
	memcpy(&version, bytes + 8, 8);
	sector_fill(right, block, sector, (uint32_t)version);
	return version < UINT32_MAX && memcmp(right, bytes, BLOCK_SECTOR) == 0 ? (uint32_t)version : UINT32_MAX;
}

// ---- Comparing --------------------------------------------------------------------------------------------

static struct model_image found; // the versions that were read last

static const char *read_found(struct model *model)
{
	for (uint32_t slot = 0; slot < MODEL_SLOTS; slot++) {
		const uint8_t *data;
		if (store_get(model->bench.store, block_of(slot), &data))
			return "a block cannot be read";
		for (uint32_t i = 0; i < model->sectors; i++)
			found.version[slot][i] = sector_version(data + i * BLOCK_SECTOR, block_of(slot), i);
	}
	return NULL;
}

static bool sector_fits(const struct model *model, const struct model_image *image, uint32_t slot, uint32_t sector)
{
	uint32_t version = found.version[slot][sector], right = image->version[slot][sector];
	if (version == right)
		return true;
	if (version == UINT32_MAX || image->kind[slot] != MODEL_CONTENTS)
		return false;
	// Contents may be newer than the commit when all was lost, and of the call that was under way.
	if (model->lost_memory)
		return version > right && version > image->born[slot] && version <= model->newest;
	return model->data_slot == slot && sector >= model->data_first && sector < model->data_end &&
	       version == model->data_version;
}

static bool fits(const struct model *model, const struct model_image *image)
{
	for (uint32_t slot = 0; slot < MODEL_SLOTS; slot++)
		for (uint32_t i = 0; image->kind[slot] != MODEL_UNUSED && i < model->sectors; i++)
			if (!sector_fits(model, image, slot, i))
				return false;
	return true;
}

static void adopt(struct model *model, const struct model_image *image)
{
	model->ended = *image;
	for (uint32_t slot = 0; slot < MODEL_SLOTS; slot++)
		if (image->kind[slot] == MODEL_CONTENTS)
			memcpy(model->ended.version[slot], found.version[slot], sizeof(found.version[slot]));
	model->running = model->ended;
	model->operating = model->ending = false;
	model->data_slot = NO_SLOT;
}

static const char *compare_after_loss(struct model *model)
{
	if (fits(model, &model->committed))
		adopt(model, &model->committed);
	else if (model->committing && fits(model, &model->begun))
		adopt(model, &model->begun);
	else
		return "it is neither the last commit nor the one that was under way";
	model->committed = model->ended;
	model->committing = model->lost_memory = false;
	return NULL;
}

static const char *compare_after_kill(struct model *model)
{
	struct store_statistics statistics;
	store_statistics(model->bench.store, &statistics);
	if (fits(model, &model->ended))
		adopt(model, &model->ended);
	else if (model->ending && fits(model, &model->running))
		adopt(model, &model->running);
	else
		return "it is neither the last operation nor the one that was about to end";
	// Whoever takes over ends a commit of which a trace may be on the disk.
	if (model->committing && model->committing_metadata && statistics.dirty_metadata == 0)
		model->committed = model->begun;
	model->committing = false;
	for (uint32_t slot = 0; slot < MODEL_SLOTS; slot++)
		if (model->ended.kind[slot] == MODEL_UNUSED && model->committed.kind[slot] != MODEL_UNUSED &&
		    store_is_free(model->bench.store, block_of(slot)))
			return "a block may be allocated though it is not yet free on the disk";
	return NULL;
}

const char *model_open(struct model *model)
{
	const char *wrong = bench_open(&model->bench);
	if (wrong)
		return wrong;
	if (model->bench.found == STORE_FOUND_DAMAGE)
		return model->bench.damage;
	uint64_t until = fake_until; // to look changes nothing
	fake_until = 0;
	wrong = read_found(model);
	if (!wrong)
		wrong = model->lost_memory ? compare_after_loss(model) : compare_after_kill(model);
	if (until)
		fake_until = until > fake_steps ? until : fake_steps + 1;
	return wrong;
}

void model_killed(struct model *model, bool everything)
{
	fake_until = 0;
	if (everything)
		bench_kill_all(&model->bench);
	else
		bench_kill_server(&model->bench);
	model->lost_memory |= everything;
}

// ---- Doing ------------------------------------------------------------------------------------------------

static void must(kern_return_t error, const char *what)
{
	if (error) {
		printf("%s: %s\n", what, gila_error_text(error));
		abort();
	}
}

// A slot of that kind, by chance; NO_SLOT.
static uint32_t pick(struct model *model, enum model_kind kind)
{
	uint32_t slot = choice(model, MODEL_SLOTS);
	for (uint32_t i = 0; i < MODEL_SLOTS; i++, slot = (slot + 1) % MODEL_SLOTS)
		if (model->running.kind[slot] == kind &&
		    (kind != MODEL_UNUSED || store_is_free(model->bench.store, block_of(slot))))
			return slot;
	return NO_SLOT;
}

static void act_put(struct model *model, uint32_t slot)
{
	uint8_t block[BLOCK_PAGE];
	uint32_t version = ++model->newest;
	for (uint32_t i = 0; i < model->sectors; i++)
		sector_fill(block + i * BLOCK_SECTOR, block_of(slot), i, version);
	must(store_put(model->bench.store, block_of(slot), block), "put");
	model->running.kind[slot] = MODEL_METADATA;
	for (uint32_t i = 0; i < model->sectors; i++)
		model->running.version[slot][i] = version;
}

static void act_data(struct model *model, uint32_t slot, bool is_fresh)
{
	uint8_t bytes[BLOCK_PAGE];
	uint32_t first = choice(model, model->sectors), end = first + 1 + choice(model, model->sectors - first);
	if (is_fresh) {
		model->running.kind[slot] = MODEL_CONTENTS;
		memset(model->running.version[slot], 0, sizeof(model->running.version[slot]));
		model->running.born[slot] = model->newest;
	}
	uint32_t version = ++model->newest;
	for (uint32_t i = first; i < end; i++)
		sector_fill(bytes + (i - first) * BLOCK_SECTOR, block_of(slot), i, version);
	model->data_first = first;
	model->data_end = end;
	model->data_version = version;
	model->data_slot = slot;
	must(store_data(model->bench.store, block_of(slot), first * BLOCK_SECTOR, bytes, (end - first) * BLOCK_SECTOR,
			is_fresh),
	     "data");
	for (uint32_t i = first; i < end; i++) {
		model->running.version[slot][i] = version;
		if (model->ended.kind[slot] == MODEL_CONTENTS)
			model->ended.version[slot][i] = version;
	}
	model->data_slot = NO_SLOT;
}

// Frees a used slot and those behind it, in one call if they are neighbours.
static void act_free(struct model *model)
{
	uint32_t slot = pick(model, choice(model, 2) ? MODEL_METADATA : MODEL_CONTENTS), count = 0;
	if (slot == NO_SLOT || slot == 0)
		return;
	uint32_t most = 1 + choice(model, 5);
	while (count < most && slot + count < MODEL_SLOTS && slot + count != BENCH_JOURNAL &&
	       model->running.kind[slot + count] != MODEL_UNUSED)
		model->running.kind[slot + count++] = MODEL_UNUSED;
	if (count)
		must(store_free(model->bench.store, block_of(slot), count), "free");
}

static void act_change(struct model *model)
{
	uint32_t slot;
	switch (choice(model, 8)) {
	case 0:
		if ((slot = pick(model, MODEL_UNUSED)) != NO_SLOT)
			act_put(model, slot);
		break;
	case 1:
	case 2:
	case 3:
		if ((slot = pick(model, MODEL_UNUSED)) != NO_SLOT)
			act_data(model, slot, true);
		break;
	case 4:
		if ((slot = pick(model, MODEL_CONTENTS)) != NO_SLOT)
			act_data(model, slot, false);
		break;
	case 5:
		act_free(model);
		break;
	default:
		if ((slot = pick(model, MODEL_METADATA)) != NO_SLOT)
			act_put(model, slot);
	}
}

// What goes on while a commit is under way.
static void act_meanwhile(struct model *model)
{
	struct store *store = model->bench.store;
	const uint8_t *data;
	struct store_run ahead = {block_of(choice(model, MODEL_SLOTS - 20)), 20};
	uint32_t slot;
	switch (choice(model, 6)) {
	case 0:
	case 1:
		if ((slot = pick(model, MODEL_CONTENTS)) != NO_SLOT)
			act_data(model, slot, false);
		break;
	case 2:
		must(store_get(store, block_of(choice(model, MODEL_SLOTS)), &data), "get");
		break;
	case 3:
		must(store_read_runs(store, &ahead, choice(model, 2), 1), "read");
		break;
	case 4:
		disk_write_contents(store, choice(model, 20));
		break;
	default:
		store_work(store);
	}
}

// Step by step, or ended by an operation that begins.
static void commit_in_steps(struct model *model)
{
	struct store *store = model->bench.store;
	uint64_t changes = store_changes(store);
	unsigned steps = choice(model, 30);
	must(store_commit_begin(store), "commit");
	while (!store_commit_is_over(store)) {
		act_meanwhile(model);
		if (steps-- > 0)
			continue;
		must(store_begin(store), "begin");
		store_cancel(store);
	}
	must(store_committed(store) < changes, "what was committed");
}

void model_commit(struct model *model)
{
	struct store_statistics statistics;
	store_statistics(model->bench.store, &statistics);
	model->committing_metadata = statistics.dirty_metadata > 0;
	model->begun = model->ended;
	model->committing = true;
	if (choice(model, 3) == 0)
		must(store_commit(model->bench.store), "commit");
	else
		commit_in_steps(model);
	model->committed = model->begun;
	model->committing = false;
}

void model_operation(struct model *model)
{
	kern_return_t error = store_begin(model->bench.store);
	if (error == KERN_RESOURCE_SHORTAGE) {
		model_commit(model);
		error = store_begin(model->bench.store);
	}
	must(error, "begin");
	model->operating = true;
	act_put(model, 0); // as a file system does with its superblock; so it can be seen whether the operation took effect
	for (uint32_t i = 1 + choice(model, 6); i > 0; i--)
		act_change(model);
	if (choice(model, 10) == 0) {
		model->running = model->ended;
		store_cancel(model->bench.store);
	} else {
		model->ending = true;
		store_end(model->bench.store);
		model->ended = model->running;
		model->ending = false;
	}
	model->operating = false;
}

void model_act(struct model *model)
{
	struct store_run ahead = {block_of(choice(model, MODEL_SLOTS - 20)), 20};
	switch (choice(model, 12)) {
	case 0:
		model_commit(model);
		break;
	case 1:
		store_work(model->bench.store);
		break;
	case 2:
		must(store_read_runs(model->bench.store, &ahead, 0, 1), "read ahead");
		break;
	case 3:
		disk_write_contents(model->bench.store, choice(model, 20)); // as when much is dirty
		break;
	case 4:
		if (choice(model, 10) == 0) {
			model_commit(model);
			must(store_journal_stop(model->bench.store), "stop");
			must(store_journal_start(model->bench.store), "start");
		}
		break;
	default:
		model_operation(model);
	}
}

void model_begin(struct model *model, uint64_t seed)
{
	static const uint32_t features[] = {0, JOURNAL_64BIT, JOURNAL_SUMS_2, JOURNAL_SUMS_3, JOURNAL_SUMS_3 | JOURNAL_64BIT,
					    JOURNAL_SUMS_2 | JOURNAL_64BIT};
	uint32_t block_size = seed % 3 == 0 ? 4096 : seed % 3 == 1 ? 1024 : 2048;
	memset(model, 0, sizeof(*model));
	bench_make(&model->bench, block_size, features[seed % 6], seed * 7919);
	model->bench.disk.shuffle = seed % 2 == 0;
	model->bench.log_blocks = 280;
	model->bench.transaction = 140;
	model->random = seed;
	model->sectors = block_size / BLOCK_SECTOR;
	model->data_slot = NO_SLOT;
	kept_stored = fake_step;
}

void model_end(struct model *model)
{
	kept_stored = NULL;
	fake_when = NULL;
	fake_until = 0;
	bench_free(&model->bench);
}
