// SPDX-License-Identifier: MIT
// Lines as they are typed; see line.h.
#include "line.h"

#include <string.h>

enum { KEY_END = 4, KEY_BACKSPACE = 8, KEY_LINE_FEED = 10, KEY_RETURN = 13, KEY_KILL = 21, KEY_WORD = 23, KEY_DELETE = 127 };

static void show(void (*echo)(const char *, size_t), const char *text)
{
	if (echo)
		echo(text, strlen(text));
}

// Erases one character; the bytes of a UTF-8 sequence go together.
static void erase(struct line *line, void (*echo)(const char *, size_t))
{
	while (line->length > 0 && ((uint8_t)line->text[--line->length] & 0xc0) == 0x80)
		;
	show(echo, "\b \b");
}

static void erase_word(struct line *line, void (*echo)(const char *, size_t))
{
	while (line->length > 0 && line->text[line->length - 1] == ' ')
		erase(line, echo);
	while (line->length > 0 && line->text[line->length - 1] != ' ')
		erase(line, echo);
}

static enum line_event finish(struct line *line, void (*echo)(const char *, size_t))
{
	line->text[line->length++] = '\n';
	show(echo, "\n");
	return LINE_DONE;
}

enum line_event line_take(struct line *line, uint8_t byte, void (*echo)(const char *, size_t))
{
	char c = (char)byte;
	switch (byte) {
	case KEY_RETURN:
	case KEY_LINE_FEED:
		return finish(line, echo);
	case KEY_END:
		return line->length == 0 ? LINE_END_OF_INPUT : LINE_MORE;
	case KEY_BACKSPACE:
	case KEY_DELETE:
		if (line->length > 0)
			erase(line, echo);
		return LINE_MORE;
	case KEY_WORD:
		erase_word(line, echo);
		return LINE_MORE;
	case KEY_KILL:
		while (line->length > 0)
			erase(line, echo);
		return LINE_MORE;
	default:
		if (byte < 32 && byte != '\t')
			return LINE_MORE;
		line->text[line->length++] = c;
		if (echo)
			echo(&c, 1);
		return line->length == LINE_MAX_BYTES ? LINE_DONE : LINE_MORE;
	}
}
