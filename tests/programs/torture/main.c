// SPDX-License-Identifier: MIT
// torture run DIRECTORY [OPTION...]: clients work on a directory of any file system and check every byte; docs/recovery.md.
// torture verify DIRECTORY --journal P: after everything was killed: is there what the journals promise? Then they begin anew.
//
//   --clients N (8)   --seconds S (10)   --seed N   --block BYTES (4096)   --budget BYTES (8M) of a client   --file-max BYTES (2M)
//   --journal P       keeps journals P.c0, ... on the host; if they are there already, run verifies first and goes on
//   --kill SEAT[:stat|sync]   kills its server at random (repeatable)      --kill-rate R (10) a second, of all together
//   --probes N (200)  undisturbed calls of each kind before the first kill, for comparison
//   --syncs N (90)    of 1000 steps                                        --pause MS (0) two steps of a client
//   --patience S (30) a call that takes longer hangs: the end, status 4
//   --tolerant        calls may fail of shortages and are repeated         --damage   wrong bytes and errors are counted
//   --json
// torture -c "run DIRECTORY ...": as the shell of an image, which init gives the words of exec= (tests/metal/torture.sh).
// Exit status: 0 good, 1 failures, 2 it could not be run, 3 the system went away, 4 a call hangs.
#include "check.h"
#include "client.h"
#include "report.h"

#include <gila/gila.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define WORDS_MOST 64 // of -c

enum { STATUS_GOOD, STATUS_FAILED, STATUS_USAGE, STATUS_GONE, STATUS_HANGS };

static struct work work;
static struct killer killer;
static struct client clients[WORK_CLIENTS];
static struct check checks[WORK_CLIENTS];
static double seconds = 10;
static bool json;

static bool parse_number(const char *text, double *number)
{
	char *end;
	*number = strtod(text, &end);
	if (*end == 'K' || *end == 'M')
		*number *= *end++ == 'K' ? 1024 : 1048576;
	return end != text && !*end && *number >= 0;
}

static bool parse_flag(const char *word)
{
	if (strcmp(word, "--tolerant") == 0)
		return work.tolerant = true;
	if (strcmp(word, "--damage") == 0)
		return work.damage = work.tolerant = work.quiet = true;
	if (strcmp(word, "--json") == 0)
		return json = true;
	return false;
}

static bool parse_value(const char *word, char *value)
{
	double number;
	if (strcmp(word, "--journal") == 0) {
		work.journal = value;
		return true;
	}
	if (strcmp(word, "--kill") == 0)
		return work.kills = killer_add(&killer, value);
	if (!parse_number(value, &number))
		return false;
	if (strcmp(word, "--clients") == 0)
		work.clients = (unsigned)number;
	else if (strcmp(word, "--seconds") == 0)
		seconds = number;
	else if (strcmp(word, "--seed") == 0)
		work.seed = strtoull(value, NULL, 10);
	else if (strcmp(word, "--block") == 0)
		work.block = (uint32_t)number;
	else if (strcmp(word, "--budget") == 0)
		work.budget = (uint64_t)number;
	else if (strcmp(word, "--file-max") == 0)
		work.file_max = (uint64_t)number;
	else if (strcmp(word, "--kill-rate") == 0)
		killer.rate = number;
	else if (strcmp(word, "--probes") == 0)
		killer.quiet_probes = (unsigned)number;
	else if (strcmp(word, "--syncs") == 0)
		work.syncs = (unsigned)number;
	else if (strcmp(word, "--pause") == 0)
		work.pause = (uint64_t)(number * 1e6);
	else if (strcmp(word, "--patience") == 0)
		work.patience = (uint64_t)(number * 1e9);
	else
		return false;
	return true;
}

static bool parse(int count, char **words)
{
	work = (struct work){.clients = 8, .block = 4096, .budget = 8 << 20, .file_max = 2 << 20, .patience = 30000000000, .syncs = 90};
	work.seed = work_now() % 1000000007;
	killer.rate = 10;
	killer.quiet_probes = 200;
	work.root = words[0];
	work.files = files_of(&work.root);
	for (int i = 1; i < count; i++) {
		if (parse_flag(words[i]))
			continue;
		if (i + 1 == count || !parse_value(words[i], words[i + 1])) {
			fprintf(stderr, "torture: %s: not an option, or not a value of it\n", words[i]);
			return false;
		}
		i++;
	}
	return work.clients > 0 && work.clients <= WORK_CLIENTS && work.block >= 512 && work.file_max > 0 && killer.rate > 0;
}

// ---- Hangs -------------------------------------------------------------------------------------------------------------

static void *watch(void *argument)
{
	for (;; nanosleep(&(struct timespec){.tv_nsec = 200000000}, NULL)) {
		for (unsigned i = 0; i < work.clients; i++) {
			uint64_t since = clients[i].since;
			if (since == 0 || work.gone || work_now() < since + work.patience)
				continue;
			work_fail(&work, "client %u: %s has had no answer for %.0f s: a hang", i, clients[i].doing,
				  (double)(work_now() - since) / 1e9);
			report_print(&work, clients, &killer, seconds, json);
			_exit(STATUS_HANGS);
		}
	}
	return argument;
}

static bool watch_start(void)
{
	pthread_t thread;
	return pthread_create(&thread, NULL, watch, NULL) == 0 && pthread_detach(thread) == 0;
}

// ---- Verifying ---------------------------------------------------------------------------------------------------------

static void journal_path(char path[FILES_PATH_ROOM], uint32_t client)
{
	snprintf(path, FILES_PATH_ROOM, "%.400s.c%u", work.journal, client);
}

// Loads the journals that there are; returns how many.
static unsigned load_journals(void)
{
	char path[FILES_PATH_ROOM];
	const char *why;
	unsigned count = 0;
	for (; count < WORK_CLIENTS; count++) {
		journal_path(path, count);
		if (access(path, F_OK) != 0)
			break;
		if (!check_load(&checks[count], &work, count, path, &why)) {
			work_fail(&work, "%s: %s", path, why);
			break;
		}
		const struct journal_head *head = &checks[count].history.head;
		work.seed = head->seed;
		work.round = head->round > work.round ? head->round : work.round;
	}
	return count;
}

// False: something is not as the journals say.
static bool verify(unsigned count)
{
	uint64_t last = 0, start = work_now();
	size_t steps = 0, durable = 0;
	for (unsigned i = 0; i < count; i++)
		last = check_last_sync(&checks[i]) > last ? check_last_sync(&checks[i]) : last;
	for (unsigned i = 0; i < count; i++) {
		check_client(&checks[i], last);
		steps += checks[i].history.count;
		durable += checks[i].durable;
	}
	bool good = work.failures == 0 && check_moment(&work, checks, count);
	if (work.gone || work.files->gone()) {
		work.gone = true;
		return false;
	}
	if (!json)
		printf("verified %u clients after round %u in %.2f s: %zu steps, %zu of them durable: %s\n", count, work.round,
		       (double)(work_now() - start) / 1e9, steps, durable, good ? "good" : "NOT as promised");
	fflush(stdout);
	return good;
}

// Verifies if there are journals, and begins the clients with what is there.
static bool begin(void)
{
	unsigned count = work.journal ? load_journals() : 0;
	if (work.failures > 0 || (count > 0 && !verify(count)))
		return false;
	if (count > work.clients)
		work.clients = count;
	work.round++;
	bool good = true;
	for (unsigned i = 0; good && i < work.clients; i++)
		good = client_begin(&clients[i], &work, i, i < count ? &checks[i].adopted : NULL);
	for (unsigned i = 0; i < count; i++)
		check_free(&checks[i]);
	return good;
}

// ---- Running -----------------------------------------------------------------------------------------------------------

static void *run_client(void *argument)
{
	client_run(argument);
	return NULL;
}

static void *check_client_all(void *argument)
{
	client_check_all(argument);
	return NULL;
}

static void each(void *(*function)(void *), pthread_t *threads)
{
	for (unsigned i = 0; i < work.clients; i++)
		if (pthread_create(&threads[i], NULL, function, &clients[i]) != 0)
			exit(STATUS_USAGE);
}

static void join(const pthread_t *threads)
{
	for (unsigned i = 0; i < work.clients; i++)
		pthread_join(threads[i], NULL);
}

static void run(void)
{
	pthread_t threads[WORK_CLIENTS];
	uint64_t start = work_now();
	if (!json)
		printf("%u clients begin, seed %llu, round %u\n", work.clients, (unsigned long long)work.seed, work.round);
	fflush(stdout);
	each(run_client, threads);
	if (!killer_start(&killer, &work))
		exit(STATUS_USAGE);
	while ((double)(work_now() - start) < seconds * 1e9 && !work.gone && (work.failures == 0 || work.damage))
		nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
	work.over = true;
	join(threads);
	seconds = (double)(work_now() - start) / 1e9;
	killer_stop(&killer);
	if (work.gone || work.damage || work.failures > 0)
		return;
	each(check_client_all, threads);
	join(threads);
}

static int status_of(void)
{
	if (work.gone)
		return work.failures ? STATUS_FAILED : STATUS_GONE;
	return work.failures ? STATUS_FAILED : STATUS_GOOD;
}

// The words of a text, behind the program's name; as many as there is room for.
static int split(char *text, char **words, int room)
{
	int count = 1;
	for (char *word = strtok(text, " "); word && count < room; word = strtok(NULL, " "))
		words[count++] = word;
	return count;
}

int main(int argc, char **argv)
{
	char *words[WORDS_MOST] = {argv[0]};
	if (argc == 3 && strcmp(argv[1], "-c") == 0) {
		gila_check_in(); // the shell is launched for a seat
		argc = split(argv[2], words, WORDS_MOST);
		argv = words;
	}
	bool verifies = argc > 1 && strcmp(argv[1], "verify") == 0;
	if (argc < 3 || (!verifies && strcmp(argv[1], "run") != 0) || !parse(argc - 2, argv + 2) || (verifies && !work.journal)) {
		fprintf(stderr, "usage: torture run|verify DIRECTORY [OPTION...]; see tests/programs/torture/main.c\n");
		return STATUS_USAGE;
	}
	if (!watch_start())
		return STATUS_USAGE;
	if (begin() && !verifies)
		run();
	if (!verifies || json)
		report_print(&work, clients, &killer, seconds, json);
	for (unsigned i = 0; i < work.clients; i++)
		if (clients[i].work)
			client_end(&clients[i]);
	return status_of();
}
