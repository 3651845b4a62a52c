// SPDX-License-Identifier: MIT
// gila write, mkdir, rm, mv.
#include "command.h"
#include "interrupt.h"
#include "place.h"
#include "stream.h"
#include "tree.h"

#include <gila/file.h>
#include <string.h>

static bool change_reach(struct cli *cli)
{
	const char *why;
	if (place_reach(&why))
		return true;
	cli_fail(cli, NULL, "%s", why);
	return false;
}

int command_write(struct cli *cli, struct arguments *arguments)
{
	bool append = argument_flag(arguments, "-a"), bare = argument_flag(arguments, "-n");
	struct text words = {0};
	mach_port_t file;
	if (!arguments_end(arguments, 1, SIZE_MAX))
		return cli_usage_word(cli, arguments->what, arguments->why);
	if (!change_reach(cli))
		return CLI_FAILED;
	for (size_t i = 2; i < arguments->count; i++)
		text_format(&words, "%s%s", i > 2 ? " " : "", arguments->word[i]);
	if (!bare)
		text_add_byte(&words, '\n');
	uint32_t flags = FILE_OPEN_WRITE | FILE_OPEN_CREATE | (append ? 0 : FILE_OPEN_TRUNCATE);
	kern_return_t error = gila_file_open(arguments->word[1], flags, &file, NULL);
	if (!error) {
		error = append ? gila_file_append(file, text_string(&words), words.length)
			       : gila_file_write(file, 0, text_string(&words), words.length);
		gila_file_close(file);
	}
	text_free(&words);
	return error ? cli_error(cli, arguments->word[1], error) : CLI_OK;
}

// Makes the directories above and the last one; existing ones are fine.
static kern_return_t make_all(const char *path)
{
	char clean[FILE_PATH_MAX + 1];
	struct gila_place place;
	kern_return_t error = file_path_clean("/", path, clean);
	for (char *at = clean; !error && *at;) {
		at += 1 + strcspn(at + 1, "/");
		char saved = *at;
		*at = 0;
		// What leads to a mount is there by itself.
		bool above = gila_place_find(clean, &place) == FILE_NOT_MOUNTED || !*place.rest;
		error = above ? KERN_SUCCESS : gila_path_make_directory(clean);
		if (error == FILE_EXISTS && stream_is_directory(clean))
			error = KERN_SUCCESS;
		*at = saved;
	}
	return error;
}

int command_mkdir(struct cli *cli, struct arguments *arguments)
{
	bool parents = argument_flag(arguments, "-p");
	int status = CLI_OK;
	if (!arguments_end(arguments, 1, SIZE_MAX))
		return cli_usage_word(cli, arguments->what, arguments->why);
	if (!change_reach(cli))
		return CLI_FAILED;
	for (size_t i = 1; i < arguments->count; i++) {
		const char *path = arguments->word[i];
		kern_return_t error = parents ? make_all(path) : gila_path_make_directory(path);
		if (error)
			status = cli_error(cli, path, error);
	}
	return status;
}

// ---- rm ------------------------------------------------------------------------------------------------------------

// Removes what is below the directory `path`, then it. The path grows and shrinks with the walk.
static int remove_tree(struct cli *cli, struct text *path, unsigned depth)
{
	struct text names = {0};
	struct file_info info;
	int status = CLI_OK;
	kern_return_t error = gila_path_info(path->data, &info);
	if (!error && info.type == FILE_TYPE_DIRECTORY) {
		if (depth == TREE_DEPTH_MAX)
			return cli_fail(cli, path->data, "too many directories within each other");
		error = tree_names(path->data, &names);
		for (size_t at = 0; at < names.length && !interrupt_raised(); at += strlen(names.data + at) + 1) {
			size_t length = path->length;
			tree_join(path, names.data + at);
			status |= remove_tree(cli, path, depth + 1);
			text_remove(path, length, path->length - length);
		}
		text_free(&names);
	}
	if (!error && status == CLI_OK)
		error = gila_path_remove(path->data);
	return error ? cli_error(cli, path->data, error) : status;
}

int command_rm(struct cli *cli, struct arguments *arguments)
{
	bool tree = argument_flag(arguments, "-r");
	int status = CLI_OK;
	if (!arguments_end(arguments, 1, SIZE_MAX))
		return cli_usage_word(cli, arguments->what, arguments->why);
	if (!change_reach(cli))
		return CLI_FAILED;
	for (size_t i = 1; i < arguments->count; i++) {
		struct text path = {0};
		text_add(&path, arguments->word[i]);
		kern_return_t error = tree ? KERN_SUCCESS : gila_path_remove(path.data);
		if (tree)
			status |= remove_tree(cli, &path, 0);
		else if (error)
			status = cli_error(cli, path.data, error);
		text_free(&path);
	}
	return status;
}

// ---- mv ------------------------------------------------------------------------------------------------------------

int command_mv(struct cli *cli, struct arguments *arguments)
{
	int status = CLI_OK;
	if (!arguments_end(arguments, 2, SIZE_MAX))
		return cli_usage_word(cli, arguments->what, arguments->why);
	if (!change_reach(cli))
		return CLI_FAILED;
	const char *last = arguments->word[arguments->count - 1];
	bool into = stream_is_directory(last);
	if (arguments->count > 3 && !into)
		return cli_error(cli, last, FILE_NOT_DIRECTORY);
	for (size_t i = 1; i + 1 < arguments->count; i++) {
		const char *from = arguments->word[i];
		struct text to = {0};
		text_add(&to, last);
		if (into)
			tree_join(&to, from);
		kern_return_t error = gila_path_rename(from, to.data);
		if (error)
			status = cli_fail(cli, from, "to %s: %s", to.data, gila_error_text(error));
		text_free(&to);
	}
	return status;
}
