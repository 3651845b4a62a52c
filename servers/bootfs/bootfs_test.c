// SPDX-License-Identifier: MIT
// The file library against bootfs, in one process.
#include "bootfs.h"

#include <abi/file.h>
#include <abi/file_server.h>
#include <gila/file.h>
#include <kernel/boot/tar_make.h>
#include <serve/serve_fake.h>

static bool (*const demux[])(struct lpc_request *) = {file_demux, NULL};
static struct bootfs fs;
static struct serve serve = {.seat = "fs/boot", .demux = demux, .context = &fs};
static uint8_t big[100000];

static bool begin(void)
{
	struct archive_error error;
	size_t room = 1 << 20;
	struct tar_make make = {malloc(room), room, 0};
	memset(big, 'b', sizeof(big));
	tar_make_file(&make, "system/cfg/init.toml", "hello = 1\n", 10);
	tar_make_file(&make, "system/big", big, sizeof(big));
	tar_make_entry(&make, '2', "link", "system/cfg/init.toml", NULL, 0);
	tar_make_entry(&make, '2', "out", "../../etc", NULL, 0);
	for (int i = 0; i < 400; i++) {
		char name[32];
		snprintf(name, sizeof(name), "many/%03d", i);
		tar_make_file(&make, name, "x", 1);
	}
	tar_make_end(&make);
	fake_begin(&serve);
	if (gila_memory_make(make.size, &fs.memory) || gila_memory_put(fs.memory, 0, make.bytes, make.size))
		return false;
	fs.data = fake_ports[fs.memory].memory;
	free(make.bytes);
	return bootfs_open(&fs, fake_ports[fs.memory].size, &error);
}

TEST(boot_files_are_read)
{
	char text[16];
	size_t got;
	mach_port_t file;
	struct file_info info;
	CHECK(begin());
	CHECK_EQ(gila_file_open("/boot/system/cfg/init.toml", FILE_OPEN_READ, &file, &info), KERN_SUCCESS);
	CHECK_EQ(info.size, 10);
	CHECK_EQ(gila_file_read(file, 0, text, sizeof(text), &got), KERN_SUCCESS);
	CHECK(got == 10 && memcmp(text, "hello = 1\n", 10) == 0);
	CHECK_EQ(gila_file_write(file, 0, "x", 1), FILE_READ_ONLY);
	gila_file_close(file);
	CHECK_EQ(gila_file_open("/boot/link", FILE_OPEN_READ, &file, &info), KERN_SUCCESS);
	CHECK_EQ(info.size, 10);
	gila_file_close(file);
	uint8_t *back = malloc(sizeof(big) + 1);
	CHECK_EQ(gila_file_open("/boot/system/big", FILE_OPEN_READ, &file, NULL), KERN_SUCCESS);
	CHECK_EQ(gila_file_read(file, 1, back, sizeof(big), &got), KERN_SUCCESS);
	CHECK(got == sizeof(big) - 1 && memcmp(back, big, got) == 0);
	gila_file_close(file);
	free(back);
	fake_buffers_drop();
	CHECK_EQ(fake_rights(), 1);
	bootfs_close(&fs);
}

TEST(boot_files_cannot_be_changed_or_left)
{
	mach_port_t file;
	struct file_info info;
	CHECK(begin());
	CHECK_EQ(gila_file_open("/boot/x", FILE_OPEN_WRITE | FILE_OPEN_CREATE, &file, NULL), FILE_READ_ONLY);
	CHECK_EQ(gila_file_open("/boot/link", FILE_OPEN_WRITE, &file, NULL), FILE_READ_ONLY);
	CHECK_EQ(gila_file_open("/boot/none", FILE_OPEN_READ, &file, NULL), FILE_NOT_FOUND);
	CHECK_EQ(gila_path_info("/boot/out/passwd", &info), FILE_NOT_FOUND);
	CHECK_EQ(gila_path_info("/boot/link/x", &info), FILE_NOT_DIRECTORY);
	CHECK_EQ(file_stat(FAKE_SEAT, "system/../link", &info), FILE_BAD_NAME);
	CHECK_EQ(gila_path_remove("/boot/link"), FILE_READ_ONLY);
	CHECK_EQ(gila_path_make_directory("/boot/d"), FILE_READ_ONLY);
	CHECK_EQ(gila_file_open("/boot/many", FILE_OPEN_READ, &file, NULL), KERN_SUCCESS);
	CHECK_EQ(file_stat(file, "007", &info), KERN_SUCCESS);
	fake_ports[file].badge += 100000;
	CHECK_EQ(file_stat(file, "", &info), FILE_STALE);
	gila_port_drop(file);
	bootfs_close(&fs);
}

TEST(boot_directories_are_listed)
{
	struct gila_list list;
	CHECK(begin());
	int count = 0;
	CHECK_EQ(gila_list_begin(&list, "/boot/many"), KERN_SUCCESS);
	for (; !gila_list_next(&list) && !list.done; count++)
		CHECK_EQ(atoi(list.name), count);
	CHECK_EQ(count, 400);
	gila_list_end(&list);
	CHECK_EQ(gila_list_begin(&list, "/boot"), KERN_SUCCESS);
	CHECK(!gila_list_next(&list) && list.entry.type == FILE_TYPE_LINK && strcmp(list.name, "link") == 0);
	gila_list_end(&list);
	bootfs_close(&fs);
}
