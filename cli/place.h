// SPDX-License-Identifier: MIT
// Where this program runs: on the host beside a Gila system (cli/host), or inside one (cli/image). Each program is linked with
// one of the two folders, which provides all of these.
#ifndef CLI_PLACE_H
#define CLI_PLACE_H

#include "arguments.h"

#include <mach/kern_return.h>
#include <stdbool.h>
#include <stddef.h>

struct cli;

// Whether "host:PATH" names files here, and files written for other programs of the host (trace --chrome) are the host's.
extern const bool place_is_host;

// Makes the system reachable, once; later calls only say so again. On failure *why is one phrase that says what is missing
// and lives on.
bool place_reach(const char **why);
// False: nobody reads it any more.
bool place_write(const char *text, size_t size);
// A line for people, with its line feed.
void place_complain(const char *line);
// Columns of the terminal that output goes to; 0: it is none.
size_t place_width(void);
// A command is about to run: from now on Ctrl-C is told to interrupt_raise (interrupt.h), and those before are forgotten.
void place_listen(void);

// For what ends the system, and every process that it knows with it. On the host a child goes on with false, and ends with
// place_apart_end; true: that child has ended, with *status. Without a need for that (this process is known already, or is
// part of the system) it is false, and place_apart_end does nothing.
bool place_apart(int *status);
void place_apart_end(int status);

// ---- Input of the prompt -------------------------------------------------------------------------------------------

enum place_input { PLACE_INPUT, PLACE_INPUT_INTERRUPT, PLACE_INPUT_END };

// Prepares for reading lines. *keys: bytes come as they are typed and are to be echoed; else whole lines come. False: there
// is no input here; *why says so.
bool place_input_begin(bool *keys, const char **why);
// Waits for input. PLACE_INPUT: *size bytes, at most `room`.
enum place_input place_input_read(char *to, size_t room, size_t *size);
// A command is about to run, or has ended: on the host the terminal is given back meanwhile.
void place_input_pause(bool pause);
void place_input_end(void);

// ---- Commands that only one of the places has -----------------------------------------------------------------------

int command_boot(struct cli *cli, struct arguments *arguments);
int command_run_program(struct cli *cli, struct arguments *arguments);
int command_doctor(struct cli *cli, struct arguments *arguments);

#endif
