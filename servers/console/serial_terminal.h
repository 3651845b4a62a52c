// SPDX-License-Identifier: MIT
// The serial terminal's two halves, for tests; see serial_terminal.c.
#ifndef CONSOLE_SERIAL_TERMINAL_H
#define CONSOLE_SERIAL_TERMINAL_H

#include "terminal.h"

// What the reading thread calls: waits for input. 0: the line is no more.
uint32_t serial_terminal_read(uint8_t *to, size_t most);
// Lets time pass when the line does not work; tests set it.
extern void (*serial_terminal_pause)(void);

#endif
