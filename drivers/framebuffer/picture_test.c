// SPDX-License-Identifier: MIT
// The driver with a framebuffer in memory. What it looks like is lib/screen's to test.
#include "picture.h"

#include <abi/serial.h>
#include <abi/serial_server.h>
#include <driver/driver.h>
#include <serve/serve_fake.h>

#define WIDTH 320u
#define HEIGHT 128u

static struct {
	uint32_t width, height, stride;
	const char *format;
	uint64_t size;
	uint8_t pixels[WIDTH * HEIGHT * 4] __attribute__((aligned(8)));
} fake;

kern_return_t driver_property(const char *name, void *value, size_t room, size_t *size)
{
	uint32_t number = strcmp(name, "width") == 0 ? fake.width : strcmp(name, "height") == 0 ? fake.height : fake.stride;
	const uint8_t cell[] = {(uint8_t)(number >> 24), (uint8_t)(number >> 16), (uint8_t)(number >> 8), (uint8_t)number};
	bool text = strcmp(name, "format") == 0;
	*size = text ? strlen(fake.format) + 1 : number ? 4 : 0;
	if (*size == 0)
		return KERN_NOT_FOUND;
	memcpy(value, text ? (const void *)fake.format : cell, *size < room ? *size : room);
	return KERN_SUCCESS;
}

kern_return_t driver_map(uint32_t region, void **address, uint64_t *size)
{
	*address = fake.pixels;
	*size = fake.size;
	return region == 0 ? KERN_SUCCESS : KERN_INVALID_ARGUMENT;
}

static bool (*const demux[])(struct lpc_request *) = {serial_demux, NULL};
static struct picture picture;
static struct serve serve = {.seat = "screen/0", .demux = demux, .context = &picture};

static bool starts(void)
{
	free(picture.screen.wanted);
	memset(&picture, 0, sizeof(picture));
	memset(fake.pixels, 0x33, sizeof(fake.pixels));
	return picture_begin(&picture) == KERN_SUCCESS;
}

static bool begin(void)
{
	fake_begin(&serve);
	fake.width = WIDTH, fake.height = HEIGHT, fake.stride = WIDTH * 4, fake.format = "x8r8g8b8", fake.size = sizeof(fake.pixels);
	return starts();
}

static kern_return_t writes(uint64_t position, const char *text)
{
	return serial_write(FAKE_SEAT, position, (const uint8_t *)text, (uint32_t)strlen(text));
}

static uint32_t glyph(uint32_t cell) { return picture.screen.shown[cell] + ' '; }

TEST(picture_shows_what_is_written)
{
	struct serial_info info;
	CHECK(begin());
	CHECK_EQ(writes(0, "ab\n"), KERN_SUCCESS);
	CHECK_EQ(writes(3, "c"), KERN_SUCCESS);
	CHECK(glyph(0) == 'a' && glyph(1) == 'b' && glyph(40) == 'c');
	CHECK_EQ(writes(3, "c"), KERN_SUCCESS); // the same again
	CHECK_EQ(writes(9, "x"), SERIAL_POSITION);
	CHECK(glyph(41) == ' ');
	CHECK(serial_info(FAKE_SEAT, &info) == KERN_SUCCESS && info.written == 4 && info.sent == 4);
	CHECK(info.columns == 40 && info.rows == picture.screen.rows && info.rows > 0);
	uint8_t byte;
	mach_msg_type_number_t count = 1;
	CHECK_EQ(serial_read(FAKE_SEAT, 0, 1, &byte, &count), MACH_RCV_TIMED_OUT);
	CHECK_EQ(fake_answers, 0);
	CHECK_EQ(serial_read(FAKE_SEAT, 0, 1, &byte, &count), MACH_RCV_TIMED_OUT);
	CHECK_EQ(fake_answers, 1); // the one before is told that it was not the last one
}

TEST(picture_is_the_same_for_the_next_driver)
{
	static uint8_t before[sizeof(fake.pixels)];
	char line[32];
	uint64_t position = 0;
	CHECK(begin());
	for (unsigned i = 0; position < 3 * PICTURE_KEPT + 5; i++) {
		snprintf(line, sizeof(line), "%u lines\n", i);
		CHECK_EQ(writes(position, line), KERN_SUCCESS);
		position += strlen(line);
	}
	memcpy(before, fake.pixels, sizeof(before));
	CHECK(starts());
	CHECK(memcmp(before, fake.pixels, sizeof(before)) == 0);
	CHECK_EQ(writes(position, "x"), KERN_SUCCESS);
	CHECK(memcmp(before, fake.pixels, sizeof(before)) != 0);
}

// It goes on serving, since it would only be launched again.
static bool refuses(void)
{
	struct serial_info info;
	return starts() && serial_info(FAKE_SEAT, &info) == SERIAL_NO_DEVICE && writes(0, "x") == SERIAL_NO_DEVICE;
}

TEST(picture_refuses_what_it_cannot_use)
{
	CHECK(begin());
	fake.format = "r5g6b5";
	CHECK(refuses());
	fake.format = "x8b8g8r8 and more that is too long";
	CHECK(refuses());
	fake.format = "x8b8g8r8", fake.width = 0;
	CHECK(refuses());
	fake.width = WIDTH + 1;
	CHECK(refuses());
	fake.width = WIDTH, fake.size--;
	CHECK(refuses());
	fake.size++;
	CHECK(starts() && picture.works);
}

TEST(picture_begins_anew_when_what_was_kept_makes_no_sense)
{
	CHECK(begin());
	CHECK_EQ(writes(0, "abc"), KERN_SUCCESS);
	picture.memory->written = UINT64_MAX - 1;
	CHECK(starts());
	CHECK(picture.memory->written == 0 && glyph(0) == ' ');
}
