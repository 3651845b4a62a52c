// SPDX-License-Identifier: MIT
// Tests of client and checker together, on the file system in memory (fake.h): what keeps its promises passes after every crash, and
// each way of breaking them is seen.
#include "check.h"
#include "client.h"
#include "fake.h"

#include <gila/test.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CLIENTS = 2, STEPS = 300, ROUNDS = 3 };

static struct work work;
static char prefix[64];

static void journal_path(char path[FILES_PATH_ROOM], uint32_t client)
{
	snprintf(path, FILES_PATH_ROOM, "%s.c%u", prefix, client);
}

static void world_begin(uint64_t seed)
{
	snprintf(prefix, sizeof(prefix), "/tmp/torture-test.%d", (int)getpid());
	memset(&work, 0, sizeof(work));
	work = (struct work){.files = &files_fake, .root = "/", .journal = prefix, .seed = seed, .block = 4096, .clients = CLIENTS,
			     .budget = 400000, .file_max = 200000, .patience = UINT64_MAX, .syncs = 90, .quiet = !getenv("SEED")};
	fake_begin(seed);
}

static void world_end(void)
{
	char path[FILES_PATH_ROOM];
	for (uint32_t client = 0; client < CLIENTS; client++) {
		journal_path(path, client);
		unlink(path);
	}
	fake_end();
}

// The clients take turns until the power goes. Each begins with what check adopted, if anything.
static void run_round(struct check *checks, enum fake_fault fault)
{
	static struct client clients[CLIENTS];
	struct record step;
	bool running = true;
	work.gone = false;
	work.round++;
	fake_plan(FAKE_GOOD, UINT64_MAX);
	for (uint32_t i = 0; i < CLIENTS; i++)
		running &= client_begin(&clients[i], &work, i, checks ? &checks[i].adopted : NULL);
	fake_plan(fault, 50 + client_roll(&clients[0], STEPS));
	while (running && !work.gone && work.failures == 0) {
		struct client *client = &clients[client_roll(&clients[0], CLIENTS)];
		enum outcome outcome = choose_step(client, &step) ? act_step(client, &step) : look_somewhere(client);
		running = outcome == DONE || outcome == NEVER;
	}
	for (uint32_t i = 0; i < CLIENTS; i++)
		client_end(&clients[i]);
}

static void check_round(struct check *checks)
{
	char path[FILES_PATH_ROOM];
	const char *why;
	uint64_t last = 0;
	for (uint32_t i = 0; i < CLIENTS; i++) {
		journal_path(path, i);
		if (!check_load(&checks[i], &work, i, path, &why))
			work_fail(&work, "%s", why);
		last = check_last_sync(&checks[i]) > last ? check_last_sync(&checks[i]) : last;
	}
	for (uint32_t i = 0; i < CLIENTS; i++)
		check_client(&checks[i], last);
	if (work.failures == 0)
		check_moment(&work, checks, CLIENTS);
}

// How many failures there are in a life with that seed.
static uint64_t live(uint64_t seed, enum fake_fault fault)
{
	static struct check checks[CLIENTS];
	world_begin(seed);
	run_round(NULL, fault);
	for (unsigned round = 0; round < ROUNDS && work.failures == 0; round++) {
		fake_crash();
		work.gone = false;
		check_round(checks);
		if (work.failures == 0 && round + 1 < ROUNDS)
			run_round(checks, fault);
		for (uint32_t i = 0; i < CLIENTS; i++)
			check_free(&checks[i]);
	}
	uint64_t failures = work.failures;
	world_end();
	return failures;
}

static unsigned seeds(unsigned usual)
{
	const char *text = getenv("SEEDS");
	return text ? (unsigned)atoi(text) : usual;
}

static bool all_accepted(enum fake_fault fault)
{
	uint64_t only = getenv("SEED") ? strtoull(getenv("SEED"), NULL, 10) : 0;
	for (uint64_t seed = only ? only : 1; seed <= (only ? only : seeds(30)); seed++) {
		uint64_t failures = live(seed, fault);
		if (failures) {
			printf("seed %llu: SEED=%llu shows what was found\n", (unsigned long long)seed, (unsigned long long)seed);
		}
		if (failures)
			return false;
	}
	return true;
}

TEST(check_accepts_what_keeps_its_promises) { CHECK(all_accepted(FAKE_GOOD)); }
TEST(check_accepts_what_dying_servers_leave) { CHECK(all_accepted(FAKE_DEATHS)); }

// In how many of so many lives a fault is seen.
static unsigned seen(enum fake_fault fault, unsigned lives)
{
	unsigned count = 0;
	for (uint64_t seed = 1; seed <= lives; seed++)
		count += live(seed * 77, fault) > 0;
	printf("  fault %u: seen in %u of %u lives\n", fault, count, lives);
	return count;
}

TEST(check_sees_a_lost_sync) { CHECK(seen(FAKE_LOST_SYNC, 20) > 15); }
TEST(check_sees_stale_blocks) { CHECK(seen(FAKE_STALE, 20) > 10); }
TEST(check_sees_a_wrong_byte) { CHECK(seen(FAKE_WRONG_BYTE, 20) > 10); }
TEST(client_sees_a_wrong_bit) { CHECK(seen(FAKE_WRONG_BIT, 20) > 10); }
TEST(check_sees_swapped_blocks) { CHECK(seen(FAKE_SWAPPED, 20) > 10); }
TEST(check_sees_blocks_used_too_early) { CHECK(seen(FAKE_REUSED, 60) > 2); } // only where the power goes soon after
TEST(check_sees_contents_behind_metadata) { CHECK(seen(FAKE_UNORDERED, 20) > 10); }
TEST(check_sees_half_a_rename) { CHECK(seen(FAKE_HALF_RENAME, 30) > 5); }
TEST(check_sees_what_was_removed) { CHECK(seen(FAKE_RESURRECTED, 20) > 10); }
TEST(check_sees_two_moments) { CHECK(seen(FAKE_TWO_MOMENTS, 20) > 10); }
