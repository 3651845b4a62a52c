// SPDX-License-Identifier: MIT
// Cells, scrolling and pixels: see screen.h. screen_control.c has what characters and control sequences do.
#include "screen_parts.h"

#include <screen_font.h>
#include <string.h>

#define FOREGROUND 0xc8c8c8u
#define BACKGROUND 0x000000u
#define FONT_WIDTH 8u
#define FONT_HEIGHT 16u
#define COLUMNS_LEAST 20u
#define ROWS_LEAST 4u
#define COLUMNS_WANTED 180u // more than that, and the dots get larger
#define SIZE_MOST 16384u
#define BLANK 0u // the glyph of a space

// ---- Geometry ------------------------------------------------------------------------------------------------------

static uint32_t scale_of(uint32_t width) { return 1 + width / FONT_WIDTH / COLUMNS_WANTED; }

size_t screen_cells(uint32_t width, uint32_t height, uint32_t stride)
{
	if (width > SIZE_MOST || height > SIZE_MOST || stride % 8 != 0 || stride / 4 < width || stride > 8 * SIZE_MOST)
		return 0;
	uint32_t columns = width / (FONT_WIDTH * scale_of(width)), rows = height / (FONT_HEIGHT * scale_of(width));
	return columns < COLUMNS_LEAST || rows < ROWS_LEAST ? 0 : (size_t)columns * rows * 2;
}

static uint64_t pair(unsigned dots, bool inverse)
{
	uint64_t first = !(dots & 2) == inverse ? FOREGROUND : BACKGROUND;
	uint64_t second = !(dots & 1) == inverse ? FOREGROUND : BACKGROUND;
	return first | second << 32;
}

void screen_open(struct screen *screen, uint8_t *pixels, uint32_t width, uint32_t height, uint32_t stride, uint8_t *cells)
{
	*screen = (struct screen){.pixels = pixels, .width = width, .height = height, .stride = stride, .scale = scale_of(width)};
	screen->columns = width / (FONT_WIDTH * screen->scale);
	screen->rows = height / (FONT_HEIGHT * screen->scale);
	screen->wanted = cells;
	screen->shown = cells + (size_t)screen->columns * screen->rows;
	memset(screen->wanted, BLANK, (size_t)screen->columns * screen->rows);
	for (unsigned i = 0; i < 8; i++)
		screen->pairs[i / 4][i % 4] = pair(i % 4, i / 4);
	screen_repair(screen);
}

// ---- Pixels --------------------------------------------------------------------------------------------------------

// Stores are volatile so that they stay as wide as they are written here.
static void draw_large(const struct screen *screen, uint8_t *at, uint8_t dots, bool inverse)
{
	for (uint32_t y = 0; y < screen->scale; y++, at += screen->stride) {
		volatile uint32_t *to = (volatile uint32_t *)at;
		for (uint32_t x = 0; x < FONT_WIDTH * screen->scale; x++) {
			bool dot = dots & 0x80 >> x / screen->scale;
			to[x] = dot != inverse ? FOREGROUND : BACKGROUND;
		}
	}
}

static void draw_cell(const struct screen *screen, uint32_t cell, bool inverse)
{
	uint32_t row = cell / screen->columns, column = cell % screen->columns;
	uint8_t *at = screen->pixels + (size_t)row * FONT_HEIGHT * screen->scale * screen->stride +
		      (size_t)column * FONT_WIDTH * screen->scale * 4;
	const uint64_t *pairs = screen->pairs[inverse];
	const uint8_t *rows = font_rows[screen->shown[cell]];
	for (uint32_t y = 0; y < FONT_HEIGHT; y++, at += (size_t)screen->scale * screen->stride) {
		if (screen->scale != 1) {
			draw_large(screen, at, rows[y], inverse);
			continue;
		}
		volatile uint64_t *to = (volatile uint64_t *)at;
		to[0] = pairs[rows[y] >> 6];
		to[1] = pairs[rows[y] >> 4 & 3];
		to[2] = pairs[rows[y] >> 2 & 3];
		to[3] = pairs[rows[y] & 3];
	}
}

static void draw_differences(struct screen *screen)
{
	uint32_t end = screen->dirty_end * screen->columns;
	uint32_t column = screen->column < screen->columns ? screen->column : screen->columns - 1;
	uint32_t cursor = screen->row * screen->columns + column, old = screen->cursor;
	for (uint32_t cell = screen->dirty * screen->columns; cell < end; cell++) {
		if (screen->wanted[cell] == screen->shown[cell])
			continue;
		screen->shown[cell] = screen->wanted[cell];
		draw_cell(screen, cell, false);
	}
	if (old != cursor)
		draw_cell(screen, old, false);
	draw_cell(screen, cursor, true);
	screen->cursor = cursor;
	screen->dirty = screen->rows;
	screen->dirty_end = 0;
}

void screen_repair(struct screen *screen)
{
	for (uint32_t y = 0; y < screen->height; y++) {
		volatile uint32_t *to = (volatile uint32_t *)(screen->pixels + (size_t)y * screen->stride);
		for (uint32_t x = 0; x < screen->width; x++)
			to[x] = BACKGROUND;
	}
	memset(screen->shown, BLANK, (size_t)screen->columns * screen->rows);
	screen_touch(screen, 0, screen->rows);
	draw_differences(screen);
}

// ---- Cells ---------------------------------------------------------------------------------------------------------

void screen_touch(struct screen *screen, uint32_t row, uint32_t end)
{
	screen->dirty = row < screen->dirty ? row : screen->dirty;
	screen->dirty_end = end > screen->dirty_end ? end : screen->dirty_end;
}

static void scroll(struct screen *screen)
{
	size_t kept = (size_t)screen->columns * (screen->rows - 1);
	memmove(screen->wanted, screen->wanted + screen->columns, kept);
	memset(screen->wanted + kept, BLANK, screen->columns);
	screen_touch(screen, 0, screen->rows);
}

void screen_line_feed(struct screen *screen)
{
	if (screen->row + 1 < screen->rows)
		screen->row++;
	else
		scroll(screen);
}

// The glyphs are U+0020 to U+007E, U+00A0 to U+00FF, and the last one for everything else.
static uint8_t glyph_of(uint32_t code)
{
	if (code >= 0x20 && code < 0x7f)
		return (uint8_t)(code - 0x20);
	return (uint8_t)(code >= 0xa0 && code < 0x100 ? code - 0xa0 + 0x5f : FONT_GLYPHS - 1);
}

void screen_put(struct screen *screen, uint32_t code)
{
	if (screen->column == screen->columns) {
		screen->column = 0;
		screen_line_feed(screen);
	}
	screen->wanted[screen->row * screen->columns + screen->column++] = glyph_of(code);
	screen_touch(screen, screen->row, screen->row + 1);
}

void screen_clear(struct screen *screen, uint32_t from, uint32_t to)
{
	if (from >= to)
		return;
	memset(screen->wanted + from, BLANK, to - from);
	screen_touch(screen, from / screen->columns, (to - 1) / screen->columns + 1);
}

void screen_write(struct screen *screen, const char *text, size_t size)
{
	for (size_t i = 0; i < size; i++)
		screen_take(screen, (uint8_t)text[i]);
	draw_differences(screen);
}
