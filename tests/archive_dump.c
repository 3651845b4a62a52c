// SPDX-License-Identifier: MIT
// The kernel's archive reader as a program of the host, for tests/archive.sh:
//   archive_dump ARCHIVE             lists the tree, one line an entry: type, mode, size, path, link target
//   archive_dump ARCHIVE DIRECTORY   also writes the tree below DIRECTORY, which must exist
//   archive_dump --bench N ARCHIVE   unpacks N times, prints the best time and speed
// ARCHIVE is a .tar, or a .tar.lzma when its name ends so. The exit status is 1 when the archive is refused.
#include "../kernel/boot/archive.h"
#include "../kernel/boot/lzma.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define UNKNOWN_SIZE_MAX ((size_t)256 << 20)

static const char *archive_name;

__attribute__((noreturn)) static void fail(const char *place, const char *reason)
{
	fprintf(stderr, "archive_dump: %s: %s%s%s\n", archive_name, place, place[0] ? ": " : "", reason);
	exit(1);
}

// Memory of exactly `size` bytes, so that a sanitizer sees every byte too far.
static void *allocate(size_t size)
{
	void *memory = malloc(size ? size : 1);
	if (!memory)
		fail("", "no memory");
	return memory;
}

static uint8_t *read_whole(const char *name, size_t *size)
{
	struct stat status;
	int file = open(name, O_RDONLY | O_CLOEXEC);
	if (file < 0 || fstat(file, &status) != 0)
		fail("", strerror(errno));
	*size = (size_t)status.st_size;
	uint8_t *data = allocate(*size);
	for (size_t done = 0; done < *size;) {
		ssize_t got = read(file, data + done, *size - done);
		if (got <= 0)
			fail("", got ? strerror(errno) : "shorter than it was");
		done += (size_t)got;
	}
	close(file);
	return data;
}

static uint8_t *unpack(const uint8_t *packed, size_t packed_size, size_t *size)
{
	struct lzma_header header;
	struct lzma_state *state = allocate(sizeof *state);
	enum lzma_status status = lzma_header(packed, packed_size, &header);
	if (status != LZMA_OK)
		fail("", lzma_status_name(status));
	size_t room = header.size == LZMA_UNKNOWN_SIZE ? UNKNOWN_SIZE_MAX : (size_t)header.size;
	uint8_t *data = allocate(room);
	status = lzma_decode(packed, packed_size, data, room, size, state);
	char place[64];
	snprintf(place, sizeof place, "byte %zu", state->consumed);
	if (status != LZMA_OK)
		fail(place, lzma_status_name(status));
	free(state);
	return data;
}

static void bench(unsigned times, const uint8_t *packed, size_t packed_size)
{
	double best = 1e9;
	size_t size = 0;
	while (times-- > 0) {
		struct timespec before, after;
		clock_gettime(CLOCK_MONOTONIC, &before);
		free(unpack(packed, packed_size, &size));
		clock_gettime(CLOCK_MONOTONIC, &after);
		double took = (double)(after.tv_sec - before.tv_sec) + (double)(after.tv_nsec - before.tv_nsec) * 1e-9;
		if (took < best)
			best = took;
	}
	printf("%zu -> %zu bytes in %.2f ms: %.1f MB/s\n", packed_size, size, best * 1e3, (double)size / best / 1e6);
}

static void list(const struct archive_node *n)
{
	static const char types[] = {[TAR_FILE] = 'f', [TAR_DIRECTORY] = 'd', [TAR_SYMLINK] = 'l'};
	bool link = n->type == TAR_SYMLINK;
	printf("%c %04o %llu /%.*s%s%.*s\n", types[n->type], n->mode, (unsigned long long)n->size, (int)n->path_length,
	       n->path, link ? " -> " : "", link ? (int)n->size : 0, link ? (const char *)n->data : "");
}

static void write_file(const char *path, const struct archive_node *n)
{
	FILE *file = fopen(path, "wb");
	if (!file || fwrite(n->data, 1, n->size, file) != n->size || fclose(file) != 0)
		fail(path, strerror(errno));
}

static void write_node(const char *directory, const struct archive_node *n)
{
	char path[4096], target[TAR_PATH_MAX + 1];
	snprintf(path, sizeof path, "%s/%.*s", directory, (int)n->path_length, n->path);
	switch (n->type) {
	case TAR_FILE: write_file(path, n); break;
	case TAR_DIRECTORY:
		if (mkdir(path, 0700) != 0 && errno != EEXIST)
			fail(path, strerror(errno));
		return;
	case TAR_SYMLINK:
		memcpy(target, n->data, n->size);
		target[n->size] = 0;
		if (symlink(target, path) != 0)
			fail(path, strerror(errno));
		return;
	}
	if (chmod(path, n->mode) != 0)
		fail(path, strerror(errno));
}

static bool ends_in(const char *text, const char *end)
{
	size_t length = strlen(text), end_length = strlen(end);
	return length >= end_length && strcmp(text + length - end_length, end) == 0;
}

int main(int argc, char **argv)
{
	bool benching = argc == 4 && strcmp(argv[1], "--bench") == 0;
	if (argc < 2 || argc > 4 || (argc == 4 && !benching)) {
		fprintf(stderr, "usage: archive_dump ARCHIVE [DIRECTORY] | --bench N ARCHIVE\n");
		return 2;
	}
	archive_name = argv[benching ? 3 : 1];
	size_t size, index_size;
	uint8_t *data = read_whole(archive_name, &size);
	if (benching) {
		bench((unsigned)atoi(argv[2]), data, size);
		free(data);
		return 0;
	}
	if (ends_in(archive_name, ".lzma")) {
		uint8_t *packed = data;
		data = unpack(packed, size, &size);
		free(packed);
	}
	struct archive archive;
	struct archive_error error;
	void *index = NULL;
	if (archive_measure(data, size, &index_size, &error) != ARCHIVE_OK ||
	    archive_open(&archive, data, size, index = allocate(index_size), index_size, &error) != ARCHIVE_OK) {
		char place[TAR_PATH_MAX + 64];
		snprintf(place, sizeof place, "byte %zu: /%s", error.offset, error.path);
		fail(place, archive_error_reason(&error));
	}
	for (uint32_t i = 0; i < archive.count; i++)
		argc == 3 ? write_node(argv[2], &archive.nodes[i]) : list(&archive.nodes[i]);
	free(index);
	free(data);
	return 0;
}
