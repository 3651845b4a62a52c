// SPDX-License-Identifier: MIT
// The cut that a client's directory shows; see check.h. The steps are taken one after the other; where names and sizes are those
// that were found, the contents are looked at. Neighbouring cuts that have the same names and sizes are one span: its first cut
// allows most.
#include "check.h"
#include "describe.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool check_load(struct check *check, struct work *work, uint32_t client, const char *journal, const char **why)
{
	memset(check, 0, sizeof(*check));
	check->work = work;
	check->client = client;
	return history_load(&check->history, journal, why);
}

void check_free(struct check *check)
{
	history_free(&check->history);
	found_free(&check->found);
	tree_free(&check->adopted);
}

static bool is_sync(const struct record *step) { return step->kind == STEP_SYNC || step->kind == STEP_SYNC_ALL; }

uint64_t check_last_sync(const struct check *check)
{
	uint64_t last = 0;
	for (size_t i = 0; i < check->history.count; i++) {
		const struct record *step = &check->history.steps[i];
		if (is_sync(step) && step->end != UINT64_MAX && step->start > last)
			last = step->start;
	}
	return last;
}

// A step has surely taken effect when it ended before a sync began that was answered.
static size_t durable_steps(const struct check *check, uint64_t last_sync)
{
	size_t durable = 0;
	for (size_t i = 0; i < check->history.count; i++)
		if (check->history.steps[i].end < last_sync)
			durable = i + 1;
	return durable;
}

// ---- Names and sizes ---------------------------------------------------------------------------------------------------

// How many names and sizes differ; `text` tells of the first.
static unsigned count_differences(const struct check *check, const struct tree *tree, char text[DESCRIBE_ROOM])
{
	const struct found *found = &check->found;
	unsigned count = 0;
	for (unsigned dir = 0; dir < TREE_DIRS; dir++) {
		if (found->dirs[dir] != tree->dirs[dir] && count++ == 0)
			snprintf(text, DESCRIBE_ROOM, "d%u is %s", dir, found->dirs[dir] ? "there" : "away");
		for (unsigned slot = 0; slot < TREE_NAMES; slot++) {
			const struct tree_file *file = tree->names[dir][slot];
			if (found->names[dir][slot] == (file != NULL) && (!file || found->sizes[dir][slot] == file->content.size))
				continue;
			if (count++ == 0)
				snprintf(text, DESCRIBE_ROOM, "d%u/f%02u is %s with %" PRIu64 " bytes, but was %s with %" PRIu64, dir, slot,
					 found->names[dir][slot] ? "there" : "away", found->sizes[dir][slot], file ? "there" : "away",
					 file ? file->content.size : 0);
		}
	}
	return count;
}

// A write that makes a file longer than it was found to be is taken as two: the cut may lie between them.
static void split_step(struct history *history, size_t index, uint64_t size)
{
	struct record *steps = realloc(history->steps, (history->count + 1) * sizeof(*steps));
	if (!steps)
		abort();
	memmove(&steps[index + 1], &steps[index], (history->count - index) * sizeof(*steps));
	history->steps = steps;
	history->count++;
	if (size <= steps[index].offset) {
		steps[index].kind = STEP_RESIZE; // in the gap
		steps[index].size = size;
		return;
	}
	uint64_t first = size - steps[index].offset;
	steps[index].size = first;
	steps[index + 1].offset = size;
	steps[index + 1].size -= first;
}

static void split_steps(struct check *check)
{
	struct history *history = &check->history;
	struct tree tree;
	tree_copy(&tree, &history->tree);
	for (size_t i = 0; i < history->count; i++) {
		const struct record *step = &history->steps[i];
		const struct tree_file *file = tree_find(&tree, step->file);
		if ((step->kind == STEP_WRITE || step->kind == STEP_APPEND) && file && file->dir != TREE_NOWHERE) {
			uint64_t size = check->found.sizes[file->dir][file->slot];
			if (check->found.names[file->dir][file->slot] && size > file->content.size && size < step->offset + step->size)
				split_step(history, i, size);
		}
		tree_apply(&tree, &history->steps[i]);
	}
	tree_free(&tree);
}

// ---- The cut -----------------------------------------------------------------------------------------------------------

// Whether the contents fit a cut before step `at`; then they become `adopted`.
static bool contents_fit(struct check *check, const struct tree *tree, size_t at, char text[DESCRIBE_ROOM + 64])
{
	struct tree adopted;
	tree_copy(&adopted, tree);
	for (unsigned i = 0; i < TREE_FILES; i++) {
		struct tree_file *file = &adopted.files[i];
		if (!file->id || file->dir == TREE_NOWHERE) {
			file->id = 0;
			continue;
		}
		if (grains_check(check, &tree->files[i], at, &file->content, text, DESCRIBE_ROOM + 64))
			continue;
		tree_free(&adopted);
		return false;
	}
	tree_free(&check->adopted);
	tree_move(&check->adopted, &adopted);
	return true;
}

struct search {
	struct tree tree;
	unsigned least;             // differences, of the cuts so far
	bool inside, fits;          // a span is open; its first cut fits
	size_t first;               // its first cut
	char names[DESCRIBE_ROOM];  // what differs at least
	char contents[DESCRIBE_ROOM + 64]; // what is wrong where the names are right
	bool early;                 // a cut fits that lies before what is durable
};

static void end_span(struct check *check, struct search *search, size_t last)
{
	const struct history *history = &check->history;
	if (search->inside && search->fits && check->span_count < CHECK_SPANS)
		check->spans[check->span_count++] = (struct span){
			.from = search->first > 0 ? history->steps[search->first - 1].start : 0,
			.to = last < history->count ? history->steps[last].end : UINT64_MAX,
		};
	search->inside = false;
}

// The cut before step `at`.
static void try_cut(struct check *check, struct search *search, size_t at)
{
	char text[DESCRIBE_ROOM];
	unsigned differences = count_differences(check, &search->tree, text);
	if (at == check->durable)
		search->inside = false; // what came before does not count
	if (differences > 0) {
		end_span(check, search, at - 1);
		if (at >= check->durable && differences < search->least) {
			search->least = differences;
			snprintf(search->names, sizeof(search->names), "%s", text);
		}
		return;
	}
	search->least = 0;
	if (search->inside)
		return;
	search->inside = true;
	search->first = at;
	search->fits = contents_fit(check, &search->tree, at, search->contents);
	if (at < check->durable) {
		search->early |= search->fits;
		search->fits = false;
		search->least = UINT32_MAX;
	} else if (search->fits) {
		check->good = true;
	}
}

static void tell(const struct check *check, const struct search *search)
{
	char what[64] = "";
	if (check->durable > 0)
		snprintf(what, sizeof(what), "after %zu durable steps of %zu", check->durable, check->history.count);
	if (search->early)
		work_fail(check->work, "client %u: what was synced is lost: the state is an older one than %s", check->client, what);
	else if (search->least == 0)
		work_fail(check->work, "client %u: %s", check->client, search->contents);
	else
		work_fail(check->work, "client %u: names and sizes fit no moment %s: %s", check->client, what, search->names);
}

// Files go on with versions and numbers that were never used.
static void raise_versions(struct check *check)
{
	for (size_t i = 0; i < check->history.count; i++) {
		const struct record *step = &check->history.steps[i];
		struct tree_file *file = tree_find(&check->adopted, step->file);
		if (file && step->version > file->version)
			file->version = step->version;
	}
	check->adopted.serial = check->history.serial;
}

bool check_client(struct check *check, uint64_t last_sync)
{
	struct search search = {.least = UINT32_MAX};
	tree_begin(&check->adopted, check->client);
	if (!found_read(&check->found, check->work, check->client))
		return false;
	split_steps(check);
	check->durable = durable_steps(check, last_sync);
	tree_copy(&search.tree, &check->history.tree);
	for (size_t at = 0; at <= check->history.count; at++) {
		try_cut(check, &search, at);
		if (at == check->history.count || tree_apply(&search.tree, &check->history.steps[at]))
			continue;
		work_fail(check->work, "client %u: step %zu of the journal makes no sense", check->client, at);
		check->good = false;
		break;
	}
	end_span(check, &search, check->history.count);
	if (!check->good)
		tell(check, &search);
	raise_versions(check);
	tree_free(&search.tree);
	return check->good;
}

// ---- All clients -------------------------------------------------------------------------------------------------------

static bool holds(const struct check *check, uint64_t moment)
{
	for (unsigned i = 0; i < check->span_count; i++)
		if (check->spans[i].from <= moment && moment <= check->spans[i].to)
			return true;
	return check->span_count == CHECK_SPANS; // not all of them were kept
}

bool check_moment(struct work *work, const struct check *checks, unsigned count)
{
	for (unsigned client = 0; client < count; client++) {
		for (unsigned i = 0; i < checks[client].span_count; i++) {
			unsigned fitting = 0;
			while (fitting < count && holds(&checks[fitting], checks[client].spans[i].from))
				fitting++;
			if (fitting == count)
				return true;
		}
	}
	work_fail(work, "the states of the clients are of different moments");
	return false;
}
