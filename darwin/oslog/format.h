// SPDX-License-Identifier: MIT
// Messages of os_log: a format and a buffer of values, which the compiler made, become text.
#ifndef DARWIN_OSLOG_FORMAT_H
#define DARWIN_OSLOG_FORMAT_H

#include <stddef.h>
#include <stdint.h>

// Always ends the text with a zero byte; it is cut short if it does not fit. `error` is what %m shows the text of.
// What the buffer has not is shown as <missing>. Returns the text's length.
size_t oslog_format(char *to, size_t room, const char *format, const uint8_t *buffer, size_t size, const char *error);

#endif
