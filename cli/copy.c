// SPDX-License-Identifier: MIT
// gila cat and cp.
#include "command.h"
#include "interrupt.h"
#include "place.h"
#include "stream.h"
#include "tree.h"

#include <dirent.h>
#include <errno.h>
#include <gila/file.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

// ---- cat -----------------------------------------------------------------------------------------------------------

static int cat_one(struct cli *cli, const char *path, struct stream_piece *piece, struct text *whole)
{
	struct stream stream;
	size_t got = 0;
	bool fine = stream_open(&stream, path);
	while (fine && (fine = stream_read_piece(&stream, piece, &got)) && got > 0) {
		text_append(cli->json ? whole : &cli->out, piece->bytes, got);
		if (!cli->json)
			cli_flush(cli);
		if (cli->closed || interrupt_raised())
			break;
	}
	if (!fine)
		cli_fail(cli, path, "%s", stream.why);
	stream_close(&stream);
	return fine ? CLI_OK : CLI_FAILED;
}

int command_cat(struct cli *cli, struct arguments *arguments)
{
	int status = CLI_OK;
	if (!arguments_end(arguments, 1, SIZE_MAX))
		return cli_usage_word(cli, arguments->what, arguments->why);
	struct stream_piece piece;
	stream_piece_make(&piece);
	struct json json = cli_json(cli);
	if (cli->json)
		json_array(&json, NULL);
	for (size_t i = 1; i < arguments->count; i++) {
		struct text whole = {0};
		int one = cat_one(cli, arguments->word[i], &piece, &whole);
		if (cli->json && one == CLI_OK) {
			json_object(&json, NULL);
			json_string(&json, "path", arguments->word[i]);
			json_number(&json, "size", whole.length);
			json_string(&json, "text", text_string(&whole));
			json_end(&json);
		}
		if (one != CLI_OK)
			status = cli_error_entry(cli, &json, arguments->word[i]);
		text_free(&whole);
	}
	if (cli->json)
		json_end(&json);
	stream_piece_free(&piece);
	return status;
}

// ---- cp ------------------------------------------------------------------------------------------------------------

static int copy_file(struct cli *cli, const char *from, const char *to, struct stream_piece *piece)
{
	struct stream source, target = {0};
	const char *wrong = from;
	size_t got = 0;
	bool fine = stream_open(&source, from);
	if (fine) {
		wrong = to;
		fine = stream_create(&target, to);
	}
	while (fine) {
		wrong = from;
		if (!(fine = stream_read_piece(&source, piece, &got)) || got == 0)
			break;
		wrong = to;
		fine = stream_write_piece(&target, piece, got);
		if (interrupt_raised())
			break;
	}
	if (fine) {
		wrong = to;
		fine = stream_close(&target);
	}
	if (!fine)
		cli_fail(cli, wrong, "%s", wrong == from ? source.why : target.why);
	stream_close(&source);
	stream_close(&target);
	return fine ? CLI_OK : CLI_FAILED;
}

// The names in a directory of either world. NULL: done; else why not.
static const char *names_of(const char *path, struct text *names)
{
	const char *host = stream_host_path(path);
	if (!host) {
		kern_return_t error = tree_names(path, names);
		return error ? gila_error_text(error) : NULL;
	}
	DIR *directory = opendir(host);
	if (!directory)
		return strerror(errno);
	for (struct dirent *entry; (entry = readdir(directory));)
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			text_append(names, entry->d_name, strlen(entry->d_name) + 1);
	closedir(directory);
	return NULL;
}

static const char *directory_make(const char *path)
{
	const char *host = stream_host_path(path);
	if (stream_is_directory(path))
		return NULL;
	if (host)
		return mkdir(host, 0777) == 0 ? NULL : strerror(errno);
	kern_return_t error = gila_path_make_directory(path);
	return error ? gila_error_text(error) : NULL;
}

static int copy_tree(struct cli *cli, struct text *from, struct text *to, struct stream_piece *piece, unsigned depth)
{
	struct text names = {0};
	int status = CLI_OK;
	if (!stream_is_directory(from->data))
		return copy_file(cli, from->data, to->data, piece);
	if (depth == TREE_DEPTH_MAX)
		return cli_fail(cli, from->data, "too many directories within each other");
	// The names come first, so that a copy into itself ends.
	const char *why = names_of(from->data, &names);
	if (why)
		return cli_fail(cli, from->data, "%s", why);
	if ((why = directory_make(to->data)))
		status = cli_fail(cli, to->data, "%s", why);
	for (size_t at = 0; !why && at < names.length && !interrupt_raised(); at += strlen(names.data + at) + 1) {
		size_t from_length = from->length, to_length = to->length;
		tree_join(from, names.data + at);
		tree_join(to, names.data + at);
		status |= copy_tree(cli, from, to, piece, depth + 1);
		text_remove(from, from_length, from->length - from_length);
		text_remove(to, to_length, to->length - to_length);
	}
	text_free(&names);
	return status;
}

int command_cp(struct cli *cli, struct arguments *arguments)
{
	bool tree = argument_flag(arguments, "-r");
	int status = CLI_OK;
	if (!arguments_end(arguments, 2, SIZE_MAX))
		return cli_usage_word(cli, arguments->what, arguments->why);
	const char *last = arguments->word[arguments->count - 1];
	bool into = stream_is_directory(last);
	if (arguments->count > 3 && !into)
		return cli_error(cli, last, FILE_NOT_DIRECTORY);
	struct stream_piece piece;
	stream_piece_make(&piece);
	for (size_t i = 1; i + 1 < arguments->count; i++) {
		struct text from = {0}, to = {0};
		const char *host = stream_host_path(arguments->word[i]);
		text_add(&from, arguments->word[i]);
		text_add(&to, last);
		if (into)
			tree_join(&to, host ? host : arguments->word[i]);
		status |= tree ? copy_tree(cli, &from, &to, &piece, 0) : copy_file(cli, from.data, to.data, &piece);
		text_free(&from);
		text_free(&to);
	}
	stream_piece_free(&piece);
	return status;
}
