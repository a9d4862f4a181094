/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/ctl/list.h"

#include "control/ctl/table.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CELL_BYTES = 512 };

struct list {
	enum output_format format;
	const struct list_form *form;
	struct table table;
	size_t shown[TABLE_COLUMNS_MAX];      /* which columns the table has */
	unsigned optional;		      /* the optional ones among them, by bit */
	struct span cells[TABLE_COLUMNS_MAX]; /* the values of a row's columns */
	unsigned long long rows;
	char *text; /* room for a cell */
	size_t room;
	bool failed;
	bool single; /* the result was no list */
};

static bool is_there(struct span value)
{
	return value.at && !span_is(value, "null");
}

static size_t join_list(struct span value, char between, char *to)
{
	struct span_walk walk;
	struct span key, item;
	size_t used = 0;

	if (!span_walk_begin(&walk, value))
		return 0;
	while (span_walk_next(&walk, &key, &item) == 1) {
		if (used)
			to[used++] = between;
		used += span_text(item, to + used);
	}
	return used;
}

static size_t join_tags(struct span value, char *to)
{
	struct span_walk walk;
	struct span key, item;
	size_t used = 0;

	if (!span_walk_begin(&walk, value))
		return 0;
	while (span_walk_next(&walk, &key, &item) == 1) {
		if (used)
			to[used++] = ';';
		/* With its quotes: they are there, before and behind the key. */
		used += span_text((struct span){key.at - 1, key.bytes + 2}, to + used);
		to[used++] = '=';
		used += span_text(item, to + used);
	}
	return used;
}

static size_t write_cell(struct span value, enum column_kind kind, char *to)
{
	if (!is_there(value))
		return 0;
	if (kind == COLUMN_LIST)
		return join_list(value, ',', to);
	if (kind == COLUMN_EACH && *value.at == '[')
		return join_list(value, ' ', to);
	if (kind == COLUMN_TAGS)
		return join_tags(value, to);
	return span_text(value, to);
}

char *list_cell(struct span row, const struct column *column, size_t *bytes)
{
	struct span value = span_member(row, column->key);
	char *text = malloc(value.bytes + 1);

	if (!text)
		return NULL;
	*bytes = write_cell(value, column->kind, text);
	text[*bytes] = '\0';
	return text;
}

/* The text of a value in the list's own room. */
static size_t fill_cell(struct list *list, struct span value, enum column_kind kind)
{
	if (value.bytes > list->room) {
		size_t room = value.bytes + CELL_BYTES;
		char *text = realloc(list->text, room);

		if (!text) {
			list->failed = true;
			return 0;
		}
		list->text = text;
		list->room = room;
	}
	return write_cell(value, kind, list->text);
}

/* Finds the values of all columns in one pass. */
static void find_cells(struct list *list, struct span row)
{
	const struct column *columns = list->form->columns;
	struct span_walk walk;
	struct span key, value;

	memset(list->cells, 0, sizeof(list->cells));
	if (!span_walk_begin(&walk, row))
		return;
	while (span_walk_next(&walk, &key, &value) == 1)
		for (size_t i = 0; columns[i].heading; i++)
			if (span_is(key, columns[i].key)) {
				list->cells[i] = value;
				break;
			}
}

/* A field of CSV (RFC 4180). */
static void print_field(const char *text, size_t bytes)
{
	bool quoted = false;

	for (size_t i = 0; i < bytes && !quoted; i++)
		quoted = text[i] == ',' || text[i] == '"' || text[i] == '\n' || text[i] == '\r';
	quoted |= bytes && (text[0] == ' ' || text[bytes - 1] == ' ');
	if (!quoted) {
		output_lines(text, bytes);
		return;
	}
	putchar('"');
	for (;;) {
		const char *quote = memchr(text, '"', bytes);
		size_t part = quote ? (size_t)(quote - text) : bytes;

		output_lines(text, part);
		if (!quote)
			break;
		fputs("\"\"", stdout);
		text = quote + 1;
		bytes -= part + 1;
	}
	putchar('"');
}

static void print_csv_heading(const struct list_form *form)
{
	for (const struct column *column = form->columns; column && column->heading; column++) {
		if (column != form->columns)
			putchar(',');
		for (const char *letter = column->heading; *letter; letter++)
			putchar(tolower((unsigned char)*letter));
	}
	if (form->columns)
		putchar('\n');
}

/* The values of one line; `item` stands in the column that has a line for each. */
static struct span cell_of(const struct list *list, size_t column, struct span item)
{
	return list->form->columns[column].kind == COLUMN_EACH ? item : list->cells[column];
}

static void print_csv_line(struct list *list, struct span item)
{
	const struct column *columns = list->form->columns;

	for (size_t i = 0; columns[i].heading; i++) {
		size_t bytes = fill_cell(list, cell_of(list, i, item), columns[i].kind);

		if (i)
			putchar_unlocked(',');
		print_field(list->text, bytes);
	}
	putchar_unlocked('\n');
}

static void add_table_line(struct list *list, struct span item)
{
	for (size_t i = 0; i < list->table.columns; i++) {
		size_t column = list->shown[i];
		size_t bytes = fill_cell(
			list, cell_of(list, column, item), list->form->columns[column].kind);

		table_cell(&list->table, bytes ? list->text : "-", bytes ? bytes : 1);
	}
}

/* The items of the column that has a line for each, or nothing. */
static struct span each_of(const struct list *list)
{
	const struct column *columns = list->form->columns;

	for (size_t i = 0; columns[i].heading; i++)
		if (columns[i].kind == COLUMN_EACH)
			return list->cells[i];
	return (struct span){NULL, 0};
}

/* The row as one line, as programs read it. */
static void add_table_row(struct list *list, struct span row)
{
	find_cells(list, row);
	add_table_line(list, each_of(list));
}

/* Gives each line of a row to `print`. */
static void each_line(
	struct list *list, struct span row, void (*print)(struct list *list, struct span item))
{
	struct span items, key, item = {NULL, 0};
	struct span_walk walk;
	bool none = true;

	find_cells(list, row);
	items = each_of(list);
	if (items.at && span_walk_begin(&walk, items))
		while (span_walk_next(&walk, &key, &item) == 1) {
			print(list, item);
			none = false;
		}
	if (none)
		print(list, item);
}

/* The table's columns, with the optional ones of `wanted`. */
static void choose_columns(struct list *list, unsigned wanted)
{
	const struct column *columns = list->form->columns;
	struct table *table = &list->table;

	list->optional = wanted;
	table->columns = 0;
	table->headed = false;
	memset(table->width, 0, sizeof(table->width));
	for (size_t i = 0; columns[i].heading; i++) {
		if (columns[i].optional && !(wanted & 1u << i))
			continue;
		table->heading[table->columns] = columns[i].heading;
		table->right[table->columns] = columns[i].kind == COLUMN_NUMBER;
		list->shown[table->columns++] = i;
	}
}

/* Which optional columns a row has. */
static unsigned optional_of(struct list *list, struct span row)
{
	const struct column *columns = list->form->columns;
	unsigned there = 0;

	find_cells(list, row);
	for (size_t i = 0; columns[i].heading; i++)
		if (columns[i].optional && is_there(list->cells[i]))
			there |= 1u << i;
	return there;
}

/* A table is of a reply: what its rows have is known before the first of them is printed. */
static void begin_table(struct list *list, struct span rows)
{
	unsigned wanted = list->optional;
	struct span_walk walk;
	struct span key, row;

	if (output_is_terminal() && span_walk_begin(&walk, rows))
		while (span_walk_next(&walk, &key, &row) == 1)
			wanted |= optional_of(list, row);
	if (!list->table.columns || wanted != list->optional)
		choose_columns(list, wanted);
}

static void print_text_item(struct list *list, struct span row)
{
	size_t bytes;

	if (list->form->print) {
		list->form->print(row);
	} else if (list->form->columns && output_is_terminal()) {
		each_line(list, row, add_table_line);
	} else if (list->form->columns) {
		add_table_row(list, row);
	} else {
		bytes = fill_cell(list, row, COLUMN_TEXT);
		output_lines(list->text, bytes);
	}
}

static void print_row(struct list *list, struct span row)
{
	if (list->form->take) {
		list->failed |= !list->form->take(list->form->context, row);
		return;
	}
	switch (list->format) {
	case OUTPUT_JSON:
		fputs(list->rows ? ",\n" : "[", stdout);
		output_lines(row.at, row.bytes);
		break;
	case OUTPUT_NDJSON:
		output_lines(row.at, row.bytes);
		putchar_unlocked('\n');
		break;
	case OUTPUT_CSV:
		if (list->form->columns) {
			each_line(list, row, print_csv_line);
			break;
		}
		/* fallthrough */
	case OUTPUT_TEXT:
		print_text_item(list, row);
		break;
	}
	list->rows++;
}

static enum ctl_status explain_no_list(void)
{
	output_message("arpad's reply is no list");
	return CTL_FAILED;
}

static bool print_rows(struct list *list, struct span rows)
{
	bool table = list->format == OUTPUT_TEXT && list->form->columns && !list->form->print &&
		!list->form->take;
	struct span_walk walk;
	struct span key, row;
	int more = -1;

	if (table)
		begin_table(list, rows);
	if (span_walk_begin(&walk, rows))
		while (!list->failed && (more = span_walk_next(&walk, &key, &row)) == 1)
			print_row(list, row);
	if (more < 0)
		explain_no_list();
	if (more < 0 || (list->failed && list->form->take))
		return false;
	if (list->failed)
		output_message("out of memory");
	return !list->failed && (!table || table_flush(&list->table)) && !ferror(stdout);
}

static enum ctl_status explain_error(struct list *list, struct span line)
{
	json_t *reply = json_loadb(line.at, line.bytes, 0, NULL);
	bool json = list->format == OUTPUT_JSON || list->format == OUTPUT_NDJSON;
	enum ctl_status status = client_check(reply, NULL, json && !list->rows);

	json_decref(reply);
	if (status != CTL_OK)
		return status;
	output_message("arpad's reply is neither a result nor an error");
	return CTL_FAILED;
}

/* One reply; *more: others follow. */
static enum ctl_status take_reply(struct list *list, struct span line, bool *more)
{
	struct span result = {NULL, 0}, key, value;
	struct span_walk walk;

	*more = false;
	if (!span_walk_begin(&walk, line))
		return explain_error(list, line);
	while (span_walk_next(&walk, &key, &value) == 1) {
		if (span_is(key, "result"))
			result = value;
		else if (span_is(key, "more"))
			*more = span_is(value, "true");
	}
	if (!result.at)
		return explain_error(list, line);
	if (*result.at != '[') {
		if (list->form->take)
			return explain_no_list();
		output_lines(result.at, result.bytes);
		putchar('\n');
		list->single = true;
		return CTL_OK;
	}
	return print_rows(list, result) ? CTL_OK : CTL_FAILED;
}

static enum ctl_status receive_all(struct list *list, struct client *client)
{
	enum ctl_status status = CTL_OK;
	bool more = true;

	while (status == CTL_OK && more) {
		struct span line;

		status = client_line(client, &line);
		if (status == CTL_NOT_RUNNING)
			client_explain_lost();
		if (status == CTL_OK)
			status = take_reply(list, line, &more);
		if (list->form->follows)
			fflush(stdout);
		if (!more)
			client->busy = false;
	}
	return status;
}

enum ctl_status list_receive(
	enum output_format format, const struct list_form *form, struct client *client)
{
	struct list list = {.format = format, .form = form};
	enum ctl_status status;

	if (form->follows && format == OUTPUT_JSON)
		list.format = OUTPUT_NDJSON;
	if (list.format == OUTPUT_CSV && !form->take)
		print_csv_heading(form);
	status = receive_all(&list, client);
	if (list.format == OUTPUT_JSON && status == CTL_OK && !list.single && !form->take)
		puts(list.rows ? "]" : "[]");
	table_release(&list.table);
	free(list.text);
	return status;
}
