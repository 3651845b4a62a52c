// SPDX-License-Identifier: MIT
// Finding the framebuffer, and what is kept; see picture.h. The properties are those of Linux' Devicetree binding
// display/simple-framebuffer.yaml: width, height (pixels), stride (bytes), format.
#include "picture.h"

#include <driver/driver.h>
#include <stdlib.h>
#include <string.h>

static bool number(const char *name, uint32_t *value)
{
	uint8_t bytes[4];
	size_t size;
	if (driver_property(name, bytes, sizeof(bytes), &size) || size != sizeof(bytes))
		return false;
	*value = (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
	return true;
}

// 32 bits with 8 for each colour: the order does not matter for grey.
static bool format_is_known(void)
{
	static const char *const known[] = {"x8r8g8b8", "a8r8g8b8", "x8b8g8r8", "a8b8g8r8"};
	char format[16] = "";
	size_t size;
	if (driver_property("format", format, sizeof(format) - 1, &size))
		return false;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strcmp(format, known[i]) == 0)
			return true;
	return false;
}

static const char *open_screen(struct picture *picture)
{
	uint32_t width, height, stride;
	uint64_t size;
	void *pixels;
	if (!number("width", &width) || !number("height", &height) || !number("stride", &stride))
		return "it has no width, height and stride";
	if (!format_is_known())
		return "its pixels have a format that is not known here";
	size_t room = screen_cells(width, height, stride);
	if (room == 0)
		return "it is too small, too large, or its lines overlap";
	if (driver_map(0, &pixels, &size) || size < (uint64_t)stride * height || (uintptr_t)pixels % 8)
		return "its memory cannot be had";
	uint8_t *cells = malloc(room);
	if (!cells)
		return "no memory";
	screen_open(&picture->screen, pixels, width, height, stride, cells);
	return NULL;
}

static kern_return_t open_memory(struct picture_memory **memory)
{
	mach_port_t object;
	void *address;
	uint64_t size;
	if (gila_seat_recall(&object) || gila_memory_bytes(object, &size) || size < sizeof(**memory)) {
		kern_return_t error = gila_memory_make(sizeof(**memory), &object);
		if (error)
			return error;
		if (gila_seat_save(object))
			gila_logf("what is on the screen is lost when the driver ends");
	}
	kern_return_t error = gila_map(object, 0, sizeof(**memory), VM_PROT_READ | VM_PROT_WRITE, &address);
	*memory = address;
	return error;
}

static void show_again(struct picture *picture)
{
	struct picture_memory *memory = picture->memory;
	uint64_t end = memory->written, at = end > PICTURE_KEPT ? end - PICTURE_KEPT : 0;
	while (at < end) {
		size_t count = PICTURE_KEPT - at % PICTURE_KEPT;
		if (count > end - at)
			count = (size_t)(end - at);
		screen_write(&picture->screen, (const char *)memory->bytes + at % PICTURE_KEPT, count);
		at += count;
	}
}

kern_return_t picture_begin(struct picture *picture)
{
	kern_return_t error = open_memory(&picture->memory);
	if (error) {
		gila_logf("no memory: %s", gila_error_text(error));
		return error;
	}
	const char *problem = open_screen(picture);
	if (problem) {
		gila_logf("the framebuffer cannot be used: %s", problem);
		return KERN_SUCCESS;
	}
	picture->works = true;
	if (picture->memory->magic != PICTURE_MAGIC || picture->memory->written > UINT64_MAX / 2) {
		memset(picture->memory, 0, sizeof(*picture->memory));
		picture->memory->magic = PICTURE_MAGIC;
	}
	show_again(picture);
	return KERN_SUCCESS;
}
