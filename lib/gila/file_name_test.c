// SPDX-License-Identifier: MIT
#include <gila/file_entry.h>
#include <gila/file_name.h>
#include <gila/test.h>

#include <string.h>

TEST(file_names_are_checked)
{
	char longest[FILE_NAME_MAX + 1];
	memset(longest, 'n', sizeof(longest));
	CHECK_EQ(file_name_check("a", 1), KERN_SUCCESS);
	CHECK_EQ(file_name_check("...", 3), KERN_SUCCESS);
	CHECK_EQ(file_name_check(longest, FILE_NAME_MAX), KERN_SUCCESS);
	CHECK_EQ(file_name_check(longest, FILE_NAME_MAX + 1), FILE_NAME_TOO_LONG);
	CHECK_EQ(file_name_check("", 0), FILE_BAD_NAME);
	CHECK_EQ(file_name_check(".", 1), FILE_BAD_NAME);
	CHECK_EQ(file_name_check("..", 2), FILE_BAD_NAME);
	CHECK_EQ(file_name_check("a/b", 3), FILE_BAD_NAME);
	CHECK_EQ(file_name_check("a\0b", 3), FILE_BAD_NAME);
}

static int components(const char *text, kern_return_t *error)
{
	struct file_path path = {.rest = text};
	int count = 0;
	while (file_path_next(&path))
		count++;
	*error = path.error;
	return count;
}

TEST(file_paths_are_walked)
{
	static const struct {
		const char *path;
		int count;
		kern_return_t error;
	} cases[] = {
		{"", 0, KERN_SUCCESS},	  {"a", 1, KERN_SUCCESS},   {"a/bc/d", 3, KERN_SUCCESS}, {"/a", 0, FILE_BAD_NAME},
		{"a/", 1, FILE_BAD_NAME}, {"a//b", 1, FILE_BAD_NAME}, {"a/../b", 1, FILE_BAD_NAME}, {".", 0, FILE_BAD_NAME},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		kern_return_t error;
		CHECK_EQ(components(cases[i].path, &error), cases[i].count);
		CHECK_EQ(error, cases[i].error);
	}
}

TEST(file_paths_are_cleaned)
{
	static const char *const cases[][3] = {
		{"/", "a", "/a"},	 {"/tmp", "a//b/./c", "/tmp/a/b/c"}, {"/tmp/x", "../y", "/tmp/y"},
		{"/tmp", "../../..", "/"}, {"/tmp", "/", "/"},		     {"/tmp", "/boot/", "/boot"},
		{"/tmp", "", "/tmp"},
	};
	char out[FILE_PATH_MAX + 1], longest[FILE_PATH_MAX + 2];
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		CHECK_EQ(file_path_clean(cases[i][0], cases[i][1], out), KERN_SUCCESS);
		CHECK(strcmp(out, cases[i][2]) == 0);
	}
	memset(longest, 'p', sizeof(longest));
	longest[sizeof(longest) - 1] = 0;
	for (size_t i = 100; i < sizeof(longest) - 1; i += 100)
		longest[i] = '/';
	CHECK_EQ(file_path_clean("/", longest, out), FILE_NAME_TOO_LONG);
	CHECK_EQ(file_path_clean("/", longest + 2, out), KERN_SUCCESS);
}

TEST(file_entries_are_packed_and_taken)
{
	uint8_t bytes[100];
	size_t used = 0, at = 0;
	char name[FILE_NAME_MAX + 1];
	kern_return_t error;
	struct file_entry entry = {.node = 7, .type = FILE_TYPE_FILE, .name_length = 5}, got;
	CHECK(file_entry_put(bytes, sizeof(bytes), &used, &entry, "hello"));
	CHECK_EQ(used, 40);
	CHECK(file_entry_put(bytes, sizeof(bytes), &used, &entry, "world"));
	CHECK(!file_entry_put(bytes, sizeof(bytes), &used, &entry, "again"));
	CHECK(file_entry_take(bytes, used, &at, &got, name, &error));
	CHECK(file_entry_take(bytes, used, &at, &got, name, &error));
	CHECK(strcmp(name, "world") == 0 && got.node == 7);
	CHECK(!file_entry_take(bytes, used, &at, &got, name, &error));
	CHECK_EQ(error, KERN_SUCCESS);
	at = 0;
	CHECK(!file_entry_take(bytes, 39, &at, &got, name, &error));
	CHECK_EQ(error, FILE_DAMAGED);
	bytes[sizeof(struct file_entry)] = '/';
	at = 0;
	CHECK(!file_entry_take(bytes, used, &at, &got, name, &error));
	CHECK_EQ(error, FILE_DAMAGED);
}
