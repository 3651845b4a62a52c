// SPDX-License-Identifier: MIT
// Tab completion: what the word at the cursor may become.
#ifndef CLI_COMPLETE_H
#define CLI_COMPLETE_H

#include "editor.h"

// Candidates, and the part that is common to all of them.
struct candidates {
	char **word; // completed words, without quotes
	size_t count;
};

void candidates_add(struct candidates *candidates, const char *word);
void candidates_free(struct candidates *candidates);
// Bytes that all of them begin with, whole characters only; 0 when there are none.
size_t candidates_common(const struct candidates *candidates);
// Adds what a word that begins with `part` may become: commands of the table, seats and tasks of the system, paths.
void complete_commands(struct candidates *candidates, const char *part);
// Completes the word at the editor's cursor: inserts what is certain, shows the choices when nothing is.
void complete_at_cursor(struct editor *editor);
// The first half of that: finds the candidates for the line up to the cursor and where the word starts.
void complete_find(const char *line, size_t cursor, struct candidates *candidates, size_t *start);

#endif
