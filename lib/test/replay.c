// SPDX-License-Identifier: MIT
// Feeds every file named on the command line to a fuzz target: the corpus replay of `make test`. A finding is a crash
// or a sanitizer report; a file that cannot be read is an error of its own.
#include <gila/fuzz.h>

#include <stdio.h>
#include <stdlib.h>

static int replay_file(const char *path)
{
	FILE *file = fopen(path, "rb");
	if (!file) {
		perror(path);
		return 1;
	}
	uint8_t *data = NULL;
	size_t size = 0, room = 0;
	for (;;) {
		if (size == room) {
			room = room ? room * 2 : 65536;
			data = realloc(data, room);
			if (!data)
				abort();
		}
		size_t got = fread(data + size, 1, room - size, file);
		if (got == 0)
			break;
		size += got;
	}
	fclose(file);
	// An exact-size copy, so that a read past the end is seen.
	uint8_t *exact = malloc(size ? size : 1);
	if (!exact)
		abort();
	for (size_t i = 0; i < size; i++)
		exact[i] = data[i];
	LLVMFuzzerTestOneInput(exact, size);
	free(exact);
	free(data);
	return 0;
}

int main(int argc, char **argv)
{
	unsigned passed = 0, failed = 0;
	for (int i = 1; i < argc; i++)
		replay_file(argv[i]) ? failed++ : passed++;
	printf("%u passed, %u failed\n", passed, failed);
	return failed > 0 || passed == 0;
}
