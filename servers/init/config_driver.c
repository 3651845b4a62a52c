// SPDX-License-Identifier: MIT
// The compatibility list, /system/cfg/drivers.toml; see config.h. What is wrong with a line costs that line alone.
#include "config.h"

#include <gila/device.h>
#include <stdlib.h>
#include <string.h>

static const char *const root_keys[] = {"driver", NULL};
static const char *const driver_keys[] = {"compatible", "kind", "program", "arguments", "environment", "uses", "start", "restart",
					  "ready_within", "heartbeat", "limits", NULL};

static bool check_compatible(const struct toml_value *value, struct toml_error *error)
{
	const char *text;
	if (!toml_as_string(value, &text, NULL, error))
		return false;
	size_t length = strlen(text);
	for (const char *at = text; *at; at++)
		if (*at <= ' ' || *at > '~')
			length = 0;
	if (length > 0 && length <= DEVICE_COMPATIBLE_MAX)
		return true;
	return toml_error_at(error, value, "not a compatible string: 1 to 127 visible characters");
}

// A string or a list of them.
static bool read_compatible(const struct toml_value *table, struct config_driver *driver, struct toml_error *error)
{
	const struct toml_value *value = toml_need(table, "compatible", error);
	driver->compatible = value;
	if (!value)
		return false;
	if (toml_type(value) != TOML_ARRAY)
		return check_compatible(value, error);
	if (!toml_first(value))
		return toml_error_at(error, value, "an empty list");
	for (const struct toml_value *one = toml_first(value); one; one = toml_next(one))
		if (!check_compatible(one, error))
			return false;
	return true;
}

static bool read_kind(const struct toml_value *table, struct config_driver *driver, struct toml_error *error)
{
	const struct toml_value *value = toml_need(table, "kind", error);
	if (!value || !toml_as_string(value, &driver->seat.name, NULL, error))
		return false;
	const char *kind = driver->seat.name;
	if (!config_name_valid(kind, false) || strlen(kind) > DEVICE_KIND_MAX || strchr(kind, '/') ||
	    strcmp(kind, "kernel") == 0 || strcmp(kind, "device") == 0)
		return toml_error_at(error, value,
				     "not a kind such as \"blk\": one word of at most 31 letters, digits and ._-+:@,");
	return true;
}

static bool read_driver(const struct config *config, const struct config_world *world, const struct toml_value *table,
			struct config_driver *driver, struct toml_error *error)
{
	const struct toml_document *document = config->document; // NULL in tests
	const struct toml_value *mounts = document ? toml_get(toml_root(document), "mounts") : NULL;
	driver->seat.where = table;
	return toml_expect(table, TOML_TABLE, error) && toml_check_keys(table, driver_keys, error) &&
	       read_compatible(table, driver, error) && read_kind(table, driver, error) &&
	       config_read_recipe(world, mounts, table, &driver->seat, error);
}

static struct config_driver **add_driver(struct config *config, const struct config_world *world,
					 const struct toml_value *table, struct config_driver **end)
{
	struct toml_error error;
	struct config_driver *driver = calloc(1, sizeof(*driver));
	if (!driver) {
		error = (struct toml_error){toml_line(table), toml_column(table), "no memory"};
	} else if (read_driver(config, world, table, driver, &error)) {
		*end = driver;
		return &driver->next;
	}
	config_complain_error(config, world, "", "", &error);
	free(driver);
	return end;
}

void config_read_drivers(struct config *config, const char *text, size_t length, const struct config_world *world)
{
	const struct toml_value *list = NULL;
	struct toml_error error;
	struct config_driver **end = &config->drivers;
	config->drivers_document = toml_parse(text, length, &error);
	if (!config->drivers_document) {
		config_complain_error(config, world, "", "", &error);
		return;
	}
	const struct toml_value *root = toml_root(config->drivers_document);
	if (!toml_check_keys(root, root_keys, &error))
		config_complain_error(config, world, "", "", &error);
	if (!toml_get_array(root, "driver", &list, &error))
		config_complain_error(config, world, "", "", &error);
	for (const struct toml_value *table = toml_first(list); table; table = toml_next(table))
		end = add_driver(config, world, table, end);
}

const char *config_driver_compatible(const struct config_driver *driver, size_t index)
{
	const struct toml_value *value = driver->compatible;
	const char *text;
	if (toml_type(value) == TOML_ARRAY)
		value = toml_at(value, index);
	else if (index > 0)
		value = NULL;
	return value && toml_as_string(value, &text, NULL, NULL) ? text : NULL;
}
