/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/ctl/table.h"

#include "control/ctl/output.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_CELLS = 64, FIRST_BYTES = 4096, GAP = 2 };

/* Characters, not octets. */
static size_t width_of(const char *text, size_t bytes)
{
	size_t width = 0;

	for (size_t i = 0; i < bytes; i++)
		width += ((unsigned char)text[i] & 0xc0) != 0x80;
	return width;
}

static bool grow(void **memory, size_t *room, size_t wanted, size_t first, size_t size)
{
	size_t bigger = *room ? *room : first;
	void *moved;

	if (wanted <= *room)
		return true;
	while (bigger < wanted)
		bigger *= 2;
	moved = realloc(*memory, bigger * size);
	if (!moved)
		return false;
	*memory = moved;
	*room = bigger;
	return true;
}

void table_cell(struct table *table, const char *text, size_t bytes)
{
	size_t column = table->cells % table->columns, width, length;

	if (table->failed ||
		!grow((void **)&table->text, &table->room_bytes, table->bytes + 6 * bytes + 1,
			FIRST_BYTES, 1) ||
		!grow((void **)&table->end, &table->room_cells, table->cells + 1, FIRST_CELLS,
			sizeof(*table->end))) {
		table->failed = true;
		return;
	}
	length = output_clean(text, bytes, false, table->text + table->bytes);
	width = width_of(table->text + table->bytes, length);
	if (width > table->width[column])
		table->width[column] = width;
	table->bytes += length;
	table->end[table->cells++] = table->bytes;
}

static void print_blanks(size_t count)
{
	printf("%*s", (int)count, "");
}

static void print_heading(struct table *table)
{
	for (size_t i = 0; i < table->columns; i++) {
		size_t width = strlen(table->heading[i]);
		size_t gap = table->width[i] > width ? table->width[i] - width : 0;

		if (table->right[i])
			print_blanks(gap);
		output_strong(table->heading[i]);
		if (i + 1 < table->columns)
			print_blanks((table->right[i] ? 0 : gap) + GAP);
	}
	putchar('\n');
}

/* No blanks at a line's end. */
static void print_aligned(const struct table *table, size_t column, const char *text, size_t bytes)
{
	size_t gap = table->width[column] - width_of(text, bytes);

	if (table->right[column])
		print_blanks(gap);
	fwrite(text, 1, bytes, stdout);
	if (column + 1 < table->columns)
		print_blanks((table->right[column] ? 0 : gap) + GAP);
}

static void widen_for_headings(struct table *table)
{
	for (size_t i = 0; i < table->columns; i++) {
		size_t width = table->heading[i] ? strlen(table->heading[i]) : 0;

		if (width > table->width[i])
			table->width[i] = width;
	}
}

bool table_flush(struct table *table)
{
	bool aligned = output_is_terminal();
	size_t start = 0;

	if (table->failed) {
		output_message("out of memory");
		return false;
	}
	widen_for_headings(table);
	if (aligned && !table->headed && table->heading[0] && table->cells)
		print_heading(table);
	table->headed |= table->cells > 0;
	for (size_t i = 0; i < table->cells; i++) {
		const char *text = table->text + start;
		size_t bytes = table->end[i] - start, column = i % table->columns;

		if (aligned)
			print_aligned(table, column, text, bytes);
		else
			fwrite_unlocked(text, 1, bytes, stdout);
		if (column + 1 == table->columns)
			putchar_unlocked('\n');
		else if (!aligned)
			putchar_unlocked(' ');
		start = table->end[i];
	}
	table->cells = table->bytes = 0;
	return true;
}

void table_release(struct table *table)
{
	free(table->text);
	free(table->end);
	table->text = NULL;
	table->end = NULL;
}
