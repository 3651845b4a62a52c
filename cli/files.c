// SPDX-License-Identifier: MIT
// gila ls, stat.
#include "command.h"
#include "place.h"
#include "units.h"

#include <gila/file.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const char *type_word(uint32_t type)
{
	return type == FILE_TYPE_DIRECTORY ? "directory" : type == FILE_TYPE_LINK ? "link" : "file";
}

// "2026-01-31 12:00:00" (UTC), or "-".
static const char *time_words(uint64_t ns, char out[32])
{
	time_t seconds = (time_t)(ns / 1000000000);
	struct tm tm;
	if (ns == 0 || !gmtime_r(&seconds, &tm) || strftime(out, 32, "%Y-%m-%d %H:%M:%S", &tm) == 0)
		strcpy(out, "-");
	return out;
}

static bool files_reach(struct cli *cli)
{
	const char *why;
	if (place_reach(&why))
		return true;
	cli_fail(cli, NULL, "%s", why);
	return false;
}

// ---- ls ------------------------------------------------------------------------------------------------------------

struct entry {
	char *name;
	struct file_entry entry;
};

struct entries {
	struct entry *list;
	size_t count, room;
};

static int entry_compare(const void *a, const void *b)
{
	return strcmp(((const struct entry *)a)->name, ((const struct entry *)b)->name);
}

static void entries_free(struct entries *entries)
{
	for (size_t i = 0; i < entries->count; i++)
		free(entries->list[i].name);
	free(entries->list);
}

static void entries_add(struct entries *entries, const char *name, const struct file_entry *entry)
{
	if (entries->count == entries->room) {
		entries->room = entries->room ? entries->room * 2 : 64;
		entries->list = memory_resize(entries->list, entries->room * sizeof(*entries->list));
	}
	entries->list[entries->count++] = (struct entry){memory_string(name, strlen(name)), *entry};
}

// What a path names: the entries of a directory, or the one file.
static kern_return_t entries_get(struct entries *entries, const char *path)
{
	struct file_info info;
	kern_return_t error = gila_path_info(path, &info);
	if (error)
		return error;
	if (info.type != FILE_TYPE_DIRECTORY) {
		entries_add(entries, path,
			    &(struct file_entry){info.node, info.size, info.modified, info.type, 0});
		return KERN_SUCCESS;
	}
	struct gila_list *list = memory_get(sizeof(*list));
	error = gila_list_begin(list, path);
	if (!error) {
		while (!(error = gila_list_next(list)) && !list->done)
			entries_add(entries, list->name, &list->entry);
		gila_list_end(list);
	}
	free(list);
	qsort(entries->list, entries->count, sizeof(*entries->list), entry_compare);
	return error;
}

static const char *type_mark(uint32_t type)
{
	return type == FILE_TYPE_DIRECTORY ? "/" : type == FILE_TYPE_LINK ? "@" : "";
}

// Names in columns, as many as fit; one a line where there is no terminal.
static void ls_names(struct cli *cli, const struct entries *entries)
{
	size_t widest = 0, width = place_width();
	for (size_t i = 0; i < entries->count; i++) {
		size_t size = utf8_count(entries->list[i].name, strlen(entries->list[i].name)) + 1;
		widest = size > widest ? size : widest;
	}
	size_t across = width > 0 ? (width + 1) / (widest + 2) : 1;
	across = across ? across : 1;
	size_t rows = (entries->count + across - 1) / across;
	for (size_t row = 0; row < rows; row++) {
		for (size_t i = row; i < entries->count; i += rows) {
			const struct entry *entry = &entries->list[i];
			size_t size = utf8_count(entry->name, strlen(entry->name));
			const char *mark = type_mark(entry->entry.type);
			text_add_clean(&cli->out, entry->name);
			text_add(&cli->out, mark);
			for (size += strlen(mark); i + rows < entries->count && size < widest + 2; size++)
				text_add_byte(&cli->out, ' ');
		}
		text_add_byte(&cli->out, '\n');
	}
}

static void ls_long(struct cli *cli, const struct entries *entries)
{
	static const struct table_column columns[] = {
		{"TYPE", 0}, {"SIZE", TABLE_RIGHT}, {"MODIFIED (UTC)", 0}, {"NAME", 0}};
	struct table table;
	char when[32];
	table_begin(&table, columns, 4);
	for (size_t i = 0; i < entries->count; i++) {
		const struct file_entry *entry = &entries->list[i].entry;
		table_cell(&table, "%s", type_word(entry->type));
		table_cell(&table, "%" PRIu64, entry->size);
		table_cell(&table, "%s", time_words(entry->modified, when));
		table_cell(&table, "%s%s", entries->list[i].name, type_mark(entry->type));
	}
	cli_table(cli, &table);
}

static void ls_json(struct json *json, const char *path, const struct entries *entries)
{
	json_object(json, NULL);
	json_string(json, "path", path);
	json_array(json, "entries");
	for (size_t i = 0; i < entries->count; i++) {
		json_object(json, NULL);
		json_string(json, "name", entries->list[i].name);
		json_string(json, "type", type_word(entries->list[i].entry.type));
		json_number(json, "size", entries->list[i].entry.size);
		json_number(json, "modified", entries->list[i].entry.modified);
		json_end(json);
	}
	json_end(json);
	json_end(json);
}

int command_ls(struct cli *cli, struct arguments *arguments)
{
	bool details = argument_flag(arguments, "-l");
	int status = CLI_OK;
	if (!arguments_end(arguments, 0, SIZE_MAX))
		return cli_usage_word(cli, arguments->what, arguments->why);
	if (!files_reach(cli))
		return CLI_FAILED;
	struct json json = cli_json(cli);
	size_t count = arguments->count == 1 ? 1 : arguments->count - 1;
	if (cli->json)
		json_array(&json, NULL);
	for (size_t i = 0; i < count; i++) {
		const char *path = arguments->count == 1 ? "/" : arguments->word[i + 1];
		struct entries entries = {0};
		kern_return_t error = entries_get(&entries, path);
		if (error)
			cli_error(cli, path, error), status = cli_error_entry(cli, &json, path);
		else if (cli->json)
			ls_json(&json, path, &entries);
		if (!error && !cli->json) {
			if (count > 1)
				cli_print(cli, "%s%s:\n", i > 0 ? "\n" : "", path);
			(details ? ls_long : ls_names)(cli, &entries);
		}
		entries_free(&entries);
	}
	if (cli->json)
		json_end(&json);
	return status;
}

// ---- stat ----------------------------------------------------------------------------------------------------------

static void stat_print(struct cli *cli, const char *path, const struct file_info *info, const char *seat)
{
	char when[32], allocated[UNITS_ROOM];
	cli_print(cli, "%s: %s, %" PRIu64 " %s, takes %s, node %" PRIu64 ", modified %s, %s%s%s%s\n", path,
		  type_word(info->type), info->size, info->type == FILE_TYPE_DIRECTORY ? "entries" : "bytes",
		  units_size(allocated, info->allocated), info->node, time_words(info->modified, when),
		  info->access & FILE_OPEN_READ ? "readable" : "not readable",
		  info->access & FILE_OPEN_WRITE ? " and writable" : ", not writable", *seat ? ", served by " : "", seat);
}

static void stat_json(struct json *json, const char *path, const struct file_info *info, const char *seat)
{
	json_object(json, NULL);
	json_string(json, "path", path);
	json_string(json, "type", type_word(info->type));
	json_number(json, "size", info->size);
	json_number(json, "allocated", info->allocated);
	json_number(json, "node", info->node);
	json_number(json, "modified", info->modified);
	json_bool(json, "readable", (info->access & FILE_OPEN_READ) != 0);
	json_bool(json, "writable", (info->access & FILE_OPEN_WRITE) != 0);
	json_string(json, "seat", seat);
	json_end(json);
}

int command_stat(struct cli *cli, struct arguments *arguments)
{
	int status = CLI_OK;
	if (!arguments_end(arguments, 1, SIZE_MAX))
		return cli_usage_word(cli, arguments->what, arguments->why);
	if (!files_reach(cli))
		return CLI_FAILED;
	struct json json = cli_json(cli);
	if (cli->json)
		json_array(&json, NULL);
	for (size_t i = 1; i < arguments->count; i++) {
		struct file_info info;
		struct gila_place place;
		const char *path = arguments->word[i];
		kern_return_t error = gila_path_info(path, &info);
		if (!error)
			error = gila_place_find(path, &place);
		if (error)
			cli_error(cli, path, error), status = cli_error_entry(cli, &json, path);
		else if (cli->json)
			stat_json(&json, path, &info, place.seat);
		else
			stat_print(cli, path, &info, place.seat);
	}
	if (cli->json)
		json_end(&json);
	return status;
}
