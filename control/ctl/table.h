/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Rows of text on standard output. On a terminal columns are aligned, as wide as the rows of one
 * block need and at least as wide as before, below headings; elsewhere one blank parts them and
 * there is no heading, so that other programs can read them.
 */
#ifndef ARPAD_CONTROL_CTL_TABLE_H
#define ARPAD_CONTROL_CTL_TABLE_H

#include <stdbool.h>
#include <stddef.h>

enum { TABLE_COLUMNS_MAX = 16 };

struct table {
	const char *heading[TABLE_COLUMNS_MAX]; /* borrowed; all NULL: none */
	bool right[TABLE_COLUMNS_MAX];		/* numbers */
	size_t columns;
	size_t width[TABLE_COLUMNS_MAX];
	bool headed;
	char *text;  /* the cells of this block, clean, one behind the other */
	size_t *end; /* of each cell, within text */
	size_t cells, bytes, room_cells, room_bytes;
	bool failed; /* no memory */
};

/* Zero a struct table, set headings, right and columns, and add cells row by row. */
void table_cell(struct table *table, const char *text, size_t bytes);

/* Prints the rows that there are; more may follow. False: out of memory, and said so. */
bool table_flush(struct table *table);
void table_release(struct table *table);

#endif
