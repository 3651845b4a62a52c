// SPDX-License-Identifier: MIT
// gila mount: which seat serves what lies below which path. The table is GILA_MOUNTS in the environment, as init made it; a gila
// of the host takes that of the shell.
#include "mount.h"

#include "command.h"
#include "event.h"
#include "kernel.h"

#include <abi/monitor.h>
#include <gila/file.h>
#include <gila/seat.h>
#include <stdlib.h>
#include <string.h>

#define VARIABLE "GILA_MOUNTS"

// The strings of a seat's recipe, each ended by a NUL, two at the end. False: they cannot be had.
static bool strings_get(mach_port_t monitor, uint32_t seat, uint32_t which, struct text *strings)
{
	static uint8_t bytes[6144];
	mach_msg_type_number_t count = sizeof(bytes);
	if (monitor_seat_strings(monitor, seat, which, bytes, &count))
		return false;
	text_append(strings, (const char *)bytes, count);
	text_append(strings, "\0", 2);
	return true;
}

// The value behind `name`= among them, or NULL.
static const char *strings_find(const struct text *strings, const char *name)
{
	size_t length = strlen(name);
	for (const char *at = strings->data; at && *at; at += strlen(at) + 1)
		if (strncmp(at, name, length) == 0 && at[length] == '=')
			return at + length + 1;
	return NULL;
}

void mounts_adopt(void)
{
	mach_port_t monitor;
	struct monitor_seat *seats;
	size_t count;
	struct text strings = {0};
	if (getenv(VARIABLE) || gila_seat(MONITOR_NAME, &monitor) || kernel_seats(monitor, &seats, &count))
		return;
	for (size_t i = 0; i < count; i++) {
		if (strcmp(seats[i].name, "shell") != 0 ||
		    !strings_get(monitor, seats[i].id, MONITOR_ENVIRONMENT, &strings))
			continue;
		const char *table = strings_find(&strings, VARIABLE);
		if (table)
			setenv(VARIABLE, table, 0);
	}
	text_free(&strings);
	free(seats);
}

// ---- The list ------------------------------------------------------------------------------------------------------

struct mount {
	struct text path;
	const struct monitor_seat *seat; // NULL: there is none of that name
	struct text arguments;           // of its program
	bool known, read_only;
};

static void mount_find(struct mount *mount, const struct kernel_lists *lists, const char *name, const char *seat)
{
	struct file_info info;
	*mount = (struct mount){0};
	text_format(&mount->path, "/%s", name);
	for (size_t i = 0; i < lists->seat_count; i++)
		if (strcmp(lists->seats[i].name, seat) == 0)
			mount->seat = &lists->seats[i];
	if (!mount->seat)
		return;
	if (!strings_get(lists->monitor, mount->seat->id, MONITOR_ARGUMENTS, &mount->arguments))
		text_clear(&mount->arguments);
	// Nobody is launched to be asked.
	if (mount->seat->state == SEAT_OCCUPIED && gila_path_info(mount->path.data, &info) == KERN_SUCCESS) {
		mount->known = true;
		mount->read_only = !(info.access & FILE_OPEN_WRITE);
	}
}

static const char *mount_device(const struct mount *mount)
{
	const char *device = strings_find(&mount->arguments, "device");
	return device ? device : "";
}

static void mount_row(struct table *table, const struct mount *mount, const char *seat)
{
	table_cell(table, "%s", mount->path.data);
	table_cell(table, "%s", seat);
	table_cell(table, "%s", mount->seat ? seat_state_word(mount->seat->state) : "no such seat");
	table_cell(table, "%s", *mount_device(mount) ? mount_device(mount) : "-");
	table_cell(table, "%s", !mount->known ? "-" : mount->read_only ? "read only" : "read and write");
}

static void mount_json(struct json *json, const struct mount *mount, const char *seat)
{
	json_object(json, NULL);
	json_string(json, "path", mount->path.data);
	json_string(json, "seat", seat);
	json_string(json, "state", mount->seat ? seat_state_word(mount->seat->state) : "");
	json_string(json, "program", mount->seat ? mount->seat->program : "");
	json_string(json, "device", mount_device(mount));
	if (mount->known)
		json_bool(json, "read_only", mount->read_only);
	else
		json_null(json, "read_only");
	json_end(json);
}

static int mounts_list(struct cli *cli)
{
	static const struct table_column columns[] = {{"PATH", 0}, {"SEAT", 0}, {"STATE", 0}, {"DEVICE", 0}, {"FOR", 0}};
	char name[FILE_PATH_MAX + 1], seat[SEAT_NAME_MAX + 1];
	struct kernel_lists lists;
	struct table table;
	struct json json = cli_json(cli);
	if (!kernel_lists_get(cli, &lists))
		return CLI_FAILED;
	table_begin(&table, columns, 5);
	if (cli->json)
		json_array(&json, NULL);
	for (unsigned i = 0; gila_mount_at(i, name, seat); i++) {
		struct mount mount;
		mount_find(&mount, &lists, name, seat);
		if (cli->json)
			mount_json(&json, &mount, seat);
		else
			mount_row(&table, &mount, seat);
		text_free(&mount.path);
		text_free(&mount.arguments);
	}
	if (cli->json)
		json_end(&json);
	else
		cli_table(cli, &table);
	kernel_lists_free(&lists);
	return CLI_OK;
}

// ---- One more ------------------------------------------------------------------------------------------------------

static int mount_add(struct cli *cli, const char *path, const char *seat)
{
	char clean[FILE_PATH_MAX + 1];
	struct kernel_lists lists;
	bool found = false;
	if (path[0] != '/' || strpbrk(path, ":=") || file_path_clean("/", path, clean))
		return cli_fail(cli, path, "not an absolute path without \":\" and \"=\"");
	if (!kernel_lists_get(cli, &lists))
		return CLI_FAILED;
	for (size_t i = 0; i < lists.seat_count; i++)
		found |= strcmp(lists.seats[i].name, seat) == 0;
	kernel_lists_free(&lists);
	if (!found)
		return cli_fail(cli, seat, "no such seat");
	struct text table = {0};
	const char *before = getenv(VARIABLE);
	// The first mount of a path counts.
	text_format(&table, "%s=%s:%s", clean, seat, before ? before : GILA_MOUNTS_DEFAULT);
	setenv(VARIABLE, table.data, 1);
	text_free(&table);
	return CLI_OK;
}

int command_mount(struct cli *cli, struct arguments *arguments)
{
	if (!arguments_end(arguments, 0, 2))
		return cli_usage_word(cli, arguments->what, arguments->why);
	if (arguments->count == 2)
		return cli_usage(cli, "the seat is missing");
	return arguments->count == 1 ? mounts_list(cli) : mount_add(cli, arguments->word[1], arguments->word[2]);
}
