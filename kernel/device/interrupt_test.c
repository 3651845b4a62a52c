// SPDX-License-Identifier: MIT
// Drivers and their interrupts: what reaches them, what they reach, and what is left when they are gone.
#include "device_test.h"
#include "interrupt.h"

#include "../ipc/ipc_test.h"

TEST(a_driver_reaches_its_device_and_nothing_else)
{
	CHECK(test_driver_add("sim,device", "dev", "/system/bin/drv_tries"));
	CHECK(test_look_up("dev/1"));
	sim_settle();
	CHECK_EQ(driver_seen.started, 1);
	if (driver_seen.wrong)
		CHECK_EQ(driver_seen.first_wrong, 0);
	CHECK(sim_interrupt_enabled(2) && !sim_interrupt_enabled(3) && !sim_interrupt_enabled(0));
	CHECK(sim_device_masters(1) && !sim_device_masters(0));
	sim_interrupt(2, false);
	sim_settle();
	CHECK_EQ(driver_seen.interrupts, 1);
	test_kill_occupant("dev/1");
	sim_settle();
	CHECK(!sim_interrupt_enabled(2));
	CHECK(!sim_device_masters(1));
	CHECK_EQ(sim_dma_freed_early(), 0);
	CHECK_EQ(sim_descriptors_in_transit(), 0);
}

static unsigned stranger_wrong;

static void stranger(void *argument)
{
	struct device_info *info = sim_alloc(sizeof(*info));
	uint64_t *words = sim_alloc(64);
	char *name = sim_alloc(16);
	memcpy(name, "compatible", 11);
	stranger_wrong += gila_device_info(info) != KERN_NOT_FOUND;
	stranger_wrong += gila_device_property(name, 10, words, 8) >> 32 != KERN_NOT_FOUND;
	stranger_wrong += gila_device_map(0, words, words + 1) != KERN_NOT_FOUND;
	stranger_wrong += gila_device_irq(0, test_port()) != KERN_NOT_FOUND;
	stranger_wrong += gila_device_irq(0, MACH_PORT_NULL) != KERN_NOT_FOUND;
	stranger_wrong += gila_device_irq_ack(0) != KERN_NOT_FOUND;
	stranger_wrong += gila_dma_alloc(4096) >> 32 != KERN_NOT_FOUND;
	stranger_wrong += gila_dma_address(MACH_PORT_NULL, words) != KERN_NOT_FOUND;
	stranger_wrong += gila_device_descriptor(DEVICE_DESCRIPTOR_BACKEND, 0) >> 32 != KERN_NOT_FOUND;
	stranger_wrong += gila_dma_descriptor(MACH_PORT_NULL) >> 32 != KERN_NOT_FOUND;
}

TEST(who_drives_nothing_finds_no_device)
{
	CHECK(test_driver_add("sim,device", "dev", "/system/bin/drv_sits"));
	sim_join(sim_client("stranger", stranger, NULL));
	CHECK_EQ(stranger_wrong, 0);
	// A server of an ordinary seat is one, too.
	struct packed_recipe packed = packed_recipe("t/a", "/system/bin/seat_sits", NULL, NULL);
	CHECK(test_add(&packed));
	CHECK(test_look_up("t/a"));
	sim_settle();
	struct seat *seat = seat_find("t/a");
	CHECK(seat && seat->occupant);
	CHECK(!device_of_task(seat->occupant));
	seat_release(seat);
}

TEST(interrupts_are_counted_while_their_message_is_away)
{
	CHECK(test_driver_add("sim,device", "dev", "/system/bin/drv_sits"));
	CHECK(test_look_up("dev/0"));
	sim_settle();
	for (int i = 0; i < 1000; i++)
		sim_interrupt(0, false);
	sim_interrupt(1, false); // nobody listens
	sim_interrupt(2, false);
	sim_settle();
	CHECK(driver_seen.messages > 0 && driver_seen.messages <= 1000);
	CHECK(driver_seen.interrupts <= 1000);
	unsigned missing = 1000 - driver_seen.interrupts;
	sim_interrupt(0, false); // brings what was counted last
	sim_settle();
	CHECK_EQ(driver_seen.interrupts, 1001);
	CHECK(missing < 1000);
	CHECK_EQ(driver_seen.wrong, 0);
}

TEST(a_level_triggered_line_waits_for_its_acknowledgement)
{
	CHECK(test_driver_add("sim,device", "dev", "/system/bin/drv_sits"));
	CHECK(test_look_up("dev/0"));
	sim_settle();
	for (unsigned i = 1; i <= 10; i++) {
		sim_interrupt(0, true);
		sim_settle();
		CHECK_EQ(driver_seen.interrupts, i);
		CHECK_EQ(sim_interrupt_acks(0), i);
	}
}

TEST(a_driver_that_leaves_its_seat_is_ended)
{
	CHECK(test_driver_add("sim,device", "dev", "/system/bin/drv_leaves"));
	CHECK(test_look_up("dev/0"));
	sim_settle();
	CHECK_EQ(driver_seen.started, 1);
	CHECK(!sim_interrupt_enabled(0));
	struct seat_probe probe;
	CHECK(test_probe("dev/0", &probe));
	CHECK_EQ(probe.task, 0);
	CHECK_EQ(probe.reason, SEAT_REASON_LEFT);
	CHECK_EQ(probe.state, SEAT_VACANT);
}

TEST(memory_for_the_device_outlives_the_driver)
{
	CHECK(test_driver_add("sim,device", "dev", "/system/bin/drv_reads"));
	CHECK(test_look_up("dev/0"));
	sim_settle();
	test_kill_occupant("dev/0");
	sim_settle();
	CHECK(test_look_up("dev/0"));
	sim_settle();
	CHECK_EQ(driver_seen.started, 2);
	CHECK_EQ(driver_seen.wrong, 0);
}

// Whatever a driver was doing: its interrupts and accounts come back.
TEST(drivers_leave_nothing_behind)
{
	uint64_t seeds = 60;
	CHECK(test_driver_add("sim,device", "dev", "/system/bin/drv_tries"));
	CHECK(test_look_up("dev/0"));
	sim_settle();
	test_kill_occupant("dev/0"); // regions that were mapped once are kept
	sim_settle();
	uint64_t before[ACCOUNT_KINDS], bytes = kalloc_bytes();
	for (unsigned kind = 0; kind < ACCOUNT_KINDS; kind++)
		before[kind] = account_total(kind);
	for (uint64_t i = 0; i < seeds; i++) {
		sim_kill_next((unsigned)sim_random_below(60), (unsigned)sim_random_below(12), "drv_tries");
		CHECK(test_look_up("dev/0"));
		sim_interrupt(0, false);
		sim_settle();
		sim_interrupt(0, false);
		test_kill_occupant("dev/0");
		sim_sleep(UINT64_C(60000000000)); // backoff
		test_kill_occupant("dev/0");
		sim_settle();
		CHECK(!sim_interrupt_enabled(0) && !sim_interrupt_enabled(1) && !sim_device_masters(0));
	}
	for (unsigned kind = 0; kind < ACCOUNT_KINDS; kind++)
		CHECK_EQ(account_total(kind), before[kind]);
	CHECK_EQ(kalloc_bytes(), bytes);
	CHECK_EQ(sim_descriptors_in_transit(), 0);
	if (driver_seen.wrong)
		CHECK_EQ(driver_seen.first_wrong, 0);
}

// ---- Bindings by themselves ------------------------------------------------------------------------------------------

static struct interrupt test_interrupt = {.line = 9, .index = 3}, second_interrupt = {.line = 9, .index = 4};

TEST(a_line_may_be_shared)
{
	struct port *one = port_create(&account_kernel), *other = port_create(&account_kernel);
	CHECK(one && other);
	CHECK_EQ(interrupt_bind(&test_interrupt, &account_kernel, port_make_send(one)), KERN_SUCCESS);
	CHECK_EQ(interrupt_bind(&second_interrupt, &account_kernel, port_make_send(other)), KERN_SUCCESS);
	sim_interrupt(9, false);
	sim_interrupt(9, false);
	sim_settle();
	CHECK_EQ(one->queued, 1);
	CHECK_EQ(other->queued, 1);
	interrupt_unbind(&test_interrupt);
	CHECK(sim_interrupt_enabled(9));
	interrupt_unbind(&second_interrupt);
	CHECK(!sim_interrupt_enabled(9));
	CHECK(!interrupt_is_bound(&second_interrupt));
	CHECK_EQ(one->queued, 1); // was under way
	right_release((struct right){&one->plain, RIGHT_RECEIVE});
	right_release((struct right){&other->plain, RIGHT_RECEIVE});
}

TEST(a_port_that_is_gone_gets_nothing)
{
	uint64_t messages = account_total(ACCOUNT_MESSAGE), ports = account_total(ACCOUNT_PORT);
	struct port *port = port_create(&account_kernel);
	CHECK(port);
	CHECK_EQ(interrupt_bind(&test_interrupt, &account_kernel, port_make_send(port)), KERN_SUCCESS);
	CHECK_EQ(account_total(ACCOUNT_MESSAGE), messages + 1); // paid for in advance
	sim_interrupt(9, false);
	sim_settle();
	CHECK_EQ(account_total(ACCOUNT_MESSAGE), messages + 1);
	right_release((struct right){&port->plain, RIGHT_RECEIVE}); // with the message in its queue
	sim_interrupt(9, false);
	sim_interrupt(9, false);
	sim_settle();
	CHECK(interrupt_is_bound(&test_interrupt));
	interrupt_unbind(&test_interrupt);
	CHECK_EQ(account_total(ACCOUNT_MESSAGE), messages);
	CHECK_EQ(account_total(ACCOUNT_PORT), ports);
}

TEST(binding_fails_cleanly)
{
	uint64_t bytes = kalloc_bytes();
	struct account *account = account_create();
	struct port *port = port_create(&account_kernel);
	CHECK(account && port);
	struct right right = port_make_send(port);
	atomic_store(&account->count_limit[ACCOUNT_MESSAGE], 0);
	CHECK_EQ(interrupt_bind(&test_interrupt, account, right), KERN_RESOURCE_SHORTAGE);
	atomic_store(&account->count_limit[ACCOUNT_MESSAGE], 1);
	static struct interrupt nowhere = {.line = 5000};
	CHECK_EQ(interrupt_bind(&nowhere, account, right), KERN_INVALID_ARGUMENT);
	sim_fail_every(1);
	CHECK_EQ(interrupt_bind(&test_interrupt, account, right), KERN_RESOURCE_SHORTAGE);
	sim_fail_every(0);
	CHECK_EQ(interrupt_bind(&test_interrupt, account, right), KERN_SUCCESS);
	// With nothing left at all an interrupt is sent all the same.
	kalloc_fail_every(1);
	sim_interrupt(9, false);
	sim_settle();
	kalloc_fail_every(0);
	CHECK_EQ(port->queued, 1);
	interrupt_unbind(&test_interrupt);
	right_release((struct right){&port->plain, RIGHT_RECEIVE});
	account_release(account); // panics if anything is still charged
	CHECK_EQ(kalloc_bytes(), bytes);
}
