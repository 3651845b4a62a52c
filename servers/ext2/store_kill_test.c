// SPDX-License-Identifier: MIT
// The store is killed: the server at any store to the kept memory and at any request, and everything at once, again and again.
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
		fake_until = life < kills ? fake_steps + distance() : 0;
		wrong = model_open(&model);
		leaks(false);
		for (unsigned i = 0; !wrong && (fake_until || i < 10); i++)
			model_act(&model);
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
TEST(store_survives_kills_of_everything) { CHECK(histories(24, 30, 100)); }
TEST(store_survives_kills_of_both) { CHECK(histories(24, 60, 25)); }
