// SPDX-License-Identifier: MIT
// The compatibility list: who gets which device, names of seats, what is refused.
#include "device_test.h"
#include "fdt_make.h"

#include "../core/sched.h"

static char complaint[RECIPE_COMPLAINT_MAX];
static uint32_t bound;

static bool seat_is_of(const char *seat_name, const char *address)
{
	struct device *device = device_find(address);
	struct seat *seat = seat_find(seat_name);
	bool is = device && seat && seat->device == device;
	if (seat)
		seat_release(seat);
	return is;
}

TEST(every_device_gets_a_seat_of_its_own)
{
	CHECK_EQ(test_driver("sim,device", "dev", "/system/bin/drv_sits", 0, false, &bound, complaint), KERN_SUCCESS);
	CHECK_EQ(bound, 2);
	CHECK(seat_is_of("dev/0", TEST_FIRST));
	CHECK(seat_is_of("dev/1", TEST_SECOND));
	CHECK(!seat_find("dev/2"));
	sim_settle();
	CHECK_EQ(driver_seen.started, 0); // on demand
	CHECK(test_look_up("dev/1"));
	sim_settle();
	CHECK_EQ(driver_seen.started, 1);
	CHECK(test_contains(driver_seen.address, TEST_SECOND));
	CHECK_EQ(driver_seen.wrong, 0);
}

TEST(a_device_has_two_names)
{
	CHECK(test_driver_add("sim,device", "dev", "/system/bin/drv_sits"));
	CHECK(test_look_up("device/" TEST_SECOND));
	sim_settle();
	CHECK_EQ(driver_seen.started, 1);
	struct seat *one = seat_find("device/" TEST_SECOND), *other = seat_find("dev/1");
	CHECK(one && one == other);
	CHECK(!seat_find("device/nothing"));
	CHECK(!seat_find("device/"));
	CHECK(!seat_find("device"));
	seat_release(one);
	seat_release(other);
	// What is asked for must be granted under that name.
	const char *const patterns[] = {"device/*"};
	struct grants *grants = grants_create(patterns, 1);
	CHECK(grants);
	struct task *task = task_create(NULL, "narrow", grants);
	CHECK(task);
	struct right right = {NULL, RIGHT_NONE};
	CHECK_EQ(seat_lookup(task, "dev/1", &right), KERN_DENIED);
	CHECK_EQ(seat_lookup(task, "device/" TEST_SECOND, &right), KERN_SUCCESS);
	right_release(right);
	task_terminate(task, KERN_DEATH_EXIT, 0);
	task_release(task);
	grants_release(grants);
}

TEST(names_under_device_are_nobody_elses)
{
	struct packed_recipe packed = packed_recipe("device/x", "/system/bin/seat_sits", NULL, NULL);
	CHECK(!test_add(&packed));
}

TEST(the_first_line_has_the_device)
{
	CHECK_EQ(test_driver("sim,device", "dev", "/system/bin/drv_sits", 0, false, &bound, complaint), KERN_SUCCESS);
	// More specific, but later.
	CHECK_EQ(test_driver("sim,device-2", "dev", "/system/bin/drv_tries", 0, false, &bound, complaint), KERN_SUCCESS);
	CHECK_EQ(bound, 0);
	CHECK(test_log_contains("sim,device-2: no device is left for /system/bin/drv_tries: " TEST_FIRST
				" has the driver of sim,device\n"));
	CHECK_EQ(test_driver("sim,device", "dev", "/system/bin/drv_tries", 0, false, &bound, complaint), KERN_NAME_EXISTS);
	CHECK(test_contains(complaint, "no device is left for /system/bin/drv_tries"));
	CHECK_EQ(test_driver("sim,other", "dev", "/system/bin/drv_tries", 0, false, &bound, complaint), KERN_SUCCESS);
	CHECK_EQ(bound, 0);
	CHECK(test_log_contains("sim,other: there is no such device"));
}

TEST(numbers_that_are_taken_are_left_out)
{
	struct packed_recipe packed = packed_recipe("dev/0", "/system/bin/seat_sits", NULL, NULL);
	CHECK(test_add(&packed));
	CHECK(test_driver_add("sim,device", "dev", "/system/bin/drv_sits"));
	CHECK(seat_is_of("dev/1", TEST_FIRST));
	CHECK(seat_is_of("dev/2", TEST_SECOND));
}

TEST(a_driver_of_the_boot_starts_at_once)
{
	CHECK_EQ(test_driver("sim,device", "dev", "/system/bin/drv_sits", SEAT_START_BOOT, false, &bound, complaint),
		 KERN_SUCCESS);
	sim_settle();
	CHECK_EQ(driver_seen.started, 2);
}

TEST(what_makes_no_sense_is_refused)
{
	static const struct {
		const char *compatible, *kind, *program;
		kern_return_t code;
		const char *text;
	} cases[] = {
		{"", "dev", "/system/bin/drv_sits", KERN_INVALID_ARGUMENT, "no compatible string"},
		{"a b", "dev", "/system/bin/drv_sits", KERN_INVALID_ARGUMENT, "no compatible string"},
		{"sim,device", "a/b", "/system/bin/drv_sits", KERN_INVALID_ARGUMENT, "no kind"},
		{"sim,device", "kernel", "/system/bin/drv_sits", KERN_INVALID_ARGUMENT, "no kind"},
		{"sim,device", "device", "/system/bin/drv_sits", KERN_INVALID_ARGUMENT, "no kind"},
		{"sim,device", "a-kind-that-is-much-longer-than-31", "/system/bin/drv_sits", KERN_INVALID_ARGUMENT, "no kind"},
		{"sim,device", "", "/system/bin/drv_sits", KERN_INVALID_ARGUMENT, ""},
		{"sim,device", "dev", "/system/bin/none", KERN_NOT_FOUND, "/system/bin/none: not in the boot archive"},
	};
	for (size_t i = 0; i < array_count(cases); i++) {
		CHECK_EQ(test_driver(cases[i].compatible, cases[i].kind, cases[i].program, 0, false, &bound, complaint),
			 cases[i].code);
		CHECK(test_contains(complaint, cases[i].text));
	}
	struct device_driver_record record;
	CHECK_EQ(driver_list(0, &record, 1), 0);
	CHECK(!seat_find("dev/0"));
}

TEST(who_adds_a_driver_needs_the_grants)
{
	static const char *const patterns[] = {"kernel/*", "dev/0", "bus"};
	struct grants *grants = grants_create(patterns, 3);
	CHECK(grants);
	struct task *task = task_create(NULL, "narrow", grants);
	CHECK(task);
	struct packed_recipe packed = packed_recipe("dev", "/system/bin/drv_sits", NULL, NULL);
	struct driver_wish wish = {.compatible = "sim,device"};
	CHECK_EQ(recipe_parse(&packed, packed_size(&packed), &wish.recipe, complaint), KERN_SUCCESS);
	CHECK_EQ(driver_add(task, &wish, &bound, complaint), KERN_DENIED); // one of dev/* is not all of them
	CHECK(test_contains(complaint, "dev/*"));
	recipe_release(wish.recipe);
	task_terminate(task, KERN_DEATH_EXIT, 0);
	task_release(task);
	grants_release(grants);
}

TEST(lines_are_listed_replaced_and_removed)
{
	struct device_driver_record records[4];
	CHECK(test_driver_add("sim,device", "dev", "/system/bin/drv_sits"));
	CHECK(test_driver_add("sim,other", "other", "/system/bin/drv_sits"));
	CHECK_EQ(driver_list(0, records, 4), 2);
	CHECK_EQ(records[0].devices, 2);
	CHECK_EQ(records[1].devices, 0);
	CHECK_EQ(driver_list(records[0].id, records, 4), 1);
	CHECK(test_contains(records[0].compatible, "sim,other"));
	CHECK(test_look_up("dev/0"));
	sim_settle();
	// The one that sits there goes on; the next is another program.
	CHECK_EQ(test_driver("sim,device", "dev", "/system/bin/drv_tries", SEAT_RESTART_DEMAND, true, &bound, complaint),
		 KERN_SUCCESS);
	CHECK_EQ(bound, 2);
	sim_settle();
	CHECK_EQ(driver_seen.started, 1);
	struct seat *seat = seat_find("dev/0");
	CHECK(seat && test_contains(seat->recipe->program, "drv_tries"));
	seat_restart(seat);
	sim_settle();
	CHECK_EQ(driver_seen.started, 2);
	CHECK_EQ(driver_seen.wrong, 0);
	seat_release(seat);
	CHECK_EQ(driver_list(0, records, 4), 2);
	CHECK(test_contains(records[0].program, "drv_tries") && records[0].id == 1);
	CHECK_EQ(test_driver("sim,device", "new", "/system/bin/drv_tries", 0, true, &bound, complaint), KERN_INVALID_ARGUMENT);
	CHECK(test_contains(complaint, "kind"));
	CHECK_EQ(driver_remove("sim,device"), KERN_SUCCESS);
	CHECK_EQ(driver_remove("sim,device"), KERN_NOT_FOUND);
	CHECK_EQ(driver_list(0, records, 4), 1);
	CHECK(seat_is_of("dev/0", TEST_FIRST)); // stays
}

TEST(a_seat_that_is_removed_frees_its_device)
{
	CHECK(test_driver_add("sim,device", "dev", "/system/bin/drv_sits"));
	CHECK(test_look_up("dev/0"));
	sim_settle();
	CHECK(sim_interrupt_enabled(0));
	test_remove("dev/0"); // while its driver runs
	test_remove("dev/1");
	sim_settle();
	CHECK(!sim_interrupt_enabled(0));
	CHECK(!seat_find("device/" TEST_FIRST));
	CHECK_EQ(test_driver("sim,device-2", "new", "/system/bin/drv_sits", 0, false, &bound, complaint), KERN_SUCCESS);
	CHECK_EQ(bound, 2);
	CHECK(seat_is_of("new/0", TEST_FIRST));
	CHECK_EQ(driver_seen.wrong, 0);
}

static void looks_up(void *argument)
{
	for (int i = 0; i < 3; i++)
		if (!test_look_up("dev/0"))
			driver_seen.wrong++;
}

TEST(a_hundred_that_ask_at_once_launch_it_once)
{
	CHECK(test_driver_add("sim,device", "dev", "/system/bin/drv_sits"));
	for (int i = 0; i < 100; i++)
		CHECK_EQ(thread_create_kernel("asks", looks_up, NULL), KERN_SUCCESS);
	sim_settle();
	CHECK_EQ(driver_seen.started, 1);
	CHECK_EQ(driver_seen.wrong, 0);
}

// ---- Trees ---------------------------------------------------------------------------------------------------------

static size_t make_tree(uint8_t *blob, size_t room, const char *long_name)
{
	static struct fdt_make make;
	fdt_make_begin(&make, blob, room);
	fdt_make_node(&make, "");
	fdt_make_text(&make, "compatible", "test,machine");
	fdt_make_node(&make, "bus");
	fdt_make_text(&make, "compatible", "simple-bus");
	fdt_make_node(&make, "inner@1");
	fdt_make_text(&make, "compatible", "test,inner");
	fdt_make_node_end(&make);
	fdt_make_node(&make, long_name);
	fdt_make_text(&make, "compatible", "test,long");
	fdt_make_node_end(&make);
	fdt_make_node_end(&make);
	fdt_make_node(&make, "twin@1");
	fdt_make_text(&make, "compatible", "test,twin");
	fdt_make_node_end(&make);
	fdt_make_node(&make, "twin@1");
	fdt_make_text(&make, "compatible", "test,twin");
	fdt_make_node_end(&make);
	fdt_make_node(&make, "odd");
	fdt_make_property(&make, "compatible", "no end", 6);
	fdt_make_node_end(&make);
	fdt_make_node(&make, "pci:00:04.0");
	fdt_make_text(&make, "compatible", "pci:1af4:1042");
	fdt_make_node_end(&make);
	fdt_make_node(&make, "str?nge");
	fdt_make_text(&make, "compatible", "test,strange");
	fdt_make_node_end(&make);
	fdt_make_node_end(&make);
	return fdt_make_end(&make);
}

static void make_ports(struct fdt_make *make, const char *name, const uint32_t *cells, size_t count, size_t bytes)
{
	uint8_t value[4 * 30];
	for (size_t i = 0; i < count; i++)
		fdt_make_number(value + 4 * i, cells[i]);
	fdt_make_node(make, name);
	fdt_make_text(make, "compatible", "test,ports");
	fdt_make_property(make, "gila,ports", value, bytes);
	fdt_make_node_end(make);
}

TEST(ports_that_make_no_sense_are_nobodys)
{
	static uint8_t blob[4096];
	static struct fdt_make make;
	uint32_t many[27] = {0};
	for (size_t i = 0; i < 9; i++)
		many[3 * i + 2] = 1;
	fdt_make_begin(&make, blob, sizeof(blob));
	fdt_make_node(&make, "");
	make_ports(&make, "none", many, 0, 0);
	make_ports(&make, "odd", (uint32_t[]){0, 0x10, 8}, 3, 11);
	make_ports(&make, "empty", (uint32_t[]){0, 0x10, 8, 0, 0x20, 0}, 6, 24);
	make_ports(&make, "over", (uint32_t[]){UINT32_MAX, UINT32_MAX, 2}, 3, 12);
	make_ports(&make, "last", (uint32_t[]){UINT32_MAX, UINT32_MAX, 1}, 3, 12);
	make_ports(&make, "nine", many, 27, 108);
	make_ports(&make, "eight", many, 24, 96);
	make_ports(&make, "fine", (uint32_t[]){1, 0x3f8, 8}, 3, 12);
	fdt_make_node_end(&make);
	size_t size = fdt_make_end(&make);
	CHECK(size > 0);
	device_tree_add(blob, size, "ports");
	CHECK_EQ(device_find("none")->port_count, 0);
	CHECK_EQ(device_find("odd")->port_count, 0);
	CHECK_EQ(device_find("empty")->port_count, 0);
	CHECK_EQ(device_find("over")->port_count, 0);
	CHECK_EQ(device_find("nine")->port_count, 0);
	CHECK_EQ(device_find("last")->port_count, 1);
	CHECK_EQ(device_find("eight")->port_count, 8);
	CHECK_EQ(device_find("fine")->port_count, 1);
	CHECK_EQ(device_find("fine")->ports[0].first, UINT64_C(0x1000003f8));
	CHECK_EQ(device_find("fine")->ports[0].count, 8);
	CHECK(test_log_contains("odd: gila,ports is no list of at most 8 ranges of ports"));
	CHECK(!test_log_contains("none: gila,ports"));
}

TEST(devices_are_made_of_trees_as_far_as_they_make_sense)
{
	static uint8_t blob[4096];
	size_t size = make_tree(blob, sizeof(blob), "long-name-of-47-characters-and-no-more-at-all@1");
	CHECK(size > 0);
	device_tree_add(blob, size, "test tree");
	CHECK(device_find("bus") && device_find("bus/inner@1") && device_find("twin@1"));
	CHECK(device_find("bus/long-name-of-47-characters-and-no-more-at-all@1"));
	CHECK(device_find("pci:00:04.0"));
	CHECK(!device_find("odd") && !device_find("str?nge") && !device_find(""));
	CHECK(test_log_contains("twin@1: its name is too long, strange, or another device's"));
	CHECK(test_log_contains("str?nge: its name is too long, strange, or another device's"));
	CHECK(test_log_contains("test tree: 5 devices"));
	device_tree_add(blob, size / 2, "half a tree");
	CHECK(test_log_contains("half a tree cannot be read: it is cut short (byte 0)"));
}
