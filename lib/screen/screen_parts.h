// SPDX-License-Identifier: MIT
// Between the files of lib/screen.
#ifndef SCREEN_PARTS_H
#define SCREEN_PARTS_H

#include "screen.h"

// screen.c. Rows [row, end) may have changed.
void screen_touch(struct screen *screen, uint32_t row, uint32_t end);
void screen_line_feed(struct screen *screen);
// A character at the cursor, which goes on.
void screen_put(struct screen *screen, uint32_t code);
// Cells [from, to) become blank.
void screen_clear(struct screen *screen, uint32_t from, uint32_t to);

// screen_control.c
void screen_take(struct screen *screen, uint8_t byte);

#endif
