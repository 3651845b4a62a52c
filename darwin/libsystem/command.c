// SPDX-License-Identifier: MIT
// Simple commands; see command.h. Facts: POSIX, Shell Command Language, 2.2 (quoting), 2.7 (redirection).
#include "command.h"

#include <ctype.h>
#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

struct reader {
	const char *at;
	char *to, *end; // of the text of the command
};

static bool put(struct reader *reader, char c)
{
	if (reader->to == reader->end)
		return false;
	*reader->to++ = c;
	return true;
}

static bool read_double_quotes(struct reader *reader)
{
	for (reader->at++; *reader->at != '"'; reader->at++) {
		if (!*reader->at || *reader->at == '$' || *reader->at == '`')
			return false;
		if (*reader->at == '\\' && reader->at[1] && strchr("\"\\$`", reader->at[1]))
			reader->at++;
		if (!put(reader, *reader->at))
			return false;
	}
	reader->at++;
	return true;
}

static bool read_single_quotes(struct reader *reader)
{
	for (reader->at++; *reader->at != '\''; reader->at++)
		if (!*reader->at || !put(reader, *reader->at))
			return false;
	reader->at++;
	return true;
}

// A word, up to a blank, < or >. NULL: it needs a shell.
static char *read_word(struct reader *reader)
{
	char *word = reader->to;
	while (*reader->at && !strchr(" \t<>", *reader->at)) {
		char c = *reader->at;
		if (strchr("|&;()$`*?[]{}~!#\n", c))
			return NULL;
		if (c == '"' || c == '\'') {
			if (!(c == '"' ? read_double_quotes : read_single_quotes)(reader))
				return NULL;
			continue;
		}
		if (c == '\\' && !*++reader->at)
			return NULL;
		if (!put(reader, *reader->at++))
			return NULL;
	}
	return put(reader, '\0') ? word : NULL;
}

static void skip_blanks(struct reader *reader)
{
	reader->at += strspn(reader->at, " \t");
}

// At < or >, after the number of a file or not.
static bool read_redirection(struct reader *reader, struct command *command, int file)
{
	if (command->redirection_count == COMMAND_REDIRECTIONS)
		return false;
	struct command_redirection *to = &command->redirections[command->redirection_count++];
	bool in = *reader->at++ == '<', append = !in && *reader->at == '>', copy = *reader->at == '&';
	if (*reader->at == '<' || (in && *reader->at == '>') || *reader->at == '|')
		return false; // here-documents and rarer forms
	reader->at += append || copy;
	skip_blanks(reader);
	const char *target = read_word(reader);
	if (!target || !*target)
		return false;
	*to = (struct command_redirection){file >= 0 ? file : in ? 0 : 1, -1, target, in ? O_RDONLY : O_WRONLY | O_CREAT | (append ? O_APPEND : O_TRUNC)};
	if (copy) {
		if (!isdigit((unsigned char)target[0]) || target[1])
			return false;
		to->copy = target[0] - '0';
	}
	return true;
}

bool command_parse(struct command *command, const char *text)
{
	struct reader reader = {text, command->text, command->text + sizeof(command->text)};
	command->count = command->redirection_count = 0;
	for (skip_blanks(&reader); *reader.at; skip_blanks(&reader)) {
		bool numbered = isdigit((unsigned char)reader.at[0]) && (reader.at[1] == '<' || reader.at[1] == '>');
		if (numbered || *reader.at == '<' || *reader.at == '>') {
			int file = numbered ? *reader.at++ - '0' : -1;
			if (!read_redirection(&reader, command, file))
				return false;
			continue;
		}
		const char *start = reader.at;
		char *word = read_word(&reader);
		if (!word || command->count == COMMAND_WORDS)
			return false;
		if (command->count == 0 && memchr(start, '=', (size_t)(reader.at - start)))
			return false; // an assignment
		if (command->count == 0 && strcmp(word, "exec") == 0)
			continue;
		command->words[command->count++] = word;
	}
	command->words[command->count] = NULL;
	return command->count > 0;
}

bool command_redirect(const struct command *command)
{
	for (int i = 0; i < command->redirection_count; i++) {
		const struct command_redirection *redirection = &command->redirections[i];
		int file = redirection->copy >= 0 ? redirection->copy : open(redirection->path, redirection->flags, 0666);
		if (file < 0 || dup2(file, redirection->file) < 0)
			return false;
		if (redirection->copy < 0 && file != redirection->file)
			close(file);
	}
	return true;
}
