// SPDX-License-Identifier: MIT
// Tests of what consumers call: walking, positions, paths, typed values, and the errors that name a value.
#include "toml_test.h"

#include <gila/test.h>

static const char recipe[] = "# a recipe as init reads it\n"              // 1
			     "version = 1\n"                                // 2
			     "\n"                                           // 3
			     "[seat.\"fs/root\"]\n"                         // 4
			     "program = \"/system/bin/ext2\"\n"             // 5
			     "uses = [\"blk/*\", 'console', 3]\n"           // 6
			     "start = 'demand'\n"                           // 7
			     "restart.first = 0.5\n"                        // 8
			     "  restart.cap = \"30s\"\n"                    // 9
			     "heartbeat = true\n"                           // 10
			     "since = 2024-01-02T03:04:05.006-01:30\n"      // 11
			     "limits = { ports = 70_000, nul = \"a\\u0000b\" }\n" // 12
			     "[[mount]]\n"                                  // 13
			     "at = '/tmp'\n"                                // 14
			     "  [[mount]]\n"                                // 15
			     "at = '/boot'\n";                              // 16

static struct toml_document *document;
static struct toml_error error;

// The table of the seat in a fresh parse of the recipe; the caller frees `document`.
static const struct toml_value *open_seat(void)
{
	memset(&error, 0xee, sizeof error);
	document = parse_bytes(recipe, sizeof recipe - 1, &error);
	return document ? toml_get(toml_get(toml_root(document), "seat"), "fs/root") : NULL;
}

static bool stands_at(const struct toml_value *value, unsigned line, unsigned column, unsigned key_line, unsigned key_column)
{
	if (value && toml_line(value) == line && toml_column(value) == column && toml_key_line(value) == key_line &&
	    toml_key_column(value) == key_column)
		return true;
	if (value)
		printf("stands at %u:%u, key at %u:%u\n", toml_line(value), toml_column(value), toml_key_line(value),
		       toml_key_column(value));
	return false;
}

TEST(toml_read_walks_in_file_order)
{
	CHECK(open_seat() != NULL);
	const struct toml_value *value = toml_first(toml_root(document));
	static const char *const keys[] = {"version", "seat", "mount"};
	for (int i = 0; i < 3; i++, value = toml_next(value)) {
		size_t length = 0;
		CHECK(value && strcmp(toml_key(value, &length), keys[i]) == 0);
		CHECK_EQ(length, strlen(keys[i]));
		CHECK(toml_parent(value) == toml_root(document));
	}
	CHECK(!value);
	CHECK_EQ(toml_count(toml_root(document)), 3);
	const struct toml_value *mounts = toml_get(toml_root(document), "mount");
	CHECK_EQ(toml_type(mounts), TOML_ARRAY);
	CHECK_EQ(toml_count(mounts), 2);
	CHECK(toml_at(mounts, 0) == toml_first(mounts) && toml_at(mounts, 1) == toml_next(toml_first(mounts)));
	CHECK(!toml_at(mounts, 2) && !toml_key(toml_at(mounts, 0), NULL));
	toml_free(document);
}

TEST(toml_read_of_what_is_not_there)
{
	const struct toml_value *seat = open_seat();
	CHECK(seat != NULL);
	CHECK(!toml_get(seat, "none") && !toml_get(NULL, "none") && !toml_get(toml_get(seat, "uses"), "none"));
	CHECK(!toml_first(NULL) && !toml_first(toml_get(seat, "program")) && !toml_at(NULL, 0));
	CHECK(toml_count(NULL) == 0 && toml_count(toml_get(seat, "program")) == 0);
	CHECK(!toml_key(toml_root(document), NULL) && !toml_parent(toml_root(document)));
	CHECK(!toml_get_bytes(seat, "program", 4) && toml_get_bytes(seat, "programs", 7));
	toml_free(document);
	toml_free(NULL);
}

TEST(toml_read_positions)
{
	const struct toml_value *seat = open_seat();
	CHECK(stands_at(toml_root(document), 1, 1, 1, 1));
	CHECK(stands_at(toml_get(toml_root(document), "version"), 2, 11, 2, 1));
	CHECK(stands_at(toml_get(toml_root(document), "seat"), 4, 2, 4, 2));
	CHECK(stands_at(seat, 4, 7, 4, 7));
	CHECK(stands_at(toml_get(seat, "program"), 5, 11, 5, 1));
	CHECK(stands_at(toml_at(toml_get(seat, "uses"), 1), 6, 18, 6, 18));
	CHECK(stands_at(toml_get(seat, "restart"), 8, 1, 8, 1));
	CHECK(stands_at(toml_get(toml_get(seat, "restart"), "cap"), 9, 17, 9, 11));
	CHECK(stands_at(toml_get(toml_get(seat, "limits"), "nul"), 12, 34, 12, 28));
	CHECK(stands_at(toml_get(toml_root(document), "mount"), 13, 3, 13, 3));
	CHECK(stands_at(toml_at(toml_get(toml_root(document), "mount"), 1), 15, 5, 15, 5));
	toml_free(document);
	// A table that is first passed through and defined later stands where it is defined; columns count characters.
	document = parse("[a.b]\n\n[a]\n'\u00e9\u20ac'\t=\t'\U0001f600' # x\nm = '''\u00e9\n\n''' # \nn = 1");
	CHECK(stands_at(toml_get(toml_root(document), "a"), 3, 2, 3, 2));
	CHECK(stands_at(toml_get(toml_get(toml_root(document), "a"), "\u00e9\u20ac"), 4, 8, 4, 1));
	CHECK(stands_at(toml_get(toml_get(toml_root(document), "a"), "n"), 8, 5, 8, 1));
	toml_free(document);
}

TEST(toml_read_typed_values)
{
	const struct toml_value *seat = open_seat(), *list = NULL;
	const char *text = "default";
	int64_t integer = -1;
	double real = -1;
	bool boolean = false;
	size_t length = 0;
	struct toml_datetime datetime;
	CHECK(toml_get_string(seat, "program", &text, &error) && strcmp(text, "/system/bin/ext2") == 0);
	CHECK(toml_get_integer(toml_root(document), "version", 1, 1, &integer, &error) && integer == 1);
	CHECK(toml_get_float(toml_get(seat, "restart"), "first", &real, &error) && real == 0.5);
	CHECK(toml_get_float(toml_root(document), "version", &real, &error) && real == 1.0);
	CHECK(toml_get_boolean(seat, "heartbeat", &boolean, &error) && boolean);
	CHECK(toml_get_array(seat, "uses", &list, &error) && toml_count(list) == 3);
	CHECK(toml_get_table(seat, "limits", &list, &error) && toml_count(list) == 2);
	CHECK(toml_as_string(toml_get(list, "nul"), &text, &length, &error) && length == 3 && memcmp(text, "a\0b", 4) == 0);
	CHECK(toml_get_datetime(seat, "since", &datetime, &error));
	CHECK(datetime.year == 2024 && datetime.month == 1 && datetime.day == 2 && datetime.hour == 3);
	CHECK(datetime.minute == 4 && datetime.second == 5 && datetime.nanosecond == 6000000);
	CHECK(datetime.offset_minutes == -90 && toml_type(toml_get(seat, "since")) == TOML_OFFSET_DATETIME);
	CHECK_EQ(error.line, 0xeeeeeeee); // untouched by success
	toml_free(document);
}

TEST(toml_read_missing_keys_leave_the_default)
{
	const struct toml_value *seat = open_seat(), *list = seat;
	const char *text = "default";
	int64_t integer = 7;
	double real = 7;
	bool boolean = true;
	unsigned choice = 7;
	struct toml_datetime datetime = {.year = 7};
	static const char *const choices[] = {"a", NULL};
	CHECK(toml_get_string(seat, "x", &text, &error) && strcmp(text, "default") == 0);
	CHECK(toml_get_integer(seat, "x", 0, 0, &integer, &error) && integer == 7);
	CHECK(toml_get_float(seat, "x", &real, &error) && real == 7);
	CHECK(toml_get_boolean(seat, "x", &boolean, &error) && boolean);
	CHECK(toml_get_choice(seat, "x", choices, &choice, &error) && choice == 7);
	CHECK(toml_get_datetime(seat, "x", &datetime, &error) && datetime.year == 7);
	CHECK(toml_get_array(seat, "x", &list, &error) && toml_get_table(seat, "x", &list, &error) && list == seat);
	CHECK_EQ(error.line, 0xeeeeeeee);
	toml_free(document);
}

TEST(toml_read_wrong_types_are_named)
{
	const struct toml_value *seat = open_seat(), *list = NULL;
	const struct toml_value *uses = toml_get(seat, "uses"), *restart = toml_get(seat, "restart");
	const char *text = NULL;
	int64_t integer = 7;
	double real = 7;
	bool boolean = true;
	struct toml_datetime datetime = {.year = 7};
	CHECK(!toml_get_integer(restart, "cap", 0, 9, &integer, &error));
	CHECK(error_is(&error, 9, 17, "seat.\"fs/root\".restart.cap: expected an integer, found a string"));
	CHECK(!toml_as_string(toml_at(uses, 2), &text, NULL, &error));
	CHECK(error_is(&error, 6, 29, "seat.\"fs/root\".uses[2]: expected a string, found an integer"));
	CHECK(!toml_get_boolean(toml_root(document), "version", &boolean, &error));
	CHECK(error_is(&error, 2, 11, "version: expected a boolean, found an integer"));
	CHECK(!toml_get_float(seat, "heartbeat", &real, &error));
	CHECK(error_is(&error, 10, 13, "seat.\"fs/root\".heartbeat: expected a float, found a boolean"));
	CHECK(!toml_get_datetime(seat, "limits", &datetime, &error));
	CHECK(error_is(&error, 12, 10, "seat.\"fs/root\".limits: expected a date or time, found a table"));
	CHECK(!toml_get_array(seat, "since", &list, &error));
	CHECK(error_is(&error, 11, 9, "seat.\"fs/root\".since: expected an array, found a date and time with offset"));
	CHECK(!toml_get_table(toml_root(document), "mount", &list, &error));
	CHECK(error_is(&error, 13, 3, "mount: expected a table, found an array"));
	CHECK(!toml_get_string(toml_get(seat, "limits"), "nul", &text, &error));
	CHECK(error_is(&error, 12, 34,
		       "seat.\"fs/root\".limits.nul: expected a string without NUL characters, found one with \\u0000"));
	CHECK(!toml_expect(toml_root(document), TOML_ARRAY, &error));
	CHECK(error_is(&error, 1, 1, "expected an array, found a table"));
	CHECK(!text && integer == 7 && real == 7 && boolean && datetime.year == 7 && !list);
	CHECK(!toml_get_integer(restart, "cap", 0, 9, &integer, NULL));
	toml_free(document);
}

TEST(toml_read_ranges_and_choices)
{
	const struct toml_value *seat = open_seat(), *limits = toml_get(seat, "limits");
	static const char *const choices[] = {"boot", "demand", NULL}, *const others[] = {"never", "boot", "sometimes", NULL};
	static const char *const one[] = {"never", NULL};
	int64_t integer = 7;
	unsigned choice = 7;
	CHECK(toml_get_integer(limits, "ports", 70000, 70000, &integer, &error) && integer == 70000);
	CHECK(!toml_get_integer(limits, "ports", 1, 65536, &integer, &error));
	CHECK(error_is(&error, 12, 20, "seat.\"fs/root\".limits.ports: expected an integer from 1 to 65536, found 70000"));
	CHECK(!toml_get_integer(limits, "ports", 70001, INT64_MAX, &integer, &error));
	CHECK(error_is(&error, 12, 20, "seat.\"fs/root\".limits.ports: expected an integer from 70001 to "
				       "9223372036854775807, found 70000"));
	CHECK(toml_get_choice(seat, "start", choices, &choice, &error) && choice == 1);
	CHECK(!toml_get_choice(seat, "start", others, &choice, &error) && choice == 1);
	CHECK(error_is(&error, 7, 9,
		       "seat.\"fs/root\".start: expected \"never\", \"boot\" or \"sometimes\", found \"demand\""));
	CHECK(!toml_get_choice(seat, "start", one, &choice, &error));
	CHECK(error_is(&error, 7, 9, "seat.\"fs/root\".start: expected \"never\", found \"demand\""));
	CHECK(!toml_get_choice(seat, "heartbeat", one, &choice, &error));
	CHECK(error_is(&error, 10, 13, "seat.\"fs/root\".heartbeat: expected a string, found a boolean"));
	toml_free(document);
}

TEST(toml_read_needed_and_known_keys)
{
	const struct toml_value *seat = open_seat();
	static const char *const known[] = {"program", "uses", "start", "restart", "heartbeat", "since", "limits", NULL};
	CHECK(toml_need(seat, "program", &error) == toml_get(seat, "program"));
	CHECK(!toml_need(seat, "rights", &error));
	CHECK(error_is(&error, 4, 7, "seat.\"fs/root\": expected key \"rights\", found none"));
	CHECK(!toml_need(toml_root(document), "console", &error));
	CHECK(error_is(&error, 1, 1, "expected key \"console\", found none"));
	CHECK(!toml_need(toml_get(seat, "uses"), "x", &error));
	CHECK(error_is(&error, 6, 8, "seat.\"fs/root\".uses: expected a table, found an array"));
	CHECK(toml_check_keys(seat, known, &error));
	CHECK(!toml_check_keys(seat, known + 1, &error));
	CHECK(error_is(&error, 5, 1, "seat.\"fs/root\".program: this key is not known here"));
	CHECK(!toml_check_keys(toml_get(seat, "restart"), known, &error));
	CHECK(error_is(&error, 8, 9, "seat.\"fs/root\".restart.first: this key is not known here"));
	static const char *const longer[] = {"firsts", "cap", NULL};
	CHECK(!toml_check_keys(toml_get(seat, "restart"), longer, &error));
	CHECK(error_is(&error, 8, 9, "seat.\"fs/root\".restart.first: this key is not known here"));
	CHECK(!toml_check_keys(toml_get(seat, "uses"), known, &error));
	CHECK(error_is(&error, 6, 8, "seat.\"fs/root\".uses: expected a table, found an array"));
	CHECK(!toml_error_at(&error, toml_at(toml_get(toml_root(document), "mount"), 1), "expected a place that is free"));
	CHECK(error_is(&error, 15, 5, "mount[1]: expected a place that is free"));
	toml_free(document);
}

TEST(toml_read_paths)
{
	char path[64];
	document = parse("'a b'.\"\" = [[0, {\"\\n\\\"\\u007f\" = 1}]]\n'\u00e9\u20ac\U0001f600' = 1");
	const struct toml_value *deep = toml_at(toml_at(toml_get(toml_first(toml_root(document)), ""), 0), 1);
	CHECK_EQ(toml_path(toml_first(deep), path, sizeof path), strlen(path));
	CHECK(strcmp(path, "\"a b\".\"\"[0][1].\"\\u000a\\\"\\u007f\"") == 0);
	CHECK(toml_path(toml_root(document), path, sizeof path) == 0 && path[0] == 0);
	CHECK(toml_path(deep, path, 8) == 7 && strcmp(path, "\"a b\".\"") == 0);
	CHECK(toml_path(deep, path, 1) == 0 && path[0] == 0);
	CHECK(toml_path(deep, path, 0) == 0);
	// A cut never falls inside a character.
	const struct toml_value *last = toml_next(toml_first(toml_root(document)));
	for (size_t size = 1; size < 14; size++) {
		size_t length = toml_path(last, path, size);
		CHECK(length == 0 || length == 1 || length == 3 || length == 6 || length == 10 || length == 11);
		CHECK(length < size && path[length] == 0);
	}
	toml_free(document);
}

TEST(toml_read_long_messages_are_cut)
{
	char text[600], key[401];
	memset(key, 'k', 400);
	key[400] = 0;
	snprintf(text, sizeof text, "%s.b = 1", key);
	document = parse(text);
	CHECK(!toml_expect(toml_first(toml_first(toml_root(document))), TOML_TABLE, &error));
	CHECK(error_is(&error, 1, 406, "\"kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk...\".b: expected a table, found an "
				       "integer"));
	toml_free(document);
	snprintf(text, sizeof text, "%.30s.%.30s.%.30s.b = 1", key, key, key);
	document = parse(text);
	const struct toml_value *value = toml_first(toml_first(toml_first(toml_first(toml_root(document)))));
	CHECK(!toml_expect(value, TOML_TABLE, &error));
	CHECK(error_is(&error, 1, 98, "kkkkkkkkkkkkkkkkkkkkkkkkkkkkkk.kkkkkkkkkkkkkkkkkkkkkkkkkkkkkk."
				      "kkkkkkkkkkkkkkkkkkkkkkkkkkkkk...: expected a table, found an integer"));
	CHECK(!toml_error_at(&error, value, "\u00e9\u00e9\u00e9 a message that is so long that it cannot stand in full behind "
					    "its path"));
	CHECK(strlen(error.message) >= sizeof error.message - 8 && strlen(error.message) < sizeof error.message);
	CHECK(strcmp(error.message + strlen(error.message) - 3, "...") == 0);
	toml_free(document);
	snprintf(text, sizeof text, "%s", key);
	CHECK(rejects(text, 1, 401, "expected '=' after key \"kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk...\", found end "
				    "of file"));
}

TEST(toml_read_type_names)
{
	CHECK(strcmp(toml_type_name(TOML_STRING), "a string") == 0);
	CHECK(strcmp(toml_type_name(TOML_LOCAL_DATETIME), "a date and time") == 0);
	CHECK(strcmp(toml_type_name(TOML_LOCAL_DATE), "a date") == 0);
	CHECK(strcmp(toml_type_name(TOML_LOCAL_TIME), "a time") == 0);
	CHECK(strcmp(toml_type_name(TOML_FLOAT), "a float") == 0);
}
