// SPDX-License-Identifier: MIT
// The file library against ext2, in one process: stubs, dispatcher, handlers, file system and store as they are, on
// images of mke2fs.
#include "ext2_test.h"

#include <abi/file.h>
#include <abi/file_server.h>
#include <gila/file.h>
#include <gila/file_entry.h>
#include <serve/serve_fake.h>

// For all tests of this program: e2fsck takes a small time of deletion for the number of an inode.
__attribute__((constructor)) static void set_clock(void) { fake_calendar = INT64_C(1700000000) * 1000000000; }

static bool (*const demux[])(struct lpc_request *) = {file_demux, NULL};
static struct rig rig;
static struct ext2 ext2;
static struct serve serve = {.seat = "fs/tmp", .demux = demux, .gone = ext2_gone, .context = &ext2};

static bool mount_here(void)
{
	bool good = rig_mount(&rig);
	ext2.fs = rig.fs;
	if (good && rig.fs->taken_over)
		ext2_adopt_orphans(&serve);
	return good;
}

// What the server does between requests.
static bool reads_go_on(void)
{
	bool wait = ext2.aside_count > 0;
	block_look(&rig.client);
	(void)ext2_asides_go_on(&serve);
	return wait;
}

// Memory of the disk's driver.
static mach_port_t area_make(uint64_t size)
{
	return fake_new((struct fake_port){.memory = calloc(1, size), .size = size, .fixed = true});
}

static uint8_t *area_bytes(mach_port_t memory) { return fake_ports[memory].memory; }

static bool begin(const char *arguments)
{
	unsetenv("GILA_MOUNTS");
	fake_begin(&serve);
	fake_idle = reads_go_on;
	fake_area_make = area_make;
	fake_area_bytes = area_bytes;
	fake_areas_refused = false;
	ext2 = (struct ext2){0};
	return rig_make(&rig, arguments, "", 16 << 10, 1) && mount_here();
}

// The server ends, and another one takes over.
static bool take_over(void)
{
	ext2_forget_watches(&ext2);
	ext2_areas_forget(&ext2);
	rig_leave(&rig);
	return mount_here() && rig.fs->taken_over;
}

static bool end(void)
{
	fake_buffers_drop();
	while (orphan_waits(rig.fs))
		if (orphan_work(rig.fs))
			return false;
	const char *wrong = rig_check(&rig);
	if (wrong)
		printf("%s\n", wrong);
	ext2_forget_watches(&ext2);
	if (ext2.fs)
		ext2_areas_forget(&ext2);
	fake_area_make = NULL;
	fake_area_bytes = NULL;
	rig_free(&rig);
	return !wrong && fake_rights() == 0;
}

static mach_port_t open_file(const char *path, uint32_t flags)
{
	mach_port_t file = MACH_PORT_NULL;
	return gila_file_open(path, flags, &file, NULL) ? MACH_PORT_NULL : file;
}

struct rig *ext2_rig(void) { return &rig; }
struct ext2 *ext2_server(void) { return &ext2; }
bool ext2_begin(const char *arguments) { return begin(arguments); }
bool ext2_end(void) { return end(); }
bool ext2_take_over(void) { return take_over(); }
bool ext2_turn(void) { return reads_go_on(); }
void ext2_hold(bool hold) { fake_idle = hold ? NULL : reads_go_on; }
kern_return_t ext2_answer(void) { return ((const mig_reply_error_t *)&fake_answer.head)->RetCode; }
unsigned ext2_answers(void) { return fake_answers; }
void ext2_settle(void) { fake_settle(); }
void ext2_pass(uint64_t time) { fake_time += (int64_t)time; }

bool ext2_lose_power(void)
{
	ext2_forget_watches(&ext2);
	ext2_areas_forget(&ext2);
	rig_power_loss(&rig);
	return mount_here();
}

#define READ_WRITE (FILE_OPEN_READ | FILE_OPEN_WRITE)
#define EXT4 "-t ext4 -b 1024"

TEST(files_are_made_written_and_read)
{
	CHECK(begin(EXT4));
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
	struct file_info info;
	CHECK_EQ(gila_file_info(again, &info), KERN_SUCCESS);
	CHECK(info.size == 12 && info.type == FILE_TYPE_FILE && info.allocated == 1024 && info.access == READ_WRITE);
	CHECK_EQ(info.modified, fake_calendar);
	CHECK_EQ(gila_file_sync(again), KERN_SUCCESS);
	gila_file_close(again);
	gila_file_close(file);
	CHECK(end());
}

TEST(large_data_goes_by_memory_object)
{
	CHECK(begin(EXT4));
	size_t size = 3000001, got;
	uint8_t *data = malloc(size), *back = malloc(size + 10);
	for (size_t i = 0; i < size; i++)
		data[i] = (uint8_t)(i * 7 + i / 4096);
	mach_port_t file = open_file("/tmp/big", READ_WRITE | FILE_OPEN_CREATE);
	CHECK_EQ(gila_file_write(file, 5, data, size), KERN_SUCCESS);
	CHECK_EQ(gila_file_read(file, 5, back, size + 10, &got), KERN_SUCCESS);
	CHECK_EQ(got, size);
	CHECK(memcmp(data, back, size) == 0);
	CHECK_EQ(gila_file_write(file, UINT64_C(1) << 43, data, 10), FILE_TOO_LARGE);
	for (uint64_t at = 0; at < 16 << 20 && gila_file_write(file, at, data, size) == KERN_SUCCESS; at += size)
		;
	CHECK_EQ(gila_file_write(file, 20 << 20, data, size), FILE_NO_SPACE);
	CHECK_EQ(gila_file_resize(file, 100), KERN_SUCCESS);
	CHECK_EQ(gila_file_write(file, 0, data, size), KERN_SUCCESS);
	CHECK_EQ(gila_file_read(file, 0, back, size, &got), KERN_SUCCESS);
	CHECK(got == size && memcmp(data, back, size) == 0);
	mach_port_t object;
	CHECK_EQ(gila_memory_make(4096, &object), KERN_SUCCESS);
	CHECK_EQ(file_write_memory(file, 0, object, 0, 8192), KERN_INVALID_ARGUMENT);
	CHECK_EQ(file_write_memory(file, 0, object, UINT64_MAX, 2), KERN_INVALID_ARGUMENT);
	CHECK_EQ(file_write_memory(file, 0, object, 0, FILE_MEMORY_MAX + 1), FILE_TOO_LARGE);
	gila_port_drop(object);
	gila_file_close(file);
	free(data);
	free(back);
	CHECK(end());
}

TEST(handles_and_files_survive_the_server)
{
	CHECK(begin(EXT4));
	char text[8];
	size_t got;
	mach_port_t file = open_file("/tmp/a", READ_WRITE | FILE_OPEN_CREATE);
	CHECK_EQ(gila_file_write(file, 0, "kept", 4), KERN_SUCCESS);
	CHECK(take_over());
	CHECK_EQ(gila_file_read(file, 0, text, sizeof(text), &got), KERN_SUCCESS);
	CHECK(got == 4 && memcmp(text, "kept", 4) == 0);
	uint64_t free_inodes = fs_super(rig.fs)->s_free_inodes_count;
	CHECK_EQ(gila_path_remove("/tmp/a"), KERN_SUCCESS);
	CHECK_EQ(gila_file_read(file, 0, text, sizeof(text), &got), KERN_SUCCESS);
	CHECK(take_over());
	CHECK_EQ(gila_file_read(file, 0, text, sizeof(text), &got), KERN_SUCCESS);
	CHECK_EQ(got, 4);
	CHECK_EQ(gila_file_write(file, 4, "more", 4), KERN_SUCCESS);
	CHECK(take_over());
	fake_settle();
	CHECK_EQ(gila_file_read(file, 0, text, sizeof(text), &got), KERN_SUCCESS);
	CHECK(got == 8 && memcmp(text, "keptmore", 8) == 0);
	CHECK_EQ(fs_super(rig.fs)->s_free_inodes_count, free_inodes);
	gila_file_close(file);
	fake_settle();
	CHECK_EQ(fs_super(rig.fs)->s_free_inodes_count, free_inodes + 1);
	CHECK_EQ(rig.fs->orphan_count, 0);
	CHECK(end());
}

TEST(removed_files_go_when_nobody_has_them_open)
{
	CHECK(begin(EXT4));
	mach_port_t file = open_file("/tmp/a", READ_WRITE | FILE_OPEN_CREATE),
		    other = open_file("/tmp/a", FILE_OPEN_READ);
	CHECK_EQ(gila_file_write(file, 0, "kept", 4), KERN_SUCCESS);
	CHECK_EQ(gila_path_remove("/tmp/a"), KERN_SUCCESS);
	fake_settle();
	CHECK_EQ(rig.fs->orphan_count, 1);
	gila_file_close(file);
	fake_settle();
	CHECK_EQ(rig.fs->orphan_count, 1);
	struct file_info info;
	CHECK_EQ(gila_file_info(other, &info), KERN_SUCCESS);
	CHECK_EQ(info.size, 4);
	gila_file_close(other);
	fake_settle();
	CHECK_EQ(rig.fs->orphan_count, 0);
	CHECK(end());
}

TEST(stale_and_forged_handles_are_refused)
{
	CHECK(begin(EXT4));
	char text[4];
	size_t got;
	mach_port_t file = open_file("/tmp/a", READ_WRITE | FILE_OPEN_CREATE), other;
	uint64_t badge = fake_ports[file].badge;
	static const uint64_t forged[] = {UINT64_C(1) << 32, 1, UINT64_C(1) << 60, 12 ^ 8, 0xffffffff};
	for (size_t i = 0; i < sizeof(forged) / sizeof(forged[0]); i++) {
		fake_ports[file].badge = badge ^ forged[i];
		CHECK_EQ(gila_file_read(file, 0, text, 4, &got), FILE_STALE);
	}
	fake_ports[file].badge = badge;
	CHECK_EQ(gila_file_read(file, 0, text, 4, &got), KERN_SUCCESS);
	// The same inode again is another file.
	fake_ports[file].rights++;
	gila_file_close(file);
	fake_ports[file].badge = 0;
	CHECK_EQ(gila_path_remove("/tmp/a"), KERN_SUCCESS);
	fake_settle();
	other = open_file("/tmp/b", READ_WRITE | FILE_OPEN_CREATE);
	CHECK_EQ((uint32_t)fake_ports[other].badge, (uint32_t)badge);
	fake_ports[file].badge = badge;
	CHECK_EQ(gila_file_read(file, 0, text, 4, &got), FILE_STALE);
	gila_file_close(file);
	gila_file_close(other);
	CHECK_EQ(gila_path_make_directory("/tmp/d"), KERN_SUCCESS);
	file = open_file("/tmp/d", FILE_OPEN_READ | FILE_OPEN_DIRECTORY);
	struct file_info info;
	mach_port_t below;
	CHECK_EQ(file_open(file, "x", READ_WRITE | FILE_OPEN_CREATE, &below, &info), FILE_NO_RIGHT);
	CHECK_EQ(file_make_directory(file, "x"), FILE_NO_RIGHT);
	CHECK_EQ(gila_path_remove("/tmp/d"), KERN_SUCCESS);
	CHECK_EQ(file_stat(file, "", &info), FILE_STALE);
	gila_file_close(file);
	CHECK(end());
}

TEST(names_are_refused_by_the_server)
{
	CHECK(begin(EXT4));
	static const struct {
		const char *path;
		kern_return_t error;
	} cases[] = {
		{"a/../b", FILE_BAD_NAME},   {"..", FILE_BAD_NAME},	 {".", FILE_BAD_NAME},	  {"/a", FILE_BAD_NAME},
		{"f/x", FILE_NOT_DIRECTORY}, {"none/x", FILE_NOT_FOUND}, {"d//x", FILE_BAD_NAME}, {"", FILE_EXISTS}};
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
	CHECK_EQ(file_remove(seat, ""), FILE_BUSY);
	CHECK_EQ(file_rename(seat, "", "x"), FILE_BUSY);
	gila_file_close(file);
	CHECK(end());
}

TEST(rename_follows_the_rules)
{
	CHECK(begin(EXT4));
	mach_port_t a = open_file("/tmp/a", READ_WRITE | FILE_OPEN_CREATE),
		    b = open_file("/tmp/b", READ_WRITE | FILE_OPEN_CREATE);
	CHECK_EQ(gila_path_make_directory("/tmp/d"), KERN_SUCCESS);
	CHECK_EQ(gila_path_make_directory("/tmp/d/e"), KERN_SUCCESS);
	CHECK_EQ(gila_path_rename("/tmp/d", "/tmp/d/e/f"), FILE_BUSY);
	CHECK_EQ(gila_path_rename("/tmp/d", "/tmp/d/f"), FILE_BUSY);
	CHECK_EQ(gila_path_rename("/tmp/a", "/tmp/d"), FILE_IS_DIRECTORY);
	CHECK_EQ(gila_path_rename("/tmp/d", "/tmp/a"), FILE_NOT_DIRECTORY);
	CHECK_EQ(gila_path_rename("/tmp/d/e", "/tmp/d"), FILE_NOT_EMPTY);
	CHECK_EQ(gila_path_rename("/tmp/d/e", "/tmp/x"), KERN_SUCCESS);
	CHECK_EQ(gila_path_rename("/tmp/x", "/tmp/d"), KERN_SUCCESS);
	CHECK_EQ(gila_path_rename("/tmp/none", "/tmp/d"), FILE_NOT_FOUND);
	CHECK_EQ(gila_path_rename("/tmp/a", "/tmp/a"), KERN_SUCCESS);
	CHECK_EQ(gila_path_rename("/tmp/a", "/tmp/b"), KERN_SUCCESS);
	struct file_info info, mine;
	CHECK_EQ(gila_file_info(a, &mine), KERN_SUCCESS);
	CHECK_EQ(gila_path_info("/tmp/b", &info), KERN_SUCCESS);
	CHECK_EQ(info.node, mine.node);
	CHECK_EQ(gila_file_write(b, 0, "still there", 11), KERN_SUCCESS);
	gila_file_close(a);
	gila_file_close(b);
	fake_settle();
	CHECK_EQ(rig.fs->orphan_count, 0);
	CHECK(end());
}

static bool list_numbers(const char *path, unsigned count)
{
	static struct gila_list list;
	static bool there[3000];
	unsigned listed = 0;
	memset(there, 0, sizeof(there));
	if (gila_list_begin(&list, path))
		return false;
	while (!gila_list_next(&list) && !list.done) {
		unsigned number = (unsigned)atoi(list.name);
		if (number >= count || there[number] || list.entry.type != FILE_TYPE_FILE ||
		    list.entry.size != number % 3)
			return false;
		there[number] = true;
		listed++;
	}
	gila_list_end(&list);
	return listed == count;
}

TEST(directories_are_listed_in_pages)
{
	static const char *const kinds[] = {EXT4, "-t ext4 -b 1024 -O ^dir_index"};
	for (int kind = 0; kind < 2; kind++) {
		CHECK(begin(kinds[kind]));
		CHECK_EQ(gila_path_make_directory("/tmp/d"), KERN_SUCCESS);
		char path[64];
		for (unsigned i = 0; i < 1500; i++) {
			snprintf(path, sizeof(path), "/tmp/d/%u", i);
			mach_port_t file = open_file(path, FILE_OPEN_WRITE | FILE_OPEN_CREATE);
			CHECK_EQ(gila_file_write(file, 0, "ab", i % 3), KERN_SUCCESS);
			gila_file_close(file);
		}
		CHECK(list_numbers("/tmp/d", 1500));
		struct file_info info;
		CHECK_EQ(gila_path_info("/tmp/d", &info), KERN_SUCCESS);
		CHECK(info.size == 1500 && info.type == FILE_TYPE_DIRECTORY);
		struct gila_list list;
		CHECK_EQ(gila_list_begin(&list, "/tmp/d/5"), FILE_NOT_DIRECTORY);
		CHECK(end());
	}
}

// What stays is listed once while others come and go and the directory grows from one block to many.
TEST(a_directory_that_changes_is_listed_right)
{
	CHECK(begin(EXT4));
	char path[64];
	for (int i = 0; i < 20; i++) {
		snprintf(path, sizeof(path), "/tmp/stays%d", i);
		gila_file_close(open_file(path, FILE_OPEN_WRITE | FILE_OPEN_CREATE));
	}
	mach_port_t seat;
	uint64_t cookie = 0;
	unsigned seen[20] = {0}, fresh = 0;
	CHECK_EQ(gila_seat("fs/tmp", &seat), KERN_SUCCESS);
	do {
		uint8_t entries[FILE_LIST_MAX];
		mach_msg_type_number_t size = 200; // the stub's limit is larger; few fit
		struct file_entry entry;
		char name[FILE_NAME_MAX + 1];
		size_t used = 0;
		kern_return_t error;
		struct node *root;
		size = sizeof(entries);
		CHECK_EQ(file_list(seat, cookie, &cookie, entries, &size), KERN_SUCCESS);
		while (file_entry_take(entries, size, &used, &entry, name, &error))
			if (strncmp(name, "stays", 5) == 0)
				seen[atoi(name + 5)]++;
		for (int i = 0; i < 300; i++, fresh++) {
			snprintf(path, sizeof(path), "/tmp/comes-and-goes-with-a-long-name-%u", fresh);
			gila_file_close(open_file(path, FILE_OPEN_WRITE | FILE_OPEN_CREATE));
			if (i % 2)
				CHECK_EQ(gila_path_remove(path), KERN_SUCCESS);
		}
		CHECK_EQ(node_get(rig.fs, EXT2_ROOT_INO, &root), KERN_SUCCESS);
		CHECK(index_is_used(rig.fs, root));
	} while (cookie && fresh < 6000);
	for (int i = 0; i < 20; i++)
		CHECK_EQ(seen[i], 1);
	fake_settle();
	CHECK(end());
}

TEST(idle_file_systems_are_clean)
{
	CHECK(begin("-t ext4 -b 4096"));
	mach_port_t file = open_file("/tmp/a", READ_WRITE | FILE_OPEN_CREATE);
	CHECK_EQ(gila_file_write(file, 0, "hello", 5), KERN_SUCCESS);
	gila_file_close(file);
	CHECK_EQ(rig.fs->state, FS_BUSY);
	CHECK(fs_due(rig.fs) > fake_time && fs_due(rig.fs) <= fake_time + 5000000000);
	fs_work(rig.fs); // not yet
	CHECK(rig.fs->dirty_since);
	fake_time = fs_due(rig.fs);
	fs_work(rig.fs);
	CHECK(!rig.fs->dirty_since);
	CHECK_EQ(rig.fs->state, FS_BUSY);
	fake_time = fs_due(rig.fs);
	fs_work(rig.fs);
	CHECK_EQ(rig.fs->state, FS_QUIET);
	CHECK_EQ(fs_due(rig.fs), UINT64_MAX);
	CHECK(rig_save(&rig));
	CHECK_EQ(rig_run(&rig, "e2fsck -fn $RIG/image >/dev/null 2>&1 && dumpe2fs -h $RIG/image 2>/dev/null | grep -q "
			       "'Filesystem state: *clean' && "
			       "! dumpe2fs -h $RIG/image 2>/dev/null | grep -q needs_recovery"),
		 0);
	// Steady work is committed, too.
	file = open_file("/tmp/b", READ_WRITE | FILE_OPEN_CREATE);
	uint64_t begin_time = fake_time;
	while (rig.fs->dirty_since && fake_time < begin_time + UINT64_C(6000000000)) {
		fake_time += 100000000;
		CHECK_EQ(gila_file_append(file, "x", 1), KERN_SUCCESS);
		fs_work(rig.fs);
	}
	CHECK(fake_time <= begin_time + UINT64_C(5200000000));
	gila_file_close(file);
	CHECK(end());
}

// What a commit has brought to the disk is there when only the disk is left, in the journal or in its place; also for
// e2fsck.
TEST(what_was_synced_survives_the_loss_of_everything)
{
	static const char *const kinds[] = {EXT4, "-t ext2 -b 1024", "-t ext3 -b 4096"};
	for (int kind = 0; kind < 3; kind++) {
		CHECK(begin(kinds[kind]));
		mach_port_t file = open_file("/tmp/synced", READ_WRITE | FILE_OPEN_CREATE);
		CHECK_EQ(gila_file_write(file, 0, "synced", 6), KERN_SUCCESS);
		CHECK_EQ(gila_file_sync(file), KERN_SUCCESS);
		CHECK_EQ(gila_file_write(file, 6, "not", 3), KERN_SUCCESS);
		gila_file_close(file);
		gila_file_close(open_file("/tmp/lost", READ_WRITE | FILE_OPEN_CREATE));
		ext2_forget_watches(&ext2);
		rig_power_loss(&rig);
		CHECK(rig_save(&rig));
		CHECK_EQ(rig_run(&rig, "cp $RIG/image $RIG/other; e2fsck -p $RIG/other >$RIG/log 2>&1; test $? -le 1 "
				       "&& e2fsck -fn $RIG/other >>$RIG/log 2>&1 && "
				       "test \"$(debugfs -R 'cat synced' $RIG/other 2>/dev/null)\" = synced"),
			 0);
		CHECK(mount_here());
		char text[16];
		size_t got;
		struct file_info info;
		file = open_file("/tmp/synced", FILE_OPEN_READ);
		CHECK(file);
		CHECK_EQ(gila_file_read(file, 0, text, sizeof(text), &got), KERN_SUCCESS);
		CHECK(got == 6 && memcmp(text, "synced", 6) == 0);
		CHECK_EQ(gila_path_info("/tmp/lost", &info), FILE_NOT_FOUND);
		gila_file_close(file);
		CHECK(end());
	}
}
