// SPDX-License-Identifier: MIT
// The stages at which victim (victim.c) can be killed: a function each, which calls victim_ready once it is there and then
// stays, or goes on for ever. victim_lib.c uses lib/gila, victim_raw.c the bare channel.
#ifndef TESTS_VICTIM_H
#define TESTS_VICTIM_H

struct victim_stage {
	const char *name;
	void (*run)(void);
};

extern const struct victim_stage victim_lib_stages[], victim_raw_stages[]; // each ends with a NULL name

// Tells the killer.
void victim_ready(void);
// The path of this program, for exec.
extern const char *victim_path;

#endif
