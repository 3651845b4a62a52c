// SPDX-License-Identifier: MIT
// For tests of seats: programs for servers, and short forms of what tests do. seat_programs_test.c has the bodies.
//
// Programs: seat_sits (takes the seat named in its first argument or t/a, answers pings and nothing else), seat_hangs
// (takes it, answers nothing), seat_crashes, seat_stands (never takes it), seat_needs (looks up its argument first),
// seat_leaves (destroys the right), seat_keeps (counts its launches in memory that the seat keeps; with an argument it answers nothing).
#ifndef KERNEL_SEAT_SEAT_TEST_H
#define KERNEL_SEAT_SEAT_TEST_H

#include "../memory/memory.h"
#include "../task/task.h"
#include "recipe_test.h"
#include "seat.h"

#include <machine/sim/sim.h>

struct seat_probe {
	enum seat_state state;
	uint32_t task, generation, restarts, failures;
	enum seat_reason reason;
	int code;
};

extern unsigned test_circles; // look-ups that were refused with KERN_ALREADY_WAITING
extern unsigned test_served;  // messages other than pings that seat_sits received

extern unsigned test_kept;    // what seat_keeps counted last
extern unsigned test_settled; // answers to SEAT_SETTLE_ID

// In programs: the seat that it was launched for (without it the program ends); a look-up.
mach_port_t test_take_own(void);
kern_return_t must_check test_client_look_up(const char *name, mach_port_t *port);

bool test_contains(const char *text, const char *part);
bool test_log_contains(const char *part);
kern_return_t must_check test_register(struct task *registrar, const struct packed_recipe *packed, bool replace,
				       char *complaint);
// Registers with all grants; false (and a line in the log): refused.
bool must_check test_add(const struct packed_recipe *packed);
void test_remove(const char *name);
bool must_check test_probe(const char *name, struct seat_probe *probe);
// Looks the seat up and drops the handle.
bool must_check test_look_up(const char *name);
// Looks the seat up and sends it an empty message.
bool must_check test_send(const char *name, int32_t id);
// SIGKILL to the server, if there is one.
void test_kill_occupant(const char *name);

#endif
