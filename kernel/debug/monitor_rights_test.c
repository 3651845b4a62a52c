// SPDX-License-Identifier: MIT
// The monitor's list of rights, with handles to a seat that comes and goes.
#include "../seat/seat_test.h"
#include "monitor.h"

#include <gila/test.h>

// A handle that its task still holds when the seat is gone is listed, as nobody's.
TEST(monitor_lists_handles_of_a_removed_seat)
{
	struct task *task = sim_task("holder", NULL);
	struct monitor_right record;
	struct right right;
	mach_port_name_t name = MACH_PORT_NULL;
	uint32_t place = 0;
	CHECK(task);
	struct packed_recipe packed = packed_recipe("t/a", "/system/bin/seat_sits", NULL, NULL);
	CHECK(test_add(&packed));
	CHECK_EQ(seat_lookup(task, "t/a", &right), KERN_SUCCESS);
	CHECK_EQ(space_insert_right(&task->space, right, &name), KERN_SUCCESS);
	CHECK_EQ(monitor_list_rights(task, &place, &record, 1), 1);
	CHECK(record.seat != 0);
	test_remove("t/a");
	sim_settle();
	place = 0;
	CHECK_EQ(monitor_list_rights(task, &place, &record, 1), 1);
	CHECK_EQ(record.name, name);
	CHECK_EQ(record.seat, 0);
	sim_kill(task);
	sim_settle();
}
