// SPDX-License-Identifier: MIT
// The lock of the table of seats, for the files of this folder that walk it.
#ifndef KERNEL_SEAT_SEAT_TABLE_H
#define KERNEL_SEAT_SEAT_TABLE_H

#include "../core/lock.h"

extern struct lock seat_table_lock; // RANK_SEAT_TABLE

#endif
