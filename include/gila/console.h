// SPDX-License-Identifier: MIT
// The console for programs (abi/console.defs).
//
// Output needs no session: gila_print. For input open a session, then gila_console_read. A program that is not granted
// the seat "console" prints to the log instead.
#ifndef GILA_CONSOLE_H
#define GILA_CONSOLE_H

#include <gila/console_types.h>
#include <gila/gila.h>

// Writes everything. After MIG_SERVER_DIED a part may have been written.
kern_return_t gila_console_write(const void *data, size_t size) GILA_CHECKED;
// Text, as far as the console takes it.
void gila_print(const char *format, ...) __attribute__((format(printf, 1, 2)));

// A session in the foreground; drop it with gila_port_drop.
kern_return_t gila_console_open(mach_port_t *session) GILA_CHECKED;
// Waits for input; a console that is restarted meanwhile is waited for.
kern_return_t gila_console_read(mach_port_t session, enum console_mode mode, void *to, size_t size, size_t *got) GILA_CHECKED;
// The size of the terminal; both 0: none.
void gila_console_size(uint32_t *rows, uint32_t *columns);

#endif
