// SPDX-License-Identifier: MIT
// Journals; see journal.h.
#include "journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATH_ROOM 512u

static void fail(const char *what)
{
	fprintf(stderr, "torture: journal: %s: %s\n", what, strerror(errno));
	exit(2);
}

static void put(const struct journal *journal, const struct record *records, size_t count)
{
	size_t size = count * sizeof(*records);
	if (journal->file >= 0 && write(journal->file, records, size) != (ssize_t)size)
		fail("write");
}

static void put_file(const struct journal *journal, const struct tree_file *file)
{
	struct record records[1024];
	size_t count = 0;
	records[count++] = (struct record){.kind = RECORD_FILE, .file = file->id, .version = file->version, .dir = file->dir,
					   .slot = file->slot, .size = file->content.size};
	for (size_t i = 0; i < file->content.count; i++) {
		const struct extent *extent = &file->content.extents[i];
		if (count == sizeof(records) / sizeof(records[0])) {
			put(journal, records, count);
			count = 0;
		}
		records[count++] = (struct record){.kind = RECORD_EXTENT, .file = file->id, .version = extent->version,
						   .offset = extent->begin, .size = extent->end};
	}
	put(journal, records, count);
}

static void put_state(const struct journal *journal, const struct journal_head *head, const struct tree *tree)
{
	struct record first = {.kind = RECORD_HEAD, .file = tree->client, .version = tree->serial, .offset = head->seed,
			       .size = head->block, .number = head->round, .dir = head->flags};
	put(journal, &first, 1);
	for (uint8_t dir = 0; dir < TREE_DIRS; dir++)
		if (tree->dirs[dir])
			put(journal, &(struct record){.kind = RECORD_DIR, .dir = dir}, 1);
	for (unsigned i = 0; i < TREE_FILES; i++)
		if (tree->files[i].id && tree->files[i].dir != TREE_NOWHERE)
			put_file(journal, &tree->files[i]);
	put(journal, &(struct record){.kind = RECORD_BEGIN}, 1);
}

void journal_begin(struct journal *journal, const char *path, const struct journal_head *head, const struct tree *tree)
{
	char fresh[PATH_ROOM];
	*journal = (struct journal){.file = -1};
	if (!path)
		return;
	snprintf(fresh, sizeof(fresh), "%s.new", path);
	journal->file = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0666);
	if (journal->file < 0)
		fail(fresh);
	put_state(journal, head, tree);
	if (rename(fresh, path) < 0)
		fail(path);
}

void journal_end(struct journal *journal)
{
	if (journal->file >= 0)
		close(journal->file);
	journal->file = -1;
}

void journal_step(struct journal *journal, struct record *step)
{
	step->number = ++journal->number;
	put(journal, step, 1);
}

void journal_outcome(struct journal *journal, const struct record *step, bool done, uint64_t end)
{
	put(journal, &(struct record){.kind = RECORD_OUTCOME, .number = step->number, .done = done, .end = end}, 1);
}

// ---- Reading -----------------------------------------------------------------------------------------------------------

// The whole records of the file; the one that its writer died in is left out.
static struct record *load(const char *path, size_t *count)
{
	struct stat found;
	int file = open(path, O_RDONLY | O_CLOEXEC);
	if (file < 0 || fstat(file, &found) < 0)
		return NULL;
	*count = (size_t)found.st_size / sizeof(struct record);
	struct record *records = malloc(*count * sizeof(*records) + 1);
	ssize_t size = records ? read(file, records, *count * sizeof(*records)) : -1;
	close(file);
	if (size == (ssize_t)(*count * sizeof(*records)))
		return records;
	free(records);
	return NULL;
}

static bool take_state(struct history *history, const struct record *record)
{
	struct tree_file *file;
	switch (record->kind) {
	case RECORD_DIR:
		history->tree.dirs[record->dir % TREE_DIRS] = true;
		return true;
	case RECORD_FILE:
		file = record->dir < TREE_DIRS && record->slot < TREE_NAMES ? tree_add(&history->tree, record->file) : NULL;
		if (!file)
			return false;
		file->version = record->version;
		tree_name(&history->tree, file, record->dir, record->slot);
		content_resize(&file->content, record->size);
		return true;
	case RECORD_EXTENT:
		file = tree_find(&history->tree, record->file);
		if (file)
			content_write(&file->content, record->offset, record->size, record->version);
		return file != NULL;
	}
	return false;
}

// Steps keep their order; an outcome belongs to one of the last of them.
static void take_outcome(struct history *history, const struct record *record)
{
	for (size_t i = history->count; i-- > 0;) {
		struct record *step = &history->steps[i];
		if (step->number != record->number)
			continue;
		step->end = record->end;
		if (!record->done)
			memmove(step, step + 1, (--history->count - i) * sizeof(*step));
		return;
	}
}

bool history_load(struct history *history, const char *path, const char **why)
{
	size_t count = 0, at = 1;
	struct record *records = load(path, &count);
	memset(history, 0, sizeof(*history));
	*why = !records ? "cannot be read" : "is not a whole journal";
	if (!records || count == 0 || records[0].kind != RECORD_HEAD) {
		free(records);
		return false;
	}
	history->head = (struct journal_head){records[0].offset, (uint32_t)records[0].size, records[0].number, records[0].dir};
	tree_begin(&history->tree, records[0].file);
	while (at < count && take_state(history, &records[at]))
		at++;
	history->tree.serial = history->serial = records[0].version;
	if (at == count || records[at].kind != RECORD_BEGIN) {
		free(records);
		return false;
	}
	history->steps = records;
	for (at++; at < count; at++) {
		if (records[at].kind == RECORD_OUTCOME) {
			take_outcome(history, &records[at]);
			continue;
		}
		struct record *step = &history->steps[history->count++];
		*step = records[at];
		step->end = UINT64_MAX;
		if (step->kind == STEP_CREATE)
			history->serial = step->file & 0xffffff;
	}
	return true;
}

void history_free(struct history *history)
{
	free(history->steps);
	tree_free(&history->tree);
	history->steps = NULL;
}
