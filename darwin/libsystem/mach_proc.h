// SPDX-License-Identifier: MIT
// What /proc/self tells of this process and its threads (proc(5)), for task_info and thread_info.
#ifndef DARWIN_MACH_PROC_H
#define DARWIN_MACH_PROC_H

#include <mach/message.h>
#include <mach/time_value.h>
#include <stdbool.h>
#include <stdint.h>

struct proc_thread {
	char state;	       // R, S, D, T, t, Z
	uint64_t user, system; // ns
	int priority;
};

// Whole files of /proc, at most room - 1 bytes, ended by a zero byte. False: not there.
bool proc_read(const char *path, char *text, size_t room);
// The number behind a word at the beginning of a line, in KiB unless the line says otherwise; 0: no such line.
uint64_t proc_number(const char *text, const char *word);
bool proc_read_thread(int id, struct proc_thread *thread);
// Numbers of the threads that the program knows of. Returns how many there are; fills in at most `room`.
unsigned proc_threads(int *ids, unsigned room);

static inline time_value_t proc_time(uint64_t nanoseconds)
{
	return (time_value_t){(integer_t)(nanoseconds / 1000000000u), (integer_t)(nanoseconds / 1000 % 1000000)};
}

// As much of a structure as the caller has room for, but at least `least` words, as Darwin does it.
int mach_info_give(const void *info, mach_msg_type_number_t words, mach_msg_type_number_t least, integer_t *out,
		   mach_msg_type_number_t *count);

#endif
