// SPDX-License-Identifier: MIT
// The compatibility list on its way from the configuration to the kernel.
#ifndef INIT_DRIVERS_H
#define INIT_DRIVERS_H

#include "config.h"

// Adds config->drivers in the order of the file. What the kernel refuses is complained of.
void drivers_add(struct config *config, const struct config_world *world);

#endif
