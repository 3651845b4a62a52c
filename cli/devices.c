// SPDX-License-Identifier: MIT
// gila devices, drivers, driver add, driver remove.
#include "command.h"
#include "event.h"
#include "kernel.h"

#include <abi/device.h>
#include <gila/device.h>
#include <gila/gila.h>
#include <stdlib.h>
#include <string.h>

#define PAGE 32u // records of one answer

#define END(text) (text)[sizeof(text) - 1] = 0

// ---- Lists ---------------------------------------------------------------------------------------------------------

// All devices; false: complained of. The caller frees *list.
static bool get_devices(struct cli *cli, mach_port_t service, struct device_record **list, size_t *count)
{
	mach_msg_type_number_t got = PAGE;
	*list = NULL;
	for (*count = 0; got == PAGE; *count += got) { // a page that is not full is the last one
		*list = memory_resize(*list, (*count + PAGE) * sizeof(**list));
		struct device_record *page = *list + *count;
		kern_return_t error = gila_device_list(service, *count > 0 ? page[-1].id : 0, page, &got);
		if (error || got > PAGE) {
			free(*list);
			cli_error(cli, DEVICE_SERVICE, error ? error : KERN_FAILURE);
			return false;
		}
		for (mach_msg_type_number_t i = 0; i < got; i++) {
			struct device_record *record = &page[i];
			END(record->seat), END(record->address), END(record->compatible), END(record->program);
		}
	}
	return true;
}

static bool get_drivers(struct cli *cli, mach_port_t service, struct device_driver_record **list, size_t *count)
{
	mach_msg_type_number_t got = PAGE;
	*list = NULL;
	for (*count = 0; got == PAGE; *count += got) { // a page that is not full is the last one
		*list = memory_resize(*list, (*count + PAGE) * sizeof(**list));
		struct device_driver_record *page = *list + *count;
		kern_return_t error = gila_device_drivers(service, *count > 0 ? page[-1].id : 0, page, &got);
		if (error || got > PAGE) {
			free(*list);
			cli_error(cli, DEVICE_SERVICE, error ? error : KERN_FAILURE);
			return false;
		}
		for (mach_msg_type_number_t i = 0; i < got; i++) {
			struct device_driver_record *record = &page[i];
			END(record->kind), END(record->compatible), END(record->program);
		}
	}
	return true;
}

static const char *or_dash(const char *text) { return *text ? text : "-"; }

static void devices_table(struct cli *cli, const struct device_record *list, size_t count)
{
	static const struct table_column columns[] = {
		{"DEVICE", 0},		   {"COMPATIBLE", TABLE_CUT}, {"REGIONS", TABLE_RIGHT},
		{"INTERRUPTS", TABLE_RIGHT}, {"SEAT", 0},	      {"STATE", 0},
		{"DRIVER", TABLE_CUT},
	};
	struct table table;
	table_begin(&table, columns, 7);
	for (size_t i = 0; i < count; i++) {
		table_cell(&table, "%s", list[i].address);
		table_cell(&table, "%s", list[i].compatible);
		table_cell(&table, "%u", list[i].region_count);
		table_cell(&table, "%u", list[i].interrupt_count);
		table_cell(&table, "%s", or_dash(list[i].seat));
		table_cell(&table, "%s", list[i].seat_state ? seat_state_word(list[i].seat_state) : "-");
		table_cell(&table, "%s", or_dash(list[i].program));
	}
	cli_table(cli, &table);
}

static void text_or_null(struct json *json, const char *key, const char *text)
{
	if (*text)
		json_string(json, key, text);
	else
		json_null(json, key);
}

static void devices_json(struct cli *cli, const struct device_record *list, size_t count)
{
	struct json json = cli_json(cli);
	json_array(&json, NULL);
	for (size_t i = 0; i < count; i++) {
		json_object(&json, NULL);
		json_number(&json, "id", list[i].id);
		json_string(&json, "address", list[i].address);
		json_string(&json, "compatible", list[i].compatible);
		json_number(&json, "regions", list[i].region_count);
		json_number(&json, "interrupts", list[i].interrupt_count);
		text_or_null(&json, "seat", list[i].seat);
		text_or_null(&json, "state", list[i].seat_state ? seat_state_word(list[i].seat_state) : "");
		text_or_null(&json, "program", list[i].program);
		json_end(&json);
	}
	json_end(&json);
}

int command_devices(struct cli *cli, struct arguments *arguments)
{
	mach_port_t service;
	struct device_record *list;
	size_t count;
	if (!arguments_end(arguments, 0, 0))
		return cli_usage_word(cli, arguments->what, arguments->why);
	if (!kernel_reach(cli, DEVICE_SERVICE, &service) || !get_devices(cli, service, &list, &count))
		return CLI_FAILED;
	(cli->json ? devices_json : devices_table)(cli, list, count);
	free(list);
	return CLI_OK;
}

static void drivers_table(struct cli *cli, const struct device_driver_record *list, size_t count)
{
	static const struct table_column columns[] = {
		{"COMPATIBLE", TABLE_CUT}, {"KIND", 0}, {"START", 0}, {"DEVICES", TABLE_RIGHT}, {"DRIVER", TABLE_CUT},
	};
	struct table table;
	table_begin(&table, columns, 5);
	for (size_t i = 0; i < count; i++) {
		table_cell(&table, "%s", list[i].compatible);
		table_cell(&table, "%s", list[i].kind);
		table_cell(&table, "%s", list[i].flags & SEAT_START_BOOT ? "boot" : "demand");
		table_cell(&table, "%u", list[i].devices);
		table_cell(&table, "%s", list[i].program);
	}
	cli_table(cli, &table);
}

static void drivers_json(struct cli *cli, const struct device_driver_record *list, size_t count)
{
	struct json json = cli_json(cli);
	json_array(&json, NULL);
	for (size_t i = 0; i < count; i++) {
		json_object(&json, NULL);
		json_number(&json, "id", list[i].id);
		json_string(&json, "compatible", list[i].compatible);
		json_string(&json, "kind", list[i].kind);
		json_bool(&json, "boot", (list[i].flags & SEAT_START_BOOT) != 0);
		json_number(&json, "devices", list[i].devices);
		json_string(&json, "program", list[i].program);
		json_end(&json);
	}
	json_end(&json);
}

int command_drivers(struct cli *cli, struct arguments *arguments)
{
	mach_port_t service;
	struct device_driver_record *list;
	size_t count;
	if (!arguments_end(arguments, 0, 0))
		return cli_usage_word(cli, arguments->what, arguments->why);
	if (!kernel_reach(cli, DEVICE_SERVICE, &service) || !get_drivers(cli, service, &list, &count))
		return CLI_FAILED;
	(cli->json ? drivers_json : drivers_table)(cli, list, count);
	free(list);
	return CLI_OK;
}
