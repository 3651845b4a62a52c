// SPDX-License-Identifier: MIT
// Any bytes as a file of the time zone database.
#include "timezone.h"

#include <gila/fuzz.h>
#include <stdlib.h>
#include <string.h>

static int fuzz_zone(const uint8_t *data, size_t size)
{
	struct zone_rules rules;
	double next;
	if (!zone_read(data, size, &rules))
		return 0;
	for (int i = -10; i < 40; i++)
		if (zone_next(&rules, i * 1e8, &next) && !(next > i * 1e8))
			__builtin_trap();
	for (int i = -10; i < 40; i++)
		if (strlen(zone_rule_at(&rules, i * 1e8).name) >= sizeof(rules.first.name))
			__builtin_trap();
	free(rules.rules);
	return 0;
}
FUZZ_TARGET(fuzz_zone)
