// SPDX-License-Identifier: MIT
// The editor's lines, and what a terminal shows of them: the tests play a terminal of a few columns.
#include "editor.h"

#include <gila/test.h>
#include <string.h>

#define PROMPT "> "

// The last line of a terminal: what the editor's output made of it.
struct screen {
	char cells[128];
	size_t column, columns;
	unsigned lines; // line feeds seen
	bool overflow;	// something was written beyond the last column
};

static struct editor editor;
static struct screen screen;
static enum editor_result result;

static void screen_clear_line(size_t from)
{
	memset(screen.cells + from, ' ', sizeof(screen.cells) - from - 1);
}

static const char *screen_sequence(const char *at)
{
	size_t number = 0;
	for (at += 2; *at >= '0' && *at <= '9'; at++)
		number = number * 10 + (size_t)(*at - '0');
	if (*at == 'K')
		screen_clear_line(screen.column);
	else if (*at == 'C')
		screen.column += number;
	return at + 1;
}

static void screen_show(void)
{
	const char *at = text_string(&editor.out);
	while (*at) {
		if (*at == 0x1b) {
			at = screen_sequence(at);
		} else if (*at == '\r') {
			screen.column = 0;
			at++;
		} else if (*at == '\n') {
			screen.column = 0;
			screen.lines++;
			screen_clear_line(0);
			at++;
		} else {
			size_t size = utf8_size(at, strlen(at));
			screen.overflow |= screen.column >= screen.columns;
			screen.cells[screen.column++ % 127] = size > 1 ? 'U' : *at; // U: any character beyond ASCII
			at += size;
		}
	}
	text_clear(&editor.out);
}

static void begin(size_t columns)
{
	screen = (struct screen){.columns = columns};
	screen_clear_line(0);
	editor_init(&editor);
	editor_start(&editor, PROMPT, columns);
	screen_show();
}

// Types the keys; the result of the last byte stays in `result`.
static void type(const char *keys)
{
	for (; *keys; keys++) {
		result = editor_feed(&editor, *keys);
		screen_show();
	}
}

static bool line_is(const char *line) { return strcmp(text_string(&editor.line), line) == 0; }

static bool shows(const char *text, size_t column)
{
	size_t length = strlen(text);
	return memcmp(screen.cells, text, length) == 0 && strspn(screen.cells + length, " ") == 126 - length + 1 &&
	       screen.column == column && !screen.overflow;
}

static void again(void) { editor_start(&editor, PROMPT, screen.columns); }

TEST(typing_makes_a_line)
{
	begin(40);
	CHECK(shows("> ", 2));
	type("seats");
	CHECK_EQ(result, EDITOR_MORE);
	CHECK(shows("> seats", 7));
	type("\n");
	CHECK_EQ(result, EDITOR_LINE);
	CHECK(line_is("seats"));
	CHECK_EQ(screen.lines, 1);
	editor_free(&editor);
}

TEST(carriage_return_with_line_feed_is_one_enter)
{
	begin(40);
	type("a\r");
	CHECK_EQ(result, EDITOR_LINE);
	again();
	type("\nb");
	CHECK_EQ(result, EDITOR_MORE);
	CHECK(line_is("b"));
	editor_free(&editor);
}

TEST(the_cursor_moves_and_inserts)
{
	begin(40);
	type("bd\x1b[D" "c");
	CHECK(line_is("bcd"));
	CHECK(shows("> bcd", 4));
	type("\x1b[H" "a");
	CHECK(line_is("abcd"));
	type("\x1bOF" "e");
	CHECK(line_is("abcde"));
	CHECK(shows("> abcde", 7));
	type("\x1b[1~\x1b[C\x1b[3~");
	CHECK(line_is("acde"));
	CHECK(shows("> acde", 3));
	editor_free(&editor);
}

TEST(unknown_sequences_are_swallowed)
{
	begin(40);
	type("a\x1b[99;99;99zb\x1b[Zc\x1bOQd\x1b[200~e");
	CHECK(line_is("abcde"));
	type("\x1b[1;2;3;4;5;6;7;8;9Af");
	CHECK(line_is("abcdef"));
	editor_free(&editor);
}

TEST(characters_beyond_ascii_are_one_step)
{
	begin(40);
	type("a\xc3\xbc\xe2\x82\xac" "b");
	CHECK(shows("> aUUb", 6));
	type("\x1b[D\x1b[D\x7f");
	CHECK(line_is("a\xe2\x82\xac" "b"));
	CHECK(shows("> aUb", 3));
	type("\xff\x80\xc3z\xe2\x82");
	CHECK(line_is("az\xe2\x82\xac" "b"));
	editor_free(&editor);
}

TEST(words_and_halves_are_cut_and_put_back)
{
	begin(60);
	type("cp /a/b /c/d\x17");
	CHECK(line_is("cp /a/b "));
	type("\x19");
	CHECK(line_is("cp /a/b /c/d"));
	type("\x1b\x7f");
	CHECK(line_is("cp /a/b /c/"));
	type("\x1b" "b\x0b");
	CHECK(line_is("cp /a/b /"));
	type("\x15");
	CHECK(line_is(""));
	type("\x19");
	CHECK(line_is("cp /a/b /"));
	editor_free(&editor);
}

TEST(letters_are_swapped)
{
	begin(60);
	type("sl\x14");
	CHECK(line_is("ls"));
	type("x\x1b[D\x14");
	CHECK(line_is("lxs"));
	editor_free(&editor);
}

TEST(long_lines_scroll)
{
	begin(12);
	type("abcdefghijklmno");
	CHECK(shows("> ghijklmno", 11));
	type("\x01");
	CHECK(shows("> abcdefghi", 2));
	type("\x1b[C\x1b[Cx");
	CHECK(shows("> abxcdefgh", 5));
	CHECK(line_is("abxcdefghijklmno"));
	type("\n");
	CHECK(!screen.overflow);
	editor_free(&editor);
}

TEST(ctrl_c_drops_and_ctrl_d_ends)
{
	begin(40);
	type("abc\x03");
	CHECK_EQ(result, EDITOR_CANCEL);
	CHECK(line_is(""));
	again();
	type("ab\x01\x04");
	CHECK_EQ(result, EDITOR_MORE);
	CHECK(line_is("b"));
	type("\x04\x04");
	CHECK_EQ(result, EDITOR_END);
	editor_free(&editor);
}

TEST(history_goes_up_and_down_and_keeps_the_new_line)
{
	begin(40);
	type("one\n"), again();
	type("two\n"), again();
	type("two\n"), again();
	type("thr\x1b[A");
	CHECK(line_is("two"));
	type("\x10");
	CHECK(line_is("one"));
	type("\x1b[A");
	CHECK(line_is("one"));
	type("\x1b[B\x0e");
	CHECK(line_is("thr"));
	CHECK(shows("> thr", 5));
	editor_free(&editor);
}

TEST(history_is_bounded)
{
	begin(40);
	for (unsigned i = 0; i < EDITOR_HISTORY + 50; i++)
		editor_remember(&editor, i % 2 ? "a" : "b");
	CHECK_EQ(editor.history_count, EDITOR_HISTORY);
	editor_remember(&editor, "c");
	CHECK_EQ(editor.history_count, EDITOR_HISTORY);
	CHECK(strcmp(editor.history[EDITOR_HISTORY - 1], "c") == 0);
	editor_free(&editor);
}

TEST(ctrl_r_finds_what_was_typed)
{
	begin(40);
	type("cat /a\n"), again();
	type("ls /b\n"), again();
	type("cat /c\n"), again();
	type("\x12" "at");
	CHECK(shows("(search) at: cat /c", 19));
	type("\x12");
	CHECK(shows("(search) at: cat /a", 19));
	type("\x05!");
	CHECK(line_is("cat /a!"));
	CHECK(shows("> cat /a!", 9));
	type("\x15\x12" "ls\n");
	CHECK_EQ(result, EDITOR_LINE);
	CHECK(line_is("ls /b"));
	again();
	type("x\x12" "ls\x07");
	CHECK(line_is("x"));
	type("\x12" "ls\x03");
	CHECK_EQ(result, EDITOR_CANCEL);
	editor_free(&editor);
}

TEST(completion_replaces_and_shows_choices)
{
	static const char *const choices[] = {"restart", "rm", "read"};
	begin(20);
	type("r\t");
	CHECK_EQ(result, EDITOR_COMPLETE);
	editor_show_choices(&editor, choices, 3);
	screen_show();
	CHECK_EQ(screen.lines, 3);
	CHECK(shows("> r", 3));
	editor_replace(&editor, 0, "restart ");
	screen_show();
	CHECK(line_is("restart "));
	CHECK(shows("> restart", 10));
	editor_free(&editor);
}

TEST(lines_have_a_limit)
{
	begin(40);
	for (unsigned i = 0; i < EDITOR_LINE_MAX + 10; i++)
		editor_feed(&editor, 'a');
	CHECK_EQ(editor.line.length, EDITOR_LINE_MAX);
	editor_free(&editor);
}
