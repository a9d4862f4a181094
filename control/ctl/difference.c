/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/ctl/difference.h"

#include "control/ctl/list.h"

#include <stdio.h>
#include <stdlib.h>

static const struct column side_columns[] = {
	{"type", "type", COLUMN_TEXT, false},
	{"names", "names", COLUMN_LIST, false},
	{"data", "data", COLUMN_LIST, false},
	{"ttl", "ttl", COLUMN_NUMBER, false},
	{"description", "description", COLUMN_TEXT, true},
	{"tenant", "tenant", COLUMN_TEXT, true},
	{"tags", "tags", COLUMN_TAGS, true},
	{NULL, NULL, COLUMN_TEXT, false},
};

static bool is_there(struct span value)
{
	return value.at && !span_is(value, "null");
}

/* " TEXT", or " NAME=TEXT" of what few have; nothing where there is none. */
static void print_cell(struct span row, const struct column *column)
{
	size_t bytes = 0;
	char *text;

	if (!is_there(span_member(row, column->key)))
		return;
	text = list_cell(row, column, &bytes);
	if (text && bytes) {
		putchar(' ');
		if (column->optional)
			printf("%s=", column->heading);
		output_text(text, bytes);
	}
	free(text);
}

static void print_subject(struct span row)
{
	static const struct column subjects[] = {
		{"address", "address", COLUMN_TEXT, false}, {"owner", "owner", COLUMN_TEXT, false}};

	print_cell(row, &subjects[0]);
	print_cell(row, &subjects[1]);
}

static void print_side(const char *sign, struct span row, struct span side)
{
	if (!is_there(side))
		return;
	output_strong(sign);
	print_subject(row);
	print_cell(row, &side_columns[0]);
	for (const struct column *column = side_columns + 1; column->heading; column++)
		print_cell(side, column);
	putchar('\n');
}

/* "SUBJECT: TEXT" of what is no side: a zone that comes or goes, what will be refused. */
static void print_note(const char *key, struct span row)
{
	static const struct column zone = {"zone", "zone", COLUMN_TEXT, false};
	const struct column column = {key, key, COLUMN_TEXT, false};

	if (!is_there(span_member(row, key)))
		return;
	output_strong(key);
	putchar(':');
	print_subject(row);
	print_cell(row, &zone);
	print_cell(row, &column);
	putchar('\n');
}

void difference_print(struct span row)
{
	print_side("-", row, span_member(row, "before"));
	print_side("+", row, span_member(row, "after"));
	print_note("change", row);
	print_note("error", row);
}

void difference_print_change(struct span row)
{
	static const struct column heads[] = {
		{"time", "time", COLUMN_TEXT, false},
		{"user", "user", COLUMN_TEXT, true},
		{"kind", "kind", COLUMN_TEXT, false},
		{"zone", "zone", COLUMN_TEXT, true},
		{"serial", "serial", COLUMN_NUMBER, true},
		{"added", "added", COLUMN_NUMBER, true},
		{"changed", "changed", COLUMN_NUMBER, true},
		{"removed", "removed", COLUMN_NUMBER, true},
		{NULL, NULL, COLUMN_TEXT, false},
	};
	static const struct column number = {"seq", "seq", COLUMN_NUMBER, false};

	output_strong("change");
	print_cell(row, &number);
	for (const struct column *column = heads; column->heading; column++)
		print_cell(row, column);
	putchar('\n');
	difference_print(row);
}
