// SPDX-License-Identifier: MIT
#include "space.h"

#include "../core/sched.h"
#include <gila/test.h>

enum { NAMES = 1000 };

static _Atomic unsigned turns;
static _Atomic bool over;

static void takes_turns(void *argument)
{
	while (!over) {
		turns++;
		thread_yield();
	}
}

// A task may have 200,000 names, and their end is no reason for others to wait.
TEST(others_run_while_a_large_space_is_emptied)
{
	struct account *account = account_create();
	static struct space space;
	CHECK(account);
	CHECK_EQ(space_init(&space, account), KERN_SUCCESS);
	for (unsigned i = 0; i < NAMES; i++) {
		mach_port_name_t name = MACH_PORT_NULL;
		struct port *port = port_create(account);
		CHECK(port);
		CHECK_EQ(space_insert_right(&space, (struct right){&port->plain, RIGHT_RECEIVE}, &name), KERN_SUCCESS);
	}
	turns = 0;
	over = false;
	CHECK_EQ(thread_create_kernel("turns", takes_turns, NULL), KERN_SUCCESS);
	thread_yield();
	unsigned before = turns;
	space_destroy(&space);
	CHECK(turns - before >= NAMES / 64);
	over = true;
	CHECK_EQ(atomic_load(&account->count[ACCOUNT_PORT]), 0);
	CHECK_EQ(atomic_load(&account->count[ACCOUNT_RIGHT]), 0);
	account_release(account);
}
