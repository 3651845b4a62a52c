// SPDX-License-Identifier: MIT
// The file library against tmpfs, in one process: stubs, dispatcher, handlers and store as they are.
#include "tmpfs.h"
#include "store_layout.h"
#include "tmpfs_memory.h"

#include <abi/file.h>
#include <abi/file_server.h>
#include <gila/file.h>
#include <serve/serve_fake.h>

static bool (*const demux[])(struct lpc_request *) = {file_demux, NULL};
static struct tmpfs fs;
static struct tmpfs_memory memory;
static struct serve serve = {.seat = "fs/tmp", .demux = demux, .gone = tmpfs_gone, .context = &fs};

// The server ends, and another one takes over. The first call: there was none before.
static enum store_found take_over(void)
{
	const char *reason;
	tmpfs_close(&fs);
	if (tmpfs_memory_open(&memory))
		return STORE_NO_MEMORY;
	enum store_found found = store_open(&fs.store, &memory.memory, 4 << 20, 1, &reason);
	tmpfs_adopt_orphans(&serve);
	return found;
}

static void begin(void)
{
	unsetenv("GILA_MOUNTS");
	fake_begin(&serve);
	(void)take_over();
}

static mach_port_t open_file(const char *path, uint32_t flags)
{
	mach_port_t file = MACH_PORT_NULL;
	return gila_file_open(path, flags, &file, NULL) ? MACH_PORT_NULL : file;
}

#define READ_WRITE (FILE_OPEN_READ | FILE_OPEN_WRITE)

TEST(files_are_made_written_and_read)
{
	begin();
	char text[32] = "";
	size_t got;
	mach_port_t file = open_file("/tmp/a", READ_WRITE | FILE_OPEN_CREATE), again;
	CHECK(file);
	CHECK_EQ(gila_file_write(file, 0, "hello", 5), KERN_SUCCESS);
	CHECK_EQ(gila_file_append(file, ", world", 7), KERN_SUCCESS);
	CHECK_EQ(gila_file_read(file, 0, text, sizeof(text), &got), KERN_SUCCESS);
	CHECK_EQ(got, 12);
	CHECK(memcmp(text, "hello, world", 12) == 0);
	CHECK_EQ(gila_file_create("/tmp/a", READ_WRITE, &again), FILE_EXISTS);
	again = open_file("/tmp/a", FILE_OPEN_READ);
	CHECK_EQ(gila_file_write(again, 0, "x", 1), FILE_NO_RIGHT);
	CHECK_EQ(gila_file_read(again, 7, text, 3, &got), KERN_SUCCESS);
	CHECK(got == 3 && memcmp(text, "wor", 3) == 0);
	gila_file_close(again);
	gila_file_close(file);
	CHECK_EQ(fake_rights(), 1); // the kept memory
}

TEST(large_data_goes_by_memory_object)
{
	begin();
	size_t size = 3000001, got;
	uint8_t *data = malloc(size), *back = malloc(size + 10);
	for (size_t i = 0; i < size; i++)
		data[i] = (uint8_t)(i * 7 + i / 4096);
	mach_port_t file = open_file("/tmp/big", READ_WRITE | FILE_OPEN_CREATE);
	CHECK_EQ(gila_file_write(file, 5, data, size), KERN_SUCCESS);
	CHECK_EQ(gila_file_read(file, 5, back, size + 10, &got), KERN_SUCCESS);
	CHECK_EQ(got, size);
	CHECK(memcmp(data, back, size) == 0);
	CHECK_EQ(gila_file_write(file, 3 << 20, data, size), FILE_NO_SPACE);
	CHECK(store_check(&fs.store) == NULL);
	gila_file_close(file);
	unsigned held = fake_rights();
	CHECK_EQ(serve_buffer_expire(), fake_time + SERVE_BUFFER_TIME);
	CHECK_EQ(fake_rights(), held);
	fake_time += SERVE_BUFFER_TIME; // the server lets go of the memory of a client that is not heard of
	CHECK_EQ(serve_buffer_expire(), UINT64_MAX);
	CHECK(fake_rights() < held);
	fake_buffers_drop();
	CHECK_EQ(fake_rights(), 1);
	mach_port_t object;
	CHECK_EQ(gila_memory_make(4096, &object), KERN_SUCCESS);
	file = open_file("/tmp/big", READ_WRITE);
	CHECK_EQ(file_write_memory(file, 0, object, 0, 8192), KERN_INVALID_ARGUMENT);
	CHECK_EQ(file_write_memory(file, 0, object, UINT64_MAX, 2), KERN_INVALID_ARGUMENT);
	CHECK_EQ(file_write_memory(file, 0, object, 0, FILE_MEMORY_MAX + 1), FILE_TOO_LARGE);
	uint64_t count = 0;
	CHECK_EQ(file_read_into(file, 5, object, 96, 4001, &count), KERN_INVALID_ARGUMENT);
	CHECK_EQ(file_read_into(file, 5, object, 4097, 0, &count), KERN_INVALID_ARGUMENT);
	CHECK_EQ(file_read_into(file, 5, MACH_PORT_NULL, 0, 1, &count), KERN_INVALID_CAPABILITY);
	CHECK_EQ(file_read_into(file, 5, object, 96, 4000, &count), KERN_SUCCESS);
	CHECK_EQ(count, 4000);
	CHECK(fake_ports[object].fixed);
	CHECK(memcmp(fake_ports[object].memory + 96, data, 4000) == 0);
	CHECK_EQ(file_write_memory(file, 0, object, 96, 100), KERN_SUCCESS);
	struct file_info info;
	CHECK_EQ(gila_file_info(file, &info), KERN_SUCCESS);
	CHECK_EQ(file_read_into(file, info.size - 5, object, 0, 4096, &count), KERN_SUCCESS);
	CHECK_EQ(count, 5);
	gila_port_drop(object);
	gila_file_close(file);
	fake_buffers_drop();
	CHECK_EQ(fake_rights(), 1);
	free(data);
	free(back);
}

TEST(handles_and_files_survive_the_server)
{
	begin();
	char text[8];
	size_t got;
	mach_port_t file = open_file("/tmp/a", READ_WRITE | FILE_OPEN_CREATE);
	CHECK_EQ(gila_file_write(file, 0, "kept", 4), KERN_SUCCESS);
	CHECK_EQ(take_over(), STORE_FOUND_FILES);
	CHECK_EQ(gila_file_read(file, 0, text, sizeof(text), &got), KERN_SUCCESS);
	CHECK(got == 4 && memcmp(text, "kept", 4) == 0);
	CHECK_EQ(gila_path_remove("/tmp/a"), KERN_SUCCESS);
	CHECK_EQ(gila_file_read(file, 0, text, sizeof(text), &got), KERN_SUCCESS);
	CHECK_EQ(take_over(), STORE_FOUND_FILES);
	CHECK_EQ(gila_file_read(file, 0, text, sizeof(text), &got), KERN_SUCCESS);
	CHECK_EQ(got, 4);
	uint64_t used = store_blocks_used(&fs.store);
	gila_file_close(file);
	fake_settle();
	CHECK_EQ(store_blocks_used(&fs.store), used - 1);
	CHECK_EQ(store_next_orphan(&fs.store, 0), 0);
}

TEST(removed_files_go_when_nobody_has_them_open)
{
	begin();
	mach_port_t file = open_file("/tmp/a", READ_WRITE | FILE_OPEN_CREATE), other = open_file("/tmp/a", FILE_OPEN_READ);
	CHECK_EQ(gila_file_write(file, 0, "kept", 4), KERN_SUCCESS);
	CHECK_EQ(gila_path_remove("/tmp/a"), KERN_SUCCESS);
	fake_settle();
	CHECK(store_next_orphan(&fs.store, 0));
	gila_file_close(file);
	fake_settle();
	CHECK(store_next_orphan(&fs.store, 0));
	struct file_info info;
	CHECK_EQ(gila_file_info(other, &info), KERN_SUCCESS);
	CHECK_EQ(info.size, 4);
	gila_file_close(other);
	fake_settle();
	CHECK_EQ(store_next_orphan(&fs.store, 0), 0);
}

TEST(stale_and_forged_handles_are_refused)
{
	begin();
	char text[4];
	size_t got;
	mach_port_t file = open_file("/tmp/a", READ_WRITE | FILE_OPEN_CREATE);
	uint64_t badge = fake_ports[file].badge;
	fake_ports[file].badge = badge ^ UINT64_C(1) << 32; // another generation
	CHECK_EQ(gila_file_read(file, 0, text, 4, &got), FILE_STALE);
	fake_ports[file].badge = badge + 1; // another node
	CHECK_EQ(gila_file_read(file, 0, text, 4, &got), FILE_STALE);
	fake_ports[file].badge = badge | UINT64_C(1) << 60;
	CHECK_EQ(gila_file_read(file, 0, text, 4, &got), FILE_STALE);
	fake_ports[file].badge = badge;
	CHECK_EQ(gila_file_read(file, 0, text, 4, &got), KERN_SUCCESS);
	gila_file_close(file);
	CHECK_EQ(gila_path_make_directory("/tmp/d"), KERN_SUCCESS);
	file = open_file("/tmp/d", FILE_OPEN_READ | FILE_OPEN_DIRECTORY);
	struct file_info info;
	mach_port_t below;
	CHECK_EQ(file_open(file, "x", READ_WRITE | FILE_OPEN_CREATE, &below, &info), FILE_NO_RIGHT);
	CHECK_EQ(file_make_directory(file, "x"), FILE_NO_RIGHT);
	CHECK_EQ(gila_path_remove("/tmp/d"), KERN_SUCCESS);
	CHECK_EQ(file_stat(file, "", &info), FILE_STALE);
	gila_file_close(file);
}

TEST(names_are_refused_by_the_server)
{
	begin();
	static const struct {
		const char *path;
		kern_return_t error;
	} cases[] = {{"a/../b", FILE_BAD_NAME}, {"..", FILE_BAD_NAME}, {".", FILE_BAD_NAME},
		     {"/a", FILE_BAD_NAME},	 {"f/x", FILE_NOT_DIRECTORY}, {"none/x", FILE_NOT_FOUND},
		     {"d//x", FILE_BAD_NAME}};
	mach_port_t seat, file = open_file("/tmp/f", READ_WRITE | FILE_OPEN_CREATE);
	char longest[FILE_NAME_MAX + 2];
	memset(longest, 'n', sizeof(longest));
	longest[sizeof(longest) - 1] = 0;
	CHECK_EQ(gila_path_make_directory("/tmp/d"), KERN_SUCCESS);
	CHECK_EQ(gila_seat("fs/tmp", &seat), KERN_SUCCESS);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		CHECK_EQ(file_make_directory(seat, cases[i].path), cases[i].error);
	CHECK_EQ(file_make_directory(seat, longest), FILE_NAME_TOO_LONG);
	CHECK_EQ(file_make_directory(seat, longest + 1), KERN_SUCCESS);
	CHECK_EQ(gila_path_info("/boot/x", &(struct file_info){0}), KERN_NOT_FOUND);
	CHECK_EQ(gila_path_info("/elsewhere/x", &(struct file_info){0}), FILE_NOT_MOUNTED);
	gila_file_close(file);
}

TEST(rename_follows_the_rules)
{
	begin();
	mach_port_t a = open_file("/tmp/a", READ_WRITE | FILE_OPEN_CREATE), b = open_file("/tmp/b", READ_WRITE | FILE_OPEN_CREATE);
	CHECK_EQ(gila_path_make_directory("/tmp/d"), KERN_SUCCESS);
	CHECK_EQ(gila_path_make_directory("/tmp/d/e"), KERN_SUCCESS);
	CHECK_EQ(gila_path_rename("/tmp/d", "/tmp/d/e/f"), FILE_BUSY);
	CHECK_EQ(gila_path_rename("/tmp/a", "/tmp/d"), FILE_IS_DIRECTORY);
	CHECK_EQ(gila_path_rename("/tmp/d", "/tmp/a"), FILE_NOT_DIRECTORY);
	CHECK_EQ(gila_path_rename("/tmp/d/e", "/tmp/x"), KERN_SUCCESS);
	CHECK_EQ(gila_path_rename("/tmp/x", "/tmp/d"), KERN_SUCCESS);
	CHECK_EQ(gila_path_rename("/tmp/none", "/tmp/d"), FILE_NOT_FOUND);
	CHECK_EQ(gila_path_rename("/tmp/a", "/boot/a"), FILE_OTHER_SYSTEM);
	CHECK_EQ(gila_path_rename("/tmp/a", "/tmp/b"), KERN_SUCCESS);
	struct file_info info, mine;
	CHECK_EQ(gila_file_info(a, &mine), KERN_SUCCESS);
	CHECK_EQ(gila_path_info("/tmp/b", &info), KERN_SUCCESS);
	CHECK_EQ(info.node, mine.node);
	CHECK_EQ(gila_file_write(b, 0, "still there", 11), KERN_SUCCESS);
	gila_file_close(a);
	gila_file_close(b);
	fake_settle();
	CHECK_EQ(store_next_orphan(&fs.store, 0), 0);
	CHECK(store_check(&fs.store) == NULL);
}

TEST(directories_are_listed_in_pages)
{
	begin();
	struct gila_list list;
	char path[32];
	for (int i = 0; i < 1000; i++) {
		snprintf(path, sizeof(path), "/tmp/%d", i);
		gila_file_close(open_file(path, FILE_OPEN_WRITE | FILE_OPEN_CREATE));
	}
	int count = 0;
	CHECK_EQ(gila_list_begin(&list, "/tmp"), KERN_SUCCESS);
	while (!gila_list_next(&list) && !list.done) {
		CHECK_EQ(atoi(list.name), count);
		count++;
	}
	CHECK_EQ(count, 1000);
	gila_list_end(&list);
	CHECK_EQ(gila_list_begin(&list, "/"), KERN_SUCCESS);
	CHECK(!gila_list_next(&list) && !list.done && strcmp(list.name, "boot") == 0);
	CHECK(!gila_list_next(&list) && !list.done && strcmp(list.name, "tmp") == 0);
	CHECK(!gila_list_next(&list) && list.done);
	CHECK_EQ(gila_list_begin(&list, "/tmp/5"), FILE_NOT_DIRECTORY);
	CHECK_EQ(fake_rights(), 1);
}

TEST(a_dying_server_is_repeated_or_reported)
{
	begin();
	mach_port_t file = open_file("/tmp/a", READ_WRITE | FILE_OPEN_CREATE);
	fake_deaths = 1;
	CHECK_EQ(gila_file_write(file, 0, "abc", 3), KERN_SUCCESS);
	fake_deaths = 1;
	CHECK_EQ(gila_file_append(file, "d", 1), MIG_SERVER_DIED);
	fake_deaths = 1;
	CHECK_EQ(gila_path_remove("/tmp/a"), MIG_SERVER_DIED);
	gila_file_close(file);
}

TEST(mounts_are_found_by_the_longest_path)
{
	struct gila_place place;
	setenv("GILA_MOUNTS", "/=fs/root:/tmp=fs/tmp:/tmp/deep=fs/deep:broken:/x=", 1);
	CHECK_EQ(gila_place_find("/tmp/deep/a", &place), KERN_SUCCESS);
	CHECK(strcmp(place.seat, "fs/deep") == 0 && strcmp(place.rest, "a") == 0);
	CHECK_EQ(gila_place_find("/tmp/deeper", &place), KERN_SUCCESS);
	CHECK(strcmp(place.seat, "fs/tmp") == 0 && strcmp(place.rest, "deeper") == 0);
	CHECK_EQ(gila_place_find("/etc/../usr", &place), KERN_SUCCESS);
	CHECK(strcmp(place.seat, "fs/root") == 0 && strcmp(place.rest, "usr") == 0);
	CHECK_EQ(gila_place_find("/", &place), KERN_SUCCESS);
	CHECK(strcmp(place.seat, "fs/root") == 0 && *place.rest == 0);
	setenv("GILA_MOUNTS", "", 1);
	CHECK_EQ(gila_place_find("/tmp", &place), FILE_NOT_MOUNTED);
	unsetenv("GILA_MOUNTS");
}
