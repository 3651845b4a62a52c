// SPDX-License-Identifier: MIT
// The driver with an 8042 in software.
#include "keyboard.h"

#include <abi/serial.h>
#include <abi/serial_server.h>
#include <driver/driver.h>
#include <driver/wait.h>
#include <serve/serve_fake.h>

// ---- The controller ------------------------------------------------------------------------------------------------------

static struct {
	uint8_t out[256];
	bool mouse[256];
	unsigned first, count;   // bytes that wait to be read
	uint8_t configuration, command; // command: whose data comes next
	bool scanning, silent, deaf;
	unsigned acks;
	mach_port_t bound;
	bool no_interrupt;
} fake;

static void fake_out(uint8_t byte, bool mouse)
{
	fake.out[(fake.first + fake.count) % 256] = byte;
	fake.mouse[(fake.first + fake.count++) % 256] = mouse;
}

kern_return_t driver_port_read(uint32_t range, uint32_t offset, unsigned width, uint32_t *value)
{
	if (range > 1 || offset != 0 || width != 1)
		abort();
	if (range == 1) {
		*value = (fake.count > 0 ? 1 : 0) | (fake.deaf ? 2 : 0) | (fake.count > 0 && fake.mouse[fake.first] ? 0x20 : 0);
		return KERN_SUCCESS;
	}
	*value = fake.out[fake.first];
	if (fake.count > 0) {
		fake.first = (fake.first + 1) % 256;
		fake.count--;
	}
	return KERN_SUCCESS;
}

kern_return_t driver_port_write(uint32_t range, uint32_t offset, unsigned width, uint32_t value)
{
	if (range > 1 || offset != 0 || width != 1 || fake.deaf)
		abort();
	if (range == 1) {
		fake.command = (uint8_t)value;
		if (value == 0x20 && !fake.silent)
			fake_out(fake.configuration, false);
		if (value == 0xad)
			fake.configuration |= 0x10;
		if (value == 0xae)
			fake.configuration &= (uint8_t)~0x10;
	} else if (fake.command == 0x60) {
		fake.configuration = (uint8_t)value;
		fake.command = 0;
	} else if (value == 0xf4) {
		fake.scanning = true;
		fake_out(0xfa, false);
	}
	return KERN_SUCCESS;
}

kern_return_t driver_interrupt(uint32_t index, mach_port_t receive)
{
	fake.bound = receive;
	return fake.no_interrupt ? KERN_INVALID_ARGUMENT : KERN_SUCCESS;
}

kern_return_t driver_interrupt_ack(uint32_t index)
{
	fake.acks++;
	return KERN_SUCCESS;
}

struct driver_wait driver_wait_begin(uint64_t nanoseconds) { return (struct driver_wait){0, 3}; }
bool driver_wait_more(struct driver_wait *wait) { return wait->begun++ < wait->limit; }

// ---- The driver and its client ---------------------------------------------------------------------------------------------

static bool (*const demux[])(struct lpc_request *) = {serial_demux, NULL};
static struct keyboard keyboard;
static struct serve serve = {.seat = "keyboard/0", .demux = demux, .message = keyboard_message, .context = &keyboard};
static uint64_t reading;

static bool starts(void)
{
	memset(&keyboard, 0, sizeof(keyboard));
	return keyboard_begin(&keyboard, &serve) == KERN_SUCCESS;
}

static bool begin(void)
{
	fake_begin(&serve);
	memset(&fake, 0, sizeof(fake));
	fake.configuration = 0x32; // off, with the mouse's interrupt
	reading = 0;
	return starts();
}

static void types(const char *codes)
{
	struct device_interrupt interrupt = {.head = {.msgh_id = DEVICE_INTERRUPT_ID, .msgh_local_port = fake.bound}, .count = 1};
	for (; *codes; codes++)
		fake_out((uint8_t)*codes, false);
	if (!fake.no_interrupt)
		keyboard_message(&serve, &interrupt.head, sizeof(interrupt));
	(void)keyboard_work(&serve);
}

static const char *reads(uint32_t size)
{
	static uint8_t got[SERIAL_DATA_MAX + 1];
	mach_msg_type_number_t count = SERIAL_DATA_MAX;
	kern_return_t error = serial_read(FAKE_SEAT, reading, size, got, &count);
	if (error)
		return error == MACH_RCV_TIMED_OUT ? "(waits)" : error == SERIAL_POSITION ? "(position)" : "(error)";
	got[count] = 0;
	reading += count;
	return (const char *)got;
}

TEST(keyboard_is_set_up_whatever_firmware_left)
{
	CHECK(begin());
	CHECK_EQ(fake.configuration, 0x61);
	CHECK(fake.scanning && fake.count == 0);
}

TEST(keyboard_sends_what_is_typed)
{
	CHECK(begin());
	types("\x23\xa3\x17\x97");
	CHECK_EQ(fake.acks, 1);
	CHECK(strcmp(reads(1), "h") == 0 && strcmp(reads(9), "i") == 0);
	CHECK(strcmp(reads(9), "(waits)") == 0);
	types("\x1c");
	CHECK_EQ(fake_answers, 1);
	CHECK(strcmp(reads(9), "\r") == 0);
	reading = 1; // bytes before the last read are gone
	CHECK(strcmp(reads(9), "(position)") == 0);
	CHECK_EQ(serial_write(FAKE_SEAT, 0, (const uint8_t *)"x", 1), SERIAL_NO_DEVICE);
}

TEST(keyboard_leaves_the_mouse_out)
{
	CHECK(begin());
	fake_out(0x1e, true);
	types("\x30");
	CHECK(strcmp(reads(9), "b") == 0);
}

TEST(keyboard_keeps_what_was_typed_for_the_next_driver)
{
	CHECK(begin());
	types("\x1e\x30");
	CHECK(strcmp(reads(1), "a") == 0);
	CHECK(starts());
	CHECK(strcmp(reads(9), "b") == 0);
}

TEST(keyboard_is_polled_without_an_interrupt)
{
	CHECK(begin());
	fake.no_interrupt = true;
	CHECK(starts());
	types("\x1e");
	CHECK(strcmp(reads(9), "a") == 0);
	CHECK(keyboard_work(&serve) != UINT64_MAX);
}

TEST(keyboard_that_does_not_answer_is_used_all_the_same)
{
	CHECK(begin());
	fake.silent = true;
	CHECK(starts());
	fake.deaf = true; // nothing more can be written
	CHECK(starts());
	types("\x1e");
	CHECK(strcmp(reads(9), "a") == 0);
}

TEST(keyboard_loses_keys_when_nobody_reads)
{
	struct serial_info info;
	CHECK(begin());
	for (unsigned i = 0; i < STREAM_SIZE + 5; i++)
		types("\x1e");
	CHECK(serial_info(FAKE_SEAT, &info) == KERN_SUCCESS);
	CHECK(info.received == STREAM_SIZE && info.lost == 5 && info.read == 0);
}
