// SPDX-License-Identifier: MIT
// Text on a linear framebuffer of 32-bit pixels, as a terminal: UTF-8 (Latin-1 has glyphs), scrolling, a cursor, and those
// control sequences of ECMA-48 that programs here use. For the kernel and for drivers: it needs memcpy, memmove, memset only.
//
// To have one: screen_open with memory for its cells, then screen_write. Pixels are written and never read, since reading them
// is slow; what is seen is kept in cells, and only cells that differ are drawn, once for each screen_write.
// Locks: none, the caller's. May suspend: never.
#ifndef SCREEN_SCREEN_H
#define SCREEN_SCREEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SCREEN_PARAMETERS 4u

enum screen_state {
	SCREEN_TEXT,
	SCREEN_ESCAPE,  // behind ESC
	SCREEN_CONTROL, // behind ESC [
};

struct screen {
	uint8_t *pixels;
	uint32_t width, height, stride; // pixels, pixels, bytes
	uint32_t scale;                 // a dot of the font is so many pixels wide and high
	uint32_t columns, rows;
	uint32_t column, row;       // the cursor; column == columns: the next character begins a line
	uint8_t *wanted, *shown;    // glyphs, of each cell
	uint32_t dirty, dirty_end;  // rows in which they may differ
	uint32_t cursor;            // the cell that shows it
	enum screen_state state;
	uint32_t parameters[SCREEN_PARAMETERS], parameter;
	uint32_t code, code_left;   // of a character of several bytes
	uint64_t pairs[2][4];       // two pixels, by two dots; inverse
};

// Bytes that the cells need; 0: such a framebuffer cannot be used (less than 20 x 4 characters, or lines that overlap).
size_t screen_cells(uint32_t width, uint32_t height, uint32_t stride);
// Pixels of each byte order look the same: it is grey on black. Draws an empty screen. `pixels` is aligned to 8 bytes, `cells`
// has what screen_cells says.
void screen_open(struct screen *screen, uint8_t *pixels, uint32_t width, uint32_t height, uint32_t stride, uint8_t *cells);
void screen_write(struct screen *screen, const char *text, size_t size);
// Draws everything again: somebody else has drawn there.
void screen_repair(struct screen *screen);

#endif
