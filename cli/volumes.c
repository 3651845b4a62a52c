// SPDX-License-Identifier: MIT
// gila volumes: disks, partitions and what is on them, as the seat volumes knows; all, or those that names mean.
#include "command.h"
#include "kernel.h"
#include "units.h"

#include <abi/volume.h>
#include <gila/volume.h>
#include <stdlib.h>
#include <string.h>

#define PAGE 24u

static void end_strings(struct volume_record *record)
{
	record->seat[sizeof(record->seat) - 1] = record->disk[sizeof(record->disk) - 1] = 0;
	record->type[sizeof(record->type) - 1] = record->label[sizeof(record->label) - 1] = 0;
	record->uuid[sizeof(record->uuid) - 1] = record->partition_uuid[sizeof(record->partition_uuid) - 1] = 0;
}

static kern_return_t volumes_get(mach_port_t seat, struct volume_record **records, size_t *count)
{
	uint32_t after = 0;
	mach_msg_type_number_t got;
	kern_return_t error;
	*records = NULL;
	*count = 0;
	do {
		got = PAGE;
		*records = memory_resize(*records, (*count + PAGE) * sizeof(**records));
		error = volume_list(seat, after, *records + *count, &got);
		for (size_t i = 0; !error && i < got; i++) {
			end_strings(&(*records)[*count + i]);
			after = (*records)[*count + i].id;
		}
		*count += error ? 0 : got;
	} while (!error && got > 0);
	return error;
}

static int by_place(const void *a, const void *b)
{
	const struct volume_record *one = a, *other = b;
	int disks = strcmp(one->disk, other->disk);
	return disks ? disks : one->index < other->index ? -1 : one->index > other->index;
}

static const char *or_dash(const char *text) { return *text ? text : "-"; }

static void volumes_table(struct cli *cli, const struct volume_record *records, size_t count)
{
	static const struct table_column columns[] = {{"SEAT", 0}, {"TYPE", 0},  {"SIZE", TABLE_RIGHT},
						      {"LABEL", 0}, {"UUID", 0}, {"PARTUUID", TABLE_CUT}};
	struct table table;
	table_begin(&table, columns, 6);
	for (size_t i = 0; i < count; i++) {
		char size[UNITS_ROOM];
		table_cell(&table, "%s", records[i].seat);
		table_cell(&table, "%s", or_dash(records[i].type));
		table_cell(&table, "%s", units_size(size, records[i].sectors * 512));
		table_cell(&table, "%s", or_dash(records[i].label));
		table_cell(&table, "%s", or_dash(records[i].uuid));
		table_cell(&table, "%s", or_dash(records[i].partition_uuid));
	}
	cli_table(cli, &table);
}

static void volumes_json(struct cli *cli, const struct volume_record *records, size_t count)
{
	struct json json = cli_json(cli);
	json_array(&json, NULL);
	for (size_t i = 0; i < count; i++) {
		json_object(&json, NULL);
		json_string(&json, "seat", records[i].seat);
		json_string(&json, "disk", records[i].disk);
		json_number(&json, "index", records[i].index);
		json_number(&json, "first", records[i].first);
		json_number(&json, "sectors", records[i].sectors);
		json_string(&json, "type", records[i].type);
		json_string(&json, "label", records[i].label);
		json_string(&json, "uuid", records[i].uuid);
		json_string(&json, "partition_uuid", records[i].partition_uuid);
		json_end(&json);
	}
	json_end(&json);
}

// Leaves of the records those that the names mean. CLI_FAILED: some mean none, or several; the complaints have been made.
static int volumes_choose(struct cli *cli, mach_port_t seat, const struct arguments *arguments, struct volume_record *records,
			  size_t *count)
{
	size_t kept = 0;
	int status = CLI_OK;
	for (size_t i = 1; i < arguments->count; i++) {
		char name[64] = "", complaint[160] = "";
		kern_return_t code = KERN_SUCCESS, error = volume_find(seat, arguments->word[i], name, &code, complaint);
		if (error || code)
			status = *complaint ? cli_fail(cli, NULL, "%s", complaint)
					    : cli_error(cli, arguments->word[i], error ? error : code);
		for (size_t k = kept; k < *count && !error && !code; k++)
			if (strcmp(records[k].seat, name) == 0) {
				struct volume_record found = records[k];
				records[k] = records[kept];
				records[kept++] = found;
				break;
			}
	}
	*count = kept;
	return status;
}

int command_volumes(struct cli *cli, struct arguments *arguments)
{
	struct volume_record *records;
	mach_port_t seat;
	size_t count;
	int status = CLI_OK;
	if (!arguments_end(arguments, 0, SIZE_MAX))
		return cli_usage_word(cli, arguments->what, arguments->why);
	if (!kernel_reach(cli, VOLUME_SEAT, &seat))
		return CLI_FAILED;
	kern_return_t error = volumes_get(seat, &records, &count);
	if (error) {
		free(records);
		return cli_error(cli, VOLUME_SEAT, error);
	}
	if (arguments->count > 1)
		status = volumes_choose(cli, seat, arguments, records, &count);
	if (count > 0)
		qsort(records, count, sizeof(*records), by_place);
	if (!cli->json)
		volumes_table(cli, records, count);
	else if (status == CLI_OK)
		volumes_json(cli, records, count);
	free(records);
	return status;
}
