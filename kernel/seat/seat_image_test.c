// SPDX-License-Identifier: MIT
// Programs that are files: what the kernel asks of the loader, and what becomes of launches when it answers, fails, dies, is
// late, or would have to wait for itself.
//
// The loader here reads no files: a path says what it does. /load/P has P as its program. /die/P: the loader dies of the first two
// requests. /fail, /mute and /sleep/P are what they say. /from/P asks whether it may wait for the seat t/files first.
#include "seat_test.h"

#include <abi/seat.h>
#include <abi/traps.h>
#include <gila/loader.h>

#define MS UINT64_C(1000000)

static unsigned fetches, deaths, refusals, stale_answers;

// ---- The loader ----------------------------------------------------------------------------------------------------

static bool begins(const char *text, const char *with)
{
	while (*with)
		if (*text++ != *with++)
			return false;
	return true;
}

static const char *last_name(const char *path)
{
	const char *name = path;
	for (; *path; path++)
		if (*path == '/')
			name = path + 1;
	return name;
}

static void give(mach_port_t seats, const struct loader_fetch *fetch)
{
	char image[80];
	size_t size = format_text(image, sizeof(image), "sim:%s", last_name(fetch->program));
	uint64_t memory = gila_memory_create(size);
	if (memory >> 32 || gila_memory_write((mach_port_t)memory, 0, image, (uint32_t)size) != KERN_SUCCESS)
		sim_exit(20);
	if (gila_seat_set_image(seats, fetch->seat, fetch->request, (mach_port_t)memory) == KERN_NOT_WAITING)
		stale_answers++;
	kernelrpc_mach_port_deallocate_trap(sim_task_self(), (mach_port_t)memory);
}

static void refuse(mach_port_t seats, const struct loader_fetch *fetch, const char *reason)
{
	if (gila_seat_image_failed(seats, fetch->seat, fetch->request, KERN_NOT_FOUND, reason) != KERN_SUCCESS)
		stale_answers++;
}

static void serve_fetch(mach_port_t seats, const struct loader_fetch *fetch)
{
	char circle[160];
	kern_return_t code = KERN_SUCCESS;
	fetches++;
	if (begins(fetch->program, "/die/") && deaths < 2) {
		deaths++;
		sim_crash(11);
	}
	if (begins(fetch->program, "/sleep/"))
		mach_wait_until_trap(md_clock_now() + 300 * MS);
	if (begins(fetch->program, "/from/") &&
	    gila_seat_image_from(seats, fetch->seat, fetch->request, "t/files", &code, circle) == KERN_SUCCESS && code) {
		refusals++;
		refuse(seats, fetch, circle);
	} else if (begins(fetch->program, "/fail")) {
		refuse(seats, fetch, "it is a test");
	} else if (!begins(fetch->program, "/mute")) {
		give(seats, fetch);
	}
}

static void loads(void *argument)
{
	struct {
		struct loader_fetch fetch;
		mach_msg_max_trailer_t trailer;
	} message;
	mach_port_t seats, port = test_take_own();
	if (test_client_look_up(SEAT_GRANT_MANAGE, &seats) != KERN_SUCCESS)
		sim_exit(21);
	for (;;) {
		mach_msg_header_t *head = &message.fetch.head;
		if (mach_msg_trap(head, MACH_RCV_MSG, 0, sizeof(message), port, 0, 0) != MACH_MSG_SUCCESS)
			sim_exit(22);
		if (head->msgh_id != LOADER_FETCH_ID || head->msgh_size != sizeof(message.fetch))
			sim_exit(23);
		serve_fetch(seats, &message.fetch);
		struct loader_answered answered = {.head = *head, .request = message.fetch.request};
		answered.head.msgh_bits = MACH_MSGH_BITS(MACH_MSGH_BITS_REMOTE(head->msgh_bits), 0);
		answered.head.msgh_size = sizeof(answered);
		answered.head.msgh_local_port = MACH_PORT_NULL;
		answered.head.msgh_id = LOADER_ANSWERED_ID;
		mach_msg_trap(&answered.head, MACH_SEND_MSG, sizeof(answered), 0, 0, 0, 0);
	}
}
SIM_PROGRAM(image_loads, loads);

// ---- Short forms ---------------------------------------------------------------------------------------------------

static bool add_loader(void)
{
	struct packed_recipe packed = packed_recipe(LOADER_SEAT, "/system/bin/image_loads", NULL, "*");
	packed.head.backoff_initial = packed.head.backoff_cap = 10 * MS;
	fetches = deaths = refusals = stale_answers = 0;
	return test_add(&packed);
}

static struct packed_recipe file_recipe(const char *name, const char *path, const char *argument)
{
	struct packed_recipe packed = packed_recipe(name, path, argument, "t/*");
	packed.head.flags = SEAT_PROGRAM_FILE | SEAT_RESTART_DEMAND;
	packed.head.backoff_initial = 10000 * MS;
	packed.head.start_timeout = 200 * MS;
	return packed;
}

static bool add_file(const char *name, const char *path)
{
	struct packed_recipe packed = file_recipe(name, path, NULL);
	return test_add(&packed);
}

static bool in_state(const char *name, enum seat_state state)
{
	struct seat_probe probe;
	return test_probe(name, &probe) && probe.state == state;
}

// ---- Tests ---------------------------------------------------------------------------------------------------------

TEST(image_of_a_file_is_fetched_once)
{
	struct seat_probe probe;
	CHECK(add_loader() && add_file("t/a", "/load/seat_sits"));
	sim_settle();
	CHECK(in_state(LOADER_SEAT, SEAT_VACANT)); // nobody has needed it
	CHECK(test_look_up("t/a"));
	sim_settle();
	CHECK(test_probe("t/a", &probe));
	CHECK_EQ(probe.state, SEAT_OCCUPIED);
	CHECK_EQ(probe.generation, 1);
	CHECK(test_log_contains("t/a: waits for its program /load/seat_sits"));
	for (unsigned i = 0; i < 5; i++) {
		test_kill_occupant("t/a");
		CHECK(test_send("t/a", 99));
		sim_settle();
	}
	CHECK_EQ(fetches, 1); // it stays with the kernel
	CHECK_EQ(stale_answers, 0);
	test_remove("t/a");
	test_remove(LOADER_SEAT);
}

TEST(image_in_the_archive_comes_first)
{
	CHECK(add_loader() && add_file("t/a", "/system/bin/seat_sits"));
	CHECK(test_look_up("t/a"));
	sim_settle();
	CHECK(in_state("t/a", SEAT_OCCUPIED));
	CHECK_EQ(fetches, 0);
	test_remove("t/a");
	test_remove(LOADER_SEAT);
}

TEST(image_cannot_be_had_without_a_loader)
{
	struct seat_probe probe;
	struct packed_recipe packed = packed_recipe(LOADER_SEAT, "/load/image_loads", NULL, NULL);
	packed.head.flags = SEAT_PROGRAM_FILE;
	CHECK(!test_add(&packed));
	CHECK(test_log_contains("loader: its own program /load/image_loads must be in the boot archive"));
	CHECK(add_file("t/a", "/load/seat_sits"));
	CHECK(test_look_up("t/a"));
	sim_settle();
	CHECK(test_probe("t/a", &probe));
	CHECK_EQ(probe.state, SEAT_VACANT);
	CHECK_EQ(probe.reason, SEAT_REASON_LOAD);
	CHECK_EQ(probe.code, KERN_NOT_FOUND);
	CHECK(test_log_contains("t/a: program /load/seat_sits cannot be loaded: the boot archive has no such program, and "
				"there is no seat loader to fetch it as a file"));
	test_remove("t/a");
}

TEST(image_that_fails_fails_the_launch)
{
	struct seat_probe probe;
	CHECK(add_loader() && add_file("t/a", "/fail") && add_file("t/b", "/mute"));
	CHECK(test_look_up("t/a") && test_look_up("t/b"));
	sim_settle();
	CHECK(test_probe("t/a", &probe));
	CHECK_EQ(probe.reason, SEAT_REASON_LOAD);
	CHECK_EQ(probe.code, KERN_NOT_FOUND);
	CHECK(test_log_contains("t/a: program /fail cannot be loaded: it is a test (error"));
	CHECK(test_probe("t/b", &probe));
	CHECK_EQ(probe.reason, SEAT_REASON_LOAD);
	CHECK_EQ(probe.code, KERN_FAILURE);
	CHECK_EQ(fetches, 2);
	test_remove("t/a");
	test_remove("t/b");
	test_remove(LOADER_SEAT);
}

// The loader dies with the request: the next one gets it anew.
TEST(image_survives_the_death_of_the_loader)
{
	struct seat_probe probe;
	CHECK(add_loader() && add_file("t/a", "/die/seat_sits"));
	CHECK(test_look_up("t/a"));
	sim_sleep(150 * MS);
	CHECK(test_probe("t/a", &probe));
	CHECK_EQ(probe.state, SEAT_OCCUPIED);
	CHECK_EQ(probe.generation, 1);
	CHECK_EQ(deaths, 2);
	CHECK_EQ(fetches, 3);
	test_remove("t/a");
	test_remove(LOADER_SEAT);
}

// The first loader is killed in each of its traps, at the first few points of each.
TEST(image_survives_a_kill_of_the_loader_anywhere)
{
	unsigned killed = 0, again = 0;
	for (unsigned trap = 0; trap < 10; trap++)
		for (unsigned point = 0; point < 8; point++) {
			CHECK(add_loader() && add_file("t/a", "/load/seat_sits"));
			sim_kill_next(trap, point, "image_loads");
			CHECK(test_look_up("t/a"));
			sim_sleep(150 * MS);
			CHECK(in_state("t/a", SEAT_OCCUPIED));
			killed += sim_kill_happened();
			again += fetches > 1;
			test_remove("t/a");
			test_remove(LOADER_SEAT);
			sim_settle();
		}
	CHECK(killed > 40);
	CHECK(again > 10); // requests that died with a loader
}

TEST(image_that_is_late_is_still_welcome)
{
	struct seat_probe probe;
	CHECK(add_loader() && add_file("t/a", "/sleep/seat_sits"));
	CHECK(test_look_up("t/a"));
	sim_sleep(250 * MS);
	CHECK(test_probe("t/a", &probe));
	CHECK_EQ(probe.state, SEAT_VACANT);
	CHECK_EQ(probe.reason, SEAT_REASON_LOAD);
	CHECK_EQ(probe.code, KERN_OPERATION_TIMED_OUT);
	CHECK(test_log_contains("the seat loader has not brought it within 200 ms"));
	sim_sleep(100 * MS);
	CHECK(test_look_up("t/a"));
	sim_settle();
	CHECK(in_state("t/a", SEAT_OCCUPIED));
	CHECK_EQ(fetches, 1);
	test_remove("t/a");
	test_remove(LOADER_SEAT);
}

// Another program was asked for meanwhile: what comes for the first is refused.
TEST(image_of_another_program_is_refused)
{
	char complaint[RECIPE_COMPLAINT_MAX];
	struct packed_recipe other = file_recipe("t/a", "/load/seat_keeps", NULL);
	struct task *all = task_create(NULL, "all", &grants_all);
	CHECK(add_loader() && add_file("t/a", "/sleep/seat_sits"));
	test_kept = 0;
	CHECK(test_look_up("t/a"));
	sim_sleep(100 * MS);
	CHECK_EQ(test_register(all, &other, true, complaint), KERN_SUCCESS);
	task_terminate(all, KERN_DEATH_EXIT, 0);
	task_release(all);
	sim_sleep(150 * MS); // late by now: the loader is busy with the first
	sim_sleep(300 * MS);
	CHECK_EQ(stale_answers, 1);
	CHECK(test_look_up("t/a"));
	sim_settle();
	CHECK(in_state("t/a", SEAT_OCCUPIED));
	CHECK_EQ(test_kept, 1);
	test_remove("t/a");
	test_remove(LOADER_SEAT);
}

TEST(image_may_be_set_while_it_is_awaited)
{
	struct memory *memory;
	CHECK(add_loader() && add_file("t/a", "/sleep/seat_crashes"));
	CHECK(test_look_up("t/a"));
	sim_sleep(10 * MS);
	CHECK_EQ(memory_create(&account_kernel, 13, &memory), KERN_SUCCESS);
	CHECK_EQ(memory_write(memory, 0, "sim:seat_sits", 13), KERN_SUCCESS);
	struct seat *seat = seat_find("t/a");
	CHECK_EQ(seat_set_image(seat, memory), KERN_SUCCESS);
	memory_release(memory);
	sim_sleep(350 * MS);
	CHECK_EQ(seat->state, SEAT_OCCUPIED);
	CHECK_EQ(seat->generation, 1);
	CHECK_EQ(stale_answers, 1);
	seat_release(seat);
	test_remove("t/a");
	test_remove(LOADER_SEAT);
}

// Every n-th allocation fails while the program is fetched: sooner or later it is there, and nothing is left over.
TEST(image_survives_shortage)
{
	sim_settle();
	uint64_t bytes = kalloc_bytes();
	for (unsigned n = 1; n <= 60; n++) {
		CHECK(add_loader() && add_file("t/a", "/load/seat_sits"));
		kalloc_fail_every(n);
		struct seat *seat = seat_find("t/a");
		seat_start(seat);
		sim_sleep(300 * MS);
		kalloc_fail_every(0);
		seat_start(seat);
		sim_sleep(300 * MS);
		if (seat->state != SEAT_OCCUPIED) {
			seat_start(seat);
			sim_sleep(300 * MS);
		}
		CHECK_EQ(seat->state, SEAT_OCCUPIED);
		seat_release(seat);
		test_remove("t/a");
		test_remove(LOADER_SEAT);
		sim_settle();
	}
	CHECK_EQ(kalloc_bytes(), bytes);
}

TEST(image_seat_can_be_stopped_and_removed_while_it_waits)
{
	sim_settle();
	uint64_t bytes = kalloc_bytes(), ports = account_total(ACCOUNT_PORT);
	for (unsigned i = 0; i < 20; i++) {
		CHECK(add_loader() && add_file("t/a", "/load/seat_sits"));
		CHECK(test_look_up("t/a"));
		for (uint64_t points = sim_random_below(100); points > 0; points--)
			sim_point();
		struct seat *seat = seat_find("t/a");
		seat_stop(seat);
		if (i & 1)
			sim_settle();
		seat_start(seat);
		if (i & 2)
			seat_restart(seat);
		if (i & 4) {
			sim_settle();
			CHECK_EQ(seat->state, SEAT_OCCUPIED);
		}
		seat_release(seat);
		test_remove("t/a");
		test_remove(LOADER_SEAT);
		sim_settle();
	}
	CHECK_EQ(account_total(ACCOUNT_PORT), ports);
	CHECK_EQ(kalloc_bytes(), bytes);
}

// t/files needs t/disk to start, whose program is a file that t/files serves.
TEST(image_circle_is_refused)
{
	struct seat_probe probe;
	struct packed_recipe files = packed_recipe("t/files", "/system/bin/seat_needs", "t/disk", "t/*");
	CHECK(add_loader() && test_add(&files) && add_file("t/disk", "/from/seat_sits"));
	CHECK(test_look_up("t/files"));
	sim_settle();
	CHECK(test_log_contains("refused to let t/disk wait for its program from t/files: servers would wait for each other: "
				"t/files -> t/disk -> t/files"));
	CHECK_EQ(refusals, 1);
	CHECK(test_probe("t/disk", &probe));
	CHECK_EQ(probe.reason, SEAT_REASON_LOAD);
	CHECK_EQ(fetches, 1);
	test_remove("t/files");
	test_remove("t/disk");
	test_remove(LOADER_SEAT);
}

// The other way round: the file system's look-up would close it.
TEST(image_circle_is_refused_at_the_look_up)
{
	struct packed_recipe files = packed_recipe("t/files", "/system/bin/seat_needs", "t/disk", "t/*");
	test_circles = 0;
	CHECK(add_loader() && test_add(&files) && add_file("t/disk", "/from/seat_sits"));
	struct seat *loader = seat_find(LOADER_SEAT), *disk = seat_find("t/disk"), *source = seat_find("t/files");
	char circle[160];
	seat_stop(loader); // so that the request waits
	seat_release(loader);
	CHECK(test_look_up("t/disk"));
	sim_settle();
	CHECK_EQ(seat_image_from(disk, disk->asked, source, circle, sizeof(circle)), KERN_SUCCESS);
	CHECK(test_look_up("t/files"));
	sim_settle();
	CHECK_EQ(test_circles, 1);
	CHECK(test_log_contains("t/disk -> t/files -> t/disk"));
	seat_release(disk);
	seat_release(source);
	test_remove("t/files");
	test_remove("t/disk");
	test_remove(LOADER_SEAT);
}

// A loader that needs, before it sits down, a seat whose program it would have to fetch.
TEST(image_circle_through_the_loader_is_refused)
{
	struct packed_recipe loader = packed_recipe(LOADER_SEAT, "/system/bin/seat_needs", "t/a", "t/*");
	test_circles = 0;
	CHECK(test_add(&loader) && add_file("t/a", "/load/seat_sits"));
	CHECK(test_look_up("t/a"));
	sim_settle();
	CHECK_EQ(test_circles, 1);
	CHECK(test_log_contains("t/a -> loader -> t/a"));
	test_remove("t/a");
	test_remove(LOADER_SEAT);
}
