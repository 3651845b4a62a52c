// SPDX-License-Identifier: MIT
// The contents of one file after a crash; see check.h. Every grain that does not hold what it held at the cut must hold what some
// later step made of it: the steps are applied one after the other, and what fits is taken off the list.
#include "check.h"
#include "describe.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum grain { GRAIN_GOOD, GRAIN_OPEN, GRAIN_CLOSED }; // OPEN: nothing fits yet; CLOSED: and nothing later can

struct grains {
	const struct check *check;
	const struct tree_file *file;
	const uint8_t *data;
	uint64_t size;
	struct content now, before; // with the steps so far; without the last of them
	struct content *adopted;
	uint8_t *states; // enum grain
	size_t count, bad;
};

static size_t grain_size(const struct grains *grains, size_t index)
{
	uint64_t left = grains->size - (uint64_t)index * CHECK_GRAIN;
	return left < CHECK_GRAIN ? (size_t)left : CHECK_GRAIN;
}

static bool fits(const struct grains *grains, const struct content *content, size_t index)
{
	uint64_t at = (uint64_t)index * CHECK_GRAIN;
	size_t size = grain_size(grains, index);
	return content_match(content, grains->check->work->seed, grains->file->id, at, grains->data + at, size) == size;
}

// Each byte is as it was before the step or as the step made it.
static bool fits_mixed(const struct grains *grains, size_t index)
{
	uint64_t at = (uint64_t)index * CHECK_GRAIN, end = at + grain_size(grains, index);
	uint64_t seed = grains->check->work->seed;
	while (at < end) {
		size_t good = content_match(&grains->now, seed, grains->file->id, at, grains->data + at, end - at);
		if (good == 0)
			good = content_match(&grains->before, seed, grains->file->id, at, grains->data + at, end - at);
		if (good == 0)
			return false;
		at += good;
	}
	return true;
}

// What is there becomes part of `adopted`, byte for byte where versions are mixed.
static void adopt(struct grains *grains, size_t index, bool mixed)
{
	uint64_t at = (uint64_t)index * CHECK_GRAIN, end = at + grain_size(grains, index), seed = grains->check->work->seed;
	while (at < end) {
		const struct content *from = &grains->now;
		size_t size = mixed ? content_match(from, seed, grains->file->id, at, grains->data + at, end - at) : end - at;
		if (size == 0) {
			from = &grains->before;
			size = content_match(from, seed, grains->file->id, at, grains->data + at, end - at);
		}
		const struct extent *extent = content_at(from, at);
		uint64_t to = extent && extent->end < at + size ? extent->end : at + size;
		content_write(grains->adopted, at, to, extent ? extent->version : 0);
		at = to;
	}
}

static void settle(struct grains *grains, size_t index, enum grain state)
{
	if (grains->states[index] != GRAIN_GOOD && state == GRAIN_GOOD)
		grains->bad--;
	grains->states[index] = (uint8_t)state;
}

// Looks again at the grains of [begin, end) that do not fit yet, after a step.
static void look_again(struct grains *grains, uint64_t begin, uint64_t end, bool cut_off)
{
	end = end < grains->size ? end : grains->size;
	for (size_t index = begin / CHECK_GRAIN; (uint64_t)index * CHECK_GRAIN < end; index++) {
		if (grains->states[index] != GRAIN_OPEN)
			continue;
		bool whole = fits(grains, &grains->now, index);
		if (!whole && !(cut_off && fits_mixed(grains, index)))
			continue;
		adopt(grains, index, !whole);
		settle(grains, index, GRAIN_GOOD);
	}
}

// Blocks that are given back keep what they hold: whatever is written at their place later goes elsewhere.
static void close_freed(struct grains *grains, uint64_t size)
{
	uint32_t block = grains->check->history.head.block;
	uint64_t first = (size + block - 1) / block * block;
	for (size_t index = first / CHECK_GRAIN; index < grains->count; index++)
		if (grains->states[index] == GRAIN_OPEN)
			settle(grains, index, GRAIN_CLOSED);
}

static void apply(struct grains *grains, const struct record *step)
{
	bool cut_off = step->end == UINT64_MAX || (grains->check->history.head.flags & RECORD_KILLS);
	uint64_t old = grains->now.size;
	content_copy(&grains->before, &grains->now);
	if (step->kind == STEP_RESIZE) {
		content_resize(&grains->now, step->size);
		if (step->size < old) {
			look_again(grains, step->size, old, cut_off);
			close_freed(grains, step->size);
		}
		return;
	}
	content_write(&grains->now, step->offset, step->offset + step->size, step->version);
	look_again(grains, step->offset < old ? step->offset : old, step->offset + step->size, cut_off);
}

static void tell(const struct grains *grains, char *text, size_t room)
{
	char line[DESCRIBE_ROOM];
	size_t index = 0;
	while (grains->states[index] == GRAIN_GOOD)
		index++;
	uint64_t at = (uint64_t)index * CHECK_GRAIN;
	size_t size = grain_size(grains, index);
	const struct content *content = &grains->file->content;
	size_t wrong = content_match(content, grains->check->work->seed, grains->file->id, at, grains->data + at, size);
	describe_wrong(line, grains->check->work->seed, grains->file, content_version(content, at + wrong), at, grains->data + at, size,
		       wrong);
	snprintf(text, room, "%s (%zu of %zu sectors are wrong)", line, grains->bad, grains->count);
}

bool grains_check(const struct check *check, const struct tree_file *file, size_t from, struct content *adopted, char *text,
		  size_t room)
{
	struct grains grains = {.check = check, .file = file, .data = check->found.data[file->dir][file->slot],
				.size = check->found.sizes[file->dir][file->slot], .adopted = adopted};
	grains.count = (grains.size + CHECK_GRAIN - 1) / CHECK_GRAIN;
	grains.states = calloc(grains.count + 1, 1);
	if (!grains.states)
		abort();
	content_copy(&grains.now, &file->content);
	content_copy(adopted, &file->content);
	for (size_t index = 0; index < grains.count; index++) {
		if (fits(&grains, &grains.now, index))
			continue;
		grains.states[index] = GRAIN_OPEN;
		grains.bad++;
	}
	for (size_t i = from; grains.bad > 0 && i < check->history.count; i++) {
		const struct record *step = &check->history.steps[i];
		bool changes = step->kind == STEP_WRITE || step->kind == STEP_APPEND || step->kind == STEP_RESIZE;
		if (changes && step->file == file->id)
			apply(&grains, step);
	}
	bool good = grains.bad == 0;
	if (!good)
		tell(&grains, text, room);
	content_free(&grains.now);
	content_free(&grains.before);
	free(grains.states);
	return good;
}
