// SPDX-License-Identifier: MIT
// What a torture has found, as lines for people or as JSON.
#ifndef TORTURE_REPORT_H
#define TORTURE_REPORT_H

#include "client.h"
#include "killer.h"

void report_print(const struct work *work, const struct client *clients, const struct killer *killer, double seconds, bool json);

#endif
