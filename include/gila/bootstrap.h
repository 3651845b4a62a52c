// SPDX-License-Identifier: MIT
// Errors of the seat bootstrap (abi/bootstrap.defs). The numbers are those of macOS' <servers/bootstrap.h>.
#ifndef GILA_BOOTSTRAP_H
#define GILA_BOOTSTRAP_H

#define BOOTSTRAP_SEAT "bootstrap"
#define BOOTSTRAP_NAME_SIZE 128u // with the zero byte

#define BOOTSTRAP_NOT_A_PORT 1100 // macOS: BOOTSTRAP_NOT_PRIVILEGED
#define BOOTSTRAP_NAME_IN_USE 1101
#define BOOTSTRAP_UNKNOWN 1102
#define BOOTSTRAP_ACTIVE 1103
#define BOOTSTRAP_NO_MEMORY 1105

#endif
