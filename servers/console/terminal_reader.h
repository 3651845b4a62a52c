// SPDX-License-Identifier: MIT
// A thread that reads a terminal, because reading blocks: it sends what it has read to the console's port, a message at a time, when
// the console wants one. Terminals start it in `open`. Lock: a mutex, over one flag alone.
#ifndef CONSOLE_TERMINAL_READER_H
#define CONSOLE_TERMINAL_READER_H

#include "terminal.h"

// read: waits, and returns how many bytes it got; 0: there will be no more.
kern_return_t terminal_reader_start(mach_port_t input, uint32_t (*read)(uint8_t *to, size_t most)) GILA_CHECKED;
// As struct terminal's want_input.
void terminal_reader_want(void);

#endif
