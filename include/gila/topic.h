// SPDX-License-Identifier: MIT
// Topics of the bus and patterns for them (<gila/bus_types.h>).
#ifndef GILA_TOPIC_H
#define GILA_TOPIC_H

#include <gila/bus_types.h>
#include <stdbool.h>

// Components of letters, digits and . _ - + : @ , between single slashes, at most BUS_TOPIC_MAX bytes; in a pattern also *.
bool topic_valid(const char *text, bool pattern);
// The pattern matches the whole topic. Costs at most the product of the lengths, whatever the pattern.
bool topic_match(const char *pattern, const char *topic);

#endif
