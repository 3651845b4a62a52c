// SPDX-License-Identifier: MIT
// How tasks end, as task_wait tells it.
#ifndef GILA_TASK_H
#define GILA_TASK_H

#include <stdint.h>

enum gila_death {
	GILA_DEATH_EXIT,     // code: exit status
	GILA_DEATH_SIGNAL,   // code: signal number
	GILA_DEATH_LOAD,     // the program could not be loaded; code: kern_return_t
	GILA_DEATH_PROTOCOL, // ended by the kernel or through its task port; code: 0
};

struct gila_task_death {
	uint32_t task; // id
	uint32_t why;  // enum gila_death
	int32_t code;
	uint32_t reserved;
};

#endif
