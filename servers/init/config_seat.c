// SPDX-License-Identifier: MIT
// One seat of the configuration: every key checked where it stands.
#include "config.h"

#include <ctype.h>
#include <gila/device.h>
#include <gila/file_name.h>
#include <gila/loader.h>
#include <gila/size.h>
#include <stdio.h>
#include <string.h>

static const char *const seat_keys[] = {"program", "arguments", "environment", "uses",	 "start",  "restart",
					"ready_within", "heartbeat", "limits", "terminal", "if_device", NULL};
static const char *const restart_keys[] = {"when", "first", "factor", "cap", "reset", NULL};
static const char *const heartbeat_keys[] = {"interval", "timeout", "answers", NULL};
static const char *const limit_keys[] = {"memory", "kernel", "threads", "ports", "messages", "rights", NULL};

bool config_name_valid(const char *text, bool pattern)
{
	size_t length = strlen(text);
	if (length == 0 || length > SEAT_NAME_MAX || text[length - 1] == '/' || strstr(text, "//"))
		return false;
	if (!isalnum((unsigned char)text[0]) && !(pattern && text[0] == '*'))
		return false;
	for (const char *at = text; *at; at++)
		if (!isalnum((unsigned char)*at) && !strchr("._-+:@,/", *at) && !(pattern && *at == '*'))
			return false;
	return true;
}

static bool get_duration(const struct toml_value *table, const char *key, uint64_t *out, struct toml_error *error)
{
	const struct toml_value *value = toml_get(table, key);
	const char *text;
	uint64_t time;
	if (!value)
		return true;
	if (!toml_as_string(value, &text, NULL, error))
		return false;
	if (!gila_duration_parse(text, &time) || time == 0 || time > UINT64_C(31536000000000000))
		return toml_error_at(error, value, "expected a time such as \"250ms\" or \"10s\" (ns, us, ms, s, min, h), at most a year");
	*out = time;
	return true;
}

// An integer, or a string with K, M or G.
static bool get_size(const struct toml_value *table, const char *key, uint64_t *out, struct toml_error *error)
{
	const struct toml_value *value = toml_get(table, key);
	const char *text;
	int64_t number;
	if (!value)
		return true;
	if (toml_type(value) == TOML_INTEGER) {
		if (!toml_as_integer(value, 1, INT64_MAX, &number, error))
			return false;
		*out = (uint64_t)number;
		return true;
	}
	if (!toml_as_string(value, &text, NULL, error))
		return false;
	if (!gila_size_parse(text, out) || *out == 0)
		return toml_error_at(error, value, "expected a size such as 65536 or \"64M\" (K, M, G)");
	return true;
}

static bool get_count(const struct toml_value *table, const char *key, uint32_t *out, struct toml_error *error)
{
	int64_t number = *out;
	if (!toml_get_integer(table, key, 1, UINT32_MAX, &number, error))
		return false;
	*out = (uint32_t)number;
	return true;
}

// A list of strings, each of which `valid` (NULL: any).
static bool get_strings(const struct toml_value *table, const char *key, bool (*valid)(const char *), const char *expected,
			const struct toml_value **out, struct toml_error *error)
{
	*out = NULL;
	if (!toml_get_array(table, key, out, error))
		return false;
	if (toml_count(*out) > SEAT_STRINGS_MAX)
		return toml_error_at(error, *out, "more than 256 strings");
	for (const struct toml_value *value = toml_first(*out); value; value = toml_next(value)) {
		const char *text;
		if (!toml_as_string(value, &text, NULL, error))
			return false;
		if (valid && !valid(text))
			return toml_error_at(error, value, expected);
	}
	return true;
}

static bool is_pattern(const char *text) { return config_name_valid(text, true); }

static bool get_environment(const struct toml_value *table, const struct toml_value **out, struct toml_error *error)
{
	*out = NULL;
	if (!toml_get_table(table, "environment", out, error))
		return false;
	if (toml_count(*out) >= SEAT_STRINGS_MAX)
		return toml_error_at(error, *out, "more than 255 variables");
	for (const struct toml_value *value = toml_first(*out); value; value = toml_next(value)) {
		const char *text;
		size_t length;
		const char *key = toml_key(value, &length);
		if (length == 0 || strlen(key) != length || strchr(key, '='))
			return toml_error_at(error, value, "not the name of a variable");
		if (!toml_as_string(value, &text, NULL, error))
			return false;
	}
	return true;
}

static bool get_restart(const struct toml_value *seat, struct seat_recipe_head *head, struct toml_error *error)
{
	static const char *const choices[] = {"always", "demand", NULL};
	const struct toml_value *table = NULL, *reset;
	unsigned when = (head->flags & SEAT_START_BOOT) ? 0 : 1;
	double factor = 0;
	const char *text;
	if (!toml_get_table(seat, "restart", &table, error))
		return false;
	if (table && (!toml_check_keys(table, restart_keys, error) || !toml_get_choice(table, "when", choices, &when, error) ||
		      !get_duration(table, "first", &head->backoff_initial, error) ||
		      !get_duration(table, "cap", &head->backoff_cap, error) ||
		      !toml_get_float(table, "factor", &factor, error)))
		return false;
	head->flags |= when == 1 ? (uint32_t)SEAT_RESTART_DEMAND : 0;
	if (factor != 0 && !(factor >= 1 && factor <= 1000))
		return toml_error_at(error, toml_get(table, "factor"), "expected a number from 1 to 1000");
	head->backoff_factor = (uint32_t)(factor * 1000);
	reset = toml_get(table, "reset");
	if (reset && toml_type(reset) == TOML_STRING && toml_as_string(reset, &text, NULL, error) && strcmp(text, "always") == 0)
		head->backoff_reset = SEAT_RESET_ALWAYS;
	else if (!get_duration(table, "reset", &head->backoff_reset, error))
		return false;
	if (head->backoff_cap && head->backoff_initial > head->backoff_cap)
		return toml_error_at(error, toml_get(table, "cap"), "smaller than the first wait");
	return true;
}

static bool get_heartbeat(const struct toml_value *seat, struct seat_recipe_head *head, struct toml_error *error)
{
	const struct toml_value *table = NULL;
	if (!toml_get_table(seat, "heartbeat", &table, error))
		return false;
	if (!table)
		return true;
	return toml_check_keys(table, heartbeat_keys, error) && toml_need(table, "interval", error) &&
	       get_duration(table, "interval", &head->heartbeat_interval, error) &&
	       get_duration(table, "timeout", &head->heartbeat_timeout, error) &&
	       get_duration(table, "answers", &head->heartbeat_answers, error);
}

static bool get_limits(const struct toml_value *seat, struct seat_recipe_head *head, struct toml_error *error)
{
	const struct toml_value *table = NULL;
	if (!toml_get_table(seat, "limits", &table, error))
		return false;
	if (!table)
		return true;
	return toml_check_keys(table, limit_keys, error) && get_size(table, "memory", &head->limit_memory, error) &&
	       get_size(table, "kernel", &head->limit_kernel, error) &&
	       get_count(table, "threads", &head->limit_threads, error) &&
	       get_count(table, "ports", &head->limit_ports, error) &&
	       get_count(table, "messages", &head->limit_messages, error) &&
	       get_count(table, "rights", &head->limit_rights, error);
}

// The seat whose files `path` is among: that of the longest mount that is a prefix of it, by whole components. NULL: none.
static const char *find_mount(const struct toml_value *mounts, const char *path)
{
	char clean[FILE_PATH_MAX + 1];
	const char *best = NULL;
	size_t best_length = 0;
	if (!mounts || toml_type(mounts) != TOML_TABLE || file_path_clean("/", path, clean))
		return NULL;
	for (const struct toml_value *value = toml_first(mounts); value; value = toml_next(value)) {
		const char *mount = toml_key(value, NULL), *seat;
		size_t length = strcmp(mount, "/") == 0 ? 0 : strlen(mount);
		if (strncmp(mount, clean, length) != 0 || clean[length] != '/' || (best && length <= best_length) ||
		    !toml_as_string(value, &seat, NULL, NULL))
			continue;
		best = seat;
		best_length = length;
	}
	return best;
}

static bool get_program(const struct config_world *world, const struct toml_value *mounts, const struct toml_value *table,
			struct config_seat *seat, struct toml_error *error)
{
	const struct toml_value *value = toml_need(table, "program", error);
	if (!value || !toml_as_string(value, &seat->program, NULL, error))
		return false;
	if (seat->program[0] != '/' || strlen(seat->program) > SEAT_PROGRAM_MAX)
		return toml_error_at(error, value, "expected an absolute path of at most 255 bytes");
	if (world->program_exists(seat->program, world->context))
		return true;
	const char *server = find_mount(mounts, seat->program);
	char text[SEAT_PROGRAM_MAX + 96];
	if (!server)
		snprintf(text, sizeof(text), "the image has no program %s, and nothing is mounted there", seat->program);
	else if (strcmp(server, seat->name) == 0)
		snprintf(text, sizeof(text), "the image has no program %s, which would be a file that this seat serves itself",
			 seat->program);
	else if (strcmp(seat->name, LOADER_SEAT) == 0)
		snprintf(text, sizeof(text), "the image has no program %s, and the loader cannot fetch itself", seat->program);
	else
		seat->head.flags |= SEAT_PROGRAM_FILE;
	return (seat->head.flags & SEAT_PROGRAM_FILE) || toml_error_at(error, value, text);
}

static bool get_device(const struct toml_value *table, const char **out, struct toml_error *error)
{
	const struct toml_value *value = toml_get(table, "if_device");
	*out = NULL;
	if (!value)
		return true;
	return toml_as_string(value, out, NULL, error) &&
	       (config_name_valid(*out, false) || toml_error_at(error, value, "not the name of a device's seat, such as blk/0"));
}

bool config_read_recipe(const struct config_world *world, const struct toml_value *mounts, const struct toml_value *table,
			struct config_seat *seat, struct toml_error *error)
{
	static const char *const starts[] = {"boot", "demand", NULL};
	unsigned start = 1;
	bool terminal = false;
	seat->head.version = SEAT_RECIPE_VERSION;
	if (!get_program(world, mounts, table, seat, error) ||
	    !get_strings(table, "arguments", NULL, NULL, &seat->arguments, error) ||
	    !get_environment(table, &seat->environment, error) ||
	    !get_device(table, &seat->if_device, error) ||
	    !get_strings(table, "uses", is_pattern, "not a pattern of seat names", &seat->uses, error) ||
	    !toml_get_choice(table, "start", starts, &start, error) || !toml_get_boolean(table, "terminal", &terminal, error))
		return false;
	seat->head.flags |= (start == 0 ? (uint32_t)SEAT_START_BOOT : 0) | (terminal ? (uint32_t)SEAT_TERMINAL : 0);
	return get_restart(table, &seat->head, error) && get_duration(table, "ready_within", &seat->head.start_timeout, error) &&
	       get_heartbeat(table, &seat->head, error) && get_limits(table, &seat->head, error);
}

bool config_read_seat(const struct config_world *world, const struct toml_value *mounts, const struct toml_value *table,
		      const char *name, struct config_seat *seat, struct toml_error *error)
{
	seat->name = name;
	seat->where = table;
	if (!config_name_valid(name, false))
		return toml_error_at(error, table, "not a seat's name: letters, digits and ._-+:@, in components between single slashes, at most 63 bytes");
	if (strncmp(name, "kernel/", 7) == 0)
		return toml_error_at(error, table, "names under kernel/ are the kernel's own");
	if (strncmp(name, DEVICE_ALIAS_PREFIX, strlen(DEVICE_ALIAS_PREFIX)) == 0)
		return toml_error_at(error, table, "names under device/ are those of devices");
	return toml_check_keys(table, seat_keys, error) && config_read_recipe(world, mounts, table, seat, error);
}
