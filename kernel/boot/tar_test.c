// SPDX-License-Identifier: MIT
// Tests of the tar reader on archives made by tar_make.h; tests/archive.sh reads archives of GNU tar.
#include "tar_make.h"

#include <gila/test.h>
#include <stdbool.h>

static uint8_t room[65536];
static struct tar_make made;
static struct tar tar;
static struct tar_entry entry;

static void make_start(void)
{
	made = (struct tar_make){room, sizeof room, 0};
	__builtin_memset(&entry, 0, sizeof entry);
}

// Ends the archive and reads its first entry.
static enum tar_status first_of_made(void)
{
	tar_make_end(&made);
	tar_init(&tar, room, made.size);
	return tar_next(&tar, &entry);
}

static bool path_is(const char *text)
{
	return entry.path_length == tar_make_length(text) && __builtin_memcmp(entry.path, text, entry.path_length + 1) == 0;
}

// The status of a file of this name.
static enum tar_status name_status(const char *name)
{
	make_start();
	tar_make_file(&made, name, "", 0);
	return first_of_made();
}

TEST(tar_reads_files_directories_and_links)
{
	make_start();
	tar_make_entry(&made, '5', "./dir/", "", "", 0);
	tar_make_file(&made, "./dir//a", "hello", 5);
	tar_make_entry(&made, '2', "dir/./link", "../x", "", 0);
	tar_make_file(&made, "empty", "", 0);
	CHECK_EQ(first_of_made(), TAR_OK);
	CHECK(path_is("dir"));
	CHECK_EQ(entry.type, TAR_DIRECTORY);
	CHECK_EQ(entry.mode, 0755);
	CHECK_EQ(tar_next(&tar, &entry), TAR_OK);
	CHECK(path_is("dir/a"));
	CHECK_EQ(entry.type, TAR_FILE);
	CHECK_EQ(entry.mode, 0644);
	CHECK_EQ(entry.size, 5);
	CHECK(entry.data == room + 1024 && __builtin_memcmp(entry.data, "hello", 5) == 0);
	CHECK_EQ(entry.offset, 512);
	CHECK_EQ(tar_next(&tar, &entry), TAR_OK);
	CHECK(path_is("dir/link"));
	CHECK_EQ(entry.type, TAR_SYMLINK);
	CHECK(entry.link_length == 4 && __builtin_memcmp(entry.link, "../x", 4) == 0);
	CHECK_EQ(tar_next(&tar, &entry), TAR_OK);
	CHECK(path_is("empty"));
	CHECK_EQ(entry.size, 0);
	CHECK_EQ(tar_next(&tar, &entry), TAR_END);
	CHECK_EQ(tar_next(&tar, &entry), TAR_END);
}

TEST(tar_gives_the_root_an_empty_path)
{
	make_start();
	tar_make_entry(&made, '5', "./", "", "", 0);
	CHECK_EQ(first_of_made(), TAR_OK);
	CHECK(path_is(""));
	CHECK_EQ(name_status("."), TAR_BAD_PATH);
	CHECK_EQ(name_status(""), TAR_BAD_PATH);
}

TEST(tar_takes_old_headers)
{
	make_start();
	uint8_t *h = tar_make_file(&made, "old/", "", 0);
	h[156] = 0;
	__builtin_memcpy(h + 257, "ustar  ", 8);
	__builtin_memcpy(h + 345, "times, in GNU's old format", 26);
	tar_make_checksum(h);
	CHECK_EQ(first_of_made(), TAR_OK);
	CHECK(path_is("old"));
	CHECK_EQ(entry.type, TAR_DIRECTORY);
}

TEST(tar_joins_prefix_and_name)
{
	make_start();
	uint8_t *h = tar_make_file(&made, "name", "", 0);
	__builtin_memset(h + 345, 'p', 155);
	tar_make_checksum(h);
	CHECK_EQ(first_of_made(), TAR_OK);
	CHECK_EQ(entry.path_length, 160);
	CHECK(__builtin_memcmp(entry.path + 154, "p/name", 7) == 0);
	h[345] = '/';
	tar_make_checksum(h);
	CHECK_EQ(first_of_made(), TAR_ESCAPING_PATH);
}

TEST(tar_refuses_escaping_paths)
{
	CHECK_EQ(name_status("/etc/passwd"), TAR_ESCAPING_PATH);
	CHECK_EQ(name_status(".."), TAR_ESCAPING_PATH);
	CHECK_EQ(name_status("../x"), TAR_ESCAPING_PATH);
	CHECK_EQ(name_status("a/../x"), TAR_ESCAPING_PATH);
	CHECK_EQ(name_status("a/.."), TAR_ESCAPING_PATH);
	CHECK_EQ(name_status("./../x"), TAR_ESCAPING_PATH);
	CHECK_EQ(name_status("..a/.b/c.."), TAR_OK);
	CHECK(path_is("..a/.b/c.."));
}

TEST(tar_sees_damage_to_a_header)
{
	make_start();
	tar_make_file(&made, "first", "x", 1);
	uint8_t *h = tar_make_file(&made, "second", "x", 1);
	for (unsigned i = 0; i < TAR_BLOCK; i++) {
		h[i] ^= 1;
		size_t size = made.size;
		CHECK_EQ(first_of_made(), TAR_OK);
		// The checksum's last byte is not part of the number.
		CHECK_EQ(tar_next(&tar, &entry), i == 155 ? TAR_OK : TAR_BAD_CHECKSUM);
		CHECK_EQ(tar.where, 1024);
		made.size = size;
		h[i] ^= 1;
	}
	h[257] = 'U';
	tar_make_checksum(h);
	CHECK_EQ(first_of_made(), TAR_OK);
	CHECK_EQ(tar_next(&tar, &entry), TAR_BAD_MAGIC);
}

TEST(tar_sees_every_truncation)
{
	static const char data[600] = "first";
	make_start();
	tar_make_file(&made, "first", data, sizeof data);
	tar_make_end(&made);
	for (size_t size = 0; size < made.size; size++) {
		tar_init(&tar, room, size);
		enum tar_status status = tar_next(&tar, &entry);
		if (status == TAR_OK)
			status = tar_next(&tar, &entry);
		CHECK(status == TAR_MISSING_END || (status == TAR_BAD_SIZE && size < 1536));
	}
	__builtin_memset(room + made.size - 512, 1, 512);
	tar_init(&tar, room, made.size);
	CHECK_EQ(tar_next(&tar, &entry), TAR_OK);
	CHECK_EQ(tar_next(&tar, &entry), TAR_MISSING_END);
	CHECK_EQ(tar.where, 1536);
}

// The status of a file whose size field holds these bytes; its data would be a block.
static enum tar_status size_status(const char *field, size_t length)
{
	make_start();
	uint8_t *h = tar_make_file(&made, "a", "x", 1);
	__builtin_memset(h + 124, 0, 12);
	__builtin_memcpy(h + 124, field, length);
	tar_make_checksum(h);
	return first_of_made();
}

TEST(tar_checks_numbers)
{
	CHECK_EQ(size_status("000000000012", 12), TAR_OK);
	CHECK_EQ(entry.size, 10);
	CHECK_EQ(size_status("    12 ", 7), TAR_OK);
	CHECK_EQ(entry.size, 10);
	CHECK_EQ(size_status("00000000018", 11), TAR_BAD_NUMBER);
	CHECK_EQ(size_status("-0000000001", 11), TAR_BAD_NUMBER);
	CHECK_EQ(size_status("1x", 2), TAR_BAD_NUMBER);
	CHECK_EQ(size_status("", 0), TAR_BAD_NUMBER);
	CHECK_EQ(size_status("            ", 12), TAR_BAD_NUMBER);
	CHECK_EQ(size_status("777777777777", 12), TAR_BAD_SIZE);
	CHECK_EQ(size_status("\x80\0\0\0\0\0\0\0\0\0\0\x0a", 12), TAR_OK);
	CHECK_EQ(entry.size, 10);
	CHECK_EQ(size_status("\x80\0\0\0\x7f\xff\xff\xff\xff\xff\xff\xff", 12), TAR_BAD_SIZE);
	CHECK_EQ(size_status("\x80\0\0\0\x80\0\0\0\0\0\0\0", 12), TAR_BAD_NUMBER);
	CHECK_EQ(size_status("\x80\0\x01\0\0\0\0\0\0\0\0\x0a", 12), TAR_BAD_NUMBER);
	CHECK_EQ(size_status("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 12), TAR_BAD_NUMBER);
	make_start();
	uint8_t *h = tar_make_file(&made, "a", "x", 1);
	h[103] = '9';
	tar_make_checksum(h);
	CHECK_EQ(first_of_made(), TAR_BAD_NUMBER);
}

TEST(tar_refuses_what_it_cannot_represent)
{
	static const char types[] = "1346789AVMDNSXZ";
	for (const char *type = types; *type; type++) {
		make_start();
		tar_make_entry(&made, *type, "a", "b", "", 0);
		CHECK_EQ(first_of_made(), *type == '7' ? TAR_OK : TAR_BAD_TYPE);
	}
	make_start();
	tar_make_entry(&made, '5', "a", "", "x", 1);
	CHECK_EQ(first_of_made(), TAR_BAD_SIZE);
	make_start();
	tar_make_entry(&made, '2', "a", "b", "x", 1);
	CHECK_EQ(first_of_made(), TAR_BAD_SIZE);
	make_start();
	tar_make_entry(&made, '2', "a", "", "", 0);
	CHECK_EQ(first_of_made(), TAR_BAD_LINK);
}

// The status of a file behind an extension header with these contents.
static enum tar_status extension_status(char type, const char *text, size_t length)
{
	make_start();
	tar_make_entry(&made, type, "extension", "", text, length);
	tar_make_entry(&made, type == 'K' ? '2' : '0', "short", "l", "12345", type == 'K' ? 0 : 5);
	return first_of_made();
}

#define EXTENSION_STATUS(type, text) extension_status(type, text, sizeof(text) - 1)

TEST(tar_reads_gnu_long_names)
{
	static char text[2000];
	__builtin_memset(text, 'n', sizeof text);
	for (unsigned i = 200; i < sizeof text; i += 200)
		text[i] = '/';
	CHECK_EQ(extension_status('L', text, TAR_PATH_MAX), TAR_OK);
	CHECK_EQ(entry.path_length, TAR_PATH_MAX);
	CHECK_EQ(entry.offset, 512 + 1024);
	CHECK_EQ(extension_status('L', text, TAR_PATH_MAX + 1), TAR_PATH_TOO_LONG);
	CHECK_EQ(extension_status('K', text, TAR_PATH_MAX), TAR_OK);
	CHECK(path_is("short"));
	CHECK_EQ(entry.link_length, TAR_PATH_MAX);
	CHECK_EQ(extension_status('K', text, TAR_PATH_MAX + 1), TAR_BAD_LINK);
	CHECK_EQ(EXTENSION_STATUS('L', "long\0"), TAR_OK);
	CHECK(path_is("long"));
	CHECK_EQ(EXTENSION_STATUS('L', "/long\0"), TAR_ESCAPING_PATH);
	CHECK_EQ(EXTENSION_STATUS('L', "\0"), TAR_BAD_EXTENSION);
	text[200] = text[400] = 'n';
	CHECK_EQ(extension_status('L', text, 255), TAR_OK);
	CHECK_EQ(extension_status('L', text, 256), TAR_PATH_TOO_LONG);
	for (unsigned i = 0; i < sizeof text; i += 2)
		text[i] = '/', text[i + 1] = 'd';
	text[0] = '.';
	text[1] = '/';
	CHECK_EQ(extension_status('L', text, 2 + 2 * TAR_DEPTH_MAX), TAR_OK);
	CHECK_EQ(extension_status('L', text, 4 + 2 * TAR_DEPTH_MAX), TAR_PATH_TOO_LONG);
}

TEST(tar_reads_pax_records)
{
	CHECK_EQ(EXTENSION_STATUS('x', "15 path=pax/abc"), TAR_BAD_EXTENSION);
	CHECK_EQ(EXTENSION_STATUS('x', "16 path=pax/abc\n20 ctime=123456789\n9 size=2\n"), TAR_BAD_EXTENSION);
	CHECK_EQ(EXTENSION_STATUS('x', "16 path=pax/abc\n19 ctime=123456789\n9 size=2\n"), TAR_OK);
	CHECK(path_is("pax/abc"));
	CHECK_EQ(entry.size, 2);
	CHECK_EQ(EXTENSION_STATUS('x', "8 path=\n"), TAR_OK);
	CHECK(path_is("short"));
	CHECK_EQ(EXTENSION_STATUS('x', "12 path=../a\n"), TAR_BAD_EXTENSION);
	CHECK_EQ(EXTENSION_STATUS('x', "13 path=../a\n"), TAR_ESCAPING_PATH);
	CHECK_EQ(EXTENSION_STATUS('x', "12 path=a\0b\n"), TAR_BAD_PATH);
	CHECK_EQ(EXTENSION_STATUS('x', "13 size=9999\n"), TAR_BAD_SIZE);
	CHECK_EQ(EXTENSION_STATUS('x', "30 size=9223372036854775808\n"), TAR_BAD_EXTENSION);
	CHECK_EQ(EXTENSION_STATUS('x', "28 size=9223372036854775808\n"), TAR_BAD_NUMBER);
	CHECK_EQ(EXTENSION_STATUS('x', "11 size=-1\n"), TAR_BAD_NUMBER);
	CHECK_EQ(EXTENSION_STATUS('x', "22 GNU.sparse.major=1\n"), TAR_BAD_TYPE);
	CHECK_EQ(EXTENSION_STATUS('x', "9 path=a\n9 path=b\n"), TAR_BAD_EXTENSION);
	CHECK_EQ(tar.where, 512 + 9);
	CHECK_EQ(EXTENSION_STATUS('x', "99999999999999999999999 path=b\n"), TAR_BAD_EXTENSION);
	CHECK_EQ(EXTENSION_STATUS('x', "5 =b\n"), TAR_BAD_EXTENSION);
	CHECK_EQ(EXTENSION_STATUS('x', "7 path\n"), TAR_BAD_EXTENSION);
	CHECK_EQ(EXTENSION_STATUS('x', "path=b\n"), TAR_BAD_EXTENSION);
	CHECK_EQ(EXTENSION_STATUS('g', "16 comment=1234\n"), TAR_OK);
	CHECK(path_is("short"));
	CHECK_EQ(EXTENSION_STATUS('g', "9 path=a\n"), TAR_BAD_EXTENSION);
}

TEST(tar_keeps_pax_records_within_their_header)
{
	make_start();
	uint8_t *h = tar_make_entry(&made, 'x', "", "", "9 path=b\n", 9);
	tar_make_file(&made, "c", "", 0);
	tar_make_octal(h + 124, 11, 8);
	tar_make_checksum(h);
	CHECK_EQ(first_of_made(), TAR_BAD_EXTENSION);
}

TEST(tar_puts_no_prefix_before_a_long_name)
{
	make_start();
	tar_make_entry(&made, 'L', "", "", "a", 1);
	uint8_t *h = tar_make_file(&made, "c", "", 0);
	h[345] = 'p';
	tar_make_checksum(h);
	CHECK_EQ(first_of_made(), TAR_OK);
	CHECK(path_is("a"));
}

TEST(tar_normalises_paths)
{
	char out[TAR_PATH_MAX + 1];
	size_t length;
	CHECK_EQ(tar_path_normalise("./a//b/./c/", 11, out, &length), TAR_OK);
	CHECK(length == 5 && __builtin_memcmp(out, "a/b/c", 6) == 0);
	CHECK_EQ(tar_path_normalise("", 0, out, &length), TAR_OK);
	CHECK(length == 0 && out[0] == 0);
	CHECK_EQ(tar_path_normalise("/a", 2, out, &length), TAR_ESCAPING_PATH);
	CHECK_EQ(tar_path_normalise("a/..", 4, out, &length), TAR_ESCAPING_PATH);
}

TEST(tar_wants_an_entry_behind_extensions)
{
	make_start();
	tar_make_entry(&made, 'L', "", "", "a", 1);
	CHECK_EQ(first_of_made(), TAR_BAD_EXTENSION);
	make_start();
	tar_make_entry(&made, 'L', "", "", "a", 1);
	tar_make_entry(&made, 'L', "", "", "b", 1);
	tar_make_file(&made, "c", "", 0);
	CHECK_EQ(first_of_made(), TAR_BAD_EXTENSION);
	CHECK_EQ(tar.where, 1024);
	make_start();
	tar_make_entry(&made, 'L', "", "", "a", 1);
	tar_make_entry(&made, 'x', "", "", "9 path=b\n", 9);
	tar_make_file(&made, "c", "", 0);
	CHECK_EQ(first_of_made(), TAR_BAD_EXTENSION);
	make_start();
	tar_make_entry(&made, 'x', "", "", "9 path=b\n", 9);
	tar_make_entry(&made, 'L', "", "", "a", 1);
	tar_make_file(&made, "c", "", 0);
	CHECK_EQ(first_of_made(), TAR_BAD_EXTENSION);
	make_start();
	tar_make_entry(&made, 'x', "", "", "9 path=b\n", 9);
	tar_make_entry(&made, 'x', "", "", "9 size=0\n", 9);
	tar_make_file(&made, "c", "", 0);
	CHECK_EQ(first_of_made(), TAR_BAD_EXTENSION);
	// An extension is for one entry only.
	make_start();
	tar_make_entry(&made, 'L', "", "", "a", 1);
	tar_make_file(&made, "c", "", 0);
	tar_make_file(&made, "d", "", 0);
	CHECK_EQ(first_of_made(), TAR_OK);
	CHECK(path_is("a"));
	CHECK_EQ(tar_next(&tar, &entry), TAR_OK);
	CHECK(path_is("d"));
}
