// SPDX-License-Identifier: MIT
// What travels in the interface of serial lines (abi/serial.defs).
#ifndef GILA_SERIAL_H
#define GILA_SERIAL_H

#include <gila/error.h>
#include <stdint.h>

#define SERIAL_DATA_MAX 4096u // bytes of one read or write

struct serial_info {
	uint64_t read;     // number of the next byte that nobody has read
	uint64_t received; // bytes that have come in
	uint64_t written;  // number of the next byte to write
	uint64_t sent;     // bytes that the device has been given
	uint64_t lost;     // times that bytes came in faster than they were taken
	uint64_t damaged;  // bytes with a wrong parity or no stop bit, and breaks; they are left out
	uint32_t speed;    // bits a second
	uint32_t polled;   // 1: there is no interrupt, or it does not work
	uint32_t rows, columns; // of the text at its end, where the device knows; else 0
};

_Static_assert(sizeof(struct serial_info) == 64, "struct serial_info has no padding");

#endif
