// SPDX-License-Identifier: MIT
// Lines that were typed before: up and down, and Ctrl-R; see editor.h.
#include "editor_internal.h"

#include <stdlib.h>
#include <string.h>

void editor_remember(struct editor *editor, const char *line)
{
	size_t count = editor->history_count;
	if (!*line || (count > 0 && strcmp(editor->history[count - 1], line) == 0))
		return;
	if (count == EDITOR_HISTORY) {
		free(editor->history[0]);
		memmove(editor->history, editor->history + 1, (count - 1) * sizeof(editor->history[0]));
		count--;
	}
	editor->history[count++] = memory_string(line, strlen(line));
	editor->history_count = count;
}

void editor_set_line(struct editor *editor, const char *line)
{
	text_clear(&editor->line);
	text_add(&editor->line, line);
	editor->cursor = editor->line.length;
}

void editor_history_move(struct editor *editor, int step)
{
	if (step < 0 ? editor->history_at == 0 : editor->history_at == editor->history_count)
		return;
	if (editor->history_at == editor->history_count) {
		text_clear(&editor->fresh);
		text_add(&editor->fresh, text_string(&editor->line));
	}
	editor->history_at += step < 0 ? (size_t)-1 : 1;
	bool fresh = editor->history_at == editor->history_count;
	editor_set_line(editor, fresh ? text_string(&editor->fresh) : editor->history[editor->history_at]);
	editor_draw(editor);
}

void editor_search_begin(struct editor *editor)
{
	editor->searching = true;
	editor->found = editor->history_count;
	text_clear(&editor->query);
	editor_draw(editor);
}

// The newest line before `below` that contains the query; the place stays when there is none.
static void search_back(struct editor *editor, size_t below)
{
	if (editor->query.length == 0)
		return;
	while (below-- > 0)
		if (strstr(editor->history[below], text_string(&editor->query))) {
			editor->found = below;
			return;
		}
}

static void search_end(struct editor *editor, bool accept)
{
	editor->searching = false;
	if (accept && editor->found < editor->history_count) {
		editor->history_at = editor->found;
		editor_set_line(editor, editor->history[editor->found]);
	}
	editor_draw(editor);
}

bool editor_search_feed(struct editor *editor, char byte)
{
	unsigned char c = (unsigned char)byte;
	if (c == KEY_CTRL('r')) {
		search_back(editor, editor->found);
	} else if (c == KEY_CTRL('g')) {
		search_end(editor, false);
		return true;
	} else if (c == KEY_DELETE || c == KEY_CTRL('h')) {
		size_t length = editor->query.length;
		while (length > 0 && ((unsigned char)editor->query.data[--length] & 0xc0) == 0x80)
			;
		text_remove(&editor->query, length, editor->query.length - length);
		editor->found = editor->history_count;
		search_back(editor, editor->history_count);
	} else if (c >= ' ') {
		text_add_byte(&editor->query, byte);
		size_t from = editor->found < editor->history_count ? editor->found + 1 : editor->history_count;
		search_back(editor, from);
	} else {
		search_end(editor, c != KEY_CTRL('c'));
		return false;
	}
	editor_draw(editor);
	return true;
}
