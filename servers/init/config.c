// SPDX-License-Identifier: MIT
// init's configuration as a whole; see config.h.
#include "config.h"

#include <gila/file_name.h>
#include <gila/loader.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const root_keys[] = {"seat", "shell", "mounts", NULL};

void config_complain_error(struct config *config, const struct config_world *world, const char *what, const char *name,
			   const struct toml_error *error)
{
	char line[512];
	snprintf(line, sizeof(line), "%s:%u:%u: %s%s%s%s", world->file, error->line, error->column, what, name,
		 *what ? ": " : "", error->message);
	config->complaints++;
	world->complain(line, world->context);
}

void config_complain(struct config *config, const struct config_world *world, const struct config_seat *seat,
		     const char *text)
{
	struct toml_error error = {.line = toml_line(seat->where), .column = toml_column(seat->where)};
	snprintf(error.message, sizeof(error.message), "%s", text);
	config_complain_error(config, world, "seat ", seat->name, &error);
}

void config_complain_driver(struct config *config, const struct config_world *world, const struct config_driver *driver,
			    const char *compatible, const char *text)
{
	const struct toml_value *where = driver->seat.where;
	struct toml_error error = {.line = toml_line(where), .column = toml_column(where)};
	snprintf(error.message, sizeof(error.message), "%s", text);
	config_complain_error(config, world, "driver ", compatible ? compatible : config_driver_compatible(driver, 0), &error);
}

// A seat that is good is put at *end, else complained of and left out. Returns the new end.
static struct config_seat **add_seat(struct config *config, const struct config_world *world,
				     const struct toml_value *table, const char *name, struct config_seat **end)
{
	struct toml_error error;
	const struct toml_value *mounts = toml_get(toml_root(config->document), "mounts");
	struct config_seat *seat = calloc(1, sizeof(*seat));
	if (!seat) {
		error = (struct toml_error){toml_line(table), toml_column(table), "no memory"};
	} else if (toml_expect(table, TOML_TABLE, &error) && config_read_seat(world, mounts, table, name, seat, &error)) {
		*end = seat;
		return &seat->next;
	}
	config_complain_error(config, world, "seat ", name, &error);
	free(seat);
	return end;
}

static void read_seats(struct config *config, const struct config_world *world)
{
	const struct toml_value *seats = NULL;
	struct toml_error error;
	struct config_seat **end = &config->seats;
	if (!toml_get_table(toml_root(config->document), "seat", &seats, &error)) {
		config_complain_error(config, world, "", "", &error);
		return;
	}
	for (const struct toml_value *table = toml_first(seats); table; table = toml_next(table)) {
		size_t length;
		const char *name = toml_key(table, &length);
		if (strlen(name) != length || strcmp(name, CONFIG_SHELL_SEAT) == 0) {
			toml_error_at(&error, table, "this name cannot be used; the shell has a table of its own, [shell]");
			config_complain_error(config, world, "", "", &error);
		} else {
			end = add_seat(config, world, table, name, end);
		}
	}
}

static const struct config_seat *find_among(const struct config_seat *seat, const char *name)
{
	while (seat && strcmp(seat->name, name) != 0)
		seat = seat->next;
	return seat;
}

static const struct config_seat *find_seat(const struct config *config, const char *name)
{
	return find_among(config->seats, name);
}

// One mount: "/path" = "seat". Appends it to the table.
static bool read_mount(struct config *config, const struct toml_value *value, struct toml_error *error)
{
	char clean[FILE_PATH_MAX + 1], entry[FILE_PATH_MAX + SEAT_NAME_MAX + 4];
	size_t length, used = strlen(config->mounts);
	const char *path = toml_key(value, &length), *seat;
	if (strlen(path) != length || path[0] != '/' || file_path_clean("/", path, clean) || strcmp(path, clean) != 0 ||
	    strpbrk(path, ":="))
		return toml_error_at(error, value, "not a clean absolute path without \":\" and \"=\"");
	if (!toml_as_string(value, &seat, NULL, error))
		return false;
	if (find_among(config->absent, seat))
		return true; // nothing is mounted there without its device
	if (!config_name_valid(seat, false) || !find_seat(config, seat))
		return toml_error_at(error, value, "there is no such seat");
	if (strcmp(path, "/") == 0)
		config->root_seat = seat;
	int size = snprintf(entry, sizeof(entry), "%s%s=%s", used > 0 ? ":" : "", path, seat);
	// GILA_MOUNTS= goes before it.
	if ((size_t)size + used + sizeof("GILA_MOUNTS=") > sizeof(config->mounts))
		return toml_error_at(error, value, "too many mounts");
	memcpy(config->mounts + used, entry, (size_t)size + 1);
	return true;
}

static void read_mounts(struct config *config, const struct config_world *world)
{
	const struct toml_value *mounts = NULL;
	struct toml_error error;
	if (!toml_get_table(toml_root(config->document), "mounts", &mounts, &error))
		config_complain_error(config, world, "", "", &error);
	for (const struct toml_value *value = toml_first(mounts); value; value = toml_next(value))
		if (!read_mount(config, value, &error))
			config_complain_error(config, world, "", "", &error);
}

// KIND/NUMBER: the kernel makes such seats if it has devices for them (docs/drivers.md), and this image may run where it has none.
static bool is_of_device(const char *name)
{
	const char *number = strrchr(name, '/');
	return number && number[1] && strspn(number + 1, "0123456789") == strlen(number + 1);
}

// A name without * that nobody will ever answer is a slip of the pen.
static void check_uses(struct config *config, const struct config_world *world, const struct config_seat *seat)
{
	for (const struct toml_value *value = toml_first(seat->uses); value; value = toml_next(value)) {
		struct toml_error error;
		const char *name;
		if (!toml_as_string(value, &name, NULL, &error) || strchr(name, '*') || strncmp(name, "kernel/", 7) == 0 ||
		    is_of_device(name) || find_seat(config, name))
			continue;
		toml_error_at(&error, value, "there is no such seat (it is granted all the same)");
		config_complain_error(config, world, "seat ", seat->name, &error);
	}
}

// A program that is a file is fetched by a seat of its own.
static void check_loader(struct config *config, const struct config_world *world, const struct config_seat *seat)
{
	if ((seat->head.flags & SEAT_PROGRAM_FILE) && !find_seat(config, LOADER_SEAT))
		config_complain(config, world, seat, "its program is a file, and there is no seat " LOADER_SEAT " to fetch it");
}

bool config_read(struct config *config, const char *text, size_t length, const struct config_world *world)
{
	struct toml_error error;
	const struct toml_value *shell;
	memset(config, 0, sizeof(*config));
	config->document = toml_parse(text, length, &error);
	if (!config->document) {
		config_complain_error(config, world, "", "", &error);
		return false;
	}
	if (!toml_check_keys(toml_root(config->document), root_keys, &error))
		config_complain_error(config, world, "", "", &error);
	read_seats(config, world);
	read_mounts(config, world);
	shell = toml_need(toml_root(config->document), "shell", &error);
	if (!shell)
		config_complain_error(config, world, "", "", &error);
	else
		add_seat(config, world, shell, CONFIG_SHELL_SEAT, &config->shell);
	for (const struct config_seat *seat = config->seats; seat; seat = seat->next) {
		check_uses(config, world, seat);
		check_loader(config, world, seat);
	}
	if (config->shell) {
		check_loader(config, world, config->shell);
		return true;
	}
	config_free(config);
	return false;
}

void config_drop_absent(struct config *config, const struct config_world *world)
{
	for (struct config_seat **at = &config->seats; *at;) {
		struct config_seat *seat = *at;
		if (!seat->if_device || world->device_exists(seat->if_device, world->context)) {
			at = &seat->next;
			continue;
		}
		*at = seat->next;
		seat->next = config->absent;
		config->absent = seat;
	}
	const struct toml_value *mounts = toml_get(toml_root(config->document), "mounts");
	struct toml_error ignored; // complained of by config_read
	config->mounts[0] = 0;
	config->root_seat = NULL;
	for (const struct toml_value *value = toml_first(mounts); value; value = toml_next(value))
		(void)!read_mount(config, value, &ignored);
}

static void free_seats(struct config_seat **seats)
{
	while (*seats) {
		struct config_seat *next = (*seats)->next;
		free(*seats);
		*seats = next;
	}
}

void config_free(struct config *config)
{
	free_seats(&config->seats);
	free_seats(&config->absent);
	free(config->shell);
	config->shell = NULL;
	while (config->drivers) {
		struct config_driver *next = config->drivers->next;
		free(config->drivers);
		config->drivers = next;
	}
	toml_free(config->document);
	toml_free(config->drivers_document);
	config->document = config->drivers_document = NULL;
}

// ---- Packing -----------------------------------------------------------------------------------------------------------

static const char *string_of(const struct toml_value *value)
{
	const char *text;
	return toml_as_string(value, &text, NULL, NULL) ? text : ""; // config_read_recipe let only strings pass
}

// Of the root's server the device can be replaced (--root).
static void pack_argument(const struct config *config, const struct config_seat *seat, struct gila_recipe *recipe, const char *text)
{
	char device[SEAT_RECIPE_MAX];
	bool is_root = config->root_seat && strcmp(config->root_seat, seat->name) == 0;
	if (is_root && config->root_device && strncmp(text, "device=", 7) == 0) {
		snprintf(device, sizeof(device), "device=%s", config->root_device);
		text = device;
	}
	gila_recipe_argument(recipe, text);
}

size_t config_pack(const struct config *config, const struct config_seat *seat, const char *const *extra,
		   struct gila_recipe *recipe)
{
	gila_recipe_begin(recipe, &seat->head, seat->name, seat->program);
	for (const struct toml_value *value = toml_first(seat->arguments); value; value = toml_next(value))
		pack_argument(config, seat, recipe, string_of(value));
	for (; extra && *extra; extra++)
		gila_recipe_argument(recipe, *extra);
	for (const struct toml_value *value = toml_first(seat->environment); value; value = toml_next(value))
		gila_recipe_variable(recipe, toml_key(value, NULL), string_of(value));
	if (!toml_get(seat->environment, "GILA_MOUNTS"))
		gila_recipe_variable(recipe, "GILA_MOUNTS", config->mounts);
	for (const struct toml_value *value = toml_first(seat->uses); value; value = toml_next(value))
		gila_recipe_use(recipe, string_of(value));
	return gila_recipe_end(recipe);
}
