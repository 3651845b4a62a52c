// SPDX-License-Identifier: MIT
// What every command gets and gives: its words, where output goes, how it fails.
//
// A command is a function of the table in command.c. It takes its options out of `words` (arguments.h), prints with cli_print or
// json, complains with cli_fail, and returns an exit status. Output is buffered in `out`; cli_flush writes it, and so does
// the end of the command. With --json a command prints one document, a stream one a line; one that prints none, or
// that failed and did not say so in its document, gets {"ok":true} or {"ok":false,"errors":[...]} from the dispatcher.
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include "arguments.h"
#include "json.h"
#include "table.h"
#include "text.h"

#include <mach/kern_return.h>
#include <stdbool.h>
#include <stddef.h>

// Exit statuses.
enum { CLI_OK = 0, CLI_FAILED = 1, CLI_USAGE = 2 };

struct command;

struct cli {
	bool json;		       // --json
	const struct command *command; // that runs
	struct text out;	       // not yet written
	struct text errors;	       // of the running command, each ended by a NUL
	bool told;		       // they are in its document
	size_t written;		       // bytes of output of the running command that have left `out`
	char last;		       // byte of output that was written
	_Atomic bool closed;	       // nobody reads the output any more
	bool lost;		       // output of the running command could not be written: it fails
	_Atomic bool listens;	       // waits for what others do: it is to be left at Ctrl-C without a word
	bool ends;		       // the prompt is to end
	bool alone;		       // the command is all that this process is for: another program may take its place
};

// What an argument of a command is, for completion.
enum complete { COMPLETE_NOTHING, COMPLETE_PATHS, COMPLETE_SEATS, COMPLETE_TASKS, COMPLETE_COMMANDS,
		COMPLETE_PROGRAM }; // a program's path and its words: none of the options among them is gila's

struct command {
	const char *name;
	const char *usage; // what follows the name
	const char *line;  // one line of help
	const char *more;  // the rest of it, or NULL
	int (*run)(struct cli *cli, struct arguments *arguments);
	enum complete complete;
};

// command.c. The table ends with a NULL name.
extern const struct command command_table[];
const struct command *command_find(const char *name);
// Runs one command: words[0] is its name. Returns its exit status; output has been written.
int command_run(struct cli *cli, size_t count, char **words);
// Runs commands separated by ';' or line feeds. All of them run; the status is that of the first that failed.
int command_run_text(struct cli *cli, const char *text);

// output.c
void cli_print(struct cli *cli, const char *format, ...) __attribute__((format(printf, 2, 3)));
// Prints a table as wide as the terminal, and ends it.
void cli_table(struct cli *cli, struct table *table);
// A JSON writer into the output.
struct json cli_json(struct cli *cli);
void cli_flush(struct cli *cli);
// "gila: COMMAND: THING: REASON". All three return CLI_FAILED.
int cli_fail(struct cli *cli, const char *thing, const char *format, ...) __attribute__((format(printf, 3, 4)));
int cli_error(struct cli *cli, const char *thing, kern_return_t error);
// With --json: puts the complaint just made into the document's list, as the object of that path. CLI_FAILED.
int cli_error_entry(struct cli *cli, struct json *json, const char *path);
// The system cannot be reached, or its monitor not asked.
int cli_monitor_error(struct cli *cli, kern_return_t error);
// "usage: gila NAME ..."; returns CLI_USAGE. `why` may be NULL.
int cli_usage(struct cli *cli, const char *why);
// The same for a word that is wrong.
int cli_usage_word(struct cli *cli, const char *word, const char *why);

#endif
