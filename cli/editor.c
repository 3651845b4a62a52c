// SPDX-License-Identifier: MIT
// The line editor's bytes and edits; see editor.h.
#include "editor_internal.h"

#include <stdlib.h>
#include <string.h>

void editor_init(struct editor *editor) { *editor = (struct editor){.prompt = "", .columns = 80}; }

void editor_free(struct editor *editor)
{
	for (size_t i = 0; i < editor->history_count; i++)
		free(editor->history[i]);
	text_free(&editor->line);
	text_free(&editor->out);
	text_free(&editor->killed);
	text_free(&editor->fresh);
	text_free(&editor->query);
}

void editor_start(struct editor *editor, const char *prompt, size_t columns)
{
	editor->prompt = prompt;
	editor->columns = columns ? columns : 80;
	editor->cursor = editor->escape_length = editor->character_length = 0;
	editor->history_at = editor->history_count;
	editor->searching = false;
	text_clear(&editor->line);
	editor_draw(editor);
}

// ---- Places in the line --------------------------------------------------------------------------------------------

static bool is_inside(char byte) { return ((unsigned char)byte & 0xc0) == 0x80; }

static size_t place_before(const struct editor *editor, size_t at)
{
	while (at > 0 && is_inside(editor->line.data[--at]))
		;
	return at;
}

static size_t place_behind(const struct editor *editor, size_t at)
{
	if (at < editor->line.length)
		at++;
	while (at < editor->line.length && is_inside(editor->line.data[at]))
		at++;
	return at;
}

static bool is_gap(char byte, bool paths) { return byte == ' ' || byte == '\t' || (paths && byte == '/'); }

// The start of the word before the cursor; with `paths` a '/' separates words too.
static size_t place_word_before(const struct editor *editor, bool paths)
{
	size_t at = editor->cursor;
	while (at > 0 && is_gap(editor->line.data[at - 1], paths))
		at--;
	while (at > 0 && !is_gap(editor->line.data[at - 1], paths))
		at--;
	return at;
}

static size_t place_word_behind(const struct editor *editor)
{
	size_t at = editor->cursor;
	while (at < editor->line.length && is_gap(editor->line.data[at], true))
		at++;
	while (at < editor->line.length && !is_gap(editor->line.data[at], true))
		at++;
	return at;
}

// ---- Edits ---------------------------------------------------------------------------------------------------------

static void go_to(struct editor *editor, size_t place)
{
	if (place == editor->cursor)
		return;
	editor->cursor = place;
	editor_draw(editor);
}

// Takes out what lies between the places.
static void cut(struct editor *editor, size_t from, size_t to, bool keep)
{
	if (from == to)
		return;
	if (keep) {
		text_clear(&editor->killed);
		text_append(&editor->killed, editor->line.data + from, to - from);
	}
	text_remove(&editor->line, from, to - from);
	editor->cursor = from;
	editor_draw(editor);
}

static void insert(struct editor *editor, const char *bytes, size_t size)
{
	if (size == 0 || editor->line.length + size > EDITOR_LINE_MAX)
		return;
	text_insert(&editor->line, editor->cursor, bytes, size);
	editor->cursor += size;
	// The common case, a byte at the end of a line that fits: no more than an echo.
	size_t used = strlen(editor->prompt) + utf8_count(editor->line.data, editor->line.length);
	if (editor->cursor == editor->line.length && used < editor->columns)
		text_append(&editor->out, bytes, size);
	else
		editor_draw(editor);
}

static void swap(struct editor *editor)
{
	size_t middle = editor->cursor == editor->line.length ? place_before(editor, editor->cursor) : editor->cursor;
	size_t begin = place_before(editor, middle), end = place_behind(editor, middle);
	if (begin == middle)
		return;
	struct text first = {0};
	text_append(&first, editor->line.data + begin, middle - begin);
	text_remove(&editor->line, begin, first.length);
	text_insert(&editor->line, end - first.length, first.data, first.length);
	text_free(&first);
	editor->cursor = end;
	editor_draw(editor);
}

void editor_replace(struct editor *editor, size_t start, const char *text)
{
	if (start > editor->cursor)
		return;
	text_remove(&editor->line, start, editor->cursor - start);
	editor->cursor = start;
	size_t size = strlen(text);
	if (size > 0 && editor->line.length + size <= EDITOR_LINE_MAX) {
		text_insert(&editor->line, start, text, size);
		editor->cursor += size;
	}
	editor_draw(editor);
}

// ---- Keys ----------------------------------------------------------------------------------------------------------

static void key_named(struct editor *editor, const char *sequence)
{
	static const struct {
		const char *sequence; // behind the escape
		char key;	      // the control key that does the same
	} keys[] = {
		{"[A", 'p'}, {"[B", 'n'}, {"[C", 'f'}, {"[D", 'b'}, {"OA", 'p'}, {"OB", 'n'}, {"OC", 'f'},
		{"OD", 'b'}, {"[H", 'a'}, {"[F", 'e'}, {"OH", 'a'}, {"OF", 'e'}, {"[1~", 'a'}, {"[7~", 'a'},
		{"[4~", 'e'}, {"[8~", 'e'},
	};
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (strcmp(sequence, keys[i].sequence) == 0) {
			editor_feed(editor, KEY_CTRL(keys[i].key));
			return;
		}
	if (strcmp(sequence, "[3~") == 0)
		cut(editor, editor->cursor, place_behind(editor, editor->cursor), false);
	else if (strcmp(sequence, "b") == 0 || strcmp(sequence, "[1;5D") == 0)
		go_to(editor, place_word_before(editor, true));
	else if (strcmp(sequence, "f") == 0 || strcmp(sequence, "[1;5C") == 0)
		go_to(editor, place_word_behind(editor));
	else if (strcmp(sequence, "d") == 0)
		cut(editor, editor->cursor, place_word_behind(editor), true);
	else if (strcmp(sequence, "\x7f") == 0)
		cut(editor, place_word_before(editor, true), editor->cursor, true);
}

// A byte of an escape sequence. Unknown sequences are swallowed whole (ECMA-48: CSI ends with 0x40 to 0x7e).
static void escape_feed(struct editor *editor, char byte)
{
	if (byte == KEY_ESCAPE) { // a lone Escape before
		editor->escape_length = 1;
		return;
	}
	if (editor->escape_length < sizeof(editor->escape))
		editor->escape[editor->escape_length] = byte;
	editor->escape_length++;
	if (editor->escape_length == 2 && (byte == '[' || byte == 'O'))
		return;
	if (editor->escape_length > 2 && editor->escape[1] == '[' && (byte < 0x40 || byte > 0x7e) &&
	    (unsigned char)byte >= ' ')
		return;
	size_t length = editor->escape_length;
	editor->escape_length = 0;
	if (length >= sizeof(editor->escape))
		return;
	char sequence[sizeof(editor->escape)] = {0};
	memcpy(sequence, editor->escape + 1, length - 1);
	key_named(editor, sequence);
}

static enum editor_result line_done(struct editor *editor)
{
	editor_leave_line(editor);
	editor_remember(editor, text_string(&editor->line));
	return EDITOR_LINE;
}

enum editor_result editor_cancel(struct editor *editor)
{
	editor->searching = false;
	editor->escape_length = 0;
	editor->cursor = editor->line.length;
	editor_draw(editor);
	text_add(&editor->out, "^C\n");
	text_clear(&editor->line);
	editor->cursor = 0;
	return EDITOR_CANCEL;
}

static enum editor_result key_control(struct editor *editor, unsigned char c)
{
	size_t end = editor->line.length;
	switch (c) {
	case KEY_CTRL('a'):
		go_to(editor, 0);
		break;
	case KEY_CTRL('b'):
		go_to(editor, place_before(editor, editor->cursor));
		break;
	case KEY_CTRL('d'):
		if (end == 0) {
			text_add_byte(&editor->out, '\n');
			return EDITOR_END;
		}
		cut(editor, editor->cursor, place_behind(editor, editor->cursor), false);
		break;
	case KEY_CTRL('e'):
		go_to(editor, end);
		break;
	case KEY_CTRL('f'):
		go_to(editor, place_behind(editor, editor->cursor));
		break;
	case KEY_CTRL('k'):
		cut(editor, editor->cursor, end, true);
		break;
	case KEY_CTRL('l'):
		text_add(&editor->out, "\x1b[H\x1b[2J");
		editor_draw(editor);
		break;
	case KEY_CTRL('t'):
		swap(editor);
		break;
	case KEY_CTRL('u'):
		cut(editor, 0, editor->cursor, true);
		break;
	case KEY_CTRL('w'):
		cut(editor, place_word_before(editor, false), editor->cursor, true);
		break;
	case KEY_CTRL('y'):
		insert(editor, text_string(&editor->killed), editor->killed.length);
		break;
	default:
		break;
	}
	return EDITOR_MORE;
}

// A byte beyond ASCII: a character goes into the line when it is whole; what is not UTF-8 is dropped.
static void character_feed(struct editor *editor, char byte)
{
	if (!is_inside(byte))
		editor->character_length = 0;
	editor->character[editor->character_length++] = byte;
	size_t size = editor->character_length;
	if (size > 1 && utf8_size(editor->character, size) == size) {
		insert(editor, editor->character, size);
		editor->character_length = 0;
	} else if (size == sizeof(editor->character) || is_inside(editor->character[0])) {
		editor->character_length = 0;
	}
}

enum editor_result editor_feed(struct editor *editor, char byte)
{
	unsigned char c = (unsigned char)byte;
	bool after_return = editor->last == '\r';
	editor->last = byte;
	if (editor->escape_length > 0) {
		escape_feed(editor, byte);
		return EDITOR_MORE;
	}
	if (editor->searching && editor_search_feed(editor, byte))
		return EDITOR_MORE;
	switch (c) {
	case '\n':
		return after_return ? EDITOR_MORE : line_done(editor); // CR LF is one Enter
	case '\r':
		return line_done(editor);
	case '\t':
		return EDITOR_COMPLETE;
	case KEY_CTRL('c'):
		return editor_cancel(editor);
	case KEY_ESCAPE:
		editor->escape[0] = KEY_ESCAPE;
		editor->escape_length = 1;
		return EDITOR_MORE;
	case KEY_CTRL('n'):
	case KEY_CTRL('p'):
		editor_history_move(editor, c == KEY_CTRL('n') ? 1 : -1);
		return EDITOR_MORE;
	case KEY_CTRL('r'):
		editor_search_begin(editor);
		return EDITOR_MORE;
	case KEY_DELETE:
	case KEY_CTRL('h'):
		cut(editor, place_before(editor, editor->cursor), editor->cursor, false);
		return EDITOR_MORE;
	default:
		if (c < ' ')
			return key_control(editor, c);
		if (c >= 0x80)
			character_feed(editor, byte);
		else
			insert(editor, &byte, 1);
		return EDITOR_MORE;
	}
}
