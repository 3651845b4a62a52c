// SPDX-License-Identifier: MIT
// What is seen: cells are read back from the pixels, by their dots.
#include "screen.h"

#include <gila/test.h>
#include <screen_font.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define GREY 0xc8c8c8u

static struct screen screen;
static uint32_t *pixels, stride; // stride in pixels
static uint8_t *cells;

static void open_screen(uint32_t width, uint32_t height, uint32_t gap)
{
	free(pixels), free(cells);
	stride = width + gap;
	pixels = malloc((size_t)stride * height * 4);
	memset(pixels, 0x5a, (size_t)stride * height * 4);
	size_t size = screen_cells(width, height, stride * 4);
	CHECK(size > 0);
	cells = malloc(size);
	memset(cells, 0xff, size);
	screen_open(&screen, (uint8_t *)pixels, width, height, stride * 4, cells);
}

static void say(const char *text) { screen_write(&screen, text, strlen(text)); }

// The character there; '?' if the dots are of none. *inverse as it is.
static char seen(uint32_t column, uint32_t row, bool *inverse)
{
	uint8_t rows[16] = {0};
	for (uint32_t y = 0; y < 16; y++)
		for (uint32_t x = 0; x < 8; x++) {
			uint32_t pixel = pixels[(size_t)(row * 16 + y) * screen.scale * stride + (column * 8 + x) * screen.scale];
			rows[y] |= (pixel == GREY ? 0x80 : 0) >> x;
			if (pixel != GREY && pixel != 0)
				return '?';
		}
	for (unsigned i = 0; i < 2; i++) {
		for (uint32_t glyph = 0; glyph < 0x5f; glyph++)
			if (memcmp(rows, font_rows[glyph], 16) == 0) {
				*inverse = i == 1;
				return (char)(' ' + glyph);
			}
		for (unsigned y = 0; y < 16; y++)
			rows[y] = (uint8_t)~rows[y];
	}
	return '?';
}

// Row by row without blanks at the ends; the cursor's cell must be inverse, and no other.
static bool shows(uint32_t row, const char *text)
{
	size_t length = strlen(text);
	for (uint32_t column = 0; column < screen.columns; column++) {
		bool inverse;
		char wanted = column < length ? text[column] : ' ', got = seen(column, row, &inverse);
		if (got != wanted || inverse != (row * screen.columns + column == screen.cursor)) {
			printf("row %u, column %u: '%c' instead of '%c'\n", row, column, got, wanted);
			return false;
		}
	}
	return true;
}

TEST(screen_shows_lines_and_a_cursor)
{
	open_screen(320, 100, 6);
	CHECK(screen.columns == 40 && screen.rows == 6);
	say("one\ntwo\r\n");
	say("thr");
	say("ee\b");
	CHECK(shows(0, "one") && shows(1, "two") && shows(2, "three") && shows(3, ""));
	CHECK_EQ(screen.cursor, 2 * 40 + 4);
	CHECK_EQ(pixels[320], 0x5a5a5a5a); // beyond the width
}

TEST(screen_wraps_with_the_next_character)
{
	open_screen(160, 64, 0);
	say("01234567890123456789");
	CHECK(shows(0, "01234567890123456789") && screen.row == 0);
	say("\rA");
	CHECK(shows(0, "A1234567890123456789"));
	say("\n01234567890123456789B");
	CHECK(shows(1, "01234567890123456789") && shows(2, "B"));
}

TEST(screen_scrolls)
{
	open_screen(160, 64, 2);
	say("a\nb\nc\nd\ne");
	CHECK(shows(0, "b") && shows(1, "c") && shows(2, "d") && shows(3, "e"));
	say("\nf\n");
	CHECK(shows(0, "d") && shows(1, "e") && shows(2, "f") && shows(3, ""));
}

TEST(screen_obeys_control_sequences)
{
	open_screen(160, 64, 0);
	say("abcdef\x1b[3D\x1b[K");
	CHECK(shows(0, "abc"));
	say("\r\x1b[2CX\x1b[2;5HY\x1b[1;1H\x1b[Bz\x1b[31;1mw\x1b[0m");
	CHECK(shows(0, "abX") && shows(1, "zw  Y"));
	say("\x1b[1K");
	CHECK(shows(1, "    Y"));
	say("\x1b[A\x1b[2K\x1b[4G!");
	CHECK(shows(0, "   !"));
	say("\x1b[H\x1b[2J");
	CHECK(shows(0, "") && shows(1, "") && screen.cursor == 0);
	say("\x1b[99;99H\x1b[?25lx\x1b[999D\x1b[999A+");
	CHECK(shows(3, "                   x") && shows(0, "+"));
	say("\t-\x1b[99999999999999C|");
	CHECK(shows(0, "+       -          |"));
}

static uint8_t glyph_at(uint32_t cell) { return screen.shown[cell]; }

TEST(screen_reads_utf8)
{
	open_screen(160, 64, 0);
	say("\xc3\xa4\xe2\x82\xac\xc3");
	say("\xb6\x80\xc3x");
	CHECK_EQ(glyph_at(0), 0xe4 - 0xa0 + 0x5f);
	CHECK_EQ(glyph_at(1), FONT_GLYPHS - 1);
	CHECK_EQ(glyph_at(2), 0xf6 - 0xa0 + 0x5f);
	CHECK_EQ(glyph_at(3), FONT_GLYPHS - 1);
	CHECK_EQ(glyph_at(4), FONT_GLYPHS - 1);
	CHECK_EQ(glyph_at(5), 'x' - ' ');
}

TEST(screen_repairs_what_others_drew)
{
	open_screen(1920, 200, 0);
	CHECK(screen.scale == 2 && screen.columns == 120 && screen.rows == 6);
	say("one\ntwo");
	memset(pixels, 0x77, 1920 * 200 * 4);
	screen_repair(&screen);
	CHECK(shows(0, "one") && shows(1, "two") && shows(2, ""));
	CHECK_EQ(pixels[1919 + 199 * 1920], 0);
}

TEST(screen_refuses_framebuffers_of_no_use)
{
	CHECK(screen_cells(159, 64, 640) == 0 && screen_cells(160, 63, 640) == 0);
	CHECK(screen_cells(160, 64, 632) == 0 && screen_cells(160, 64, 644) == 0);
	CHECK(screen_cells(20000, 64, 80000) == 0 && screen_cells(160, 20000, 640) == 0);
	CHECK(screen_cells(160, 64, 0xfffffff8) == 0);
	CHECK_EQ(screen_cells(160, 64, 640), 20 * 4 * 2);
}

// Whatever comes, the cursor stays inside, and what is shown is what is kept. The sanitizers look at the rest.
TEST(screen_survives_any_bytes)
{
	static const char common[] = "\x1b\x1b[[;0123456789ABCDGHJKm\n\r\b\t\xc3\xa4 xyz";
	unsigned seed = (unsigned)time(NULL);
	char text[64];
	printf("seed %u\n", seed);
	srand(seed);
	open_screen(160, 64, 0);
	for (unsigned i = 0; i < 20000; i++) {
		for (unsigned k = 0; k < sizeof(text); k++)
			text[k] = rand() % 8 ? common[(size_t)rand() % (sizeof(common) - 1)] : (char)rand();
		screen_write(&screen, text, sizeof(text));
		CHECK(screen.row < screen.rows && screen.column <= screen.columns);
		CHECK(memcmp(screen.wanted, screen.shown, screen.columns * screen.rows) == 0);
	}
}
