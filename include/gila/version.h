// SPDX-License-Identifier: MIT
// What this is, for people.
#ifndef GILA_VERSION_H
#define GILA_VERSION_H

#define GILA_VERSION "Gila 0.1"

#endif
