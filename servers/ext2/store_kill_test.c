// SPDX-License-Identifier: MIT
// The store is killed: the server at any store to the kept memory and at any request, and everything at once, again and
// again.
//
// STORE_SEEDS=N runs more histories, STORE_SEED=N one of them. A failure prints its seed.
#include "store_model_test.h"

#include <inttypes.h>

// Memory of a store that was killed while it was opened is lost, and is no leak.
void __lsan_disable(void) __attribute__((weak));
void __lsan_enable(void) __attribute__((weak));

static struct model model;

static uint64_t number(const char *name, uint64_t otherwise)
{
	const char *text = getenv(name);
	return text ? strtoull(text, NULL, 0) : otherwise;
}

// How far until the next kill: mostly soon, sometimes after a long while.
static uint64_t distance(void)
{
	uint64_t random = fake_random(&model.random);
	static const uint64_t most[] = {3, 30, 300, 300, 3000, 3000, 10000, 30000};
	return 1 + (random >> 24) % most[random >> 8 & 7];
}

// Moments that are short, so that few kills would fall into them by chance.
static bool at_checkpoint(void) { return model.bench.store && model.bench.store->log.phase == LOG_CHECKPOINT; }
static bool at_commit(void) { return model.bench.store && model.bench.store->log.phase == LOG_COMMITTING; }
static bool at_start(void) { return model.bench.store && model.bench.store->log.phase == LOG_STOPPED; }

static uint64_t distance_to(bool (**when)(void))
{
	static bool (*const moments[])(void) = {at_checkpoint, at_commit, at_start};
	uint64_t random = fake_random(&model.random) >> 16;
	*when = random % 8 < 3 ? moments[random % 8] : NULL;
	return *when ? 1 + (random >> 24) % (*when == at_commit ? 6 : 100) : distance();
}

static bool leaking; // what is allocated now may be lost

static void leaks(bool allowed)
{
	if (allowed != leaking && (allowed ? __lsan_disable : __lsan_enable))
		(allowed ? __lsan_disable : __lsan_enable)();
	leaking = allowed;
}

// One history with so many kills. NULL, or what went wrong.
static const char *history(uint64_t seed, unsigned kills, unsigned everything_percent)
{
	static const char *volatile wrong;
	static volatile unsigned life;
	wrong = NULL;
	model_begin(&model, seed);
	for (life = 0; !wrong && life <= kills; life++) {
		leaks(true);
		if (setjmp(fake_killed)) {
			leaks(false);
			model_killed(&model, (fake_random(&model.random) >> 16) % 100 < everything_percent);
			continue;
		}
		fake_until = life < kills ? fake_steps + distance_to(&fake_when) : 0;
		wrong = model_open(&model);
		leaks(false);
		for (unsigned i = 0; !wrong && (fake_until ? i < 500 : i < 10); i++)
			model_act(&model);
		if (!wrong)
			model_killed(&model, false); // the moment did not come
	}
	model_end(&model);
	return wrong;
}

static bool histories(uint64_t count, unsigned kills, unsigned everything_percent)
{
	uint64_t only = number("STORE_SEED", 0);
	count = number("STORE_SEEDS", count);
	for (uint64_t seed = only ? only : 1; seed <= (only ? only : count); seed++) {
		const char *wrong = history(seed, kills, everything_percent);
		if (wrong) {
			printf("STORE_SEED=%" PRIu64 ": %s\n", seed, wrong);
			return false;
		}
	}
	return true;
}

TEST(store_survives_kills_of_the_server) { CHECK(histories(24, 60, 0)); }
TEST(store_survives_kills_of_everything) { CHECK(histories(24, 40, 100)); }
TEST(store_survives_kills_of_both) { CHECK(histories(32, 60, 25)); }

// One short history with a loss of power at its n-th request, and another while what is left is replayed. NULL, or what
// is wrong; *over: there is no n-th request.
static const char *loss(uint64_t seed, uint64_t at, bool *over)
{
	static const char *volatile wrong;
	static volatile unsigned losses;
	wrong = NULL;
	losses = 0;
	model_begin(&model, 13); // always the same history,
	kept_stored = NULL;
	model.bench.transaction = model.bench.log_blocks - 10; // and a checkpoint after nearly every commit
	if (setjmp(fake_killed)) {
		leaks(false);
		losses++;
		// but other sectors are lost.
		model.bench.disk.random = (seed << 32 | at) * UINT64_C(0x9e3779b97f4a7c15) + losses;
		model_killed(&model, true);
	}
	leaks(true);
	fake_until = losses == 0 ? fake_steps + at : losses == 1 ? fake_steps + 1 + seed % 40 : 0;
	wrong = model_open(&model);
	leaks(false);
	for (unsigned i = 0; !wrong && i < (losses ? 2 : 8); i++) {
		model_operation(&model);
		model_commit(&model);
	}
	*over = losses == 0;
	model_end(&model);
	return wrong;
}

TEST(store_survives_a_loss_of_power_at_every_request)
{
	uint64_t draws = number("STORE_SEEDS", 2);
	for (uint64_t seed = 1; seed <= draws; seed++) {
		bool over = false;
		uint64_t at = 0;
		while (!over) {
			const char *wrong = loss(seed, ++at, &over);
			if (wrong)
				printf("seed %" PRIu64 ", request step %" PRIu64 ": %s\n", seed, at, wrong);
			CHECK(!wrong);
		}
		CHECK(at > 300);
	}
}
