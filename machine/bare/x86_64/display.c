// SPDX-License-Identifier: MIT
// The log on the loader's framebuffer (lib/screen), until a driver first maps it; a panic takes it back. 32-bit pixels with 8 bits
// for each colour only. Everything but display_open and display_taken is called under the lock of serial.c.
#include "display.h"

#include "cpu.h"
#include "loader.h"
#include "paging.h"

#include <screen/screen.h>

#define PHYSICAL_LIMIT (UINT64_C(1) << 46) // of the direct map

enum display_state {
	DISPLAY_NONE,    // -> OPEN
	DISPLAY_OPEN,    // -> TAKEN, DRAWING
	DISPLAY_DRAWING, // -> OPEN. What breaks meanwhile does not draw
	DISPLAY_TAKEN,   // by a driver; -> OPEN for a panic
};
static _Atomic enum display_state state;
static struct screen screen;
static struct device_tree_framebuffer framebuffer; // address 0: none

const struct device_tree_framebuffer *display_framebuffer(void) { return framebuffer.address ? &framebuffer : NULL; }

// "x8r8g8b8": blue in the lowest byte (Linux' simple-framebuffer.yaml). NULL: none of ours.
static const char *format_of(const struct multiboot_framebuffer *f)
{
	if (f->pixels != MULTIBOOT_RGB || f->bits != 32 || f->red_bits != 8 || f->green_bits != 8 || f->blue_bits != 8 || f->green != 8)
		return NULL;
	return f->red == 16 && f->blue == 0 ? "x8r8g8b8" : f->red == 0 && f->blue == 16 ? "x8b8g8r8" : NULL;
}

static uint64_t page_up(uint64_t address) { return (address + MD_PAGE_SIZE - 1) & ~(uint64_t)(MD_PAGE_SIZE - 1); }

static bool lies_in_ram(uint64_t start, uint64_t end)
{
	struct ram_range range;
	for (unsigned i = 0; ram_present(i, &range); i++)
		if (start < range.end && range.start < end)
			return true;
	return false;
}

void display_find(void)
{
	const struct multiboot_framebuffer *f = &loader.framebuffer;
	if (f->width == 0)
		return;
	const char *format = format_of(f);
	uint64_t size = (uint64_t)f->stride * f->height;
	bool usable = f->address > 0 && f->address % 8 == 0 && f->address < PHYSICAL_LIMIT - size &&
		      screen_cells(f->width, f->height, f->stride) > 0;
	if (!format || !usable || lies_in_ram(f->address, f->address + size)) {
		log_line("display", "the loader's framebuffer of %u x %u pixels, %u bits each, kind %u, cannot be used", f->width,
			 f->height, f->bits, f->pixels);
		return;
	}
	framebuffer = (struct device_tree_framebuffer){
		.address = f->address, .width = f->width, .height = f->height, .stride = f->stride, .format = format};
}

bool display_memory(uint64_t *start, uint64_t *size)
{
	*start = framebuffer.address & ~(uint64_t)(MD_PAGE_SIZE - 1);
	*size = page_up(framebuffer.address + (uint64_t)framebuffer.stride * framebuffer.height) - *start;
	return framebuffer.address > 0;
}

void display_open(uint64_t limit)
{
	uint64_t end = framebuffer.address + (uint64_t)framebuffer.stride * framebuffer.height;
	if (!framebuffer.address || end > limit || atomic_load(&state) != DISPLAY_NONE)
		return;
	size_t room = screen_cells(framebuffer.width, framebuffer.height, framebuffer.stride);
	uint64_t cells = ram_take(room, MD_PAGE_SIZE, LOADER_LIMIT);
	if (!cells)
		return;
	screen_open(&screen, direct(framebuffer.address), framebuffer.width, framebuffer.height, framebuffer.stride, direct(cells));
	atomic_store(&state, DISPLAY_OPEN);
}

void display_write(const char *text, size_t size)
{
	enum display_state open = DISPLAY_OPEN;
	if (!atomic_compare_exchange_strong(&state, &open, DISPLAY_DRAWING))
		return;
	screen_write(&screen, text, size);
	enum display_state drawing = DISPLAY_DRAWING;
	(void)atomic_compare_exchange_strong(&state, &drawing, DISPLAY_OPEN);
}

// A line that is being drawn on another CPU is drawn to its end; the driver draws over it.
void display_taken(uint64_t address, uint64_t size)
{
	uint64_t mine, bytes;
	if (display_memory(&mine, &bytes) && address < mine + bytes && mine < address + size && atomic_load(&state) != DISPLAY_NONE)
		atomic_store(&state, DISPLAY_TAKEN);
}

bool display_take_back(void)
{
	enum display_state taken = DISPLAY_TAKEN;
	if (!atomic_compare_exchange_strong(&state, &taken, DISPLAY_OPEN))
		return false;
	screen_repair(&screen);
	return true;
}
