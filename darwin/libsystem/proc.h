// SPDX-License-Identifier: MIT
// A process as Linux' /proc describes it.
#ifndef DARWIN_PROC_H
#define DARWIN_PROC_H

#include <stdbool.h>
#include <stdint.h>

struct proc { // of /proc/PID/stat: proc(5)
	int id, parent, group, session, threads;
	int terminal, terminal_group; // Darwin's dev_t, -1: none; the group in front of it
	unsigned user, group_id;
	char name[64], state;
	uint64_t user_time, system_time, start; // nanoseconds
	uint64_t faults, major_faults, virtual_size, resident;
	long nice;
};

// False, and errno is ESRCH: there is none.
bool proc_stat_read(int id, struct proc *to);
// When the system began, in nanoseconds since 1970.
uint64_t proc_boot_time(void);

#endif
