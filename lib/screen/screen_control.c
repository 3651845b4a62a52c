// SPDX-License-Identifier: MIT
// Bytes to characters (UTF-8, RFC 3629), and what control characters and sequences do (ECMA-48 5th edition, 8.3): cursor moves
// CUU, CUD, CUF, CUB, CHA, CUP; ED and EL. Others are swallowed. A line feed also returns, as the log and programs expect.
#include "screen_parts.h"

#define TAB 8u
#define PARAMETER_MOST 9999u
#define REPLACEMENT 0xfffdu

static uint32_t least(uint32_t a, uint32_t b) { return a < b ? a : b; }

// The cursor's column, where there is one.
static uint32_t column_of(const struct screen *screen) { return least(screen->column, screen->columns - 1); }

static void erase(struct screen *screen, uint32_t what, uint32_t first, uint32_t end)
{
	uint32_t cursor = screen->row * screen->columns + column_of(screen);
	screen_clear(screen, what == 0 ? cursor : first, what == 1 ? cursor + 1 : end);
}

static void control(struct screen *screen, uint8_t byte)
{
	const uint32_t *p = screen->parameters;
	uint32_t many = p[0] ? p[0] : 1, column = column_of(screen), line = screen->row * screen->columns;
	switch (byte) {
	case 'A': screen->row -= least(many, screen->row); break;
	case 'B': screen->row = least(screen->row + many, screen->rows - 1); break;
	case 'C': screen->column = least(column + many, screen->columns - 1); break;
	case 'D': screen->column = column - least(many, column); break;
	case 'G': screen->column = least(many, screen->columns) - 1; break;
	case 'H':
		screen->row = least(many, screen->rows) - 1;
		screen->column = least(p[1] ? p[1] : 1, screen->columns) - 1;
		break;
	case 'J': erase(screen, p[0], 0, screen->columns * screen->rows); break;
	case 'K': erase(screen, p[0], line, line + screen->columns); break;
	}
}

// Parameter bytes are 0x30 to 0x3f, intermediate ones 0x20 to 0x2f, the last one 0x40 to 0x7e (5.4).
static void take_control(struct screen *screen, uint8_t byte)
{
	if (byte >= '0' && byte <= '9') {
		uint32_t *p = &screen->parameters[screen->parameter];
		*p = least(*p * 10 + (byte - '0'), PARAMETER_MOST);
	} else if (byte == ';') {
		screen->parameter = least(screen->parameter + 1, SCREEN_PARAMETERS - 1);
	} else if (byte < 0x20 || byte > 0x3f) {
		screen->state = SCREEN_TEXT;
		control(screen, byte);
	}
}

static void take_escape(struct screen *screen, uint8_t byte)
{
	screen->state = byte == '[' ? SCREEN_CONTROL : SCREEN_TEXT;
	screen->parameter = 0;
	for (uint32_t i = 0; i < SCREEN_PARAMETERS; i++)
		screen->parameters[i] = 0;
}

// 0xc2 to 0xf4 begin a character of two to four bytes.
static void take_first(struct screen *screen, uint8_t byte)
{
	if (byte < 0x80) {
		screen_put(screen, byte);
	} else if (byte < 0xc2 || byte > 0xf4) {
		screen_put(screen, REPLACEMENT);
	} else {
		screen->code_left = byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3;
		screen->code = byte & (0x3f >> screen->code_left);
	}
}

static void take_character(struct screen *screen, uint8_t byte)
{
	if (screen->code_left > 0 && (byte & 0xc0) == 0x80) {
		screen->code = screen->code << 6 | (byte & 0x3f);
		if (--screen->code_left == 0)
			screen_put(screen, screen->code);
		return;
	}
	if (screen->code_left > 0) // it was cut off
		screen_put(screen, REPLACEMENT);
	screen->code_left = 0;
	take_first(screen, byte);
}

static void take_text(struct screen *screen, uint8_t byte)
{
	switch (byte) {
	case '\n':
		screen->column = 0;
		screen_line_feed(screen);
		break;
	case '\r': screen->column = 0; break;
	case '\b': screen->column = column_of(screen) - least(1, column_of(screen)); break;
	case '\t': screen->column = least((column_of(screen) / TAB + 1) * TAB, screen->columns - 1); break;
	case 0x1b: screen->state = SCREEN_ESCAPE; break;
	default:
		if (byte >= 0x20 && byte != 0x7f)
			take_character(screen, byte);
	}
}

void screen_take(struct screen *screen, uint8_t byte)
{
	switch (screen->state) {
	case SCREEN_TEXT: take_text(screen, byte); break;
	case SCREEN_ESCAPE: take_escape(screen, byte); break;
	case SCREEN_CONTROL: take_control(screen, byte); break;
	}
}
