// SPDX-License-Identifier: MIT
// Tab completion; see complete.h. Whatever cannot be asked for has no candidates: completion never complains.
#include "complete.h"

#include "cli.h"
#include "kernel.h"
#include "place.h"
#include "words.h"

#include <gila/file.h>
#include <stdlib.h>
#include <string.h>

#define CHOICES_MAX 100u // more are not shown

void candidates_add(struct candidates *candidates, const char *word)
{
	candidates->word = memory_resize(candidates->word, (candidates->count + 1) * sizeof(*candidates->word));
	candidates->word[candidates->count++] = memory_string(word, strlen(word));
}

void candidates_free(struct candidates *candidates)
{
	for (size_t i = 0; i < candidates->count; i++)
		free(candidates->word[i]);
	free(candidates->word);
	*candidates = (struct candidates){0};
}

size_t candidates_common(const struct candidates *candidates)
{
	if (candidates->count == 0)
		return 0;
	const char *first = candidates->word[0];
	size_t common = strlen(first);
	for (size_t i = 1; i < candidates->count; i++)
		while (strncmp(first, candidates->word[i], common) != 0)
			common--;
	size_t whole = 0;
	for (size_t size; whole < common; whole += size) {
		size = utf8_size(first + whole, strlen(first + whole));
		if (whole + size > common)
			break;
	}
	return whole;
}

static bool begins(const char *word, const char *part) { return strncmp(word, part, strlen(part)) == 0; }

void complete_commands(struct candidates *candidates, const char *part)
{
	for (const struct command *command = command_table; command->name; command++)
		if (begins(command->name, part))
			candidates_add(candidates, command->name);
}

static bool complete_monitor(mach_port_t *monitor)
{
	const char *why;
	return place_reach(&why) && gila_seat(MONITOR_NAME, monitor) == KERN_SUCCESS;
}

static void complete_seats(struct candidates *candidates, const char *part)
{
	mach_port_t monitor;
	struct monitor_seat *seats;
	size_t count;
	if (!complete_monitor(&monitor) || kernel_seats(monitor, &seats, &count) != KERN_SUCCESS)
		return;
	for (size_t i = 0; i < count; i++)
		if (begins(seats[i].name, part))
			candidates_add(candidates, seats[i].name);
	free(seats);
}

static void complete_tasks(struct candidates *candidates, const char *part)
{
	mach_port_t monitor;
	struct monitor_task *tasks;
	size_t count;
	if (!complete_monitor(&monitor) || kernel_tasks(monitor, &tasks, &count) != KERN_SUCCESS)
		return;
	for (size_t i = 0; i < count; i++)
		if (begins(tasks[i].name, part))
			candidates_add(candidates, tasks[i].name);
	free(tasks);
}

// Whether the seat of the path answers or can be launched: completion must not wait for one that was stopped.
static bool path_can_be_asked(const char *directory)
{
	struct gila_place place;
	mach_port_t monitor;
	struct monitor_seat *seats;
	size_t count;
	bool found = false;
	if (!complete_monitor(&monitor) || gila_place_find(directory, &place) != KERN_SUCCESS)
		return false;
	if (!place.seat[0])
		return true;
	if (kernel_seats(monitor, &seats, &count) != KERN_SUCCESS)
		return false;
	for (size_t i = 0; i < count; i++)
		found |= strcmp(seats[i].name, place.seat) == 0 &&
			 (seats[i].state == SEAT_VACANT || seats[i].state == SEAT_OCCUPIED);
	free(seats);
	return found;
}

// Adds the entries of the directory in `part` whose names go on like it; directories end with a slash.
static void complete_paths(struct candidates *candidates, const char *part)
{
	const char *slash = strrchr(part, '/'), *name = slash ? slash + 1 : part;
	struct text directory = {0}, path = {0};
	text_append(&directory, part, (size_t)(name - part));
	struct gila_list *list = memory_get(sizeof(*list));
	const char *where = slash ? directory.data : "/";
	if (path_can_be_asked(where) && gila_list_begin(list, where) == KERN_SUCCESS) {
		while (gila_list_next(list) == KERN_SUCCESS && !list->done) {
			if (!begins(list->name, name))
				continue;
			text_clear(&path);
			text_format(&path, "%s%s%s", text_string(&directory), list->name,
				    list->entry.type == FILE_TYPE_DIRECTORY ? "/" : "");
			candidates_add(candidates, path.data);
		}
		gila_list_end(list);
	}
	free(list);
	text_free(&directory);
	text_free(&path);
}

static void complete_word(const struct words_end *end, struct candidates *candidates)
{
	const char *part = text_string(&end->last);
	const struct command *command = end->before.count > 0 ? command_find(end->before.word[0]) : NULL;
	if (end->comment)
		return;
	if (end->before.count == 0) {
		complete_commands(candidates, part);
		return;
	}
	switch (command ? command->complete : COMPLETE_NOTHING) {
	case COMPLETE_PATHS:
	case COMPLETE_PROGRAM:
		complete_paths(candidates, part);
		break;
	case COMPLETE_SEATS:
		complete_seats(candidates, part);
		break;
	case COMPLETE_TASKS:
		complete_tasks(candidates, part);
		break;
	case COMPLETE_COMMANDS:
		complete_commands(candidates, part);
		break;
	case COMPLETE_NOTHING:
		break;
	}
}

void complete_find(const char *line, size_t cursor, struct candidates *candidates, size_t *start)
{
	struct words_end end;
	words_at(line, cursor, &end);
	*candidates = (struct candidates){0};
	*start = end.start;
	complete_word(&end, candidates);
	words_free(&end.before);
	text_free(&end.last);
}

void complete_at_cursor(struct editor *editor)
{
	struct candidates candidates;
	struct words_end end;
	size_t start;
	complete_find(text_string(&editor->line), editor->cursor, &candidates, &start);
	size_t common = candidates_common(&candidates);
	words_at(text_string(&editor->line), editor->cursor, &end);
	if (common > end.last.length || candidates.count == 1) {
		struct text word = {0}, quoted = {0};
		text_append(&word, candidates.word[0], common);
		words_quote(&quoted, word.data);
		if (candidates.count == 1 && common > 0 && word.data[common - 1] != '/')
			text_add_byte(&quoted, ' ');
		editor_replace(editor, start, quoted.data);
		text_free(&word);
		text_free(&quoted);
	} else if (candidates.count > 1) {
		size_t count = candidates.count < CHOICES_MAX ? candidates.count : CHOICES_MAX;
		editor_show_choices(editor, (const char *const *)candidates.word, count);
	}
	words_free(&end.before);
	text_free(&end.last);
	candidates_free(&candidates);
}
