// SPDX-License-Identifier: MIT
// Entries of the aux vector (System V ABI, "Process Initialization"; getauxval(3)) that a program of Gila finds on the
// metal. Their absence says that the program is hosted.
#ifndef GILA_AUXV_H
#define GILA_AUXV_H

#define AT_GILA 0x47494c41       // 1: traps are made by the instruction (<gila/trap_entry.h>)
#define AT_GILA_LINUX 0x47494c42 // where lib/linux was mapped; absent: Linux calls are not answered

#endif
