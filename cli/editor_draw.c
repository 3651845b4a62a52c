// SPDX-License-Identifier: MIT
// What the editor shows; see editor.h. Each character is taken to be one column wide.
#include "editor_internal.h"

#include <string.h>

// The part of the line that is shown: the cursor is always in it.
struct view {
	size_t begin, end;    // bytes
	size_t cursor_column; // from the start of the view
};

static size_t step_back(const char *line, size_t at)
{
	do
		at--;
	while (at > 0 && ((unsigned char)line[at] & 0xc0) == 0x80);
	return at;
}

static struct view view_of(const struct editor *editor, size_t room)
{
	const char *line = text_string(&editor->line);
	struct view view = {.begin = editor->cursor};
	while (view.begin > 0 && view.cursor_column + 1 < room) {
		view.begin = step_back(line, view.begin);
		view.cursor_column++;
	}
	view.end = editor->cursor;
	for (size_t column = view.cursor_column; view.end < editor->line.length && column + 1 < room; column++)
		view.end += utf8_size(line + view.end, editor->line.length - view.end);
	return view;
}

static void put_cursor(struct text *out, size_t column)
{
	text_add_byte(out, '\r');
	if (column > 0)
		text_format(out, "\x1b[%zuC", column);
}

static void draw_search(struct editor *editor)
{
	struct text shown = {0};
	const char *line = editor->found < editor->history_count ? editor->history[editor->found] : "";
	text_format(&shown, "(search) %s: ", text_string(&editor->query));
	text_add_clean(&shown, line);
	size_t size = 0;
	for (size_t column = 0; size < shown.length && column + 1 < editor->columns; column++)
		size += utf8_size(shown.data + size, shown.length - size);
	text_add_byte(&editor->out, '\r');
	text_append(&editor->out, shown.data, size);
	text_add(&editor->out, "\x1b[K");
	text_free(&shown);
}

void editor_draw(struct editor *editor)
{
	if (editor->searching) {
		draw_search(editor);
		return;
	}
	size_t prompt = strlen(editor->prompt);
	size_t room = editor->columns > prompt + 8 ? editor->columns - prompt : 8;
	struct view view = view_of(editor, room);
	text_format(&editor->out, "\r%s", editor->prompt);
	text_append(&editor->out, text_string(&editor->line) + view.begin, view.end - view.begin);
	text_add(&editor->out, "\x1b[K");
	if (view.end > editor->cursor)
		put_cursor(&editor->out, prompt + view.cursor_column);
}

void editor_leave_line(struct editor *editor)
{
	if (editor->searching || editor->cursor < editor->line.length) {
		editor->searching = false;
		editor->cursor = editor->line.length;
		editor_draw(editor);
	}
	text_add_byte(&editor->out, '\n');
}

void editor_show_choices(struct editor *editor, const char *const *choices, size_t count)
{
	size_t widest = 0;
	for (size_t i = 0; i < count; i++) {
		size_t width = utf8_count(choices[i], strlen(choices[i]));
		widest = width > widest ? width : widest;
	}
	size_t across = editor->columns / (widest + 2);
	across = across ? across : 1;
	size_t rows = (count + across - 1) / across;
	text_add_byte(&editor->out, '\n');
	for (size_t row = 0; row < rows; row++) {
		for (size_t i = row; i < count; i += rows) {
			text_add_clean(&editor->out, choices[i]);
			size_t width = utf8_count(choices[i], strlen(choices[i]));
			for (size_t pad = width; i + rows < count && pad < widest + 2; pad++)
				text_add_byte(&editor->out, ' ');
		}
		text_add_byte(&editor->out, '\n');
	}
	editor_draw(editor);
}
