// SPDX-License-Identifier: MIT
// UUIDs of users and groups.
#ifndef DARWIN_MEMBERSHIP_H
#define DARWIN_MEMBERSHIP_H

#include <stdbool.h>
#include <stdint.h>

void membership_uuid(uint32_t id, bool group, uint8_t to[16]);
// False: it is of neither.
bool membership_id(const uint8_t uuid[16], uint32_t *id, bool *group);

#endif
