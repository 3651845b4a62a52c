// SPDX-License-Identifier: MIT
// The corpora of the fuzz targets as tests: together they reach every trap and every routine of the kernel; and the same
// inputs with every n-th allocation failing leave nothing behind. Run from the root of the repository.
#include "fuzz.h"

#include <dirent.h>
#include <kernel/core/alloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define INPUT_MAX 16384u

static const struct fuzz_target target = {.name = "corpus", .acts = (1u << FUZZ_ACTS) - 1, .instead = FUZZ_TRAP};
static uint8_t input[INPUT_MAX];

// Runs one file, with every `failures`-th allocation failing if that is not 0. False: a finding.
static bool file_run(const char *folder, const char *name, unsigned failures)
{
	char path[512];
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	FILE *file = fopen(path, "rb");
	if (!file)
		return false;
	size_t size = fread(input, 1, sizeof(input), file);
	fclose(file);
	if (failures > 2 && size > 2)
		input[2] = (uint8_t)(failures - 2);
	uint8_t *exact = malloc(size ? size : 1);
	if (!exact)
		return false;
	memcpy(exact, input, size);
	bool fine = fuzz_run(exact, size, &target);
	free(exact);
	if (!fine)
		printf("%s with failures %u\n", path, failures);
	return fine;
}

// How many files were run; each n-th beginning with the first-th.
static unsigned folder_run(const char *folder, unsigned first, unsigned n, unsigned failures)
{
	struct dirent **files = NULL;
	int count = scandir(folder, &files, NULL, alphasort);
	unsigned ran = 0, at = 0;
	for (int i = 0; i < count; i++) {
		if (files[i]->d_name[0] != '.' && at++ % n == first) {
			if (!file_run(folder, files[i]->d_name, failures))
				sim_fail();
			ran++;
		}
		free(files[i]);
	}
	free(files);
	return ran;
}

static bool is_kernels(const char *name) { return fuzz_guess_destination(name) != FUZZ_RECEIVE_RIGHT; }

TEST(fuzz_corpus_reaches_everything)
{
	unsigned never = 0, without_success = 0;
	CHECK(folder_run("tests/corpus/trap", 0, 1, 0) > 100);
	for (size_t i = 0; i < grammar_table.trap_count; i++) {
		if (fuzz_trap_counts[i].calls == 0) {
			printf("no seed in tests/corpus/trap calls the trap %s\n", grammar_table.traps[i].name);
			never++;
		} else if (fuzz_trap_counts[i].successes == 0) {
			without_success++;
			if (sim_verbose())
				printf("no success: %s\n", grammar_table.traps[i].name);
		}
	}
	for (size_t i = 0; i < grammar_table.message_count; i++) {
		if (fuzz_message_counts[i].calls == 0 && is_kernels(grammar_table.messages[i].name)) {
			printf("no seed in tests/corpus/trap calls %s\n", grammar_table.messages[i].name);
			never++;
		} else if (fuzz_message_counts[i].successes == 0) {
			without_success++;
			if (sim_verbose())
				printf("no success: %s\n", grammar_table.messages[i].name);
		}
	}
	CHECK_EQ(never, 0);
	printf("without success: %u\n", without_success);
}
