// SPDX-License-Identifier: MIT
// The keyboard at an 8042 (IBM Personal System/2 Hardware Interface Technical Reference, "Keyboard and Auxiliary Device Controller";
// Intel 8042 data sheet) as the receiving half of a serial line (abi/serial.defs). What is written goes nowhere.
//
// 1. What was typed is in memory that the kernel keeps (drivers/uart16550/stream.h), so it outlives the driver.
// 2. No loop is longer than a constant, whatever the controller says.
// One thread.
#ifndef PS2_KEYBOARD_H
#define PS2_KEYBOARD_H

#include "keys.h"

#include <drivers/uart16550/stream.h>
#include <gila/serial.h>
#include <serve/serve.h>

#define KEYBOARD_POLL UINT64_C(20000000) // ns, without an interrupt

struct keyboard {
	struct keys keys;
	struct line_memory *memory; // `in` alone
	mach_port_t interrupt;      // MACH_PORT_NULL: none, it is polled
	struct serve_reply reader;  // who waits
	uint64_t read_position;
	uint32_t read_size;
};

// Errors are logged.
kern_return_t keyboard_begin(struct keyboard *keyboard, struct serve *serve) GILA_CHECKED;
void keyboard_message(struct serve *serve, const mach_msg_header_t *message, mach_msg_size_t size);
uint64_t keyboard_work(struct serve *serve);
// keyboard_calls.c: answers who waits, if there is something.
void keyboard_feed(struct keyboard *keyboard);

#endif
