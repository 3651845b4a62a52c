// SPDX-License-Identifier: MIT
// The configuration: what is taken, what is complained of and where.
#include "config.h"

#include "word.h"

#include <gila/test.h>
#include <stdio.h>
#include <string.h>

static char complaints[4096];

static bool program_exists(const char *path, void *context) { return strncmp(path, "/system/bin/", 12) == 0; }
static bool device_exists(const char *seat, void *context) { return strcmp(seat, "blk/0") == 0; }
static void complain(const char *line, void *context)
{
	size_t used = strlen(complaints);
	snprintf(complaints + used, sizeof(complaints) - used, "%s\n", line);
}

static const struct config_world world = {
	.file = "i", .program_exists = program_exists, .device_exists = device_exists, .complain = complain};
static struct config config;

#define SHELL "[shell]\nprogram = '/system/bin/gila'\nuses = ['*']\n"

static bool reads(const char *text)
{
	config_free(&config);
	complaints[0] = 0;
	if (!config_read(&config, text, strlen(text), &world))
		return false;
	config_drop_absent(&config, &world);
	return true;
}

TEST(a_configuration_becomes_recipes)
{
	static struct gila_recipe packed;
	struct seat_recipe_head head;
	CHECK(reads(SHELL "[seat.'fs/tmp']\nprogram = '/system/bin/tmpfs'\narguments = ['limit=1M', 'x']\n"
			  "environment = { A = 'b' }\nuses = ['kernel/archive', 'fs/*']\nstart = 'boot'\n"
			  "restart = { when = 'demand', first = '50ms', factor = 1.5, cap = '2s', reset = 'always' }\n"
			  "heartbeat = { interval = '1s', answers = '20s' }\nlimits = { memory = '64M', threads = 4 }\nready_within = '3s'\n"
			  "[mounts]\n'/tmp' = 'fs/tmp'\n"));
	CHECK(strcmp(complaints, "") == 0);
	CHECK(strcmp(config.mounts, "/tmp=fs/tmp") == 0);
	size_t size = config_pack(&config, config.seats, NULL, &packed);
	memcpy(&head, packed.bytes, sizeof(head));
	static const char expected[] = "fs/tmp\0/system/bin/tmpfs\0limit=1M\0x\0A=b\0GILA_MOUNTS=/tmp=fs/tmp\0kernel/archive\0fs/*";
	CHECK_EQ(size, sizeof(head) + sizeof(expected));
	CHECK(memcmp(packed.bytes + sizeof(head), expected, sizeof(expected)) == 0);
	CHECK_EQ(head.version, SEAT_RECIPE_VERSION);
	CHECK_EQ(head.flags, SEAT_START_BOOT | SEAT_RESTART_DEMAND);
	CHECK_EQ(head.backoff_initial, 50000000);
	CHECK_EQ(head.backoff_factor, 1500);
	CHECK_EQ(head.backoff_cap, 2000000000);
	CHECK_EQ(head.backoff_reset, SEAT_RESET_ALWAYS);
	CHECK_EQ(head.heartbeat_interval, 1000000000);
	CHECK_EQ(head.heartbeat_timeout, 0);
	CHECK_EQ(head.heartbeat_answers, 20000000000);
	CHECK_EQ(head.limit_memory, 64 << 20);
	CHECK_EQ(head.limit_threads, 4);
	CHECK_EQ(head.start_timeout, UINT64_C(3000000000));
	CHECK_EQ(head.argument_count, 2);
	CHECK_EQ(head.environment_count, 2);
	CHECK_EQ(head.uses_count, 2);
	static const char *const extra[] = {"-c", "ls; cat x", NULL};
	size = config_pack(&config, config.shell, extra, &packed);
	static const char shell[] = "shell\0/system/bin/gila\0-c\0ls; cat x\0GILA_MOUNTS=/tmp=fs/tmp\0*";
	CHECK_EQ(size, sizeof(head) + sizeof(shell));
	CHECK(memcmp(packed.bytes + sizeof(head), shell, sizeof(shell)) == 0);
	config_free(&config);
}

TEST(one_bad_seat_does_not_spoil_the_others)
{
	CHECK(reads(SHELL "[seat.a]\nprogram = '/system/bin/a'\n"
			  "[seat.b]\nprogram = '/elsewhere/b'\n"
			  "[seat.c]\nprogram = '/system/bin/c'\nuses = ['no good']\n"
			  "[seat.d]\nprogram = '/system/bin/d'\n"));
	CHECK(strcmp(config.seats->name, "a") == 0 && strcmp(config.seats->next->name, "d") == 0 && !config.seats->next->next);
	CHECK_EQ(config.complaints, 2);
	CHECK(strcmp(complaints, "i:7:11: seat b: seat.b.program: the image has no program /elsewhere/b, and nothing is mounted there\n"
				 "i:10:9: seat c: seat.c.uses[0]: not a pattern of seat names\n") == 0);
	config_free(&config);
}

TEST(every_slip_is_named_with_its_place)
{
	static const struct {
		const char *seat, *complaint;
	} cases[] = {
		{"program = 5", "i:5:11: seat x: seat.x.program: expected a string, found an integer"},
		{"", "program"},
		{"program = 'relative'", "expected an absolute path"},
		{"program = '/system/bin/x'\ncolour = 'red'", "i:6:1: seat x: seat.x.colour: "},
		{"program = '/system/bin/x'\nstart = 'later'", "i:6:9: seat x: seat.x.start: "},
		{"program = '/system/bin/x'\nuses = 'fs/*'", "i:6:8: seat x: seat.x.uses: expected an array, found a string"},
		{"program = '/system/bin/x'\nuses = ['a', 2]", "i:6:14: seat x: seat.x.uses[1]: expected a string"},
		{"program = '/system/bin/x'\nrestart = { first = '1 s' }", "expected a time such as"},
		{"program = '/system/bin/x'\nrestart = { first = '2s', cap = '1s' }", "smaller than the first wait"},
		{"program = '/system/bin/x'\nrestart = { factor = 0.5 }", "expected a number from 1 to 1000"},
		{"program = '/system/bin/x'\nrestart = { factor = nan }", "expected a number from 1 to 1000"},
		{"program = '/system/bin/x'\nheartbeat = { timeout = '1s' }", "interval"},
		{"program = '/system/bin/x'\nlimits = { memory = '64X' }", "expected a size such as"},
		{"program = '/system/bin/x'\nlimits = { threads = -1 }", "i:6:22: seat x: seat.x.limits.threads: "},
		{"program = '/system/bin/x'\nenvironment = { A = 1 }", "environment.A: expected a string"},
		{"program = '/system/bin/x'\nenvironment = { 'A=' = '' }", "not the name of a variable"},
		{"program = '/system/bin/x'\nterminal = 'yes'", "expected a boolean"},
		{"program = '/system/bin/x'\nuses = ['nobody']", "i:6:9: seat x: seat.x.uses[0]: there is no such seat"},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[512];
		snprintf(text, sizeof(text), SHELL "[seat.x]\n%s\n", cases[i].seat);
		CHECK(reads(text));
		if (!strstr(complaints, cases[i].complaint))
			printf("case %zu: %s", i, complaints);
		CHECK(strstr(complaints, cases[i].complaint));
		CHECK_EQ(config.complaints, 1);
	}
	config_free(&config);
}

TEST(mounts_and_the_rest_are_checked)
{
	CHECK(reads(SHELL "[mounts]\n'/tmp' = 'fs/none'\n'tmp' = 'fs/tmp'\n'/a/../b' = 'fs/tmp'\n"
			  "[seat.'kernel/x']\nprogram = '/system/bin/x'\n[seat.'a//b']\nprogram = '/system/bin/x'\n"
			  "[seat.shell]\nprogram = '/system/bin/x'\n[extra]\n"));
	CHECK(strstr(complaints, "i:5:10: mounts.\"/tmp\": there is no such seat\n"));
	CHECK(strstr(complaints, "i:6:9: mounts.tmp: not a clean absolute path"));
	CHECK(strstr(complaints, "mounts.\"/a/../b\": not a clean absolute path"));
	CHECK(strstr(complaints, "names under kernel/ are the kernel's own"));
	CHECK(strstr(complaints, "seat a//b: "));
	CHECK(strstr(complaints, "the shell has a table of its own"));
	CHECK(strstr(complaints, "i:14:2: extra: "));
	CHECK_EQ(config.complaints, 7);
	CHECK(config.seats == NULL);
	CHECK(!reads("[seat.a]\nprogram = '/system/bin/a'\n[seat.a]\n"));
	CHECK(strncmp(complaints, "i:3:", 4) == 0);
	CHECK(!reads("[seat.a]\nprogram = '/system/bin/a'\n"));
	CHECK(strstr(complaints, "shell"));
	CHECK(!reads("[seat\n"));
	CHECK(strncmp(complaints, "i:1:6: ", 7) == 0);
	config_free(&config);
}

static const struct config_seat *seat_named(const char *name)
{
	const struct config_seat *seat = config.seats;
	while (seat && strcmp(seat->name, name) != 0)
		seat = seat->next;
	return seat;
}

#define LOADER "[seat.loader]\nprogram = '/system/bin/loader'\n"
#define FILES "[mounts]\n'/' = 'fs/root'\n'/data' = 'fs/data'\n"

TEST(programs_that_are_not_in_the_image_are_files_if_something_is_mounted_there)
{
	CHECK(reads(SHELL LOADER FILES "[seat.'fs/root']\nprogram = '/system/bin/ext2'\n[seat.'fs/data']\nprogram = '/opt/fs'\n"
				       "[seat.a]\nprogram = '/data/../data/a'\n"));
	CHECK(strcmp(complaints, "") == 0);
	CHECK(!(seat_named("fs/root")->head.flags & SEAT_PROGRAM_FILE));
	CHECK(seat_named("fs/data")->head.flags & SEAT_PROGRAM_FILE);
	CHECK(seat_named("a")->head.flags & SEAT_PROGRAM_FILE);
	CHECK(strcmp(config.root_seat, "fs/root") == 0);
	CHECK(reads(SHELL FILES "[seat.'fs/root']\nprogram = '/bin/ext2'\n[seat.'fs/data']\nprogram = '/system/bin/x'\n"
				"[seat.loader]\nprogram = '/data/loader'\n[seat.b]\nprogram = '/database/b'\n"));
	CHECK(strstr(complaints, "seat fs/root: seat.\"fs/root\".program: the image has no program /bin/ext2, which would be a file "
				 "that this seat serves itself\n"));
	CHECK(strstr(complaints, "the image has no program /data/loader, and the loader cannot fetch itself\n"));
	CHECK(strstr(complaints, "seat b: its program is a file, and there is no seat loader to fetch it\n"));
	CHECK(seat_named("b")); // served by / in vain, but that is for the kernel to say
	CHECK(reads(SHELL "[mounts]\n'/data' = 'fs/data'\n[seat.'fs/data']\nprogram = '/system/bin/x'\n"
			  "[seat.b]\nprogram = '/database/b'\n"));
	CHECK(strstr(complaints, "the image has no program /database/b, and nothing is mounted there\n"));
	config_free(&config);
}

TEST(seats_of_devices_may_be_granted_unseen)
{
	CHECK(reads(SHELL "[seat.a]\nprogram = '/system/bin/a'\nuses = ['serial/0', 'blk/12', 'fs/4x', '7']\n"));
	CHECK(!strstr(complaints, "uses[0]") && !strstr(complaints, "uses[1]"));
	CHECK(strstr(complaints, "uses[2]") && strstr(complaints, "uses[3]"));
	config_free(&config);
}

TEST(seats_without_their_device_are_left_out_with_their_mounts)
{
	CHECK(reads(SHELL FILES "[seat.'fs/root']\nprogram = '/system/bin/ext2'\nif_device = 'blk/0'\n"
				"[seat.'fs/data']\nprogram = '/system/bin/ext2'\nif_device = 'blk/1'\n"
				"[seat.a]\nprogram = '/system/bin/a'\nuses = ['fs/data']\n"));
	CHECK(strcmp(complaints, "") == 0);
	CHECK(seat_named("fs/root") && !seat_named("fs/data"));
	CHECK(strcmp(config.mounts, "/=fs/root") == 0);
	CHECK(reads(SHELL "[seat.a]\nprogram = '/system/bin/a'\nif_device = 'no good'\n"));
	CHECK(strstr(complaints, "not the name of a device's seat"));
	config_free(&config);
}

TEST(the_command_line_may_name_the_root_device)
{
	static struct gila_recipe recipe;
	const char *strings = (const char *)recipe.bytes + sizeof(struct seat_recipe_head);
	static const char expected[] = "fs/root\0/system/bin/ext2\0x=1\0device=LABEL=y\0GILA_MOUNTS=/=fs/root:/data=fs/data";
	CHECK(reads(SHELL FILES "[seat.'fs/root']\nprogram = '/system/bin/ext2'\narguments = ['x=1', 'device=blk/0']\n"
				"[seat.'fs/data']\nprogram = '/system/bin/ext2'\narguments = ['device=blk/0']\n"));
	config.root_device = "LABEL=y";
	size_t size = config_pack(&config, seat_named("fs/root"), NULL, &recipe);
	CHECK_EQ(size, sizeof(struct seat_recipe_head) + sizeof(expected));
	CHECK(memcmp(strings, expected, sizeof(expected)) == 0);
	CHECK(config_pack(&config, seat_named("fs/data"), NULL, &recipe) > 0);
	CHECK(strcmp(strings + sizeof("fs/data\0/system/bin/ext2"), "device=blk/0") == 0);
	config_free(&config);
}

TEST(a_recipe_that_is_too_large_is_refused)
{
	static char text[20000];
	static struct gila_recipe packed;
	strcpy(text, SHELL "[seat.x]\nprogram = '/system/bin/x'\narguments = ['");
	memset(text + strlen(text), 'a', 16400);
	strcat(text, "']\n");
	CHECK(reads(text));
	CHECK_EQ(config_pack(&config, config.seats, NULL, &packed), 0);
	config_free(&config);
}

TEST(words_are_decoded)
{
	char good[] = "exec=ls%20%25x%0a", bad[] = "exec=%2", zero[] = "a%00";
	CHECK(word_decode(good));
	CHECK(strcmp(good, "exec=ls %x\n") == 0);
	CHECK(!word_decode(bad));
	char *const words[] = {"exec=a;", "b", "c"};
	char joined[13];
	CHECK(word_join(words, 3, joined, sizeof(joined)));
	CHECK(strcmp(joined, "exec=a; b c") == 0);
	CHECK(!word_join(words, 3, joined, 11));
	CHECK(!word_decode(zero));
}

// ---- The compatibility list --------------------------------------------------------------------------------------------

static size_t drivers_of(const char *text)
{
	size_t count = 0;
	config_free(&config);
	complaints[0] = 0;
	config_read_drivers(&config, text, strlen(text), &world);
	for (const struct config_driver *driver = config.drivers; driver; driver = driver->next)
		count++;
	return count;
}

TEST(drivers_become_recipes)
{
	static struct gila_recipe packed;
	CHECK_EQ(drivers_of("[[driver]]\ncompatible = 'a,b'\nkind = 'blk'\nprogram = '/system/bin/x'\n"
			    "[[driver]]\ncompatible = ['c', 'd']\nkind = 'net'\nprogram = '/system/bin/y'\narguments = ['z']\n"
			    "uses = ['bus']\nstart = 'boot'\nrestart = { first = '5ms' }\n"),
		 2);
	CHECK(strcmp(complaints, "") == 0);
	const struct config_driver *driver = config.drivers;
	CHECK(strcmp(config_driver_compatible(driver, 0), "a,b") == 0 && !config_driver_compatible(driver, 1));
	CHECK_EQ(driver->seat.head.flags, SEAT_RESTART_DEMAND);
	driver = driver->next;
	CHECK(strcmp(config_driver_compatible(driver, 1), "d") == 0 && !config_driver_compatible(driver, 2));
	CHECK_EQ(driver->seat.head.flags, SEAT_START_BOOT);
	CHECK_EQ(driver->seat.head.backoff_initial, 5000000);
	static const char expected[] = "net\0/system/bin/y\0z\0GILA_MOUNTS=\0bus";
	CHECK_EQ(config_pack(&config, &driver->seat, NULL, &packed), sizeof(packed.head) + sizeof(expected));
	CHECK(memcmp(packed.bytes + sizeof(packed.head), expected, sizeof(expected)) == 0);
	config_complain_driver(&config, &world, driver, "d", "why");
	CHECK(strcmp(complaints, "i:5:3: driver d: why\n") == 0);
	config_free(&config);
}

TEST(nonsense_in_the_list_costs_its_line)
{
	static const struct {
		const char *text, *complaint;
	} cases[] = {
		{"kind = 'b'\nprogram = '/system/bin/x'", "compatible"},
		{"compatible = 'a'\nprogram = '/system/bin/x'", "kind"},
		{"compatible = 'a'\nkind = 'b'", "program"},
		{"compatible = 7\nkind = 'b'\nprogram = '/system/bin/x'", "i:4:14: driver[0].compatible: expected a string"},
		{"compatible = []\nkind = 'b'\nprogram = '/system/bin/x'", "an empty list"},
		{"compatible = 'a b'\nkind = 'b'\nprogram = '/system/bin/x'", "not a compatible string"},
		{"compatible = ['a', '']\nkind = 'b'\nprogram = '/system/bin/x'", "not a compatible string"},
		{"compatible = 'a'\nkind = 'b/c'\nprogram = '/system/bin/x'", "not a kind"},
		{"compatible = 'a'\nkind = 'device'\nprogram = '/system/bin/x'", "not a kind"},
		{"compatible = 'a'\nkind = 'a-word-of-more-than-31-characters'\nprogram = '/system/bin/x'", "not a kind"},
		{"compatible = 'a'\nkind = 'b'\nprogram = '/none'", "the image has no program /none"},
		{"compatible = 'a'\nkind = 'b'\nprogram = '/system/bin/x'\nterminal = true", "terminal"},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[512];
		snprintf(text, sizeof(text),
			 "\n\n[[driver]]\n%s\n[[driver]]\ncompatible = 'good'\nkind = 'b'\nprogram = '/system/bin/x'\n",
			 cases[i].text);
		CHECK_EQ(drivers_of(text), 1);
		if (!strstr(complaints, cases[i].complaint))
			printf("%s", complaints);
		CHECK(strstr(complaints, cases[i].complaint));
		CHECK(strchr(complaints, '\n') == complaints + strlen(complaints) - 1); // one line
	}
	CHECK_EQ(drivers_of("driver = 3\nx = 1\n"), 0);
	CHECK(strstr(complaints, "i:2:1: x") && strstr(complaints, "i:1:10: driver: expected an array"));
	CHECK_EQ(drivers_of("[[driver"), 0);
	CHECK(strstr(complaints, "i:1:"));
	CHECK_EQ(drivers_of(""), 0);
	CHECK_EQ(drivers_of("driver = [1, 2]\n"), 0);
	config_free(&config);
}
