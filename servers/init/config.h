// SPDX-License-Identifier: MIT
// init's configuration: what /system/cfg/init.toml and drivers.toml say, as recipes for the kernel.
//
// config_read checks everything there is to check without the kernel and complains with file:line:column; one bad seat does
// not spoil the others. docs/boot.md describes the keys. The configuration owns its strings; config_free drops all.
#ifndef INIT_CONFIG_H
#define INIT_CONFIG_H

#include <gila/recipe.h>
#include <lib/toml/toml.h>
#include <stdbool.h>
#include <stddef.h>

#define CONFIG_SHELL_SEAT "shell"
#define CONFIG_MOUNTS_SIZE 4096u

struct config_seat {
	struct config_seat *next;        // in the order of the file
	const char *name, *program;
	const struct toml_value *where;  // for complaints
	struct seat_recipe_head head;    // counts are filled in by config_pack
	const struct toml_value *arguments, *environment, *uses; // checked; NULL: none
	const char *if_device;           // NULL: always
};

// Lines of the compatibility list that have one recipe.
struct config_driver {
	struct config_driver *next;          // in the order of the file
	struct config_seat seat;             // its name is the kind
	const struct toml_value *compatible; // checked: a string or a list of strings
};

// What the configuration is checked against, and where complaints go.
struct config_world {
	const char *file; // for complaints
	bool (*program_exists)(const char *path, void *context); // in the boot archive
	bool (*device_exists)(const char *seat, void *context);  // one whose driver has that seat
	void (*complain)(const char *line, void *context);
	void *context;
};

struct config {
	struct toml_document *document;
	struct config_seat *seats;       // without the shell
	struct config_seat *absent;      // that are not there because their device is not
	struct config_seat *shell;
	struct toml_document *drivers_document; // NULL: none was read
	struct config_driver *drivers;
	char mounts[CONFIG_MOUNTS_SIZE]; // GILA_MOUNTS=...
	const char *root_seat;           // what is mounted at /, or NULL
	const char *root_device;         // what its argument device= is to be instead, or NULL; set by the caller before config_pack
	unsigned complaints;
};

// False: the file cannot be used at all (complained of); true: config->seats and ->shell are what is good in it, the shell
// always there.
bool config_read(struct config *config, const char *text, size_t length, const struct config_world *world)
	__attribute__((warn_unused_result));
// Leaves out the seats whose device (if_device) is not there, and what they serve. To be called once the drivers are registered, for
// these give devices their seats.
void config_drop_absent(struct config *config, const struct config_world *world);
void config_free(struct config *config);

// Packs the recipe of a seat. `extra`: more arguments, ends with NULL, or NULL. Its size; 0: it does not fit.
size_t config_pack(const struct config *config, const struct config_seat *seat, const char *const *extra,
		   struct gila_recipe *recipe);

// Complains about the seat: FILE:LINE:COLUMN: seat NAME: text.
void config_complain(struct config *config, const struct config_world *world, const struct config_seat *seat,
		     const char *text);

// FILE:LINE:COLUMN: WHAT NAME: text.
void config_complain_error(struct config *config, const struct config_world *world, const char *what, const char *name,
			   const struct toml_error *error);

// ---- config_driver.c ---------------------------------------------------------------------------------------------------

// Reads the compatibility list into config->drivers, after config_read. What is wrong is complained of and left out.
void config_read_drivers(struct config *config, const char *text, size_t length, const struct config_world *world);
// Compatible string `index` of the driver; NULL: there are not so many.
const char *config_driver_compatible(const struct config_driver *driver, size_t index);
// FILE:LINE:COLUMN: driver COMPATIBLE: text. compatible NULL: the first one.
void config_complain_driver(struct config *config, const struct config_world *world, const struct config_driver *driver,
			    const char *compatible, const char *text);

// ---- config_seat.c -----------------------------------------------------------------------------------------------------

// Reads one seat's table; `mounts` (NULL: none) says which programs can be files. False with *error filled.
bool config_read_seat(const struct config_world *world, const struct toml_value *mounts, const struct toml_value *table,
		      const char *name, struct config_seat *seat, struct toml_error *error) __attribute__((warn_unused_result));
// Only what a recipe needs: all but the name, and keys are not checked.
bool config_read_recipe(const struct config_world *world, const struct toml_value *mounts, const struct toml_value *table,
			struct config_seat *seat, struct toml_error *error) __attribute__((warn_unused_result));
bool config_name_valid(const char *text, bool pattern);

#endif
