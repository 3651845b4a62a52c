// SPDX-License-Identifier: MIT
// Tests of the index over the boot archive, on archives made by tar_make.h.
#include "archive.h"
#include "tar_make.h"

#include <gila/test.h>

#define MANY 2000u

static uint8_t room[MANY * TAR_BLOCK + 65536];
static uint64_t memory[8192];
static struct tar_make made;
static struct archive archive;
static struct archive_error error;

static bool text_is(const char *text, const char *expected)
{
	size_t length = tar_make_length(text);
	return length == tar_make_length(expected) && __builtin_memcmp(text, expected, length) == 0;
}

static bool text_starts(const char *text, const char *start, size_t length)
{
	return tar_make_length(text) >= length && __builtin_memcmp(text, start, length) == 0;
}

static void make_start(void)
{
	made = (struct tar_make){room, sizeof room, 0};
}

static void make_directory(const char *path)
{
	tar_make_entry(&made, '5', path, "", "", 0);
}

static void make_file(const char *path)
{
	tar_make_file(&made, path, path, tar_make_length(path));
}

static void make_link(const char *path, const char *target)
{
	tar_make_entry(&made, '2', path, target, "", 0);
}

// Ends the archive and opens it, in exactly the memory that was measured.
static enum archive_status open_made(void)
{
	size_t size = 0;
	tar_make_end(&made);
	__builtin_memset(&error, 0, sizeof error);
	enum archive_status status = archive_measure(room, made.size, &size, &error);
	if (status != ARCHIVE_OK)
		return status;
	if (size > sizeof memory)
		return ARCHIVE_TOO_MANY;
	return archive_open(&archive, room, made.size, memory, size, &error);
}

static const struct archive_node *look_up(const char *path)
{
	return archive_lookup(&archive, path, tar_make_length(path));
}

static bool node_has_path(const struct archive_node *n, const char *path)
{
	size_t length = tar_make_length(path);
	return n && n->path_length == length && __builtin_memcmp(n->path, path, length) == 0;
}

// The path that `path` resolves to is `expected`.
static bool resolves_to(const char *path, const char *expected)
{
	const struct archive_node *n = NULL;
	return archive_resolve(&archive, path, tar_make_length(path), &n) == ARCHIVE_OK && node_has_path(n, expected);
}

static enum archive_status resolve_status(const char *path)
{
	const struct archive_node *n;
	return archive_resolve(&archive, path, tar_make_length(path), &n);
}

// The names of a directory's children, each followed by a comma, are `expected`.
static bool children_are(const struct archive_node *dir, const char *expected)
{
	ARCHIVE_CHILDREN(&archive, dir, child) {
		size_t length = child->name_length;
		if (!text_starts(expected, child->name, length) || expected[length] != ',' ||
		    &archive.nodes[child->parent] != dir)
			return false;
		expected += length + 1;
	}
	return *expected == 0;
}

TEST(archive_indexes_a_tree)
{
	make_start();
	make_directory("./");
	make_directory("system/");
	make_file("system/z");
	make_directory("system/bin");
	make_file("system/bin/sh");
	make_file("system/bin/init");
	make_file("system/bin-old");
	make_file("system/a");
	make_file("README");
	CHECK_EQ(open_made(), ARCHIVE_OK);
	CHECK_EQ(archive.count, 9);
	CHECK(children_are(look_up("/"), "README,system,"));
	CHECK(children_are(look_up("system"), "a,bin,bin-old,z,"));
	CHECK(children_are(look_up("system/bin"), "init,sh,"));
	CHECK(children_are(look_up("system/a"), ""));
	const struct archive_node *n = look_up("/system//bin/./init/");
	CHECK(node_has_path(n, "system/bin/init"));
	CHECK(n->name_length == 4 && __builtin_memcmp(n->name, "init", 4) == 0);
	CHECK_EQ(n->type, TAR_FILE);
	CHECK_EQ(n->size, 15);
	CHECK(__builtin_memcmp(n->data, "system/bin/init", 15) == 0);
	CHECK_EQ(n->depth, 3);
	CHECK(look_up("") == archive.nodes);
	CHECK(!look_up("system/bin/ini"));
	CHECK(!look_up("system/bin/initt"));
	CHECK(!look_up("system/a/b"));
	CHECK(!look_up("system/.."));
}

TEST(archive_makes_implied_directories)
{
	make_start();
	make_file("a/b/c/d");
	make_file("a/b/e");
	make_file("a/bc/f");
	make_directory("a");
	make_file("z/y");
	CHECK_EQ(open_made(), ARCHIVE_OK);
	CHECK_EQ(archive.count, 10);
	CHECK(children_are(look_up(""), "a,z,"));
	CHECK(children_are(look_up("a"), "b,bc,"));
	CHECK(children_are(look_up("a/b"), "c,e,"));
	CHECK(children_are(look_up("a/b/c"), "d,"));
	CHECK(!look_up("a")->implied);
	CHECK(look_up("a/b")->implied);
	CHECK_EQ(look_up("a/b")->type, TAR_DIRECTORY);
	CHECK_EQ(look_up("a/b")->mode, 0755);
}

TEST(archive_tells_names_that_start_alike_apart)
{
	make_start();
	make_file("a/bc");
	make_file("a/b/c");
	make_file("a-/y");
	make_file("a.b");
	CHECK_EQ(open_made(), ARCHIVE_OK);
	CHECK(children_are(look_up(""), "a,a-,a.b,"));
	CHECK(children_are(look_up("a"), "b,bc,"));
	CHECK(children_are(look_up("a/b"), "c,"));
	CHECK(children_are(look_up("a-"), "y,"));
}

TEST(archive_may_be_empty)
{
	make_start();
	CHECK_EQ(open_made(), ARCHIVE_OK);
	CHECK_EQ(archive.count, 1);
	CHECK(children_are(look_up("/"), ""));
	CHECK(!look_up("x"));
}

static bool error_is_at(const char *path, size_t offset)
{
	return text_is(error.path, path) && error.offset == offset;
}

TEST(archive_refuses_duplicates)
{
	make_start();
	make_file("a/x");
	make_file("b");
	make_file("a//./x");
	CHECK_EQ(open_made(), ARCHIVE_DUPLICATE);
	CHECK(error_is_at("a/x", 4 * TAR_BLOCK));
	CHECK(text_is(archive_error_reason(&error), "the path is in the archive twice"));
	make_start();
	make_directory("d");
	make_file("d/e");
	make_directory("d/");
	CHECK_EQ(open_made(), ARCHIVE_DUPLICATE);
	CHECK(error_is_at("d", 3 * TAR_BLOCK));
}

TEST(archive_refuses_files_as_directories)
{
	static const char *const orders[][2] = {{"d/file", "d/file/below"}, {"d/file/below", "d/file"}};
	for (unsigned i = 0; i < 2; i++) {
		make_start();
		make_file(orders[i][0]);
		make_file(orders[i][1]);
		CHECK_EQ(open_made(), ARCHIVE_FILE_AS_DIRECTORY);
		CHECK(error_is_at("d/file", i == 0 ? 0 : 2 * TAR_BLOCK));
	}
	make_start();
	make_directory("real");
	make_link("link", "real");
	make_file("link/x");
	CHECK_EQ(open_made(), ARCHIVE_FILE_AS_DIRECTORY);
	CHECK(error_is_at("link", TAR_BLOCK));
}

TEST(archive_reports_a_bad_tar)
{
	make_start();
	make_file("good");
	uint8_t *bad = tar_make_file(&made, "bad", "", 0);
	bad[0] ^= 1;
	CHECK_EQ(open_made(), ARCHIVE_BAD_TAR);
	CHECK_EQ(error.tar, TAR_BAD_CHECKSUM);
	CHECK_EQ(error.offset, 1024);
	CHECK(text_is(archive_error_reason(&error), tar_status_name(TAR_BAD_CHECKSUM)));
	CHECK_EQ(archive_open(&archive, room, made.size, memory, sizeof memory, &error), ARCHIVE_BAD_TAR);
	CHECK_EQ(error.tar, TAR_BAD_CHECKSUM);
}

TEST(archive_wants_the_memory_it_measured)
{
	size_t size;
	make_start();
	make_file("a/b/c");
	make_file("a/d");
	tar_make_end(&made);
	CHECK_EQ(archive_measure(room, made.size, &size, &error), ARCHIVE_OK);
	memory[size / 8 + 1] = 12345;
	for (size_t less = 0; less < size; less++) {
		CHECK_EQ(archive_open(&archive, room, made.size, memory, less, &error), ARCHIVE_NO_MEMORY);
		CHECK_EQ(memory[size / 8 + 1], 12345);
	}
	CHECK_EQ(archive_open(&archive, room, made.size, memory, size, &error), ARCHIVE_OK);
	CHECK_EQ(memory[size / 8 + 1], 12345);
}

TEST(archive_resolves_links)
{
	make_start();
	make_file("system/bin/tool");
	make_link("bin", "system/bin");
	make_link("system/up", "../bin/./tool");
	make_link("system/bin/t", "tool");
	make_link("system/abs", "/system/bin/t");
	make_link("loop", "/loop");
	make_link("out", "../x");
	make_link("nowhere", "no");
	CHECK_EQ(open_made(), ARCHIVE_OK);
	CHECK(resolves_to("/bin", "system/bin"));
	CHECK(resolves_to("bin/tool", "system/bin/tool"));
	CHECK(resolves_to("bin/../up", "system/bin/tool"));
	CHECK(resolves_to("/system/abs", "system/bin/tool"));
	CHECK(resolves_to("", ""));
	CHECK(resolves_to("system/bin/../..", ""));
	CHECK(node_has_path(look_up("bin"), "bin"));
	CHECK(!look_up("bin/tool"));
	CHECK_EQ(resolve_status("loop"), ARCHIVE_LINK_LOOP);
	CHECK_EQ(resolve_status("out"), ARCHIVE_LINK_ESCAPES);
	CHECK_EQ(resolve_status("nowhere"), ARCHIVE_NOT_FOUND);
	CHECK_EQ(resolve_status("bin/tool/x"), ARCHIVE_NOT_A_DIRECTORY);
	static char path[ARCHIVE_RESOLVE_MAX];
	const struct archive_node *n;
	__builtin_memset(path, '/', sizeof path);
	CHECK_EQ(archive_resolve(&archive, path, sizeof path - 1, &n), ARCHIVE_OK);
	CHECK_EQ(archive_resolve(&archive, path, sizeof path, &n), ARCHIVE_PATH_TOO_LONG);
}

// "dNN/fNNNN", in an order that is no order.
static void many_path(char *path, unsigned i)
{
	unsigned number = i * 1237 % MANY;
	path[0] = 'd';
	path[1] = (char)('0' + number / 10 % 10);
	path[2] = (char)('0' + number % 10);
	path[3] = '/';
	path[4] = 'f';
	for (unsigned digit = 4; digit-- > 0; number /= 10)
		path[5 + digit] = (char)('0' + number % 10);
	path[9] = 0;
}

TEST(archive_finds_each_of_many)
{
	char path[16];
	make_start();
	for (unsigned i = 0; i < MANY; i++) {
		many_path(path, i);
		tar_make_file(&made, path, "", 0);
	}
	// Every second entry implies its directory anew, which archive_measure counts: more memory than in the end.
	size_t size;
	tar_make_end(&made);
	CHECK_EQ(archive_measure(room, made.size, &size, &error), ARCHIVE_OK);
	CHECK(size <= 16 * made.size);
	static uint64_t large[(2 * MANY + 1) * (sizeof(struct archive_node) + 16) / 8];
	CHECK(size <= sizeof large);
	CHECK_EQ(archive_open(&archive, room, made.size, large, size, &error), ARCHIVE_OK);
	CHECK_EQ(archive.count, 1 + 100 + MANY);
	for (unsigned i = 0; i < MANY; i++) {
		many_path(path, i);
		CHECK(node_has_path(look_up(path), path));
	}
	for (uint32_t i = 2; i < archive.count; i++) {
		const struct archive_node *n = &archive.nodes[i];
		CHECK(n->depth > n[-1].depth || __builtin_memcmp(n[-1].path, n->path, n->path_length) < 0);
	}
}
