// SPDX-License-Identifier: MIT
// Tables; see table.h.
#include "table.h"

#include <stdlib.h>
#include <string.h>

#define GAP 2u

void table_begin(struct table *table, const struct table_column *columns, size_t count)
{
	*table = (struct table){.columns = columns, .count = count};
}

void table_cell(struct table *table, const char *format, ...)
{
	struct text raw = {0}, clean = {0};
	va_list list;
	va_start(list, format);
	text_format_list(&raw, format, list);
	va_end(list);
	text_add_clean(&clean, text_string(&raw));
	text_append(&clean, "", 0);
	text_free(&raw);
	if (table->used == table->room) {
		table->room = table->room ? table->room * 2 : 64;
		table->cells = memory_resize(table->cells, table->room * sizeof(*table->cells));
	}
	table->cells[table->used++] = clean.data;
}

static size_t width_of(const char *text) { return utf8_count(text, strlen(text)); }

static void table_measure(const struct table *table, size_t widths[TABLE_COLUMNS])
{
	for (size_t c = 0; c < table->count; c++)
		widths[c] = width_of(table->columns[c].title);
	for (size_t i = 0; i < table->used; i++) {
		size_t width = width_of(table->cells[i]), *most = &widths[i % table->count];
		if (width > *most)
			*most = width;
	}
}

// Takes characters from the widest column that may be cut until the line fits.
static void table_shrink(const struct table *table, size_t widths[TABLE_COLUMNS], size_t width)
{
	size_t total = (table->count - 1) * GAP;
	for (size_t c = 0; c < table->count; c++)
		total += widths[c];
	while (total > width) {
		size_t *widest = NULL;
		for (size_t c = 0; c < table->count; c++)
			if ((table->columns[c].flags & TABLE_CUT) && widths[c] > TABLE_LEAST &&
			    (!widest || widths[c] > *widest))
				widest = &widths[c];
		if (!widest)
			return;
		--*widest;
		total--;
	}
}

static void table_pad(struct text *out, size_t count)
{
	while (count-- > 0)
		text_add_byte(out, ' ');
}

static void table_put(const struct table *table, size_t c, const char *cell, size_t width, struct text *out)
{
	size_t bytes = strlen(cell), have = width_of(cell);
	bool cut = have > width, last = c + 1 == table->count;
	if (cut) {
		have = width;
		bytes = 0;
		for (size_t i = 0; i + 1 < width; i++)
			bytes += utf8_size(cell + bytes, strlen(cell + bytes));
	}
	if (c > 0)
		table_pad(out, GAP);
	if (table->columns[c].flags & TABLE_RIGHT)
		table_pad(out, width - have);
	text_append(out, cell, bytes);
	if (cut)
		text_add(out, "…");
	if (!(table->columns[c].flags & TABLE_RIGHT) && !last)
		table_pad(out, width - have);
	if (last) {
		while (out->length > 0 && out->data[out->length - 1] == ' ')
			text_remove(out, out->length - 1, 1);
		text_add_byte(out, '\n');
	}
}

void table_print(struct table *table, size_t width, struct text *out)
{
	size_t widths[TABLE_COLUMNS];
	table_measure(table, widths);
	if (width > 0)
		table_shrink(table, widths, width);
	for (size_t c = 0; c < table->count; c++)
		table_put(table, c, table->columns[c].title, widths[c], out);
	for (size_t i = 0; i < table->used; i++) {
		table_put(table, i % table->count, table->cells[i], widths[i % table->count], out);
		free(table->cells[i]);
	}
	free(table->cells);
	*table = (struct table){0};
}
