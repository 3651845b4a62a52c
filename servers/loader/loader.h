// SPDX-License-Identifier: MIT
// loader: fetches the programs of seats that are files, for the kernel (abi/loader.defs).
//
// loader_run does one request from beginning to end, and says what became of it to the kernel in any case. Several run at the same
// time, each in a thread of its own (main.c): the program of a file system may itself be a file, and a request for it must not stand
// behind one that waits for that very file system. It keeps nothing: the kernel asks again when a loader has died.
#ifndef LOADER_LOADER_H
#define LOADER_LOADER_H

#include <gila/program.h>

struct loader_job {
	char seat[SEAT_NAME_MAX + 1];
	char program[SEAT_PROGRAM_MAX + 1];
	uint32_t request;
};

void loader_run(const struct loader_job *job);

// ---- What it stands on: main.c, or a test ------------------------------------------------------------------------------

// The routines of abi/seat.defs with these names. KERN_NOT_WAITING: the kernel wants to hear no more about the request.
kern_return_t loader_image_from(const struct loader_job *job, const char *source, char complaint[GILA_REASON_MAX]) GILA_CHECKED;
kern_return_t loader_set_image(const struct loader_job *job, mach_port_t memory) GILA_CHECKED;
kern_return_t loader_image_failed(const struct loader_job *job, kern_return_t why, const char *reason) GILA_CHECKED;
// gila_program_load.
kern_return_t loader_read(const char *path, mach_port_t *memory, char reason[GILA_REASON_MAX]) GILA_CHECKED;

#endif
