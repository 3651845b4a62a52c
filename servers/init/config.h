// SPDX-License-Identifier: MIT
// init's configuration: what /system/cfg/init.toml says, as recipes for the kernel.
//
// config_read checks everything there is to check without the kernel and complains with file:line:column; one bad seat does
// not spoil the others. docs/boot.md describes the keys. The configuration owns its strings; config_free drops all.
#ifndef INIT_CONFIG_H
#define INIT_CONFIG_H

#include <gila/seat.h>
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
	char mounts[CONFIG_MOUNTS_SIZE]; // GILA_MOUNTS=...
	const char *root_seat;           // what is mounted at /, or NULL
	const char *root_device;         // what its argument device= is to be instead, or NULL; set by the caller before config_pack
	unsigned complaints;
};

// False: the file cannot be used at all (complained of); true: config->seats and ->shell are what is good in it, the shell
// always there.
bool config_read(struct config *config, const char *text, size_t length, const struct config_world *world)
	__attribute__((warn_unused_result));
void config_free(struct config *config);

// The packed recipe (see <gila/seat.h>) of a seat, in SEAT_RECIPE_MAX bytes. `extra`: more arguments, ends with NULL, or
// NULL. 0: it does not fit.
size_t config_pack(const struct config *config, const struct config_seat *seat, const char *const *extra, uint8_t *packed);

// Complains about the seat: FILE:LINE:COLUMN: seat NAME: text.
void config_complain(struct config *config, const struct config_world *world, const struct config_seat *seat,
		     const char *text);

// ---- config_seat.c -----------------------------------------------------------------------------------------------------

// Reads one seat's table; `mounts` (NULL: none) says which programs can be files. False with *error filled.
bool config_read_seat(const struct config_world *world, const struct toml_value *mounts, const struct toml_value *table,
		      const char *name, struct config_seat *seat, struct toml_error *error) __attribute__((warn_unused_result));
bool config_name_valid(const char *text, bool pattern);

#endif
