// SPDX-License-Identifier: MIT
// Chance; see wire.h.
#include "wire.h"

#include <stdlib.h>
#include <string.h>

uint64_t wire_random(struct wire *wire, uint64_t below)
{
	uint64_t x = wire->random += UINT64_C(0x9e3779b97f4a7c15); // splitmix64
	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	x ^= x >> 31;
	return below ? x % below : x;
}

bool wire_roll(struct wire *wire, enum inject_fault fault)
{
	if (wire->rates[fault] == 0 || wire_random(wire, INJECT_MILLION) >= wire->rates[fault])
		return false;
	wire->counts[fault]++;
	return true;
}

void wire_flip(struct wire *wire, void *what, size_t size)
{
	((uint8_t *)what)[wire_random(wire, size)] ^= (uint8_t)(1 + wire_random(wire, 255)); // one bit at least
}

bool wire_set_rate(struct wire *wire, const char *word)
{
	const char *equals = strchr(word, '=');
	char *end;
	for (unsigned fault = 0; equals && fault < INJECT_FAULTS; fault++) {
		const char *name = inject_fault_name(fault);
		if (strlen(name) != (size_t)(equals - word) || strncmp(word, name, strlen(name)) != 0)
			continue;
		unsigned long rate = strtoul(equals + 1, &end, 10);
		wire->rates[fault] = rate < INJECT_MILLION ? (uint32_t)rate : INJECT_MILLION;
		return end != equals + 1 && !*end;
	}
	return false;
}
