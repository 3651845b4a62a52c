// SPDX-License-Identifier: MIT
// The line editor: bytes that were typed go in, bytes for the terminal come out, and at some byte a line is done. It touches
// no terminal and no file, so that it can be tested, and works over any console.
//
// editor_init; for each line: editor_start, then editor_feed for each byte; write and clear `out` after each of them;
// editor_free. On EDITOR_COMPLETE look at `line` and `cursor` and call editor_replace or editor_show_choices, or nothing.
// Keys: left, right, Ctrl-B/F; Home, End, Ctrl-A/E; Alt-B/F, Ctrl-left/right by words; up, down, Ctrl-P/N history; Ctrl-R search;
// Backspace, Delete, Ctrl-D; Ctrl-W word, Ctrl-U before, Ctrl-K behind the cursor, Ctrl-Y puts back; Ctrl-T swaps; Ctrl-L clears.
// 1. `cursor` is at the start of a character, or at the end of the line. 2. A line longer than the terminal scrolls sideways.
// Terminal sequences: ECMA-48 (cursor, erase) and what xterm, the Linux console and rxvt send for keys.
#ifndef CLI_EDITOR_H
#define CLI_EDITOR_H

#include "text.h"

#define EDITOR_LINE_MAX 8192u // bytes of a line
#define EDITOR_HISTORY 200u   // lines that are remembered

enum editor_result {
	EDITOR_MORE,	 // the line goes on
	EDITOR_LINE,	 // Enter: `line` is done, and in the history
	EDITOR_CANCEL,	 // Ctrl-C: the line is dropped
	EDITOR_END,	 // Ctrl-D on an empty line
	EDITOR_COMPLETE, // Tab
};

struct editor {
	struct text line, out;
	size_t cursor;		 // byte in `line`
	const char *prompt;	 // the caller's; printable ASCII
	size_t columns;		 // of the terminal
	struct text killed;	 // for Ctrl-Y
	char *history[EDITOR_HISTORY];
	size_t history_count;
	size_t history_at;	 // which line is shown; history_count: the new one
	struct text fresh;	 // the new one while another is shown
	char escape[8];		 // a sequence that has not ended
	size_t escape_length;	 // 0: none
	char character[4];	 // one beyond ASCII that is not complete
	size_t character_length;
	bool searching;		 // Ctrl-R
	struct text query;
	size_t found;		 // history_count: nothing was found yet
	char last;		 // the byte before, for CR LF
};

void editor_init(struct editor *editor);
void editor_free(struct editor *editor);
// Begins an empty line and shows the prompt. columns 0: 80.
void editor_start(struct editor *editor, const char *prompt, size_t columns);
enum editor_result editor_feed(struct editor *editor, char byte);
// As if Ctrl-C had been typed (a console may tell it as an event).
enum editor_result editor_cancel(struct editor *editor);
// Completion: replaces the bytes from `start` to the cursor by `text`.
void editor_replace(struct editor *editor, size_t start, const char *text);
// Shows choices below the line, in columns, and the line again.
void editor_show_choices(struct editor *editor, const char *const *choices, size_t count);
// Remembers a line, unless it is empty or the same as the one before.
void editor_remember(struct editor *editor, const char *line);

#endif
