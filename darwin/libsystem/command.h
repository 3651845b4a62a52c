// SPDX-License-Identifier: MIT
// Simple commands of a shell: words and redirections, nothing that needs a shell.
#ifndef DARWIN_COMMAND_H
#define DARWIN_COMMAND_H

#include <stdbool.h>

#define COMMAND_WORDS 128
#define COMMAND_REDIRECTIONS 8

struct command_redirection {
	int file;	  // that is redirected
	int copy;	  // the descriptor whose copy it becomes, or -1:
	const char *path; // what it is opened on
	int flags;	  // of open(2) of the host
};

struct command {
	char *words[COMMAND_WORDS + 1]; // ended by NULL; they lie in `text`
	int count;
	struct command_redirection redirections[COMMAND_REDIRECTIONS];
	int redirection_count;
	char text[8192];
};

// False: it is more than a simple command (lists, pipes, variables, patterns, assignments), or too long: a shell is to read it.
bool command_parse(struct command *command, const char *text);
// Does its redirections in this process. False: errno says why one cannot be done.
bool command_redirect(const struct command *command);

#endif
