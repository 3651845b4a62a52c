// SPDX-License-Identifier: MIT
// Tables for people: a header line, aligned columns, two spaces between them, no line longer than the terminal.
//
// struct table t; table_begin(&t, columns, count); table_cell(&t, "%s", ...) in row order; table_print(&t, width, out).
// What does not fit is cut from the columns that say so (TABLE_CUT), the widest first, and ends with "…".
#ifndef CLI_TABLE_H
#define CLI_TABLE_H

#include "text.h"

enum table_flags {
	TABLE_LEFT = 0,
	TABLE_RIGHT = 1, // numbers
	TABLE_CUT = 2,	 // may be shortened, not below TABLE_LEAST characters
};

#define TABLE_COLUMNS 16u
#define TABLE_LEAST 6u

struct table_column {
	const char *title;
	unsigned flags; // enum table_flags
};

struct table {
	const struct table_column *columns;
	size_t count;	 // of columns
	char **cells;	 // row after row
	size_t used, room;
};

void table_begin(struct table *table, const struct table_column *columns, size_t count);
// The next cell, made printable.
void table_cell(struct table *table, const char *format, ...) __attribute__((format(printf, 2, 3)));
// Appends the table to `out`; width 0: as wide as it is. Ends the table.
void table_print(struct table *table, size_t width, struct text *out);

#endif
