// SPDX-License-Identifier: MIT
// Keys to bytes: scan code set 1 (IBM Personal System/2 Hardware Interface Technical Reference, "Keyboard"), US layout. What a terminal
// sends: letters, Ctrl with them, ESC before a character with Alt, and the sequences of ECMA-48 and the VT220 for keys that move.
#ifndef PS2_KEYS_H
#define PS2_KEYS_H

#include <stdbool.h>
#include <stdint.h>

#define KEYS_MOST 5u // bytes of one key

enum { KEYS_SHIFT_LEFT = 1, KEYS_SHIFT_RIGHT = 2, KEYS_CONTROL = 4, KEYS_ALT = 8 };

struct keys {
	unsigned held;    // of the above
	bool caps;
	bool extended;    // 0xe0 came
	unsigned skip;    // codes of a sequence that is left out (Pause)
};

// Takes a code. How many bytes it is worth.
uint32_t keys_take(struct keys *keys, uint8_t code, uint8_t bytes[KEYS_MOST]);

#endif
