// SPDX-License-Identifier: MIT
// The controller, and interrupts; see keyboard.h.
#include "keyboard.h"

#include <driver/driver.h>
#include <driver/wait.h>

enum range { DATA, COMMAND }; // of the device's ports: 0x60, 0x64
#define STATUS_OUTPUT 0x01u   // a byte is there
#define STATUS_INPUT 0x02u    // it has not yet taken the last one
#define STATUS_MOUSE 0x20u    // that byte is the mouse's

#define READ_CONFIGURATION 0x20u
#define WRITE_CONFIGURATION 0x60u
#define MOUSE_OFF 0xa7u
#define KEYBOARD_OFF 0xadu
#define KEYBOARD_ON 0xaeu
#define CONFIGURATION_INTERRUPT 0x01u
#define CONFIGURATION_MOUSE_INTERRUPT 0x02u
#define CONFIGURATION_OFF 0x10u
#define CONFIGURATION_TRANSLATE 0x40u // to scan code set 1
#define SCAN 0xf4u                    // to the keyboard: enable scanning
#define ACKNOWLEDGED 0xfau

#define PATIENCE UINT64_C(100000000) // ns
#define BYTES_MOST 64u

static uint8_t port_read(enum range range)
{
	uint32_t value = 0;
	return driver_port_read(range, 0, 1, &value) ? 0 : (uint8_t)value;
}

// False: it takes nothing.
static bool port_write(enum range range, uint8_t value)
{
	struct driver_wait wait = driver_wait_begin(PATIENCE);
	while (port_read(COMMAND) & STATUS_INPUT)
		if (!driver_wait_more(&wait))
			return false;
	return driver_port_write(range, 0, 1, value) == KERN_SUCCESS;
}

static bool answer(uint8_t *value)
{
	struct driver_wait wait = driver_wait_begin(PATIENCE);
	while (!(port_read(COMMAND) & STATUS_OUTPUT))
		if (!driver_wait_more(&wait))
			return false;
	*value = port_read(DATA);
	return true;
}

static void discard(void)
{
	for (unsigned i = 0; i < BYTES_MOST && port_read(COMMAND) & STATUS_OUTPUT; i++)
		(void)port_read(DATA);
}

// The keyboard alone, with interrupts and translated codes, as a BIOS leaves it; UEFI's firmware may leave it otherwise.
static bool set_up(void)
{
	uint8_t configuration, byte = 0;
	if (!port_write(COMMAND, KEYBOARD_OFF) || !port_write(COMMAND, MOUSE_OFF))
		return false;
	discard();
	if (!port_write(COMMAND, READ_CONFIGURATION) || !answer(&configuration))
		return false;
	configuration &= (uint8_t)~(CONFIGURATION_OFF | CONFIGURATION_MOUSE_INTERRUPT);
	configuration |= CONFIGURATION_INTERRUPT | CONFIGURATION_TRANSLATE;
	if (!port_write(COMMAND, WRITE_CONFIGURATION) || !port_write(DATA, configuration) || !port_write(COMMAND, KEYBOARD_ON))
		return false;
	if (!port_write(DATA, SCAN))
		return false;
	for (unsigned i = 0; i < BYTES_MOST && byte != ACKNOWLEDGED; i++)
		if (!answer(&byte))
			return false;
	return true;
}

// Keys for which there is no room are lost, as on a keyboard whose buffer is full.
static void receive(struct keyboard *keyboard)
{
	struct line_memory *memory = keyboard->memory;
	uint8_t bytes[KEYS_MOST];
	for (unsigned i = 0; i < BYTES_MOST; i++) {
		uint8_t status = port_read(COMMAND);
		if (!(status & STATUS_OUTPUT))
			return;
		uint8_t code = port_read(DATA);
		uint32_t size = status & STATUS_MOUSE ? 0 : keys_take(&keyboard->keys, code, bytes);
		if (size > stream_room(&memory->in))
			memory->lost++;
		else
			stream_put(&memory->in, bytes, size);
	}
}

static kern_return_t open_memory(struct line_memory **memory)
{
	mach_port_t object;
	void *address;
	uint64_t size;
	if (gila_seat_recall(&object) || gila_memory_bytes(object, &size) || size < sizeof(**memory)) {
		kern_return_t error = gila_memory_make(sizeof(**memory), &object);
		if (error)
			return error;
		if (gila_seat_save(object))
			gila_logf("what was typed is lost when the driver ends");
	}
	kern_return_t error = gila_map(object, 0, sizeof(**memory), VM_PROT_READ | VM_PROT_WRITE, &address);
	*memory = address;
	if (!error)
		(void)line_memory_open(*memory);
	return error;
}

kern_return_t keyboard_begin(struct keyboard *keyboard, struct serve *serve)
{
	kern_return_t error = open_memory(&keyboard->memory);
	if (error) {
		gila_logf("no memory: %s", gila_error_text(error));
		return error;
	}
	error = gila_port_make(&keyboard->interrupt);
	if (!error)
		error = serve_listen(serve, keyboard->interrupt);
	if (!error)
		error = driver_interrupt(0, keyboard->interrupt);
	if (error) {
		gila_logf("no interrupt, so it is polled: %s", gila_error_text(error));
		keyboard->interrupt = MACH_PORT_NULL;
	}
	if (!set_up())
		gila_logf("the keyboard does not answer as it should; what it sends is taken");
	return KERN_SUCCESS;
}

void keyboard_message(struct serve *serve, const mach_msg_header_t *message, mach_msg_size_t size)
{
	struct keyboard *keyboard = serve->context;
	if (message->msgh_local_port != keyboard->interrupt || message->msgh_id != DEVICE_INTERRUPT_ID)
		return;
	receive(keyboard);
	if (driver_interrupt_ack(0))
		gila_logf("the interrupt cannot be acknowledged");
}

uint64_t keyboard_work(struct serve *serve)
{
	struct keyboard *keyboard = serve->context;
	if (keyboard->interrupt == MACH_PORT_NULL)
		receive(keyboard);
	keyboard_feed(keyboard);
	return keyboard->interrupt == MACH_PORT_NULL ? gila_time() + KEYBOARD_POLL : UINT64_MAX;
}
