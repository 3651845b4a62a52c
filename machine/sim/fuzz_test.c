// SPDX-License-Identifier: MIT
// The corpora of the fuzz targets as tests: together they reach every trap and every routine of the kernel; and what
// they do leaves nothing behind when every n-th allocation fails. Run from the root of the repository.
#include "fuzz.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CORPUS "tests/corpus/trap"
#define INPUT_MAX 16384u
#define FAILURES 200u // the largest n
#define MIXES 2u      // inputs for each n

static const struct fuzz_target target = {.name = "corpus", .acts = (1u << FUZZ_ACTS) - 1, .instead = FUZZ_TRAP};

struct corpus {
	struct dirent **files;
	int count;
};

static void corpus_open(struct corpus *corpus)
{
	corpus->count = scandir(CORPUS, &corpus->files, NULL, alphasort);
	if (corpus->count < 0)
		corpus->count = 0;
}

static void corpus_close(struct corpus *corpus)
{
	for (int i = 0; i < corpus->count; i++)
		free(corpus->files[i]);
	free(corpus->files);
}

// The bytes of a file; 0: there is none.
static size_t corpus_read(const struct corpus *corpus, int number, uint8_t *data)
{
	char path[512];
	snprintf(path, sizeof(path), "%s/%s", CORPUS, corpus->files[number]->d_name);
	FILE *file = corpus->files[number]->d_name[0] == '.' ? NULL : fopen(path, "rb");
	size_t size = file ? fread(data, 1, INPUT_MAX, file) : 0;
	if (file)
		fclose(file);
	return size;
}

// A copy of exact size, so that a read past its end is seen.
static bool run(const uint8_t *data, size_t size)
{
	uint8_t *exact = malloc(size);
	if (!exact)
		return false;
	memcpy(exact, data, size);
	bool fine = fuzz_run(exact, size, &target);
	free(exact);
	return fine;
}

// ---- Everything is reached ------------------------------------------------------------------------------------------

static bool is_kernels(const char *name) { return fuzz_guess_destination(name) != FUZZ_RECEIVE_RIGHT; }

// How many of `count` were never called, named.
static unsigned report(const char *name, const struct fuzz_count *count)
{
	if (count->calls == 0)
		printf("no seed in %s calls %s (see tools/fuzz-seeds.py)\n", CORPUS, name);
	else if (count->successes == 0 && sim_verbose())
		printf("no success: %s\n", name);
	return count->calls == 0;
}

TEST(fuzz_corpus_reaches_everything)
{
	static uint8_t data[INPUT_MAX];
	struct corpus corpus;
	unsigned never = 0, ran = 0;
	corpus_open(&corpus);
	for (int i = 0; i < corpus.count; i++) {
		size_t size = corpus_read(&corpus, i, data);
		if (size == 0)
			continue;
		ran++;
		if (!run(data, size)) {
			printf("%s/%s is a finding\n", CORPUS, corpus.files[i]->d_name);
			sim_fail();
		}
	}
	corpus_close(&corpus);
	CHECK(ran > 100);
	for (size_t i = 0; i < grammar_table.trap_count; i++)
		never += report(grammar_table.traps[i].name, &fuzz_trap_counts[i]);
	for (size_t i = 0; i < grammar_table.message_count; i++)
		if (is_kernels(grammar_table.messages[i].name))
			never += report(grammar_table.messages[i].name, &fuzz_message_counts[i]);
	CHECK_EQ(never, 0);
}

// ---- Memory runs out ------------------------------------------------------------------------------------------------

// Ends the one who does it, so that little would come after it.
static bool is_final(const char *name)
{
	return strstr(name, "exit") || strstr(name, "task_abort") || strstr(name, "self") || strstr(name, "crash");
}

// The records of files from number `first` on, as far as one input takes them, spread over the actors.
static size_t mix(const struct corpus *corpus, unsigned first, uint8_t *input)
{
	static uint8_t data[INPUT_MAX];
	size_t size = 3;
	unsigned records = 0;
	for (int i = 0; i < corpus->count && records < FUZZ_RECORDS; i++) {
		int number = (int)((first + (unsigned)i) % (unsigned)corpus->count);
		size_t left = is_final(corpus->files[number]->d_name) ? 0 : corpus_read(corpus, number, data);
		for (size_t at = 3; at + 4 <= left && records < FUZZ_RECORDS; records++) {
			size_t length = 4 + data[at + 3];
			if (length > left - at || length > INPUT_MAX - size)
				break;
			memcpy(input + size, data + at, length);
			input[size] = (uint8_t)((data[at] & ~7) | (((data[at] & 7) + 2 * i) % 5));
			size += length;
			at += length;
		}
	}
	return size;
}

TEST(fuzz_every_nth_allocation_fails)
{
	static uint8_t input[INPUT_MAX];
	struct corpus corpus;
	corpus_open(&corpus);
	CHECK(corpus.count > 100);
	for (unsigned n = 1; n <= FAILURES; n++) {
		for (unsigned i = 0; i < MIXES; i++) {
			size_t size = mix(&corpus, (n * MIXES + i) * 7, input);
			input[0] = (uint8_t)n;
			input[1] = 1 | 3 << 2 | i % 2 << 4; // two tasks, five threads; the kernel's, the machine's
			input[2] = (uint8_t)n;
			if (run(input, size))
				continue;
			printf("something is left over when every %u-th allocation fails, mix %u\n", n, i);
			sim_fail();
			n = FAILURES;
		}
	}
	corpus_close(&corpus);
}
