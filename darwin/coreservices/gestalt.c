// SPDX-License-Identifier: MIT
// Gestalt: the version of the system, as old programs ask for it. The same version as sysctl's (libsystem/sysctl.c).
// Facts: Apple's Gestalt.h (gestaltSystemVersion and its kin, gestaltUndefSelectorErr).
#include <stdint.h>

enum { UNDEFINED_SELECTOR = -5551 };
#define SELECTOR(a, b, c, d) ((uint32_t)(a) << 24 | (uint32_t)(b) << 16 | (uint32_t)(c) << 8 | (uint32_t)(d))

int16_t darwin_Gestalt(uint32_t selector, int32_t *response)
{
	switch (selector) {
	case SELECTOR('s', 'y', 's', 'v'): *response = 0x1260; return 0; // one digit for the last two parts
	case SELECTOR('s', 'y', 's', '1'): *response = 12; return 0;
	case SELECTOR('s', 'y', 's', '2'): *response = 6; return 0;
	case SELECTOR('s', 'y', 's', '3'): *response = 0; return 0;
	case SELECTOR('s', 'y', 's', 'a'): *response = 10; return 0; // an Intel processor
	default: return UNDEFINED_SELECTOR;
	}
}
