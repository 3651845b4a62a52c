// SPDX-License-Identifier: MIT
// Flags of memory_map. The calls are declared in abi/memory_traps.defs.
#ifndef GILA_MEMORY_H
#define GILA_MEMORY_H

enum memory_map_flags {
	MEMORY_MAP_FIXED = 1,     // at the address given, which must be free unless MEMORY_MAP_OVERWRITE is set too
	MEMORY_MAP_OVERWRITE = 2,
	MEMORY_MAP_COPY = 4,      // private: writes do not reach the object
};

#endif
