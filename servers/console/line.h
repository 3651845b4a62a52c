// SPDX-License-Identifier: MIT
// Lines as they are typed in line mode: what a session that does not edit by itself gets.
//
// Ctrl-H and Delete erase a character (UTF-8), Ctrl-W a word, Ctrl-U the line; Enter ends it; Ctrl-D ends the input when
// the line is empty. What is to be shown goes to `echo`.
#ifndef CONSOLE_LINE_H
#define CONSOLE_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LINE_MAX_BYTES 4095u // a longer one is given out in parts

struct line {
	size_t length;
	char text[LINE_MAX_BYTES + 1];
};

enum line_event { LINE_MORE, LINE_DONE /* with its "\n" in text */, LINE_END_OF_INPUT };

// Takes one byte. echo (NULL: silent) writes what the person is to see.
enum line_event line_take(struct line *line, uint8_t byte, void (*echo)(const char *text, size_t size));

#endif
