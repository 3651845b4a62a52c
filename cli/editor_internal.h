// SPDX-License-Identifier: MIT
// Between the files of the editor: editor.c (bytes and edits), editor_draw.c (the terminal), editor_history.c.
#ifndef CLI_EDITOR_INTERNAL_H
#define CLI_EDITOR_INTERNAL_H

#include "editor.h"

#define KEY_CTRL(letter) ((letter) & 0x1f)
#define KEY_ESCAPE 0x1b
#define KEY_DELETE 0x7f

// editor_draw.c: shows the line anew; goes to the end of it and to a new terminal line.
void editor_draw(struct editor *editor);
void editor_leave_line(struct editor *editor);
// editor_history.c: shows the line `step` places newer (1) or older (-1).
void editor_history_move(struct editor *editor, int step);
void editor_search_begin(struct editor *editor);
// A byte while searching. True: it was dealt with; false: the search is over and the byte is to be dealt with as usual.
bool editor_search_feed(struct editor *editor, char byte);
void editor_set_line(struct editor *editor, const char *line);

#endif
